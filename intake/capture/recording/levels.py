"""How loud it is, and what is wrong with it: silence, clipping, the far side in the microphone.

Only numbers leave this module; the sound itself is looked at and forgotten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOTHING_DB: Final = -96.0
SILENT_DB: Final = -55.0
"""Quieter than a quiet room with a microphone that works (about -50 dB and more)."""
SILENT_WARNING_MS: Final = 20_000
CLIPPED: Final = 32_700
CLIPPING_HELD_MS: Final = 3_000
_LEAST_CLIPPED: Final = 8
"""In a fifth of a second: a single sample at full scale is no clipping."""
_SPAN_MS: Final = 200
_LEAK_SPAN_MS: Final = 2_000
_LEAK_LAG_MS: Final = 250
"""Sound needs a few ms from loudspeaker to microphone, and drivers up to a quarter of a second."""
_LEAK_RATE: Final = 8_000
_LEAK_LIKENESS: Final = 0.35
_LEAK_TIMES: Final = 3
_FULL: Final = 32_768.0


class Meter:
    """Level, peak, clipping and silence of one channel. Fed by one thread."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._span: list[NDArray[np.int16]] = []
        self._frames = 0
        self._since_clipping_ms = CLIPPING_HELD_MS
        self.level_db = NOTHING_DB
        self.peak_db = NOTHING_DB
        self.silent_ms = 0
        self.loudest_db = NOTHING_DB
        self.highest_db = NOTHING_DB
        self.was_clipping = False

    @property
    def is_clipping(self) -> bool:
        """Whether it was too loud for the device within the last three seconds."""
        return self._since_clipping_ms < CLIPPING_HELD_MS

    def feed(self, samples: NDArray[np.int16]) -> None:
        """Take what came on this channel."""
        self._span.append(samples)
        self._frames += len(samples)
        if self._frames * 1000 >= _SPAN_MS * self._rate:
            self._judge(np.concatenate(self._span))
            self._span.clear()
            self._frames = 0

    def _judge(self, span: NDArray[np.int16]) -> None:
        loud = np.abs(span.astype(np.int32))
        length_ms = len(span) * 1000 // self._rate
        self.level_db = _db(float(np.sqrt(np.mean(np.square(span.astype(np.float64))))))
        self.peak_db = _db(float(loud.max()))
        self.silent_ms = self.silent_ms + length_ms if self.peak_db < SILENT_DB else 0
        is_clipped = int(np.count_nonzero(loud >= CLIPPED)) >= _LEAST_CLIPPED
        self.loudest_db = max(self.loudest_db, self.level_db)
        self.highest_db = max(self.highest_db, self.peak_db)
        self.was_clipping |= is_clipped
        self._since_clipping_ms = 0 if is_clipped else self._since_clipping_ms + length_ms


def _db(amplitude: float) -> float:
    if amplitude <= 0:
        return NOTHING_DB
    return max(NOTHING_DB, round(20 * float(np.log10(amplitude / _FULL)), 1))


class LeakWatch:
    """Whether the far side of a call is heard in the microphone too (no headphones).

    The two channels are compared every two seconds in which the far side speaks; three likenesses
    in a row are a leak. Both people would then be on the channel of one.
    """

    def __init__(self, rate: int) -> None:
        self._step = max(1, rate // _LEAK_RATE)
        self._rate = rate // self._step
        self._near: list[NDArray[np.float32]] = []
        self._far: list[NDArray[np.float32]] = []
        self._count = 0
        self._alike = 0

    @property
    def is_leaking(self) -> bool:
        """Whether the far side came through the last times it spoke."""
        return self._alike >= _LEAK_TIMES

    def feed(self, near: NDArray[np.int16], far: NDArray[np.int16]) -> None:
        """Take what came on both channels, as many samples on each."""
        self._near.append(near[:: self._step].astype(np.float32))
        self._far.append(far[:: self._step].astype(np.float32))
        self._count += len(self._near[-1])
        if self._count * 1000 >= _LEAK_SPAN_MS * self._rate:
            self._judge(np.concatenate(self._near), np.concatenate(self._far))
            self._near.clear()
            self._far.clear()
            self._count = 0

    def _judge(self, near: NDArray[np.float32], far: NDArray[np.float32]) -> None:
        if _db(float(np.abs(far).max(initial=0))) < SILENT_DB:
            return  # nobody speaks there: this tells nothing
        self._alike = self._alike + 1 if self._likeness(near, far) > _LEAK_LIKENESS else 0

    def _likeness(self, near: NDArray[np.float32], far: NDArray[np.float32]) -> float:
        """Return the highest correlation over all delays that a loudspeaker could have."""
        near, far = near - near.mean(), far - far.mean()
        power = float(np.sqrt(np.sum(near**2) * np.sum(far**2)))
        if power <= 0:
            return 0.0
        size = 1 << (len(near) + len(far)).bit_length()
        found = np.fft.irfft(np.fft.rfft(near, size) * np.conj(np.fft.rfft(far, size)), size)
        lags = _LEAK_LAG_MS * self._rate // 1000
        return float(np.abs(found[:lags]).max()) / power
