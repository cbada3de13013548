"""Long sound in blocks of bounded length, each cut at a quiet place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from transcription.resampling import MODEL_RATE, Samples

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BLOCK_SAMPLES = 600 * MODEL_RATE
"""Ten minutes: what is in memory at a time, and what the engine normalises as one."""

_SEARCHED_SAMPLES = 60 * MODEL_RATE
_STEP_SAMPLES = MODEL_RATE // 50
_QUIET_STEPS = 25


def quiet_cut(sound: Samples, searched: int = _SEARCHED_SAMPLES) -> int:
    """Find the middle of the quietest half second in the last `searched` samples."""
    start = max(0, len(sound) - searched)
    steps = (len(sound) - start) // _STEP_SAMPLES
    if steps <= _QUIET_STEPS:
        return len(sound)
    tail = sound[start : start + steps * _STEP_SAMPLES].reshape(steps, _STEP_SAMPLES)
    power = np.square(tail, dtype=np.float64).mean(axis=1)
    total = np.concatenate([[0.0], np.cumsum(power)])
    stretches = total[_QUIET_STEPS:] - total[:-_QUIET_STEPS]
    return start + (int(np.argmin(stretches)) + _QUIET_STEPS // 2) * _STEP_SAMPLES


def in_blocks(pieces: Iterable[Samples], block_samples: int = BLOCK_SAMPLES) -> Iterator[Samples]:
    """Join pieces into blocks of at most `block_samples`; nothing is lost, nothing twice."""
    held: list[Samples] = []
    count = 0
    for piece in pieces:
        held.append(piece)
        count += len(piece)
        while count > block_samples:
            sound = np.concatenate(held)
            cut = quiet_cut(sound[:block_samples], min(_SEARCHED_SAMPLES, block_samples // 2))
            yield sound[:cut]
            held = [sound[cut:]]
            count = len(held[0])
    if count:
        yield np.concatenate(held)
