"""Two people, proved by two signatures: acts that no member may do alone.

Both sign the same canonical bytes (`intake/second/v1`): the act, what it is done to, both members,
the vault, the day, the number of the last custody entry, and the operation that it belongs to, so
that a signature serves one entry and nothing else. The second person types their own passphrase at
the same keyboard; their keys are opened for the signature and dropped. A label such as "second: ID"
counts for nothing: `problem_of` checks both signatures again whenever a vault is verified.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from crypto.errors import CryptoError
from crypto.signing import VerifyKey
from intake.errors import SamePersonError, SecondNotEntitledError, UnlockError
from intake.vault.ids import MemberId, OperationId
from intake.vault.members import open_member_file
from intake.vault.store import bytes_of
from intake.vault.unlocking_delay import guarded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crypto.secrets import Passphrase
    from intake.vault.change import Change
    from intake.vault.ids import VaultId
    from intake.vault.members import KeyRecord, MemberKeys, RosterRow
    from intake.vault.store import Row
    from intake.vault.vault import Vault

CONTEXT: Final = "intake/second/v1"


@dataclass(frozen=True, slots=True)
class Act:
    """What two people do: its kind of custody entry, and the field that names what it is done to.

    No field: it is done to the vault. `second` is who may be the second person; what the first may
    is the right to such an entry.
    """

    entry: str
    field: str
    second: Literal["cleared", "cleared or custodian"]


ACTS: Final[Mapping[str, Act]] = {
    "erase_interview": Act("erasure.begun", "interview", "cleared or custodian"),
    "erase_part": Act("erasure.begun", "media", "cleared or custodian"),
    "show_identities": Act("identities.granted", "interview", "cleared"),
    "two_people_on": Act("rule.set", "", "cleared or custodian"),
    "two_people_off": Act("rule.set", "", "cleared or custodian"),
}
"""Every act that two people sign, by its name in the signed bytes and in `grant_given`."""


@dataclass(frozen=True, slots=True)
class Countersigned:
    """An act with the signatures of both members. `n` = the last custody entry when they signed."""

    op: OperationId
    act: str
    subject: str
    first: MemberId
    second: MemberId
    n: int
    day: str
    first_sig: bytes = b""
    second_sig: bytes = b""

    def content(self, vault: VaultId) -> bytes:
        """Return the one form that both sign: JSON, keys sorted, no spaces, ASCII."""
        content = {
            "act": self.act,
            "day": self.day,
            "first": self.first,
            "n": self.n,
            "op": self.op,
            "second": self.second,
            "subject": self.subject,
            "type": CONTEXT,
            "vault": vault,
        }
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return text.encode("ascii")


def open_second(vault: Vault, member: MemberId, passphrase: Passphrase, act: str) -> MemberKeys:
    """Open the second person's key file for one signature; the caller drops what it returns.

    Takes one scrypt and no turn. Raises `SamePersonError` where it is the member at the keyboard,
    by id or by key, `SecondNotEntitledError`, `TooManyTriesError`, and `UnlockError` (one text for
    all causes).
    """
    vault.require_open()
    if member == vault.member:
        raise SamePersonError
    row, first = _member(vault.record, member), _member(vault.record, vault.member)
    if row is None or first is None or not _may_be_second(row, act):
        raise SecondNotEntitledError
    if _share_a_key(first, row):
        raise SamePersonError
    with guarded(vault.folder, member):
        keys = open_member_file(vault.folder, vault.id, member, passphrase)
    if keys.signing.verify_key().to_hex() != row.sign_key:
        raise UnlockError  # a key file that the signed roster does not know
    return keys


def countersign(
    vault: Vault, change: Change, act: str, subject: str, second: MemberKeys
) -> Countersigned:
    """Sign an act as the member at the keyboard and as the second person, and add it to `change`.

    What is signed is good for that change alone. Raises `SamePersonError`.
    """
    keys = vault.keys.signing.verify_key(), second.signing.verify_key()
    if second.member == vault.member or keys[0] == keys[1]:
        raise SamePersonError
    signed = Countersigned(
        op=change.op,
        act=act,
        subject=subject,
        first=vault.member,
        second=second.member,
        n=int(vault.testimony.fact("head_n") or 0),
        day=change.day,
    )
    content = signed.content(vault.id)
    change.note(second=second.member)
    change.testimony.insert(
        "grant_given",
        op=signed.op,
        act=act,
        subject=subject,
        first=signed.first,
        second=signed.second,
        n=signed.n,
        day=signed.day,
        first_sig=vault.keys.signing.sign(CONTEXT, content),
        second_sig=second.signing.sign(CONTEXT, content),
    )
    return signed


def from_row(row: Row) -> Countersigned:
    """Read a row of `grant_given` (`StoreDamagedError`)."""
    return Countersigned(
        op=OperationId(str(row["op"])),
        act=str(row["act"]),
        subject=str(row["subject"]),
        first=MemberId(str(row["first"])),
        second=MemberId(str(row["second"])),
        n=int(row["n"] or 0),
        day=str(row["day"]),
        first_sig=bytes_of(row["first_sig"]),
        second_sig=bytes_of(row["second_sig"]),
    )


def problem_of(record: KeyRecord, vault: VaultId, signed: Countersigned) -> str:
    """Say what is wrong with an act that two people are said to have signed; empty if nothing.

    Checks that both are members, that they are two, the right of the second, and both signatures.
    """
    first = _member(record, signed.first, signed.n)
    second = _member(record, signed.second, signed.n)
    if first is None or second is None:
        return "one of the two is no member"
    if first.id == second.id or _share_a_key(first, second):
        return "the two are one"
    if signed.act not in ACTS or not _may_be_second(second, signed.act):
        return "the second person may not sign this"
    content = signed.content(vault)
    for whose, row, signature in (
        ("first", first, signed.first_sig),
        ("second", second, signed.second_sig),
    ):
        try:
            VerifyKey.from_hex(row.sign_key).verify(CONTEXT, content, signature)
        except CryptoError:
            return f"the signature of the {whose} person is not good"
    return ""


def _may_be_second(row: RosterRow, act: str) -> bool:
    roles = set(row.roles.split(","))
    if "recovery" in roles:  # it signs key records and nothing else
        return False
    return row.cleared or ("custodian" in roles and ACTS[act].second != "cleared")


def _share_a_key(one: RosterRow, other: RosterRow) -> bool:
    return one.sign_key == other.sign_key or one.age_recipient == other.age_recipient


def _member(record: KeyRecord, member: MemberId, n: int | None = None) -> RosterRow | None:
    """Return a member's row; with `n`, also that of one who was removed after that entry."""
    for row in record.members:
        if row.id == member:
            return row
    for former in record.former:
        if former.row.id == member and n is not None and n < former.until_n:
            return former.row
    return None
