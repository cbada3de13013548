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
    old_cuts, new_cuts = cut_at_borders(old), cut_at_borders(new)
    moved = _moved(old, new, old_cuts, new_cuts)
    starts = [start for start, _ in old_cuts]
    return [_follow(span, starts, old_cuts, moved) for span in spans]


def _moved(
    old: str, new: str, old_cuts: list[tuple[int, int]], new_cuts: list[tuple[int, int]]
) -> dict[int, tuple[int, int]]:
    """Give for each kept cut of `old`: its start in `new`, and the number of its block."""
    matcher = difflib.SequenceMatcher(
        None, [old[a:b] for a, b in old_cuts], [new[a:b] for a, b in new_cuts], autojunk=False
    )
    return {
        block.a + k: (new_cuts[block.b + k][0], number)
        for number, block in enumerate(matcher.get_matching_blocks())
        for k in range(block.size)
    }


def _follow(
    span: tuple[int, int],
    starts: list[int],
    cuts: list[tuple[int, int]],
    moved: dict[int, tuple[int, int]],
) -> int | None:
    start, end = span
    first = bisect.bisect_right(starts, start) - 1
    last = bisect.bisect_left(starts, end) - 1
    places = [moved.get(at) for at in range(first, last + 1)]
    home = places[0] if places else None
    if home is None or any(place is None or place[1] != home[1] for place in places):
        return None
    return home[0] + start - cuts[first][0]
