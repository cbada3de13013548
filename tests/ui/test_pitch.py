"""A voice keeps its pitch at every speed: a tone, played by the real player, recorded, measured."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.capture.recording.test_devices import server  # noqa: F401  # its sound server
from tests.support.matter import new_interview, working_copy

if TYPE_CHECKING:
    from tests.support.matter import Matter

_PROGRAMS = ("pulseaudio", "pacat", "pactl", "parec")
_LACKING = [name for name in _PROGRAMS if shutil.which(name) is None]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        bool(_LACKING), reason=f"not installed (Debian: pulseaudio): {', '.join(_LACKING)}"
    ),
]
ROOT = Path(__file__).resolve().parents[2]
RATE, TONE_HZ, SECONDS = 48_000, 440, 2.0
PERCENT = 0.01


def _played_and_heard(matter: Matter, rate: float) -> tuple[np.ndarray, int]:
    """Play the tone at a speed; return what came out, and how far the player says it went."""
    command = ["parec", "--device=call.monitor", "--raw", "--format=s16le", "--rate=48000"]
    recording = matter.path.parent / "heard.raw"
    with (
        recording.open("wb") as file,
        subprocess.Popen([*command, "--channels=1", "--latency-msec=50"], stdout=file) as recorder,
    ):
        done = subprocess.run(
            [
                *(sys.executable, "-m", "tests.ui.pitch_child"),
                *(str(matter.path), matter.member, str(rate), str(SECONDS)),
            ],
            cwd=ROOT,
            env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
            capture_output=True,
            text=True,
            check=True,
        )
        recorder.terminate()
        recorder.wait()
    content = recording.read_bytes()
    heard = np.frombuffer(content[: len(content) // 2 * 2], "<i2").astype(float)
    has_loudspeaker, position = done.stdout.split()
    assert has_loudspeaker == "True", done.stderr
    loud = np.flatnonzero(np.abs(heard) > 1_000)
    assert len(loud), "nothing came out of the player"
    return heard[loud[0] : loud[-1]], int(position)


def _loudest_hz(samples: np.ndarray) -> float:
    """Return the frequency that most of the middle is made of."""
    middle = samples[len(samples) // 4 : -len(samples) // 4]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    return float(np.argmax(spectrum) * RATE / len(middle))


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("rate", [0.5, 2.0])
def test_a_tone_keeps_its_pitch(matter: Matter, rate: float) -> None:
    """440 Hz stays 440 Hz, while twice as much, or half as much, of it goes by."""
    with matter.unlock() as vault:
        places = np.arange(RATE * 12)
        tone = (9_000 * np.sin(2 * np.pi * TONE_HZ * places / RATE)).astype("<i2").tobytes()
        working_copy(vault, new_interview(vault).id, [tone], rate=RATE, duration_ms=12_000)

    heard, position_ms = _played_and_heard(matter, rate)

    assert _loudest_hz(heard) == pytest.approx(TONE_HZ, rel=PERCENT)
    assert position_ms == pytest.approx(len(heard) / RATE * 1000 * rate, rel=0.5, abs=300)


def test_a_tone_at_another_pitch_is_noticed() -> None:
    """Twin: what a player without compensation would give is not taken for the tone."""
    places = np.arange(RATE * 2)
    for wrong in (TONE_HZ / 2, TONE_HZ * 2, TONE_HZ * 1.05):
        tone = 9_000 * np.sin(2 * np.pi * wrong * places / RATE)
        assert _loudest_hz(tone) != pytest.approx(TONE_HZ, rel=PERCENT)
