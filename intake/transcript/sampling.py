"""A member's own voice, taken once, to propose which voice of an interview is theirs.

The one voiceprint that Intake keeps: of the member who gives it, in identities.db, until they take
it away. No other module may ask for one; a witness's is never stored.
"""

from __future__ import annotations

import array
import datetime as dt
import math
import os
import stat
import sys
from typing import TYPE_CHECKING, Final, Self

from intake.errors import FileUnreadableError, IntakeError, NoSampleError, SampleDamagedError
from transcription.decoding import DecodedAudio
from transcription.errors import TranscriptionError
from transcription.speakers.diarising import take_sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from intake.vault.vault import Vault

_NUMBERS: Final = 256
_LENGTH_OFF: Final = 0.01
_MOST_S: Final = 120
_SAMPLE_BYTES: Final = 2


def take_own_sample(
    vault: Vault, sound: Callable[[], Iterable[bytes]], *, rate: int, channels: int
) -> None:
    """Keep what the member's own voice is like, in the place of an older sample of theirs.

    `sound` is s16le, interleaved, twenty to thirty seconds of them alone; it is not kept. Needs a
    cleared interviewer. Raises an `IntakeError` with the sentence of what is wrong with it.
    """
    vault.require_role("interviewer")
    vault.require_cleared()
    try:
        numbers = take_sample(sound, rate=rate, channels=channels)
    except TranscriptionError as error:
        raise IntakeError(error.sentence) from None
    row = {"embedding": _packed(numbers), "made": dt.datetime.now(dt.UTC).date().isoformat()}
    with vault.alone(), vault.change("voice.sampled", member=vault.member) as change:
        if has_sample(vault):
            change.identities.update("voice_sample", {"member": vault.member}, None, **row)
        else:
            change.identities.insert("voice_sample", member=vault.member, **row)


def take_own_sample_from(vault: Vault, path: Path) -> None:
    """Keep what the member's own voice is like in a file; the first two minutes are enough.

    The decoder child reads it, nothing of it is kept. Raises `FileUnreadableError`, and what
    `take_own_sample` raises.
    """
    vault.require_role("interviewer")
    vault.require_cleared()
    try:
        with _PlainFile(path) as source, DecodedAudio(source) as audio:
            rate, channels = audio.rate, audio.channels
            pieces = list(_first(audio, _MOST_S * rate * channels * _SAMPLE_BYTES))
    except TranscriptionError as error:
        raise IntakeError(error.sentence) from None
    take_own_sample(vault, lambda: pieces, rate=rate, channels=channels)


class _PlainFile:
    """A plain file as the decoder reads one: neither a link nor a pipe (`FileUnreadableError`)."""

    def __init__(self, path: Path) -> None:
        try:
            self._fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            raise FileUnreadableError from None
        facts = os.fstat(self._fd)
        self.size = facts.st_size
        if not stat.S_ISREG(facts.st_mode):
            os.close(self._fd)
            raise FileUnreadableError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ended: object) -> None:
        os.close(self._fd)

    def read_at(self, offset: int, size: int) -> bytes:
        """Read exactly so many bytes; a file that changes meanwhile is not readable."""
        try:
            content = os.pread(self._fd, size, offset)
        except OSError:
            raise FileUnreadableError from None
        if len(content) != size:
            raise FileUnreadableError
        return content


def _first(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    for piece in pieces:
        yield piece[:size]
        size -= len(piece)
        if size <= 0:
            return


def has_sample(vault: Vault) -> bool:
    """Tell whether the member gave a sample of their voice (`NotClearedError`)."""
    found = vault.identities.row("SELECT 1 FROM voice_sample WHERE member=?", vault.member)
    return found is not None


def remove_own_sample(vault: Vault) -> None:
    """Forget what the member's own voice is like (`NoSampleError` where there is none)."""
    vault.require_role("interviewer")
    vault.require_cleared()
    with vault.alone():
        if not has_sample(vault):
            raise NoSampleError
        with vault.change("voice.forgotten", member=vault.member) as change:
            change.identities.delete("voice_sample", {"member": vault.member})


def own_sample(vault: Vault) -> tuple[float, ...] | None:
    """Return what the member's own voice is like, None without a sample.

    Raises `NotClearedError`, `SampleDamagedError`.
    """
    found = vault.identities.value(
        "SELECT embedding FROM voice_sample WHERE member=?", vault.member
    )
    return None if found is None else _unpacked(found)


def _packed(numbers: Iterable[float]) -> bytes:
    made = array.array("f", numbers)
    if sys.byteorder == "big":
        made.byteswap()
    return made.tobytes()


def _unpacked(content: object) -> tuple[float, ...]:
    made = array.array("f")
    if not isinstance(content, bytes) or len(content) != _NUMBERS * made.itemsize:
        raise SampleDamagedError
    made.frombytes(content)
    if sys.byteorder == "big":
        made.byteswap()
    length = math.hypot(*made)
    if not math.isfinite(length) or abs(length - 1) > _LENGTH_OFF:
        raise SampleDamagedError
    return tuple(made)
