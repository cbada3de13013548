"""What was taken back, as lists of an account show it: a number in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from intake.vault.ids import InterviewId, SegmentId
    from intake.vault.vault import Vault


def gaps_shown(
    vault: Vault, interview: InterviewId
) -> dict[SegmentId | None, list[tuple[dict[str, Any], str]]]:
    """Return the gaps as rows for `show_rows`, by the segment that they stand before."""
    from intake.capture.taking_back import list_taken_back  # noqa: PLC0415  # as in `unlocked`

    found: dict[SegmentId | None, list[tuple[dict[str, Any], str]]] = {}
    for gap in list_taken_back(vault, interview):
        row = ({"taken_back": gap.number}, f"      [taken back {gap.number}]")
        found.setdefault(gap.before, []).append(row)
    return found
