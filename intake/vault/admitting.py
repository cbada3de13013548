"""Admitting a member: their keys under their own passphrase, the store keys sealed to them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crypto.hybrid import HybridIdentity
from crypto.signing import SigningKey
from intake.errors import StoreDamagedError
from intake.vault.creating import insert_member
from intake.vault.ids import MemberId, new_id
from intake.vault.members import (
    MemberKeys,
    RosterRow,
    open_store_key,
    write_member_file,
    write_store_key,
)
from intake.vault.notices import refuse_removed

if TYPE_CHECKING:
    from crypto.secrets import Passphrase
    from intake.vault.vault import Vault


def admit_member(
    vault: Vault, passphrase: Passphrase, *, roles: str, cleared: bool, log_n: int
) -> MemberId:
    """Add a member; only a cleared custodian can. Returns the new member's id.

    Files come first and count for nothing until the key record of the next epoch names them; the
    record stands before its custody entry, and `complete_roster` writes that entry after a crash.
    Raises `NotYourRoleError`, `NotClearedError`, `VaultClosedError`, and `RemovedMemberError` while
    somebody is in the roster of whom a notice says that they left. Takes one scrypt, and another
    one for each key record that others write meanwhile.
    """
    vault.require_open()
    vault.require_role("custodian")
    vault.require_cleared()
    keys = MemberKeys(
        member=MemberId(new_id()),
        identity=HybridIdentity.generate(),
        signing=SigningKey.generate(),
        custodian=vault.keys.signing.verify_key(),
    )
    row = keys.roster_row(roles, cleared=cleared)
    refuse_removed(vault, [*vault.record.members, row])  # the key record is sealed to all of them
    is_named = False
    while not is_named:
        keys = replace(keys, since=vault.record.epoch + 1)
        write_member_file(vault.folder, vault.id, keys, passphrase, log_n=log_n)
        with vault.alone():  # two admitted at once would get one epoch; keys may be renewed
            if vault.record.epoch + 1 == keys.since:  # else another record came meanwhile
                _name(vault, row)
                is_named = True
    return keys.member


def _name(vault: Vault, row: RosterRow) -> None:
    """Seal the store keys to a new member, and name them in the key record of the next epoch."""
    for store in ("testimony", "identities") if row.cleared else ("testimony",):
        key = open_store_key(vault.folder, vault.id, vault.keys, store, vault.record)
        if key is None:
            raise StoreDamagedError
        write_store_key(vault.folder, vault.id, row, store, key)
    vault.sign_record(members=[*vault.record.members, row])
    _enter(vault, row)


def complete_roster(vault: Vault) -> None:
    """Enter members whom the signed key record names and testimony.db does not know yet.

    Run at a custodian's unlock: a crash can leave the record one step ahead of the store.
    """
    if "custodian" not in vault.roles:
        return
    # The seals too: a row taken away behind our back is for verify to name, not to mend.
    sql = "SELECT id FROM member UNION SELECT row FROM row_seal WHERE tbl='member'"
    known = {row["id"] for row in vault.testimony.rows(sql)}
    for row in vault.record.people():
        if row.id not in known:
            _enter(vault, row)


def _enter(vault: Vault, row: RosterRow) -> None:
    with vault.change(
        "member.added", member=row.id, roles=row.roles, epoch=vault.record.epoch
    ) as change:
        insert_member(change, row)
