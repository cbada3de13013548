"""The microphone test of the evening before: listen a while, keep nothing, say what was heard."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

import numpy as np

from intake.capture.recording.frames import Heard, HeardChannel
from intake.capture.recording.levels import SILENT_DB, Meter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.capture.recording.frames import Side

_SAMPLE_BYTES: Final = 2
_QUIET_DB: Final = -38.0
"""The loudest fifth of a second of somebody who speaks half a metre away is above this."""


class Listener:
    """A sink that keeps levels and no sound. Fed by one thread; read by any."""

    def __init__(self, sides: Sequence[Side], rate: int) -> None:
        self.meters = [Meter(rate) for _ in sides]
        self._sides = sides
        self._rate = rate
        self._frames = 0
        self._label = ""
        self._lock = threading.Lock()

    def take(self, sound: bytes) -> None:
        """Measure, and forget."""
        samples = np.frombuffer(sound, "<i2").reshape(-1, len(self.meters))
        with self._lock:
            self._frames += len(samples)
            for meter, side in zip(self.meters, samples.T, strict=True):
                meter.feed(side)

    def has_room(self, size: int) -> bool:
        """Take everything."""
        return size >= 0

    def lost(self) -> None:
        """Wait for another device; what was measured stays."""

    def found(self, label: str) -> None:
        """Remember which device it was."""
        self._label = label

    @property
    def got_ms(self) -> int:
        """How much sound came."""
        return self._frames * 1000 // self._rate

    def heard(self) -> Heard:
        """Return what was heard until now."""
        with self._lock:
            return Heard(
                self._label[:200],
                self.got_ms,
                [
                    HeardChannel(side.what, meter.loudest_db, meter.highest_db, meter.was_clipping)
                    for side, meter in zip(self._sides, self.meters, strict=True)
                ],
            )


def verdict_of(heard: Heard) -> str:
    """Say what a person has to know of what was heard, and what to do."""
    if not heard.got_ms:
        return "No microphone gave any sound. Plug one in, or allow it in the system's settings."
    found = []
    for channel in heard.channels:
        name = "The microphone" if channel.what == "microphone" else "The computer's sound"
        if channel.peak_db < SILENT_DB:
            found.append(f"{name} is silent: is it muted, or another device in use?")
        elif channel.was_clipping:
            found.append(f"{name} is too loud: turn it down, or move it away.")
        elif channel.level_db < _QUIET_DB:
            found.append(f"{name} is quiet: move it nearer, or turn it up.")
        else:
            found.append(f"{name} is heard well.")
    return " ".join(found)
