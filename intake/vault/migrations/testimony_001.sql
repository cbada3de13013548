-- testimony.db, schema 1: what was said. No column here takes free text (intake/vault/columns.py).
CREATE TABLE store(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE op_done(op TEXT PRIMARY KEY, salt BLOB NOT NULL) STRICT;
CREATE TABLE row_seal(seq INTEGER PRIMARY KEY, op TEXT NOT NULL, tbl TEXT NOT NULL, row TEXT NOT NULL,
  leaf BLOB NOT NULL) STRICT;
CREATE INDEX row_seal_row ON row_seal(tbl, row);
CREATE TABLE custody(n INTEGER PRIMARY KEY, bytes BLOB NOT NULL, sig BLOB NOT NULL,
  sha BLOB NOT NULL UNIQUE, member TEXT NOT NULL) STRICT;
CREATE TRIGGER custody_stays BEFORE UPDATE ON custody BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER custody_keeps BEFORE DELETE ON custody BEGIN SELECT RAISE(ABORT, 'append-only'); END;

CREATE TABLE secret(id TEXT PRIMARY KEY, kind TEXT NOT NULL, age_identity TEXT NOT NULL) STRICT;
CREATE TABLE member(id TEXT PRIMARY KEY, roles TEXT NOT NULL, cleared INTEGER NOT NULL,
  age_recipient TEXT NOT NULL, sign_key TEXT NOT NULL) STRICT;
CREATE TABLE recipient(id TEXT PRIMARY KEY, code TEXT NOT NULL UNIQUE, class TEXT NOT NULL) STRICT;

CREATE TABLE witness(id TEXT PRIMARY KEY, code TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE interview(id TEXT PRIMARY KEY, witness TEXT NOT NULL REFERENCES witness(id),
  code TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, month TEXT NOT NULL, state TEXT NOT NULL) STRICT;
CREATE TABLE session(id TEXT PRIMARY KEY, interview TEXT NOT NULL REFERENCES interview(id),
  start_ms INTEGER NOT NULL, end_ms INTEGER, end_reason TEXT) STRICT;
CREATE TABLE present(id TEXT PRIMARY KEY, interview TEXT NOT NULL REFERENCES interview(id),
  code TEXT NOT NULL, role TEXT NOT NULL, remote INTEGER NOT NULL,
  UNIQUE(interview, code)) STRICT;
CREATE TABLE consent(id TEXT PRIMARY KEY, seq INTEGER NOT NULL UNIQUE,
  interview TEXT NOT NULL REFERENCES interview(id), act TEXT NOT NULL, class TEXT NOT NULL,
  answer TEXT NOT NULL, day TEXT NOT NULL) STRICT;
CREATE TRIGGER consent_stays BEFORE UPDATE ON consent BEGIN SELECT RAISE(ABORT, 'append-only'); END;

CREATE TABLE media(id TEXT PRIMARY KEY, interview TEXT REFERENCES interview(id),
  parent TEXT REFERENCES media(id), role TEXT NOT NULL, slot TEXT, sha_sealed TEXT NOT NULL,
  bytes INTEGER NOT NULL, rate INTEGER, channels INTEGER, duration_ms INTEGER, damaged_ms INTEGER,
  state TEXT NOT NULL) STRICT;

CREATE TABLE segment(id TEXT PRIMARY KEY, interview TEXT NOT NULL REFERENCES interview(id),
  media TEXT NOT NULL REFERENCES media(id), ord INTEGER NOT NULL, start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL, speaker TEXT, lang TEXT NOT NULL, status TEXT NOT NULL,
  rev INTEGER NOT NULL, heard_rev INTEGER NOT NULL, heard_by TEXT, retired INTEGER NOT NULL) STRICT;
CREATE INDEX segment_order ON segment(interview, ord);
CREATE TABLE segment_parent(child TEXT NOT NULL REFERENCES segment(id),
  parent TEXT NOT NULL REFERENCES segment(id), PRIMARY KEY(child, parent)) STRICT;
CREATE TABLE segment_rev(segment TEXT NOT NULL REFERENCES segment(id), rev INTEGER NOT NULL,
  sep TEXT NOT NULL, words BLOB NOT NULL, author TEXT NOT NULL, register_version INTEGER NOT NULL,
  PRIMARY KEY(segment, rev)) STRICT;
CREATE TRIGGER segment_rev_stays BEFORE UPDATE ON segment_rev
  BEGIN SELECT RAISE(ABORT, 'append-only'); END;

CREATE TABLE entity(id TEXT PRIMARY KEY, kind TEXT NOT NULL, num INTEGER NOT NULL UNIQUE,
  merged_into INTEGER) STRICT;
CREATE TABLE treatment(entity INTEGER NOT NULL REFERENCES entity(num), profile TEXT NOT NULL,
  treatment TEXT NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL,
  member TEXT NOT NULL, decided TEXT NOT NULL, PRIMARY KEY(entity, profile)) STRICT;
CREATE TABLE wording(entity INTEGER NOT NULL REFERENCES entity(num), profile TEXT NOT NULL,
  lang TEXT NOT NULL, sep TEXT NOT NULL, PRIMARY KEY(entity, profile, lang)) STRICT;
CREATE TABLE form_ref(entity INTEGER NOT NULL REFERENCES entity(num), num INTEGER NOT NULL,
  lang TEXT NOT NULL, PRIMARY KEY(entity, num)) STRICT;

CREATE TABLE held(id TEXT PRIMARY KEY, row TEXT NOT NULL REFERENCES trans_row(id),
  author TEXT NOT NULL, sealed BLOB NOT NULL, state TEXT NOT NULL) STRICT;
CREATE TABLE translation(id TEXT PRIMARY KEY, interview TEXT NOT NULL REFERENCES interview(id),
  lang TEXT NOT NULL, kind TEXT NOT NULL, UNIQUE(interview, lang, kind)) STRICT;
CREATE TABLE trans_row(id TEXT PRIMARY KEY, translation TEXT NOT NULL REFERENCES translation(id),
  segment TEXT NOT NULL REFERENCES segment(id), source_rev INTEGER NOT NULL, rev INTEGER NOT NULL,
  status TEXT NOT NULL, UNIQUE(translation, segment)) STRICT;
CREATE TABLE trans_rev(row TEXT NOT NULL REFERENCES trans_row(id), rev INTEGER NOT NULL,
  sep TEXT NOT NULL, source_rev INTEGER NOT NULL, author TEXT NOT NULL, confirmed_by TEXT NOT NULL,
  register_version INTEGER NOT NULL,
  PRIMARY KEY(row, rev)) STRICT;
CREATE TRIGGER trans_rev_stays BEFORE UPDATE ON trans_rev
  BEGIN SELECT RAISE(ABORT, 'append-only'); END;

CREATE TABLE statement(id TEXT PRIMARY KEY, interview TEXT NOT NULL REFERENCES interview(id),
  number INTEGER NOT NULL UNIQUE) STRICT;
CREATE TABLE statement_version(statement TEXT NOT NULL REFERENCES statement(id),
  version INTEGER NOT NULL, paragraphs BLOB NOT NULL, register_version INTEGER NOT NULL,
  day TEXT NOT NULL, member TEXT NOT NULL, PRIMARY KEY(statement, version)) STRICT;
CREATE TRIGGER statement_version_stays BEFORE UPDATE ON statement_version
  BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TABLE output(id TEXT PRIMARY KEY, statement TEXT NOT NULL REFERENCES statement(id),
  version INTEGER NOT NULL, recipient TEXT NOT NULL REFERENCES recipient(id), profile TEXT NOT NULL,
  format TEXT NOT NULL, media TEXT NOT NULL REFERENCES media(id), sha TEXT NOT NULL,
  UNIQUE(statement, version, recipient, profile, format)) STRICT;
CREATE TABLE export(id TEXT PRIMARY KEY, interview TEXT REFERENCES interview(id),
  what TEXT NOT NULL, subject TEXT NOT NULL, recipient TEXT NOT NULL, profile TEXT NOT NULL,
  day TEXT NOT NULL, sha TEXT NOT NULL, bytes INTEGER NOT NULL, state TEXT NOT NULL) STRICT;
