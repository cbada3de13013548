"""Members' notices: signed bytes that say who was removed, and vaults that obey them.

A notice names the vault, the member, both of their public keys, the epoch and the last custody
entry that counts. Whoever obeys it seals nothing to that key any more and admits nobody with it.

Whose notices count: those of a custodian in this vault's own key record, and those of a key that
the custodian at the keyboard typed as they heard it from its owner. A key inside the file alone
proves nothing: anybody can sign one with a key of their own.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from crypto.errors import CryptoError
from crypto.recipients import parse_recipient
from crypto.signing import VerifyKey
from intake.errors import (
    NotForTestimonyError,
    NoticeAboutYouError,
    NoticeDamagedError,
    NoticeSignerUnknownError,
    RemovedMemberError,
)
from intake.vault.domains import AGE_RECIPIENT, COUNT, DAY, DIGEST, ID
from intake.vault.ids import new_id
from intake.vault.store import bytes_of
from intake.vault.vouching import vouched

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crypto.keywrap import Recipient
    from intake.vault.change import Change
    from intake.vault.members import RosterRow
    from intake.vault.vault import Vault

CONTEXT: Final = "intake/members-notice/v1"
LARGEST: Final = 1 << 16
"""Bytes of a notice file. One is about 6 kB."""
_VERSION: Final = 1


class Notice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a members' notice says. All of it is public."""

    age_recipient: str
    day: str
    epoch: int
    id: str
    kind: str
    member: str
    sign_key: str
    signer: str
    signer_key: str
    type: str
    until_n: int
    v: int
    vault: str


class _SignedNotice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    notice: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class ReadNotice:
    """A notice as it stands in a file, its signature checked against the key that it names."""

    notice: Notice
    content: bytes
    signature: bytes


def insert_own(vault: Vault, change: Change, row: RosterRow, *, epoch: int, until_n: int) -> None:
    """Sign a notice about a member who is being removed, as a row of the same change."""
    member, key = vault.signer
    notice = Notice(
        age_recipient=row.age_recipient,
        day=dt.datetime.now(dt.UTC).date().isoformat(),
        epoch=epoch,
        id=new_id(),
        kind="removal",
        member=row.id,
        sign_key=row.sign_key,
        signer=member,
        signer_key=key.verify_key().to_hex(),
        type=CONTEXT,
        until_n=until_n,
        v=_VERSION,
        vault=vault.id,
    )
    content = msgspec.json.encode(notice, order="sorted")
    _insert(change, ReadNotice(notice, content, key.sign(CONTEXT, content)), obeyed_day=None)


def notice_file(vault: Vault, member: str) -> bytes | None:
    """Return the file of the notice that this vault made about a member, or None."""
    for found in _stored(vault):
        if (found.notice.member, found.notice.vault) == (member, vault.id):
            signed = _SignedNotice(found.content, found.signature)
            return msgspec.json.format(msgspec.json.encode(signed), indent=1) + b"\n"
    return None


def read_notice(content: bytes) -> ReadNotice:
    """Read a notice file, and check its signature against the key that it names.

    Raises `NoticeDamagedError`. A good signature does not say whether the signer counts: `obey`
    does. Reads no more than `LARGEST` bytes.
    """
    try:
        if len(content) > LARGEST:
            raise NoticeDamagedError
        signed = msgspec.json.decode(content, type=_SignedNotice)
        notice = _checked(msgspec.json.decode(signed.notice, type=Notice))
        if msgspec.json.encode(notice, order="sorted") != signed.notice:
            raise NoticeDamagedError
        parse_recipient(notice.age_recipient)
        VerifyKey.from_hex(notice.sign_key)
        signer = VerifyKey.from_hex(notice.signer_key)
        signer.verify(CONTEXT, signed.notice, signed.signature)
    except (CryptoError, NotForTestimonyError, msgspec.MsgspecError, ValueError, RecursionError):
        raise NoticeDamagedError from None
    return ReadNotice(notice, signed.notice, signed.signature)


def _checked(notice: Notice) -> Notice:
    for check, value in (
        (AGE_RECIPIENT, notice.age_recipient),
        (DAY, notice.day),
        (COUNT, notice.epoch),
        (ID, notice.id),
        (ID, notice.member),
        (DIGEST, notice.sign_key),
        (ID, notice.signer),
        (DIGEST, notice.signer_key),
        (COUNT, notice.until_n),
        (ID, notice.vault),
    ):
        check(value)
    if (notice.type, notice.kind, notice.v) != (CONTEXT, "removal", _VERSION):
        raise NoticeDamagedError
    return notice


def obey(vault: Vault, content: bytes, *, heard_key: str = "") -> Notice:
    """Enter a notice, from which moment nothing is sealed to that key; the same one once only.

    `heard_key` is the signer's public key in hex, as a person heard it from them. Needs a cleared
    custodian. Raises `NotYourRoleError`, `NotClearedError`, `NoticeDamagedError`,
    `NoticeSignerUnknownError`, `NoticeAboutYouError`.
    """
    vault.require_open()
    vault.require_role("custodian")
    vault.require_cleared()
    found = read_notice(content)
    known = {row.sign_key for row in vault.record.people() if "custodian" in row.roles.split(",")}
    if found.notice.signer_key not in known | {_as_typed(heard_key)}:
        raise NoticeSignerUnknownError
    if _names(found.notice, vault.record.member(vault.member)):
        raise NoticeAboutYouError
    with vault.alone():
        if any(stored.content == found.content for stored in _stored(vault)):
            return found.notice
        with vault.change("notice.obeyed", member=found.notice.member) as change:
            _insert(change, found, obeyed_day=change.day)
    return found.notice


def _as_typed(heard: str) -> str:
    """Take a key as a person types it: blanks and colons between the digits, any case."""
    return heard.replace(" ", "").replace(":", "").lower()


def _insert(change: Change, found: ReadNotice, *, obeyed_day: str | None) -> None:
    change.testimony.insert(
        "notice",
        id=found.notice.id,
        kind=found.notice.kind,
        bytes=found.content,
        sig=found.signature,
        signer=found.notice.signer,
        obeyed_day=obeyed_day,
    )


def _stored(vault: Vault) -> Iterator[ReadNotice]:
    """Yield the notices that a custodian entered; a row that somebody else wrote stops nobody."""
    if vault.testimony.row("SELECT id FROM notice") is None:
        return
    for each in vouched(vault.testimony, vault.record, vault.id, "notice"):
        row = each.row
        if row["kind"] != "removal" or "custodian" not in each.signer.roles.split(","):
            continue
        content = bytes_of(row["bytes"])
        try:
            notice = msgspec.json.decode(content, type=Notice)
        except (msgspec.MsgspecError, RecursionError):
            continue  # not as this version writes it: verify holds the row to its seal
        yield ReadNotice(notice, content, bytes_of(row["sig"]))


def refuse_removed(vault: Vault, rows: Iterable[RosterRow]) -> None:
    """Raise `RemovedMemberError` if a notice names a key of one of these rows."""
    gone = [found.notice for found in _stored(vault)]
    if any(_names(notice, row) for notice in gone for row in rows):
        raise RemovedMemberError


def recipient_of(vault: Vault, row: RosterRow) -> Recipient:
    """Return whom to seal to, for a person of whom no notice says that they left.

    Every seal to somebody's own key goes through here or `refuse_removed`. Raises
    `RemovedMemberError`.
    """
    refuse_removed(vault, [row])
    return parse_recipient(row.age_recipient)


def _names(notice: Notice, row: RosterRow) -> bool:
    return notice.age_recipient == row.age_recipient or notice.sign_key == row.sign_key
