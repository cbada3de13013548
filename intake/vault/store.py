"""The one way to open a store, by rules measured on SQLCipher 4.19 (docs/format.md).

Raw key, assertions before the first read, no ATTACH, no extension, no plaintext temporary file.
"""

from __future__ import annotations

import functools
import importlib.resources
import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import sqlcipher3

from intake.errors import NewerFormatError, StoreDamagedError, VaultClosedError
from intake.vault.columns import Value
from intake.vault.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from crypto.secrets import StoreKey
    from intake.vault.ids import VaultId

SCHEMA: Final = 2
"""Number of the newest migration of both stores; an older store is migrated at unlock."""
APPLICATION_ID: Final = 0x494E544B  # "INTK"
_CIPHER_FLOOR: Final = (4, 6)
_HEX_KEY: Final = re.compile(r"[0-9a-f]{64}")
_NAME: Final = re.compile(r"[a-z_]+")
_DENIED: Final = frozenset({sqlcipher3.SQLITE_ATTACH, sqlcipher3.SQLITE_DETACH})
ROLES: Final = ("testimony", "identities")

Row = dict[str, Value]
_Connection = Any  # sqlcipher3 carries no types
_SCHEMA_SQL: Final = "SELECT type, name, tbl_name, sql FROM sqlite_schema"


def bytes_of(value: Value) -> bytes:
    """Return a BLOB as bytes (`StoreDamagedError` if the store holds something else there)."""
    if not isinstance(value, bytes):
        raise StoreDamagedError
    return value


class Store:
    """One open database. Reads by SQL; writes only through `intake.vault.change`.

    Safe in several threads: each read takes its turn. Who writes holds `turns` from before `begin`
    until after `commit`. Everything raises `VaultClosedError` once the store is closed.
    """

    def __init__(self, connection: _Connection, role: str, turns: Turns) -> None:
        self._connection = connection
        self._is_open = True
        self.role = role
        self.turns = turns

    @contextmanager
    def _in_turn(self) -> Iterator[_Connection]:
        with self.turns:
            self.require_open()
            yield self._connection

    def require_open(self) -> None:
        """Raise `VaultClosedError` after `close`."""
        if not self._is_open:
            raise VaultClosedError

    def rows(self, sql: str, *values: Value) -> list[Row]:
        """Run a SELECT; each row is a dict by column name. `StoreDamagedError` on a bad page."""
        try:
            with self._in_turn() as connection:
                cursor = connection.execute(sql, values)
                names = [column[0] for column in cursor.description]
                found = cursor.fetchall()
        except sqlcipher3.DatabaseError:
            raise StoreDamagedError from None
        return [dict(zip(names, row, strict=True)) for row in found]

    def row(self, sql: str, *values: Value) -> Row | None:
        """Return the first row of a SELECT, or None."""
        found = self.rows(sql, *values)
        return found[0] if found else None

    def value(self, sql: str, *values: Value) -> Value:
        """Return the first column of the first row of a SELECT, or None."""
        found = self.row(sql, *values)
        return next(iter(found.values())) if found else None

    def fact(self, key: str) -> str:
        """Return a row of the table `store`, or an empty string."""
        return str(self.value("SELECT value FROM store WHERE key=?", key) or "")

    def tables(self) -> list[str]:
        """Return the names of the tables, in order."""
        return [
            str(row["name"])
            for row in self.rows("SELECT name FROM sqlite_schema WHERE type='table' ORDER BY name")
        ]

    def columns(self, table: str) -> list[str]:
        """Return the columns of a table, in order."""
        return [str(row["name"]) for row in self.rows(f"PRAGMA table_info({_safe(table)})")]

    def key_columns(self, table: str) -> list[str]:
        """Return the columns of the primary key of a table, in order."""
        found = [row for row in self.rows(f"PRAGMA table_info({_safe(table)})") if row["pk"]]
        return [str(row["name"]) for row in sorted(found, key=lambda row: int(row["pk"] or 0))]

    def copy_packed(self, path: Path, key: StoreKey) -> None:
        """Copy one state of this store, WAL included, into a new file under another key; packed.

        No page of what was removed comes along. `path` must not exist; what is left there after an error is the
        caller's to remove. Raises what SQLCipher raises where the disk refuses.
        """
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        copy = _connect(path, key)
        try:
            with self._in_turn() as connection:
                connection.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
            copy.execute("VACUUM")  # attaches a file of its own, so before `_harden` forbids it
        finally:
            copy.close()

    def take_over(self, other: Store) -> None:
        """Go on with the connection of another store, whose object is of no more use.

        Whoever holds this object reads and writes the new file from then on.
        """
        with self.turns:
            self.close()
            self._connection = other._connection  # noqa: SLF001  # of the same class
            self._is_open = True

    def begin(self) -> None:
        """Start a write transaction at once, so that two writers never interleave."""
        self.require_open()
        self._connection.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """End the transaction; returns when the rows are on the disk (synchronous=FULL)."""
        self._connection.execute("COMMIT")

    def roll_back(self) -> None:
        """Undo the open transaction, if any."""
        if self._is_open and self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def write(self, sql: str, values: Sequence[Value] = ()) -> int:
        """Run one INSERT, UPDATE or DELETE inside a transaction; returns the rows changed."""
        return int(self._connection.execute(sql, tuple(values)).rowcount)

    def integrity(self) -> list[str]:
        """Return what SQLCipher's and SQLite's own checks find: empty when every page is good."""
        found: list[str] = []
        try:
            for check in ("cipher_integrity_check", "integrity_check"):
                with self._in_turn() as connection:
                    rows = connection.execute(f"PRAGMA {check}").fetchall()
                found += [str(row[0]) for row in rows if row[0] != "ok"]
        except sqlcipher3.DatabaseError:
            found.append("a page could not be read")
        return found

    def close(self) -> None:
        """Write back the WAL and close, after a commit in progress. Safe to call twice.

        The key stays in this process's memory until it ends.
        """
        with self.turns:
            self._is_open = False
            self._connection.close()


def create_store(
    path: Path, key: StoreKey, role: str, vault: VaultId, turns: Turns | None = None
) -> Store:
    """Make a new store with its schema. `path` must not exist.

    `turns` is that of the vault; without one the store takes turns by itself.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    os.close(descriptor)
    connection = _connect(path, key)
    connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version={SCHEMA}")
    # One transaction: otherwise each table waits for the disk by itself.
    connection.executescript(f"BEGIN;\n{migration_sql(role)}\nCOMMIT;")
    for name, value in (("vault", str(vault)), ("role", role)):
        connection.execute("INSERT INTO store(key, value) VALUES(?, ?)", (name, value))
    _harden(connection)
    return Store(connection, role, turns or Turns())


def open_store(
    path: Path, key: StoreKey, role: str, vault: VaultId, turns: Turns | None = None
) -> Store:
    """Open a store read and write, with every assertion; `turns` as for `create_store`.

    Raises `StoreDamagedError` (wrong key, damaged page, other vault's store, a trigger or view that
    is not Intake's: not told apart) or `NewerFormatError` before anything is written.
    """
    try:
        if path.stat().st_size == 0:  # SQLCipher would make a new database of it with any key
            raise StoreDamagedError
    except OSError:
        raise StoreDamagedError from None
    connection = _connect(path, key)
    try:
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        schema = connection.execute("PRAGMA user_version").fetchone()[0]
        store = Store(connection, role, turns or Turns())
        _check_made_for(store, application, schema, vault)
        _harden(connection)
    except sqlcipher3.DatabaseError:
        connection.close()
        raise StoreDamagedError from None
    except (StoreDamagedError, NewerFormatError):
        connection.close()
        raise
    return store


def _check_made_for(store: Store, application: int, schema: int, vault: VaultId) -> None:
    if application == APPLICATION_ID and schema > SCHEMA:
        raise NewerFormatError
    facts = (application, schema, store.fact("vault"), store.fact("role"))
    if facts != (APPLICATION_ID, SCHEMA, str(vault), store.role):
        raise StoreDamagedError
    for change in schema_changes(store):
        if change.kind in ("trigger", "view") and change.what != "dropped":
            raise StoreDamagedError  # it would act inside our own changes, and we would sign that


class SchemaChange(NamedTuple):
    """One part of a store's schema that is not as the migration made it."""

    kind: str
    """table, index, trigger, view."""
    name: str
    what: Literal["added", "changed", "dropped"]


def schema_changes(store: Store) -> list[SchemaChange]:
    """Compare a store's whole schema with a fresh one; empty when they are the same."""
    ours = _made_by(store.role)
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
def _made_by(role: str) -> Mapping[tuple[str, str], tuple[Value, Value]]:
    """Return the schema that the migration makes: table and SQL, by kind and name."""
    connection = sqlcipher3.connect(":memory:")
    try:
        connection.executescript(migration_sql(role))
        rows = connection.execute(_SCHEMA_SQL).fetchall()
    finally:
        connection.close()
    return {(str(kind), str(name)): (table, sql) for kind, name, table, sql in rows}


def migration_sql(role: str, after: int = 0, until: int = SCHEMA) -> str:
    """Return the statements that bring a store from one schema number to another, in order."""
    folder = importlib.resources.files("intake.vault") / "migrations"
    numbers = range(after + 1, until + 1)
    return "\n".join((folder / f"{role}_{n:03}.sql").read_text("utf-8") for n in numbers)


def _connect(path: Path, key: StoreKey) -> _Connection:  # sqlcipher3 is untyped
    literal = key.hex_literal()
    if not _HEX_KEY.fullmatch(literal):  # any other length is silently taken as a passphrase
        raise StoreDamagedError
    uri = f"{path.absolute().as_uri()}?mode=rw"
    try:
        # From any thread: `Turns` sees to it that there is never more than one at a time.
        connection = sqlcipher3.connect(
            uri, uri=True, isolation_level=None, check_same_thread=False
        )
    except sqlcipher3.DatabaseError:  # a folder or a device in the place of the store
        raise StoreDamagedError from None
    try:
        connection.execute("PRAGMA cipher_log_level=NONE")
        connection.execute(f"PRAGMA key=\"x'{literal}'\"")
        connection.execute("PRAGMA temp_store=2")
        version = str(_pragma(connection, "cipher_version")).split()[0]
        facts = {
            "cipher_status": str(_pragma(connection, "cipher_status")),
            "cipher_use_hmac": str(_pragma(connection, "cipher_use_hmac")),
            "cipher_plaintext_header_size": str(
                _pragma(connection, "cipher_plaintext_header_size")
            ),
        }
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except (sqlcipher3.DatabaseError, IndexError):
        connection.close()
        raise StoreDamagedError from None
    if (
        facts
        != {
            "cipher_status": "1",
            "cipher_use_hmac": "1",
            "cipher_plaintext_header_size": "0",
        }
        or tuple(int(part) for part in version.split(".")[:2]) < _CIPHER_FLOOR
    ):
        connection.close()
        raise StoreDamagedError
    return connection


def _pragma(connection: _Connection, name: str) -> _Connection:  # sqlcipher3 is untyped
    row = connection.execute(f"PRAGMA {name}").fetchone()
    return row[0] if row else None


def _harden(connection: _Connection) -> None:  # sqlcipher3 is untyped
    for setting in (
        "secure_delete=ON",
        "foreign_keys=ON",
        "trusted_schema=OFF",
        "cell_size_check=ON",
        "journal_mode=WAL",
        "synchronous=FULL",
    ):
        connection.execute(f"PRAGMA {setting}")
    connection.enable_load_extension(False)  # noqa: FBT003  # the name of the call says it
    connection.set_authorizer(_authorise)


def _authorise(action: int, *_: object) -> int:
    # ATTACH ... KEY '' is how SQLCipher writes plaintext copies; VACUUM INTO needs it as well.
    return int(sqlcipher3.SQLITE_DENY if action in _DENIED else sqlcipher3.SQLITE_OK)


def _safe(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise StoreDamagedError
    return name


def insert_sql(table: str, values: Mapping[str, Value]) -> str:
    """Return an INSERT with one place for each value; names are checked, values are never text."""
    names = ", ".join(_safe(name) for name in values)
    places = ", ".join("?" for _ in values)
    return f"INSERT INTO {_safe(table)}({names}) VALUES({places})"


def where_sql(columns: Sequence[str]) -> str:
    """Return a WHERE clause that equals each column (NULL equals NULL)."""
    return " AND ".join(f"{_safe(name)} IS ?" for name in columns)


def update_sql(table: str, values: Sequence[str], where: Sequence[str]) -> str:
    """Return an UPDATE of these columns where those are equal."""
    sets = ", ".join(f"{_safe(name)}=?" for name in values)
    return f"UPDATE {_safe(table)} SET {sets} WHERE {where_sql(where)}"  # noqa: S608  # names are checked


def delete_sql(table: str, where: Sequence[str]) -> str:
    """Return a DELETE where those columns are equal."""
    return f"DELETE FROM {_safe(table)} WHERE {where_sql(where)}"  # noqa: S608  # names are checked, values are placed


def select_sql(table: str, where: Sequence[str] = ()) -> str:
    """Return a SELECT of all columns, of one row or of the whole table."""
    clause = f" WHERE {where_sql(where)}" if where else ""
    return f"SELECT * FROM {_safe(table)}{clause}"  # noqa: S608  # names are checked, values are placed
