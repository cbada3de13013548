"""Recordings for tests: sealed as an import seals its working copy; and how one is damaged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from intake.capture.playing import list_sounds
from tests.support.matter import working_copy

if TYPE_CHECKING:
    from intake.capture.playing import Sound
    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault

RATE = 16_000
_CHUNK = 65_536
_SEALED_CHUNK = _CHUNK + 16
LOUD = 8_000


def steps(seconds: int, *, rate: int = RATE, channels: int = 1) -> bytes:
    """Return PCM whose loudness tells the second: 1,000 in the first, 2,000 in the next, ..."""
    level = np.repeat(np.arange(1, seconds + 1) * 1000, rate)
    sign = np.where(np.arange(len(level)) // 20 % 2, -1, 1)
    return np.repeat((level * sign).astype("<i2"), channels).tobytes()


def store_sound(
    vault: Vault,
    interview: InterviewId,
    pcm: bytes,
    *,
    rate: int = RATE,
    channels: int = 1,
    damaged_ms: int | None = None,
) -> Sound:
    """Seal PCM as the next working copy of an interview."""
    working_copy(
        vault,
        interview,
        [pcm],
        rate=rate,
        channels=channels,
        duration_ms=len(pcm) // (2 * channels) * 1000 // rate,
        damaged_ms=damaged_ms,
    )
    return list_sounds(vault, interview)[-1]


def damage(vault: Vault, sound: Sound, chunk: int) -> None:
    """Alter one bit of one piece of 64 KiB of the sealed file."""
    path = vault.folder.media(sound.media)
    content = bytearray(path.read_bytes())
    chunks = -(-sound.size_bytes // _CHUNK)
    start = len(content) - (sound.size_bytes + 16 * chunks)
    content[start + chunk * _SEALED_CHUNK + 9] ^= 1
    path.write_bytes(content)
