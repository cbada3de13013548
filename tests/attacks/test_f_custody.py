"""F: the chain of entries and the rows that it vouches for."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from crypto.signing import SigningKey
from intake.custody.extracting import extract
from intake.custody.showing import show
from intake.custody.verifying import read_entries, verify_chain
from intake.errors import AccountAlteredError, StoreDamagedError
from intake.review.separating import separate_ready
from intake.statement.recipients import find_recipient
from intake.statement.releasing import export_statement
from intake.vault.chain import canonical
from intake.vault.change import set_head
from intake.vault.columns import CATALOGUE
from intake.vault.ids import new_id
from intake.vault.store import insert_sql
from tests.attacks.canaries import CANARIES
from tests.attacks.frame import attack, open_row, refuses, refuses_as, reports, same, twin
from tests.attacks.tools import (
    all_findings,
    append_forged,
    findings,
    keys_of,
    put_entry,
    raw_store,
    rewrite_chain,
    write_raw,
)
from tests.support.matter import new_interview
from tests.support.steps import PROFILE

if TYPE_CHECKING:
    from collections.abc import Callable

    from intake.custody.verifying import Entry
    from intake.vault.store import Store
    from tests.attacks.sealed import Scene


@attack("F01", "an entry deleted: the first, one in the middle, the last with the head set back")
@pytest.mark.parametrize("which", ["first", "middle", "last"])
def test_a_deleted_entry_is_named(scene: Scene, which: str) -> None:
    assert twin(lambda: findings(scene)) == []

    def drop(store: Store, entries: list[Entry]) -> None:
        n = {"first": 1, "middle": 6, "last": len(entries)}[which]
        store.write("DELETE FROM custody WHERE n=?", [n])
        if which == "last":
            set_head(store, n - 1, entries[-2].sha.hex())

    rewrite_chain(scene, drop)
    said = {
        "first": "custody entry 2: entry 1 is missing",
        "middle": "custody entry 7: entry 6 is missing",
        "last": "testimony.db: older than another part knows",
    }
    reports(findings(scene), said[which])


@attack("F02", "two neighbours swapped; a copy inserted; an entry by a stranger appended")
@pytest.mark.parametrize("how", ["swapped", "copied", "by a stranger"])
def test_a_changed_order_is_named(scene: Scene, how: str) -> None:
    assert twin(lambda: findings(scene)) == []

    def swap(store: Store, entries: list[Entry]) -> None:
        one, two = entries[2], entries[3]
        store.write("DELETE FROM custody WHERE n IN (3, 4)")
        put_entry(store, 3, two.raw, two.signature, two.member)
        put_entry(store, 4, one.raw, one.signature, one.member)

    def copy(store: Store, entries: list[Entry]) -> None:
        n, again = len(entries) + 1, entries[-1]
        sha = hashlib.sha256(again.raw + b" ").digest()  # no two entries may have one hash
        values: list[str | int | bytes] = [n, again.raw, again.signature, sha, again.member]
        store.write("INSERT INTO custody VALUES(?, ?, ?, ?, ?)", values)
        set_head(store, n, again.sha.hex())

    if how == "by a stranger":
        n = append_forged(scene, new_id(), SigningKey.generate())
        reports(findings(scene), f"custody entry {n}: actor and signer differ, or are not members")
        return
    rewrite_chain(scene, swap if how == "swapped" else copy)
    found = findings(scene)
    if how == "swapped":
        for n in (3, 4):
            reports(found, f"custody entry {n}: it belongs to another place or vault")
    else:
        last = max(line for line in found if "its operation was entered before" in line)
        reports(found, last)


@attack("F03", "an entry in a member's name by another key; by another member; by a true key")
@pytest.mark.parametrize("how", ["another key", "another member"])
def test_an_entry_is_its_actors_own(scene: Scene, how: str) -> None:
    assert twin(lambda: findings(scene)) == []
    if how == "another key":
        n = append_forged(scene, scene.member, SigningKey.generate())
        reports(findings(scene), f"custody entry {n}: its signature is not good")
        return
    write_raw(scene, "testimony", f"UPDATE custody SET member='{scene.legal}' WHERE n=2")  # noqa: S608  # an id
    reports(findings(scene), "custody entry 2: actor and signer differ, or are not members")


@attack("F04", "an entry without a signature, or with one of another entry")
@pytest.mark.parametrize("how", ["none", "zeros", "of another"])
def test_an_entry_without_its_signature_is_named(scene: Scene, how: str) -> None:
    assert twin(lambda: findings(scene)) == []

    def change(store: Store, entries: list[Entry]) -> None:
        other = {"none": b"", "zeros": bytes(64), "of another": entries[3].signature}[how]
        store.write("UPDATE custody SET sig=? WHERE n=3", [other])

    rewrite_chain(scene, change)
    reports(findings(scene), "custody entry 3: its signature is not good")


@attack("F05", "a true entry of another vault of the same members put into this one's chain")
def test_an_entry_of_another_vault_is_named(scene: Scene) -> None:
    other = scene.copy("other")
    with other.unlock() as vault:
        new_interview(vault)
    with raw_store(other, "testimony") as store:
        foreign = list(read_entries(store))[-1]
    assert twin(lambda: findings(other)) == []
    with scene.unlock() as vault:
        new_interview(vault)
        new_interview(vault)
    rewrite_chain(
        scene,
        lambda store, _: put_entry(
            store, foreign.n, foreign.raw, foreign.signature, foreign.member
        ),
    )
    found = findings(scene)
    broken = f"custody entry {foreign.n + 1}: it does not follow the entry before it"
    reports(found, broken)


_EDITS: dict[str, Any] = {
    "another day": lambda content: canonical({**content, "day": "2019-01-01"}),
    "another number": lambda content: canonical({**content, "n": 4}),
    "another actor": lambda content: canonical({**content, "actor": "a" * 26}),
    "another kind": lambda content: canonical({**content, "type": "names.merged"}),
    "a field more": lambda content: canonical({**content, "fields": {"count": 1}}),
    "fields in another order": lambda content: json.dumps(dict(reversed(content.items()))).encode(),
    "blanks between": lambda content: json.dumps(content).encode(),
}


@attack("F06", "an entry's day, number, actor, kind or order of fields edited, its hash made right")
@pytest.mark.parametrize("how", _EDITS)
def test_an_edited_entry_is_named(scene: Scene, how: str) -> None:
    assert twin(lambda: findings(scene)) == []

    def edit(store: Store, entries: list[Entry]) -> None:
        entry = entries[2]
        put_entry(store, 3, _EDITS[how](entry.content), entry.signature, entry.member)

    rewrite_chain(scene, edit)
    found = [line for line in findings(scene) if line.startswith("custody entry 3: ")]
    assert found
    reports(found, found[0])
    reports(findings(scene), "custody entry 4: it does not follow the entry before it")


_TRUE_NOW = dt.datetime.now


class _Clock(dt.datetime):
    """A clock that somebody sets."""

    away = dt.timedelta()

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]  # as called
        return _TRUE_NOW(tz) + cls.away


@attack("F08", "the clock set back a year, then forward ten: entries keep their order")
def test_the_counter_orders_and_not_the_clock(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert twin(lambda: findings(scene)) == []
    for days in (0, -365, 3650, 0):
        monkeypatch.setattr(_Clock, "away", dt.timedelta(days=days))
        monkeypatch.setattr("intake.vault.change.dt.datetime", _Clock)
        with scene.unlock() as vault:
            new_interview(vault)
        monkeypatch.undo()
    with scene.unlock() as vault:
        lines = show(vault)
        same([line.n for line in lines], list(range(1, len(lines) + 1)))
        same([str(finding) for finding in verify_chain(vault)], [])
    assert len({line.time[:4] for line in lines}) >= 3  # the clock was really set


@attack("F09", "an entry of a kind that only a newer Intake knows")
def test_an_unknown_kind_verifies_and_is_shown(scene: Scene) -> None:
    assert twin(lambda: findings(scene)) == []
    n = append_forged(scene, scene.member, keys_of(scene).signing, "dream.recorded")
    with scene.unlock() as vault:
        same([str(finding) for finding in verify_chain(vault)], [])
        last = show(vault)[-1]
    same((last.n, last.kind, last.words), (n, "dream.recorded", "unknown to this version"))


def _edited(table: str, store: Store) -> tuple[str, str]:
    """Return a statement that edits one value of a table's first row, and the finding."""
    keys = store.key_columns(table)
    row = store.row(f"SELECT rowid AS place, * FROM {table}")  # noqa: S608  # names of the schema
    assert row is not None
    column = next(name for name in row if name not in {*keys, "place"})
    value = row[column]
    new = f"'{'a' * 26}'"
    if isinstance(value, int):
        new = str(value + 7)
    elif isinstance(value, bytes):
        new = "x'00'"
    name = "|".join(f"{row[key]!s}" for key in keys)
    sql = f"UPDATE {table} SET {column}={new} WHERE rowid={row['place']!s}"  # noqa: S608  # of the schema
    return sql, f"testimony.db: a row of {table} is not as it was signed: {name}"


@attack("F10", "a row of testimony.db edited with the raw key: one of every table that has rows")
def test_an_edited_row_of_any_table_is_named(scene: Scene) -> None:
    assert twin(lambda: findings(scene)) == []
    intact, tried = scene.copy("intact"), 0
    for table in CATALOGUE:
        with raw_store(scene, "testimony") as store:
            if table not in store.tables() or store.row(f"SELECT 1 FROM {table}") is None:  # noqa: S608  # of the schema
                continue
            if len(store.columns(table)) == len(store.key_columns(table)):
                continue  # all of it is the key: F12 deletes and adds such rows
            sql, named = _edited(table, store)
        write_raw(scene, "testimony", "PRAGMA ignore_check_constraints=ON", sql)
        found = findings(scene)
        assert any(line.startswith(named.rpartition(": ")[0]) for line in found), (table, found)
        reports(found, next(line for line in found if line.startswith(named.rpartition(": ")[0])))
        tried += 1
        scene.restore(intact)
    assert tried > 12


@attack("F12", "rows added and deleted with the raw key, and their seals as well")
@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("DELETE FROM entity WHERE num=1", "testimony.db: a row of entity is missing"),
        (
            "INSERT INTO witness SELECT '" + "c" * 26 + "', 'W-9999' FROM witness",
            "testimony.db: a row of witness is not as it was signed: " + "c" * 26,
        ),
        ("DELETE FROM row_seal WHERE seq=3", "the rows of custody entry"),
        ("UPDATE op_done SET salt=x'00'", "the rows of custody entry"),
        ("INSERT INTO op_done VALUES('" + "a" * 26 + "', x'00')", "vouches for"),
    ],
)
def test_added_and_deleted_rows_are_named(scene: Scene, sql: str, named: str) -> None:
    assert twin(lambda: findings(scene)) == []
    write_raw(scene, "testimony", sql)
    found = [line for line in findings(scene) if named in line]
    assert found
    reports(found, found[0])


@attack("F13", "words put into the table of facts, the head or its number changed")
@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("INSERT INTO store VALUES('note', 'NAME')",
         "testimony.db: the table store holds what may not enter it"),
        ("UPDATE store SET value='" + "0" * 64 + "' WHERE key='head'",
         "custody: the last entries are missing, or the head was changed"),
        ("UPDATE store SET value='1' WHERE key='head_n'",
         "custody: the last entries are missing, or the head was changed"),
    ],
    ids=["words", "head", "number"],
)  # fmt: skip
def test_changed_facts_are_named(scene: Scene, sql: str, named: str) -> None:
    assert twin(lambda: findings(scene)) == []
    write_raw(scene, "testimony", sql.replace("NAME", CANARIES["name"]))
    reports(findings(scene), named)


@attack("F14", "a trigger or a view planted in a store, to act inside our own changes")
@pytest.mark.parametrize("role", ["testimony", "identities"])
@pytest.mark.parametrize("what", ["trigger", "view", "changed trigger"])
def test_a_planted_trigger_is_refused(scene: Scene, role: str, what: str) -> None:
    intact = scene.copy("intact")
    table = "interview" if role == "testimony" else "form"
    sql = {
        "trigger": f"CREATE TRIGGER t AFTER INSERT ON {table} BEGIN SELECT 1; END",
        "view": f"CREATE VIEW v AS SELECT * FROM {table}",  # noqa: S608  # of the schema
        "changed trigger": f"CREATE TRIGGER custody_stays AFTER UPDATE ON {table} "
        "BEGIN SELECT 1; END",
    }
    with raw_store(scene, role) as store:
        store._connection.execute("DROP TRIGGER IF EXISTS custody_stays")
        store._connection.execute(sql[what])
    refuses_as(StoreDamagedError, scene.opens, on=scene.path)
    twin(intact.opens)


@attack("F15", "a table or a column added to a store, an index dropped")
@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("CREATE TABLE remark(id TEXT PRIMARY KEY, words TEXT)",
         "testimony.db: its schema was changed: table remark added"),
        ("ALTER TABLE witness ADD COLUMN words TEXT",
         "testimony.db: its schema was changed: table witness changed"),
        ('CREATE TABLE "NAME"(id TEXT)',
         "testimony.db: its schema was changed: table (its name is not shown) added"),
    ],
    ids=["table", "column", "words"],
)  # fmt: skip
def test_a_changed_schema_is_named(scene: Scene, sql: str, named: str) -> None:
    assert twin(lambda: findings(scene)) == []
    with raw_store(scene, "testimony") as store:
        store._connection.execute(sql.replace("NAME", CANARIES["name"]))
    reports(findings(scene), named)


@attack("F16", "the openings of the chain's commitments deleted, edited, added")
@pytest.mark.parametrize(
    "sql",
    ["DELETE FROM opening", "UPDATE opening SET value=x'00'",
     "INSERT INTO opening VALUES('x','time','y',zeroblob(16),x'00')"],
)  # fmt: skip
def test_changed_openings_are_named(scene: Scene, sql: str) -> None:
    assert twin(lambda: findings(scene)) == []
    write_raw(scene, "identities", sql)
    found = [line for line in findings(scene) if "open" in line or "belongs to no" in line]
    assert found
    reports(found, found[0])


@attack("F17", "words put into a column of the account: whatever the column, verify names it")
@pytest.mark.parametrize(
    ("table", "column"), [("interview", "code"), ("segment_rev", "sep"), ("recipient", "code")]
)
def test_a_name_in_the_account_is_named_and_not_told(scene: Scene, table: str, column: str) -> None:
    assert twin(lambda: all_findings(scene)) == []
    name = CANARIES["name"]
    write_raw(
        scene,
        "testimony",
        f"UPDATE {table} SET {column}='{name}' WHERE rowid=1",  # noqa: S608  # three names
    )
    place = f"{table}.{column}"
    reports(all_findings(scene), f"testimony.db: a name of the register stands in {place}")


@attack("F18", "an account altered behind the vault's back: nothing is separated or let out of it")
def test_an_altered_account_goes_nowhere(scene: Scene) -> None:
    target = scene.own / "statement.pdf"
    with scene.unlock() as vault:
        recipient = find_recipient(vault, "RC-1")
        twin(
            lambda: export_statement(
                vault, scene.interview, recipient, profile=PROFILE, target=target
            )
        )
    write_raw(scene, "testimony", "UPDATE recipient SET class='un_body' WHERE code='RC-1'")
    with scene.unlock() as vault:
        first = str(next(iter(_account_findings(vault))))
        said = str(AccountAlteredError(first, len(_account_findings(vault))))
        acts: tuple[Callable[[], object], ...] = (
            lambda: export_statement(
                vault,
                scene.interview,
                find_recipient(vault, "RC-1"),
                profile=PROFILE,
                target=scene.own / "again.pdf",
            ),
            lambda: separate_ready(vault, scene.interview),
        )
        for act in acts:
            refuses(AccountAlteredError, said, act, on=[scene.path, scene.own])


def _account_findings(vault: Any) -> list[object]:  # noqa: ANN401  # a vault
    from intake.custody.verifying import verify_account  # noqa: PLC0415  # only here

    return list(verify_account(vault))


@attack("F19", "an extract for a court: an entry or its signature edited, checked with openssl")
@pytest.mark.parametrize("suffix", ["bin", "sig"])
def test_an_edited_extract_does_not_verify(scene: Scene, suffix: str) -> None:
    with scene.unlock() as vault:
        files = extract(vault)
    folder = scene.own / "extract"
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    assert twin(lambda: _openssl(folder, scene.member)) == 0
    path = folder / "entries" / f"3.{suffix}"
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    reports([f"openssl ended with {_openssl(folder, scene.member)}"], "openssl ended with 1")


def _openssl(folder: Any, member: str) -> int:  # noqa: ANN401  # a path
    words = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", f"keys/{member}.pem", "-rawin"]
    words += ["-in", "entries/3.bin", "-sigfile", "entries/3.sig"]
    done = subprocess.run(words, cwd=folder, capture_output=True, check=False)
    return done.returncode


@attack("F20", "an unfinished change forged in the outbox of identities.db")
@pytest.mark.parametrize("content", [b"", b"{}", b"[" * 100_000, b"\xff\xfe", b"x" * 5000])
def test_a_forged_outbox_row_waits_for_a_person(scene: Scene, content: bytes) -> None:
    assert twin(lambda: findings(scene)) == []
    with raw_store(scene, "identities") as store:
        row: dict[str, str | int | bytes] = {
            "op": "b" * 26,
            "seq": 1,
            "changes": content,
            "state": "due",
        }
        store.begin()
        store.write(insert_sql("outbox", row), list(row.values()))
        store.commit()
    found = findings(scene)
    reports(found, f"identities.db: an interrupted change waits for a person: {'b' * 26}")


open_row(
    "F07",
    "an entry that says that the clock went backwards; expiry rules under a set clock",
    why="no such entry and no expiry rule exist yet; F08 tries the order",
)
