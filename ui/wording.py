"""The field's words for what the vault stores as codes, in the language of the window.

One place, so that a thing has one name on every screen. Unknown codes are shown as they stand.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication, Qt

from intake.statement.overview import NextStep
from intake.translation.xliff_document import TokenFlaw
from transcription.languages import OFFERED_LANGUAGES
from ui.marking import QT_TRANSLATE_NOOP
from ui.theme import direction_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intake.statement.overview import InterviewLine

_WORDS: Final[Mapping[str, str]] = {
    "first_account": QT_TRANSLATE_NOOP("words", "First account"),
    "detailed_statement": QT_TRANSLATE_NOOP("words", "Detailed statement"),
    "screening_note": QT_TRANSLATE_NOOP("words", "Screening note"),
    "open": QT_TRANSLATE_NOOP("words", "open"),
    "unfinished": QT_TRANSLATE_NOOP("words", "unfinished"),
    "closed": QT_TRANSLATE_NOOP("words", "closed"),
    "interviewer": QT_TRANSLATE_NOOP("words", "Interviewer"),
    "interpreter": QT_TRANSLATE_NOOP("words", "Interpreter"),
    "witness": QT_TRANSLATE_NOOP("words", "Witness"),
    "support": QT_TRANSLATE_NOOP("words", "Support person"),
    "counsel": QT_TRANSLATE_NOOP("words", "Counsel"),
    "other": QT_TRANSLATE_NOOP("words", "Somebody else"),
    "translator": QT_TRANSLATE_NOOP("words", "Translator"),
    "legal": QT_TRANSLATE_NOOP("words", "Legal"),
    "custodian": QT_TRANSLATE_NOOP("words", "Custodian"),
    "keep": QT_TRANSLATE_NOOP("words", "Keep what you say?"),
    "translate": QT_TRANSLATE_NOOP("words", "Put into another language?"),
    "voice_to_translator": QT_TRANSLATE_NOOP("words", "Your voice to a translator?"),
    "contact": QT_TRANSLATE_NOOP("words", "May we contact you again?"),
    "prosecutor": QT_TRANSLATE_NOOP("words", "Prosecutor at the court"),
    "un_body": QT_TRANSLATE_NOOP("words", "UN body"),
    "family_lawyers": QT_TRANSLATE_NOOP("words", "Lawyers of the family"),
    "public": QT_TRANSLATE_NOOP("words", "Public report"),
    "other_organisation": QT_TRANSLATE_NOOP("words", "Other organisations"),
    "yes": QT_TRANSLATE_NOOP("words", "yes"),
    "with_name": QT_TRANSLATE_NOOP("words", "with name"),
    "without_name": QT_TRANSLATE_NOOP("words", "without name"),
    "ask_again": QT_TRANSLATE_NOOP("words", "ask me again"),
    "no": QT_TRANSLATE_NOOP("words", "no"),
    "not_asked": QT_TRANSLATE_NOOP("words", "not asked (counts as no)"),
    "P": QT_TRANSLATE_NOOP("words", "person"),
    "L": QT_TRANSLATE_NOOP("words", "place"),
    "O": QT_TRANSLATE_NOOP("words", "organisation"),
    "D": QT_TRANSLATE_NOOP("words", "date"),
    "C": QT_TRANSLATE_NOOP("words", "contact"),
    "N": QT_TRANSLATE_NOOP("words", "number"),
    "R": QT_TRANSLATE_NOOP("words", "role"),
    "Q": QT_TRANSLATE_NOOP("words", "other"),
    "hide": QT_TRANSLATE_NOOP("words", "hide"),
    "generalise": QT_TRANSLATE_NOOP("words", "generalise"),
    "keep_by_name": QT_TRANSLATE_NOOP("words", "keep by name"),
    "accused": QT_TRANSLATE_NOOP("words", "accused"),
    "official": QT_TRANSLATE_NOOP("words", "official"),
    "institution": QT_TRANSLATE_NOOP("words", "institution"),
    "city": QT_TRANSLATE_NOOP("words", "city"),
}


def words_for(code: str) -> str:
    """Return the field's word for a code of the vault."""
    return QCoreApplication.translate("words", _WORDS.get(code, code))


_FLAGS: Final[Mapping[str, str]] = {
    "not_transcribed": QT_TRANSLATE_NOOP("words", "speech, not transcribed"),
    "to_be_written": QT_TRANSLATE_NOOP("words", "to be written"),
    "text_missing": QT_TRANSLATE_NOOP("words", "text missing"),
    "too_much_text": QT_TRANSLATE_NOOP("words", "too much text"),
    "no_speech_here": QT_TRANSLATE_NOOP("words", "no speech here"),
    "perhaps_no_speech": QT_TRANSLATE_NOOP("words", "perhaps no speech"),
    "other_language": QT_TRANSLATE_NOOP("words", "another language"),
    "unsure": QT_TRANSLATE_NOOP("words", "unsure"),
    "repeats": QT_TRANSLATE_NOOP("words", "repeats"),
    "second_try": QT_TRANSLATE_NOOP("words", "second try"),
    "two_voices": QT_TRANSLATE_NOOP("words", "two voices?"),
    "at_once": QT_TRANSLATE_NOOP("words", "at the same time?"),
    "voice_unsure": QT_TRANSLATE_NOOP("words", "whose voice?"),
}
"""The marks of the engine, and the doubts about who speaks."""


def flag_words(flag: str) -> str:
    """Return what a mark of the machine's text, or a doubt about its voice, is called."""
    return QCoreApplication.translate("words", _FLAGS.get(flag, flag))


def next_step(line: InterviewLine) -> str:
    """Return what an interview waits for, with how much of it is left."""
    left = line.total - line.done
    return {
        NextStep.IMPORT: QCoreApplication.translate("words", "Record, write or import"),
        NextStep.TRANSCRIBE: QCoreApplication.translate("words", "Transcribe"),
        NextStep.REVIEW: QCoreApplication.translate(
            "words", "Review what points to a person: %n text(s)", "", left
        ),
        NextStep.LISTEN: QCoreApplication.translate(
            "words", "Listen and confirm: %n segment(s)", "", left
        ),
        NextStep.CONFIRM_HELD: QCoreApplication.translate(
            "words", "Take translated rows into review: %n", "", line.done
        ),
        NextStep.TRANSLATE: QCoreApplication.translate("words", "Translate: %n row(s)", "", left),
        NextStep.RELEASE: QCoreApplication.translate("words", "Release a statement"),
        NextStep.EXPORT: QCoreApplication.translate("words", "Export the statement"),
        NextStep.DONE: QCoreApplication.translate("words", "Nothing is left to do"),
        NextStep.ERASED: QCoreApplication.translate("words", "Nothing: it was erased"),
    }[line.next]


def name_mark(kind: str, entity: int) -> str:
    """Return a name as somebody reads it who must not know it: "person P1"."""
    return f"{words_for(kind)} {kind}{entity}"


def name_flaw(flaw: TokenFlaw, who: str) -> str:
    """Return what is odd about a name in a translation."""
    words = {
        TokenFlaw.MISSING: QT_TRANSLATE_NOOP("words", "{who} is missing in the translation."),
        TokenFlaw.DOUBLED: QT_TRANSLATE_NOOP(
            "words", "{who} stands more often than in the source."
        ),
        TokenFlaw.FOREIGN: QT_TRANSLATE_NOOP("words", "{who} is not in the source of this row."),
    }[flaw]
    return QCoreApplication.translate("words", words).format(who=who)


def language_name(code: str) -> str:
    """Return a language's name, such as Uyghur for ug; the code where it has none here."""
    return QCoreApplication.translate("languages", OFFERED_LANGUAGES.get(code, code))


def now() -> dt.datetime:
    """Return the present time with its offset from UTC."""
    return dt.datetime.now().astimezone()


def clock(ms: int) -> str:
    """Return a time of a recording as 01:02:03."""
    seconds = max(0, ms) // 1000
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def is_right_to_left(text: str) -> bool:
    """Tell whether words run right to left, by their first strong letter (UAX 9, rule P2)."""
    import unicodedata  # noqa: PLC0415  # here alone

    for letter in text:
        kind = unicodedata.bidirectional(letter)
        if kind in {"R", "AL"}:
            return True
        if kind == "L":
            return False
    return False


def runs_right_to_left(text: str, language: str) -> bool:
    """Tell whether words in a language run right to left, whatever name stands at their beginning.

    Name marks count for nothing: their letters are Latin. A letter of the language's own direction
    decides, else the first strong letter.
    """
    import re  # noqa: PLC0415  # here alone
    import unicodedata  # noqa: PLC0415  # the same

    own = direction_of(language) is Qt.LayoutDirection.RightToLeft
    kinds = (
        unicodedata.bidirectional(letter) for letter in re.sub("\u27e6[^\u27e7]*\u27e7", "", text)
    )
    found = [kind != "L" for kind in kinds if kind in {"L", "R", "AL"}]
    return own if own in found or not found else found[0]
