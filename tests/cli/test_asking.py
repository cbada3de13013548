"""Deciding at the prompt: each form is asked once, and stopping keeps what was answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import typer

from tests.support.matter import Matter, new_interview, store_segments

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow  # the finders load the language model

TEXTS = (
    "My name is Amina Bello and I lived in Kaduna.",
    "My brother Yusuf Bello was with me in Kaduna.",
)


@pytest.fixture
def code(matter: Matter) -> str:
    """Store an interview with names in it."""
    with matter.unlock() as vault:
        interview = new_interview(vault)
        store_segments(vault, interview.id, TEXTS)
    return interview.code


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Answer the prompts in order; whoever runs out of answers presses Ctrl-C."""

    def with_these(*answers: str) -> list[str]:
        left = list(answers)
        asked: list[str] = []

        def prompt(words: str, **_: object) -> str:
            asked.append(words)
            if not left:
                raise typer.Abort
            return left.pop(0)

        monkeypatch.setattr(typer, "prompt", prompt)
        return asked

    return with_these


def _forms(at: Callable[..., Any], code: str) -> list[str]:
    return [each["form"] for each in at("review", "list", code, "--json").objects()]


def test_stopping_keeps_the_answers_until_then(
    at: Callable[..., Any], code: str, answer: Callable[..., list[str]]
) -> None:
    """One answer, then Ctrl-C: the first form is decided, the others are asked again."""
    before = _forms(at, code)
    assert len(before) >= 2
    asked = answer("n")

    ended = at("review", "decide", code)

    assert ended.status == 0
    assert len(asked) == 2
    assert "The answers until now are kept" in ended.err
    assert "1 form(s) assigned" in ended.out
    assert before[0] not in _forms(at, code)
    listed = at("person", "list", "--json").objects()
    assert [each["treatment"] for each in listed] == ["hide"]


def test_later_and_what_is_no_answer_decide_nothing(
    at: Callable[..., Any], code: str, answer: Callable[..., list[str]]
) -> None:
    """Enter, `y` without a proposed entity, and words that are none of the choices."""
    before = _forms(at, code)
    answer(*["", "y", "maybe", *[""] * len(before)][: len(before)])

    ended = at("review", "decide", code)

    assert "0 form(s) assigned, 0 not identifying" in ended.out
    assert _forms(at, code) == before
    assert at("person", "list", "--json").objects() == []


def test_all_answered_separates_and_custody_says_a_person_did_it(
    at: Callable[..., Any], code: str, answer: Callable[..., list[str]]
) -> None:
    """What an answer brings to light is counted as left, and asked in the next round."""
    at("person", "add", "Amina Bello")
    answer(*["-"] * 50)

    first = at("review", "decide", code, "--json")
    left = _forms(at, code)
    assert first.objects()[0]["left"] == len(left) > 0  # a name that two people share
    ended = at("review", "decide", code)

    assert ended.out.endswith("; nothing is left to decide.\n")
    assert _forms(at, code) == []
    entries = at("custody", "show", "--json").objects()
    decided = [entry for entry in entries if entry["type"] == "names.decided"]
    assert {entry["fields"]["decided"] for entry in decided} == {"person"}
    assert "by a script" not in at("custody", "show").out


def test_a_number_that_is_nobody_decides_nothing(
    at: Callable[..., Any], code: str, answer: Callable[..., list[str]]
) -> None:
    """A slip of the finger is a sentence, and no answer of the round is taken."""
    before = _forms(at, code)
    answer("99", *[""] * len(before))

    ended = at("review", "decide", code)

    assert ended.status == 1
    assert "Nothing was decided" in ended.err
    assert _forms(at, code) == before


def test_a_treatment_may_come_with_the_answer(
    at: Callable[..., Any], code: str, answer: Callable[..., list[str]]
) -> None:
    """`n k accused` keeps a new name, `n g WORDS` gives a wider wording."""
    before = _forms(at, code)
    answer("n k accused", "n g a town in the north", *[""] * len(before))

    ended = at("review", "decide", code)

    assert ended.status == 0
    listed = at("person", "list", "--json").objects()
    assert [each["treatment"] for each in listed] == ["keep", "generalise"]


def test_a_name_is_not_kept_without_a_reason(
    at: Callable[..., Any], code: str, answer: Callable[..., list[str]]
) -> None:
    """`n k` alone decides nothing, and says what is missing."""
    answer("n k")

    ended = at("review", "decide", code)

    assert ended.status == 1
    assert "A name is kept only with a reason" in ended.err
    assert at("person", "list", "--json").objects() == []
