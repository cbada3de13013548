"""Written lines were read back to the witness: what stands for hearing where there is no sound.

Text that nobody heard cannot be released. Nobody can hear a line that was typed while the witness
spoke; what shows that it says what they said is that somebody read it back to them and they agreed.
So a line of a sitting of writing is confirmed by reading back, and never as heard. The text of a
sealed written statement has its original, which a person compares: that one is confirmed as usual.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from intake.errors import NotSeparatedYetError, ReadBackError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.transcript.segments import SegmentRow
    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault

_TYPED: Final = (
    "SELECT id FROM media WHERE role='written' AND parent IS NULL"
    " AND id IN (SELECT value FROM json_each(?))"
)


def only_readable(vault: Vault, segments: Sequence[SegmentRow]) -> list[SegmentRow]:
    """Return those of the segments that were typed while the witness spoke, in their order."""
    wanted = msgspec.json.encode(sorted({segment.media for segment in segments})).decode()
    typed = {row["id"] for row in vault.testimony.rows(_TYPED, wanted)}
    return [segment for segment in segments if segment.media in typed]


def require_audible(vault: Vault, segments: Sequence[SegmentRow]) -> None:
    """Raise `ReadBackError` where one of the segments has nothing that could be heard."""
    if only_readable(vault, segments):
        raise ReadBackError


def confirm_read_back(
    vault: Vault, interview: InterviewId, segments: Sequence[SegmentRow], *, decided: str = "person"
) -> int:
    """Record that these lines were read back to the witness, who agreed that they say it.

    Needs a cleared interviewer. Only lines that were typed, and only separated ones
    (`NotSeparatedYetError` changes none); others are left as they are. Returns how many are
    confirmed now. A correction afterwards takes the confirmation of that line away, as elsewhere.
    """
    vault.require_role("interviewer")
    vault.require_cleared()
    typed = only_readable(vault, segments)
    if any(segment.rev == 0 or segment.status != "separated" for segment in typed):
        raise NotSeparatedYetError
    due = [segment for segment in typed if not segment.is_heard]
    if not due:
        return 0
    with vault.change(
        "transcript.read_back", interview=interview, count=len(due), decided=decided
    ) as change:
        for segment in due:
            change.testimony.update(
                "segment",
                {"id": segment.id},
                {"rev": segment.rev, "retired": 0},
                heard_rev=segment.rev,
                heard_by=vault.member,
            )
    return len(due)
