"""New passphrases: words to suggest, and how hard one is to guess.

The words are the 1,024 of SLIP-39 (Satoshi Labs, MIT; from the `shamir_mnemonic` package): four to
eight letters, no two alike in their first four, so that they can be read aloud and noted. Six of
them are 60 bits, beside the passphrase KDF of the member file.
"""

from __future__ import annotations

import enum
import secrets
from typing import Final

SUGGESTED_WORDS: Final = 6
_LONGEST_JUDGED: Final = 100
"""zxcvbn takes time that grows with the square; what is longer is judged by its beginning."""
_WEAK_BELOW: Final = 10.0
_FAIR_BELOW: Final = 14.0
"""Guesses as powers of ten. At a second a guess and a thousand machines, 10^14 are 3,000 years."""


class Strength(enum.Enum):
    """How hard a passphrase is to guess for somebody who has the laptop."""

    WEAK = "weak"
    FAIR = "fair"
    GOOD = "good"


def suggest_passphrase(words: int = SUGGESTED_WORDS) -> str:
    """Return random words with a blank between them: 10 bits each."""
    from shamir_mnemonic.wordlist import WORDLIST  # noqa: PLC0415  # where it is used

    return " ".join(secrets.choice(WORDLIST) for _ in range(words))


def judge_passphrase(text: str) -> Strength:
    """Estimate how hard a passphrase is to guess, by common words, names, dates and patterns.

    An estimate for the person who types it, never a rule. Takes up to 20 ms; keeps nothing.
    """
    from zxcvbn import zxcvbn  # noqa: PLC0415  # loads its word lists

    if not text:
        return Strength.WEAK
    guesses = float(zxcvbn(text[:_LONGEST_JUDGED], max_length=_LONGEST_JUDGED)["guesses_log10"])
    if guesses < _WEAK_BELOW:
        return Strength.WEAK
    return Strength.FAIR if guesses < _FAIR_BELOW else Strength.GOOD
