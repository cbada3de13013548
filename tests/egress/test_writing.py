"""A file or folder outside the vault appears whole or not at all, and never over another."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from intake.egress.writing import write_file, write_folder
from intake.errors import TargetExistsError, TargetRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILES = {"chain/1.json": b"{}", "chain/1.sig": b"\0" * 64, "README.txt": b"how to check"}


def failing(code: int, real: Callable[..., int] | None = None) -> Callable[..., int | None]:
    """Return a system call that fails; with `real`, an open that fails for new files alone."""

    def fail(*given: object, **named: object) -> int | None:
        if real is not None and not (isinstance(given[1], int) and given[1] & os.O_CREAT):
            return real(*given, **named)
        raise OSError(code, os.strerror(code))

    return fail


def test_a_file_appears_whole_for_its_owner_alone(tmp_path: Path) -> None:
    """And nothing else is left in the folder."""
    write_file(tmp_path / "a.pdf", b"whole")

    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]
    assert (tmp_path / "a.pdf").read_bytes() == b"whole"
    assert (tmp_path / "a.pdf").stat().st_mode & 0o777 == 0o600


def test_a_folder_appears_whole(tmp_path: Path) -> None:
    """With the folders that its names have in them."""
    write_folder(tmp_path / "custody", FILES)

    found = {
        str(path.relative_to(tmp_path / "custody")): path.read_bytes()
        for path in (tmp_path / "custody").rglob("*")
        if path.is_file()
    }
    assert found == FILES
    assert [path.name for path in tmp_path.iterdir()] == ["custody"]


@pytest.mark.parametrize("code", [errno.EPERM, errno.ENOTSUP])
def test_a_stick_without_second_names_takes_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """FAT and exFAT have no hard links: it is renamed there, and still never over another."""
    monkeypatch.setattr("intake.egress.writing.os.link", failing(code))
    write_file(tmp_path / "a.pdf", b"whole")

    with pytest.raises(TargetExistsError):
        write_file(tmp_path / "a.pdf", b"another")

    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]
    assert (tmp_path / "a.pdf").read_bytes() == b"whole"


@pytest.mark.parametrize("is_stick", [False, True], ids=["disk", "stick"])
def test_what_appears_meanwhile_is_never_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_stick: bool
) -> None:
    """Another program writes the same name between the first look and the last step."""
    target = tmp_path / "a.pdf"
    real = os.link

    def link(part: Path, final: Path) -> None:
        target.write_bytes(b"theirs")
        if is_stick:
            raise OSError(errno.EPERM, "no links")
        real(part, final)

    monkeypatch.setattr("intake.egress.writing.os.link", link)

    with pytest.raises(TargetExistsError):
        write_file(target, b"ours")

    assert target.read_bytes() == b"theirs"
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]


@pytest.mark.parametrize("call", ["open", "fsync", "link"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_a_disk_that_fails_is_left_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, code: int
) -> None:
    """Full, read-only or unplugged, at any step: one sentence and no file, not even a part."""
    with monkeypatch.context() as patched:
        real = os.open if call == "open" else None
        patched.setattr(f"intake.egress.writing.os.{call}", failing(code, real))
        with pytest.raises(TargetRefusedError, match="Nothing was left behind"):
            write_file(tmp_path / "a.pdf", b"whole")
        if call != "link":
            with pytest.raises(TargetRefusedError):
                write_folder(tmp_path / "custody", FILES)

    assert list(tmp_path.iterdir()) == []


def test_a_name_that_does_not_last_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder cannot be synced after the file got its name: then nothing is left behind."""
    real, calls = os.fsync, []

    def fsync(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) > 1:
            raise OSError(errno.EIO, "unplugged")
        real(descriptor)

    monkeypatch.setattr("intake.egress.writing.os.fsync", fsync)

    with pytest.raises(TargetRefusedError):
        write_file(tmp_path / "a.pdf", b"whole")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("write", [
    lambda target: write_file(target, b"whole"), lambda target: write_folder(target, FILES)
], ids=["file", "folder"])  # fmt: skip
def test_nothing_that_is_there_is_touched(tmp_path: Path, write: Callable[[Path], None]) -> None:
    """A file, an empty folder, a link to nothing, a folder that may not be looked into."""
    (tmp_path / "file").write_bytes(b"mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("nowhere")

    for name in ("file", "folder", "link"):
        with pytest.raises(TargetExistsError):
            write(tmp_path / name)
    with pytest.raises(TargetRefusedError):
        write(tmp_path / "file" / "inside")
    with pytest.raises(TargetRefusedError):
        write(tmp_path / "gone" / "a")

    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder", "link"]
    assert (tmp_path / "file").read_bytes() == b"mine"
