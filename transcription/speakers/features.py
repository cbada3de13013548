"""What the voice model hears: forty mel bands every ten milliseconds, as librosa makes them."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

from transcription.resampling import MODEL_RATE, Samples
from transcription.speakers.weights import MELS, Numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

HOP: Final = MODEL_RATE // 100
"""Samples from one frame to the next."""

_WINDOW: Final = MODEL_RATE // 40
_AT_ONCE: Final = 4096
# Slaney's scale: linear below 1 kHz, then 27 steps for each factor of 6.4.
_LINEAR_HZ: Final = 200 / 3
_BREAK_HZ: Final = 1000.0
_LOG_STEP: Final = math.log(6.4) / 27


def mel_frames(sound: Samples) -> Numbers:
    """Return one row of `MELS` powers for each `HOP` samples; frame n is centred on sample n * HOP.

    16 kHz, mono. Silence is taken to stand before and after the sound.
    """
    padded = np.pad(sound, _WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::HOP]
    made = np.empty((len(frames), MELS), np.float32)
    for start in range(0, len(frames), _AT_ONCE):  # the spectra of an hour would take 600 MB
        spectra = np.fft.rfft(frames[start : start + _AT_ONCE] * _hann(), axis=1)
        made[start : start + _AT_ONCE] = np.square(np.abs(spectra)) @ _bands()
    return made


@cache
def _hann() -> Numbers:
    turns = np.arange(_WINDOW) / _WINDOW
    return (0.5 - 0.5 * np.cos(2 * np.pi * turns)).astype(np.float32)


@cache
def _bands() -> Numbers:
    """Build the triangles, each of the same area: (frequencies, MELS)."""
    frequencies = np.arange(_WINDOW // 2 + 1) * (MODEL_RATE / _WINDOW)
    edges = _hertz(np.linspace(0.0, _mel(MODEL_RATE / 2), MELS + 2))
    widths = np.diff(edges)
    rise = (frequencies[:, None] - edges[None, :-2]) / widths[:-1]
    fall = (edges[None, 2:] - frequencies[:, None]) / widths[1:]
    triangles = np.maximum(0.0, np.minimum(rise, fall))
    return (triangles * (2.0 / (edges[2:] - edges[:-2]))).astype(np.float32)


def _mel(hertz: float) -> float:
    if hertz < _BREAK_HZ:
        return hertz / _LINEAR_HZ
    return _BREAK_HZ / _LINEAR_HZ + math.log(hertz / _BREAK_HZ) / _LOG_STEP


def _hertz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    border = _BREAK_HZ / _LINEAR_HZ
    above = _BREAK_HZ * np.exp(_LOG_STEP * (mels - border))
    return np.where(mels < border, mels * _LINEAR_HZ, above)
