"""Sound of any rate, one or two channels, into what the model hears: 16 kHz mono.

Used in the worker only, on our own plain sound, never on foreign bytes.
"""

from __future__ import annotations

from typing import TypeAlias

import av
import numpy as np
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

MODEL_RATE = 16000
Samples: TypeAlias = NDArray[np.float32]

_SAMPLE_BYTES = 2
_FULL_SCALE = 32768.0


class ToModelRate:
    """Turns s16le chunks into float samples (-1 to 1) as they come. Chunks may end anywhere."""

    def __init__(self, rate: int, channels: int) -> None:
        self._rate = rate
        self._frame_bytes = channels * _SAMPLE_BYTES
        self._layout = "mono" if channels == 1 else "stereo"
        self._is_plain = rate == MODEL_RATE and channels == 1
        self._rest = b""
        self._resampler = AudioResampler(format="s16", layout="mono", rate=MODEL_RATE)

    def hear(self, sound: bytes) -> Samples:
        """Take the next chunk; give the samples that are ready."""
        sound = self._rest + sound
        whole = len(sound) - len(sound) % self._frame_bytes
        self._rest = sound[whole:]
        if whole == 0 or self._is_plain:
            return _floats(sound[:whole])
        frame = av.AudioFrame(
            format="s16", layout=self._layout, samples=whole // self._frame_bytes, align=1
        )
        frame.sample_rate = self._rate
        frame.planes[0].update(sound[:whole])
        return self._run(frame)

    def finish(self) -> Samples:
        """Give what the filter still holds. Call once, after the last chunk."""
        return _floats(b"") if self._is_plain else self._run(None)

    def _run(self, frame: av.AudioFrame | None) -> Samples:
        made = self._resampler.resample(frame)
        return _floats(
            b"".join(bytes(one.planes[0])[: one.samples * _SAMPLE_BYTES] for one in made)
        )


def _floats(sound: bytes) -> Samples:
    return np.frombuffer(sound, dtype="<i2").astype(np.float32) / np.float32(_FULL_SCALE)
