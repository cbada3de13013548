"""Features and voice model against plain, slow definitions of the same."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from transcription.speakers.embedding import FRAMES, Embedder, unit
from transcription.speakers.features import HOP, mel_frames
from transcription.speakers.weights import Layer, Weights, read_weights

Floats = NDArray[np.float64]


def sigmoid(values: Floats) -> Floats:
    return 1 / (1 + np.exp(-values))


def plain_layer(layer: Layer, heard: Floats) -> Floats:
    """Run an LSTM by its definition, a frame and a window at a time."""
    state, cell, made = np.zeros(256), np.zeros(256), []
    for frame in heard:
        gates = frame @ layer.inputs.astype(float) + state @ layer.hidden.astype(float)
        take, keep, new, show = np.split(gates + layer.bias, 4)
        cell = sigmoid(keep) * cell + sigmoid(take) * np.tanh(new)
        state = sigmoid(show) * np.tanh(cell)
        made.append(state)
    return np.array(made)


def plain(weights: Weights, window: Floats) -> Floats:
    """Embed one window by the definition of the model."""
    heard = window
    for layer in weights.layers:
        heard = plain_layer(layer, heard)
    made = np.maximum(heard[-1] @ weights.linear.astype(float) + weights.bias, 0)
    return np.asarray(made / np.linalg.norm(made))


def some_windows(count: int) -> NDArray[np.float32]:
    return np.random.default_rng(4).gamma(0.5, 0.05, (count, FRAMES, 40)).astype(np.float32)


def test_the_quick_way_gives_what_the_definition_gives() -> None:
    """Halved gates and batches change nothing but rounding."""
    weights = read_weights()
    windows = some_windows(3)

    found = Embedder(weights).embed(windows)

    for window, voice in zip(windows, found, strict=True):
        assert np.abs(plain(weights, window.astype(float)) - voice).max() < 1e-5
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


def test_a_changed_gate_is_seen() -> None:
    """Twin: with two gates taken for one another, the same comparison fails."""
    weights = read_weights()
    order = np.r_[256:512, 0:256, 512:1024]
    swapped = [Layer(w.inputs[:, order], w.hidden[:, order], w.bias[order]) for w in weights.layers]
    wrong = Weights(tuple(swapped), weights.linear, weights.bias)
    windows = some_windows(1)

    found = Embedder(wrong).embed(windows)

    assert np.abs(plain(weights, windows[0].astype(float)) - found[0]).max() > 1e-2


def test_threads_and_batches_change_nothing() -> None:
    """A window's voice does not depend on which windows stand beside it."""
    weights = read_weights()
    windows = some_windows(66)

    one, two = Embedder(weights, 1).embed(windows), Embedder(weights, 2).embed(windows)

    assert np.abs(one - two).max() < 1e-6
    assert np.abs(one[65:] - Embedder(weights).embed(windows[65:])).max() < 1e-5
    assert Embedder(weights).embed(windows[:0]).shape == (0, 256)


def test_a_voice_of_nothing_is_nothing() -> None:
    """No division by zero where every output is cut off."""
    assert unit(np.zeros((1, 4), np.float32)).tolist() == [[0, 0, 0, 0]]


def test_features_have_a_frame_every_ten_milliseconds() -> None:
    assert mel_frames(np.zeros(16000, np.float32)).shape == (101, 40)
    assert not mel_frames(np.zeros(HOP, np.float32)).any()


@pytest.mark.parametrize("hertz", [300, 1000, 3000, 6000])
def test_a_tone_lights_the_band_around_it(hertz: int) -> None:
    """Bands as Slaney's scale has them: 40 triangles, even up to 1 kHz, then by equal factors."""
    time = np.arange(8000) / 16000
    powers = mel_frames(np.sin(2 * np.pi * hertz * time).astype(np.float32)).mean(axis=0)

    edges = slaney_edges()
    assert edges[np.argmax(powers)] <= hertz <= edges[np.argmax(powers) + 2]


def slaney_edges() -> list[float]:
    """Give the corners of the triangles by the scale's definition, a step at a time."""
    top = 15 + 27 * np.log(8000 / 1000) / np.log(6.4)
    steps = [n * top / 41 for n in range(42)]
    return [s * 200 / 3 if s < 15 else 1000 * 6.4 ** ((s - 15) / 27) for s in steps]


def test_power_follows_the_definition() -> None:
    """One frame by hand: Hann window, squared spectrum, triangles of one area."""
    sound = np.random.default_rng(7).normal(0, 0.1, 1600).astype(np.float32)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
    spectrum = np.abs(np.fft.rfft(sound[480 - 200 : 480 + 200] * window)) ** 2
    edges, frequencies = slaney_edges(), np.arange(201) * 40.0

    expected = [
        sum(
            max(0.0, min((f - low) / (mid - low), (high - f) / (high - mid))) * p * 2 / (high - low)
            for f, p in zip(frequencies, spectrum, strict=True)
        )
        for low, mid, high in zip(edges, edges[1:], edges[2:], strict=False)
    ]

    assert np.allclose(mel_frames(sound)[3], expected, rtol=1e-3)
