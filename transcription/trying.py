"""How fast a model will be on this computer: a short sound through it, and the clock."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from transcription.engine import Segment, Settings, transcribe
from transcription.errors import TranscriptionError

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS: Final = 30
HOUR_S: Final = 3600
_PIECE: Final = 64 * 1024
_SAMPLE: Final = 2

NOTHING_HEARD: Final = (
    "The model ran and wrote nothing down, though somebody speaks in the test. It is no model for "
    "that language, or it is damaged: try it on a recording of your own before you trust it."
)


@dataclass(frozen=True, slots=True)
class Tried:
    """What a test showed. Seconds are wall-clock; `whole_s` has loading the model in it."""

    profile: str
    sound_s: float
    whole_s: float
    first_s: float
    """Until the first text stood there."""
    words: int

    @property
    def hour_s(self) -> float:
        """How long an hour of speech takes about; rather too long than too short.

        Longer sound is decoded in fuller batches, and the model is loaded once.
        """
        return HOUR_S * self.whole_s / self.sound_s


def try_model(
    sound: bytes,
    settings: Settings,
    *,
    rate: int,
    channels: int,
    clock: Callable[[], float] = time.perf_counter,
) -> Tried:
    """Transcribe `sound` (s16le) as `settings` say, and say how long that took.

    Raises `TranscriptionError`, with `NOTHING_HEARD` where no text came.
    """
    length_ms = len(sound) * 1000 // (rate * channels * _SAMPLE)
    pieces = (sound[at : at + _PIECE] for at in range(0, len(sound), _PIECE))
    began, first, words = clock(), 0.0, 0
    events = transcribe(
        pieces,
        rate=rate,
        channels=channels,
        total_ms=length_ms,
        settings=replace(settings, start_ms=0, prompt=""),
    )
    with closing(events):
        for event in events:
            if isinstance(event, Segment) and event.text.strip():
                first = first or clock() - began
                words += len(event.text.split())
    whole = clock() - began
    if not words:
        raise TranscriptionError(NOTHING_HEARD)
    return Tried(settings.profile, length_ms / 1000, whole, first, words)
