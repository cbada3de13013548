"""Hearing and seeing a recording: a WAV file that exists nowhere, and the peaks of its waveform.

Both read the sealed working copy piece by piece; nothing plain is ever written. No foreign bytes
are decoded here: the working copy is PCM that Intake itself sealed.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from crypto.chunks import CHUNK_BYTES
from intake.errors import MediaDamagedError, VaultClosedError
from intake.jobs import CancelToken, Progress, Report, silent
from intake.vault.ids import InterviewId, MediaId

if TYPE_CHECKING:
    from types import TracebackType

    from numpy.typing import NDArray

    from intake.vault.media import OpenMedia
    from intake.vault.vault import Vault

__all__ = [
    "HEADER_BYTES",
    "InterviewId",
    "MediaId",
    "OpenSound",
    "Sound",
    "list_sounds",
    "open_sound",
    "peaks",
]

HEADER_BYTES: Final = 44
_SAMPLE_BYTES: Final = 2
_PCM: Final = 1
_FORMAT_BYTES: Final = 16
_RIFF_REST: Final = HEADER_BYTES - 8
_UNKNOWN_SIZE: Final = 0xFFFFFFFF
"""What a WAV header says where 32 bits do not hold the size: players then read to the end."""
_PIECE: Final = 1 << 20
_MS: Final = 1000
_LOWEST, _HIGHEST = -(1 << 15), (1 << 15) - 1


@dataclass(frozen=True, slots=True)
class Sound:
    """One working copy: 16-bit PCM, its channels interleaved."""

    media: MediaId
    rate: int
    """Frames each second."""
    channels: int
    duration_ms: int
    damaged_ms: int | None
    """From where the original could not be decoded any more; None for a sound one."""
    size_bytes: int
    """Of the PCM, without a header."""


def list_sounds(vault: Vault, interview: InterviewId) -> list[Sound]:
    """Return the working copies of an interview, in the order in which they came. Any member."""
    rows = vault.testimony.rows(
        "SELECT * FROM media WHERE interview=? AND role IN ('working','recorded')"
        " AND state<>'destroyed' ORDER BY rowid",
        interview,
    )
    return [
        Sound(
            media=MediaId(str(row["id"])),
            rate=int(row["rate"] or 0),
            channels=int(row["channels"] or 0),
            duration_ms=int(row["duration_ms"] or 0),
            damaged_ms=None if row["damaged_ms"] is None else int(row["damaged_ms"]),
            size_bytes=int(row["bytes"] or 0),
        )
        for row in rows
    ]


def open_sound(vault: Vault, sound: Sound) -> OpenSound:
    """Open a working copy for playing. The caller closes it.

    Raises `NotClearedError`, `VaultClosedError`, `MediaDamagedError` (also for a row that describes
    no sound).
    """
    if sound.rate <= 0 or sound.channels <= 0:
        raise MediaDamagedError
    return OpenSound(vault, sound, vault.open_media(sound.media))


class OpenSound:
    """Reads like a WAV file that is not to be written. Thread-safe.

    `size` counts its bytes: a header of 44, then whole frames. `is_damaged` becomes true once a
    read met an altered piece, and stays so: for the sentence that is said once.
    """

    def __init__(self, vault: Vault, sound: Sound, media: OpenMedia) -> None:
        self._vault = vault
        self._media = media
        self.sound = sound
        self.frame_bytes = sound.channels * _SAMPLE_BYTES
        self.frames = media.size // self.frame_bytes
        self.is_damaged = False
        self.size = HEADER_BYTES + self.frames * self.frame_bytes
        self._header = _header(sound, self.frames * self.frame_bytes)

    def read_at(self, offset: int, size: int) -> bytes:
        """Return `size` bytes from `offset`, less at the end only, where it is b"".

        Opens only the pieces of 64 KiB asked for, and keeps the last of them. Raises
        `MediaDamagedError` for an altered piece, `VaultClosedError` after the vault was locked,
        `SoundClosedError` after `close`, `ValueError` for a negative argument.
        """
        if not self._vault.is_open:
            raise VaultClosedError
        if offset < 0 or size < 0:
            raise ValueError("offset and size are not negative")
        end = min(offset + size, self.size)
        if offset >= end:
            return b""
        head = self._header[offset:end]
        start = max(offset, HEADER_BYTES)
        if start >= end:
            return head
        try:
            return head + self._media.read_at(start - HEADER_BYTES, end - start)
        except MediaDamagedError:
            self.is_damaged = True
            raise

    def read_or_silence(self, offset: int, size: int) -> bytes:
        """Return as `read_at` does, with zeros in place of each altered piece of 64 KiB.

        `is_damaged` tells afterwards that it was so.
        """
        try:
            return self.read_at(offset, size)
        except MediaDamagedError:
            end = min(offset + size, self.size)
        parts: list[bytes] = []
        while offset < end:
            chunk_end = HEADER_BYTES + ((offset - HEADER_BYTES) // CHUNK_BYTES + 1) * CHUNK_BYTES
            length = min(chunk_end, end) - offset
            try:
                parts.append(self.read_at(offset, length))
            except MediaDamagedError:
                parts.append(bytes(length))
            offset += length
        return b"".join(parts)

    def position_of(self, ms: int) -> int:
        """Return the offset of the frame that sounds at `ms`: never inside a frame or the header.

        Before the start it is the first frame, behind the end it is `size`.
        """
        frame = min(max(ms, 0) * self.sound.rate // _MS, self.frames)
        return HEADER_BYTES + frame * self.frame_bytes

    def close(self) -> None:
        """Close the sealed file, after a read in progress. Safe to call twice."""
        self._media.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _header(sound: Sound, size: int) -> bytes:
    """Return the header of a WAV file of 16-bit PCM."""
    fits = size + _RIFF_REST < _UNKNOWN_SIZE
    frame = sound.channels * _SAMPLE_BYTES
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        size + _RIFF_REST if fits else _UNKNOWN_SIZE,
        b"WAVE",
        b"fmt ",
        _FORMAT_BYTES,
        _PCM,
        sound.channels,
        sound.rate,
        sound.rate * frame,
        frame,
        _SAMPLE_BYTES * 8,
        b"data",
        size if fits else _UNKNOWN_SIZE,
    )


def peaks(
    sound: OpenSound,
    *,
    per_second: int = 10,
    token: CancelToken | None = None,
    report: Report = silent,
) -> NDArray[np.int16]:
    """Return the lowest and highest sample of every stretch, over all channels: shape (n, 2).

    Stretch i runs from frame `i * rate // per_second` to before that of i + 1; the last may be
    shorter. Altered pieces count as silence, and `sound.is_damaged` tells. Reads a mebibyte at a
    time; take an `OpenSound` of its own, or what plays loses its kept pieces. `per_second` is from
    1 to the rate (`ValueError`). Raises `CancelledError` between pieces, `VaultClosedError`.
    """
    rate = sound.sound.rate
    if not 1 <= per_second <= rate:
        raise ValueError("per_second is from 1 to the rate")
    token = token or CancelToken()
    count = -(-sound.frames * per_second // rate)
    found = np.empty((count, 2), np.int16)
    found[:, 0], found[:, 1] = _HIGHEST, _LOWEST
    step = _PIECE // sound.frame_bytes
    for first in range(0, sound.frames, step):
        token.raise_if_cancelled()
        behind = min(first + step, sound.frames)
        _add_piece(found, sound, first, behind, per_second)
        done = behind * _MS // rate
        report(Progress(done, max(sound.sound.duration_ms, done), "ms of sound"))
    return found


def _add_piece(
    found: NDArray[np.int16], sound: OpenSound, first: int, behind: int, per_second: int
) -> None:
    """Enter the frames from `first` to before `behind` into the stretches that they belong to."""
    rate, channels = sound.sound.rate, sound.sound.channels
    offset = HEADER_BYTES + first * sound.frame_bytes
    content = sound.read_or_silence(offset, (behind - first) * sound.frame_bytes)
    samples = np.frombuffer(content, "<i2")
    lowest, highest = ((frame + 1) * per_second - 1 for frame in (first, behind - 1))
    stretches = np.arange(lowest // rate, highest // rate + 1)
    starts = np.maximum(stretches * rate // per_second - first, 0) * channels
    into = found[stretches[0] : stretches[-1] + 1]
    np.minimum(into[:, 0], np.minimum.reduceat(samples, starts), out=into[:, 0])
    np.maximum(into[:, 1], np.maximum.reduceat(samples, starts), out=into[:, 1])
