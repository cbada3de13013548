"""The whole transcript as this member may read it, in a few queries: for a window full of rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import msgspec

from intake.errors import UnknownCodeError
from intake.identity.register import FormRegister
from intake.identity.separation import WordTime, join
from intake.text import LEFT_BRACKET
from intake.transcript.editing import draft_of
from intake.transcript.names import load_register
from intake.transcript.packing import mean_confidence, unpack_words
from intake.transcript.segments import SegmentRow, find_row, segment_row
from intake.vault.gate import require_identities
from intake.vault.ids import InterviewId, MediaId, SegmentId
from intake.vault.reading import separated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.vault.store import Row
    from intake.vault.vault import Vault

__all__ = [
    "InterviewId",
    "MediaId",
    "SegmentId",
    "SegmentLine",
    "SegmentRow",
    "WordTime",
    "read_line",
    "read_lines",
    "words_of",
]

_ALL: Final = -1
_LINES: Final = (
    "SELECT segment.*, segment_rev.sep AS sep, segment_rev.words AS words FROM segment"
    " LEFT JOIN segment_rev ON segment_rev.segment = segment.id AND segment_rev.rev = segment.rev"
    " WHERE segment.interview=? AND segment.retired=0"
)
_DRAFTS: Final = (
    "SELECT draft.segment AS segment, draft.text AS text, draft.words AS words"
    " FROM json_each(?) AS wanted JOIN draft ON draft.segment = wanted.value"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentLine:
    """One segment as this member reads it.

    `number` is its place in the transcript, from 1. `text` is the draft, or the text joined with
    its forms, for cleared members; for others the text with tokens, or empty where there is only a
    draft. `is_draft` says that the words wait for review. `confidence` is the mean of what the
    machine says of the words that it heard, 0 to 100; None where nothing is known. `row` is what
    the functions of editing and reshaping take.
    """

    number: int
    id: SegmentId
    media: MediaId
    start_ms: int
    end_ms: int
    speaker: str | None
    lang: str
    status: str
    rev: int
    is_heard: bool
    text: str = field(repr=False)
    confidence: int | None
    is_draft: bool
    row: SegmentRow = field(repr=False)


def read_lines(vault: Vault, interview: InterviewId, *, at_most: int = _ALL) -> list[SegmentLine]:
    """Return the segments of an interview that count, in order, made from one state of the vault.

    Any member; any thread. Other threads wait while the rows are read, not while they are joined.
    Raises `IdentitiesOfOthersError` where the rule of two asks for a second person.
    `at_most` reads the first ones only: enough to fill a window while the rest is read.
    """
    require_identities(vault, interview)
    with vault.alone():
        rows = vault.testimony.rows(f"{_LINES} ORDER BY segment.ord LIMIT ?", interview, at_most)
        drafts = _drafts(vault, rows)
        register = _register(vault, rows, drafts)
    return [_line(number, row, drafts, register) for number, row in enumerate(rows, 1)]


def read_line(
    vault: Vault, interview: InterviewId, segment: SegmentId, *, number: int | None = None
) -> SegmentLine:
    """Return one segment, after an edit; `number` spares counting where it is known.

    Raises `UnknownCodeError` where no such segment counts (any more).
    """
    require_identities(vault, interview)
    with vault.alone():
        rows = vault.testimony.rows(f"{_LINES} AND segment.id=?", interview, segment)
        if not rows:
            raise UnknownCodeError
        if number is None:
            place = vault.testimony.value(
                "SELECT count(*) FROM segment WHERE interview=? AND retired=0 AND ord<=?",
                interview,
                rows[0]["ord"],
            )
            number = int(place or 0)
        drafts = _drafts(vault, rows)
        register = _register(vault, rows, drafts)
    return _line(number, rows[0], drafts, register)


def words_of(vault: Vault, segment: SegmentRow | SegmentId) -> tuple[WordTime, ...]:
    """Return when each word of a segment was said, by offsets in the text that this member reads.

    Words without a time, such as all of a text that somebody typed, are not in it. Raises
    `UnknownCodeError` where no such segment counts (any more).
    """
    with vault.alone():
        row = find_row(vault, segment if isinstance(segment, str) else segment.id)
        if row is None or row.is_retired:
            raise UnknownCodeError
        if vault.is_cleared:
            return draft_of(vault, row).words
        words = vault.testimony.value(
            "SELECT words FROM segment_rev WHERE segment=? AND rev=?", row.id, row.rev
        )
    return unpack_words(words) if words is not None else ()


def _drafts(vault: Vault, rows: Sequence[Row]) -> dict[str, Row]:
    """Return the open drafts of these segments, by segment."""
    wanted = [str(row["id"]) for row in rows if row["status"] != "separated"]
    if not wanted or not vault.is_cleared:
        return {}
    ids = msgspec.json.encode(wanted).decode()
    return {str(row["segment"]): row for row in vault.identities.rows(_DRAFTS, ids)}


def _register(vault: Vault, rows: Sequence[Row], drafts: dict[str, Row]) -> FormRegister | None:
    """Return the names register if this member may read names (empty if no text here has any).

    A row that is read again after each edit mostly is a draft, and a register takes 9 ms for 2,000
    spellings.
    """
    if not vault.is_cleared:
        return None
    named = any(LEFT_BRACKET in str(row["sep"]) for row in rows if str(row["id"]) not in drafts)
    return load_register(vault) if named else FormRegister()


def _line(
    number: int, row: Row, drafts: dict[str, Row], register: FormRegister | None
) -> SegmentLine:
    segment = segment_row(row)
    draft = drafts.get(segment.id)
    text = ""
    if draft is not None:
        text = str(draft["text"])
    elif row["sep"] is not None:
        sep = separated(row["sep"])
        text = sep.value
        if register is not None and LEFT_BRACKET in text:  # most segments name nobody
            text = join(sep, register, segment.lang).text.value
    words = row["words"] if draft is None else draft["words"]
    return SegmentLine(
        number=number,
        id=segment.id,
        media=segment.media,
        start_ms=segment.start_ms,
        end_ms=segment.end_ms,
        speaker=segment.speaker,
        lang=segment.lang,
        status=segment.status,
        rev=segment.rev,
        is_heard=segment.is_heard,
        text=text,
        confidence=mean_confidence(words) if words is not None else None,
        is_draft=segment.status != "separated",
        row=segment,
    )
