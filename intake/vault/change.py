"""One change over two stores: never half done, never without its custody entry.

The order (SECURITY 3.3): the rows of T are tried in an open transaction; identities.db commits its
own rows and an outbox row that holds the exact row changes for T; T commits its rows, the operation
id and the signed entry; the outbox row goes. A crash between leaves an outbox row, which the next
unlock applies (`recover`). The loop knows no kinds of operation.

Every row written is sealed: a salted leaf over its whole content; the entry commits to the leaves.
So verify finds any row of either store that was edited, put back, added or taken away.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, NoReturn

import msgspec
import sqlcipher3

from crypto.commitments import commit, new_salt
from intake.errors import (
    ChangedMeanwhileError,
    DiskRefusedError,
    HalfDoneError,
    NotClearedError,
    NotForTestimonyError,
    StoreDamagedError,
)
from intake.vault.chain import FIRST_PREVIOUS, Intent, checked_fields, make_entry
from intake.vault.columns import checked_row, recheck_stored
from intake.vault.ids import MemberId, OperationId, VaultId, new_id
from intake.vault.row_writing import write_rows
from intake.vault.store import (
    Row,
    Store,
    bytes_of,
    delete_sql,
    insert_sql,
    update_sql,
)
from intake.vault.tombstones import refuse_erased

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crypto.signing import SigningKey
    from intake.vault.domains import Value

_DISK_ERRORS: Final = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN")
_STORED: Final = frozenset({str, int, bytes, type(None)})


class RowChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row inserted, updated or deleted, with what it must have been before.

    The last three are for erasure alone (decision 13): `erase` removes a row and leaves no seal of
    it; `reseal` seals a row as it stands; `forget` destroys the salt and the seals of an operation,
    named by its key `op`, after its rows that stay were sealed again.

    The dicts hold `Value`s; msgspec cannot decode a union of text and bytes, so `_decoded` checks
    that after reading.
    """

    verb: Literal["insert", "update", "delete", "erase", "reseal", "forget"]
    table: str
    values: dict[str, Any]
    key: dict[str, Any]
    expect: dict[str, Any]

    def __repr__(self) -> str:
        return f"RowChange({self.verb} {self.table}, not shown)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a change of a store is never pickled")


class Pending(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An outbox row: all that T still has to take, and what its entry will say."""

    op: str
    kind: str
    actor: str
    day: str
    time: str
    fields: dict[str, str | int]
    objects: list[tuple[str, str, str]]
    identities_digest: str
    salt: bytes
    changes: list[RowChange]

    def __repr__(self) -> str:
        return f"Pending({self.kind}, not shown)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a change of a store is never pickled")


@dataclass(slots=True)
class Rows:
    """Collects the row changes of one store. Made by `Change`."""

    role: str
    changes: list[RowChange] = field(default_factory=list)

    def insert(self, table: str, **values: object) -> None:
        """Add a row. Into T, each value must belong to its column (`NotForTestimonyError`)."""
        self.changes.append(RowChange("insert", table, self._checked(table, values), {}, {}))

    def update(
        self,
        table: str,
        key: Mapping[str, Value],
        expect: Mapping[str, Value] | None = None,
        **values: object,
    ) -> None:
        """Change a row that must exist and equal `expect` (`ChangedMeanwhileError` at commit)."""
        checked = self._checked(table, values)
        self.changes.append(RowChange("update", table, checked, dict(key), dict(expect or {})))

    def delete(
        self, table: str, key: Mapping[str, Value], expect: Mapping[str, Value] | None = None
    ) -> None:
        """Remove a row that must exist."""
        self.changes.append(RowChange("delete", table, {}, dict(key), dict(expect or {})))

    def erase(self, table: str, key: Mapping[str, Value]) -> None:
        """Remove a row that must exist, with no seal left of it: for erasure alone."""
        self.changes.append(RowChange("erase", table, {}, dict(key), {}))

    def reseal(self, table: str, key: Mapping[str, Value]) -> None:
        """Seal a row, or that there is none, since what sealed it last is to be forgotten."""
        self.changes.append(RowChange("reseal", table, {}, dict(key), {}))

    def forget(self, op: str) -> None:
        """Destroy the salt and the seals of an operation, so that nothing confirms a guess."""
        self.changes.append(RowChange("forget", "op_done", {}, {"op": op}, {}))

    def _checked(self, table: str, values: Mapping[str, object]) -> dict[str, Value]:
        if self.role == "testimony":
            return checked_row(table, values)
        plain: dict[str, Value] = {}
        for name, value in values.items():
            if value is not None and not isinstance(value, str | int | bytes):
                raise TypeError(name)
            plain[name] = value
        return plain


class Change:
    """What one operation will do. Made by `Vault.change`; commits when its block ends well."""

    def __init__(self, kind: str, actor: MemberId, *, is_cleared: bool) -> None:
        now = dt.datetime.now(dt.UTC)
        self.op = OperationId(new_id())
        self.kind = kind
        self.actor = actor
        self.day = now.date().isoformat()
        self.testimony = Rows("testimony")
        self._identities = Rows("identities")
        self._is_cleared = is_cleared
        self._fields: dict[str, str | int] = {}
        self._objects: list[tuple[str, str, str]] = []
        self.time = ""
        if is_cleared:
            exact = now.isoformat(timespec="milliseconds")
            self.time = self._open_later("time", self.op, exact.encode())

    @property
    def identities(self) -> Rows:
        """The rows for identities.db (`NotClearedError` for an uncleared member)."""
        if not self._is_cleared:
            raise NotClearedError
        return self._identities

    def note(self, **fields: object) -> None:
        """Add fields to the entry; each from the fixed vocabulary of `chain.FIELDS`."""
        self._fields.update(checked_fields(fields))

    def vouch(self, kind: str, subject: str, content: bytes) -> None:
        """Commit the entry to `content` by salted hash; the salt and hash lie in identities.db.

        `content` is what a holder of the opening hashes again, such as an original's SHA-256.
        Raises `NotClearedError`: only identities.db may keep the opening.
        """
        if not self._is_cleared:
            raise NotClearedError
        self._objects.append((kind, subject, self._open_later(kind, subject, content)))

    def _open_later(self, kind: str, subject: str, content: bytes) -> str:
        salt = new_salt()
        self._identities.insert(
            "opening", op=self.op, kind=kind, subject=subject, salt=salt, value=content
        )
        return commit(salt, kind, content)

    @property
    def fields(self) -> Mapping[str, str | int]:
        """What the entry will say."""
        return self._fields

    def pending(self, identities_digest: str) -> Pending:
        """Return what T still has to take."""
        return Pending(
            op=self.op,
            kind=self.kind,
            actor=self.actor,
            day=self.day,
            time=self.time,
            fields=self._fields,
            objects=self._objects,
            identities_digest=identities_digest,
            salt=new_salt(),
            changes=self.testimony.changes,
        )

    @property
    def identity_changes(self) -> Sequence[RowChange]:
        """The rows for identities.db, openings of the entry included."""
        return self._identities.changes


def commit_change(
    change: Change,
    testimony: Store,
    identities: Store | None,
    *,
    vault: VaultId,
    signer: tuple[MemberId, SigningKey],
) -> int:
    """Write both stores in the safe order, in one turn; returns the number of the custody entry.

    Raises `VaultClosedError`, `ChangedMeanwhileError`, `ErasedError` or `DiskRefusedError` with
    nothing written in either store, and `HalfDoneError` where the disk refused T's commit after
    that of I: the outbox keeps the rest, which the next change or the next unlock completes.
    """
    with testimony.turns:
        if identities is not None:
            # What a refused disk left half done comes first: this change may build on its rows.
            recover(testimony, identities, vault=vault, signer=signer)
        return _commit_in_turn(change, testimony, identities, vault, signer)


def _commit_in_turn(
    change: Change,
    testimony: Store,
    identities: Store | None,
    vault: VaultId,
    signer: tuple[MemberId, SigningKey],
) -> int:
    refuse_erased(testimony, change.kind, change.fields)
    is_half_done = False
    try:
        testimony.begin()
        digest = ""
        if identities is not None:
            identities.begin()
            digest = write_rows(identities, change.op, new_salt(), change.identity_changes)
        pending = change.pending(digest)
        n = write_testimony(testimony, pending, vault, signer)
        if identities is not None:
            _put_in_outbox(identities, pending)
            identities.commit()
            is_half_done = True
        testimony.commit()
    except BaseException as error:  # noqa: BLE001  # both stores roll back, whatever it was
        testimony.roll_back()
        if identities is not None:
            identities.roll_back()
        if is_half_done and isinstance(error, sqlcipher3.DatabaseError):
            raise HalfDoneError from None
        explain(error)
    if identities is not None:
        try:
            _clear_outbox(identities, change.op, n, testimony)
        except sqlcipher3.DatabaseError:
            identities.roll_back()  # both stores have the change; the next one clears the row
    return n


def explain(error: BaseException) -> NoReturn:
    """Raise what an error inside a transaction means to a person, or the error itself."""
    if isinstance(error, sqlcipher3.IntegrityError):
        raise ChangedMeanwhileError from None
    if isinstance(error, sqlcipher3.DatabaseError):
        name = str(getattr(error, "sqlite_errorname", ""))
        raise (DiskRefusedError if name.startswith(_DISK_ERRORS) else StoreDamagedError) from None
    raise error


def _put_in_outbox(identities: Store, pending: Pending) -> None:
    seq = int(identities.value("SELECT coalesce(max(seq), 0) FROM outbox") or 0) + 1
    values: Row = {
        "op": pending.op,
        "seq": seq,
        "changes": msgspec.msgpack.encode(pending),
        "state": "due",
    }
    identities.write(insert_sql("outbox", values), list(values.values()))


def _clear_outbox(identities: Store, op: str, n: int, testimony: Store) -> None:
    identities.begin()
    identities.write(delete_sql("outbox", ["op"]), [op])
    set_head(identities, n, testimony.fact("head"))
    identities.commit()


def recover(
    testimony: Store,
    identities: Store,
    *,
    vault: VaultId,
    signer: tuple[MemberId, SigningKey],
) -> int:
    """Finish what a crash or a disk left undone between the stores; returns how many were applied.

    An operation that T has already is dropped from the outbox; one whose rows no longer fit stays
    there as a conflict for a person, and everything in it is kept.
    """
    applied = 0
    due = "SELECT op, changes FROM outbox WHERE state='due' ORDER BY seq"
    with testimony.turns:
        for row in identities.rows(due):
            op = str(row["op"])
            content = bytes_of(row["changes"])
            if testimony.row("SELECT op FROM op_done WHERE op=?", op) is not None:
                _drop_from_outbox(identities, op)
            else:
                applied += _apply(op, content, testimony, identities, vault=vault, signer=signer)
    return applied


def _apply(
    op: str,
    content: bytes,
    testimony: Store,
    identities: Store,
    *,
    vault: VaultId,
    signer: tuple[MemberId, SigningKey],
) -> bool:
    """Apply one outbox row to T, or mark it as a conflict; tell which."""
    try:
        pending = _decoded(content)
        if pending.actor != signer[0]:
            pending = msgspec.structs.replace(
                pending, fields={**pending.fields, "recovered_by": signer[0]}
            )
        testimony.begin()
        n = write_testimony(testimony, pending, vault, signer)
        testimony.commit()
    except (
        ChangedMeanwhileError,
        NotForTestimonyError,
        msgspec.MsgspecError,
        sqlcipher3.IntegrityError,
    ):
        testimony.roll_back()
        identities.begin()
        identities.write(update_sql("outbox", ["state"], ["op"]), ["conflict", op])
        identities.commit()
        return False
    except BaseException as error:  # noqa: BLE001  # T rolls back, whatever it was
        testimony.roll_back()
        explain(error)
    _clear_outbox(identities, op, n, testimony)
    return True


def _decoded(content: bytes) -> Pending:
    """Read an outbox row (`NotForTestimonyError`, `msgspec.MsgspecError`)."""
    pending = msgspec.msgpack.decode(content, type=Pending)
    for change in pending.changes:
        for values in (change.values, change.key, change.expect):
            if any(type(value) not in _STORED for value in values.values()):
                raise NotForTestimonyError
    return pending


def _drop_from_outbox(identities: Store, op: str) -> None:
    """Remove an outbox row that T has already.

    The head that identities.db knows stays as it was: an old copy put back can hold such a row
    too, and must not come to look as new as the chain.
    """
    identities.begin()
    identities.write(delete_sql("outbox", ["op"]), [op])
    identities.commit()


def write_testimony(
    testimony: Store, pending: Pending, vault: VaultId, signer: tuple[MemberId, SigningKey]
) -> int:
    """Write rows, operation and signed entry into T's open transaction; return the entry's number.

    Raises `NotForTestimonyError`, `ChangedMeanwhileError`, and what SQLCipher raises.
    """
    for change in pending.changes:
        if change.verb != "forget":  # it writes no values, into a table of bookkeeping
            recheck_stored(change.table, change.values)
    digest = write_rows(testimony, pending.op, pending.salt, pending.changes)
    n = int(testimony.fact("head_n") or 0) + 1
    entry = make_entry(
        Intent(
            kind=pending.kind,
            op=OperationId(pending.op),
            actor=MemberId(pending.actor),
            day=pending.day,
            time=pending.time,
            fields=checked_fields(pending.fields),
            objects=tuple(pending.objects),
            identities_digest=pending.identities_digest,
        ),
        vault=vault,
        n=n,
        previous=testimony.fact("head") or FIRST_PREVIOUS,
        testimony_digest=digest,
        signer=signer,
    )
    values: Row = {
        "n": n,
        "bytes": entry.content,
        "sig": entry.signature,
        "sha": entry.sha,
        "member": entry.member,
    }
    testimony.write(insert_sql("custody", values), list(values.values()))
    set_head(testimony, n, entry.sha.hex())
    return n


def set_head(store: Store, n: int, head: str) -> None:
    """Write the custody counter and head into the table `store`, inside a transaction."""
    for key, value in (("head_n", str(n)), ("head", head)):
        store.write("INSERT OR REPLACE INTO store(key, value) VALUES(?, ?)", [key, value])
