"""Segments are cut, merged and taken back by number, with the sentences of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from intake import errors
from intake.egress.inspecting import verify_vault
from tests.support.steps import WITNESS, separated_interview

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.matter import Matter

SAID = ("My name is Amina Testova and the gate was grey.", "It was cold.", "Nobody spoke.")
AGAIN = "Names are to be separated again: intake separate {}\n"


@pytest.fixture
def code(matter: Matter) -> str:
    """Store an interview that was separated and heard; return its code."""
    with matter.unlock() as vault:
        return separated_interview(vault, SAID, declared=[WITNESS]).code


def texts(at: Callable[..., Any], code: str) -> list[tuple[int, str, bool]]:
    """Return number, text and whether it was heard of every segment that is shown."""
    found = at("transcript", "show", code, "--json").objects()
    return [(row["number"], row["text"], row["heard"]) for row in found]


def test_a_segment_is_split_and_merged_again(
    matter: Matter, at: Callable[..., Any], code: str
) -> None:
    """By its number; those behind move, and the answer says what to do next."""
    ended = at("transcript", "split", code, 1, "--at", SAID[0].index(" and"))

    assert (ended.status, ended.err) == (0, "")
    assert ended.out == "Segment 1 is now segments 1 and 2. " + AGAIN.format(code)
    assert texts(at, code) == [
        (1, "My name is Amina Testova", False),
        (2, "and the gate was grey.", False),
        (3, "It was cold.", True),
        (4, "Nobody spoke.", True),
    ]
    ended = at("transcript", "merge", code, 2, "--json")
    assert ended.objects() == [{"segment": 1}]
    assert at("separate", code, "--json").status == 0
    assert texts(at, code) == [(1, SAID[0], False), (2, SAID[1], True), (3, SAID[2], True)]
    ended = at("transcript", "merge", code, 3)
    assert ended.out == "Segments 2 and 3 are now segment 2. " + AGAIN.format(code)
    assert at("transcript", "split", code, 2, "--at", "12", "--json").objects() == [
        {"segments": [2, 3]}
    ]
    words = at("custody", "show").out
    assert "segment split in two" in words
    assert "two segments made one" in words
    with matter.unlock() as vault:
        assert verify_vault(vault) == []


def test_hearing_is_taken_back(at: Callable[..., Any], code: str) -> None:
    """Twice the same number counts once, and what nobody heard counts for nothing."""
    ended = at("transcript", "unconfirm", code, 1, 3, 1)

    assert (ended.status, ended.out) == (0, "2 segment(s) to be heard again.\n")
    assert [heard for *_, heard in texts(at, code)] == [False, True, False]
    assert at("transcript", "unconfirm", code, 1, "--json").objects() == [{"unconfirmed": 0}]
    assert at("transcript", "confirm", code, 1, "--json").objects() == [
        {"confirmed": 1, "drafts": 0}
    ]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("split", 1, "--at", 0), errors.SplitRefusedError),
        (("split", 1, "--at", 47), errors.SplitRefusedError),
        (("split", 1, "--at", -3), errors.SplitRefusedError),
        (("split", 4, "--at", 3), errors.UnknownCodeError),
        (("merge", 4), errors.UnknownCodeError),
        (("unconfirm", 4), errors.UnknownCodeError),
    ],
)
def test_refusals_have_a_sentence(
    at: Callable[..., Any], code: str, words: tuple[Any, ...], error: type[errors.IntakeError]
) -> None:
    """Status 1, nothing on standard output, nothing changed."""
    before = texts(at, code)

    ended = at("transcript", words[0], code, *words[1:])

    assert (ended.status, ended.out, ended.err) == (1, "", error.sentence + "\n")
    assert texts(at, code) == before
