"""Words about names: kinds, treatments, answers, and why a form was proposed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication

from ui.marking import QT_TRANSLATE_NOOP
from ui.wording import words_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intake.review.listing import NameLine
    from intake.text import Kind

FIRST_ISOLATE: Final = "\u2068"
POP_ISOLATE: Final = "\u2069"
DOTS: Final = "\u2022" * 6
"""What stands for a name that is not shown: always as many, whatever its length."""

KEPT: Final = ("accused", "official", "institution", "city")
"""The reasons for which a name is kept, in the order in which they are offered."""

_ANSWERS: Final[Mapping[str, str]] = {
    "hide": QT_TRANSLATE_NOOP("names", "hide"),
    "generalise": QT_TRANSLATE_NOOP("names", "generalise"),
    "keep_by_name": QT_TRANSLATE_NOOP("names", "keep by name"),
    "not_identifying": QT_TRANSLATE_NOOP("names", "not identifying"),
    "entity": QT_TRANSLATE_NOOP("names", "known"),
    "missed": QT_TRANSLATE_NOOP("names", "entered"),
}
# What the finders say, word for word; a reason that is new there is shown in English.
_REASONS: Final = frozenset(
    {
        QT_TRANSLATE_NOOP("finders", "the same letters"),
        QT_TRANSLATE_NOOP("finders", "the same letters, written otherwise"),
        QT_TRANSLATE_NOOP("finders", "the letters of this name, in two words"),
        QT_TRANSLATE_NOOP("finders", "a short or everyday word that is also this name"),
        QT_TRANSLATE_NOOP("finders", "this name with an ending or a prefix"),
        QT_TRANSLATE_NOOP("finders", "written almost like this name"),
        QT_TRANSLATE_NOOP("finders", "sounds like this name"),
        QT_TRANSLATE_NOOP("finders", "this name belongs to more than one"),
        QT_TRANSLATE_NOOP("finders", "written like a name"),
        QT_TRANSLATE_NOOP("finders", "looks like a person"),
        QT_TRANSLATE_NOOP("finders", "looks like a place"),
        QT_TRANSLATE_NOOP("finders", "looks like an organisation"),
        QT_TRANSLATE_NOOP("finders", "looks like a certain day"),
        QT_TRANSLATE_NOOP("finders", "looks like a people, a faith or a party"),
        QT_TRANSLATE_NOOP("finders", "date"),
        QT_TRANSLATE_NOOP("finders", "age"),
        QT_TRANSLATE_NOOP("finders", "telephone number"),
        QT_TRANSLATE_NOOP("finders", "telephone number in words"),
        QT_TRANSLATE_NOOP("finders", "letters and figures of an identifier"),
        QT_TRANSLATE_NOOP("finders", "number of a document or case"),
        QT_TRANSLATE_NOOP("finders", "long number"),
        QT_TRANSLATE_NOOP("finders", "e-mail address"),
        QT_TRANSLATE_NOOP("finders", "address on the net"),
        QT_TRANSLATE_NOOP("finders", "account name"),
    }
)


def kind_word(kind: Kind) -> str:
    """Return what an entity is: person, place, ..."""
    return words_for(kind.value)


def treatment_word(choice: str) -> str:
    """Return what is done with a name in what leaves."""
    return words_for("keep_by_name" if choice == "keep" else choice)


def answer_word(says: str) -> str:
    """Return what somebody decided of a form."""
    return QCoreApplication.translate("names", _ANSWERS.get(says, says))


def reason_words(reason: str) -> str:
    """Return why a form was proposed."""
    if reason not in _REASONS:
        return reason
    return QCoreApplication.translate("finders", reason)


def isolated(words: str) -> str:
    """Return words that keep their own direction inside a sentence of another."""
    return f"{FIRST_ISOLATE}{words}{POP_ISOLATE}"


def name_words(line: NameLine, *, is_shown: bool = True) -> str:
    """Return what a register's line is called in a list: kind, number, preferred form."""
    shown = isolated(line.shown) if is_shown else DOTS
    return f"[{line.kind.value}] {line.number}  {shown}"
