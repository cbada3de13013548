"""Bringing the stores of an older Intake up to date: by number, forward only, on a copy.

Each store is copied whole, the numbered statements run in the copy, and the copy takes the store's
name. identities.db goes first; the copy of testimony.db holds the custody entry `vault.migrated`,
so the entry appears with the last rename. A crash anywhere leaves each store old or new, and the
next unlock goes on (decision 12).
"""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

import sqlcipher3

from crypto.commitments import new_salt
from intake.errors import (
    DiskRefusedError,
    NotForTestimonyError,
    StoreDamagedError,
)
from intake.vault.change import Pending, explain, recover, write_testimony
from intake.vault.columns import recheck_stored
from intake.vault.ids import MemberId, VaultId, new_id
from intake.vault.schema import SCHEMA, migration_sql, schema_changes
from intake.vault.seals import UNSEALED
from intake.vault.store import Store, open_any_store, put_in_place, select_sql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from crypto.secrets import StoreKey
    from crypto.signing import SigningKey
    from intake.vault.folder import Folder

_ENDING: Final = ".migrating"
_OF_SQLITE: Final = ("", "-wal", "-shm", "-journal")


def migrate(
    folder: Folder,
    vault: VaultId,
    store_keys: Mapping[str, StoreKey],
    signer: tuple[MemberId, SigningKey],
) -> None:
    """Bring both stores to the newest schema; `store_keys` by role, both of them.

    Called with the vault's lock held, before the stores are opened. Takes about as long as copying
    them. Raises `DiskRefusedError` with the old store intact, and `StoreDamagedError` where a store
    is damaged, or older than the other one knows: nothing is built on it.
    """
    with _explained():
        behind = _finish_old_work(folder, vault, store_keys, signer)
        if "identities" in behind:
            _migrate_store(folder.identities, store_keys["identities"], "identities", vault)
        if "testimony" in behind:
            _migrate_store(
                folder.testimony,
                store_keys["testimony"],
                "testimony",
                vault,
                lambda copy: _enter(copy, vault, signer),
            )


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except OSError:
        raise DiskRefusedError from None
    except sqlcipher3.DatabaseError as error:
        explain(error)


def _finish_old_work(
    folder: Folder,
    vault: VaultId,
    store_keys: Mapping[str, StoreKey],
    signer: tuple[MemberId, SigningKey],
) -> list[str]:
    """Empty the outbox, whose rows are made for the old schema; return who is behind.

    Where identities.db is new and testimony.db is not, a migration was interrupted, and the outbox
    was emptied before it began.
    """
    testimony = open_any_store(folder.testimony, store_keys["testimony"], "testimony", vault)
    try:
        identities = open_any_store(
            folder.identities, store_keys["identities"], "identities", vault, testimony.turns
        )
        try:
            _require_a_pair(testimony, identities)
            recover(testimony, identities, vault=vault, signer=signer)
            return [store.role for store in (identities, testimony) if store.schema < SCHEMA]
        finally:
            identities.close()
    finally:
        testimony.close()


def _require_a_pair(testimony: Store, identities: Store) -> None:
    """Refuse a store that was put back from before: it must not come to look like a new one."""
    n, known = (int(store.fact("head_n") or 0) for store in (testimony, identities))
    if known > n or testimony.schema > identities.schema:
        raise StoreDamagedError


def _migrate_store(
    path: Path,
    key: StoreKey,
    role: str,
    vault: VaultId,
    enter: Callable[[Store], None] = lambda _copy: None,
) -> None:
    part = path.with_name(path.name + _ENDING)
    _clear_away(part)
    try:
        old = open_any_store(path, key, role, vault)
        try:
            old.write_back()
            before = _taken_stock(old)
            copy = old.copy_into(part, key)
        finally:
            old.close()
        try:
            _bring_up_to_date(copy, before, enter)
        finally:
            copy.close()
        put_in_place(part, path)
    except BaseException:
        with suppress(OSError):  # what is left is cleared away before the next try
            _clear_away(part)
        raise


def _clear_away(part: Path) -> None:
    for ending in _OF_SQLITE:
        part.with_name(part.name + ending).unlink(missing_ok=True)


def _bring_up_to_date(copy: Store, before: dict[str, int], enter: Callable[[Store], None]) -> None:
    """Run what the store lacks, in one transaction, and check the whole before it counts."""
    copy.run("PRAGMA foreign_keys=OFF")  # a migration may put a new table in the place of another
    sql = migration_sql(copy.role, after=copy.schema)
    copy.run(f"BEGIN IMMEDIATE;\n{sql}\nPRAGMA user_version={SCHEMA};")
    copy.schema = SCHEMA
    _require_nothing_lost(before, _taken_stock(copy))
    enter(copy)
    copy.commit()
    copy.write_back()
    if copy.integrity():
        raise StoreDamagedError


def _taken_stock(store: Store) -> dict[str, int]:
    """Count the rows of each table and, under names that no table has, what is wrong already."""
    tables = [table for table in store.tables() if not table.startswith("sqlite_")]
    found = {
        table: int(store.value(f"SELECT count(*) FROM {table}") or 0)  # noqa: S608  # of the schema
        for table in tables
    }
    found["!references"] = len(store.rows("PRAGMA foreign_key_check"))
    found["!schema"] = len(schema_changes(store))
    if store.role == "testimony":
        found["!domains"] = sum(_out_of_domain(store, table) for table in tables)
    return found


def _out_of_domain(store: Store, table: str) -> int:
    if table in UNSEALED:
        return 0
    count = 0
    for row in store.rows(select_sql(table)):
        try:
            recheck_stored(table, row)
        except NotForTestimonyError:
            count += 1
    return count


def _require_nothing_lost(before: dict[str, int], after: dict[str, int]) -> None:
    """Refuse a copy that lacks a row, or in which something is wrong that was right."""
    for name, count in before.items():
        if after.get(name, 0) > count if name.startswith("!") else after.get(name, 0) != count:
            raise StoreDamagedError


def _enter(copy: Store, vault: VaultId, signer: tuple[MemberId, SigningKey]) -> None:
    """Write the custody entry into the copy of testimony.db, in its open transaction."""
    entry = Pending(
        op=new_id(),
        kind="vault.migrated",
        actor=signer[0],
        day=dt.datetime.now(dt.UTC).date().isoformat(),
        time="",
        fields={"schema": SCHEMA},
        objects=[],
        identities_digest="",
        salt=new_salt(),
        changes=[],
    )
    write_testimony(copy, entry, vault, signer)
