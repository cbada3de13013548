-- identities.db, schema 3: words and facts of capture that may name somebody.
CREATE TABLE note(id TEXT PRIMARY KEY, interview TEXT NOT NULL, moment TEXT NOT NULL,
  text TEXT NOT NULL, author TEXT NOT NULL) STRICT;
CREATE TABLE exhibit_fact(exhibit TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY(exhibit, kind)) STRICT;
CREATE TABLE line_fact(segment TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY(segment, kind)) STRICT;
CREATE TABLE voice_sample(member TEXT PRIMARY KEY, embedding BLOB NOT NULL,
  made TEXT NOT NULL) STRICT;
CREATE TABLE draft_heard(segment TEXT PRIMARY KEY, base_rev INTEGER NOT NULL,
  member TEXT NOT NULL) STRICT;
CREATE TABLE live_raw(media TEXT NOT NULL, num INTEGER NOT NULL, interview TEXT NOT NULL,
  content BLOB NOT NULL, PRIMARY KEY(media, num)) STRICT;
