"""Where words begin and end, script by script, and which words of an edited text are the same.

A border lies between two code points unless both belong to one word. Scripts written without
spaces have a border at every letter, but never between a letter and its combining mark.
"""

from __future__ import annotations

import bisect
import difflib
import itertools
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_JOINERS: Final = frozenset("\u200c\u200d")
# First and last code point of each block whose script is written without spaces between words:
# Thai, Lao, Myanmar, Khmer, kana, kana extensions, Han (with extensions), half-width kana.
_UNSPACED: Final = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x3005, 0x3007),
    (0x3040, 0x30FF),
    (0x31F0, 0x31FF),
    (0x3400, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9D),
    (0x20000, 0x3FFFF),
)
_FIRSTS: Final = tuple(first for first, _ in _UNSPACED)


def is_unspaced(char: str) -> bool:
    """Whether this letter belongs to a script that puts no space between words."""
    code = ord(char)
    place = bisect.bisect_right(_FIRSTS, code) - 1
    return place >= 0 and code <= _UNSPACED[place][1]


def is_mark(char: str) -> bool:
    """Whether this code point only changes the one before it (marks, joiners, selectors)."""
    return char in _JOINERS or unicodedata.category(char)[0] == "M"


def is_word(char: str) -> bool:
    """Whether words are made of this: letters, digits, and the marks upon them."""
    return char in _JOINERS or unicodedata.category(char)[0] in "LMN"


def is_border(text: str, at: int) -> bool:
    """Whether a word may begin or end at offset `at`, counted in code points."""
    if at <= 0 or at >= len(text):
        return True
    before, after = text[at - 1], text[at]
    if is_mark(after):
        return False
    if is_unspaced(before) or is_unspaced(after):
        return True
    return not (is_word(before) and is_word(after))


def stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a stretch begins and ends at borders."""
    return is_border(text, start) and is_border(text, end)


def cut_at_borders(text: str) -> list[tuple[int, int]]:
    """Give every stretch between two borders, in order; each blank or sign is its own."""
    edges = [at for at in range(len(text) + 1) if is_border(text, at)]
    return [(a, b) for a, b in itertools.pairwise(edges) if a < b]


def words_of(text: str) -> list[tuple[int, int]]:
    """Give the stretches of `cut_at_borders` that hold a letter or digit."""
    return [(a, b) for a, b in cut_at_borders(text) if is_word(text[a])]


def unchanged(old: str, new: str, spans: Iterable[tuple[int, int]]) -> list[int | None]:
    """Tell where each span begins in `new`; None where a word that it touches was changed.

    Words are compared whole: a name to which a letter was added is another name. Spans must be in
    order and must not overlap; the offsets that come back rise too.
    """
    if old == new:
        return [start for start, _ in spans]  # most texts that are read again
    old_cuts, new_cuts = _solid(old), _solid(new)
    moved = _moved(
        [old[start:end] for start, end in old_cuts], [new[start:end] for start, end in new_cuts]
    )
    starts = [start for start, _ in old_cuts]
    places: list[int | None] = []
    for start, end in spans:
        first = bisect.bisect_right(starts, start) - 1
        place = moved.get(first) if first >= 0 else None
        last = bisect.bisect_left(starts, end) - 1
        if place is None or any(
            moved.get(at) != place + at - first for at in range(first, last + 1)
        ):
            places.append(None)
            continue
        home = new_cuts[place][0] + start - old_cuts[first][0]
        places.append(home if new[home : home + end - start] == old[start:end] else None)
    return places


def _solid(text: str) -> list[tuple[int, int]]:
    """Give the cuts that are not blank: blanks repeat so often that aligning them takes minutes."""
    return [(start, end) for start, end in cut_at_borders(text) if not text[start].isspace()]


def _moved(old: list[str], new: list[str]) -> dict[int, int]:
    """Give for each kept cut its number in the new text; both ends in common are not searched."""
    shorter = min(len(old), len(new))
    head = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    rest = shorter - head
    tail = next((at for at in range(rest) if old[-1 - at] != new[-1 - at]), rest)
    moved = {at: at for at in range(head)}
    moved |= {len(old) - at: len(new) - at for at in range(1, tail + 1)}
    matcher = difflib.SequenceMatcher(
        None, old[head : len(old) - tail], new[head : len(new) - tail], autojunk=False
    )
    for block in matcher.get_matching_blocks():
        moved |= {head + block.a + k: head + block.b + k for k in range(block.size)}
    return moved
