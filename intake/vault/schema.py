"""The schema of each store, by number: what the migrations make, and what differs from that."""

from __future__ import annotations

import functools
import importlib.resources
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import sqlcipher3

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intake.vault.domains import Value
    from intake.vault.store import Store

SCHEMA: Final = 3
"""Number of the newest migration of both stores; an older store is migrated at unlock."""
_SCHEMA_SQL: Final = "SELECT type, name, tbl_name, sql FROM sqlite_schema"


class SchemaChange(NamedTuple):
    """One part of a store's schema that is not as the migration made it."""

    kind: str
    """table, index, trigger, view."""
    name: str
    what: Literal["added", "changed", "dropped"]


def schema_changes(store: Store) -> list[SchemaChange]:
    """Compare a store's whole schema with a fresh one of its number; empty when they agree."""
    ours = _made_by(store.role, store.schema)
    now = {
        (str(row["type"]), str(row["name"])): (row["tbl_name"], row["sql"])
        for row in store.rows(_SCHEMA_SQL)
    }
    found = [
        SchemaChange(*part, "changed" if part in ours else "added")
        for part, made in now.items()
        if ours.get(part) != made
    ]
    found += [SchemaChange(*part, "dropped") for part in ours.keys() - now.keys()]
    return sorted(found)


@functools.cache
def _made_by(role: str, schema: int) -> Mapping[tuple[str, str], tuple[Value, Value]]:
    """Return the schema that the migrations make: table and SQL, by kind and name."""
    connection = sqlcipher3.connect(":memory:")
    try:
        connection.executescript(migration_sql(role, until=schema))
        rows = connection.execute(_SCHEMA_SQL).fetchall()
    finally:
        connection.close()
    return {(str(kind), str(name)): (table, sql) for kind, name, table, sql in rows}


def migration_sql(role: str, after: int = 0, until: int = SCHEMA) -> str:
    """Return the statements that bring a store from one schema number to another, in order."""
    folder = importlib.resources.files("intake.vault") / "migrations"
    numbers = range(after + 1, until + 1)
    return "\n".join((folder / f"{role}_{n:03}.sql").read_text("utf-8") for n in numbers)
