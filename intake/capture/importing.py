"""Bringing in a recording: the original sealed unchanged, then a working copy that is safe to read.

The file is read once, in full, straight into the sealed original; the decoder child is fed from
that sealed original, so what was hashed is what was decoded, whatever another program does to the
file meanwhile. Nothing else in Intake ever decodes foreign bytes.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final

from intake.consent.setting import allows
from intake.errors import (
    AlreadyImportedError,
    CancelledError,
    ConsentMissingError,
    FileUnreadableError,
    IntakeError,
)
from intake.jobs import CancelToken, Progress, Report, silent
from transcription.decoding import DecodedAudio
from transcription.errors import EmptyFileError, TranscriptionError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from intake.vault.change import Change
    from intake.vault.ids import InterviewId, MediaId
    from intake.vault.media import SealedFile
    from intake.vault.vault import Vault

_PIECE: Final = 1 << 20
_FRAME_BYTES: Final = 2
_MS: Final = 1000
_CANCELLED: Final = "Stopped. Nothing of this recording was kept; import it again when you can."


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import made. `sha256` is that of the file as it was brought (identities.db)."""

    original: MediaId
    working: MediaId
    sha256: str
    size_bytes: int
    duration_ms: int
    damaged_from_ms: int | None


def import_recording(
    vault: Vault,
    interview: InterviewId,
    path: Path,
    *,
    token: CancelToken | None = None,
    report: Report = silent,
) -> Imported:
    """Seal a recording unchanged and make its working copy. Needs a cleared interviewer.

    The witness must have agreed that what they say is kept. Original and working copy get their
    rows together, in one change: a file that turns out to be no sound leaves nothing. Raises
    `ConsentMissingError`, `FileUnreadableError`, `AlreadyImportedError`, `CancelledError`, or an
    `IntakeError` with the decoder's sentence for what is no sound.
    """
    vault.require_role("interviewer")
    vault.require_cleared()
    if not allows(vault, interview, "keep"):
        raise ConsentMissingError
    token = token or CancelToken()
    try:
        with _opened(path) as (file, size):
            original = vault.seal_sound(_pieces(file, size, token, report))
        try:
            name = os.fsencode(path.name).decode("utf-8", "backslashreplace")
            return _enter(vault, interview, original, name=name, token=token, report=report)
        except BaseException:
            vault.discard_unfiled(original)
            raise
    except CancelledError:
        raise CancelledError(_CANCELLED) from None


def _enter(
    vault: Vault,
    interview: InterviewId,
    original: SealedFile,
    *,
    name: str,
    token: CancelToken,
    report: Report,
) -> Imported:
    working: SealedFile | None = None
    _refuse_twice(vault, interview, original)
    try:
        with vault.open_unfiled(original) as source, DecodedAudio(source) as audio:
            working = vault.seal_sound(_sound(audio, token, report))
            frame = audio.channels * _FRAME_BYTES
            duration_ms = working.size_bytes // frame * _MS // audio.rate
            with (
                _still_wanted(vault, interview, original),
                vault.change("media.imported", interview=interview, media=original.media) as change,
            ):
                _insert(change, interview, original, role="original")
                _insert(
                    change,
                    interview,
                    working,
                    role="working",
                    parent=original.media,
                    rate=audio.rate,
                    channels=audio.channels,
                    duration_ms=duration_ms,
                    damaged_ms=audio.damaged_from_ms,
                )
                change.vouch("original", original.media, bytes.fromhex(original.sha_plain))
                for kind, value in (
                    ("name", name),
                    ("sha256", original.sha_plain),
                    ("container", audio.container),
                    ("codec", audio.codec),
                    ("how", "imported from a file"),
                ):
                    change.identities.insert(
                        "media_fact", media=original.media, kind=kind, value=value
                    )
    except BaseException as error:
        if working is not None:
            vault.discard_unfiled(working)
        if isinstance(error, TranscriptionError):
            raise IntakeError(error.sentence) from None
        raise
    return Imported(
        original=original.media,
        working=working.media,
        sha256=original.sha_plain,
        size_bytes=original.size_bytes,
        duration_ms=duration_ms,
        damaged_from_ms=audio.damaged_from_ms,
    )


@contextmanager
def _still_wanted(vault: Vault, interview: InterviewId, original: SealedFile) -> Iterator[None]:
    """Hold the turn while the rows are written, if the witness still agrees and nobody was quicker.

    Sealing and decoding take minutes, in which the answer can change in another thread.
    """
    with vault.alone():
        if not allows(vault, interview, "keep"):
            raise ConsentMissingError
        _refuse_twice(vault, interview, original)
        yield


def _refuse_twice(vault: Vault, interview: InterviewId, original: SealedFile) -> None:
    for row in vault.testimony.rows(
        "SELECT id FROM media WHERE interview=? AND role='original'", interview
    ):
        known = vault.identities.value(
            "SELECT value FROM media_fact WHERE media=? AND kind='sha256'", row["id"]
        )
        if known == original.sha_plain:
            raise AlreadyImportedError


def _insert(
    change: Change,
    interview: InterviewId,
    sealed: SealedFile,
    *,
    role: str,
    parent: MediaId | None = None,
    **sound: int | None,
) -> None:
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


@contextmanager
def _opened(path: Path) -> Iterator[tuple[IO[bytes], int]]:
    """Open a plain file without following a link at its end or waiting for a fifo's writer."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        raise FileUnreadableError from None
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode):
        os.close(descriptor)
        raise FileUnreadableError
    with os.fdopen(descriptor, "rb") as file:
        if facts.st_size == 0:
            raise IntakeError(EmptyFileError().sentence)
        yield file, facts.st_size


def _pieces(file: IO[bytes], size: int, token: CancelToken, report: Report) -> Iterator[bytes]:
    done = 0
    while piece := _read(file):
        token.raise_if_cancelled()
        done += len(piece)
        report(Progress(done, max(size, done), "bytes sealed"))
        yield piece


def _read(file: IO[bytes]) -> bytes:
    try:
        return file.read(_PIECE)
    except OSError:
        raise FileUnreadableError from None


def _sound(audio: DecodedAudio, token: CancelToken, report: Report) -> Iterator[bytes]:
    frames = 0
    for chunk in audio:
        token.raise_if_cancelled()
        frames += len(chunk) // (audio.channels * _FRAME_BYTES)
        done = frames * _MS // audio.rate
        report(Progress(done, max(audio.declared_ms, done), "ms of sound"))
        yield chunk
