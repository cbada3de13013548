"""A vault of an older Intake is brought up to date whole, by somebody who may, or not at all."""

from __future__ import annotations

import contextlib
import json
import resource
import shutil
from typing import TYPE_CHECKING

import pytest
import sqlcipher3

from intake.custody.files import verify_folder
from intake.custody.verifying import verify_chain, verify_rows
from intake.errors import (
    DiskRefusedError,
    HalfDoneError,
    OlderFormatError,
    StoreDamagedError,
)
from intake.vault import migrating
from intake.vault.folder import read_folder
from intake.vault.ids import new_id, new_witness_code
from intake.vault.schema import SCHEMA, migration_sql, schema_changes
from intake.vault.store import bytes_of, open_any_store, select_sql
from tests.support.matter import Matter, add_translator, make_matter, new_interview, store_segments
from tests.vault.old_stores import make_old
from tests.vault.tools import STORES, copy_of, store_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from intake.vault.ids import MemberId
    from intake.vault.store import Row, Store

_MOVES_ON = {"custody", "op_done", "store"}


@pytest.fixture(scope="module")
def _template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Matter, MemberId]:
    matter = make_matter(tmp_path_factory.mktemp("old"))
    with matter.unlock() as vault:
        interview = new_interview(vault)
        store_segments(vault, interview.id, ["The lorry stood there.", "It was cold."])
        translator = add_translator(vault)
    make_old(matter)
    return matter, translator


@pytest.fixture
def old(_template: tuple[Matter, MemberId], tmp_path: Path) -> Matter:
    """Return a closed vault whose stores are of schema 1, with an interview and a translator."""
    matter, _ = _template
    shutil.copytree(matter.path, tmp_path / "north.vault")
    return Matter(tmp_path / "north.vault", matter.member)


@pytest.fixture
def translator(_template: tuple[Matter, MemberId]) -> MemberId:
    """Return the member of that vault who is not cleared."""
    return _template[1]


def _state(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@contextlib.contextmanager
def _any_store(matter: Matter, role: str) -> Iterator[Store]:
    _, vault = read_folder(matter.path)
    store = open_any_store(matter.path / f"{role}.db", store_key(matter, role), role, vault)
    try:
        yield store
    finally:
        store.close()


def _rows(matter: Matter) -> dict[str, list[Row]]:
    found = {}
    for role in STORES:
        with _any_store(matter, role) as store:
            for table in store.tables():
                found[f"{role}.{table}"] = store.rows(select_sql(table))
    return found


def _schemas(matter: Matter) -> dict[str, int]:
    found = {}
    for role in STORES:
        with _any_store(matter, role) as store:
            found[role] = store.schema
    return found


def _entries(matter: Matter) -> list[tuple[str, dict[str, object]]]:
    with _any_store(matter, "testimony") as store:
        contents = [
            json.loads(bytes_of(row["bytes"])) for row in store.rows("SELECT * FROM custody")
        ]
    return [(str(content["type"]), content["fields"]) for content in contents]


def _findings(matter: Matter) -> list[str]:
    with matter.unlock() as vault:
        found = [*verify_chain(vault), *verify_rows(vault), *verify_folder(vault)]
        assert vault.stale_parts() == []
    return [str(finding) for finding in found]


def test_unlocking_brings_both_stores_up_to_date_and_says_so_once(old: Matter) -> None:
    """Every row of before is there, the schema is a fresh one's, custody has one entry of it."""
    before, entries = _rows(old), _entries(old)
    assert _schemas(old) == {"testimony": 1, "identities": 1}

    assert _findings(old) == []
    after = _rows(old)
    assert _findings(old) == []

    assert {name: after[name] for name in before if name.split(".")[1] not in _MOVES_ON} == {
        name: rows for name, rows in before.items() if name.split(".")[1] not in _MOVES_ON
    }
    assert after["testimony.notice"] == []
    assert _entries(old) == [*entries, ("vault.migrated", {"schema": SCHEMA})]
    assert _schemas(old) == {"testimony": SCHEMA, "identities": SCHEMA}
    for role in STORES:
        with _any_store(old, role) as store:
            assert schema_changes(store) == []
    assert not list(old.path.glob("*migrating*"))


def test_who_holds_one_key_only_changes_nothing(old: Matter, translator: MemberId) -> None:
    """The outbox of the other store must be empty first, so somebody cleared goes first."""
    before = _state(old.path)

    with pytest.raises(OlderFormatError, match="cleared for identities unlocks it first"):
        old.unlock_as(translator)

    assert _state(old.path) == before
    old.unlock().close()
    with old.unlock_as(translator) as vault:
        assert vault.testimony.schema == SCHEMA


def test_a_half_done_change_of_the_older_intake_is_finished_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The outbox holds rows that were made for the old schema."""
    matter = make_matter(tmp_path)
    witness = new_id()
    with matter.unlock() as vault, monkeypatch.context() as refusing:

        def refuse() -> None:
            raise sqlcipher3.OperationalError

        refusing.setattr(vault.testimony, "commit", refuse)
        with pytest.raises(HalfDoneError), vault.change("witness.created", witness=witness) as one:
            one.testimony.insert("witness", id=witness, code=new_witness_code())
    make_old(matter)

    assert _findings(matter) == []

    with _any_store(matter, "testimony") as store:
        assert store.value("SELECT id FROM witness") == witness
    assert [kind for kind, _ in _entries(matter)][-2:] == ["witness.created", "vault.migrated"]


def test_what_only_the_wal_holds_comes_along_and_the_wal_goes(old: Matter, tmp_path: Path) -> None:
    """A WAL of the old file beside the new one would put old pages into it."""
    crashed = Matter(tmp_path / "crashed.vault", old.member)
    with _any_store(old, "identities") as store:
        store.begin()
        store.write("INSERT INTO rejected VALUES('lorry', ?, 'person')", [old.member])
        store.commit()
        shutil.copytree(old.path, crashed.path)
    assert (crashed.path / "identities.db-wal").stat().st_size > 0

    crashed.unlock().close()

    assert not list(crashed.path.glob("*-wal"))
    with _any_store(crashed, "identities") as store:
        assert store.value("SELECT folded FROM rejected") == "lorry"
        assert store.integrity() == []


def test_a_migration_that_stopped_between_the_stores_goes_on(old: Matter, tmp_path: Path) -> None:
    """identities.db new, testimony.db old: the next unlock does the rest, with one entry."""
    done = copy_of(old, tmp_path)
    done.unlock().close()
    shutil.copy(done.path / "identities.db", old.path / "identities.db")
    (old.path / "testimony.db.migrating").write_bytes(b"a part")
    (old.path / "testimony.db.migrating-wal").write_bytes(b"a part")

    assert _findings(old) == []

    assert [kind for kind, _ in _entries(old)].count("vault.migrated") == 1


@pytest.mark.parametrize("put_back", STORES)
def test_a_store_put_back_from_before_is_not_built_on(
    old: Matter, tmp_path: Path, put_back: str
) -> None:
    """E02: an old store beside a newer one is refused, and no byte changes."""
    earlier = copy_of(old, tmp_path)
    old.unlock().close()
    with old.unlock() as vault:
        new_interview(vault)
    shutil.copy(earlier.path / f"{put_back}.db", old.path / f"{put_back}.db")
    before = _state(old.path)

    with pytest.raises(StoreDamagedError, match="Use a backup of the whole vault"):
        old.unlock()

    assert {**_state(old.path)} == before


def test_a_disk_without_room_leaves_the_old_vault(old: Matter) -> None:
    """The copy does not fit: refused with the one sentence, and later it works."""
    before = _rows(old)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, hard))
    try:
        with pytest.raises(DiskRefusedError, match=r"nothing was changed.*Check its space"):
            old.unlock()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert not list(old.path.glob("*migrating*"))
    assert _rows(old) == before
    assert _findings(old) == []


@pytest.mark.parametrize(
    "wrong",
    [
        "DELETE FROM session;",
        "DROP TABLE segment_parent;",
        "UPDATE witness SET code='Tamsin';",
        "UPDATE segment SET media='nothing';",
        "CREATE TABLE more(words TEXT) STRICT;",
    ],
)
def test_a_migration_that_loses_or_adds_something_is_not_swapped_in(
    old: Matter, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    """Twins of the checks: rows lost, a table lost, a wrong value, a broken reference."""

    def planted(role: str, after: int = 0, until: int = SCHEMA) -> str:
        return migration_sql(role, after, until) + (wrong if role == "testimony" else "")

    before = _rows(old)
    with monkeypatch.context() as bad:
        bad.setattr(migrating, "migration_sql", planted)
        with pytest.raises(StoreDamagedError):
            old.unlock()

    assert _schemas(old) == {"testimony": 1, "identities": SCHEMA}
    assert _rows(old) == before | {name: _rows(old)[name] for name in _rows(old).keys() - before}
    assert _findings(old) == []


def test_a_trigger_in_an_old_store_is_refused(old: Matter) -> None:
    """It would act inside the migration, and its entry would be signed."""
    with _any_store(old, "testimony") as store:
        store.run("CREATE TRIGGER odd AFTER INSERT ON custody BEGIN SELECT 1; END")
    before = _state(old.path)

    with pytest.raises(StoreDamagedError):
        old.unlock()

    assert _state(old.path) == before


def test_what_was_wrong_before_does_not_keep_a_vault_closed(old: Matter) -> None:
    """A value out of its domain, written by hand, is for verify to name: the vault opens."""
    with _any_store(old, "testimony") as store:
        store.begin()
        store.write("UPDATE witness SET code='Tamsin'")
        store.commit()

    with old.unlock() as vault:
        found = [str(finding) for finding in verify_rows(vault)]

    assert any("witness" in line for line in found)
    assert not any("Tamsin" in line for line in found)
