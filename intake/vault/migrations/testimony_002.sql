-- testimony.db, schema 2: what was erased, and what two people signed. Ids, days, numbers: no words.
CREATE TABLE erasure(kind TEXT NOT NULL, object TEXT NOT NULL, erasure TEXT NOT NULL,
  state TEXT NOT NULL, PRIMARY KEY(kind, object)) STRICT;
CREATE TRIGGER erasure_keeps BEFORE DELETE ON erasure BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TABLE grant_given(op TEXT PRIMARY KEY, act TEXT NOT NULL, subject TEXT NOT NULL,
  first TEXT NOT NULL, second TEXT NOT NULL, n INTEGER NOT NULL, day TEXT NOT NULL,
  first_sig BLOB NOT NULL, second_sig BLOB NOT NULL) STRICT;
CREATE TRIGGER grant_given_stays BEFORE UPDATE ON grant_given
  BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER grant_given_keeps BEFORE DELETE ON grant_given
  BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TABLE notice(id TEXT PRIMARY KEY, kind TEXT NOT NULL, bytes BLOB NOT NULL, sig BLOB NOT NULL,
  signer TEXT NOT NULL, obeyed_day TEXT) STRICT;
