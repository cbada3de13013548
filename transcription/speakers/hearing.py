"""Where somebody speaks in a channel, and what the voice is like there, block by block.

Of the sound nothing is kept but the borders of speech and a row of numbers for each window: three
hours of one channel come to less than 50 MB.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from faster_whisper.vad import VadOptions, get_speech_timestamps

from transcription.resampling import MODEL_RATE, Samples
from transcription.speakers.embedding import FRAMES, Embedder
from transcription.speakers.features import HOP, mel_frames
from transcription.speakers.weights import HIDDEN

if TYPE_CHECKING:
    from transcription.speakers.weights import Numbers

WINDOW_MS: Final = FRAMES * 10
STEP_FRAMES: Final = 24
"""A window begins every 0.24 s."""

# Measured on the files of docs/decisions/0017: quieter and shorter speech than the detector's own
# settings find is testimony too.
_THRESHOLD: Final = 0.35
_SILENCE_MS: Final = 400
_PAD_MS: Final = 100
_LOUDNESS: Final = 10 ** (-20 / 20)
_MODEL_LOUDNESS: Final = 10 ** (-26 / 20)
"""Of the speech alone. The model is sensitive to it: at -20 dBFS it confuses voices far from a
microphone, and between -24 and -27 it confused fewest (decision 17)."""

_LEAST_POWER: Final = 1e-9
_MOST_GAIN: Final = 100.0
_LEAST_SHARE: Final = 0.1
"""A block is never made louder than if it were this share of the loudest one before it."""


@dataclass(slots=True)
class Heard:
    """All that is kept of one channel. Times in ms from the start of the recording.

    `centres`, `stretch_of` and `voices` have a row for each window: its middle, in which stretch of
    speech it lies, what its voice is like.
    """

    stretches: list[tuple[int, int]] = field(default_factory=list)
    centres: list[int] = field(default_factory=list)
    stretch_of: list[int] = field(default_factory=list)
    voices: list[Numbers] = field(default_factory=list)

    def all_voices(self) -> Numbers:
        """Return the voices of all windows, in order."""
        return np.concatenate(self.voices) if self.voices else np.empty((0, HIDDEN), np.float32)

    def speech_ms(self) -> int:
        """Return how much speech there is."""
        return sum(end - start for start, end in self.stretches)


class Hearing:
    """Takes the blocks of one channel in order (16 kHz, mono, cut at quiet places)."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._loudest = 0.0
        self._samples = 0
        self.heard = Heard()

    def hear(self, block: Samples) -> None:
        """Find the speech of a block and the voices in it."""
        offset, self._samples = self._samples, self._samples + len(block)
        louder = self._louder(block)
        found = get_speech_timestamps(
            louder,
            VadOptions(
                threshold=_THRESHOLD,
                min_silence_duration_ms=_SILENCE_MS,
                speech_pad_ms=_PAD_MS,
            ),
        )
        if not found:
            return
        mels = mel_frames(louder) * _quieter(louder, found)
        windows = []
        for stretch in found:
            start, end = int(stretch["start"]), int(stretch["end"])
            number = len(self.heard.stretches)
            self.heard.stretches.append((_ms(offset + start), _ms(offset + end)))
            for first, last in _windows(start // HOP, max(start // HOP + 1, end // HOP)):
                windows.append(np.resize(mels[first:last], (FRAMES, mels.shape[1])))
                self.heard.centres.append(_ms(offset + (first + last) // 2 * HOP))
                self.heard.stretch_of.append(number)
        self.heard.voices.append(self._embedder.embed(np.stack(windows)))

    def _louder(self, block: Samples) -> Samples:
        loudness = float(np.sqrt(np.mean(np.square(block, dtype=np.float64)))) if len(block) else 0
        self._loudest = max(self._loudest, loudness)
        loudness = max(loudness, self._loudest * _LEAST_SHARE)
        gain = min(_MOST_GAIN, _LOUDNESS / loudness) if loudness else 1.0
        made: Samples = np.clip(block * np.float32(gain), -1, 1)
        return made


def _quieter(sound: Samples, found: list[dict[str, int]]) -> np.float32:
    """Return the factor of power that brings the speech to the loudness that the model knows."""
    power = sum(
        float(np.square(sound[one["start"] : one["end"]], dtype=np.float64).sum()) for one in found
    )
    mean = power / max(1, sum(one["end"] - one["start"] for one in found))
    return np.float32(_MODEL_LOUDNESS**2 / max(mean, _LEAST_POWER))


def _windows(first: int, last: int) -> list[tuple[int, int]]:
    """Cover a stretch of frames with windows; a short one is one window, repeated until it is full.

    Repeated, since what stands around a one-word answer is the voice of whoever asked.
    """
    if last - first < FRAMES:
        return [(first, last)]
    starts = [*range(first, last - FRAMES, STEP_FRAMES), last - FRAMES]
    return [(start, start + FRAMES) for start in starts]


def _ms(samples: int) -> int:
    return samples * 1000 // MODEL_RATE
