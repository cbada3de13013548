"""Words that are written like names, for languages in which nothing else would ask about them.

Without a name model a translated "Kwame Boateng" would pass unasked. So every run of capitalised
words in the middle of a sentence is a question, and so is a run of two or more at its beginning.
What this cannot see: a single name that begins a sentence, single names in German, and scripts
without capitals (Arabic, Chinese, Burmese); there, declaring and reading are the way, and the
documentation says so.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from intake.identity.finders.base import Proposal
from intake.text import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from intake.identity.finders.base import Context
    from intake.text import DraftText

_WORD: Final = re.compile(r"[^\W\d_](?:[^\W_]|['\u2019-](?=[^\W_])){0,60}")
_WITHIN: Final = re.compile(r"[ \u00a0]{1,3}")
_SENTENCE_END: Final = frozenset('.!?:\u2026\u00bb"\u201d\u061f\n')
_BEFORE: Final = frozenset(" \u00a0\t'\u2019\u00ab\u201c(-\u2013\u2014")
_SCORE: Final = 0.3
# Languages that write every noun with a capital: there only two words in a row say "name".
_CAPITAL_NOUNS: Final = frozenset({"de", "lb"})
_ALL_CAPITALS: Final = 0.7
# "J'ai", "L'homme", "D'Artagnan": what stands before the apostrophe is no name.
_ELIDED: Final = re.compile(r"(?i)^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)['\u2019]")


class CapitalsFinder:
    """Proposes runs of capitalised words; kind person, because that is the safest guess."""

    name = "capitals"

    def find(self, text: DraftText, context: Context) -> Iterable[Proposal]:
        """Propose in order; nothing in a text that is in capitals throughout."""
        value = text.value
        nouns_too = context.lang.lower().split("-")[0] in _CAPITAL_NOUNS
        letters = [char for char in value if char.isalpha()]
        if sum(char.isupper() for char in letters) > _ALL_CAPITALS * len(letters):
            return
        for words in _runs(value):
            is_one = len(words) == 1
            if is_one and (nouns_too or begins_sentence(value, words[0][0])):
                continue
            yield Proposal(
                words[0][0],
                words[-1][1],
                Kind.PERSON,
                None,
                self.name,
                "written like a name",
                _SCORE,
            )


def _runs(text: str) -> Iterator[list[tuple[int, int]]]:
    """Give stretches of neighbouring capitalised words of two letters and more."""
    run: list[tuple[int, int]] = []
    for found in _WORD.finditer(text):
        start, end = found.span()
        elided = _ELIDED.match(found[0])
        start += elided.end() if elided else 0
        is_name = text[start : start + 1].isupper() and end - start > 1
        if run and not (is_name and _WITHIN.fullmatch(text, run[-1][1], start)):
            yield run
            run = []
        if is_name:
            run.append((start, end))
    if run:
        yield run


def begins_sentence(text: str, start: int) -> bool:
    """Whether nothing but marks stands between `start` and the end of a sentence before it."""
    at = start - 1
    while at >= 0 and text[at] in _BEFORE:
        at -= 1
    return at < 0 or text[at] in _SENTENCE_END
