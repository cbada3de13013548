"""Row seals: every row of both stores is the one that the chain vouched for last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intake.custody.verifying import verify_chain, verify_rows
from intake.errors import StoreDamagedError
from intake.vault.columns import CATALOGUE
from intake.vault.seals import UNSEALED
from intake.vault.store import insert_sql, select_sql, update_sql, where_sql
from tests.support.matter import new_interview
from tests.vault.tools import PLANTED, STORES, behind_the_back, copy_of, write_behind

if TYPE_CHECKING:
    from pathlib import Path

    from intake.vault.domains import Value
    from intake.vault.store import Row, Store
    from tests.support.matter import Matter

# Every table of T by the catalogue; of I the tables that hold what a person said or decided.
_IDENTITIES = (
    "draft",
    "draft_heard",
    "draft_row",
    "exhibit_fact",
    "form",
    "interview_fact",
    "line_fact",
    "live_raw",
    "media_fact",
    "near_judged",
    "note",
    "package_map",
    "person",
    "preferred",
    "raw",
    "recipient_fact",
    "rejected",
    "secret",
    "voice_sample",
    "withheld",
)
TABLES = [("testimony", table) for table in CATALOGUE] + [("identities", t) for t in _IDENTITIES]


def found_in(matter: Matter) -> list[str]:
    """Open the vault and return what the checks of rows and chain find."""
    with matter.unlock() as vault:
        return [str(finding) for finding in [*verify_rows(vault), *verify_chain(vault)]]


def _loosen(store: Store, table: str) -> None:
    """Take away what a holder of the raw key would take away first."""
    connection = store._connection
    connection.execute("PRAGMA foreign_keys=OFF")
    for row in store.rows(
        "SELECT name FROM sqlite_schema WHERE type='trigger' AND tbl_name=?", table
    ):
        connection.execute(f"DROP TRIGGER {row['name']!s}")


def _changed(value: Value) -> Value:
    if isinstance(value, int):
        return value + 1000
    if isinstance(value, bytes):
        return value + b"\0"
    text = str(value)
    return (text[:-1] + ("b" if text[-1:] != "b" else "a")) or "b"


def _row_of(store: Store, table: str) -> tuple[Row, list[str]]:
    row = store.row(select_sql(table))
    assert row is not None, f"the filled vault has no row in {table}"
    return row, store.key_columns(table)


def test_the_filled_vault_is_clean_and_has_a_row_in_every_sealed_table(matter: Matter) -> None:
    """Twin of all below: untouched, nothing is found; no sealed table is left out."""
    assert found_in(matter) == []
    for role in STORES:
        with behind_the_back(matter, role) as store:
            sealed = {name for name in store.tables() if name not in UNSEALED}
            known = {table for of_role, table in TABLES if of_role == role}
            assert {name for name in sealed if not name.startswith("sqlite_")} == known
            for table in known:
                _row_of(store, table)


@pytest.mark.parametrize(("role", "table"), TABLES)
def test_an_edited_value_in_any_table_is_named(matter: Matter, role: str, table: str) -> None:
    """Each column but the key, one after the other, edited with the raw key."""
    with behind_the_back(matter, role) as store:
        _loosen(store, table)
        row, keys = _row_of(store, table)
        column = next((name for name in row if name not in keys), keys[-1])
        store.begin()
        where = [row[key] for key in keys]
        store.write(update_sql(table, [column], keys), [_changed(row[column]), *where])
        store.commit()

    found = found_in(matter)

    assert any(f"{role}.db: a row of {table} is not as it was signed" in line for line in found)


@pytest.mark.parametrize(("role", "table"), TABLES)
def test_a_deleted_row_of_any_table_is_named(matter: Matter, role: str, table: str) -> None:
    """A row taken away with the raw key."""
    with behind_the_back(matter, role) as store:
        _loosen(store, table)
        row, keys = _row_of(store, table)
        store.begin()
        sql = f"DELETE FROM {table} WHERE {where_sql(keys)}"  # noqa: S608  # names of the schema
        assert store.write(sql, [row[key] for key in keys]) == 1
        store.commit()

    found = found_in(matter)

    assert any(f"{role}.db: a row of {table} is missing" in line for line in found)


@pytest.mark.parametrize(("role", "table"), TABLES)
def test_an_inserted_row_of_any_table_is_named(matter: Matter, role: str, table: str) -> None:
    """A row that no operation wrote."""
    with behind_the_back(matter, role) as store:
        _loosen(store, table)
        row, _ = _row_of(store, table)
        unique = {name: _changed(value) for name, value in row.items() if value is not None}
        new = {**row, **unique}
        store.begin()
        store.write(insert_sql(table, new), list(new.values()))
        store.commit()

    found = found_in(matter)

    assert any(f"{role}.db: a row of {table} is not as it was signed" in line for line in found)


def test_an_old_row_put_back_is_named(matter: Matter) -> None:
    """A value that once was right, after a later operation changed it, is found."""
    with matter.unlock() as vault:
        interview = vault.testimony.row("SELECT id, state FROM interview")
        assert interview is not None
        with vault.change("interview.closed") as change:
            change.testimony.update("interview", {"id": interview["id"]}, state="closed")
    assert found_in(matter) == []

    write_behind(matter, "testimony", "UPDATE interview SET state=? WHERE id=?", *_pair(interview))

    assert found_in(matter) == [
        f"testimony.db: a row of interview is not as it was signed: {interview['id']!s}"
    ]


def _pair(row: Row) -> tuple[Value, Value]:
    return row["state"], row["id"]


def test_a_row_deleted_by_an_operation_may_not_come_back(matter: Matter) -> None:
    """The absence of a row is sealed too."""
    with matter.unlock() as vault:
        row = vault.identities.row("SELECT * FROM preferred")
        assert row is not None
        with vault.change("names.decided") as change:
            change.identities.delete("preferred", {"entity": row["entity"], "lang": row["lang"]})
    assert found_in(matter) == []

    write_behind(matter, "identities", insert_sql("preferred", row), *row.values())

    assert any("a row of preferred is not as it was signed" in line for line in found_in(matter))


@pytest.mark.parametrize("role", STORES)
def test_bookkeeping_is_checked_too(matter: Matter, role: str) -> None:
    """Seals, operations, openings and facts edited or added with the raw key are found."""
    acts = [
        ("UPDATE row_seal SET leaf=x'00' WHERE seq=1", "the rows of custody entry"),
        ("DELETE FROM row_seal WHERE seq=1", "the rows of custody entry"),
        ("UPDATE op_done SET salt=x'00'", "the rows of custody entry"),
        (f"INSERT INTO op_done VALUES('{'a' * 26}', x'00')", "no custody entry vouches for"),
        ("INSERT INTO store VALUES('note', 'words')", "the table store holds"),
    ]
    if role == "identities":
        acts += [
            ("DELETE FROM opening", "does not open"),
            ("UPDATE opening SET value=x'00'", "does not open"),
            ("INSERT INTO opening VALUES('x','time','y',zeroblob(16),x'00')", "belongs to no"),
        ]
    for n, (sql, expected) in enumerate(acts):
        folder = matter.path.parent / str(n)
        folder.mkdir()
        copy = copy_of(matter, folder)
        write_behind(copy, role, sql)
        assert any(expected in line for line in found_in(copy)), sql


def test_words_in_a_key_are_not_printed(matter: Matter) -> None:
    """A finding names the table; the words of a person's key stay unsaid."""
    write_behind(matter, "identities", "UPDATE near_judged SET decided='x'")
    write_behind(matter, "identities", "UPDATE rejected SET folded=?", PLANTED["name"])

    found = found_in(matter)

    assert any("a row of near_judged is not as it was signed: (its key" in line for line in found)
    assert PLANTED["name"] not in "".join(found)
    assert "a|b" not in "".join(found)


def test_an_unknown_table_is_found(matter: Matter) -> None:
    """A table that no schema has is named with its rows."""
    with behind_the_back(matter, "testimony") as store:
        store._connection.execute("CREATE TABLE remark(id TEXT PRIMARY KEY, words TEXT)")
        store._connection.execute("INSERT INTO remark VALUES('a', 'words')")

    found = found_in(matter)

    assert any("a row of remark is not as it was signed" in line for line in found)
    assert any("a row of remark holds what may not enter it" in line for line in found)


@pytest.mark.parametrize("role", STORES)
def test_no_page_of_an_older_copy_passes(matter: Matter, tmp_path: Path, role: str) -> None:
    """SQLCipher takes one old page put back; the chain does not (SECURITY.md 0, 1)."""
    path = matter.path / f"{role}.db"
    old = path.read_bytes()
    with matter.unlock() as vault:
        new_interview(vault)
    new = path.read_bytes()
    size = 4096
    assert found_in(matter) == []
    expected, unseen = _content(matter, role), []
    for n in range(len(old) // size):
        page = slice(n * size, (n + 1) * size)
        if old[page] == new[page]:
            continue
        folder = tmp_path / f"page{n}"
        folder.mkdir()
        copy = copy_of(matter, folder)
        target = copy.path / f"{role}.db"
        target.write_bytes(new[: page.start] + old[page] + new[page.stop :])
        try:
            if not found_in(copy) and _content(copy, role) != expected:
                unseen.append(n)
        except StoreDamagedError:
            continue
    assert unseen == []


def _content(matter: Matter, role: str) -> dict[str, list[Row]]:
    """Return every row, but of the head, which unlocking and closing move."""
    with behind_the_back(matter, role) as store:
        return {table: store.rows(select_sql(table)) for table in store.tables()}


def test_page_checks_alone_miss_an_old_page(matter: Matter) -> None:
    """Twin: why the seals exist. SQLCipher's own checks find nothing for at least one old page."""
    path = matter.path / "testimony.db"
    old = path.read_bytes()
    with matter.unlock() as vault:
        witness = vault.testimony.row("SELECT id, state FROM interview")
        assert witness is not None
        with vault.change("interview.closed") as change:
            change.testimony.update("interview", {"id": witness["id"]}, state="closed")
    new = path.read_bytes()
    silent = 0
    for start in range(0, len(old), 4096):
        page = slice(start, start + 4096)
        if old[page] != new[page]:
            path.write_bytes(new[:start] + old[page] + new[page.stop :])
            with behind_the_back(matter, "testimony") as store:
                silent += store.integrity() == []
    assert silent > 0
