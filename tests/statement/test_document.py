"""What a statement must carry before it can be set."""

from __future__ import annotations

import dataclasses

import pytest

from intake.errors import StatementIncompleteError
from intake.statement.document import (
    Direction,
    Language,
    Paragraph,
    StatementDocument,
    Wording,
)

WORDS = Wording(text="They took my brother Tural.", language=Language(code="en", name="English"))


@pytest.mark.parametrize("line", ["code", "witness", "recipient", "account", "base", "consent"])
def test_a_statement_without_a_line_of_every_page_is_refused(
    document: StatementDocument, line: str
) -> None:
    """An unlabelled page is worse than none; the twin with the line is made by the fixture."""
    with pytest.raises(StatementIncompleteError, match="a line that it must carry is missing"):
        dataclasses.replace(document, **{line: "  "})  # type: ignore[arg-type]


@pytest.mark.parametrize("numbers", [(1, 1), (2, 1), (0, 1), ()])
def test_numbers_that_could_not_be_cited_are_refused(
    document: StatementDocument, numbers: tuple[int, ...]
) -> None:
    """Repeated, falling and zero numbers, and no paragraph at all."""
    paragraphs = tuple(Paragraph(number=n, role="Witness", original=WORDS) for n in numbers)

    with pytest.raises(StatementIncompleteError):
        dataclasses.replace(document, paragraphs=paragraphs)


def test_struck_out_numbers_may_be_missing_between_others(document: StatementDocument) -> None:
    """Numbers are stable for life: 1, 5 is right after 2 to 4 went away."""
    paragraphs = tuple(Paragraph(number=n, role="Witness", original=WORDS) for n in (1, 5))

    assert dataclasses.replace(document, paragraphs=paragraphs).paragraphs == paragraphs


@pytest.mark.parametrize(
    "paragraph",
    [
        Paragraph(number=1, role="Witness", original=None),
        Paragraph(number=1, role="Witness", original=WORDS, gap="Taken back."),
    ],
)
def test_a_paragraph_has_words_or_a_gap_and_never_both(
    document: StatementDocument, paragraph: Paragraph
) -> None:
    """A gap with words beside it would let out what was taken back."""
    with pytest.raises(StatementIncompleteError):
        dataclasses.replace(document, paragraphs=(paragraph,))


@pytest.mark.parametrize(
    ("code", "direction"),
    [
        ("ug", Direction.RIGHT_TO_LEFT),
        ("ug-Latn", Direction.LEFT_TO_RIGHT),
        ("ug-Cyrl-KZ", Direction.LEFT_TO_RIGHT),
        ("kk-Arab-CN", Direction.RIGHT_TO_LEFT),
        ("ar-SY", Direction.RIGHT_TO_LEFT),
        ("en", Direction.LEFT_TO_RIGHT),
    ],
)
def test_the_script_decides_the_direction(code: str, direction: Direction) -> None:
    """Uyghur is written in three scripts; only one of them runs from the right."""
    assert Language(code=code, name="A language").direction is direction


def test_words_do_not_print_in_a_repr(document: StatementDocument) -> None:
    """A failing assertion or a log line must not quote testimony."""
    assert "brother" not in repr(document.paragraphs)
    assert WORDS.text not in repr(WORDS)
