"""Deciding at the prompt: each form is asked once, and stopping keeps what was answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import typer

from intake import errors
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


def test_later_decides_nothing(
    at: Callable[..., Any], code: str, answer: Callable[..., list[str]]
) -> None:
    """Enter at every form."""
    before = _forms(at, code)
    answer(*[""] * len(before))

    ended = at("review", "decide", code)

    assert "0 form(s) assigned, 0 not identifying" in ended.out
    assert _forms(at, code) == before
    assert at("person", "list", "--json").objects() == []


@pytest.mark.parametrize(
    ("slip", "sentence"),
    [
        ("maybe", "none of the choices"),
        ("- k accused", "none of the choices"),
        ("n x", "none of the choices"),
        ("y", "Nobody is proposed here"),
        ("99", errors.UnknownEntityError.sentence),
        ("9" * 5000, errors.UnknownEntityError.sentence),
        ("n k", "A name is kept for one reason"),
        ("n k whim", "A name is kept for one reason"),
        ("n g", "Generalising needs a wider wording"),
        ("n g somewhere near Okro", errors.WordingNamesSomebodyError.sentence),
        ("n g caf\udce9", "could not be read as text"),
    ],
    ids=lambda words: ascii(words)[:30],
)
def test_a_slip_is_asked_again_and_loses_nothing(
    slip: str,
    sentence: str,
    at: Callable[..., Any],
    code: str,
    answer: Callable[..., list[str]],
) -> None:
    """A sentence, the same form again, and the answers before and after it count."""
    at("person", "add", "Grace Okro")
    before = _forms(at, code)
    asked = answer("n", slip, "n", *[""] * len(before))

    ended = at("review", "decide", code)

    assert ended.status == 0
    assert len(asked) == len(before) + 1
    assert sentence in ended.err
    assert "2 form(s) assigned" in ended.out
    assert len(at("person", "list", "--json").objects()) == 3


def test_letters_that_are_somebodys_are_not_taken_for_nobody(
    at: Callable[..., Any], code: str, answer: Callable[..., list[str]]
) -> None:
    """A form of two people is asked, and `-` is no answer to it."""
    at("person", "add", "Kaduna", "--kind", "L")
    at("person", "add", "Kaduna", "--kind", "O")
    place = _forms(at, code).index("Kaduna")
    answer(*[""] * place, "-", "1")

    ended = at("review", "decide", code)

    assert errors.NameOfSomebodyError.sentence in ended.err
    assert "1 form(s) assigned, 0 not identifying" in ended.out


def test_a_wording_that_holds_a_name_entered_later_is_asked_again(
    at: Callable[..., Any], code: str, answer: Callable[..., list[str]]
) -> None:
    """It gives way, with a sentence; the name itself and all else is kept."""
    before = _forms(at, code)
    answer(f"n g near {before[1]}", "n", *[""] * len(before))

    ended = at("review", "decide", code)

    assert ended.status == 0
    assert "is asked again in the next round" in " ".join(ended.err.split())
    assert "1 form(s) assigned" in ended.out
    assert before[0] in _forms(at, code)


def test_of_two_treatments_in_a_round_the_later_counts(
    at: Callable[..., Any], code: str, answer: Callable[..., list[str]]
) -> None:
    """Two forms turn out to be the same entity, each with a treatment."""
    at("person", "add", "Grace Okro")
    answer("1 k accused", "1 g a relative")

    ended = at("review", "decide", code)

    assert ended.status == 0
    listed = at("person", "list", "--json").objects()
    assert [each["treatment"] for each in listed] == ["generalise"]


def test_the_help_tells_of_segments(run: Callable[..., Any]) -> None:
    """A form that is one person here and another there is decided by segment."""
    assert '"segments": [3, 4]' in run("review", "decide", "--help").out


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
