"""Bad input gets a sentence, status 1, and changes nothing: every file of the vault is compared.

What may differ after a refusal: nothing, but `head`, which whoever locks the vault signs anew.
Where the same member locked it before, over the same chain, even that has the same bytes.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from intake import errors
from intake.statement import handing
from intake.translation import xliff
from intake.vault.unlocking_delay import FILE as ATTEMPTS
from tests.support.matter import (
    OTHER_PASSPHRASE,
    Matter,
    add_translator,
    new_interview,
    store_segments,
)
from transcription.errors import EmptyFileError, NotAudioError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def code(matter: Matter) -> str:
    """Open an interview."""
    with matter.unlock() as vault:
        return new_interview(vault).code


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file by name, and the name of every folder.

    The count of wrong passphrases is left out: it is what a wrong one may change.
    """
    return {
        str(entry.relative_to(folder)): (
            hashlib.sha256(entry.read_bytes()).hexdigest() if entry.is_file() else "folder"
        )
        for entry in folder.rglob("*")
        if entry.name != ATTEMPTS
    }


def said_of(content: bytes) -> str:
    """Return what is said of a file that is no recording."""
    return (NotAudioError if content else EmptyFileError).default


def refused(matter: Matter, command: Callable[[], Any], sentence: str) -> None:
    """Run a command that must be refused with this sentence, and leave every byte."""
    before = digests(matter.path)

    ended = command()

    assert (ended.status, ended.out, ended.err) == (1, "", sentence + "\n")
    assert digests(matter.path) == before


def test_a_change_would_be_seen(matter: Matter, at: Callable[..., Any]) -> None:
    """Twin: a command that changes something fails the comparison."""
    before = digests(matter.path)

    assert at("witness", "new").status == 0
    assert digests(matter.path) != before


def test_looking_changes_nothing(matter: Matter, at: Callable[..., Any]) -> None:
    """Neither the lock nor the head is rewritten by a look."""
    before = digests(matter.path)

    assert at("witness", "list").status == 0
    assert digests(matter.path) == before


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"This is a letter and no sound at all.\n" * 50,
        bytes(range(256)) * 64,
        b"RIFF\x00\x00\x00\x00WAVEfmt ",
    ],
    ids=["empty", "letter", "bytes", "cut-wave"],
)
def test_a_file_that_is_no_recording(
    content: bytes, matter: Matter, code: str, at: Callable[..., Any], tmp_path: Path
) -> None:
    """The decoder child finds out; nothing of the file stays in the vault."""
    file = tmp_path / "recording.mp3"
    file.write_bytes(content)

    refused(matter, lambda: at("import", code, file), said_of(content))


def test_a_recording_that_is_not_there(
    matter: Matter, code: str, at: Callable[..., Any], tmp_path: Path
) -> None:
    """A wrong path."""
    refused(matter, lambda: at("import", code, tmp_path / "nothing.mp3"), _FILE)


_FILE = errors.FileUnreadableError.sentence


def test_a_wrong_passphrase(matter: Matter, run: Callable[..., Any], tmp_path: Path) -> None:
    """The text that a damaged key file gives, too (test_passphrases)."""
    file = tmp_path / "wrong"
    file.write_text("not these words")

    refused(
        matter,
        lambda: run("--vault", matter.path, "--passphrase-file", file, "witness", "new"),
        errors.UnlockError.sentence,
    )


def test_a_vault_that_is_open_elsewhere(matter: Matter, at: Callable[..., Any]) -> None:
    """The other one goes on undisturbed."""
    with matter.unlock():
        refused(matter, lambda: at("witness", "new"), errors.VaultInUseError.sentence)


def test_a_vault_of_a_newer_format(matter: Matter, at: Callable[..., Any]) -> None:
    """Said before any key is used."""
    file = matter.path / "vault.toml"
    newer = file.read_text().replace("format = 1", "format = 2")
    assert newer != file.read_text()
    file.write_text(newer)

    refused(matter, lambda: at("witness", "new"), errors.NewerFormatError.sentence)


def test_a_folder_that_is_no_vault(
    matter: Matter, run: Callable[..., Any], tmp_path: Path, passphrase_file: Path
) -> None:
    """An empty folder, a missing one, a file."""
    empty = tmp_path / "empty"
    empty.mkdir()
    options = ("--passphrase-file", passphrase_file, "witness", "list")
    for place in (empty, tmp_path / "missing", passphrase_file):
        sentence = errors.NotAVaultError.sentence
        refused(matter, lambda place=place: run("--vault", place, *options), sentence)  # type: ignore[misc]


def test_a_vault_where_something_is(
    matter: Matter, run: Callable[..., Any], passphrase_file: Path
) -> None:
    """No vault is made over another."""
    refused(
        matter,
        lambda: run(
            *("--vault", matter.path, "--passphrase-file", passphrase_file, "vault", "create")
        ),
        errors.VaultExistsError.sentence,
    )


def test_a_model_with_a_wrong_digest(
    matter: Matter, code: str, at: Callable[..., Any], tmp_path: Path
) -> None:
    """A folder with the right names and other bytes is not loaded."""
    model = tmp_path / "model"
    model.mkdir()
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt"):
        (model / name).write_bytes(b"{}")
    before = digests(matter.path)

    ended = at("transcribe", code, "--language", "en", "--model", model)

    assert (ended.status, ended.out) == (1, "")
    assert ended.err.count("\n") == 1
    assert "model" in ended.err
    assert str(tmp_path) not in ended.err
    assert digests(matter.path) == before


def test_nothing_to_transcribe(matter: Matter, code: str, at: Callable[..., Any]) -> None:
    """An interview without a recording."""
    refused(
        matter,
        lambda: at("transcribe", code, "--language", "en"),
        errors.NothingToTranscribeError.sentence,
    )


def test_a_language_that_nobody_can_declare(matter: Matter, at: Callable[..., Any]) -> None:
    """Nothing is declared, queued or decoded."""
    with matter.unlock() as vault:
        interview = new_interview(vault)
        store_segments(vault, interview.id, ["It was early."])

    for command in (("transcribe",), ("queue", "add")):
        refused(
            matter,
            lambda command=command: at(  # type: ignore[misc]
                *command, interview.code, "--language", "zz99"
            ),
            errors.SpokenLanguageError.sentence,
        )


def test_an_interview_that_is_not_there(matter: Matter, at: Callable[..., Any]) -> None:
    """A code that nobody was given."""
    refused(matter, lambda: at("transcript", "show", "W-AAAA/1"), errors.UnknownCodeError.sentence)


def test_translations_that_do_not_belong_here(
    matter: Matter, at: Callable[..., Any], tmp_path: Path
) -> None:
    """A file of another interview, one that is no XLIFF, one that pulls in others."""
    with matter.unlock() as vault:
        one, other = new_interview(vault), new_interview(vault)
        for interview in (one, other):
            store_segments(vault, interview.id, ["It was early."])
        translator = add_translator(vault)
    words = tmp_path / "other"
    words.write_text(OTHER_PASSPHRASE)
    as_translator = ("--member", translator, "--passphrase-file", words)
    assert at("separate", one.code).status == 0
    out = tmp_path / "out.xlf"
    with matter.unlock() as vault:
        handing.export_xliff(vault, one.id, "fr", translator, out)
    assert xliff.read(out.read_bytes()).units
    letter = tmp_path / "letter.xlf"
    letter.write_text("Dear colleague")
    unsafe = tmp_path / "unsafe.xlf"
    declared = out.read_text().replace("?>", "?><!DOCTYPE x [<!ENTITY e 'z'>]>", 1)
    unsafe.write_text(declared)
    importing = ("translate", "import", other.code)

    # The translator's first lock signs `head`; from then on nothing may differ.
    assert at(*as_translator, "interview", "list").status == 0
    for file, sentence in (
        (out, errors.XliffOfAnotherInterviewError.sentence),
        (letter, errors.NotXliffError.sentence),
        (unsafe, errors.XliffUnsafeError.sentence),
    ):
        refused(
            matter,
            lambda file=file: at(*as_translator, *importing, file),  # type: ignore[misc]
            sentence,
        )


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b'{"forms": [{"form": "x"}]}', b'{"form": []}', b"\xff", b"[" * 100_000],
    ids=["empty", "list", "half", "unknown", "bytes", "deep"],
)
def test_decisions_of_another_shape(
    content: bytes, matter: Matter, code: str, at: Callable[..., Any], tmp_path: Path
) -> None:
    """A typing error decides nothing."""
    file = tmp_path / "decisions.json"
    file.write_bytes(content)

    refused(matter, lambda: at("review", "decide", code, file), errors.DecisionFileError.sentence)


def test_words_that_no_store_takes(matter: Matter, code: str, at: Callable[..., Any]) -> None:
    """A cell that the grid does not have, a name without a letter, a member nobody knows."""
    cell = errors.ConsentCellError.sentence
    refused(matter, lambda: at("consent", "set", code, "keep", "maybe"), cell)
    refused(matter, lambda: at("consent", "set", code, "share", "without_name"), cell)
    refused(matter, lambda: at("person", "add", "  "), errors.FormRefusedError.sentence)
    with matter.unlock() as vault:
        add_translator(vault)
    unknown = errors.UnknownMemberError.sentence
    refused(matter, lambda: at("--member", "zzzz", "witness", "new"), unknown)
