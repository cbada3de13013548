"""A rough key of how a name sounds: what speech models keep when they mishear.

They keep the order of the consonants and exchange vowels, voicing ("Okoro", "Ogoro"), the letters
of one sound ("Kafan", "Coffin") and the borders of words. So the key is a consonant skeleton with
one letter for each group of sounds, an ``A`` for a vowel at the beginning, and no doubles.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_GROUPS: Final = (
    (re.compile(r"tsch|tch|sch|sh|ch|zh|dj|dzh|cz"), "X"),
    (re.compile(r"gh(?=t)"), ""),
    (re.compile(r"ph"), "f"),
    (re.compile(r"kh|gh|ck|qu|q"), "k"),
    (re.compile(r"c(?=[eiy])"), "s"),
    (re.compile(r"th"), "t"),
    (re.compile(r"ts|dz"), "s"),
    (re.compile(r"x"), "ks"),
    (re.compile(r"ng(?![aeiouy])"), "n"),
)
_LETTER: Final = str.maketrans(
    {
        **dict.fromkeys("bp", "P"),
        **dict.fromkeys("dt", "T"),
        **dict.fromkeys("ckg", "K"),
        **dict.fromkeys("fv", "F"),
        **dict.fromkeys("sz", "S"),
        **dict.fromkeys("j", "X"),
        **dict.fromkeys("m", "M"),
        **dict.fromkeys("n", "N"),
        **dict.fromkeys("l", "L"),
        **dict.fromkeys("r", "R"),
        **dict.fromkeys("aeiou", "A"),
        **dict.fromkeys("hwy", ""),
    }
)

_DOUBLES: Final = re.compile(r"(.)\1+")

_SPELLINGS: Final = (
    (re.compile(r"[gk]h(?=[a-z])|ck|q|c(?![heiy])"), "k"),
    (re.compile(r"(?<=[bdlmnrtvz])h"), ""),
    (re.compile(r"c(?=[eiy])|z"), "s"),
    (re.compile(r"ph|v"), "f"),
    (re.compile(r"oo|ou|w"), "u"),
    (re.compile(r"ee|ea|y"), "i"),
)
# "gh" and "g" are one to most ears, and so are "k" and "g" once the word is misheard.
_PLAIN: Final = str.maketrans("g", "k")


@lru_cache(maxsize=65536)
def plain_spelling(romanised: str) -> str:
    """Spell a name as simply as it sounds: one letter for a sound, no doubles; vowels stay."""
    text = romanised
    for pattern, letter in _SPELLINGS:
        text = pattern.sub(letter, text)
    return _DOUBLES.sub(r"\1", text.translate(_PLAIN))


@lru_cache(maxsize=65536)
def sound_key(romanised: str) -> str:
    """Key of a romanised word or name without spaces; digits stay as they are."""
    text = romanised
    for pattern, sound in _GROUPS:
        text = pattern.sub(sound, text)
    key = _DOUBLES.sub(r"\1", text.translate(_LETTER))
    return key[:1] + key[1:].replace("A", "")
