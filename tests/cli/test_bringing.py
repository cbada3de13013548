"""`intake import`, `intake exhibit`, `intake brought`: files, folders, chats, things."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from intake import errors
from tests.capture import exported_chat
from tests.capture.test_folders import phone
from tests.capture.test_importing import sound
from tests.support.matter import Matter, new_interview
from tests.transcription import brought
from transcription.brought_errors import NoTextError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def code(matter: Matter) -> str:
    """Open an interview."""
    with matter.unlock() as vault:
        return new_interview(vault).code


def test_a_recording_is_imported_as_ever(at: Callable[..., Any], code: str, tmp_path: Path) -> None:
    """Its digest and length; how it came is kept and shown again."""
    file, words = tmp_path / "voice.wav", tmp_path / "words.txt"
    file.write_bytes(sound(1))
    words.write_text("Given by a neighbour", "utf-8")

    said = ("--how", "card", "--generation", "copy", "--words-file", words, "--clock-ahead", -60)
    (made,) = at("import", code, file, *said, "--json").objects()

    assert made["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (made["duration_ms"], made["damaged_from_ms"]) == (1000, None)
    listed = at("brought", "list", code, "--json").objects()
    assert [each["role"] for each in listed] == ["original", "working"]
    (shown,) = at("brought", "show", made["media"], "--json").objects()
    assert shown["facts"]["how"] == "card"
    assert shown["facts"]["how_words"] == "Given by a neighbour"
    assert (shown["facts"]["generation"], shown["facts"]["clock_ahead_s"]) == ("copy", "-60")
    (working,) = at("brought", "show", listed[1]["media"], "--json").objects()
    assert working["parent"] == made["media"]
    assert working["facts"]["parent_sha256"] == made["sha256"]
    assert working["facts"]["tool"].startswith("PyAV")
    assert "s of sound." in at("import", code, _wav(tmp_path)).out
    assert "how: card" in at("brought", "show", made["media"]).out


def _wav(folder: Path) -> Path:
    file = folder / "second.wav"
    file.write_bytes(sound(1, seed=9))
    return file


def test_a_folder_names_what_came_of_each_file(
    at: Callable[..., Any], code: str, tmp_path: Path
) -> None:
    """Bad ones end the command with status 1 and a sentence; the others are kept."""
    folder = phone(tmp_path)
    ended = at("import", code, folder, "--json")

    (made,) = ended.objects()
    assert (ended.status, made["brought"]) == (1, 4)
    assert ended.err.startswith("1 file(s) could not be brought in")
    assert [each["what"] for each in made["files"]].count("passed_over") == 3
    again = at("import", code, folder)
    assert "here already" in again.out
    assert "0 brought in." in again.out


def test_a_chat_comes_in_with_its_witness(
    at: Callable[..., Any], code: str, tmp_path: Path
) -> None:
    """Senders are listed first; one of them, by number, is the witness."""
    file = tmp_path / "chat.zip"
    file.write_bytes(exported_chat.exported())

    listed = at("import", code, file, "--senders", "--json").objects()
    assert [each["sender"] for each in listed] == [exported_chat.AMINA, exported_chat.SABIR]
    assert at("import", code, file, "--language", "en", "--witness", 9).err.strip() == (
        errors.NoSuchSenderError.sentence
    )
    (made,) = at("import", code, file, "--language", "en", "--witness", 1, "--json").objects()

    assert (made["brought"], made["dates"]) == (6, "dmy")
    shown = at("transcript", "show", code, "--json").objects()
    assert shown[1]["speaker"] == "W-1"
    assert shown[2]["text"] == "[voice message: recording 1]"
    assert [each["exhibit"] for each in at("exhibit", "list", code, "--json").objects()] == [
        "E-1", "E-2", "E-3"
    ]  # fmt: skip


def test_a_statement_comes_in_and_is_compared(
    at: Callable[..., Any], code: str, tmp_path: Path
) -> None:
    """Its text as the original has it; a scan is offered as an exhibit."""
    file, scan = tmp_path / "statement.docx", tmp_path / "scan.pdf"
    file.write_bytes(brought.docx())
    scan.write_bytes(brought.pdf(scan=True))

    ended = at("import", code, file, "--language", "ug", "--speaker", "W-1", "--json")
    (made,) = ended.objects()
    assert (made["paragraphs"], made["marks"]) == (3, ["right_to_left"])
    assert "right to left" in ended.err
    (text,) = at("brought", "show", made["media"], "--text", "--json").objects()
    assert tuple(text["paragraphs"]) == brought.PARAGRAPHS
    refused = at("import", code, scan, "--language", "en")

    assert (refused.status, refused.err) == (1, NoTextError.default + "\n")
    assert at("import", code, scan, "--as", "exhibit").out.startswith(
        f"{scan.stat().st_size} bytes sealed unchanged: exhibit E-1."
    )


def test_exhibits_are_added_described_and_shown(
    at: Callable[..., Any], code: str, tmp_path: Path
) -> None:
    """A picture, a thing, a time; and what a picture says of itself."""
    file, words = tmp_path / "photo.jpg", tmp_path / "words.txt"
    file.write_bytes(brought.picture(exif=True))
    words.write_text("A scar on the left hand\n", "utf-8")

    assert at("exhibit", "add", code, file, "--how", "messenger").out.startswith("E-1: picture")
    assert at("exhibit", "add", code, "--text-file", words).out.startswith("E-2: described")
    assert at("exhibit", "describe", code, 1, "--text-file", words).status == 0
    (shown,) = at("exhibit", "shown", code, 1, "--at", "00:40:50", "--json").objects()
    assert shown["shown_ms"] == [2_450_000]
    (facts,) = at("exhibit", "show", code, 1, "--json").objects()
    assert facts["facts"]["description"] == "A scar on the left hand"
    assert facts["facts"]["how"] == "messenger"
    assert "Testcam" in facts["facts"]["metadata"]
    assert "shown at 2450.0 s" in at("exhibit", "show", code, 1).out
    assert at("exhibit", "list", code).out.splitlines()[1].startswith("E-2    described")
    assert at("exhibit", "show", code, 7).err == errors.NoExhibitError.sentence + "\n"


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("--as", "photo"), 2),
        (("--how", "pigeon"), 1),
        (("--senders", "second"), 2),
        (("--words-file", "nowhere"), 1),
    ],
)
def test_wrong_calls_end_with_a_sentence(
    at: Callable[..., Any], code: str, tmp_path: Path, words: tuple[str, ...], status: int
) -> None:
    """And nothing is brought in."""
    ended = at("import", code, _wav(tmp_path), *words)

    assert ended.status == status
    assert ended.err
    assert at("brought", "list", code).out == "Nothing was brought in yet.\n"
    assert at("brought", "show", "nothing").err == errors.NoSuchMediaError.sentence + "\n"
