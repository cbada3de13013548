-- testimony.db, schema 3: capture. Recorded parts, gaps, moments, sides and voices, exhibits, what was
-- taken back, what was not done and that a reason exists. Codes, times, numbers: no words.
-- No column is added to an older table: its rows are sealed with the columns that they had.
CREATE TABLE recorded_part(media TEXT PRIMARY KEY REFERENCES media(id),
  session TEXT NOT NULL REFERENCES session(id), part INTEGER NOT NULL, start_ms INTEGER NOT NULL,
  UNIQUE(session, part)) STRICT;
CREATE TABLE segment_place(segment TEXT PRIMARY KEY REFERENCES segment(id),
  channel INTEGER NOT NULL, voice TEXT) STRICT;
CREATE TABLE consent_moment(consent TEXT PRIMARY KEY REFERENCES consent(id), media TEXT,
  at_ms INTEGER NOT NULL) STRICT;
CREATE TABLE gap(id TEXT PRIMARY KEY, media TEXT NOT NULL REFERENCES media(id),
  at_ms INTEGER NOT NULL, length_ms INTEGER, reason TEXT NOT NULL) STRICT;
CREATE TABLE moment(id TEXT PRIMARY KEY, interview TEXT NOT NULL REFERENCES interview(id),
  media TEXT REFERENCES media(id), at_ms INTEGER NOT NULL, kind TEXT NOT NULL) STRICT;
CREATE TABLE side(media TEXT NOT NULL REFERENCES media(id), channel INTEGER NOT NULL,
  what TEXT NOT NULL, people INTEGER NOT NULL, PRIMARY KEY(media, channel)) STRICT;
CREATE TABLE voice(id TEXT PRIMARY KEY, interview TEXT NOT NULL REFERENCES interview(id),
  media TEXT NOT NULL REFERENCES media(id), channel INTEGER NOT NULL, num INTEGER NOT NULL,
  person TEXT, state TEXT NOT NULL, UNIQUE(media, channel, num)) STRICT;
CREATE TABLE segment_link(rendition TEXT NOT NULL REFERENCES segment(id),
  source TEXT NOT NULL REFERENCES segment(id), state TEXT NOT NULL,
  PRIMARY KEY(rendition, source)) STRICT;
CREATE TABLE segment_doubt(segment TEXT PRIMARY KEY REFERENCES segment(id),
  why TEXT NOT NULL) STRICT;
CREATE TABLE exhibit(id TEXT PRIMARY KEY, interview TEXT NOT NULL REFERENCES interview(id),
  num INTEGER NOT NULL, kind TEXT NOT NULL, media TEXT REFERENCES media(id),
  UNIQUE(interview, num)) STRICT;
CREATE TABLE taken_back(id TEXT PRIMARY KEY, interview TEXT NOT NULL REFERENCES interview(id),
  num INTEGER NOT NULL, media TEXT NOT NULL REFERENCES media(id), start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL, day TEXT NOT NULL, state TEXT NOT NULL, UNIQUE(interview, num)) STRICT;
CREATE TABLE agreement(id TEXT PRIMARY KEY, seq INTEGER NOT NULL UNIQUE,
  interview TEXT NOT NULL REFERENCES interview(id), answer TEXT NOT NULL, media TEXT,
  at_ms INTEGER, day TEXT NOT NULL) STRICT;
CREATE TRIGGER agreement_stays BEFORE UPDATE ON agreement
  BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TABLE done(interview TEXT NOT NULL REFERENCES interview(id), field TEXT NOT NULL,
  how TEXT NOT NULL, media TEXT, at_ms INTEGER, PRIMARY KEY(interview, field)) STRICT;
CREATE TABLE not_done(interview TEXT NOT NULL REFERENCES interview(id), field TEXT NOT NULL,
  PRIMARY KEY(interview, field)) STRICT;
CREATE TABLE job(id TEXT PRIMARY KEY, interview TEXT NOT NULL REFERENCES interview(id),
  media TEXT NOT NULL REFERENCES media(id), kind TEXT NOT NULL, profile TEXT NOT NULL,
  langs TEXT NOT NULL, model TEXT, names INTEGER NOT NULL, rank INTEGER NOT NULL,
  state TEXT NOT NULL) STRICT;
CREATE TABLE spoken(interview TEXT NOT NULL REFERENCES interview(id), ord INTEGER NOT NULL,
  lang TEXT NOT NULL, PRIMARY KEY(interview, ord)) STRICT;
CREATE TABLE inbox_item(id TEXT PRIMARY KEY, day TEXT NOT NULL, state TEXT NOT NULL) STRICT;
CREATE TABLE device(id TEXT PRIMARY KEY, sign_key TEXT NOT NULL, day TEXT NOT NULL,
  state TEXT NOT NULL) STRICT;
CREATE TABLE transcript_style(interview TEXT PRIMARY KEY REFERENCES interview(id),
  style TEXT NOT NULL) STRICT;
CREATE TABLE certificate(id TEXT PRIMARY KEY, interview TEXT NOT NULL REFERENCES interview(id),
  of_kind TEXT NOT NULL, style TEXT NOT NULL, member TEXT NOT NULL, day TEXT NOT NULL,
  register_version INTEGER NOT NULL, sha TEXT NOT NULL) STRICT;
