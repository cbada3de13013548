"""Every format that people bring is decoded behind the walls: its length, its pitch, its rate."""

from __future__ import annotations

import av
import pytest

from tests.transcription.formats import FORMATS, TONE_HZ, Format, by_name, file_of, pitch_of
from tests.transcription.sounds import Octets
from transcription.decoding import DecodedAudio

MS = 2000
# A codec's own delay and the last, filled-up block of sound.
MOST_OFF_MS = 60


@pytest.mark.parametrize("kind", FORMATS, ids=lambda kind: kind.name)
def test_every_format_comes_out_as_it_was_recorded(kind: Format) -> None:
    """Lossy or not: within 60 ms of the length, and the same tone."""
    with DecodedAudio(Octets(file_of(kind, MS))) as audio:
        sound = b"".join(audio)

    assert audio.enclosure.is_closed
    assert audio.damaged_from_ms is None
    assert audio.rate == (kind.working_rate or kind.rate)
    assert audio.channels == min(2, av.AudioLayout(kind.layout).nb_channels)
    assert abs(len(sound) / 2 / audio.channels / audio.rate * 1000 - MS) < MOST_OFF_MS
    assert abs(pitch_of(sound, audio.rate, audio.channels) - TONE_HZ) < 2


def test_twin_another_tone_and_another_length_are_noticed() -> None:
    """What measures above does measure: half the rate is half the pitch."""
    with DecodedAudio(Octets(file_of(by_name("wav 16 bit"), MS))) as audio:
        sound = b"".join(audio)

    assert abs(pitch_of(sound, audio.rate // 2, 2) - TONE_HZ / 2) < 2
    assert abs(pitch_of(sound[: len(sound) // 2], audio.rate, 2) - TONE_HZ) < 2


def test_surround_sound_is_mixed_and_not_cut() -> None:
    """A voice in the middle loudspeaker of six is heard in the two channels that are kept."""
    kind = by_name("wav 5.1")
    octets = bytearray(file_of(kind, 500))
    at = octets.index(b"data") + 8
    for place in range(at, len(octets) - 11, 12):  # six channels of two bytes: keep the third
        octets[place : place + 4] = bytes(4)
        octets[place + 6 : place + 12] = bytes(6)

    with DecodedAudio(Octets(bytes(octets))) as audio:
        sound = b"".join(audio)

    assert abs(pitch_of(sound, audio.rate, 2) - TONE_HZ) < 4
    assert max(abs(int.from_bytes(sound[n : n + 2], "little", signed=True))
               for n in range(48000, 50000, 2)) > 2000  # fmt: skip


def test_rate_and_channels_may_change_on_the_way() -> None:
    """Two recordings joined end to end: the second is not lost for being another kind."""
    first = by_name("aac")
    second = Format(name="other", container="adts", codec="aac", rate=48000, layout="stereo")

    with DecodedAudio(Octets(file_of(first, MS) + file_of(second, MS))) as audio:
        sound = b"".join(audio)

    assert audio.rate == first.rate
    assert abs(len(sound) / 2 / audio.rate * 1000 - 2 * MS) < 2 * MOST_OFF_MS
    half = len(sound) // 4 * 2
    for part in (sound[:half], sound[half:]):
        assert abs(pitch_of(part, audio.rate, 1) - TONE_HZ) < 2
