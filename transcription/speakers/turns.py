"""From windows to turns: who speaks when in one channel, as numbers, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from transcription.speakers.clustering import smoothed, voices_in

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from transcription.speakers.hearing import Heard
    from transcription.speakers.weights import Numbers

PERHAPS_ONE: Final = 0.80
"""Two voices nearer than this (cosine of their centres) are perhaps one person."""

SURE: Final = 0.35
"""How much better the chosen voice must fit a window than the next one, as a share of how far the
two lie apart. Where two people speak at once most windows have less, elsewhere few have.
"""

_LEAST_APART: Final = 1e-3
_CHANGE: Final = 0.1
_CHANGE_AFTER_SILENCE: Final = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One voice without a break. Times in ms from the start of the recording.

    `voice` counts from 1, in the order of the first turn of each. `is_sure` is False where another
    voice fits nearly as well: a border, a very short answer, or two people at once.
    """

    start_ms: int
    end_ms: int
    voice: int
    is_sure: bool


@dataclass(frozen=True, slots=True)
class Told:
    """The turns of a channel, and the centres of its voices in the order of their numbers.

    `nearness` is the cosine of the two nearest centres, -1 where there is one voice.
    """

    turns: list[Turn]
    centres: Numbers
    nearness: float


def tell_apart(heard: Heard, people: int) -> Told:
    """Group the windows of a channel into so many voices and lay them along time."""
    windows = heard.all_voices()
    centres = voices_in(windows, people)
    if len(centres) == 0:
        return Told([], centres, -1.0)
    scores = windows @ centres.T
    changes = np.diff(heard.stretch_of, prepend=heard.stretch_of[0]) != 0
    path = smoothed(scores, np.where(changes, _CHANGE_AFTER_SILENCE, _CHANGE))
    order = list(dict.fromkeys(int(voice) for voice in path))
    order += [voice for voice in range(len(centres)) if voice not in order]
    is_sure = [bool(margin >= SURE) for margin in _margins(scores, path, centres)]
    numbers = [order.index(int(voice)) + 1 for voice in path]
    near = centres @ centres.T
    nearness = float(np.max(near[~np.eye(len(centres), dtype=bool)])) if len(centres) > 1 else -1.0
    return Told(_turns(heard, numbers, is_sure), centres[order], nearness)


def _margins(scores: Numbers, path: NDArray[np.intp], centres: Numbers) -> NDArray[np.float32]:
    """Return how much better the chosen voice fits each window than the best other one.

    0 = as well as the other, 1 = as a window in the middle of its own voice.
    """
    if scores.shape[1] == 1:
        return np.ones(len(scores), np.float32)
    rows = np.arange(len(scores))
    others = scores.copy()
    others[rows, path] = -np.inf
    other = np.argmax(others, axis=1)
    apart = 1 - np.einsum("nd,nd->n", centres[path], centres[other])
    margins: NDArray[np.float32] = scores[rows, path] - scores[rows, other]
    margins /= np.maximum(apart, _LEAST_APART)
    return margins


def _turns(heard: Heard, numbers: list[int], is_sure: list[bool]) -> list[Turn]:
    """Cut each stretch of speech half-way between two windows that differ in voice or sureness."""
    turns: list[Turn] = []
    first = 0
    for place in range(1, len(numbers) + 1):
        if (
            place < len(numbers)
            and (numbers[place], is_sure[place]) == (numbers[first], is_sure[first])
            and heard.stretch_of[place] == heard.stretch_of[first]
        ):
            continue
        stretch = heard.stretches[heard.stretch_of[first]]
        turns.append(
            Turn(
                start_ms=_border(heard, first, stretch[0]),
                end_ms=_border(heard, place, stretch[1]),
                voice=numbers[first],
                is_sure=is_sure[first],
            )
        )
        first = place
    return turns


def _border(heard: Heard, place: int, otherwise: int) -> int:
    """Return the middle between a window and the one before it in the same stretch."""
    if 0 < place < len(heard.centres) and heard.stretch_of[place] == heard.stretch_of[place - 1]:
        return (heard.centres[place - 1] + heard.centres[place]) // 2
    return otherwise
