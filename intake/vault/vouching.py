"""Rows of testimony.db that a cleared member vouches for: asked before a program acts on them.

Every member holds the key of testimony.db and can write any row there, so a row alone says nothing.
What destroys files, is sealed to nobody any more, or is signed by who happens to unlock, goes only
by rows of which the last seal belongs to an entry that a cleared member of the key record signed.
Verify finds the same and more (the whole chain); this is cheap enough for an unlock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from crypto.errors import CryptoError
from crypto.signing import VerifyKey
from intake.vault.chain import CONTEXT
from intake.vault.seals import row_leaf, row_name, rows_digest
from intake.vault.store import Row, Store, bytes_of, select_sql

if TYPE_CHECKING:
    from collections.abc import Collection

    from intake.vault.domains import Value
    from intake.vault.members import KeyRecord, RosterRow

_SEALS: Final = "SELECT op, row, leaf FROM row_seal WHERE tbl=? ORDER BY seq"
_OF_OPERATIONS: Final = (
    "SELECT op, leaf FROM row_seal WHERE op IN (SELECT value FROM json_each(?)) ORDER BY seq"
)
_OF_EPOCHS: Final = "SELECT bytes, sig, member FROM custody WHERE instr(bytes, ?)>0"
_OF_KINDS: Final = (
    "SELECT n, bytes, sig, member FROM custody WHERE EXISTS"
    " (SELECT 1 FROM json_each(?) AS kind WHERE instr(bytes, CAST(kind.value AS BLOB)))"
    " ORDER BY n"
)
_SALTS: Final = "SELECT op, salt FROM op_done WHERE op IN (SELECT value FROM json_each(?))"


class _Content(msgspec.Struct, frozen=True):
    """What of an entry says what it vouches for."""

    op: str
    type: str
    testimony: str
    vault: str


class _Act(msgspec.Struct, frozen=True):
    type: str
    vault: str
    fields: dict[str, str | int]


class _Fields(msgspec.Struct, frozen=True):
    epoch: int


class _OfEpoch(msgspec.Struct, frozen=True):
    fields: _Fields


@dataclass(frozen=True, slots=True)
class Vouched:
    """A row as it stands, the kind of the entry that vouches for it, and who signed that."""

    row: Row
    kind: str
    signer: RosterRow


def vouched(store: Store, record: KeyRecord, vault: str, table: str) -> list[Vouched]:
    """Return the rows of a table of testimony.db for which a cleared member vouches.

    A row that somebody wrote, changed or put back by hand is left out. Raises `StoreDamagedError`
    on a bad page. Reads the custody chain once, and checks a signature for each entry in question.
    """
    last = {str(seal["row"]): seal for seal in store.rows(_SEALS, table)}
    operations = sorted({str(seal["op"]) for seal in last.values()})
    listed = msgspec.json.encode(operations).decode()
    salts = {str(row["op"]): bytes_of(row["salt"]) for row in store.rows(_SALTS, listed)}
    leaves: dict[str, list[bytes]] = {}
    for seal in store.rows(_OF_OPERATIONS, listed):
        leaves.setdefault(str(seal["op"]), []).append(bytes_of(seal["leaf"]))
    digests = {op: rows_digest(salt, leaves.get(op, [])) for op, salt in salts.items()}
    signed = _signed(store, record, vault, digests)
    found, keys = [], store.key_columns(table)
    for row in store.rows(f"{select_sql(table)} ORDER BY rowid"):
        name = row_name([row[key] for key in keys])
        seal = last.get(name, {"op": "", "leaf": b""})
        op = str(seal["op"])
        if op in signed and row_leaf(salts[op], table, name, row) == seal["leaf"]:
            found.append(Vouched(row, *signed[op]))
    return found


def acts(
    store: Store, record: KeyRecord, vault: str, kinds: Collection[str]
) -> list[tuple[str, dict[str, str | int]]]:
    """Return kind and fields of the entries of these kinds that a cleared member signed.

    What an entry says outlives the rows that it made: also what was erased since was dealt with.
    """
    members, until, found = record.ever(), record.until(), []
    wanted = msgspec.json.encode([f'"type":"{kind}"' for kind in kinds]).decode()
    for row in store.rows(_OF_KINDS, wanted):
        raw, signer = bytes_of(row["bytes"]), members.get(str(row["member"]))
        try:
            content = msgspec.json.decode(raw, type=_Act)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            continue  # verify names it
        n = int(row["n"] or 0)
        if signer is None or content.vault != vault or n > until.get(signer.id, n):
            continue
        if content.type in kinds and _is_by(signer, raw, row["sig"]):
            found.append((content.type, content.fields))
    return found


def newest_epoch(store: Store, record: KeyRecord) -> int:
    """Return the highest epoch of which an entry speaks that a cleared member signed."""
    members = record.ever()
    newest = record.epoch
    for row in store.rows(_OF_EPOCHS, b'"epoch":'):
        raw, signer = bytes_of(row["bytes"]), members.get(str(row["member"]))
        try:
            epoch = msgspec.json.decode(raw, type=_OfEpoch).fields.epoch
        except (msgspec.MsgspecError, ValueError, RecursionError):
            continue  # verify names it
        if signer is not None and epoch > newest and _is_by(signer, raw, row["sig"]):
            newest = epoch
    return newest


def _is_by(signer: RosterRow, raw: bytes, signature: Value) -> bool:
    """Tell whether a cleared member signed these bytes of an entry."""
    try:
        key = VerifyKey.from_hex(signer.sign_key)
        key.verify(CONTEXT, raw, bytes_of(signature))
    except CryptoError:
        return False
    return signer.cleared


def _signed(
    store: Store, record: KeyRecord, vault: str, digests: dict[str, str]
) -> dict[str, tuple[str, RosterRow]]:
    """Return the operations whose seals a cleared member signed: kind of entry, and signer."""
    members, until = record.ever(), record.until()
    found: dict[str, tuple[str, RosterRow]] = {}
    for row in store.rows("SELECT n, bytes, sig, member FROM custody ORDER BY n"):
        raw = bytes_of(row["bytes"])
        try:
            content = msgspec.json.decode(raw, type=_Content)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            continue  # verify names it
        signer = members.get(str(row["member"]))
        if (
            content.op in found
            or signer is None
            or int(row["n"] or 0) > until.get(signer.id, int(row["n"] or 0))
            or (content.testimony, content.vault) != (digests.get(content.op), vault)
        ):
            continue
        if _is_by(signer, raw, row["sig"]):
            found[content.op] = content.type, signer
    return found
