"""Vaults as an older Intake made them: the stores hold what its migrations make, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.vault import store as module
from intake.vault.schema import migration_sql
from intake.vault.store import APPLICATION_ID, insert_sql, select_sql
from tests.vault.tools import STORES, behind_the_back, store_key

if TYPE_CHECKING:
    from tests.support.matter import Matter


def make_old(matter: Matter, schema: int = 1, roles: tuple[str, ...] = STORES) -> None:
    """Put stores of an earlier schema with the same rows in the place of a closed vault's own.

    Rows of tables that the earlier schema does not have are gone: there should be none.
    """
    for role in roles:
        key = store_key(matter, role)
        with behind_the_back(matter, role) as store:
            rows = {
                name: store.rows(select_sql(name))
                for name in store.tables()
                if "sqlite_" not in name
            }
        path = matter.path / f"{role}.db"
        path.unlink()
        module._make_file(path)
        old = module._connect(path, key)
        old.execute(f"PRAGMA application_id={APPLICATION_ID}")
        old.execute(f"PRAGMA user_version={schema}")
        old.executescript(f"BEGIN;\n{migration_sql(role, until=schema)}\n")
        known = {row[0] for row in old.execute("SELECT name FROM sqlite_schema")}
        for table in known & rows.keys():
            for row in rows[table]:
                old.execute(insert_sql(table, row), list(row.values()))
        old.execute("COMMIT")
        old.execute("PRAGMA journal_mode=WAL")
        old.close()
