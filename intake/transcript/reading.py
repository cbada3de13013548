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
from intake.transcript.machine_words import flags_of
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
    "SELECT segment.*, segment_rev.sep AS sep, segment_rev.words AS words,"
    " segment_place.channel AS channel, voice.num AS voice_num, voice.person AS voice_person,"
    " segment_doubt.why AS doubt FROM segment"
    " LEFT JOIN segment_rev ON segment_rev.segment = segment.id AND segment_rev.rev = segment.rev"
    " LEFT JOIN segment_place ON segment_place.segment = segment.id"
    " LEFT JOIN voice ON voice.id = segment_place.voice"
    " LEFT JOIN segment_doubt ON segment_doubt.segment = segment.id"
    " WHERE segment.interview=? AND segment.retired=0"
)
_DRAFTS: Final = (
    "SELECT draft.segment AS segment, draft.text AS text, draft.words AS words,"
    " draft_heard.member AS heard_by FROM json_each(?) AS wanted"
    " JOIN draft ON draft.segment = wanted.value LEFT JOIN draft_heard"
    " ON draft_heard.segment = draft.segment AND draft_heard.base_rev = draft.base_rev"
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
    is_heard_draft: bool = False
    """Somebody heard the draft: it is verified as soon as its names are separated."""
    flags: tuple[str, ...] = ()
    """What the machine's output is not to be trusted for (`machine_words.FLAG_WORDS`)."""
    doubt: str | None = None
    """Why a person has to hear who speaks here."""
    channel: int | None = None
    """The side of the call on which it was heard, None where sides are mixed."""
    voice: int | None = None
    """The number of its voice among those of its side, None where voices were not told apart."""
    voice_person: str | None = None
    """Who that voice is, as far as anybody proposed or confirmed it."""

    @property
    def is_verified(self) -> bool:
        """Whether its separated words were heard by a person."""
        return self.is_heard and not self.is_draft

    @property
    def is_open(self) -> bool:
        """Whether a person still has something to do here: hear it, correct it, write it."""
        return not (self.is_verified or self.is_heard_draft)


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
        flags = _flags(vault, rows)
    return [_line(number, row, drafts, register, flags) for number, row in enumerate(rows, 1)]


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
        flags = _flags(vault, rows)
    return _line(number, rows[0], drafts, register, flags)


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


def _flags(vault: Vault, rows: Sequence[Row]) -> dict[str, tuple[str, ...]]:
    """Return the marks of the machine's text, for those who may read names in it."""
    if not vault.is_cleared:
        return {}
    return flags_of(vault, [str(row["id"]) for row in rows])


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
    number: int,
    row: Row,
    drafts: dict[str, Row],
    register: FormRegister | None,
    flags: dict[str, tuple[str, ...]],
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
        is_heard_draft=draft is not None and draft["heard_by"] is not None,
        flags=flags.get(segment.id, ()),
        doubt=str(row["doubt"]) if row["doubt"] else None,
        channel=None if row["channel"] is None else int(row["channel"]),
        voice=None if row["voice_num"] is None else int(row["voice_num"]),
        voice_person=str(row["voice_person"]) if row["voice_person"] else None,
    )
