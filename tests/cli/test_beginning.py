"""Beginning, leaving, notes and taking back, as commands."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any

import pytest

from intake import errors
from tests.support.matter import Matter, new_interview, store_segments

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def code(matter: Matter) -> str:
    """Make an interview of three segments."""
    with matter.unlock() as vault:
        interview = new_interview(vault)
        store_segments(vault, interview.id, ["It was early.", "The mill burned.", "It rained."])
    return interview.code


@pytest.mark.parametrize(
    ("answer", "may", "way"),
    [
        ("yes", True, "intake record"),
        ("on_the_recording", True, "intake record"),
        ("no", False, "intake write"),
    ],
)
def test_one_step_begins_an_interview(
    at: Callable[..., Any], answer: str, may: bool, way: str
) -> None:
    """With a new witness; then with the same one. It says what comes next."""
    (begun,) = at("interview", "begin", "--agrees", answer, "--json").objects()
    assert (begun["agrees"], begun["may_record"]) == (answer, may)

    witness = begun["interview"].partition("/")[0]
    again = at("interview", "begin", "--agrees", answer, "--witness", witness, "--remote")
    assert again.out.startswith(f"{witness}/2. Next: {way}")


def test_nothing_is_answered_beforehand(at: Callable[..., Any], code: str) -> None:
    """Without an answer it is a wrong call, and so is a word that is none."""
    assert at("interview", "begin").status == 2
    assert at("interview", "begin", "--agrees", "perhaps").status == 2
    assert at("interview", "begin", "--agrees", "yes", "--kind", "chat").status == 2
    assert at("interview", "agrees", code, "perhaps").status == 2
    assert len(at("interview", "list", "--json").objects()) == 1


def test_an_answer_has_its_time(at: Callable[..., Any], matter: Matter, code: str) -> None:
    """To being recorded, and of the grid; a part that is no id, a time that is none: status 2."""
    part = "a" * 26
    where = ("--part", part, "--at", "1:00:09")
    assert at("interview", "agrees", code, "no", *where).status == 0
    assert at("consent", "set", code, "contact", "no", "--part", part, "--at", "40:50").status == 0
    for odd in (("--at", "9 h"), ("--part", "part one", "--at", "00:09")):
        assert at("interview", "agrees", code, "no", *odd).status == 2
        assert at("consent", "set", code, "contact", "no", *odd).status == 2
    ended = at("interview", "agrees", code, "no", "--part", part)
    assert (ended.status, ended.err) == (1, errors.WrongDetailError.sentence + "\n")

    with matter.unlock() as vault:
        assert vault.testimony.rows("SELECT media, at_ms FROM agreement") == [
            {"media": part, "at_ms": 3_609_000}
        ]
        assert vault.testimony.rows("SELECT media, at_ms FROM consent_moment") == [
            {"media": part, "at_ms": 2_450_000}
        ]


def test_leaving_says_what_is_left_and_takes_why_not(at: Callable[..., Any], code: str) -> None:
    """Unfinished, gone on with, closed with one reason; then nothing more."""
    ended = at("interview", "close", code)
    assert ended.out == (
        f"{code} is unfinished. Left to do, or to say why not: "
        "present, closing question, read back, signature.\n"
    )
    assert at("interview", "reopen", code).out == f"{code} is open.\n"
    closing = ("--done", "present", "--done", "closing_question", "--done", "read_back=spoken")
    (closed,) = at(
        *("interview", "close", code, *closing),
        *("--not-done", "signature=witness refused", "--json"),
    ).objects()
    assert closed == {"interview": code, "state": "closed", "left": []}
    ended = at("interview", "reopen", code)
    assert (ended.status, ended.err) == (1, errors.InterviewClosedError.sentence + "\n")


def test_what_is_no_field_or_no_reason_is_refused(at: Callable[..., Any], code: str) -> None:
    """Wrong calls end with 2; a reason without words, and what the record says, with a sentence."""
    for wrong in (("--done", "lunch"), ("--done", "signature=sung"), ("--not-done", "lunch=x")):
        assert at("interview", "close", code, *wrong).status == 2
    ended = at("interview", "close", code, "--not-done", "signature")
    assert (ended.status, ended.err) == (1, errors.NotDoneError.sentence + "\n")
    assert "signature=witness refused" in ended.err
    ended = at("interview", "close", code, "--done", "end")
    assert (ended.status, ended.err) == (1, errors.FieldEnteredError.sentence + "\n")
    assert "intake interview end" in ended.err


def test_notes_come_from_a_file_or_the_keyboard(
    at: Callable[..., Any], code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never from an argument, which other programs can see."""
    file = tmp_path / "note"
    file.write_text("shows the scar\n", "utf-8")
    assert at("note", "add", code, "--text-file", file, "--at", "00:10").out == "Kept.\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"looks at the door\n")))
    assert at("note", "add", code).status == 0
    file.write_text("shows the scar on her hand", "utf-8")
    assert at("note", "edit", code, 2, "--text-file", file).status == 0

    found = at("note", "list", code, "--json").objects()
    assert [(each["number"], each["at_ms"], each["text"]) for each in found] == [
        (1, 0, "looks at the door"),
        (2, 10_000, "shows the scar on her hand"),
    ]
    for number in (0, 3):
        ended = at("note", "edit", code, number, "--text-file", file)
        assert (ended.status, ended.err) == (1, errors.UnknownCodeError.sentence + "\n")
    file.write_bytes(b"\xff")
    for place in (file, tmp_path):
        ended = at("note", "add", code, "--text-file", place)
        assert (ended.status, ended.err) == (1, errors.InputFileError.sentence + "\n")
    file.write_text(" \n", "utf-8")
    ended = at("note", "add", code, "--text-file", file)
    assert (ended.status, ended.err) == (1, errors.EmptyLineError.sentence + "\n")


def test_a_segment_is_taken_back_shown_as_a_gap_and_lifted(
    at: Callable[..., Any], code: str
) -> None:
    """The transcript has a number in its place; a list says where; until it is lifted."""
    assert at("take-back", code, 2, "--json").objects() == [{"interview": code, "number": 1}]

    shown = at("transcript", "show", code)
    assert "burned" not in shown.out
    assert "[taken back 1]" in shown.out
    assert [
        each.get("taken_back") for each in at("transcript", "show", code, "--json").objects()
    ] == [
        None,
        1,
        None,
    ]
    (listed,) = at("take-back", code, "--json").objects()
    assert set(listed) == {"number", "part", "start_ms", "end_ms", "day"}
    assert at("take-back", code, "--lift", 1).out == "1 segment(s) count again.\n"
    assert "burned" in at("transcript", "show", code).out
    ended = at("take-back", code, "--lift", 1)
    assert (ended.status, ended.err) == (1, errors.UnknownCodeError.sentence + "\n")
    again = at(
        *("take-back", code, "--part", listed["part"], "--from", "00:00", "--to", "00:01"),
    )
    assert again.out == "Taken back, as [taken back 2].\n"


def test_a_stretch_is_named_in_one_way(at: Callable[..., Any], code: str) -> None:
    """Half a stretch, and two ways at once, are wrong calls; one with no length gets a sentence."""
    part = ("--part", "a" * 26)
    for wrong in (
        ("--from", "00:01"),
        (*part, "--from", "00:01"),
        (1, "--lift", 1),
        (1, *part, "--from", "00:01", "--to", "00:02"),
    ):
        assert at("take-back", code, *wrong).status == 2
    ended = at("take-back", code, *part, "--from", "00:01", "--to", "00:02")
    assert (ended.status, ended.err) == (1, errors.UnknownCodeError.sentence + "\n")
