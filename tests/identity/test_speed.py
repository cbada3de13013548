"""No text, however it is made, keeps the finders of shapes busy."""

from __future__ import annotations

import re
import time

import pytest

from intake.identity.finders import Context
from intake.identity.finders.capitals import CapitalsFinder
from intake.identity.finders.patterns import PatternFinder
from intake.identity.register import FormRegister
from intake.text import DraftText

SIZE = 100_000
UNITS = (
    *("a", "a-", "a.", "1 ", "1-", "+", "+1 ", "at ", "dot ", "(", "March ", "⟦", " ", "A/1"),
    *("@", "a@", "a@b.", "www.", "a dot ", "x at y.", "a.com ", "double ", "aged 34 ", "Aa "),
    "1" + 40 * " ",
)
# Behind the mass stands one of each, so that no cheap look beforehand spares the pattern.
TAIL = " +1 @x www. a.com at home 1"


def seconds(unit: str, size: int = SIZE) -> float:
    """Time the finders over a text of `size` characters made of `unit`."""
    text = DraftText(unit * (size // len(unit)) + TAIL)
    started = time.process_time()
    for finder in (PatternFinder(), CapitalsFinder()):
        list(finder.find(text, Context("fr", FormRegister())))
    return time.process_time() - started


@pytest.mark.parametrize("unit", UNITS)
def test_a_hundred_thousand_like_characters_take_a_moment(unit: str) -> None:
    """Measured at most 1.4 s, for a plus before every digit; most take a tenth of that."""
    assert seconds(unit) < (4 if unit == "+1 " else 2)


def test_a_pattern_without_bounds_is_told_from_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twin: an open count in front of a letter that never comes takes the square of the length."""
    ours = seconds("a-", 20_000)
    open_counts = ((re.compile(""), re.compile(r"[\w.+-]+@[\w-]+"), "e-mail address"),)
    monkeypatch.setattr("intake.identity.finders.patterns._HINTS", open_counts)

    assert seconds("a-", 20_000) > 5 * ours
