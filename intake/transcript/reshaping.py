"""Splitting a segment in two, and merging two: new ids with parents, drafts that keep every name.

What comes of it are drafts, to be separated and heard like any other. What they were made of is
retired and stays as it was, for ever: the machine's output in identities.db, the revisions and
their translations in testimony.db. What was held or in review for its translation is replaced, as
for any source that changes; the sealed words stay where they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from intake.errors import MergeOfSegmentsRefusedError, SplitRefusedError
from intake.identity.borders import is_unspaced
from intake.identity.separation import merge, split, time_of_cut, words_of_merge, words_of_split
from intake.transcript.draft_heard import forget_heard
from intake.transcript.editing import as_seen, draft_of
from intake.transcript.packing import pack_chips, pack_words
from intake.transcript.segments import PLACE_STEP, SegmentRow, last_place, open_draft
from intake.vault.ids import InterviewId, SegmentId, new_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.identity.separation import Marked, WordTime
    from intake.vault.change import Change
    from intake.vault.vault import Vault

_ROOM: Final = 1 << 10
"""How far apart places are after room was made, so that the next splits find some as well."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What one new segment will be."""

    marked: Marked
    words: tuple[WordTime, ...]
    start_ms: int
    end_ms: int
    speaker: str | None
    place: int


def split_segment(
    vault: Vault, segment: SegmentRow, at: int, at_ms: int | None = None
) -> tuple[SegmentId, SegmentId]:
    """Cut a segment at offset `at` of the text that a cleared editor sees; returns both parts.

    Blanks at the cut go; names and word times stay, but for what is cut through. The time of the
    cut is `at_ms`, or comes from the words around it; it is kept inside the segment. Needs a
    cleared interviewer or translator. Raises `SplitRefusedError` where a part would have no words,
    and `ChangedMeanwhileError` where the segment is not the one that was seen.
    """
    _require_rights(vault)
    with vault.alone():
        now = as_seen(vault, segment)
        draft = draft_of(vault, now)
        whole = draft.marked
        text = whole.text.value
        if not (0 < at < len(text) and text[:at].strip() and text[at:].strip()):
            raise SplitRefusedError
        end, start = _without_blanks(whole, at)
        left, right = words_of_split(whole.text, draft.words, end, start)
        if at_ms is None:
            at_ms = time_of_cut(whole.text, draft.words, at, now.start_ms, now.end_ms)
        edge = 1 if now.end_ms - now.start_ms > 1 else 0
        at_ms = min(max(at_ms, now.start_ms + edge), now.end_ms - edge)
        with vault.change("transcript.split", interview=now.interview, segment=now.id) as change:
            _retire(vault, change, now)
            place = place_after(vault, change, now.interview, now.ord)
            parts = (
                _Part(split(whole, end)[0], left, now.start_ms, at_ms, now.speaker, now.ord),
                _Part(split(whole, start)[1], right, at_ms, now.end_ms, now.speaker, place),
            )
            first, second = (_add(vault, change, [now], part) for part in parts)
    return first, second


def merge_segments(vault: Vault, first: SegmentRow, second: SegmentRow) -> SegmentId:
    """Make one segment of two that follow one another, their texts joined with a blank.

    A blank that is there already is enough, and scripts without blanks get none. The speaker is the
    first one's, or the second one's where nobody said who the first one is. Needs a cleared
    interviewer or translator. Raises `MergeOfSegmentsRefusedError`, and `ChangedMeanwhileError`
    where a segment is not the one that was seen.
    """
    _require_rights(vault)
    with vault.alone():
        one, two = as_seen(vault, first), as_seen(vault, second)
        if (one.media, one.lang) != (two.media, two.lang) or _next_id(vault, one) != two.id:
            raise MergeOfSegmentsRefusedError
        if side_of(vault, one.id) != side_of(vault, two.id):
            raise MergeOfSegmentsRefusedError
        left, right = draft_of(vault, one), draft_of(vault, two)
        between = _between(left.marked.text.value, right.marked.text.value)
        shift = len(left.marked.text) + len(between)
        part = _Part(
            merge(left.marked, right.marked, between),
            words_of_merge(left.words, right.words, shift),
            min(one.start_ms, two.start_ms),
            max(one.end_ms, two.end_ms),
            one.speaker or two.speaker,
            one.ord,
        )
        with vault.change("transcript.merged", interview=one.interview, count=2) as change:
            _retire(vault, change, one)
            _retire(vault, change, two)
            new = _add(vault, change, [one, two], part)
            change.note(segment=new)
    return new


def _require_rights(vault: Vault) -> None:
    vault.require_role("interviewer", "translator")
    vault.require_cleared()


def _without_blanks(marked: Marked, at: int) -> tuple[int, int]:
    """Return where the text before a cut ends and the text after it begins.

    Blanks that belong to a name stay with it.
    """
    text = marked.text.value
    end, start = len(text[:at].rstrip()), len(text) - len(text[at:].lstrip())
    for chip in marked.chips:
        if chip.end <= at:
            end = max(end, chip.end)
        elif chip.start >= at:
            start = min(start, chip.start)
    return end, start


def _between(first: str, second: str) -> str:
    if not first or not second or first[-1].isspace() or second[0].isspace():
        return ""
    return "" if is_unspaced(first[-1]) or is_unspaced(second[0]) else " "


def _next_id(vault: Vault, segment: SegmentRow) -> str:
    found = vault.testimony.value(
        "SELECT id FROM segment WHERE interview=? AND retired=0 AND ord>? ORDER BY ord LIMIT 1",
        segment.interview,
        segment.ord,
    )
    return str(found or "")


def side_of(vault: Vault, segment: SegmentId) -> int | None:
    """Return the side of the call on which a segment is heard; None where sides are mixed."""
    row = vault.testimony.row("SELECT channel FROM segment_place WHERE segment=?", segment)
    return None if row is None else int(row["channel"] or 0)


def place_after(vault: Vault, change: Change, interview: InterviewId, after: int) -> int:
    """Return a place between the place `after` and the next, making room where there is none.

    Every segment but the last has `PLACE_STEP` free places behind it when it is stored, so that
    twenty cuts in the same place need no room; then the few that follow move up, never over
    another.
    """
    following = "SELECT id, ord FROM segment WHERE interview=? AND retired=0 AND ord>? ORDER BY ord"
    end = last_place(vault, interview)
    row = vault.testimony.row(f"{following} LIMIT 1", interview, after)
    room = (int(row["ord"] or 0) if row else end) - after
    if room > 1:
        return after + room // 2
    rows = vault.testimony.rows(following, interview, after)

    def step(moved: int) -> int:
        """Return how far apart places are if so many of the following move up."""
        is_all = moved == len(rows)
        bound = end + (moved + 2) * PLACE_STEP if is_all else int(rows[moved]["ord"] or 0)
        return (bound - after) // (moved + 2)

    moved = next(n for n in range(len(rows) + 1) if step(n) >= _ROOM)
    for number, row in enumerate(rows[:moved], 2):
        change.testimony.update(
            "segment",
            {"id": row["id"]},
            {"ord": row["ord"], "retired": 0},
            ord=after + number * step(moved),
        )
    return after + step(moved)


def _retire(vault: Vault, change: Change, segment: SegmentRow) -> None:
    """Let a segment count no more; its draft is what the new ones begin with."""
    change.testimony.update(
        "segment", {"id": segment.id}, {"rev": segment.rev, "retired": 0}, retired=1
    )
    draft = open_draft(vault, segment.id)
    if draft is not None:
        change.identities.delete("draft", {"segment": segment.id}, {"base_rev": draft.base_rev})
        forget_heard(vault, change, segment.id)
    for held in vault.testimony.rows(
        "SELECT held.id AS id, held.state AS state FROM held"
        " JOIN trans_row ON trans_row.id = held.row"
        " WHERE trans_row.segment=? AND held.state IN ('waiting', 'in_review')",
        segment.id,
    ):
        change.testimony.update(
            "held", {"id": held["id"]}, {"state": held["state"]}, state="replaced"
        )
    for row in vault.testimony.rows("SELECT id FROM trans_row WHERE segment=?", segment.id):
        if vault.identities.row("SELECT row FROM draft_row WHERE row=?", row["id"]):
            change.identities.delete("draft_row", {"row": row["id"]})


def _add(vault: Vault, change: Change, parents: Sequence[SegmentRow], part: _Part) -> SegmentId:
    new = SegmentId(new_id())
    change.testimony.insert(
        "segment",
        id=new,
        interview=parents[0].interview,
        media=parents[0].media,
        ord=part.place,
        start_ms=part.start_ms,
        end_ms=part.end_ms,
        speaker=part.speaker,
        lang=parents[0].lang,
        status="edited",
        rev=0,
        heard_rev=0,
        heard_by=None,
        retired=0,
    )
    for parent in parents:
        change.testimony.insert("segment_parent", child=new, parent=parent.id)
    _carry(vault, change, [parent.id for parent in parents], new)
    change.identities.insert(
        "draft",
        segment=new,
        base_rev=0,
        text=part.marked.text.value,
        words=pack_words(part.words),
        chips=pack_chips(part.marked.chips),
        author=vault.member,
    )
    return new


def _carry(vault: Vault, change: Change, parents: Sequence[SegmentId], new: SegmentId) -> None:
    """Give a new segment what stood beside those it was made of: side and voice, doubts, links.

    Voice and doubt are the first one's that has any. What was linked to a parent is linked to the
    new segment as well; two that are one now are not linked to themselves. A link is confirmed
    only where all that it was made of were.
    """
    listed = msgspec.json.encode(list(parents)).decode()
    for table in ("segment_place", "segment_doubt"):
        rows = vault.testimony.rows(
            f"SELECT {table}.* FROM json_each(?) AS wanted JOIN {table}"  # noqa: S608  # two names
            f" ON {table}.segment = wanted.value ORDER BY wanted.key",
            listed,
        )
        if rows:
            change.testimony.insert(table, **{**rows[0], "segment": new})
    links: dict[tuple[str, str], str] = {}
    for row in vault.testimony.rows(
        "SELECT DISTINCT segment_link.* FROM json_each(?) AS wanted JOIN segment_link"
        " ON wanted.value IN (rendition, source) ORDER BY state",
        listed,
    ):
        pair = [new if row[end] in parents else str(row[end]) for end in ("rendition", "source")]
        if pair[0] != pair[1]:
            links[pair[0], pair[1]] = str(row["state"])  # the last one: proposed, if any is
    for (rendition, source), state in links.items():
        change.testimony.insert("segment_link", rendition=rendition, source=source, state=state)
