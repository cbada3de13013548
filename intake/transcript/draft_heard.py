"""Drafts that somebody heard while they corrected them: verified as soon as names are separated.

Whoever hears a segment and corrects it should not have to hear it again because its names were
decided afterwards: separation changes no letter of a draft (the first law of separation). So the
hearing is kept beside the draft, and goes with it into the revision; a later edit drops it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.errors import NotSeparatedYetError
from intake.transcript.segments import open_draft
from intake.vault.ids import MemberId

if TYPE_CHECKING:
    from intake.vault.change import Change
    from intake.vault.ids import SegmentId
    from intake.vault.vault import Vault


def who_heard_draft(vault: Vault, segment: SegmentId) -> MemberId | None:
    """Return who said that they heard the draft that is open now, None where nobody did."""
    row = vault.identities.row(
        "SELECT draft_heard.member AS member FROM draft_heard JOIN draft"
        " ON draft.segment = draft_heard.segment AND draft.base_rev = draft_heard.base_rev"
        " WHERE draft.segment=?",
        segment,
    )
    return MemberId(str(row["member"])) if row else None


def note_heard(vault: Vault, change: Change, segment: SegmentId) -> None:
    """Keep that the member heard the open draft (`NotSeparatedYetError` where there is none)."""
    draft = open_draft(vault, segment)
    if draft is None:
        raise NotSeparatedYetError
    row = vault.identities.row("SELECT base_rev FROM draft_heard WHERE segment=?", segment)
    heard = {"base_rev": draft.base_rev, "member": vault.member}
    if row is None:
        change.identities.insert("draft_heard", segment=segment, **heard)
    else:
        change.identities.update("draft_heard", {"segment": segment}, dict(row), **heard)


def forget_heard(vault: Vault, change: Change, segment: SegmentId) -> None:
    """Drop the hearing of a draft: its words are others now, or the draft is no more."""
    row = vault.identities.row("SELECT base_rev FROM draft_heard WHERE segment=?", segment)
    if row is not None:
        change.identities.delete("draft_heard", {"segment": segment}, {"base_rev": row["base_rev"]})
