"""A file's name may be any bytes; what is kept as words may not."""

from __future__ import annotations

import os
import wave
from typing import TYPE_CHECKING, Any

import pytest

from intake.cli.common import is_text
from tests.support.matter import Matter, new_interview

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Write a short recording whose name is Latin-1, not UTF-8."""
    path = tmp_path / os.fsdecode(b"caf\xe9.wav")
    with path.open("wb") as file, wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(16000)
        sound.writeframes(b"\1\0" * 16000)
    return path


def test_a_recording_with_a_name_of_any_bytes_is_imported(
    matter: Matter, at: Callable[..., Any], recording: Path
) -> None:
    """Its name is kept in the identity register, with the odd byte written out."""
    with matter.unlock() as vault:
        code = new_interview(vault).code

    ended = at("import", code, recording)

    assert ended.status == 0, ended.err
    with matter.unlock() as vault:
        names = vault.identities.rows("SELECT value FROM media_fact WHERE kind='name'")
        assert [row["value"] for row in names] == ["caf\\xe9.wav"]


def test_a_new_file_may_have_such_a_name_too(
    at: Callable[..., Any], tmp_path: Path, run: Callable[..., Any]
) -> None:
    """A folder to write to, and one that is no vault: sentences, and no word of a bug."""
    odd = tmp_path / os.fsdecode(b"out\xe9")

    assert at("custody", "extract", odd).status == 0
    assert odd.is_dir()
    assert "is not an Intake vault" in run("--vault", odd, "member", "list").err


@pytest.mark.parametrize(
    ("words", "expected"),
    [("Ünal", True), ("", True), ("آيگۈل", True), ("caf\udce9", False), ("\ud800", False)],
    ids=ascii,
)
def test_text_is_told_from_bytes(words: str, expected: bool) -> None:
    """Every script is text; half of a pair is none."""
    assert is_text(words) is expected
