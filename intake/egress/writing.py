"""Writing outside a vault: whole or not at all, never over something that is there."""

from __future__ import annotations

import os
import secrets
import shutil
from typing import TYPE_CHECKING

from intake.errors import TargetExistsError, TargetRefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def write_file(target: Path, content: bytes) -> None:
    """Write one file that must not exist yet, readable by its owner alone.

    Raises `TargetExistsError` (also for a link that points nowhere) and `TargetRefusedError` (full
    disk, read-only, unplugged); then nothing with the final name is there.
    """
    part = _part_of(target)
    try:
        _write(part, content)
        os.link(part, target)  # unlike rename, refuses to replace what appeared meanwhile
        _sync_folder(target.parent)
    except FileExistsError:
        raise TargetExistsError from None
    except OSError:
        raise TargetRefusedError from None
    finally:
        part.unlink(missing_ok=True)


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
        if target.exists() or target.is_symlink():
            raise TargetExistsError
        part.rename(target)
        _sync_folder(target.parent)
    except OSError:
        raise TargetRefusedError from None
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _part_of(target: Path) -> Path:
    if target.exists() or target.is_symlink():
        raise TargetExistsError
    return target.with_name(f".{secrets.token_hex(6)}.part")


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
