"""Whether a custodian of the key record is one by the word of identities.db, for recovery by card.

Nothing in a vault was signed by an organisation, so its recovery takes the first key record that is
sealed to it at its word. Whoever knows the public half can write such a record; only cleared
members can write identities.db. That store holds the hash of the chain as it was at their last
change: entries up to there are as they were made, and with them the rows of members that they
sealed. Who signed that first record must stand there as a custodian.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

import msgspec

from intake.vault.chain import FIRST_PREVIOUS
from intake.vault.seals import row_leaf, rows_digest
from intake.vault.store import bytes_of

if TYPE_CHECKING:
    from intake.vault.members import KeyRecord, RosterRow
    from intake.vault.store import Row, Store

_BORN: Final = "vault.created"
_RECOVERED: Final = "member.recovered"


class _Entry(msgspec.Struct, frozen=True):
    actor: str
    fields: dict[str, Any]
    op: str
    previous: str
    testimony: str
    type: str


def is_entered(testimony: Store, identities: Store, record: KeyRecord, sign_key: str) -> bool:
    """Tell whether the member of this key (hex) came to be a cleared custodian as custody says.

    Raises `StoreDamagedError` on a bad page.
    """
    entries = _entries(testimony, identities)
    members = record.ever()
    wanted = next((row for row in members.values() if row.sign_key == sign_key), None)
    seen: set[str] = set()
    while wanted is not None and wanted.id not in seen:
        seen.add(wanted.id)
        entry = _sealed_by(testimony, entries, wanted)
        if entry is None or not wanted.cleared or "custodian" not in wanted.roles.split(","):
            return False
        if entry.type == _BORN:
            return True
        by = entry.fields.get("was") if entry.type == _RECOVERED else entry.actor
        wanted = members.get(str(by))
    return False


def _entries(testimony: Store, identities: Store) -> dict[str, _Entry]:
    """Return the entries that identities.db vouches for, by operation; none if they do not fit."""
    n, head = int(identities.fact("head_n") or 0), identities.fact("head")
    found: dict[str, _Entry] = {}
    previous = FIRST_PREVIOUS
    for row in testimony.rows("SELECT bytes FROM custody WHERE n<=? ORDER BY n", n):
        raw = bytes_of(row["bytes"])
        try:
            entry = msgspec.json.decode(raw, type=_Entry)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return {}
        if entry.previous != previous:
            return {}
        previous = hashlib.sha256(raw).hexdigest()
        found.setdefault(entry.op, entry)
    return found if previous == head else {}


def _sealed_by(testimony: Store, entries: dict[str, _Entry], row: RosterRow) -> _Entry | None:
    """Return the entry that first sealed a member, if it sealed this very row."""
    seals = testimony.rows(
        "SELECT op, leaf FROM row_seal WHERE tbl='member' AND row=? ORDER BY seq", row.id
    )
    for seal in seals:
        entry = entries.get(str(seal["op"]))
        salt = testimony.value("SELECT salt FROM op_done WHERE op=?", seal["op"])
        if entry is None or not isinstance(salt, bytes):
            continue
        leaves = testimony.rows("SELECT leaf FROM row_seal WHERE op=? ORDER BY seq", seal["op"])
        if rows_digest(salt, [bytes_of(each["leaf"]) for each in leaves]) != entry.testimony:
            continue
        content: Row = {
            "id": row.id,
            "roles": row.roles,
            "cleared": int(row.cleared),
            "age_recipient": row.age_recipient,
            "sign_key": row.sign_key,
        }
        is_this = seal["leaf"] == row_leaf(salt, "member", row.id, content)
        return entry if is_this else None
    return None
