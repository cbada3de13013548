"""Writing outside a vault: whole or not at all, never over something that is there."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
from typing import IO, TYPE_CHECKING, Final

from intake.errors import TargetExistsError, TargetRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


_NO_LINKS: Final = frozenset({errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK})


def write_file(target: Path, content: bytes) -> None:
    """Write one file that must not exist yet, readable by its owner alone.

    Raises `TargetExistsError` (also for a link that points nowhere) and `TargetRefusedError` (full
    disk, read-only, unplugged); then nothing with the final name is there.
    """
    part = _part_of(target)
    is_placed = False
    try:
        _write(part, content)
        _place(part, target)
        is_placed = True
        _sync_folder(target.parent)
    except FileExistsError:
        raise TargetExistsError from None
    except OSError:
        if is_placed:  # not known to last: better no file than one that may be half there
            target.unlink(missing_ok=True)
        raise TargetRefusedError from None
    finally:
        _forget(part)


@contextlib.contextmanager
def new_file(target: Path, *, replacing: bool = False) -> Iterator[IO[bytes]]:
    """Give a file for the block to fill; it gets its name if the block ends well.

    For what is too long for memory. `replacing` lets it take the place of the file that stands
    there. Raises `TargetExistsError` and `TargetRefusedError` as `write_file` does; what the block
    raises passes, and nothing of the file stays.
    """
    part = target.with_name(f".{secrets.token_hex(6)}.part") if replacing else _part_of(target)
    is_placed = False
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if replacing:
            part.replace(target)
        else:
            _place(part, target)
            is_placed = True
        _sync_folder(target.parent)
    except FileExistsError:
        raise TargetExistsError from None
    except OSError:
        if is_placed:
            target.unlink(missing_ok=True)
        raise TargetRefusedError from None
    finally:
        _forget(part)


def write_folder(target: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder of files that must not exist yet; it appears whole.

    Raises `TargetExistsError` and `TargetRefusedError`.
    """
    part = _part_of(target)
    try:
        part.mkdir(mode=0o700)
        for name, content in files.items():
            (part / name).parent.mkdir(parents=True, exist_ok=True)
            _write(part / name, content)
        if os.path.lexists(target):
            raise TargetExistsError
        part.rename(target)
        _sync_folder(target.parent)
    except OSError:
        raise TargetRefusedError from None
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _part_of(target: Path) -> Path:
    try:
        os.lstat(target)
    except FileNotFoundError:
        return target.with_name(f".{secrets.token_hex(6)}.part")
    except OSError:
        raise TargetRefusedError from None
    raise TargetExistsError


def _place(part: Path, target: Path) -> None:
    """Give the file its name, never over another (`FileExistsError`)."""
    try:
        os.link(part, target)  # unlike rename, refuses to replace what appeared meanwhile
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # Sticks are mostly FAT or exFAT, which have no second names for a file. Between this look
        # and the rename another program would have to make a file of the very same name.
        if os.path.lexists(target):
            raise FileExistsError from None
        part.rename(target)


def _forget(part: Path) -> None:
    with contextlib.suppress(OSError):  # an unplugged stick: there is nothing to remove it from
        part.unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
