"""A recording while it is made: an age file that grows and loses at most one chunk to a crash.

A chunk is sealed once one more byte exists, written, synced, and only then acknowledged to the
caller, who keeps the count somewhere else: a cut at the border of a chunk cannot be told from a
crash by the file alone. No partial tail is ever written, and no file is opened again to go on: both
would seal two plaintexts under one nonce. After a crash `crypto.interrupted` makes a new file.

The bound of the loss is 64 KiB of payload: 0.7 s of 48 kHz mono PCM, but 20 s and more of a
compressed codec. So PCM is recorded, and compressed afterwards.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Self

from crypto.chunks import BytesLike, write_all
from crypto.errors import StillGrowingError
from crypto.files import new_file, sync_folder
from crypto.writing import SealingWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import TracebackType

    from crypto.keywrap import Recipient

# Linux has fdatasync; where it is missing the fuller call does.
_sync_data = getattr(os, "fdatasync", os.fsync)


@dataclass(frozen=True, slots=True)
class Finished:
    """A whole age file as it lies on the disk: what custody notes of it."""

    sha_sealed: str
    sealed_bytes: int
    plain_bytes: int
    chunks: int


class GrowingWriter:
    """Writes one recording into a new file; for one thread, and one process (no fork meanwhile).

    `acknowledge` is called with the count of chunks that are on the disk: 0 once the header is, and
    one more after each chunk. It must keep the count outside the file before it returns. Needs
    only public recipients, so it goes on while the vault is locked. Whatever raises, here or in
    `acknowledge`, ends the writing: what was acknowledged stays recoverable.
    """

    def __init__(
        self,
        path: Path,
        recipients: Sequence[Recipient],
        *,
        acknowledge: Callable[[int], None],
    ) -> None:
        self._path = path
        self._acknowledge = acknowledge
        self._plain_bytes = 0
        self._raw = _Hashed(new_file(path))
        try:
            hold(self._raw.file)
            self._writer = SealingWriter(self._raw, recipients, on_chunk=self._chunk_is_written)
            self._raw.sync()
            acknowledge(0)
        except BaseException:
            self._raw.file.close()
            raise

    @property
    def plain_bytes(self) -> int:
        """Count of bytes taken so far; all but the last 64 KiB are on the disk."""
        return self._plain_bytes

    def write(self, content: BytesLike) -> int:
        """Take all of `content` and return its length; OSError, or ValueError after the end."""
        taken = self._writer.write(content)
        self._plain_bytes += taken
        return taken

    def finish(self) -> Finished:
        """Write the final chunk, sync file and folder, and close; ValueError after the end."""
        try:
            self._writer.finish()
            os.fsync(self._raw.file.fileno())
            sync_folder(self._path.parent)
        finally:
            self._raw.file.close()
        return Finished(
            sha_sealed=self._raw.digest.hexdigest(),
            sealed_bytes=self._raw.length,
            plain_bytes=self._plain_bytes,
            chunks=self._writer.chunks_written,
        )

    def abandon(self) -> None:
        """Stop without an end, as a crash would; the file can only be recovered. Safe twice."""
        self._writer.abandon()
        self._raw.file.close()

    def _chunk_is_written(self, count: int) -> None:
        self._raw.sync()
        self._acknowledge(count)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Finish, unless an exception passes or it ended already."""
        if kind is None and not self._raw.file.closed:
            self.finish()
        else:
            self.abandon()


class _Hashed:
    """A raw file with the SHA-256 and the length of all that was written to it."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.digest = hashlib.sha256()
        self.length = 0

    def write(self, content: BytesLike, /) -> int:
        write_all(self.file, content)
        self.digest.update(content)
        self.length += len(content)
        return len(content)

    def sync(self) -> None:
        _sync_data(self.file.fileno())


def hold(file: BinaryIO) -> None:
    """Keep others from writing or recovering a file until it is closed; StillGrowingError.

    A file system without locks is no reason to lose a minute: there nothing is held.
    """
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise StillGrowingError("the file is being written") from None
    except OSError:
        return
