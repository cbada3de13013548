"""Levels and warnings: silence, clipping, the far side in the microphone; two clocks as one."""

from __future__ import annotations

import numpy as np
import pytest

from intake.capture.recording.frames import Heard, HeardChannel
from intake.capture.recording.levels import NOTHING_DB, LeakWatch, Meter
from intake.capture.recording.listening import verdict_of
from intake.capture.recording.mixing import PATIENCE_MS, Mixer

RATE = 48_000
SPEECH = np.random.default_rng(7)


def noise(ms: int, loud: int = 6_000) -> np.ndarray:
    """Return something as lively as speech: noise in syllables."""
    frames = RATE * ms // 1000
    syllables = 0.5 + 0.5 * np.sin(2 * np.pi * 4 * np.arange(frames) / RATE)
    return (SPEECH.normal(0, loud, frames) * syllables).clip(-32_000, 32_000).astype(np.int16)


def test_a_tone_has_its_level() -> None:
    """Half of full scale is 6 dB below it, and a sine's mean 3 dB below its peak."""
    meter = Meter(RATE)
    tone = (16_384 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)).astype(np.int16)
    meter.feed(tone)

    assert meter.peak_db == pytest.approx(-6.0, abs=0.1)
    assert meter.level_db == pytest.approx(-9.0, abs=0.1)
    assert not meter.is_clipping


def test_silence_is_counted_and_a_word_ends_it() -> None:
    """A muted microphone gives zeros, and this is what tells it."""
    meter = Meter(RATE)
    for _ in range(10):
        meter.feed(np.zeros(RATE // 5, np.int16))
    assert (meter.level_db, meter.silent_ms) == (NOTHING_DB, 2_000)

    meter.feed(noise(200))
    assert meter.silent_ms == 0


def test_clipping_is_shown_for_three_seconds() -> None:
    """One sample at full scale is none; many are, and it is held so that a person sees it."""
    meter = Meter(RATE)
    one = np.zeros(RATE // 5, np.int16)
    one[100] = 32_767
    meter.feed(one)
    assert not meter.is_clipping

    meter.feed(np.full(RATE // 5, -32_768, np.int16))
    assert meter.is_clipping
    for _ in range(15):
        meter.feed(np.zeros(RATE // 5, np.int16))
    assert not meter.is_clipping


def test_a_loudspeaker_beside_the_microphone_is_noticed() -> None:
    """The far side comes back late, quieter, and under another voice."""
    far, near = noise(8_000), noise(8_000, loud=2_500)
    delay = RATE * 60 // 1000
    heard = near.copy()
    heard[delay:] += (far[:-delay] * 0.6).astype(np.int16)
    watch = LeakWatch(RATE)
    for start in range(0, len(far), 960):
        watch.feed(heard[start : start + 960], far[start : start + 960])

    assert watch.is_leaking


def test_two_people_who_speak_at_once_are_no_leak() -> None:
    """Nor is a far side that says nothing."""
    watch, quiet = LeakWatch(RATE), LeakWatch(RATE)
    near, far = noise(8_000), noise(8_000)
    for start in range(0, len(far), 960):
        watch.feed(near[start : start + 960], far[start : start + 960])
        quiet.feed(near[start : start + 960], np.zeros(960, np.int16))

    assert not watch.is_leaking
    assert not quiet.is_leaking


def test_two_devices_become_one_stream_sample_by_sample() -> None:
    """However their pieces come; nothing is put in, nothing left out."""
    given = bytearray()
    mixer = Mixer(2, RATE, given.extend)
    near, far = np.arange(4_000, dtype="<i2"), np.arange(4_000, dtype="<i2") - 4_000
    for start in range(0, 4_000, 500):
        mixer.put(0, near[start : start + 500].tobytes())
    mixer.put(1, far[:3_000].tobytes())
    mixer.put(1, far[3_000:].tobytes())

    assert given == np.stack([near, far], axis=1).tobytes()
    assert mixer.padded_frames == [0, 0]


def test_one_side_goes_on_when_the_other_gives_nothing() -> None:
    """Silence stands on the other channel; at the end nothing is kept back."""
    given = bytearray()
    mixer = Mixer(2, RATE, given.extend)
    near = np.ones(RATE, "<i2")
    mixer.put(0, near.tobytes())
    waits = RATE - len(given) // 4
    mixer.flush()

    sides = np.frombuffer(bytes(given), "<i2").reshape(-1, 2)
    assert waits == RATE * PATIENCE_MS // 1000
    assert sides[:, 0].tolist() == near.tolist()
    assert not sides[:, 1].any()


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        (HeardChannel("microphone", -20.0, -8.0, was_clipping=False), "heard well"),
        (HeardChannel("microphone", -96.0, -80.0, was_clipping=False), "is silent"),
        (HeardChannel("microphone", -45.0, -30.0, was_clipping=False), "move it nearer"),
        (
            HeardChannel("computer", -3.0, 0.0, was_clipping=True),
            "sound is too loud",
        ),
    ],
)
def test_the_verdict_says_what_to_do(channel: HeardChannel, words: str) -> None:
    """In one sentence for each side."""
    assert words in verdict_of(Heard("", 5_000, [channel]))


def test_no_sound_at_all_is_another_thing_than_silence() -> None:
    """Nothing is plugged in, or the system does not let us."""
    assert verdict_of(Heard("", 0, [])).startswith("No microphone gave any sound.")
