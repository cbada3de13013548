"""What the screen of a running recording shows, without Qt: numbers in, words' parts out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from intake.capture.recording.frames import Status

SOON_MS: Final = 15 * 60_000
"""Disk or battery for less than this is said aloud."""
_LATE_MS: Final = 3_000
_FULL_SCALE: Final = 1.0


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
    """Of what was recorded, over all parts, pauses left out."""
    sealed_ms: int
    """How far what was said is on the disk, sealed."""
    part: int
    peaks: tuple[float, ...]
    """The loudest of each channel since the last look, 0 to 1."""
    warnings: tuple[str, ...] = ()
    """As the recorder names them (`intake.capture.recording.frames.Warned`)."""
    gaps: int = 0
    disk_ms: int | None = None
    battery_ms: int | None = None
    ending: str = ""
    """Why it ended: stopped, disk, battery, terminated, failed."""

    @property
    def is_late(self) -> bool:
        """Whether more is not on the disk yet than two seconds and a little."""
        is_live = self.running is Running.RECORDING
        return is_live and self.elapsed_ms - self.sealed_ms > _LATE_MS


def view_of(status: Status) -> RunningView:
    """Turn what the recorder answered into what is shown."""
    return RunningView(
        running=Running(status.state),
        elapsed_ms=status.recorded_ms,
        sealed_ms=status.sealed_ms,
        part=status.part,
        peaks=tuple(linear(channel.peak_db) for channel in status.channels),
        warnings=tuple(status.warnings),
        gaps=status.gaps,
        disk_ms=status.disk_left_ms,
        battery_ms=status.battery_left_ms if status.on_battery else None,
        ending=status.ending,
    )


def linear(decibels: float) -> float:
    """Return a level in dB below full scale as a share of it, 0 to 1."""
    return min(_FULL_SCALE, 10 ** (decibels / 20))
