"""The one way to open a store, by rules measured on SQLCipher 4.19 (docs/format.md).

Raw key, assertions before the first read, no ATTACH, no extension, no plaintext temporary file.
"""

from __future__ import annotations

import errno
import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import sqlcipher3

from intake.errors import (
    NewerFormatError,
    OlderFormatError,
    ReadOnlyPlaceError,
    StoreDamagedError,
    VaultClosedError,
)
from intake.vault.domains import Value
from intake.vault.schema import SCHEMA, migration_sql, schema_changes
from intake.vault.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from crypto.secrets import StoreKey
    from intake.vault.ids import VaultId

APPLICATION_ID: Final = 0x494E544B  # "INTK"
_CIPHER_FLOOR: Final = (4, 6)
_CIPHER: Final = {
    "cipher_status": "1",
    "cipher_use_hmac": "1",
    "cipher_page_size": "4096",
    "cipher_plaintext_header_size": "0",
    # Off, and said so: on, it locks more memory than a usual limit allows, fails softly, and four
    # copies of the key stay in the process all the same (measured). Locking ends the process.
    "cipher_memory_security": "0",
}
_SILENCE: Final = "PRAGMA cipher_log_level=NONE"  # it would write to standard error
_HEX_KEY: Final = re.compile(r"[0-9a-f]{64}")
_NAME: Final = re.compile(r"[a-z_]+")
_DENIED: Final = frozenset({sqlcipher3.SQLITE_ATTACH, sqlcipher3.SQLITE_DETACH})
ROLES: Final = ("testimony", "identities")

Row = dict[str, Value]
_Connection = Any  # sqlcipher3 carries no types


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

    def __init__(
        self, connection: _Connection, role: str, turns: Turns, schema: int = SCHEMA
    ) -> None:
        self.schema = schema
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

    def run(self, script: str) -> None:
        """Run the statements of a migration; a transaction that they begin is open afterwards."""
        self.require_open()
        self._connection.executescript(script)

    def write_back(self) -> None:
        """Move all of the WAL into the file (`StoreDamagedError` while somebody else reads it)."""
        with self._in_turn() as connection:
            if connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                raise StoreDamagedError

    def copy_into(self, path: Path, key: StoreKey) -> Store:
        """Copy every page into a new file under `key`, in one turn; return the copy, open.

        `path` must not exist; what is left there after an error is the caller's to remove. Raises
        OSError and what SQLCipher raises where the disk refuses.
        """
        _make_file(path)
        copy = _connect(path, key)
        try:
            self._copy_pages(copy)
            _harden(copy)
        except BaseException:
            copy.close()
            raise
        return Store(copy, self.role, Turns(), self.schema)

    def copy_packed(self, path: Path, key: StoreKey) -> None:
        """Copy one state of this store, WAL included, into a new file under another key; packed.

        No page of what was removed comes along. `path` must not exist; what is left there after an
        error is the caller's to remove. Raises what SQLCipher raises where the disk refuses.
        """
        _make_file(path)
        copy = _connect(path, key)
        try:
            self._copy_pages(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
            copy.execute("VACUUM")  # attaches a file of its own, so before `_harden` forbids it
        finally:
            copy.close()

    def _copy_pages(self, copy: _Connection) -> None:
        """Copy, and raise OSError where the disk refuses: a copy's own errors do not name it."""
        try:
            with self._in_turn() as connection:
                connection.backup(copy)
        except sqlcipher3.OperationalError:
            raise OSError(errno.EIO, "the copy of a store") from None

    def take_over(self, other: Store) -> None:
        """Go on with the connection of another store, whose object is of no more use.

        Whoever holds this object reads and writes the new file from then on.
        """
        with self.turns:
            self.close()
            self._connection = other._connection  # of the same class
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
    _make_file(path)
    connection = _connect(path, key)
    connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version={SCHEMA}")
    # One transaction: otherwise each table waits for the disk by itself.
    connection.executescript(f"BEGIN;\n{migration_sql(role)}\nCOMMIT;")
    for name, value in (("vault", str(vault)), ("role", role)):
        connection.execute("INSERT INTO store(key, value) VALUES(?, ?)", (name, value))
    _harden(connection)
    return Store(connection, role, turns or Turns(), SCHEMA)


def open_store(
    path: Path, key: StoreKey, role: str, vault: VaultId, turns: Turns | None = None
) -> Store:
    """Open a store read and write, with every assertion; `turns` as for `create_store`.

    Raises, before anything is written: `StoreDamagedError` (wrong key, damaged page, other vault's
    store, a trigger or view that is not Intake's: not told apart), `NewerFormatError`,
    `OlderFormatError` for a store that must be migrated first, `ReadOnlyPlaceError`.
    """
    return _open(path, key, role, vault, turns, oldest=SCHEMA)


def open_any_store(
    path: Path, key: StoreKey, role: str, vault: VaultId, turns: Turns | None = None
) -> Store:
    """Open a store of this or an earlier schema; otherwise as `open_store`."""
    return _open(path, key, role, vault, turns, oldest=1)


def _open(  # what the two doors share
    path: Path, key: StoreKey, role: str, vault: VaultId, turns: Turns | None, *, oldest: int
) -> Store:
    _require_writable(path)
    connection = _connect(path, key)
    try:
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        schema = connection.execute("PRAGMA user_version").fetchone()[0]
        store = Store(connection, role, turns or Turns(), schema)
        _check_made_for(store, application, vault, oldest)
        _harden(connection)
    except sqlcipher3.DatabaseError:
        connection.close()
        raise StoreDamagedError from None
    except (StoreDamagedError, NewerFormatError, OlderFormatError):
        connection.close()
        raise
    return store


def _make_file(path: Path) -> None:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def put_in_place(part: Path, path: Path) -> None:
    """Give a finished copy the name of the store that it replaces; both are closed.

    Raises `StoreDamagedError` where either was not written back whole: a WAL that stayed behind
    would be read into the new file.
    """
    for store in (part, path):
        if store.with_name(f"{store.name}-wal").exists():
            raise StoreDamagedError
    for target, flags in ((part, os.O_RDWR), (path.parent, os.O_RDONLY | os.O_DIRECTORY)):
        descriptor = os.open(target, flags)
        try:
            os.fsync(descriptor)
            if target is part:
                part.replace(path)
        finally:
            os.close(descriptor)


def _require_writable(path: Path) -> None:
    try:
        if path.stat().st_size == 0:  # SQLCipher would make a new database of it with any key
            raise StoreDamagedError
    except OSError:
        raise StoreDamagedError from None
    # SQLite would open it all the same, and refuse the first change.
    if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        raise ReadOnlyPlaceError


def _check_made_for(store: Store, application: int, vault: VaultId, oldest: int) -> None:
    if application != APPLICATION_ID or store.schema == 0:  # 0: never finished, or no store of ours
        raise StoreDamagedError
    if not 0 < store.schema <= SCHEMA:
        raise NewerFormatError
    if (store.fact("vault"), store.fact("role")) != (str(vault), store.role):
        raise StoreDamagedError
    for change in schema_changes(store):
        if change.kind in ("trigger", "view") and change.what != "dropped":
            raise StoreDamagedError  # it would act inside our own changes, and we would sign that
    if store.schema < oldest:
        raise OlderFormatError


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
        connection.execute(_SILENCE)
        connection.execute(f"PRAGMA key=\"x'{literal}'\"")
        connection.execute("PRAGMA temp_store=2")
        version = str(_pragma(connection, "cipher_version")).split()[0]
        facts = {name: str(_pragma(connection, name)) for name in _CIPHER}
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except (sqlcipher3.DatabaseError, IndexError):
        connection.close()
        raise StoreDamagedError from None
    floor = tuple(int(part) for part in version.split(".")[:2])
    if facts != _CIPHER or floor < _CIPHER_FLOOR:
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
