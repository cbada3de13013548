"""What somebody said and the interpreter's rendition of it, linked question by question.

Proposed by order and language: an interpreter's turn in another language, right behind a turn of
somebody else, renders it. Inside two turns of several segments the links run in order, by how long
each segment takes. A person confirms; an interpreter's words are never taken for the witness's.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Final

from intake.capture.interviews import list_present
from intake.errors import NoRenditionError, NoSuchLinkError
from intake.transcript.segments import SegmentRow, list_segments
from intake.vault.gate import require_identities
from intake.vault.ids import InterviewId, SegmentId
from intake.vault.tombstones import require_interview_not_erased

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.vault.vault import Vault

__all__ = [
    "InterviewId",
    "Link",
    "SegmentId",
    "confirm_links",
    "link",
    "list_links",
    "propose_links",
    "unlink",
]

_PROPOSED: Final = "proposed"
_CONFIRMED: Final = "confirmed"


@dataclass(frozen=True, slots=True)
class Link:
    """A rendition and what it renders; numbers are those of the transcript, from 1."""

    rendition: SegmentId
    source: SegmentId
    rendition_number: int
    source_number: int
    is_confirmed: bool


def list_links(vault: Vault, interview: InterviewId) -> list[Link]:
    """Return the links between segments that count, in the order of the renditions. Any member."""
    require_interview_not_erased(vault.testimony, interview)
    numbers = {s.id: n for n, s in enumerate(list_segments(vault, interview), 1)}
    rows = vault.testimony.rows(
        "SELECT segment_link.* FROM segment_link JOIN segment"
        " ON segment.id = segment_link.rendition WHERE segment.interview=?",
        interview,
    )
    found = [
        Link(
            rendition=rendition,
            source=source,
            rendition_number=numbers[rendition],
            source_number=numbers[source],
            is_confirmed=row["state"] == _CONFIRMED,
        )
        for row in rows
        if (rendition := SegmentId(str(row["rendition"]))) in numbers
        and (source := SegmentId(str(row["source"]))) in numbers
    ]
    return sorted(found, key=lambda each: (each.rendition_number, each.source_number))


def propose_links(vault: Vault, interview: InterviewId) -> int:
    """Propose which segments render which, in place of what nobody confirmed; returns how many.

    A rendition with a confirmed link gets no other. Needs a cleared interviewer or translator, and
    segments that are said to be an interpreter's (`NoRenditionError`).
    """
    _require_rights(vault, interview)
    with vault.alone():
        interpreters = {
            person.code for person in list_present(vault, interview) if person.role == "interpreter"
        }
        segments = [s for s in list_segments(vault, interview) if s.speaker is not None]
        if not any(segment.speaker in interpreters for segment in segments):
            raise NoRenditionError
        links = list_links(vault, interview)
        settled = {each.rendition for each in links if each.is_confirmed}
        pairs = [pair for pair in _pairs(segments, interpreters) if pair[0].id not in settled]
        with vault.change("speakers.linked", interview=interview, count=len(pairs)) as change:
            for each in links:
                if not each.is_confirmed:
                    change.testimony.delete("segment_link", _key(each.rendition, each.source))
            for rendition, source in pairs:
                change.testimony.insert(
                    "segment_link", rendition=rendition.id, source=source.id, state=_PROPOSED
                )
    return len(pairs)


def confirm_links(
    vault: Vault, interview: InterviewId, links: Sequence[Link], *, decided: str = "person"
) -> int:
    """Confirm proposed links; returns how many were newly confirmed."""
    _require_rights(vault, interview)
    due = [each for each in links if not each.is_confirmed]
    if not due:
        return 0
    with vault.change(
        "speakers.link_confirmed", interview=interview, count=len(due), decided=decided
    ) as change:
        for each in due:
            change.testimony.update(
                "segment_link",
                _key(each.rendition, each.source),
                {"state": _PROPOSED},
                state=_CONFIRMED,
            )
    return len(due)


def link(vault: Vault, interview: InterviewId, rendition: SegmentRow, source: SegmentRow) -> None:
    """Link two segments by a person's word (`NoSuchLinkError` for a segment with itself)."""
    _require_rights(vault, interview)
    if rendition.id == source.id or {rendition.interview, source.interview} != {interview}:
        raise NoSuchLinkError
    with vault.alone():
        known = {(e.rendition, e.source): e for e in list_links(vault, interview)}
        found = known.get((rendition.id, source.id))
        if found is not None and found.is_confirmed:
            return
        with vault.change(
            "speakers.link_confirmed", interview=interview, count=1, decided="person"
        ) as change:
            if found is None:
                change.testimony.insert(
                    "segment_link", rendition=rendition.id, source=source.id, state=_CONFIRMED
                )
            else:
                change.testimony.update(
                    "segment_link", _key(rendition.id, source.id), state=_CONFIRMED
                )


def unlink(vault: Vault, interview: InterviewId, rendition: SegmentId, source: SegmentId) -> None:
    """Take a link away (`NoSuchLinkError` where there is none)."""
    _require_rights(vault, interview)
    with vault.alone():
        known = {(each.rendition, each.source) for each in list_links(vault, interview)}
        if (rendition, source) not in known:
            raise NoSuchLinkError
        with vault.change(
            "speakers.unlinked", interview=interview, count=1, decided="person"
        ) as change:
            change.testimony.delete("segment_link", _key(rendition, source))


def _require_rights(vault: Vault, interview: InterviewId) -> None:
    vault.require_role("interviewer", "translator")
    vault.require_cleared()
    require_identities(vault, interview)


def _key(rendition: SegmentId, source: SegmentId) -> dict[str, str | int | bytes | None]:
    return {"rendition": rendition, "source": source}


def _pairs(
    segments: Sequence[SegmentRow], interpreters: set[str]
) -> list[tuple[SegmentRow, SegmentRow]]:
    """Return (rendition, source) for each turn of an interpreter right behind another's turn."""
    turns = [list(turn) for _, turn in groupby(segments, lambda s: (s.media, s.speaker, s.lang))]
    return [
        pair
        for before, turn in pairwise(turns)
        if turn[0].speaker in interpreters
        and before[0].speaker not in interpreters
        and before[0].lang != turn[0].lang
        and before[0].media == turn[0].media
        for pair in _in_order(turn, before)
    ]


def _in_order(
    turn: Sequence[SegmentRow], before: Sequence[SegmentRow]
) -> list[tuple[SegmentRow, SegmentRow]]:
    """Lay two turns beside each other, each from 0 to 1 by time; link what lies at one place."""
    ours, theirs = _shares(turn), _shares(before)
    return [
        (rendition, source)
        for rendition, (start, end) in zip(turn, ours, strict=True)
        for source, (begin, stop) in zip(before, theirs, strict=True)
        if min(end, stop) - max(start, begin) > min(end - start, stop - begin) / 2
    ]


def _shares(turn: Sequence[SegmentRow]) -> list[tuple[float, float]]:
    lengths = [max(1, segment.end_ms - segment.start_ms) for segment in turn]
    total, at = sum(lengths), 0
    made = []
    for length in lengths:
        made.append((at / total, (at + length) / total))
        at += length
    return made
