"""Conversations of flite's voices, made at run time, and where each one speaks."""

from __future__ import annotations

import io
import shutil
import subprocess
import wave
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

RATE = 16_000
WOMAN, MAN, OTHER = "slt", "rms", "awb"
QUESTIONS = (
    "Please tell me in your own words what you saw on that morning by the river.",
    "Who else was in the house when the lamp went out, as far as you remember?",
    "And how long did you wait in the yard before somebody came to the door?",
)
ANSWERS = (
    "We walked along the water until the bridge, and there the road was closed by two lorries.",
    "My neighbour was there with her children, and an old man whom I had not seen before.",
    "I think it was about an hour, because the bread in the oven was burnt when we came back.",
)
PAUSE = np.zeros(RATE * 6 // 10, np.int16)

Sound = NDArray[np.int16]
Span = tuple[float, float, str]
"""Start and end in seconds, and whose voice it is."""


@cache
def say(voice: str, text: str) -> Sound:
    """Speak a text: 16 kHz, mono. Skips where there is no flite."""
    flite = shutil.which("flite")
    if flite is None:
        pytest.skip("flite is not installed: no speech can be made (apt-get install flite)")
    done = subprocess.run(  # fixed program, text of ours
        [flite, "-voice", voice, "-o", "/dev/stdout", "-t", text],
        capture_output=True,
        check=True,
        timeout=30,
    )
    with wave.open(io.BytesIO(done.stdout)) as read:
        assert read.getframerate() == RATE
        return np.frombuffer(read.readframes(read.getnframes()), np.int16)


def talk(*lines: tuple[str, str]) -> tuple[Sound, list[Span]]:
    """Let voices speak in turn, a pause of 0.6 s after each."""
    parts, spans, at = [], [], 0
    for voice, text in lines:
        spoken = say(voice, text)
        spans.append((at / RATE, (at + len(spoken)) / RATE, voice))
        parts += [spoken, PAUSE]
        at += len(spoken) + len(PAUSE)
    return np.concatenate(parts), spans


def interview(asks: str = WOMAN, answers: str = MAN) -> tuple[Sound, list[Span]]:
    """Three questions and their answers."""
    lines = [
        pair for q, a in zip(QUESTIONS, ANSWERS, strict=True) for pair in ((asks, q), (answers, a))
    ]
    return talk(*lines)


def stereo(left: Sound, right: Sound) -> bytes:
    """Put two sides of a call into one recording."""
    length = max(len(left), len(right))
    sides = [np.pad(side, (0, length - len(side))) for side in (left, right)]
    return np.stack(sides, axis=1).astype("<i2").tobytes()
