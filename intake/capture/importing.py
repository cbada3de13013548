"""Bringing in a recording: the original sealed unchanged, then a working copy that is safe to read.

The file is read once, in full, straight into the sealed original; the decoder child is fed from
that sealed original, so what was hashed is what was decoded, whatever another program does to the
file meanwhile. Nothing else in Intake ever decodes foreign bytes.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from intake.capture.arrival import UNSAID, Arrival, Came, Derived, write_derived, write_story
from intake.capture.sealing_files import (
    insert_media,
    opened,
    refuse_known,
    refuse_twice,
    seal_found,
)
from intake.consent.setting import allows
from intake.errors import (
    CancelledError,
    ConsentMissingError,
    IntakeError,
)
from intake.jobs import CancelToken, Progress, Report, silent
from transcription.decoding import DecodedAudio
from transcription.errors import TranscriptionError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from intake.vault.ids import InterviewId, MediaId
    from intake.vault.media import SealedFile
    from intake.vault.vault import Vault

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
    arrival: Arrival = UNSAID,
    without_walls: bool = False,
    token: CancelToken | None = None,
    report: Report = silent,
) -> Imported:
    """Seal a recording unchanged and make its working copy. Needs a cleared interviewer.

    The witness must have agreed that what they say is kept. Original and working copy get their
    rows together, in one change: a file that turns out to be no sound leaves nothing.
    `without_walls` only where a person, told so, allowed it for this file (decision 18). Raises
    `ConsentMissingError`, `FileUnreadableError`, `AlreadyImportedError`, `CancelledError`, or an
    `IntakeError` with the decoder's sentence for what is no sound.
    """
    require_keeping(vault, interview)
    token = token or CancelToken()
    try:
        with opened(path) as found:
            refuse_known(vault, interview, found, token)
            original = seal_found(vault, found, token, report)
            came = Came(name=found.name, arrival=arrival, file_time=found.time)
        return enter_recording(
            vault,
            interview,
            original,
            came,
            without_walls=without_walls,
            token=token,
            report=report,
        )
    except CancelledError:
        raise CancelledError(_CANCELLED) from None


def require_keeping(vault: Vault, interview: InterviewId) -> None:
    """Pass, or raise: a cleared interviewer, and a witness who agreed that it is kept.

    Raises `NotYourRoleError`, `NotClearedError`, `ConsentMissingError`.
    """
    vault.require_role("interviewer")
    vault.require_cleared()
    if not allows(vault, interview, "keep"):
        raise ConsentMissingError


def enter_recording(
    vault: Vault,
    interview: InterviewId,
    original: SealedFile,
    came: Came,
    *,
    without_walls: bool = False,
    token: CancelToken,
    report: Report = silent,
) -> Imported:
    """Make the working copy of a sealed original and give both their rows, or discard both.

    Raises what `import_recording` raises.
    """
    working: SealedFile | None = None
    try:
        refuse_twice(vault, interview, original)
        with (
            vault.open_unfiled(original) as source,
            DecodedAudio(source, without_walls=without_walls) as audio,
        ):
            working = vault.seal_sound(_sound(audio, token, report))
            made = _write_rows(vault, interview, original, working, came=came, audio=audio)
    except BaseException as error:
        for sealed in (working, original):
            if sealed is not None:
                vault.discard_unfiled(sealed)
        if isinstance(error, TranscriptionError):
            raise IntakeError(error.sentence) from None
        raise
    return made


def _write_rows(
    vault: Vault,
    interview: InterviewId,
    original: SealedFile,
    working: SealedFile,
    *,
    came: Came,
    audio: DecodedAudio,
) -> Imported:
    frame = audio.channels * _FRAME_BYTES
    duration_ms = working.size_bytes // frame * _MS // audio.rate
    with (
        still_wanted(vault, interview, original),
        vault.change("media.imported", interview=interview, media=original.media) as change,
    ):
        insert_media(change, interview, original, role="original")
        insert_media(
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
        facts = {"container": audio.container, "codec": audio.codec}
        write_story(vault, change, original, came, facts)
        derived = Derived(
            parent_sha256=original.sha_plain, tool=audio.tool, settings=audio.settings
        )
        write_derived(vault, change, working.media, derived, sha256=working.sha_plain)
    return Imported(
        original=original.media,
        working=working.media,
        sha256=original.sha_plain,
        size_bytes=original.size_bytes,
        duration_ms=duration_ms,
        damaged_from_ms=audio.damaged_from_ms,
    )


@contextmanager
def still_wanted(vault: Vault, interview: InterviewId, original: SealedFile) -> Iterator[None]:
    """Hold the turn while the rows are written, if the witness still agrees and nobody was quicker.

    Sealing and decoding take minutes, in which the answer can change in another thread.
    """
    with vault.alone():
        if not allows(vault, interview, "keep"):
            raise ConsentMissingError
        refuse_twice(vault, interview, original)
        yield


def _sound(audio: DecodedAudio, token: CancelToken, report: Report) -> Iterator[bytes]:
    frames = 0
    for chunk in audio:
        token.raise_if_cancelled()
        frames += len(chunk) // (audio.channels * _FRAME_BYTES)
        done = frames * _MS // audio.rate
        report(Progress(done, max(audio.declared_ms, done), "ms of sound"))
        yield chunk
