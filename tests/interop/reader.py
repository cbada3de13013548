"""Reads a vault by docs/format.md alone: the proof that the page is enough for another reader.

    python reader.py VAULT MEMBER PASSPHRASE_FILE AGE ...

Imports nothing of Intake and no cryptography: age files are opened by the command AGE (any program
with the words of `python -m crypto decrypt`), signatures are checked by `openssl`, the stores are
read by `sqlcipher` where that is version 4, else by the wheel `sqlcipher3`. Prints one JSON object.
Whatever is not as the page says ends with one line and status 1.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

# An Ed25519 public key as openssl reads it: this, then the 32 bytes (RFC 8410).
ED25519_DER = bytes.fromhex("302a300506032b6570032100")
Row = dict[str, Any]


class NotAsThePageSaysError(Exception):
    """The vault and docs/format.md do not agree; the text says where."""


def expect(*, so: bool, otherwise: str) -> None:
    """Stop unless it is so."""
    if not so:
        raise NotAsThePageSaysError(otherwise)


class Age:
    """The program that opens age files."""

    def __init__(self, command: list[str]) -> None:
        self._command = command

    def by_passphrase(self, path: Path, passphrase_file: Path) -> bytes:
        """Open a file that is sealed to a passphrase."""
        return self._run(["--passphrase-file", str(passphrase_file), str(path)], b"")

    def by_identity(self, sealed: Path, *identities: str) -> bytes:
        """Open a file with one of these identities, which go by standard input, not by a file."""
        return self._run(["-i", "-", str(sealed)], "\n".join(identities).encode() + b"\n")

    def _run(self, words: list[str], given: bytes) -> bytes:
        done = subprocess.run(
            [*self._command, "decrypt", *words], input=given, capture_output=True, check=False
        )
        expect(so=done.returncode == 0, otherwise="an age file does not open")
        return done.stdout


def is_signed(work: Path, sign_key: str, context: str, message: bytes, signature: bytes) -> bool:
    """Let openssl check an Ed25519 signature over the context, a zero byte and the message."""
    key = base64.b64encode(ED25519_DER + bytes.fromhex(sign_key)).decode()
    (work / "key.pem").write_text(f"-----BEGIN PUBLIC KEY-----\n{key}\n-----END PUBLIC KEY-----\n")
    (work / "message").write_bytes(context.encode() + b"\0" + message)
    (work / "signature").write_bytes(signature)
    files = ["-inkey", work / "key.pem", "-in", work / "message", "-sigfile", work / "signature"]
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-rawin", *map(str, files)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def has_sqlcipher_4() -> bool:
    """Whether the command line program is there and new enough (Debian 12 brings version 3)."""
    if shutil.which("sqlcipher") is None:
        return False
    words = ["sqlcipher", ":memory:", "PRAGMA cipher_version"]
    asked = subprocess.run(words, capture_output=True, text=True, check=False).stdout
    return re.match(r"[4-9]\.", asked.strip()) is not None


class Store:
    """One database, read from a copy of its files, so that the vault is not touched."""

    def __init__(self, path: Path, key: bytes, work: Path) -> None:
        self._copy = work / path.name
        self._key = key.hex()
        for ending in ("", "-wal"):
            if Path(f"{path}{ending}").exists():
                shutil.copy(f"{path}{ending}", f"{self._copy}{ending}")

    def rows(self, query: str) -> list[Row]:
        """Return the rows of a query; bytes as bytes."""
        return self._by_program(query) if has_sqlcipher_4() else self._by_wheel(query)

    def _by_wheel(self, query: str) -> list[Row]:
        from sqlcipher3 import dbapi2  # noqa: PLC0415  # only where the program is too old

        connection = dbapi2.connect(str(self._copy))
        try:
            connection.execute(f"PRAGMA key = \"x'{self._key}'\"")
            cursor = connection.execute(query)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]
        finally:
            connection.close()

    def _by_program(self, query: str) -> list[Row]:
        script = f"PRAGMA key = \"x'{self._key}'\";\n.mode quote\n.headers on\n{query};\n"
        command = ["sqlcipher", "-batch", str(self._copy)]
        asked = subprocess.run(command, input=script, capture_output=True, text=True, check=True)
        lines = [line for line in asked.stdout.splitlines() if line != "ok"]
        names = [_value(word) for word in _words(lines[0])] if lines else []
        return [dict(zip(names, map(_value, _words(line)), strict=True)) for line in lines[1:]]


def _words(line: str) -> list[str]:
    return re.findall(r"X?'(?:[^']|'')*'|[^,]+", line)


def _value(word: str) -> Any:  # noqa: ANN401  # whatever the database holds
    if word.startswith("X'"):
        return bytes.fromhex(word[2:-1])
    if word.startswith("'"):
        return word[1:-1].replace("''", "'")
    return None if word == "NULL" else int(word)


class Reader:
    """One vault, opened for one member."""

    def __init__(
        self, vault: Path, member: str, passphrase_file: Path, age: Age, work: Path
    ) -> None:
        self.path, self.age, self.work = vault, age, work
        facts = tomllib.loads((vault / "vault.toml").read_text("utf-8"))
        expect(so=facts["format"] == 1, otherwise="another format")
        self.vault = facts["vault"]
        content = age.by_passphrase(vault / "members" / f"{member}.age", passphrase_file)
        self.member = json.loads(content)
        self._named(self.member, "intake/member/v1", member=member)
        self.identity = self.member["age_identity"]
        self.record = self.read_record()

    def _named(self, found: Row, kind: str, **names: str) -> None:
        wanted = {"type": kind, "vault": self.vault, **names}
        expect(
            so=all(found[name] == value for name, value in wanted.items()),
            otherwise=f"{kind} is bound to something else",
        )

    def read_record(self) -> Row:
        """Follow the line of key records from the custodian whom the member's file names."""
        trusted = {self.member["custodian"]}
        record: Row = {}
        numbers = sorted(int(path.stem) for path in (self.path / "keyrecord").glob("*.age"))
        for number in numbers:
            path = self.path / "keyrecord" / f"{number}.age"
            try:
                signed = json.loads(self.age.by_identity(path, self.identity))
            except NotAsThePageSaysError:
                if record:
                    raise
                continue  # from before this member
            content = base64.b64decode(signed["record"])
            record = json.loads(content)
            self._named(record, "intake/keyrecord/v1")
            expect(so=record["epoch"] == number, otherwise="a record under another number")
            (signer,) = [row for row in record["members"] if row["id"] == signed["signer"]]
            expect(so=signer["sign_key"] in trusted, otherwise="nobody vouches for the signer")
            good = is_signed(
                self.work,
                signer["sign_key"],
                "intake/keyrecord/v1",
                content,
                base64.b64decode(signed["signature"]),
            )
            expect(so=good, otherwise="a key record is not signed")
            trusted = {
                row["sign_key"]
                for row in record["members"]
                if "custodian" in row["roles"].split(",")
            }
        return record

    def store(self, name: str) -> Store | None:
        """Open a store, or None where this member has no key to it."""
        path = self.path / "keys" / f"{self.member['member']}.{name}.age"
        if not path.exists():
            return None
        content = json.loads(self.age.by_identity(path, self.identity))
        self._named(content, "intake/store-key/v1", member=self.member["member"], store=name)
        key = base64.b64decode(content["key"])
        label = f"intake/store-fingerprint/v1\0{self.vault}\0{name}\0".encode()
        expect(
            so=hashlib.sha256(label + key).hexdigest() == self.record["stores"][name],
            otherwise="the key record knows another key",
        )
        return Store(self.path / f"{name}.db", key, self.work)

    def check_custody(self, testimony: Store) -> int:
        """Check order, hashes and signatures of all entries; return their count."""
        keys = {row["id"]: row["sign_key"] for row in self.record["members"]}
        keys |= {one["row"]["id"]: one["row"]["sign_key"] for one in self.record["former"]}
        previous = "0" * 64
        entries = testimony.rows("SELECT n, bytes, sig, sha, member FROM custody ORDER BY n")
        for place, entry in enumerate(entries, 1):
            content = json.loads(entry["bytes"])
            digest = hashlib.sha256(entry["bytes"]).hexdigest()
            expect(
                so=(entry["n"], content["n"], content["previous"], entry["sha"].hex())
                == (place, place, previous, digest),
                otherwise=f"entry {place} does not follow",
            )
            expect(so=content["vault"] == self.vault, otherwise=f"entry {place} is of elsewhere")
            signer = content["fields"].get("recovered_by", content["actor"])
            expect(so=signer == entry["member"], otherwise=f"entry {place} has another signer")
            good = is_signed(
                self.work, keys[signer], "intake/custody/v1", entry["bytes"], entry["sig"]
            )
            expect(so=good, otherwise=f"entry {place} is not signed")
            previous = digest
        self.check_head(entries, keys)
        return len(entries)

    def check_head(self, entries: list[Row], keys: dict[str, str]) -> None:
        """Check that the head file is signed and names an entry of this chain."""
        signed = json.loads((self.path / "head").read_bytes())
        content = base64.b64decode(signed["content"])
        head = json.loads(content)
        good = is_signed(
            self.work,
            keys[head["member"]],
            "intake/head/v1",
            content,
            base64.b64decode(signed["signature"]),
        )
        expect(so=good and head["vault"] == self.vault, otherwise="the head is not signed")
        named = entries[head["n"] - 1]["sha"].hex()
        expect(so=named == head["head"], otherwise="the head names another entry")

    def media(self, testimony: Store, identities: Store | None) -> list[Row]:
        """Open every sealed file of which this member has the key; return digests and shape."""
        found = []
        slots = _secrets(identities, "slot") if identities else []
        outputs = _secrets(testimony, "output")
        for row in testimony.rows("SELECT * FROM media WHERE state != 'destroyed' ORDER BY id"):
            sealed = self.path / "media" / f"{row['id']}.age"
            if not sealed.exists():
                continue
            digest = hashlib.sha256(sealed.read_bytes()).hexdigest()
            expect(so=digest == row["sha_sealed"], otherwise="a sealed file was changed")
            opener = outputs if row["slot"] is None else self._slot(row, slots)
            if opener:
                plain = self.age.by_identity(sealed, *opener)
                expect(so=len(plain) == row["bytes"], otherwise="a sealed file has another length")
                shape = {name: row[name] for name in ("id", "role", "rate", "channels")}
                found.append({**shape, "sha_plain": hashlib.sha256(plain).hexdigest()})
        return found

    def _slot(self, row: Row, slots: list[str]) -> list[str]:
        if not slots:
            return []
        path = self.path / "media" / "slots" / f"{row['slot']}.age"
        content = json.loads(self.age.by_identity(path, *slots))
        self._named(content, "intake/slot/v1", slot=row["slot"], media=row["id"])
        return [content["age_identity"]]

    def report(self) -> Row:
        """Read everything that the page describes and this member may read."""
        testimony, identities = self.store("testimony"), self.store("identities")
        expect(so=testimony is not None, otherwise="no key to testimony.db")
        if testimony is None:
            return {}
        members = {row["id"]: row["sign_key"] for row in testimony.rows("SELECT * FROM member")}
        forms = identities.rows("SELECT * FROM form ORDER BY entity, num") if identities else []
        texts = testimony.rows(
            "SELECT r.sep FROM segment s JOIN segment_rev r ON r.segment=s.id AND r.rev=s.rev "
            "WHERE s.retired=0 ORDER BY s.interview, s.ord"
        )
        return {
            "vault": self.vault,
            "epoch": self.record["epoch"],
            "roster": sorted(row["id"] for row in self.record["members"]),
            "members_in_testimony": sorted(members),
            "custody": self.check_custody(testimony),
            "media": self.media(testimony, identities),
            "texts": [row["sep"] for row in texts],
            "forms": {f"{row['entity']}.{row['num']}": row["verbatim"] for row in forms},
            "cleared": identities is not None,
        }


def _secrets(store: Store, kind: str) -> list[str]:
    """Return private halves, the newest and those from before a renewal of keys."""
    rows = store.rows(f"SELECT age_identity FROM secret WHERE kind = '{kind}'")  # noqa: S608  # ours
    return [row["age_identity"] for row in rows]


def main(vault: str, member: str, passphrase_file: str, *age: str) -> int:
    """Serve the command line."""
    with tempfile.TemporaryDirectory(prefix="reader-") as work:
        try:
            opener = Age(list(age))
            reader = Reader(Path(vault), member, Path(passphrase_file), opener, Path(work))
            sys.stdout.write(json.dumps(reader.report(), ensure_ascii=False) + "\n")
        except NotAsThePageSaysError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
