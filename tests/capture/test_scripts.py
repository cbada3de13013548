"""What a person types: questions and answers, times, lines that go on, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intake.capture.scripts import Scribe, ScriptLine, read_line, read_script
from intake.errors import ScriptError, WrongDetailError
from intake.transcript.segments import list_segments, open_draft
from tests.support.matter import new_interview

if TYPE_CHECKING:
    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault


@pytest.fixture
def interview(vault: Vault) -> InterviewId:
    """Open an interview with interviewer and witness present."""
    return new_interview(vault).id


def _lines(vault: Vault, interview: InterviewId) -> list[tuple[str | None, str, int, str]]:
    found = []
    for segment in list_segments(vault, interview):
        draft = open_draft(vault, segment.id)
        assert draft is not None
        text = draft.marked.text.value
        found.append((segment.speaker, segment.lang, segment.start_ms, text))
    return found


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Q: Where was it?", ScriptLine("Q", "Where was it?")),
        ("  a:At the mill. ", ScriptLine("A", "At the mill.")),
        ("[12:05] A: At the mill.", ScriptLine("A", "At the mill.", 725_000)),
        ("[1:02:03]in-2: she says yes", ScriptLine("IN-2", "she says yes", 3_723_000)),
        ("A: Q: is what he said", ScriptLine("A", "Q: is what he said")),
        ("Q:", ScriptLine("Q", "")),
        ("At the mill.", None),
        ("IN-0: no such code", None),
        ("[99:00] A: no such minute", None),
    ],
)
def test_a_typed_line_is_read(typed: str, read: ScriptLine | None) -> None:
    """Who, when and what; or it goes on with the line before it."""
    assert read_line(typed) == read


def test_a_text_is_read_line_by_line() -> None:
    """What begins with nobody belongs to the line above; empty lines are for the eye alone."""
    text = "\ufeffQ: Where?\n\n[00:10] A: At the mill,\n  by the river.\nA: Twice.\n"

    assert [(line.who, line.text, line.at_ms) for line in read_script(text)] == [
        ("Q", "Where?", None),
        ("A", "At the mill,\nby the river.", 10_000),
        ("A", "Twice.", None),
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("\n\n", 1),
        ("he said\nQ: what?", 1),
        ("Q: what?\n\nA:\n", 3),
        ("[00:10] Q: what?\n[00:09] A: that\n", 2),
    ],
)
def test_a_text_that_cannot_be_read_is_refused_with_its_line(text: str, line: int) -> None:
    """The sentence names the line, and what to do; never a word of it."""
    with pytest.raises(ScriptError) as refused:
        read_script(text)

    assert refused.value.line == line
    assert f"Line {line} " in str(refused.value)
    assert "Q: or A:" in str(refused.value)


def test_typed_lines_are_kept_one_by_one(vault: Vault, interview: InterviewId) -> None:
    """In the language of who speaks; what goes on is added to the same line."""
    scribe = Scribe(vault, interview, "en", "ug")

    kept = [
        scribe.take(typed)
        for typed in ("lost", "Q: Where?", "", "[00:10] A: At the mill,", "by the river.", "A:")
    ]

    assert kept == [False, True, True, True, True, False]
    assert scribe.count == 2
    found = _lines(vault, interview)
    assert [(who, lang, text) for who, lang, _, text in found] == [
        ("IV-1", "en", "Where?"),
        ("W-1", "ug", "At the mill,\nby the river."),
    ]
    assert found[1][2] == 10_000


def test_each_line_is_its_own_operation(vault: Vault, interview: InterviewId) -> None:
    """So that a crash after a line keeps that line."""
    scribe = Scribe(vault, interview, "en", "en")
    counts = []
    for typed in ("Q: Where?", "A: There.", "Q: When?"):
        scribe.take(typed)
        counts.append(vault.testimony.value("SELECT count(*) FROM segment"))

    assert counts == [1, 2, 3]


def test_a_whole_text_is_written_or_nothing(vault: Vault, interview: InterviewId) -> None:
    """A code of somebody who was not there refuses all of it; without it, all of it stands."""
    bad = read_script("Q: Where?\nIN-4: There.\n")
    with pytest.raises(WrongDetailError):
        Scribe(vault, interview, "en", "ug").write_all(bad)
    assert _lines(vault, interview) == []

    good = read_script("[00:02] Q: Where?\nA: There.\n")
    assert Scribe(vault, interview, "en", "ug").write_all(good) == 2
    assert _lines(vault, interview) == [
        ("IV-1", "en", 2_000, "Where?"),
        ("W-1", "ug", 2_001, "There."),
    ]
