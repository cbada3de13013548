"""The voice model: a second or two of speech in, 256 numbers out that stand for its voice.

Numpy alone; each multiplication on one core (the child is started so), windows in batches on as
many threads as it may use, since numpy lets go of Python's lock while it multiplies.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

from transcription.speakers.weights import HIDDEN, Layer, Numbers, Weights

FRAMES: Final = 160
"""Frames in one window: 1.6 seconds, what the model was trained on."""

_BATCH: Final = 64
_LEAST_LENGTH: Final = 1e-6


class Embedder:
    """Turns windows into voices. One thread calls it; it uses `threads` of its own meanwhile."""

    def __init__(self, weights: Weights, threads: int = 1) -> None:
        self._layers = [_halved(layer) for layer in weights.layers]
        self._weights = weights
        self._threads = threads

    def embed(self, windows: Numbers) -> Numbers:
        """Return a row of length 1 for each window of (windows, `FRAMES`, mels)."""
        batches = [windows[at : at + _BATCH] for at in range(0, len(windows), _BATCH)]
        if not batches:
            return np.empty((0, HIDDEN), np.float32)
        with ThreadPoolExecutor(self._threads) as pool:
            return np.concatenate(list(pool.map(self._embed, batches)))

    def _embed(self, windows: Numbers) -> Numbers:
        heard = np.ascontiguousarray(windows.transpose(1, 0, 2))
        for layer in self._layers:
            heard = _run(layer, heard)
        made = np.maximum(heard[-1] @ self._weights.linear + self._weights.bias, 0)
        return unit(made)


def unit(rows: Numbers) -> Numbers:
    """Give each row the length 1; a row of nothing stays nothing."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    made: Numbers = (rows / np.maximum(lengths, _LEAST_LENGTH)).astype(np.float32)
    return made


def _halved(layer: Layer) -> Layer:
    """Halve what goes into the three sigmoids: sigmoid(x) = tanh(x / 2) / 2 + 1 / 2.

    So one call of tanh does all four gates.
    """
    halves = np.full(4 * HIDDEN, 0.5, np.float32)
    halves[2 * HIDDEN : 3 * HIDDEN] = 1
    return Layer(layer.inputs * halves, layer.hidden * halves, layer.bias * halves)


def _run(layer: Layer, heard: Numbers) -> Numbers:
    """Run one layer over (frames, windows, inputs); return (frames, windows, `HIDDEN`)."""
    frames, count, inputs = heard.shape
    given = (heard.reshape(frames * count, inputs) @ layer.inputs).reshape(frames, count, -1)
    given += layer.bias
    made = np.empty((frames, count, HIDDEN), np.float32)
    state = np.zeros((count, HIDDEN), np.float32)
    cell = np.zeros((count, HIDDEN), np.float32)
    gates = np.empty((count, 4 * HIDDEN), np.float32)
    take, keep, new, show = (gates[:, n * HIDDEN : (n + 1) * HIDDEN] for n in range(4))
    for frame in range(frames):
        np.matmul(state, layer.hidden, out=gates)
        gates += given[frame]
        np.tanh(gates, out=gates)
        for gate in (take, keep, show):
            np.multiply(gate, 0.5, out=gate)
            np.add(gate, 0.5, out=gate)
        cell *= keep
        take *= new
        cell += take
        state = np.tanh(cell, out=made[frame])
        state *= show
    return made
