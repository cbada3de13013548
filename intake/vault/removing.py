"""Removing a member: new keys for everybody else, and a signed notice for other vaults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.errors import RemoveYourselfError, UnknownMemberError
from intake.vault.change import recover
from intake.vault.members import FormerRow
from intake.vault.notices import insert_own
from intake.vault.rotating import rotate

if TYPE_CHECKING:
    from intake.vault.change import Change
    from intake.vault.ids import MemberId
    from intake.vault.vault import Vault


def remove_member(vault: Vault, member: MemberId) -> FormerRow:
    """Remove a member for good; cleared custodians only. Returns how the key record lists them now.

    Both stores, every slot and the recipients get new keys, so the member's key opens nothing that
    is written later; their key files go, and the sample of their voice. What they signed until now
    stays good. Their held text stays, and can be confirmed. Nobody removes themselves, so a cleared
    custodian always stays. What they could open before, and may have copied, stays what it is.

    Raises `NotYourRoleError`, `NotClearedError`, `RemoveYourselfError`, `UnknownMemberError`, and
    all that `rotate` raises.
    """
    vault.require_open()
    vault.require_role("custodian")
    vault.require_cleared()
    if member == vault.member:
        raise RemoveYourselfError
    with vault.alone():
        row = next((each for each in vault.record.people() if each.id == member), None)
        if row is None:
            raise UnknownMemberError
        # What a crash left of theirs is completed first: its entry still counts.
        recover(vault.testimony, vault.identities, vault=vault.id, signer=vault.signer)
        gone = FormerRow(row=row, until_n=int(vault.testimony.fact("head_n") or 0))

        def enter(change: Change) -> None:
            if vault.testimony.row("SELECT id FROM member WHERE id=?", member) is not None:
                change.testimony.delete("member", {"id": member})
            # What their voice is like was theirs to give; nobody else could take it away any more.
            if vault.identities.row("SELECT 1 FROM voice_sample WHERE member=?", member):
                change.identities.delete("voice_sample", {"member": member})
            epoch = vault.record.epoch + 1
            insert_own(vault, change, gone.row, epoch=epoch, until_n=gone.until_n)

        rotate(
            vault,
            members=[each for each in vault.record.members if each.id != member],
            former=[*vault.record.former, gone],
            kind="member.removed",
            fields={"member": member},
            enter=enter,
        )
    return gone
