"""What the screen of a running recording shows, without Qt: numbers in, words' parts out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

SOON_MS: Final = 15 * 60_000
"""Disk or battery for less than this is said aloud."""
_LATE_MS: Final = 3_000


class Running(Enum):
    """What the recorder does."""

    STARTING = "starting"
    RECORDING = "recording"
    PAUSED = "paused"
    WAITING = "waiting"
    """No microphone gives sound: it goes on when one comes."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningView:
    """One look at the recorder. Times in ms; None where the computer does not say."""

    running: Running
    elapsed_ms: int
    """Of the whole session, pauses left out."""
    sealed_ms: int
    """How far what was said is on the disk, sealed."""
    part: int
    peaks: tuple[float, ...]
    """The loudest of each channel since the last look, 0 to 1."""
    warnings: tuple[str, ...] = ()
    """Codes: silence, clipping, leak, dropped, device, disk, battery, suspended."""
    disk_ms: int | None = None
    battery_ms: int | None = None

    @property
    def is_late(self) -> bool:
        """Whether more is not on the disk yet than two seconds and a little."""
        is_live = self.running is Running.RECORDING
        return is_live and self.elapsed_ms - self.sealed_ms > _LATE_MS
