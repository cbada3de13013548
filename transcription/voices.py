"""Where somebody speaks, found while the sound comes in: Silero, as it lies in faster-whisper.

The detector goes through the sound once, window after window, and keeps one number for each;
stretches of speech are read off those numbers as often as somebody asks. All places are samples
at 16 kHz from the start of the sound.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Final

import numpy as np
from faster_whisper.vad import get_vad_model

from transcription.pieces import Stretch
from transcription.resampling import MODEL_RATE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transcription.resampling import Samples

WINDOW: Final = 512
"""Samples to which one number belongs: 32 ms."""

# Chosen on real speech (docs/decisions/0016): lower than the detector's own 0.5, since speech that
# it does not find is neither decoded nor marked.
SPEECH_ABOVE: Final = 0.35
_SILENCE_BELOW: Final = 0.2
_LEAST_SILENCE: Final = 160 * MODEL_RATE // 1000

_CONTEXT: Final = 64
_STATE: Final = (1, 1, 128)


class Voices:
    """The running detector. One thread hears; another may ask for stretches meanwhile."""

    def __init__(self) -> None:
        self._session = get_vad_model().session
        self._state = (np.zeros(_STATE, np.float32), np.zeros(_STATE, np.float32))
        self._context = np.zeros(_CONTEXT, np.float32)
        self._rest: Samples = np.zeros(0, np.float32)
        self._chances = array("f")

    def hear(self, samples: Samples) -> None:
        """Take the next samples."""
        sound = np.concatenate([self._rest, samples])
        whole = len(sound) - len(sound) % WINDOW
        self._rest = sound[whole:]
        if whole:
            self._run(sound[:whole].reshape(-1, WINDOW))

    def finish(self) -> None:
        """Hear what is left, filled up with silence."""
        if len(self._rest):
            self.hear(np.zeros(WINDOW - len(self._rest), np.float32))

    def stretches(self, start: int, end: int, longest: int) -> list[Stretch]:
        """Return the stretches of speech from `start` to `end`, none longer than `longest`.

        Pauses shorter than 160 ms are part of a stretch.
        """
        first = start // WINDOW
        chances = self._chances[first : -(-end // WINDOW)]
        found = [
            Stretch(max(start, (first + a) * WINDOW), min(end, (first + b) * WINDOW))
            for a, b in _spoken(chances, longest // WINDOW)
        ]
        return [one for one in found if one.start < one.end]

    def _run(self, windows: Samples) -> None:
        before = np.concatenate([self._context[None], windows[:-1, -_CONTEXT:]])
        self._context = windows[-1, -_CONTEXT:].copy()
        chances, *state = self._session.run(
            None,
            {
                "input": np.concatenate([before, windows], axis=1),
                "h": self._state[0],
                "c": self._state[1],
            },
        )
        self._state = (state[0], state[1])
        self._chances.extend(np.asarray(chances, np.float32).ravel().tolist())


def _spoken(chances: Sequence[float], longest: int) -> list[tuple[int, int]]:
    """Give the windows of speech: begins above one limit, ends after a while below the other."""
    found: list[tuple[int, int]] = []
    begun, quiet_since = -1, -1
    for place, chance in enumerate(chances):
        if chance >= SPEECH_ABOVE:
            quiet_since = -1
            if begun < 0:
                begun = place
        elif begun >= 0 and chance < _SILENCE_BELOW:
            if quiet_since < 0:
                quiet_since = place
            if (place + 1 - quiet_since) * WINDOW >= _LEAST_SILENCE:
                found.append((begun, quiet_since))
                begun = quiet_since = -1
    if begun >= 0:
        found.append((begun, len(chances) if quiet_since < 0 else quiet_since))
    return [part for one in found for part in _parted(chances, *one, longest)]


def _parted(chances: Sequence[float], start: int, end: int, longest: int) -> list[tuple[int, int]]:
    """Part what is too long where speech is least likely, in the second half of what fits."""
    parts = []
    while end - start > longest:
        cut = min(range(start + longest // 2, start + longest), key=chances.__getitem__)
        parts.append((start, cut))
        start = cut
    return [*parts, (start, end)]
