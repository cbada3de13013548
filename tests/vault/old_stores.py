"""Vaults as an older Intake made them: the stores hold what its migrations make, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.vault import store as module
from intake.vault.folder import read_folder
from intake.vault.members import open_key_record, open_store_key
from intake.vault.schema import migration_sql
from intake.vault.store import APPLICATION_ID, insert_sql, open_store, select_sql
from tests.support.matter import PASSPHRASE, Matter
from tests.vault.tools import STORES, member_keys

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crypto.secrets import StoreKey
    from intake.vault.store import Row


def make_old(
    matter: Matter, schema: int = 1, *, roles: Sequence[str] = STORES, passphrase: str = PASSPHRASE
) -> None:
    """Put stores of an earlier schema with the same rows in the place of a closed vault's own.

    Rows of tables that the earlier schema does not have are gone: there should be none.
    """
    folder, vault = read_folder(matter.path)
    keys = member_keys(matter, passphrase)
    record = open_key_record(folder, vault, keys)
    for role in roles:
        path = matter.path / f"{role}.db"
        key = open_store_key(folder, vault, keys, role, record)
        assert key is not None
        store = open_store(path, key, role, vault)
        tables = [name for name in store.tables() if not name.startswith("sqlite_")]
        rows = {name: store.rows(select_sql(name)) for name in tables}
        store.close()
        path.unlink()
        _write(path, key, f"{migration_sql(role, until=schema)};PRAGMA user_version={schema}", rows)


def _write(path: Path, key: StoreKey, sql: str, rows: dict[str, list[Row]]) -> None:
    module._make_file(path)
    old = module._connect(path, key)
    old.execute(f"PRAGMA application_id={APPLICATION_ID}")
    old.executescript(f"BEGIN;\n{sql};")
    known = {row[0] for row in old.execute("SELECT name FROM sqlite_schema")}
    for table in known & rows.keys():
        for row in rows[table]:
            old.execute(insert_sql(table, row), list(row.values()))
    old.execute("COMMIT")
    old.execute("PRAGMA journal_mode=WAL")
    old.close()
