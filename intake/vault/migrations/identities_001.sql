-- identities.db, schema 1: who. Opened only with the second store key, which cleared members hold.
CREATE TABLE store(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE op_done(op TEXT PRIMARY KEY, salt BLOB NOT NULL) STRICT;
CREATE TABLE row_seal(seq INTEGER PRIMARY KEY, op TEXT NOT NULL, tbl TEXT NOT NULL, row TEXT NOT NULL,
  leaf BLOB NOT NULL) STRICT;
CREATE INDEX row_seal_row ON row_seal(tbl, row);
CREATE TABLE outbox(op TEXT PRIMARY KEY, seq INTEGER NOT NULL UNIQUE, changes BLOB NOT NULL,
  state TEXT NOT NULL) STRICT;
CREATE TABLE opening(op TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, salt BLOB NOT NULL,
  value BLOB NOT NULL, PRIMARY KEY(op, kind, subject)) STRICT;
CREATE TABLE secret(id TEXT PRIMARY KEY, kind TEXT NOT NULL, age_identity TEXT NOT NULL) STRICT;

CREATE TABLE form(entity INTEGER NOT NULL, num INTEGER NOT NULL, verbatim TEXT NOT NULL,
  lang TEXT NOT NULL, source TEXT NOT NULL, PRIMARY KEY(entity, num)) STRICT;
CREATE TRIGGER form_stays BEFORE UPDATE ON form BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TABLE preferred(entity INTEGER NOT NULL, lang TEXT NOT NULL, num INTEGER NOT NULL,
  PRIMARY KEY(entity, lang)) STRICT;
CREATE TABLE rejected(folded TEXT PRIMARY KEY, member TEXT NOT NULL, decided TEXT NOT NULL) STRICT;
CREATE TABLE person(id TEXT PRIMARY KEY, of_kind TEXT NOT NULL, of_id TEXT NOT NULL,
  entity INTEGER NOT NULL) STRICT;

CREATE TABLE raw(segment TEXT PRIMARY KEY, engine TEXT NOT NULL, model_sha TEXT NOT NULL,
  text TEXT NOT NULL, words BLOB NOT NULL, measures BLOB NOT NULL) STRICT;
CREATE TRIGGER raw_stays BEFORE UPDATE ON raw BEGIN SELECT RAISE(ABORT, 'immutable'); END;
CREATE TABLE draft(segment TEXT PRIMARY KEY, base_rev INTEGER NOT NULL, text TEXT NOT NULL,
  words BLOB NOT NULL, chips BLOB NOT NULL, author TEXT NOT NULL) STRICT;
CREATE TABLE draft_row(row TEXT PRIMARY KEY, base_rev INTEGER NOT NULL, text TEXT NOT NULL,
  chips BLOB NOT NULL, author TEXT NOT NULL, held TEXT NOT NULL) STRICT;
CREATE TABLE withheld(tbl TEXT NOT NULL, owner TEXT NOT NULL, rev INTEGER NOT NULL,
  text TEXT NOT NULL, PRIMARY KEY(tbl, owner, rev)) STRICT;
CREATE TABLE interview_fact(interview TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY(interview, kind)) STRICT;
CREATE TABLE media_fact(media TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY(media, kind)) STRICT;
CREATE TABLE package_map(recipient TEXT NOT NULL, kind TEXT NOT NULL, ours TEXT NOT NULL,
  theirs TEXT NOT NULL, PRIMARY KEY(recipient, kind, ours), UNIQUE(recipient, kind, theirs)) STRICT;
CREATE TABLE recipient_fact(recipient TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT;
CREATE TABLE near_judged(form TEXT NOT NULL, place TEXT NOT NULL, member TEXT NOT NULL,
  decided TEXT NOT NULL, PRIMARY KEY(form, place)) STRICT;
