"""The scorer of diarisations, by cases small enough to be worked out by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.bench.diarising import Errors, Spoken, compare, read_rttm

if TYPE_CHECKING:
    from pathlib import Path

TALK = [Spoken(0, 4, "ann"), Spoken(4, 8, "ben"), Spoken(9, 10, "ann")]


def test_the_same_turns_under_other_names_are_right() -> None:
    """Names do not matter, only who is whom."""
    found = [Spoken(0, 4, "2"), Spoken(4, 8, "1"), Spoken(9, 10, "2")]

    assert compare(TALK, found, collar_s=0) == Errors(9, 0, 0, 0)
    assert compare(TALK, TALK, collar_s=0).rate == 0


def test_each_kind_of_error_is_counted_in_seconds() -> None:
    """A second missed, two invented, three of another voice."""
    found = [Spoken(1, 4, "1"), Spoken(4, 5, "2"), Spoken(5, 8, "1"), Spoken(8, 10, "1"),
             Spoken(10, 11, "1")]  # fmt: skip

    errors = compare(TALK, found, collar_s=0)

    assert errors == Errors(total_s=9, missed_s=1, false_s=2, wrong_s=3)
    assert errors.rate == pytest.approx(6 / 9)
    assert errors.wrong_rate == pytest.approx(3 / 9)


def test_the_matching_is_the_best_one_not_the_first() -> None:
    """Ben's voice is the one that has most of his time, though it began as Ann's."""
    found = [Spoken(0, 1, "1"), Spoken(1, 4, "2"), Spoken(4, 8, "1"), Spoken(9, 10, "2")]

    assert compare(TALK, found, collar_s=0).wrong_s == 1


def test_one_voice_found_for_two_people_is_wrong_for_one() -> None:
    assert compare(TALK, [Spoken(0, 10, "1")], collar_s=0) == Errors(9, 0, 1, 4)


def test_more_voices_than_people_do_not_help() -> None:
    """A person is matched to one voice; what the others have of them is wrong."""
    found = [Spoken(0, 2, "1"), Spoken(2, 4, "3"), Spoken(4, 8, "2"), Spoken(9, 10, "1")]

    assert compare(TALK, found, collar_s=0).wrong_s == 2


def test_two_people_at_once_are_two_to_be_found() -> None:
    reference = [Spoken(0, 4, "ann"), Spoken(2, 6, "ben")]

    errors = compare(reference, [Spoken(0, 3, "1"), Spoken(3, 6, "2")], collar_s=0)

    assert errors == Errors(total_s=8, missed_s=2, false_s=0, wrong_s=0)


def test_the_collar_forgives_borders_only() -> None:
    """A quarter of a second on each side of each reference border is left out."""
    found = [Spoken(0.2, 4.2, "1"), Spoken(4.2, 8.1, "2"), Spoken(9, 10, "1")]

    assert compare(TALK, found).rate == 0
    assert compare(TALK, found, collar_s=0).rate > 0
    assert compare(TALK, found).total_s == pytest.approx(3.5 + 3.5 + 0.5)
    late = [Spoken(1, 4, "1"), *found[1:]]
    assert compare(TALK, late).missed_s == pytest.approx(0.75)


def test_nothing_found_is_all_missed() -> None:
    assert compare(TALK, []).rate == 1


def test_rttm_is_read(tmp_path: Path) -> None:
    """Other kinds of line are passed over."""
    path = tmp_path / "a.rttm"
    path.write_text(
        "SPKR-INFO a 1 <NA> <NA> <NA> unknown ann <NA> <NA>\n"
        "SPEAKER a 1 4.304 2.448 <NA> <NA> ann <NA> <NA>\n",
        "utf-8",
    )

    [turn] = read_rttm(path)
    assert (turn.start_s, turn.who) == (4.304, "ann")
    assert turn.end_s == pytest.approx(6.752)
