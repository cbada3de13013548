"""Taking a file in: opened once, read once, sealed unchanged, hashed on the way."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final

from intake.errors import AlreadyImportedError, FileUnreadableError, IntakeError
from intake.jobs import CancelToken, Progress, Report, silent
from intake.vault.folder import require_room
from intake.vault.ids import MediaId
from transcription.errors import EmptyFileError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from intake.vault.change import Change
    from intake.vault.ids import InterviewId
    from intake.vault.media import SealedFile
    from intake.vault.vault import Vault

PIECE: Final = 1 << 20
_LARGE: Final = 16 << 20


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A plain file that is open for reading, and what the file system says of it."""

    file: IO[bytes]
    name: str
    size: int
    time: str
    """When it was changed last by its file system, ISO 8601 in UTC."""


@contextmanager
def opened(path: Path) -> Iterator[FoundFile]:
    """Open a plain file without following a link at its end or waiting for a fifo's writer.

    Raises `FileUnreadableError`, and `IntakeError` for an empty one.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        raise FileUnreadableError from None
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode):
        os.close(descriptor)
        raise FileUnreadableError
    with os.fdopen(descriptor, "rb") as file:
        if facts.st_size == 0:
            raise IntakeError(EmptyFileError().sentence)
        name = os.fsencode(path.name).decode("utf-8", "backslashreplace")
        yield FoundFile(file, name, facts.st_size, _iso(facts.st_mtime))


def _iso(seconds: float) -> str:
    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError, OSError):  # a card whose clock never was set
        return ""


def pieces(file: IO[bytes], size: int, token: CancelToken, report: Report) -> Iterator[bytes]:
    """Read a file to its end, cancellable; reports bytes. Raises `FileUnreadableError`."""
    done = 0
    while piece := read(file):
        token.raise_if_cancelled()
        done += len(piece)
        report(Progress(done, max(size, done), "bytes sealed"))
        yield piece


def read(file: IO[bytes], size: int = PIECE) -> bytes:
    """Read a piece (`FileUnreadableError` where the medium is gone)."""
    try:
        return file.read(size)
    except OSError:
        raise FileUnreadableError from None


def head_of(found: FoundFile, size: int = 4096) -> bytes:
    """Return how a file begins; its place stays at the beginning."""
    head = read(found.file, size)
    found.file.seek(0)
    return head


def refuse_known(
    vault: Vault, interview: InterviewId, found: FoundFile, token: CancelToken
) -> None:
    """Raise `AlreadyImportedError` for bytes that the interview has, without sealing them first.

    Reads the file only where a sealed one has the same length: going on after an interruption, and
    the same files once more, are quick. Its place is at the beginning afterwards.
    """
    same = vault.testimony.value(
        "SELECT count(*) FROM media WHERE interview=? AND bytes=? AND role IN"
        " ('original', 'exhibit')",
        interview,
        found.size,
    )
    if not same:
        return
    digest = hashlib.sha256()
    while piece := read(found.file):
        token.raise_if_cancelled()
        digest.update(piece)
    found.file.seek(0)
    if media_with(vault, interview, digest.hexdigest()) is not None:
        raise AlreadyImportedError


def media_with(vault: Vault, interview: InterviewId, sha256: str) -> MediaId | None:
    """Return what of an interview has these bytes: an original or an exhibit, None if nothing."""
    for row in vault.testimony.rows(
        "SELECT id FROM media WHERE interview=? AND role IN ('original', 'exhibit')", interview
    ):
        known = vault.identities.value(
            "SELECT value FROM media_fact WHERE media=? AND kind='sha256'", row["id"]
        )
        if known == sha256:
            return MediaId(str(row["id"]))
    return None


def refuse_twice(vault: Vault, interview: InterviewId, sealed: SealedFile) -> None:
    """Raise `AlreadyImportedError` where the interview has the bytes of a sealed file."""
    if media_with(vault, interview, sealed.sha_plain) is not None:
        raise AlreadyImportedError


def insert_media(
    change: Change,
    interview: InterviewId,
    sealed: SealedFile,
    *,
    role: str,
    parent: MediaId | None = None,
    **sound: int | None,
) -> None:
    """Add the row of a sealed file; `sound` says what kind of sound is in a working copy."""
    facts = {"rate": None, "channels": None, "duration_ms": None, "damaged_ms": None, **sound}
    change.testimony.insert(
        "media",
        id=sealed.media,
        interview=interview,
        parent=parent,
        role=role,
        slot=sealed.slot,
        sha_sealed=sealed.sha_sealed,
        bytes=sealed.size_bytes,
        state="sealed",
        **facts,
    )


def seal_found(
    vault: Vault, found: FoundFile, token: CancelToken, report: Report = silent
) -> SealedFile:
    """Seal an open file unchanged. Whoever gives it no row discards it (`discard_unfiled`).

    Raises `NoRoomError`, before the first byte where the file's own size says it.
    """
    if found.size >= _LARGE:
        require_room(vault.folder.path, found.size)
    return vault.seal_sound(pieces(found.file, found.size, token, report))
