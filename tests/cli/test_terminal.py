"""What is printed cannot steer a terminal, and every script stays as it is."""

from __future__ import annotations

import json

import pytest

from intake.cli.common import for_terminal


@pytest.mark.parametrize(
    "sign",
    ["\x00", "\x07", "\b", "\r", "\x1b", "\x7f", "\x9b", "\u2028", "\u202e", "\u2066", "\ud800"],
)
def test_what_steers_is_written_out(sign: str) -> None:
    """Controls, separators, overrides, half letters; as JSON it still means the same."""
    assert for_terminal(f"a{sign}b") == f"a\\u{ord(sign):04x}b"
    shown = for_terminal(json.dumps(f"a{sign}b", ensure_ascii=False))
    assert json.loads(shown) == f"a{sign}b"


@pytest.mark.parametrize(
    "words",
    [
        "two\nlines\tand a tab",
        "آيگۈل\u200f",
        "\u0646\u06cc\u200c\u062e",
        "ကျွန်တော်",
        "e\u0301",
        "👩🏽\u200d⚕️",
    ],
)
def test_every_script_stays_as_it_is(words: str) -> None:
    """Line feeds, tabs, marks of direction and joining, combining letters."""
    assert for_terminal(words) == words
