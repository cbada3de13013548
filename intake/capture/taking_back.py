"""Taking back: the witness strikes out a stretch, which leaves everything that is made of words.

The segments that the stretch touches count no more, so transcript, translation, statement and
what goes out have them no longer; a numbered gap remains. A segment that is touched goes whole:
who wants less to go splits it first. What is transcribed later and falls into it never counts.
Until the interview is closed a person can lift it, and the segments count again; afterwards it
stays. The sound of the stretch stays sealed in its part; erasing the part destroys it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from intake.capture.interviews import find_by_id
from intake.errors import NothingTakenBackError, TakenBackForGoodError, UnknownCodeError
from intake.vault.ids import InterviewId, MediaId, SegmentId, new_id
from intake.vault.tombstones import require_interview_not_erased, require_not_erased

if TYPE_CHECKING:
    from collections.abc import Iterable

    from intake.vault.store import Row
    from intake.vault.vault import Vault

__all__ = [
    "InterviewId",
    "MediaId",
    "SegmentId",
    "TakenBack",
    "is_taken_back",
    "lift",
    "list_taken_back",
    "stretch_of",
    "take_back",
    "touches",
]

_TOUCHED: Final = (
    "SELECT * FROM segment WHERE media=? AND start_ms < ? AND max(end_ms, start_ms + 1) > ?"
)
"""A line that was written down has no length: it is touched where it begins."""
_ITS_OWN: Final = " AND id NOT IN (SELECT parent FROM segment_parent)"
"""Not what was split or merged: that counts no more for another reason."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A stretch that the witness took back: its number in the interview, its part, its times.

    `before` is the first segment after it that counts, or None where it comes last: the place of
    the gap for a reader.
    """

    id: str
    number: int
    media: MediaId
    start_ms: int
    end_ms: int
    day: str
    before: SegmentId | None


def take_back(
    vault: Vault, interview: InterviewId, media: MediaId, start_ms: int, end_ms: int
) -> TakenBack:
    """Strike out a stretch of a part, in ms from its start; returns it with its number.

    Needs a cleared interviewer, also for an interview that is closed: a witness may take back at
    any time. Raises `NothingTakenBackError` for a stretch that cannot be, or was taken back as a
    whole before; `UnknownCodeError`, `ErasedError`, `NotYourRoleError`, `NotClearedError`.
    """
    vault.require_role("interviewer")
    vault.require_cleared()
    with vault.alone():
        require_interview_not_erased(vault.testimony, interview)
        find_by_id(vault, interview)
        require_not_erased(vault.testimony, media)
        _require_stretch(vault, interview, media, start_ms, end_ms)
        last = vault.testimony.value("SELECT max(num) FROM taken_back WHERE interview=?", interview)
        touched = vault.testimony.rows(_TOUCHED + " AND retired=0", media, end_ms, start_ms)
        stretch = new_id()
        with vault.change(
            "account.taken_back", interview=interview, media=media, count=len(touched)
        ) as change:
            change.testimony.insert(
                "taken_back",
                id=stretch,
                interview=interview,
                num=int(last or 0) + 1,
                media=media,
                start_ms=start_ms,
                end_ms=end_ms,
                day=change.day,
                state="taken_back",
            )
            for row in touched:
                change.testimony.update("segment", {"id": row["id"]}, {"retired": 0}, retired=1)
        return next(each for each in list_taken_back(vault, interview) if each.id == stretch)


def _require_stretch(
    vault: Vault, interview: InterviewId, media: MediaId, start_ms: int, end_ms: int
) -> None:
    row = vault.testimony.row("SELECT * FROM media WHERE id=?", media)
    if row is None or row["interview"] != interview:
        raise UnknownCodeError
    last = vault.testimony.value("SELECT max(end_ms) FROM segment WHERE media=?", media)
    length = None if row["duration_ms"] is None else max(int(row["duration_ms"]), int(last or 0))
    is_odd = not 0 <= start_ms < end_ms or (length is not None and start_ms > length)
    if is_odd or row["role"] not in ("working", "recorded", "written"):
        raise NothingTakenBackError
    for stands in _standing(vault, interview):
        if (
            stands["media"] == media
            and int(stands["start_ms"] or 0) <= start_ms
            and end_ms <= int(stands["end_ms"] or 0)
        ):
            raise NothingTakenBackError


def lift(vault: Vault, interview: InterviewId, number: int) -> int:
    """Let a stretch count again, as the witness wishes; returns how many segments do.

    Only until the interview is closed (`TakenBackForGoodError`). Its number is not given again.
    Raises `UnknownCodeError`, and what `take_back` raises.
    """
    vault.require_role("interviewer")
    vault.require_cleared()
    with vault.alone():
        require_interview_not_erased(vault.testimony, interview)
        if find_by_id(vault, interview).state == "closed":
            raise TakenBackForGoodError
        found = {int(row["num"] or 0): row for row in _standing(vault, interview)}
        row = found.pop(number, None)
        if row is None:
            raise UnknownCodeError
        media = MediaId(str(row["media"]))
        others = [each for each in found.values() if each["media"] == media]
        end_ms, start_ms = int(row["end_ms"] or 0), int(row["start_ms"] or 0)
        retired = vault.testimony.rows(
            _TOUCHED + " AND retired=1" + _ITS_OWN, media, end_ms, start_ms
        )
        again = [each for each in retired if not any(_is_in(each, other) for other in others)]
        with vault.change(
            "account.take_back_lifted", interview=interview, media=media, count=len(again)
        ) as change:
            change.testimony.update(
                "taken_back", {"id": row["id"]}, {"state": "taken_back"}, state="lifted"
            )
            for each in again:
                change.testimony.update("segment", {"id": each["id"]}, {"retired": 1}, retired=0)
    return len(again)


def _is_in(segment: Row, stretch: Row) -> bool:
    start_ms, end_ms = int(segment["start_ms"] or 0), int(segment["end_ms"] or 0)
    return start_ms < int(stretch["end_ms"] or 0) and max(end_ms, start_ms + 1) > int(
        stretch["start_ms"] or 0
    )


def _standing(vault: Vault, interview: InterviewId) -> list[Row]:
    return vault.testimony.rows(
        "SELECT * FROM taken_back WHERE interview=? AND state='taken_back' ORDER BY num", interview
    )


def list_taken_back(vault: Vault, interview: InterviewId) -> list[TakenBack]:
    """Return what is taken back, by number, each with its place. Any member; no words."""
    require_interview_not_erased(vault.testimony, interview)
    with vault.alone():
        stretches = _standing(vault, interview)
        segments = (
            vault.testimony.rows(
                "SELECT id, media, start_ms, ord FROM segment WHERE interview=? AND retired=0"
                " ORDER BY ord",
                interview,
            )
            if stretches
            else []
        )
        parts = (
            vault.testimony.rows("SELECT id FROM media WHERE interview=? ORDER BY rowid", interview)
            if stretches
            else []
        )
    order = {str(row["id"]): number for number, row in enumerate(parts)}
    return [
        TakenBack(
            id=str(row["id"]),
            number=int(row["num"] or 0),
            media=MediaId(str(row["media"])),
            start_ms=int(row["start_ms"] or 0),
            end_ms=int(row["end_ms"] or 0),
            day=str(row["day"]),
            before=_first_after(row, segments, order),
        )
        for row in stretches
    ]


def _first_after(stretch: Row, segments: list[Row], order: dict[str, int]) -> SegmentId | None:
    """Return the segment that a reader comes to next: of the same part, or of a later one."""
    place = order[str(stretch["media"])], int(stretch["start_ms"] or 0)
    for row in segments:
        if (order.get(str(row["media"]), -1), int(row["start_ms"] or 0)) >= place:
            return SegmentId(str(row["id"]))
    return None


def is_taken_back(vault: Vault, media: MediaId, start_ms: int, end_ms: int) -> bool:
    """Tell whether a new segment falls into a stretch that was taken back: it must not count."""
    found = vault.testimony.row(
        "SELECT id FROM taken_back WHERE media=? AND state='taken_back'"
        " AND start_ms < ? AND end_ms > ?",
        media,
        max(end_ms, start_ms + 1),
        start_ms,
    )
    return found is not None


def touches(vault: Vault, segments: Iterable[str]) -> bool:
    """Tell whether one of these segments was taken back since: what was made of it must not go out.

    One query; also for a segment that was split or merged after it had been released.
    """
    listed = msgspec.json.encode(sorted(set(segments))).decode()
    found = vault.testimony.row(
        "SELECT segment.id FROM json_each(?) AS wanted JOIN segment ON segment.id = wanted.value"
        " JOIN taken_back ON taken_back.media = segment.media AND taken_back.state='taken_back'"
        " AND segment.start_ms < taken_back.end_ms"
        " AND max(segment.end_ms, segment.start_ms + 1) > taken_back.start_ms",
        listed,
    )
    return found is not None


def stretch_of(
    vault: Vault, interview: InterviewId, segments: Iterable[SegmentId]
) -> tuple[MediaId, int, int]:
    """Return part, start and end of the stretch that these segments make, for `take_back`.

    Raises `UnknownCodeError` where they are none of this interview, or of two parts.
    """
    rows = [
        vault.testimony.row(
            "SELECT * FROM segment WHERE id=? AND interview=? AND retired=0", each, interview
        )
        for each in segments
    ]
    found = [row for row in rows if row is not None]
    if not found or len(found) < len(rows) or len({row["media"] for row in found}) > 1:
        raise UnknownCodeError
    starts = [int(row["start_ms"] or 0) for row in found]
    ends = [
        max(int(row["end_ms"] or 0), start + 1) for row, start in zip(found, starts, strict=True)
    ]
    return MediaId(str(found[0]["media"])), min(starts), max(ends)
