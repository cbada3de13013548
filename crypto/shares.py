"""A secret as words on several sheets of paper, of which some are enough (SLIP-39).

One group, 32 bytes, no passphrase, the `extendable` form of the standard, iteration exponent 0: the
secret is random, so there is nothing to stretch. Any program that knows SLIP-39 joins these shares
again. What is read back must be exactly of this form: another form could ask its reader for hours
of work. The checksum of a share finds up to three wrong words for certain, and other mistakes but
for one in 10^9; it is no signature. That the shares fit together is checked by a digest inside.
"""

from __future__ import annotations

import enum
import itertools
import secrets
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from shamir_mnemonic import EncryptedMasterSecret, MnemonicError, Share, recover_ems, split_ems
from shamir_mnemonic import shamir as library
from shamir_mnemonic.shamir import ShareGroup
from shamir_mnemonic.wordlist import WORDLIST

from crypto.errors import ShareError
from crypto.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Sequence

SECRET_BYTES: Final = 32
WORDS_OF_A_SHARE: Final = 33
MOST_SHARES: Final = 16
FEWEST_NEEDED: Final = 2
"""With one, every single sheet would be the whole secret."""

_LONGEST_TEXT: Final = 1024
_IDENTIFIER_BITS: Final = 15
_EXPONENT: Final = 0
_ONE_GROUP: Final = (0, 1, 1)
_BY_FOUR_LETTERS: Final = {word[:4]: word for word in WORDLIST}
"""The standard chose its words so that four letters tell them apart."""


class Flaw(enum.Enum):
    """What is wrong with a share, or with all of them."""

    UNREADABLE = "unreadable"
    """A word is wrong, missing or too many."""
    OTHER_SET = "other set"
    """It was made together with other shares than these."""
    REPEATED = "repeated"
    """It is the same share as one before it."""
    WRONG = "wrong"
    """It can be read, and does not fit to the others: it was altered, or made up."""
    TOO_FEW = "too few"
    DO_NOT_FIT = "do not fit"
    """At least one is wrong, and there are too few to tell which."""


@dataclass(frozen=True, slots=True)
class BadShare:
    """Which share is not good, counted from 1 in the order given, and why."""

    place: int
    flaw: Flaw


class ShareProblemError(ShareError):
    """The shares do not give the secret. Holds places and numbers, never a word of a share."""

    def __init__(self, flaw: Flaw, bad: Sequence[BadShare], *, needed: int = 0) -> None:
        super().__init__(f"shares: {flaw.value}")
        self.flaw = flaw
        self.bad = tuple(bad)
        self.needed = needed
        """How many good shares are needed; 0 where none could be read."""


@dataclass(frozen=True, slots=True)
class Joined:
    """The secret, and which of the shares given were not good although there were enough."""

    secret: Secret
    bad: tuple[BadShare, ...]
    needed: int


def check_numbers(needed: int, count: int) -> None:
    """Raise ValueError unless such shares can be made: 2 to 16, of which 2 or more are needed."""
    if not FEWEST_NEEDED <= needed <= count <= MOST_SHARES:
        raise ValueError("between 2 and 16 shares, of which at least 2 are needed")


def make_shares(secret: Secret, needed: int, count: int) -> list[str]:
    """Return `count` lines of 33 words; any `needed` of them give the secret back.

    ValueError for other numbers than `check_numbers` takes. Takes about 10 ms.
    """
    check_numbers(needed, count)
    if len(secret.reveal()) != SECRET_BYTES:
        raise ValueError("the secret has 32 bytes")
    if library.RANDOM_BYTES is not secrets.token_bytes:
        raise ShareError("the random source of the shares was replaced")
    wrapped = EncryptedMasterSecret.from_master_secret(
        master_secret=secret.reveal(),
        passphrase=b"",
        identifier=secrets.randbits(_IDENTIFIER_BITS),
        extendable=True,
        iteration_exponent=_EXPONENT,
    )
    (shares,) = split_ems(1, [(needed, count)], wrapped)
    return [share.mnemonic() for share in shares]


def check_share(text: str) -> None:
    """Raise ShareError unless this is one whole share: for asking again as it is typed."""
    _read(text)


def odd_words(text: str) -> tuple[int, tuple[int, ...]]:
    """Return how many words a text has, and the places, from 1, of those that no share has.

    For somebody who typed a share from paper. Tells nothing of a secret: the list is public.
    """
    words = _words(text)
    known = set(_BY_FOUR_LETTERS.values())
    return len(words), tuple(n for n, word in enumerate(words, 1) if word not in known)


def join_shares(texts: Sequence[str]) -> Joined:
    """Return the secret if enough good shares of one set are given, in any order.

    Raises ShareProblemError, which names the bad ones by their place. The set is the one that most
    shares belong to, or the first. Takes about 10 ms, with many wrong ones up to seconds.
    """
    if len(texts) > MOST_SHARES:
        texts = texts[:MOST_SHARES]
    bad: list[BadShare] = []
    read: dict[int, Any] = {}
    for place, text in enumerate(texts, 1):
        try:
            read[place] = _read(text)
        except ShareError:
            bad.append(BadShare(place, Flaw.UNREADABLE))
    if not read:
        raise ShareProblemError(Flaw.TOO_FEW, bad)
    most = Counter(share.group_parameters() for share in read.values()).most_common(1)[0][0]
    good: dict[int, Any] = {}
    for place, share in read.items():
        if share.group_parameters() != most:
            bad.append(BadShare(place, Flaw.OTHER_SET))
        elif share in good.values():
            bad.append(BadShare(place, Flaw.REPEATED))
        else:
            good[place] = share
    return _join(good, sorted(bad, key=lambda each: each.place), int(most.member_threshold))


def _join(shares: dict[int, Any], bad: list[BadShare], needed: int) -> Joined:
    if len(shares) < needed:
        raise ShareProblemError(Flaw.TOO_FEW, bad, needed=needed)
    for places in itertools.combinations(shares, needed):
        wrapped = _recovered([shares[place] for place in places])
        if wrapped is None:
            continue
        kept = [shares[place] for place in places[1:]]
        bad += [
            BadShare(place, Flaw.WRONG)
            for place in shares.keys() - set(places)
            if _recovered([shares[place], *kept]) != wrapped
        ]
        bad.sort(key=lambda each: each.place)
        return Joined(Secret(wrapped.decrypt(b"")), tuple(bad), needed)
    raise ShareProblemError(Flaw.DO_NOT_FIT, bad, needed=needed)


def _recovered(shares: Sequence[Any]) -> Any:  # noqa: ANN401  # the library carries no types
    """Return the wrapped secret of exactly as many shares as are needed, or None."""
    group = ShareGroup()
    try:
        for share in shares:
            group.add(share)
        return recover_ems({0: group})
    except MnemonicError:
        return None


def _words(text: str) -> list[str]:
    """Return the words in small letters, each whole if four letters or more of it were typed."""
    typed = text[:_LONGEST_TEXT].lower().split()
    whole = [_BY_FOUR_LETTERS.get(word[:4], "") for word in typed]
    return [
        full if full.startswith(word) else word for word, full in zip(typed, whole, strict=True)
    ]


def _read(text: str) -> Any:  # noqa: ANN401  # the library carries no types
    if len(text) > _LONGEST_TEXT:
        raise ShareError("share is too long")
    words = _words(text)
    if len(words) != WORDS_OF_A_SHARE:
        raise ShareError("share has another number of words")
    try:
        share = Share.from_mnemonic(" ".join(words))
    except MnemonicError:
        raise ShareError("share has a wrong word") from None
    form = (share.group_index, share.group_threshold, share.group_count)
    if form != _ONE_GROUP or not share.extendable or share.iteration_exponent != _EXPONENT:
        raise ShareError("share is of another form")
    if share.member_threshold < FEWEST_NEEDED or len(share.value) != SECRET_BYTES:
        raise ShareError("share is of another form")
    return share
