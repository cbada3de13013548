"""The rows of a translation, and the XLIFF document that stands for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from intake.capture.interviews import find_by_id, list_present
from intake.errors import NotSeparatedYetError, TranslationMissingError, WrongLanguageError
from intake.transcript.segments import SegmentRow, list_segments, segment_row
from intake.translation.xliff_document import State, XliffDocument, XliffUnit
from intake.vault.ids import InterviewId, RowId, SegmentId, new_id
from intake.vault.reading import separated
from transcription.languages import is_offered

if TYPE_CHECKING:
    from collections.abc import Collection

    from intake.text import SeparatedText
    from intake.vault.change import Change
    from intake.vault.vault import Vault

HAS_WORDS: Final = "coalesce(trim(segment_rev.sep, char(9, 10, 13, 32)) <> '', 1)"
"""In SQL over `segment_rev`: whether a segment has words, or may have some while it is a draft."""


@dataclass(frozen=True, slots=True)
class TranslationRow:
    """One row: its segment, the revisions it is made of, its state and text that counts."""

    id: RowId
    segment: SegmentRow
    source_rev: int
    rev: int
    status: str
    text: SeparatedText | None
    has_source: bool = True
    """Whether its segment has words to translate. One that a person emptied has none, and then no
    text counts."""

    @property
    def is_current(self) -> bool:
        """Whether it is confirmed and made from the source that counts, or has no source."""
        is_confirmed = self.status == "translated" and self.source_rev == self.segment.rev
        return is_confirmed or not self.has_source


@dataclass(frozen=True, slots=True)
class SegmentCount:
    """How many segments an interview has, and how many of them are drafts."""

    total: int
    drafts: int

    @property
    def is_separated(self) -> bool:
        """Whether there is something to translate, and no name in any of it is undecided."""
        return self.total > 0 and self.drafts == 0


def begin_translation(vault: Vault, interview: InterviewId, lang: str) -> str:
    """Make the translation with one row for each segment, or bring its rows up to date.

    Returns its id. Every segment must be separated (`NotSeparatedYetError`). A row whose source
    changed goes back to *empty*; its older text stays as a revision, and what is held or in review
    for it is replaced: it was made from another source. That takes a cleared member: an uncleared
    one leaves such rows as they are, and nobody types into them until then.
    """
    if not is_offered(lang):
        raise WrongLanguageError
    if not count_segments(vault, interview).is_separated:
        raise NotSeparatedYetError
    found = vault.testimony.value(
        "SELECT id FROM translation WHERE interview=? AND lang=? AND kind='verbatim'",
        interview,
        lang,
    )
    if found and not _is_behind(vault, interview, str(found)):
        return str(found)  # as each time it is opened: without reading every text
    segments = list_segments(vault, interview)
    translation = str(found or new_id())
    known = {row.segment.id: row for row in list_rows(vault, interview, lang)} if found else {}
    stale = [
        row for row in known.values() if vault.is_cleared and row.source_rev != row.segment.rev
    ]
    missing = [segment for segment in segments if segment.id not in known]
    if found and not stale and not missing:
        return translation
    with vault.change("translation.begun", interview=interview, lang=lang) as change:
        if not found:
            change.testimony.insert(
                "translation", id=translation, interview=interview, lang=lang, kind="verbatim"
            )
        for segment in missing:
            change.testimony.insert(
                "trans_row",
                id=new_id(),
                translation=translation,
                segment=segment.id,
                source_rev=segment.rev,
                rev=0,
                status="empty",
            )
        if stale:
            _drop_unconfirmed(vault, change, {row.id for row in stale})
        for row in stale:
            change.testimony.update(
                "trans_row",
                {"id": row.id},
                {"source_rev": row.source_rev},
                source_rev=row.segment.rev,
                status="empty",
            )
    return translation


def count_segments(vault: Vault, interview: InterviewId) -> SegmentCount:
    """Count the segments of an interview that count, and those whose text is a draft; one query."""
    (row,) = vault.testimony.rows(
        "SELECT count(*) AS total, coalesce(sum(status <> 'separated'), 0) AS drafts FROM segment"
        " WHERE interview=? AND retired=0",
        interview,
    )
    return SegmentCount(int(row["total"] or 0), int(row["drafts"] or 0))


def _is_behind(vault: Vault, interview: InterviewId, translation: str) -> bool:
    """Whether a segment has no row, or one that this member brings up to date."""
    found = vault.testimony.value(
        "SELECT count(*) FROM segment LEFT JOIN trans_row ON trans_row.segment = segment.id"
        " AND trans_row.translation=?1 WHERE segment.interview=?2 AND segment.retired=0"
        " AND (trans_row.id IS NULL OR (?3 AND trans_row.source_rev <> segment.rev))",
        translation,
        interview,
        int(vault.is_cleared),
    )
    return bool(found)


def _drop_unconfirmed(vault: Vault, change: Change, rows: set[RowId]) -> None:
    """Let no text that was made from an older source be confirmed for the new one."""
    for held in vault.testimony.rows(
        "SELECT id, row FROM held WHERE state IN ('waiting', 'in_review')"
    ):
        if held["row"] in rows:
            change.testimony.update("held", {"id": held["id"]}, None, state="replaced")
    for draft in vault.identities.rows("SELECT row FROM draft_row"):
        if draft["row"] in rows:
            change.identities.delete("draft_row", {"row": draft["row"]})


def list_translations(vault: Vault, interview: InterviewId) -> list[str]:
    """Return the languages into which an interview is translated, in order."""
    rows = vault.testimony.rows(
        "SELECT lang FROM translation WHERE interview=? AND kind='verbatim' ORDER BY lang",
        interview,
    )
    return [str(row["lang"]) for row in rows]


def list_rows(
    vault: Vault, interview: InterviewId, lang: str, *, only: Collection[RowId] | None = None
) -> list[TranslationRow]:
    """Return the rows of a translation in the order of their segments, empty if there is none.

    `only` limits the answer to these rows, and what is read to what they need.
    """
    if only is None:
        segments = {segment.id: segment for segment in list_segments(vault, interview)}
    else:
        segments = _segments_of(vault, interview, only)
    rows = vault.testimony.rows(
        f"SELECT trans_row.*, trans_rev.sep AS sep, {HAS_WORDS} AS has_source FROM trans_row"  # noqa: S608  # a constant
        " JOIN translation ON translation.id = trans_row.translation"
        " JOIN segment ON segment.id = trans_row.segment"
        " LEFT JOIN segment_rev ON segment_rev.segment = segment.id"
        " AND segment_rev.rev = segment.rev"
        " LEFT JOIN trans_rev ON trans_rev.row = trans_row.id AND trans_rev.rev = trans_row.rev"
        " WHERE translation.interview=?1 AND translation.lang=?2 AND translation.kind='verbatim'"
        " AND (?3 IS NULL OR trans_row.id IN (SELECT value FROM json_each(?3)))",
        interview,
        lang,
        None if only is None else _listed(only),
    )
    found = [
        TranslationRow(
            id=RowId(str(row["id"])),
            segment=segments[str(row["segment"])],  # type: ignore[index]  # ids by their text
            source_rev=int(row["source_rev"] or 0),
            rev=int(row["rev"] or 0),
            status=str(row["status"]),
            text=separated(row["sep"]) if row["sep"] is not None and row["has_source"] else None,
            has_source=bool(row["has_source"]),
        )
        for row in rows
        if row["segment"] in segments
    ]
    return sorted(found, key=lambda row: row.segment.ord)


def _segments_of(
    vault: Vault, interview: InterviewId, only: Collection[RowId]
) -> dict[SegmentId, SegmentRow]:
    """Return the segments of these rows that count."""
    rows = vault.testimony.rows(
        "SELECT segment.* FROM json_each(?) AS wanted JOIN trans_row ON trans_row.id = wanted.value"
        " JOIN segment ON segment.id = trans_row.segment"
        " WHERE segment.interview=? AND segment.retired=0",
        _listed(only),
        interview,
    )
    return {found.id: found for found in map(segment_row, rows)}


def _listed(ids: Collection[str]) -> str:
    """Write ids as one value for `json_each`: a statement takes no list."""
    return msgspec.json.encode(sorted(ids)).decode()


def list_sources(
    vault: Vault, interview: InterviewId, *, only: Collection[SegmentId] | None = None
) -> dict[SegmentId, SeparatedText]:
    """Return the separated text that counts of every segment that has one; one query.

    `only` limits the answer to these segments.
    """
    rows = vault.testimony.rows(
        "SELECT segment.id AS id, segment_rev.sep AS sep FROM segment"
        " JOIN segment_rev ON segment_rev.segment = segment.id AND segment_rev.rev = segment.rev"
        " WHERE segment.interview=?1 AND segment.retired=0"
        " AND (?2 IS NULL OR segment.id IN (SELECT value FROM json_each(?2)))",
        interview,
        None if only is None else _listed(only),
    )
    return {SegmentId(str(row["id"])): separated(row["sep"]) for row in rows}


def number_rows(
    vault: Vault, interview: InterviewId, lang: str, only: Collection[RowId]
) -> dict[RowId, int]:
    """Return the places of rows in their translation, from 1; one query."""
    rows = vault.testimony.rows(
        "SELECT id, place FROM (SELECT trans_row.id AS id,"
        " row_number() OVER (ORDER BY segment.ord) AS place FROM translation"
        " JOIN trans_row ON trans_row.translation = translation.id"
        " JOIN segment ON segment.id = trans_row.segment"
        " WHERE translation.interview=? AND translation.lang=? AND translation.kind='verbatim'"
        " AND segment.interview = translation.interview AND segment.retired=0)"
        " WHERE id IN (SELECT value FROM json_each(?))",
        interview,
        lang,
        _listed(only),
    )
    return {RowId(str(row["id"])): int(row["place"] or 0) for row in rows}


def as_xliff(vault: Vault, interview: InterviewId, lang: str) -> XliffDocument:
    """Return the translation as XLIFF stands for it: tokens, vault numbers, no name anywhere.

    Raises `TranslationMissingError` where it was not begun.
    """
    rows = list_rows(vault, interview, lang)
    if not rows:
        raise TranslationMissingError
    roles = {person.code: person.role for person in list_present(vault, interview)}
    sources = list_sources(vault, interview)
    units = []
    for row in rows:
        source = sources.get(row.segment.id)
        if source is None:
            raise NotSeparatedYetError
        units.append(
            XliffUnit(
                id=row.id,
                source=tuple(source.pieces()),
                target=tuple(row.text.pieces()) if row.text is not None else None,
                # Without a source there is no target, and then the standard has no other state.
                state=State.TRANSLATED
                if row.is_current and row.text is not None
                else State.INITIAL,
                start_ms=row.segment.start_ms,
                end_ms=row.segment.end_ms,
                role=roles.get(row.segment.speaker or "", ""),
            )
        )
    return XliffDocument(
        interview=find_by_id(vault, interview).code,
        source_language=rows[0].segment.lang,
        target_language=lang,
        units=tuple(units),
    )
