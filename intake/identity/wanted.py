"""Forms made ready to be looked for: their keys, and what of them is compared with a text's words.

Only what no text changes: who looks through hundreds of texts for hundreds of names works it out
once. The rule itself is in `intake.identity.nearness`.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from intake.identity.everyday import everyday_words
from intake.identity.folding import fold_key, romanised
from intake.identity.sounds import plain_spelling, sound_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from intake.identity.register import Form

# Three letters have too many neighbours: Ali, all, are, any. They match exactly or not at all.
LEAST_LETTERS: Final = 4
SHORT: Final = 2
_ALL_ORDERS: Final = 3


class Wanted:
    """Forms made ready for many texts: what no text changes is worked out once, when it is needed.

    `exact_matches` and `near_matches` say the same of it as of the forms themselves.
    """

    def __init__(self, forms: Iterable[Form]) -> None:
        self.forms = tuple(forms)

    @classmethod
    def of(cls, forms: Iterable[Form] | Wanted) -> Wanted:
        """Make forms ready, if they are not."""
        return forms if isinstance(forms, Wanted) else cls(forms)

    @cached_property
    def orders(self) -> list[tuple[Form, str, str]]:
        """Each form by each order of its words: the folded key, and that without spaces."""
        return [
            (form, key, key.replace(" ", ""))
            for form in self.forms
            for key in _orders(fold_key(form.verbatim))
        ]

    @cached_property
    def targets(self) -> Targets:
        """The forms that have neighbours."""
        return Targets.of(self.forms)

    @cached_property
    def shorts(self) -> Mapping[str, Sequence[Form]]:
        """The names of two or three letters by their key in plain letters."""
        return _short_keys(self.forms)


@dataclass(frozen=True, slots=True)
class Target:
    """A form that has neighbours, with what is compared of it."""

    form: Form
    key: str
    sound: str
    digits: str


@dataclass(frozen=True, slots=True)
class Targets:
    """Targets, and what is compared of each, in the same order; `longest` in letters."""

    all: tuple[Target, ...]
    keys: tuple[str, ...]
    plainly: tuple[str, ...]
    sounds: tuple[str, ...]
    longest: int

    @classmethod
    def of(cls, forms: Iterable[Form]) -> Targets:
        """Choose the forms that have neighbours; of one entity's equal keys the first."""
        targets = tuple(_targets(forms))
        keys = tuple(target.key for target in targets)
        return cls(
            all=targets,
            keys=keys,
            plainly=tuple(plain_spelling(key) for key in keys),
            sounds=tuple(target.sound for target in targets),
            longest=max(map(len, keys), default=0),
        )


def digits_of(key: str) -> str:
    """Return the digits of a key, in order: numbers must agree, however like the rest is."""
    return "".join(char for char in key if char.isdigit())


def plain_key(text: str) -> str:
    """Return folded letters without spaces, in ASCII where another script can be romanised."""
    key = fold_key(text)
    return (key if key.isascii() else romanised(key)).replace(" ", "")


def _targets(forms: Iterable[Form]) -> list[Target]:
    targets: dict[tuple[int, str], Target] = {}
    for form in forms:
        key = plain_key(form.verbatim)
        if len(key) >= LEAST_LETTERS and fold_key(form.verbatim) not in everyday_words():
            target = Target(form, key, sound_key(key), digits_of(key))
            targets.setdefault((form.entity, key), target)
    return list(targets.values())


def _short_keys(forms: Iterable[Form]) -> dict[str, list[Form]]:
    """Give the names of two or three letters by their key in plain letters."""
    shorts: dict[str, list[Form]] = {}
    for form in forms:
        key = plain_key(form.verbatim)
        if SHORT <= len(key) < LEAST_LETTERS:
            shorts.setdefault(key, []).append(form)
    return shorts


def _orders(key: str) -> list[str]:
    """Give the orders in which a name of several words is written or read back from a page."""
    words = key.split()
    if len(words) <= _ALL_ORDERS:
        orders = [" ".join(order) for order in itertools.permutations(words)]
    else:
        orders = [key, " ".join(reversed(words)), " ".join([words[-1], *words[:-1]])]
    return list(dict.fromkeys(orders))
