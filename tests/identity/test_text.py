"""Token grammar and the two kinds of text."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.errors import TokenGrammarError
from intake.text import (
    MAX_NUMBER,
    DraftText,
    Kind,
    SeparatedText,
    Token,
    escape,
    pieces_of,
    separated_by_separation,
    separated_from_store,
)

TOKENS = st.builds(
    Token, st.sampled_from(Kind), st.integers(1, MAX_NUMBER), st.integers(0, MAX_NUMBER)
)


@given(st.lists(st.one_of(st.text(), st.sampled_from(["⟦", "⟧", "⟦lb⟧", "⟦P1.1⟧"]), TOKENS)))
def test_what_is_written_is_read_back(parts: list[str | Token]) -> None:
    """Any literals and tokens, neighbours joined."""
    expected: list[str | Token] = []
    for part in parts:
        if isinstance(part, str) and expected and isinstance(expected[-1], str):
            expected[-1] += part
        elif part != "":
            expected.append(part)

    text = "".join(str(p) if isinstance(p, Token) else escape(p) for p in parts)

    assert pieces_of(text) == expected
    assert separated_from_store(text).tokens() == [p for p in parts if isinstance(p, Token)]


@pytest.mark.parametrize(
    "text",
    [
        "⟦",
        "⟧",
        "⟦⟧",
        "⟦P1⟧",
        "⟦P1.⟧",
        "⟦P.1⟧",
        "⟦P0.1⟧",
        "⟦P01.1⟧",
        "⟦P1.01⟧",
        "⟦P1.1000000⟧",
        "⟦P1000000.1⟧",
        "⟦X1.1⟧",
        "⟦p1.1⟧",
        "⟦P 1.1⟧",
        "⟦P1.1",
        "P1.1⟧",
        "⟦LB⟧",
        "⟦⟦lb⟧",
        "⟦P\u0661.1⟧",
        "⟦P1.1⟧⟧",
    ],
)
def test_every_other_bracket_is_refused(text: str) -> None:
    """Nothing is repaired, whoever wrote it."""
    for make in (pieces_of, separated_by_separation, separated_from_store):
        with pytest.raises(TokenGrammarError):
            make(text)


@pytest.mark.parametrize(
    ("entity", "form"), [(0, 1), (-1, 1), (1, -1), (MAX_NUMBER + 1, 1), (1, MAX_NUMBER + 1)]
)
def test_token_numbers_out_of_range_are_refused(entity: int, form: int) -> None:
    """The grammar could not write them."""
    with pytest.raises(TokenGrammarError):
        Token(Kind.PERSON, entity, form)


def test_texts_do_not_print_and_are_never_pickled() -> None:
    """Neither kind shows its content by accident."""
    for text in (DraftText("Okoro came"), separated_by_separation("Okoro came")):
        for shown in (repr(text), str(text), f"{text}", f"{[text]}"):
            assert "Okoro" not in shown
        with pytest.raises(TypeError):
            pickle.dumps(text)
        with pytest.raises(TypeError):
            copy.copy(text)


def test_texts_of_two_kinds_are_never_equal() -> None:
    """The same letters, before and after separation, are two things."""
    draft, separated = DraftText("so"), separated_by_separation("so")

    assert draft != separated
    assert draft == DraftText("so")
    assert len({draft, separated, DraftText("so")}) == 2
    assert (len(draft), bool(DraftText(""))) == (2, False)


def test_separated_text_is_not_made_by_hand() -> None:
    """Not even with the right letters."""
    with pytest.raises(TypeError):
        SeparatedText("⟦P1.1⟧")
    with pytest.raises(TypeError):
        SeparatedText("⟦P1.1⟧", made_by=object())
