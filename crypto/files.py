"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def whole_file(path: Path, *, only_new: bool = False) -> Iterator[BinaryIO]:
    """Give a file under a temporary name beside `path`; it takes that name if all went well.

    Only the owner can read it. It is synced before it gets its name, and the folder after. On an
    exception nothing remains and a file that stood at `path` is untouched. With `only_new` one that
    stands there, or comes to stand there meanwhile, is FileExistsError. Raises OSError.
    """
    if only_new and (path.exists() or path.is_symlink()):
        raise FileExistsError
    descriptor, name = tempfile.mkstemp(prefix=".unfinished-", dir=path.parent)
    temporary = Path(name)
    try:
        # Unbuffered: what is written comes in large blocks already.
        with open(descriptor, "r+b", buffering=0) as target:  # noqa: PTH123  # from a descriptor
            yield cast("BinaryIO", target)
            os.fsync(target.fileno())
        _give_name(temporary, path, only_new=only_new)
    except BaseException:
        with suppress(FileNotFoundError):
            temporary.unlink()
        raise
    sync_folder(path.parent)


def _give_name(temporary: Path, path: Path, *, only_new: bool) -> None:
    if only_new:
        try:
            path.hardlink_to(temporary)
        except FileExistsError:
            raise FileExistsError from None
        except OSError:
            pass  # a file system without links: what stood there was looked for before
        else:
            temporary.unlink()
            return
    temporary.replace(path)


def new_file(path: Path) -> BinaryIO:
    """Make a file that only its owner can read, unbuffered; FileExistsError if one stands there.

    Its name is on the disk when this returns. Raises OSError.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise FileExistsError from None  # without the path: a file name can name a person
    file = open(descriptor, "r+b", buffering=0)  # noqa: PTH123, SIM115  # given to the caller
    try:
        sync_folder(path.parent)
    except BaseException:
        file.close()
        raise
    return cast("BinaryIO", file)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder as lasting as its files. Raises OSError."""
    if os.name != "posix":  # pragma: no cover  # other systems cannot open a folder
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
