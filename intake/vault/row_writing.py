"""Writing the rows of one operation into one store, each with its seal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.errors import ChangedMeanwhileError, StoreDamagedError
from intake.vault.seals import FORGOTTEN, UNSEALED, row_leaf, row_name, rows_digest
from intake.vault.store import Row, Store, delete_sql, insert_sql, select_sql, update_sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.vault.change import RowChange


def write_rows(store: Store, op: str, salt: bytes, changes: Sequence[RowChange]) -> str:
    """Write the rows and their seals; return the digest that the entry commits to.

    Raises `StoreDamagedError` where a row read back is not the one that was meant: a trigger put
    into the store could otherwise rewrite what a member is about to sign.
    """
    store.write("INSERT INTO op_done(op, salt) VALUES(?, ?)", [op, salt])
    leaves: list[bytes] = []
    for change in changes:
        if change.verb == "forget":
            _forget(store, str(change.key["op"]))
            continue
        keys = store.key_columns(change.table)
        source = change.values if change.verb == "insert" else change.key
        key = [source[name] for name in keys]
        sql = select_sql(change.table, keys)
        before = store.row(sql, *key) if change.verb in ("update", "reseal") else None
        _write_row(store, change)
        now = store.row(sql, *key)
        if now != _meant(store, change, before):
            raise StoreDamagedError  # something inside the store changed what we wrote
        if change.table in UNSEALED or change.verb == "erase":
            continue
        leaf = row_leaf(salt, change.table, row_name(key), now)
        leaves.append(leaf)
        seal: Row = {"op": op, "tbl": change.table, "row": row_name(key), "leaf": leaf}
        store.write(insert_sql("row_seal", seal), list(seal.values()))
    return rows_digest(salt, leaves)


def _meant(store: Store, change: RowChange, before: Row | None) -> Row | None:
    """Return the row as it must stand after a change, whole."""
    if change.verb in ("delete", "erase"):
        return None
    if change.verb == "reseal":
        return before
    if change.verb == "insert":
        return {**dict.fromkeys(store.columns(change.table)), **change.values}
    return {**(before or {}), **change.values}


def _forget(store: Store, op: str) -> None:
    """Destroy the salt of an operation and its seals, which name rows and open to a guess."""
    store.write("DELETE FROM row_seal WHERE op=?", [op])
    if store.write("UPDATE op_done SET salt=? WHERE op=?", [FORGOTTEN, op]) != 1:
        raise ChangedMeanwhileError


def _write_row(store: Store, change: RowChange) -> None:
    if change.verb == "reseal":
        return  # the row, or its absence, is sealed as it stands
    if change.verb == "insert":
        store.write(insert_sql(change.table, change.values), list(change.values.values()))
        return
    where = {**change.key, **change.expect}
    if change.verb == "update":
        sql = update_sql(change.table, list(change.values), list(where))
        changed = store.write(sql, [*change.values.values(), *where.values()])
    else:
        changed = store.write(delete_sql(change.table, list(where)), list(where.values()))
    if changed != 1:
        raise ChangedMeanwhileError
