"""Words looked for in a transcript, and replaced: every place can be shown before it changes.

Pure: it takes texts that were read already and gives places in them. Offsets
count code points. What is looked for is found composed and decomposed; the text stays as it is.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from intake.identity.borders import stands_alone

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_WANTED: Final = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for. `is_whole`: only whole words; `is_exact`: capitals count."""

    words: str
    is_whole: bool = False
    is_exact: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """One place: number and id of its segment as given, [start, end) in its text."""

    number: int
    id: str
    start: int
    end: int


def places_in(text: str, wanted: Wanted) -> list[tuple[int, int]]:
    """Return where the words stand in a text, in order, none over another."""
    words = wanted.words[:LONGEST_WANTED]
    if not words.strip():
        return []
    spelled = dict.fromkeys(
        (words, unicodedata.normalize("NFC", words), unicodedata.normalize("NFD", words))
    )
    pattern = re.compile(
        "|".join(map(re.escape, sorted(spelled, key=len, reverse=True))),
        0 if wanted.is_exact else re.IGNORECASE,
    )
    return [
        found.span()
        for found in pattern.finditer(text)
        if not wanted.is_whole or stands_alone(text, *found.span())
    ]


def find_places(lines: Iterable[tuple[int, str, str]], wanted: Wanted) -> list[Found]:
    """Return every place in these segments (number, id, text), in order."""
    return [
        Found(number, key, start, end)
        for number, key, text in lines
        for start, end in places_in(text, wanted)
    ]


def replaced(text: str, places: Iterable[tuple[int, int]], new: str) -> str:
    """Return a text with other words at these places of it."""
    parts, at = [], 0
    for start, end in sorted(places):
        parts += [text[at:start], new]
        at = end
    return "".join([*parts, text[at:]])
