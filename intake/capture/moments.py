"""Moments of an interview: a mark, distress, the line lost and back, and whatever else has a time.

A moment is a kind and a time; no words. Times count in ms from the start of the part that it
belongs to, or from the interview's start where there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from intake.capture.interviews import find_by_id
from intake.errors import InterviewClosedError, WrongDetailError
from intake.vault.domains import MOMENTS
from intake.vault.ids import InterviewId, MediaId, new_id
from intake.vault.tombstones import require_interview_not_erased, require_not_erased

if TYPE_CHECKING:
    from intake.vault.change import Change
    from intake.vault.vault import Vault

__all__ = ["ALONE", "InterviewId", "MediaId", "Moment", "add_moment", "list_moments", "mark_moment"]

ALONE: Final = ("mark", "distress", "line_lost", "line_back", "spoken_no")
"""The kinds that say all by themselves; the others come with what they are the time of."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Something at a time: its kind, the part that it belongs to, ms from the start of that."""

    id: str
    interview: InterviewId
    media: MediaId | None
    at_ms: int
    kind: str


def add_moment(
    change: Change, interview: InterviewId, kind: str, *, media: str | None = None, at_ms: int = 0
) -> str:
    """Add a moment to a change; returns its id. `media` must have its row, here or before."""
    moment = new_id()
    change.testimony.insert(
        "moment", id=moment, interview=interview, media=media, at_ms=at_ms, kind=kind
    )
    return moment


def mark_moment(
    vault: Vault,
    interview: InterviewId,
    kind: str = "mark",
    *,
    media: MediaId | None = None,
    at_ms: int = 0,
) -> str:
    """Mark a moment by hand, such as while listening or writing; returns its id.

    Needs a cleared interviewer. Raises `WrongDetailError` for another kind than those of `ALONE`, a
    time below zero, or a part of another interview.
    """
    if kind not in ALONE:
        raise WrongDetailError
    with vault.alone():
        require_place(vault, interview, media, at_ms)
        with vault.change("moment.marked", interview=interview) as change:
            moment = add_moment(change, interview, kind, media=media, at_ms=at_ms)
    return moment


def require_place(vault: Vault, interview: InterviewId, media: MediaId | None, at_ms: int) -> None:
    """Pass, or raise: an open interview, one of its parts, a time that can be.

    Needs a cleared interviewer: `NotYourRoleError`, `NotClearedError`, `ErasedError`,
    `InterviewClosedError`, `WrongDetailError`.
    """
    vault.require_role("interviewer")
    vault.require_cleared()
    require_interview_not_erased(vault.testimony, interview)
    if find_by_id(vault, interview).state == "closed":
        raise InterviewClosedError
    if at_ms < 0:
        raise WrongDetailError
    if media is not None:
        require_not_erased(vault.testimony, media)
        if vault.testimony.value("SELECT interview FROM media WHERE id=?", media) != interview:
            raise WrongDetailError


def list_moments(vault: Vault, interview: InterviewId) -> list[Moment]:
    """Return the moments of an interview, part by part, each in the order of its times."""
    require_interview_not_erased(vault.testimony, interview)
    rows = vault.testimony.rows(
        "SELECT moment.* FROM moment LEFT JOIN media ON media.id = moment.media"
        " WHERE moment.interview=? ORDER BY media.rowid, moment.at_ms, moment.rowid",
        interview,
    )
    return [
        Moment(
            id=str(row["id"]),
            interview=interview,
            media=None if row["media"] is None else MediaId(str(row["media"])),
            at_ms=int(row["at_ms"] or 0),
            kind=str(row["kind"]),
        )
        for row in rows
        if row["kind"] in MOMENTS
    ]
