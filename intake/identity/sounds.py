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


@lru_cache(maxsize=65536)
def sound_key(romanised: str) -> str:
    """Key of a romanised word or name without spaces; digits stay as they are."""
    text = romanised
    for pattern, sound in _GROUPS:
        text = pattern.sub(sound, text)
    key = _DOUBLES.sub(r"\1", text.translate(_LETTER))
    return key[:1] + key[1:].replace("A", "")
