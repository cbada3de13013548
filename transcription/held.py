"""The sound that is in memory while it is decoded, by its places from the start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from transcription.hearing import NothingYetError
from transcription.pieces import LONGEST, PAD
from transcription.resampling import MODEL_RATE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transcription.hearing import Listener
    from transcription.pieces import Stretch
    from transcription.resampling import Samples

LEAST_HELD: Final = 20 * MODEL_RATE
"""With so much in memory, sound of a recording under way is not waited for any longer."""

_PATIENCE_S: Final = 2.0
_LONGEST_STRETCH: Final = LONGEST - 2 * PAD


class Held:
    """The sound that is in memory, by its places from the start."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._parts: list[Samples] = []
        self.start = 0
        self.end = 0
        self.has_ended = False

    def is_at_hand(self, wanted: int) -> bool:
        """Whether `fill` would give so many samples without waiting."""
        return self.has_ended or self.end - self.start + self._listener.ahead >= wanted

    def fill(self, wanted: int) -> None:
        """Take in sound until `wanted` samples are held, or no more comes for the time being."""
        while not self.has_ended and self.end - self.start < wanted:
            is_enough = self.end - self.start >= LEAST_HELD
            try:
                more = self._listener.take(_PATIENCE_S if is_enough else None)
            except NothingYetError:
                return
            if more is None:
                self.has_ended = True
            else:
                self._parts.append(more)
                self.end += len(more)

    def sound(self, start: int, end: int) -> Samples:
        """Return the samples of a place that is held."""
        whole = np.concatenate(self._parts) if self._parts else np.zeros(0, np.float32)
        self._parts = [whole]
        return whole[start - self.start : end - self.start]

    def drop_before(self, place: int) -> None:
        """Let go of what is done with."""
        self._parts = [self.sound(place, self.end).copy()]
        self.start = place

    def rest(self) -> Iterator[Samples]:
        """Give all sound from here on, what is held first, until its end; nothing is held then."""
        held, self._parts = self._parts, []
        self.start = self.end
        yield from held
        if not self.has_ended:
            yield from self._listener.pieces()

    def speech(self) -> list[Stretch]:
        """Return where somebody speaks in what is held."""
        return self.speech_of(self.start, self.end)

    def speech_of(self, start: int, end: int) -> list[Stretch]:
        """Return where somebody speaks between two places, no stretch longer than a piece."""
        return self._listener.voices.stretches(start, end, _LONGEST_STRETCH)
