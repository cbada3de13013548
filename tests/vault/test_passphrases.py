"""Suggested words, and how hard a passphrase is said to be to guess."""

from __future__ import annotations

import pytest

from intake.opening import SHORTEST_NEW_BYTES, Strength, judge_passphrase, suggest_passphrase


def test_six_words_are_suggested_and_never_the_same_twice() -> None:
    """Each time others; long enough to be taken, and judged good."""
    found = {suggest_passphrase() for _ in range(50)}

    assert len(found) == 50
    for words in found:
        assert len(words.split(" ")) == 6
        assert len(words.encode()) >= SHORTEST_NEW_BYTES
        assert judge_passphrase(words) is Strength.GOOD


@pytest.mark.parametrize(
    "words",
    ["", "password1234", "qwertyuiopas", "aaaaaaaaaaaaaaaaaaaaaaaa", "12.03.1987"],
)
def test_what_a_machine_guesses_is_weak(words: str) -> None:
    """Twin of the above: common words, keyboard rows, repeats and dates, however long."""
    assert judge_passphrase(words) is Strength.WEAK


def test_a_very_long_passphrase_is_judged_at_once() -> None:
    """Its beginning is enough; any script, any length."""
    assert judge_passphrase("ئۇزۇن جۈملە " * 2000) is Strength.GOOD
