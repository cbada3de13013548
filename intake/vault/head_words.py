"""Six words to check bytes by: printed on paper, or read aloud over a bad line.

The words are the 1,024 of SLIP-39, no two alike in their first four letters: 10 bits each. Sixty
bits alone could be searched for by somebody with many machines who makes a second card or a second
chain with the same words, so the hash is stretched: each try costs `ROUNDS` rounds, 77 bits of work
altogether. Every use has a label of its own; words of one use never pass for those of another.
"""

from __future__ import annotations

import enum
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from intake.errors import CheckWordsError, NoSuchEntryError

if TYPE_CHECKING:
    from intake.vault.vault import Vault

WORDS: Final = 6
ROUNDS: Final = 1 << 17
"""Of PBKDF2-HMAC-SHA256: about 50 ms for each six words."""
HEAD_LABEL: Final = "intake/head-words/v1"
_DOMAIN: Final = b"intake/words/v1"
_LABEL: Final = re.compile(r"[a-z0-9/-]+/v[0-9]+")
_BITS: Final = 10
_SHORTEST: Final = 4
"""Letters by which the list tells its words apart."""
_NEAR: Final = WORDS - 1


def check_words(label: str, content: bytes) -> tuple[str, ...]:
    """Return the six words of any bytes, under a label such as `intake/card-words/v1`.

    Takes about 50 ms; may be called in any thread. ValueError for a label of another form.
    """
    if not _LABEL.fullmatch(label):
        raise ValueError("a label looks like intake/head-words/v1")
    digest = hashlib.sha256(_DOMAIN + b"\0" + label.encode("ascii") + b"\0" + content).digest()
    made = hashlib.pbkdf2_hmac("sha256", digest, _DOMAIN, ROUNDS, 8)
    number = int.from_bytes(made, "big") >> (64 - WORDS * _BITS)
    words = _word_list()
    places = (number >> _BITS * (WORDS - 1 - place) & 0x3FF for place in range(WORDS))
    return tuple(words[place] for place in places)


def parse_words(text: str) -> tuple[str, ...]:
    """Read what a person typed: any case, blanks or hyphens between, four letters are enough.

    Raises `CheckWordsError` unless it is six words of the list.
    """
    by_start = {word[:_SHORTEST]: word for word in _word_list()}
    typed = [word for word in re.split(r"[\s,;.-]+", text.lower()) if word]
    found = [by_start.get(word[:_SHORTEST], "") for word in typed]
    whole = all(
        len(word) >= _SHORTEST and meant.startswith(word)
        for word, meant in zip(typed, found, strict=True)
    )
    if len(typed) != WORDS or not whole:
        raise CheckWordsError
    return tuple(found)


def head_words(vault: str, n: int, head: str) -> tuple[str, ...]:
    """Return the words of entry `n` of a chain, whose hash is `head` (hex)."""
    return check_words(HEAD_LABEL, f"{vault}\0{n}\0{head}".encode("ascii"))


class Freshness(enum.Enum):
    """How an open vault stands to what was noted of it."""

    SAME = "same"
    """Exactly as far as the paper."""
    FURTHER = "further"
    """It holds the entry on the paper, and later ones."""
    OLDER = "older"
    """It ends before the entry on the paper: all of it together is an old copy."""
    FORKED = "forked"
    """Another entry stands at that number."""

    @property
    def is_good(self) -> bool:
        """Whether nothing was put back."""
        return self in {Freshness.SAME, Freshness.FURTHER}


@dataclass(frozen=True, slots=True)
class Compared:
    """What comparing with paper or with a receipt gave."""

    freshness: Freshness
    noted_n: int
    """The number on the paper."""
    head_n: int
    """Where the chain of this vault ends."""
    standing: tuple[str, ...]
    """The words of this vault's own entry of that number; empty where it has none."""
    differing: int = 0
    """The place (1 to 6) of the only word that differs, else 0: a mishearing more than a fork."""


def entry_hash(vault: Vault, n: int) -> str:
    """Return the hash of entry `n` as hex (`NoSuchEntryError`). Number 0 is the empty chain."""
    found = vault.testimony.value("SELECT sha FROM custody WHERE n=?", n)
    if not isinstance(found, bytes):
        raise NoSuchEntryError
    return found.hex()


def words_of_entry(vault: Vault, n: int | None = None) -> tuple[int, tuple[str, ...]]:
    """Return number and words of entry `n`, or of the last one (`NoSuchEntryError`)."""
    with vault.alone():
        if n is None:
            n = head_number(vault)
        head = entry_hash(vault, n)
    return n, head_words(vault.id, n, head)


def head_number(vault: Vault) -> int:
    """Return the number of the chain's last entry."""
    return int(vault.testimony.fact("head_n") or 0)


def compare_words(vault: Vault, words: tuple[str, ...], n: int) -> Compared:
    """Compare an open vault with six words noted at entry `n`."""
    with vault.alone():
        head_n = head_number(vault)
        if n > head_n:
            return Compared(Freshness.OLDER, n, head_n, ())
        head = entry_hash(vault, n)
    standing = head_words(vault.id, n, head)
    if standing == words:
        same = n == head_n
        return Compared(Freshness.SAME if same else Freshness.FURTHER, n, head_n, standing)
    differing = [
        place for place, (a, b) in enumerate(zip(standing, words, strict=True), 1) if a != b
    ]
    only = differing[0] if len(differing) == WORDS - _NEAR else 0
    return Compared(Freshness.FORKED, n, head_n, standing, only)


def _word_list() -> list[str]:
    from shamir_mnemonic.wordlist import WORDLIST  # noqa: PLC0415  # where it is used

    return list(WORDLIST)
