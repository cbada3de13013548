"""Numbers as people say and write them: runs of digits and of digit words, joined to one number."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_SINGLE: Final = {
    word: str(value)
    for value, words in enumerate(
        (
            "zero oh nought naught nil cero zéro ноль صفر",
            "one uno un один واحد",
            "two dos deux два اثنان",
            "three tres trois три ثلاثة",
            "four cuatro quatre четыре أربعة",
            "five cinco cinq пять خمسة",
            "six seis шесть ستة",
            "seven siete sept семь سبعة",
            "eight ocho huit восемь ثمانية",
            "nine nueve neuf девять تسعة",
        )
    )
    for word in words.split()
}
_TEENS: Final = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TEN_WORDS: Final = "twenty thirty forty fifty sixty seventy eighty ninety"
_PAIRS: Final = {
    word: str(value)
    for value, word in enumerate(
        _TEENS.split(),
        start=10,
    )
}
_TENS: Final = {
    word: str(value) for value, word in zip(range(20, 100, 10), _TEN_WORDS.split(), strict=True)
}
_TIMES: Final = {"double": 2, "triple": 3, "treble": 3}
_TOKEN: Final = re.compile(r"[^\W\d_]+|\d+|\+")
_BETWEEN_WORDS: Final = re.compile(r"[\s,.\-\u2010-\u2015]{1,3}|")
_BETWEEN_FIGURES: Final = re.compile(r"[\s.\-\u2010-\u2015/()]{0,3}")


@dataclass(frozen=True, slots=True)
class DigitRun:
    """One number: its place, its digits in ASCII, how many groups, how many said one by one."""

    start: int
    end: int
    digits: str
    has_words: bool
    groups: int
    singles: int


def digit_runs(text: str) -> Iterator[DigitRun]:
    """Give every run of figures and digit words that are said or written in one go."""
    tokens = list(_TOKEN.finditer(text))
    at = 0
    while at < len(tokens):
        run, at = _run_from(text, tokens, at)
        if run is not None:
            yield run


def _run_from(text: str, tokens: list[re.Match[str]], first: int) -> tuple[DigitRun | None, int]:
    """Read one run; the second value is the token to go on from."""
    groups: list[str] = []
    has_words, times, last_ten = False, 1, -2
    at = behind = first
    while at < len(tokens) and (at == first or _goes_on(text, tokens, at, has_words=has_words)):
        word = tokens[at][0].lower()
        said = _said(word)
        if said is None and not (word in _TIMES or (at == first and word in ("+", "plus"))):
            break
        has_words = has_words or word.isalpha()
        times = _TIMES.get(word, times)
        if said is not None:
            if last_ten == at - 1 and word in _SINGLE and said != "0":
                groups[-1] = groups[-1][:-1] + said
            else:
                groups.append(said * times)
            last_ten, times, behind = (at if word in _TENS else -2), 1, at + 1
        at += 1
    if not groups:
        return None, max(at, first + 1)
    singles = sum(len(set(group)) == 1 for group in groups)
    end = tokens[behind - 1].end()
    digits = "".join(groups)
    return DigitRun(tokens[first].start(), end, digits, has_words, len(groups), singles), behind


def _goes_on(text: str, tokens: list[re.Match[str]], at: int, *, has_words: bool) -> bool:
    """Whether what stands between two tokens may stand inside a number."""
    gap = text[tokens[at - 1].end() : tokens[at].start()]
    is_said = has_words or not tokens[at][0].isdigit()
    return (_BETWEEN_WORDS if is_said else _BETWEEN_FIGURES).fullmatch(gap) is not None


def _said(word: str) -> str | None:
    """Give the digits of one small-letter token, or None for a word that is no number."""
    if word.isdigit():
        return "".join(str(unicodedata.digit(char)) for char in word)
    return _SINGLE.get(word) or _PAIRS.get(word) or _TENS.get(word)
