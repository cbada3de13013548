"""Empty segments put in and taken away, and times of segments changed.

What the machine missed, or cannot transcribe at all, is written by a person into an empty segment.
The times at which the machine heard a segment stay with its raw output; a changed time is heard
again before it counts, since other sound stands behind the words now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from intake.capture.spoken import declared_languages
from intake.capture.taking_back import is_taken_back
from intake.errors import (
    ChangedMeanwhileError,
    SegmentNotEmptyError,
    TimesRefusedError,
    UnknownCodeError,
)
from intake.transcript.draft_heard import forget_heard
from intake.transcript.editing import as_seen, draft_of
from intake.transcript.packing import pack_chips, pack_words
from intake.transcript.reshaping import place_after, side_of
from intake.transcript.segments import SegmentRow, last_place, list_segments
from intake.vault.gate import require_identities
from intake.vault.ids import InterviewId, MediaId, SegmentId, new_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.vault.change import Change
    from intake.vault.vault import Vault

__all__ = ["InterviewId", "MediaId", "insert_segment", "remove_empty", "retime_segment"]

_UNDECLARED: Final = "und"
_BEFORE_ALL: Final = -1
_WITH_SOUND: Final = ("working", "recorded")


def insert_segment(
    vault: Vault,
    interview: InterviewId,
    media: MediaId,
    start_ms: int,
    end_ms: int,
    *,
    lang: str = "",
) -> SegmentId:
    """Put an empty segment into a recording, at its place by time; returns it.

    `lang` is that of the segment before it where none is given, else the first declared one. Needs
    a cleared interviewer or translator. Raises `TimesRefusedError`, `UnknownCodeError`.
    """
    _require_rights(vault)
    with vault.alone():
        _require_times(vault, interview, media, start_ms, end_ms)
        rows = list_segments(vault, interview)
        before = _before(rows, media, start_ms)
        side = side_of(vault, before.id) if before else None
        if not lang:
            declared = declared_languages(vault, interview)
            lang = before.lang if before else next(iter(declared), _UNDECLARED)
        new = SegmentId(new_id())
        with vault.change("transcript.inserted", interview=interview, segment=new) as change:
            change.testimony.insert(
                "segment",
                id=new,
                interview=interview,
                media=media,
                ord=_place(vault, change, interview, media, rows, before),
                start_ms=start_ms,
                end_ms=end_ms,
                speaker=None,
                lang=lang,
                status="edited",
                rev=0,
                heard_rev=0,
                heard_by=None,
                retired=0,
            )
            if side is not None:
                change.testimony.insert("segment_place", segment=new, channel=side, voice=None)
            change.identities.insert(
                "draft",
                segment=new,
                base_rev=0,
                text="",
                words=pack_words(()),
                chips=pack_chips(()),
                author=vault.member,
            )
    return new


def remove_empty(vault: Vault, segment: SegmentRow) -> None:
    """Take an inserted segment away that has no words, and never had any in a revision.

    It stays in the record, with its empty draft, as what counts no more. Needs a cleared
    interviewer or translator. Raises `SegmentNotEmptyError`, `ChangedMeanwhileError`.
    """
    _require_rights(vault)
    with vault.alone():
        now = as_seen(vault, segment)
        require_identities(vault, now.interview)
        is_made_of = vault.testimony.row("SELECT child FROM segment_parent WHERE child=?", now.id)
        is_machines = vault.identities.row("SELECT segment FROM raw WHERE segment=?", now.id)
        if now.rev or is_made_of or is_machines or draft_of(vault, now).marked.text.value.strip():
            raise SegmentNotEmptyError
        with vault.change("transcript.removed", interview=now.interview, segment=now.id) as change:
            forget_heard(vault, change, now.id)
            change.testimony.update(
                "segment", {"id": now.id}, {"rev": now.rev, "retired": 0}, retired=1
            )


def retime_segment(vault: Vault, segment: SegmentRow, start_ms: int, end_ms: int) -> bool:
    """Say when a segment begins and ends in its recording; returns whether that was news.

    Words keep the times at which they were said. What was heard is to be heard again. A segment
    stays between its neighbours. Needs a cleared interviewer or translator. Raises
    `TimesRefusedError`, `ChangedMeanwhileError`.
    """
    _require_rights(vault)
    with vault.alone():
        now = as_seen(vault, segment)
        if (now.start_ms, now.end_ms) != (segment.start_ms, segment.end_ms):
            raise ChangedMeanwhileError
        _require_times(vault, now.interview, now.media, start_ms, end_ms)
        _require_between(vault, now, start_ms)
        if (start_ms, end_ms) == (now.start_ms, now.end_ms):
            return False
        heard = {"heard_rev": 0, "heard_by": None} if now.is_heard else {}
        with vault.change("transcript.retimed", interview=now.interview, segment=now.id) as change:
            forget_heard(vault, change, now.id)
            change.testimony.update(
                "segment",
                {"id": now.id},
                {"rev": now.rev, "start_ms": now.start_ms, "end_ms": now.end_ms, "retired": 0},
                start_ms=start_ms,
                end_ms=end_ms,
                **heard,
            )
    return True


def _require_rights(vault: Vault) -> None:
    vault.require_role("interviewer", "translator")
    vault.require_cleared()


def _require_times(
    vault: Vault, interview: InterviewId, media: MediaId, start_ms: int, end_ms: int
) -> None:
    row = vault.testimony.row("SELECT * FROM media WHERE id=?", media)
    if row is None or row["interview"] != interview:
        raise UnknownCodeError
    last = vault.testimony.value("SELECT max(end_ms) FROM segment WHERE media=?", media)
    # A segment of the machine may end a little after the sound does.
    length = max(int(row["duration_ms"] or 0), int(last or 0))
    if (
        row["role"] not in _WITH_SOUND
        or not 0 <= start_ms < end_ms <= length
        or is_taken_back(vault, media, start_ms, end_ms)
    ):
        raise TimesRefusedError


def _require_between(vault: Vault, now: SegmentRow, start_ms: int) -> None:
    """Refuse a start before that of the one before, or after that of the one behind.

    Where they stood in another order already, that much is left to them.
    """
    rows = [row for row in list_segments(vault, now.interview) if row.media == now.media]
    at = next(place for place, row in enumerate(rows) if row.id == now.id)
    earliest = min(rows[at - 1].start_ms, now.start_ms) if at else 0
    if start_ms < earliest:
        raise TimesRefusedError
    if at + 1 < len(rows) and start_ms > max(rows[at + 1].start_ms, now.start_ms):
        raise TimesRefusedError


def _before(rows: Sequence[SegmentRow], media: MediaId, start_ms: int) -> SegmentRow | None:
    """Return the last segment of a recording that begins no later, in the order of the account."""
    return next(
        (row for row in reversed(rows) if row.media == media and row.start_ms <= start_ms), None
    )


def _place(  # noqa: PLR0917  # where it stands, and among which
    vault: Vault,
    change: Change,
    interview: InterviewId,
    media: MediaId,
    rows: Sequence[SegmentRow],
    before: SegmentRow | None,
) -> int:
    if before is not None:
        return place_after(vault, change, interview, before.ord)
    first = next((at for at, row in enumerate(rows) if row.media == media), None)
    if first is None:
        return last_place(vault, interview)
    return place_after(vault, change, interview, rows[first - 1].ord if first else _BEFORE_ALL)
