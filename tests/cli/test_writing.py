"""`intake write`: from the keyboard and from a file, and reading back."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any

import pytest

from intake import errors
from tests.support.matter import Matter, new_interview

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TYPED = "Q: What did you see?\nA: There were two guards,\nand a gate.\n"


@pytest.fixture
def code(matter: Matter) -> str:
    """Open an interview."""
    with matter.unlock() as vault:
        return new_interview(vault).code


@pytest.fixture
def typing(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Put bytes on standard input."""

    def one(content: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))

    return one


def test_lines_from_the_keyboard(
    at: Callable[..., Any], code: str, typing: Callable[[bytes], None]
) -> None:
    """Two lines, one of which went on; what belongs to nobody, and what is no text, is said so."""
    typing(b"wind\n" + TYPED.encode() + b"A: \xff\xfe\n")

    ended = at("write", code.lower(), "--language", "en", "--json")

    assert ended.status == 0
    assert ended.objects() == [{"interview": code, "lines": 2}]
    assert "Begin a line with Q: or A:" in ended.err
    assert "no UTF-8 text" in ended.err
    shown = at("transcript", "show", code, "--json").objects()
    assert [(each["speaker"], each["text"]) for each in shown] == [
        ("IV-1", "What did you see?"),
        ("W-1", "There were two guards,\nand a gate."),
    ]


def test_lines_from_a_file_then_read_back(
    at: Callable[..., Any], code: str, tmp_path: Path
) -> None:
    """Written, separated, refused as heard, confirmed as read back."""
    file = tmp_path / "account.txt"
    file.write_text(TYPED, "utf-8")

    assert at("write", code, "--language", "en", "--from", file).out.startswith("2 line(s)")
    assert at("separate", code, "--json").objects()[0]["separated"] == 2
    ended = at("transcript", "confirm", code, 1, 2)
    assert (ended.status, ended.err) == (1, errors.ReadBackError.sentence + "\n")
    assert at("write", code, "--read-back", "--json").objects() == [
        {"interview": code, "read_back": 2}
    ]
    assert at("write", code, "--read-back").out.startswith("0 line(s)")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * (4 << 20) + b"xx"], ids=["bytes", "large"])
def test_a_file_that_is_no_text_is_refused(
    content: bytes, at: Callable[..., Any], code: str, tmp_path: Path
) -> None:
    """One sentence, and nothing written."""
    file = tmp_path / "account.txt"
    file.write_bytes(content)

    for place in (file, tmp_path, tmp_path / "nothing"):
        ended = at("write", code, "--language", "en", "--from", place)
        assert (ended.status, ended.err) == (1, errors.InputFileError.sentence + "\n")
    assert at("transcript", "show", code, "--json").out == ""


def test_a_text_that_begins_with_nobody_is_refused(
    at: Callable[..., Any], code: str, tmp_path: Path
) -> None:
    """Before the vault is opened; the line is named, its words are not."""
    file = tmp_path / "account.txt"
    file.write_text("Quillona came in\n", "utf-8")

    ended = at("write", code, "--language", "en", "--from", file)

    assert (ended.status, ended.out) == (1, "")
    assert ended.err.startswith("Line 1 of this text")
    assert "Quillona" not in ended.err


def test_a_language_has_to_be_said(at: Callable[..., Any], code: str) -> None:
    """A wrong call: nothing guesses what is written."""
    assert at("write", code).status == 2
    assert at("write", code, "--language", "xx").status == 2
    assert at("write", code, "--language", "en", "--question-language", "xx").status == 2
