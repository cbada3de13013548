"""Giving a member new keys, by the recovery keys, when their passphrase or key file is lost.

The member gets a new id with the same roles and clearance; the old id becomes a former one, whose
entries count until now. Files come first and count for nothing; the key record, signed by the
recovery keys, is the commit point; the member's own first entry in custody says what was done. A
crash after the record leaves that entry to their next unlock (`complete_recovered`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import msgspec

from crypto.hybrid import HybridIdentity
from crypto.signing import SigningKey
from intake.errors import StoreDamagedError, UnknownMemberError
from intake.vault.creating import insert_member
from intake.vault.ids import MemberId, new_id
from intake.vault.members import (
    FormerRow,
    KeyRecord,
    MemberKeys,
    RosterRow,
    open_store_key,
    write_key_record,
    write_member_file,
    write_store_key,
)
from intake.vault.store import ROLES
from intake.vault.vault import Opened, Vault

if TYPE_CHECKING:
    from crypto.secrets import Passphrase

KIND: Final = "member.recovered"


def recover_member(opened: Opened, lost: MemberId, passphrase: Passphrase, *, log_n: int) -> Vault:
    """Give a member new keys under a new passphrase; return the vault, opened as that member.

    `opened` was opened by the recovery keys and is closed with the vault; where this raises, its
    caller closes it. Nobody else has the vault open. Takes one scrypt. Raises `UnknownMemberError`,
    `StoreDamagedError`, `KeyRecordError`.
    """
    row = _row_of(opened.record, lost)
    if opened.identities is None:
        raise StoreDamagedError
    keys = MemberKeys(
        member=MemberId(new_id()),
        identity=HybridIdentity.generate(),
        signing=SigningKey.generate(),
        custodian=opened.keys.signing.verify_key(),
        recovered_from=lost,
        since=opened.record.epoch + 1,
    )
    new_row = _roles_of(opened.record, row, keys)
    for store in ROLES if new_row.cleared else ("testimony",):
        key = open_store_key(opened.folder, opened.vault, opened.keys, store, opened.record)
        if key is None:
            raise StoreDamagedError
        write_store_key(opened.folder, opened.vault, new_row, store, key)
    write_member_file(opened.folder, opened.vault, keys, passphrase, log_n=log_n)
    record = _next_record(opened, row, new_row)
    write_key_record(opened.folder, record, opened.keys)
    as_member = replace(opened, keys=keys, record=record)
    if not new_row.cleared:
        opened.identities.close()
        as_member = replace(as_member, identities=None)
    vault = Vault(as_member)
    complete_recovered(vault)
    return vault


def _row_of(record: KeyRecord, member: MemberId) -> RosterRow:
    for row in record.people():
        if row.id == member:
            return row
    raise UnknownMemberError


def _roles_of(record: KeyRecord, row: RosterRow, keys: MemberKeys) -> RosterRow:
    """Return the new row: as before, and a cleared custodian where no other one is left."""
    others = (other for other in record.people() if other.id != row.id)
    if any(other.cleared and "custodian" in other.roles.split(",") for other in others):
        return keys.roster_row(row.roles, cleared=row.cleared)
    roles = dict.fromkeys([*row.roles.split(","), "custodian"])
    return keys.roster_row(",".join(roles), cleared=True)


def _next_record(opened: Opened, row: RosterRow, new_row: RosterRow) -> KeyRecord:
    head_n, known_n = int(opened.testimony.fact("head_n") or 0), opened.record.head_n
    waiting = 0
    if opened.identities is not None:  # changes of the old id that the next unlock completes
        waiting = int(opened.identities.value("SELECT count(*) FROM outbox") or 0)
    people = [new_row if each.id == row.id else each for each in opened.record.members]
    return msgspec.structs.replace(
        opened.record,
        epoch=opened.record.epoch + 1,
        members=people,
        former=[*opened.record.former, FormerRow(row, head_n + waiting)],
        head_n=max(head_n, known_n),
        head=opened.record.head if known_n > head_n else opened.testimony.fact("head"),
    )


def complete_recovered(vault: Vault) -> None:
    """Remove the old key files, then enter one's own recovery, where custody lacks it yet.

    Run at the recovered member's unlock, and at the end of the recovery itself.
    """
    old = vault.keys.recovered_from
    if not old:
        return
    sql = "SELECT id FROM member WHERE id IN (?, ?)"
    known = {str(row["id"]) for row in vault.testimony.rows(sql, old, vault.member)}
    if known == {vault.member}:
        return  # old files that lie there again were put back: verify names them
    lost = MemberId(old)
    for path in (
        vault.folder.member_file(lost),
        *(vault.folder.key_file(lost, store) for store in ROLES),
    ):
        path.unlink(missing_ok=True)
    row = vault.record.member(vault.member)
    with vault.change(
        KIND, member=row.id, was=old, roles=row.roles, epoch=vault.record.epoch
    ) as change:
        if vault.member not in known:
            insert_member(change, row)
        if old in known:
            change.testimony.delete("member", {"id": old})
