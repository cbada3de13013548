"""Two devices as one stream of two channels: the microphone, and the computer's sound.

Each device has a clock of its own. Whichever gives more waits a little for the other; what the
other does not give by then is silence on its channel, so that one side of a call is still recorded
when the other is gone.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_MS: Final = 250
_SAMPLE_BYTES: Final = 2


class Mixer:
    """Takes mono s16le from one or two devices, in any thread, and gives interleaved frames."""

    def __init__(self, channels: int, rate: int, give: Callable[[bytes], None]) -> None:
        self._waiting = [bytearray() for _ in range(channels)]
        self._patience = rate * PATIENCE_MS // 1000 * _SAMPLE_BYTES
        self._give = give
        self._lock = threading.Lock()
        self.padded_frames = [0] * channels
        """Frames of silence put in for each device."""

    def put(self, channel: int, sound: bytes) -> None:
        """Take what a device gave, whole samples; give on what is there of all channels."""
        with self._lock:
            self._waiting[channel] += sound
            longest = max(map(len, self._waiting))
            for index, waiting in enumerate(self._waiting):
                behind = longest - self._patience - len(waiting)
                if behind > 0:
                    waiting.extend(bytes(behind))
                    self.padded_frames[index] += behind // _SAMPLE_BYTES
            self._give_whole()

    def flush(self) -> None:
        """Give everything, with silence where a channel is shorter: at the end of a part."""
        with self._lock:
            longest = max(map(len, self._waiting))
            for waiting in self._waiting:
                waiting.extend(bytes(longest - len(waiting)))
            self._give_whole()

    def _give_whole(self) -> None:
        size = min(map(len, self._waiting))
        if not size:
            return
        sides = [np.frombuffer(bytes(waiting[:size]), "<i2") for waiting in self._waiting]
        for waiting in self._waiting:
            del waiting[:size]
        self._give(np.stack(sides, axis=1).tobytes())
