"""Reading segments: drafts and joined text for cleared members, tokens for the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from intake.capture import places
from intake.errors import StoreDamagedError, UnknownCodeError
from intake.identity.separation import Marked, join
from intake.text import DraftText, SeparatedText
from intake.transcript.packing import unpack_chips, unpack_words
from intake.vault.gate import require_identities, require_identities_of
from intake.vault.ids import InterviewId, MediaId, SegmentId
from intake.vault.reading import separated
from intake.vault.tombstones import require_interview_not_erased

if TYPE_CHECKING:
    from intake.identity.register import FormRegister
    from intake.identity.separation import WordTime
    from intake.vault.domains import Value
    from intake.vault.vault import Vault

PLACE_STEP: Final = places.PLACE_STEP
last_place: Final = places.last_place


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """A segment's structure: times in ms from the start of its recording, states, no words.

    `ord` says nothing but the order of an interview's segments.
    """

    id: SegmentId
    interview: InterviewId
    media: MediaId
    ord: int
    start_ms: int
    end_ms: int
    speaker: str | None
    lang: str
    status: str
    rev: int
    heard_rev: int
    is_retired: bool

    @property
    def is_heard(self) -> bool:
        """Whether a member said that they heard the revision that counts."""
        return self.rev > 0 and self.heard_rev == self.rev


@dataclass(frozen=True, slots=True)
class Draft:
    """A segment's open draft: only cleared members read it."""

    segment: SegmentId
    base_rev: int
    marked: Marked
    words: tuple[WordTime, ...]


def list_segments(vault: Vault, interview: InterviewId) -> list[SegmentRow]:
    """Return the segments of an interview that count, in order (`ErasedError`)."""
    require_interview_not_erased(vault.testimony, interview)
    rows = vault.testimony.rows(
        "SELECT * FROM segment WHERE interview=? AND retired=0 ORDER BY ord", interview
    )
    return [segment_row(row) for row in rows]


def find_segment(vault: Vault, interview: InterviewId, number: int) -> SegmentRow:
    """Return the segment that the transcript shows under this number (from 1)."""
    found = list_segments(vault, interview)
    if not 1 <= number <= len(found):
        raise UnknownCodeError
    return found[number - 1]


def find_row(vault: Vault, segment: SegmentId) -> SegmentRow | None:
    """Return a segment as it is now, retired or not; None where there is none of that id."""
    row = vault.testimony.row("SELECT * FROM segment WHERE id=?", segment)
    return segment_row(row) if row else None


def current_text(vault: Vault, segment: SegmentId) -> SeparatedText | None:
    """Return the separated text that counts, or None where nothing was separated yet."""
    row = vault.testimony.row(
        "SELECT segment_rev.sep AS sep FROM segment_rev JOIN segment"
        " ON segment.id = segment_rev.segment AND segment.rev = segment_rev.rev"
        " WHERE segment.id=?",
        segment,
    )
    return separated(row["sep"]) if row else None


def open_draft(vault: Vault, segment: SegmentId) -> Draft | None:
    """Return the open draft of a segment (`NotClearedError` for an uncleared member).

    Raises `IdentitiesOfOthersError` where the rule of two asks for a second person.
    """
    require_identities_of(vault, segment)
    row = vault.identities.row("SELECT * FROM draft WHERE segment=?", segment)
    if row is None:
        return None
    return Draft(
        segment,
        int(row["base_rev"] or 0),
        Marked(DraftText(str(row["text"])), unpack_chips(row["chips"])),
        unpack_words(row["words"]),
    )


def readable_text(vault: Vault, segment: SegmentRow, register: FormRegister | None) -> str:
    """Return what this member may read of a segment.

    Cleared (`register` given): the draft, or the separated text joined with its forms. Others: the
    separated text with its tokens, or an empty string while there is only a draft.
    """
    require_identities(vault, segment.interview)
    if register is not None:
        draft = open_draft(vault, segment.id)
        if draft is not None:
            return draft.marked.text.value
    text = current_text(vault, segment.id)
    if text is None:
        return ""
    return join(text, register, segment.lang).text.value if register is not None else text.value


def segment_row(row: dict[str, Value]) -> SegmentRow:
    """Make a segment of a row of that table (`StoreDamagedError`)."""
    return SegmentRow(
        id=SegmentId(str(row["id"])),
        interview=InterviewId(str(row["interview"])),
        media=MediaId(str(row["media"])),
        ord=_whole(row["ord"]),
        start_ms=_whole(row["start_ms"]),
        end_ms=_whole(row["end_ms"]),
        speaker=str(row["speaker"]) if row["speaker"] else None,
        lang=str(row["lang"]),
        status=str(row["status"]),
        rev=_whole(row["rev"]),
        heard_rev=_whole(row["heard_rev"]),
        is_retired=bool(_whole(row["retired"])),
    )


def _whole(value: Value) -> int:
    if not isinstance(value, int):
        raise StoreDamagedError
    return value
