"""One key for many spellings of the same letters, with the way back to the original offsets.

Folding takes away what does not tell names apart: case, diacritics, vowel points, invisible and
direction controls, compatibility forms, the variants in which Arabic, Persian and Uyghur keyboards
write one letter, and the script of digits. It is deterministic and knows no language.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

# Letters that no decomposition reduces. Latin first; then the letters that Arabic, Persian and
# Uyghur keyboards exchange for each other. Hamza and its seat go: Uyghur writes the seat before
# every first vowel, Arabic writers often leave it out.
_LETTERS: Final = {
    "ł": "l",
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "\u0131": "i",  # latin small letter dotless i
    "æ": "ae",
    "œ": "oe",
    "ħ": "h",
    "ŋ": "ng",
    "ɓ": "b",
    "ɗ": "d",
    "ƙ": "k",
    "ƴ": "y",
    "ə": "a",
    "\u02bb": "",  # modifier letter turned comma
    "\u02bc": "",  # modifier letter apostrophe
    "\u02bf": "",  # modifier letter left half ring
    "\u02be": "",  # modifier letter right half ring
    "\u0640": "",  # arabic tatweel
    "\u0621": "",  # arabic letter hamza
    "\u0626": "",  # arabic letter yeh with hamza above
    "\u0671": "\u0627",  # arabic letter alef wasla
    "\u0649": "\u064a",  # arabic letter alef maksura
    "\u06cc": "\u064a",  # arabic letter farsi yeh
    "\u06d2": "\u064a",  # arabic letter yeh barree
    "\u06a9": "\u0643",  # arabic letter keheh
    "\u06aa": "\u0643",  # arabic letter swash kaf
    "\u0629": "\u0647",  # arabic letter teh marbuta
    "\u06d5": "\u0647",  # arabic letter ae
    "\u06c1": "\u0647",  # arabic letter heh goal
    "\u06be": "\u0647",  # arabic letter heh doachashmee
    "\u06c3": "\u0647",  # arabic letter teh marbuta goal
}
_INVISIBLE: Final = frozenset({"Cf", "Cs", "Co", "Cn"})
# Canonical combining classes of marks that may go: overlays, Hebrew and Arabic points, and the
# Latin, Greek and Cyrillic accents (200 and above). The vowels of Indic and Thai have others.
_OVERLAY: Final = 1
_POINTS: Final = range(10, 37)
_ACCENTS: Final = 200


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text: character k of `text` comes from code point `origins[k]` of the original."""

    text: str
    origins: tuple[int, ...]
    length: int

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the original of a non-empty stretch of the folded text.

        Marks and invisible characters behind the last letter are not part of it; the caller widens
        to the border of the script where that matters.
        """
        return self.origins[start], self.origins[end - 1] + 1


def fold(text: str, *, spaces: bool = True) -> Folded:
    """Fold `text`; runs of blanks and signs become one space, or nothing when `spaces` is false."""
    letters: list[str] = []
    origins: list[int] = []
    gap: int | None = None
    for at, char in enumerate(text):
        key = _key(char)
        if key == " ":
            gap = at if gap is None else gap
            continue
        if not key:
            continue
        if gap is not None and letters and spaces:
            letters.append(" ")
            origins.append(gap)
        gap = None
        key = key if spaces else key.replace(" ", "")
        letters.extend(key)
        origins.extend([at] * len(key))
    return Folded("".join(letters), tuple(origins), len(text))


@lru_cache(maxsize=8192)
def fold_key(text: str) -> str:
    """Only the folded text, single spaces between words."""
    return fold(text).text


@lru_cache(maxsize=8192)
def romanised(text: str) -> str:
    """Give a second key in ASCII letters and digits, for one name written in two scripts."""
    from anyascii import anyascii  # noqa: PLC0415  # loads its tables; only who compares scripts

    plain = text if text.isascii() else str(anyascii(text))
    return fold(plain, spaces=True).text


@lru_cache(maxsize=16384)
def _key(char: str) -> str:
    """Tell what one code point leaves behind: letters, one space, or nothing."""
    if char in _LETTERS:
        return _LETTERS[char]
    plain = unicodedata.normalize("NFKD", char).casefold()
    parts = "".join(_part(c) for c in unicodedata.normalize("NFKD", plain))
    return " ".join(parts.split()) or (" " if parts else "")


def _part(char: str) -> str:
    if char in _LETTERS:
        return _LETTERS[char]
    category = unicodedata.category(char)
    if category in _INVISIBLE:
        return ""
    if category[0] == "M":
        return "" if _may_go(char) else char
    if category[0] == "N":
        return str(unicodedata.decimal(char, char))
    return char if category[0] == "L" else " "


def _may_go(mark: str) -> bool:
    if unicodedata.category(mark) == "Me":
        return True
    group = unicodedata.combining(mark)
    is_selector = "\ufe00" <= mark <= "\ufe0f" or mark == "\u034f" or mark >= "\U000e0100"
    return is_selector or group == _OVERLAY or group in _POINTS or group >= _ACCENTS
