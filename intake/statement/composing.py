"""Composing a statement: from separated text to the final strings of one recipient's document."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from intake.capture.interviews import find_by_id, list_present
from intake.capture.taking_back import TakenBack, list_taken_back
from intake.consent.setting import answers
from intake.egress.hidden import KIND_WORDS
from intake.review.treating import treatments
from intake.statement.document import (
    CoarseDay,
    Language,
    LegendLine,
    Paragraph,
    PersonPresent,
    Profile,
    StatementDocument,
    Wording,
)
from intake.statement.rendering import RecipientNumbers, Renderer
from intake.transcript.names import load_register
from intake.transcript.segments import SegmentRow, current_text, list_segments
from intake.translation.rows import TranslationRow, list_rows
from transcription.languages import OFFERED_LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from intake.statement.recipients import Recipient
    from intake.text import Kind
    from intake.vault.ids import InterviewId, SegmentId
    from intake.vault.vault import Vault

_PROFILES: Final = {
    "with_names": Profile.WITH_NAMES,
    "without_names": Profile.WITHOUT_NAMES,
    "anonymised": Profile.ANONYMISED,
}
_CLASS_WORDS: Final = {
    "translator": "Translator",
    "prosecutor": "Prosecutor at the court",
    "un_body": "UN body",
    "family_lawyers": "Lawyers of the family",
    "public": "Public report",
    "other_organisation": "Other organisation",
}
_KIND_WORDS: Final = {
    "first_account": "First account",
    "detailed_statement": "Detailed statement",
    "screening_note": "Screening note",
}
_CONSENT_WORDS: Final = {
    "with_name": "The witness agreed that this recipient may have the account with the name.",
    "without_name": "The witness agreed that this recipient may have the account without the name.",
}
_BASE: Final = "verbatim translation, confirmed by a cleared member, not yet checked by a reviser"
_BASE_UNTRANSLATED: Final = "transcript of the recording, not translated"


_REASONS: Final = {
    "A": "investigations (Rule 81(2))",
    "B": "safety of witnesses and others (Rule 81(4))",
}
_REASON_DEFAULT: Final = "protection of persons"

Source = tuple[int, str, int, str, int]
"""Paragraph, segment, its revision, the translated row or empty, its revision."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A document and what its paragraphs were made of."""

    document: StatementDocument
    sources: tuple[Source, ...]


def compose(
    vault: Vault,
    interview_id: InterviewId,
    recipient: Recipient,
    numbers: RecipientNumbers,
    *,
    profile: str,
    translation: str,
    version: int,
) -> Composed:
    """Write the statement as this recipient may read it (`NotClearedError`).

    Nothing is checked here: `releasing` asks for what stops it, and the leak check reads the
    finished bytes.
    """
    interview = find_by_id(vault, interview_id)
    renderer = Renderer(load_register(vault), treatments(vault, profile), numbers)
    segments = list_segments(vault, interview_id)
    rows = {row.segment.id: row for row in list_rows(vault, interview_id, translation)}
    present = list_present(vault, interview_id)
    roles = {person.code: person.role for person in present}
    turns = _turns(segments, list_taken_back(vault, interview_id))
    paragraphs = [
        _gap(number, turn)
        if isinstance(turn, TakenBack)
        else _paragraph(
            vault, number, turn, rows, renderer=renderer, roles=roles, translation=translation
        )
        for number, turn in enumerate(turns, 1)
    ]
    code = numbers.witness_code(
        str(vault.testimony.value("SELECT witness FROM interview WHERE id=?", interview_id))
    )
    given = answers(vault, interview_id).get(("share", recipient.recipient_class), "")
    today = dt.datetime.now(dt.UTC).date()
    languages = dict.fromkeys([segment.lang for segment in segments])
    if translation:
        languages[translation] = None
    document = StatementDocument(
        code=f"{code.replace('W-', 'S-')}/{interview.code.split('/')[1]}",
        witness=code,
        recipient=_CLASS_WORDS[recipient.recipient_class],
        profile=_PROFILES[profile],
        release=version,
        version=f"v{version}",
        released=CoarseDay(
            year=today.year, month=today.month, day=None if profile == "anonymised" else today.day
        ),
        account=_KIND_WORDS[interview.kind],
        languages=tuple(_language(lang) for lang in languages),
        base=_BASE if translation else _BASE_UNTRANSLATED,
        consent=_CONSENT_WORDS.get(given, ""),
        present=tuple(
            PersonPresent(
                role=person.role.capitalize(), code=_code_for(person.role, person.code, code)
            )
            for person in present
        ),
        paragraphs=tuple(paragraphs),
        legend=_legend(renderer.masked),
    )
    return Composed(
        document,
        tuple(
            _source(number, segment, rows)
            for number, turn in enumerate(turns, 1)
            if not isinstance(turn, TakenBack)
            for segment in turn
        ),
    )


def _turns(
    segments: Sequence[SegmentRow], gaps: Sequence[TakenBack] = ()
) -> list[list[SegmentRow] | TakenBack]:
    """Group what one known speaker says without another between: one paragraph each.

    What was taken back leaves a gap in its place, which ends a turn.
    """
    before: dict[SegmentId | None, list[TakenBack]] = {}
    for gap in gaps:
        before.setdefault(gap.before, []).append(gap)
    turns: list[list[SegmentRow] | TakenBack] = []
    for segment in segments:
        turns.extend(before.get(segment.id, ()))
        turn = turns[-1] if turns else None
        if (
            isinstance(turn, list)
            and segment.speaker is not None
            and turn[-1].speaker == segment.speaker
        ):
            turn.append(segment)
        else:
            turns.append([segment])
    return [*turns, *before.get(None, ())]


def _gap(number: int, gap: TakenBack) -> Paragraph:
    """Return the paragraph that stands for what the witness took back: its number, no time."""
    return Paragraph(number=number, role="Witness", original=None, gap=f"[taken back {gap.number}]")


def _paragraph(
    vault: Vault,
    number: int,
    turn: Sequence[SegmentRow],
    rows: Mapping[SegmentId, TranslationRow],
    *,
    renderer: Renderer,
    roles: Mapping[str, str],
    translation: str,
) -> Paragraph:
    first = turn[0]
    role = roles.get(first.speaker or "", "speaker").capitalize()
    words: list[str] = []
    translated: list[str] = []
    for segment in turn:
        text = current_text(vault, segment.id)
        row = rows.get(segment.id)
        words.append(renderer.render(text, segment.lang) if text is not None else "")
        if row is not None and row.text is not None:
            translated.append(renderer.render(row.text, translation))
    original = " ".join(part.strip() for part in words if part.strip())
    if not original:
        return Paragraph(
            number=number,
            role=role,
            start_ms=first.start_ms,
            original=None,
            gap="No words in this stretch.",
        )
    return Paragraph(
        number=number,
        role=role,
        start_ms=first.start_ms,
        original=Wording(text=original, language=_language(first.lang)),
        translation=Wording(
            text=" ".join(part.strip() for part in translated), language=_language(translation)
        )
        if translated
        else None,
    )


def _source(
    paragraph: int, segment: SegmentRow, rows: Mapping[SegmentId, TranslationRow]
) -> Source:
    row = rows.get(segment.id)
    source = (str(row.id), row.rev) if row else ("", 0)
    return (paragraph, str(segment.id), segment.rev, *source)


def _language(code: str) -> Language:
    return Language(code=code, name=OFFERED_LANGUAGES.get(code, code))


def _code_for(role: str, code: str, witness: str) -> str:
    return witness if role == "witness" else code


def _legend(masked: Mapping[tuple[Kind, int], str]) -> tuple[LegendLine, ...]:
    counted = Counter((KIND_WORDS[kind], code) for (kind, _), code in masked.items())
    return tuple(
        LegendLine(
            kind=kind,
            count=count,
            code="" if code == "none" else code,
            reason=_REASONS.get(code[0], _REASON_DEFAULT),
        )
        for (kind, code), count in sorted(counted.items())
    )
