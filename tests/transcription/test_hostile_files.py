"""Hostile files end as a sentence or as sound, within limits of time and memory, and alone."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.transcription import hostile_files
from tests.transcription.sounds import ROOT, Octets, tone, wav
from tests.transcription.test_decoder import LYING
from transcription.decoder import MEMORY_BYTES
from transcription.decoding import DecodedAudio
from transcription.errors import NotAudioError, TooLongError

if TYPE_CHECKING:
    from pathlib import Path

MOST_SECONDS = 30.0
# Slack of the two sides: what a Python is before it has read anything.
MOST_OF_THE_CHILD = MEMORY_BYTES
MOST_OF_THE_PARENT = 64 << 20
SENTENCES = {NotAudioError.default, TooLongError.default}


@dataclass(frozen=True)
class Ran:
    """What came of each file of one kind: outcome, ms of sound, seconds; and the most memory."""

    files: dict[str, tuple[str, int, float]]
    child_bytes: int
    parent_bytes: int


def _run(kind: str, *, longest_ms: int = 86_400_000, no_progress_s: float = 10.0) -> Ran:
    done = subprocess.run(  # ours
        [sys.executable, "-m", "tests.transcription.hostile_run", kind, str(longest_ms),
         str(no_progress_s)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    *files, (child_kib, parent_kib) = [json.loads(line) for line in done.stdout.splitlines()]
    return Ran(
        {name: (came, sound_ms, taken_s) for name, came, sound_ms, taken_s in files},
        child_kib * 1024,
        parent_kib * 1024,
    )


def _is_bounded(ran: Ran) -> None:
    assert {came for came, _, _ in ran.files.values()} <= SENTENCES | {"sound"}
    assert {name for name, (_, _, taken_s) in ran.files.items() if taken_s > MOST_SECONDS} == set()
    assert 0 < ran.child_bytes < MOST_OF_THE_CHILD
    assert ran.parent_bytes < MOST_OF_THE_PARENT


@pytest.mark.slow
def test_files_cut_anywhere_give_their_sound_or_a_sentence() -> None:
    """In the mark, the header, the tables, the sound: forty places in eight formats."""
    ran = _run("cuts")

    _is_bounded(ran)
    assert len(ran.files) == 40
    halves = {name: sound_ms for name, (came, sound_ms, _) in ran.files.items() if came == "sound"}
    assert len(halves) > 10, "what was recorded before the cut is worth keeping"
    assert max(halves.values()) < 1100


@pytest.mark.slow
def test_lying_headers_are_not_believed() -> None:
    """136 years, 4 GiB, 65535 channels, no time at all: nothing is taken that is not there."""
    ran = _run("lies")

    _is_bounded(ran)
    assert max(sound_ms for _, sound_ms, _ in ran.files.values()) < 1100
    assert ran.files["wav of 4 GiB"][:2] == ("sound", 500)


def test_odd_files_end_well() -> None:
    """Empty packets, files in files, a hundred streams, names of other files."""
    ran = _run("odd")

    _is_bounded(ran)
    assert ran.files["wav in a zip"][0] == NotAudioError.default
    assert ran.files["empty packets"][:2] == ("sound", 1000)
    assert ran.files["a hundred ogg files, end to end"][:2] == ("sound", 100_000)
    for name in ("mov that names another file", "mov that names an address"):
        assert ran.files[name][:2] == ("sound", 1000), "its own sound, of the other nothing"


@pytest.mark.slow
def test_files_that_unfold_are_bounded() -> None:
    """Silence in a few kilobytes: it is sound, takes no more memory than any, and has an end."""
    ran = _run("bombs")

    _is_bounded(ran)
    assert ran.files["flac bomb"][:2] == ("sound", 600_000)
    assert ran.files["opus bomb"][:2] == ("sound", 120_000)
    stopped = _run("bombs", longest_ms=10_000)
    assert {came for came, _, _ in stopped.files.values()} == {TooLongError.default}


@pytest.mark.slow
def test_sources_without_an_end_are_left() -> None:
    """A hundred gigabytes by their own word: too long, or no sound, after a moment."""
    ran = _run("endless", longest_ms=120_000, no_progress_s=0.5)

    _is_bounded(ran)
    assert {came for came, _, _ in ran.files.values()} == SENTENCES


def test_twin_the_measure_sees_a_child_that_takes_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """A smaller limit than the child needs is exceeded: the figures above are real."""
    monkeypatch.setattr(sys.modules[__name__], "MOST_OF_THE_CHILD", 1 << 20)

    with pytest.raises(AssertionError):
        _is_bounded(_run("short"))


@pytest.mark.parametrize("listing", hostile_files.LISTINGS)
def test_text_that_names_other_sound_is_no_sound(listing: str, tmp_path: Path) -> None:
    """Play lists of every kind, with a true recording behind the name."""
    planted = tmp_path / "planted.wav"
    planted.write_bytes(wav(tone(900)))
    before = planted.stat().st_atime_ns
    for url in (planted.as_uri(), f"concat:{planted}|{planted}"):
        source = Octets(hostile_files.LISTINGS[listing].format(url=url).encode())

        with pytest.raises(NotAudioError), DecodedAudio(source):
            pass
    assert planted.stat().st_atime_ns == before


@pytest.mark.parametrize("how", ["segv", "sigsys", "abort", "exit", "spins", "eats memory"])
def test_a_decoder_that_crashes_ends_as_the_sentence(how: str) -> None:
    """A flaw in a codec, a call that the filter kills, an allocation without end: no sound."""
    audio = DecodedAudio(Octets(how.encode().ljust(16)), no_progress_s=1.0, decoder=LYING)

    with pytest.raises(NotAudioError, match=r"^This file holds no sound"), audio:
        for _chunk in audio:
            pass


def test_a_child_that_trickles_is_not_waited_for() -> None:
    """One frame of sound now and then: it earns less time than it takes."""
    audio = DecodedAudio(Octets(b"trickles".ljust(16)), no_progress_s=0.5, decoder=LYING)

    with pytest.raises(NotAudioError), audio:
        for _chunk in audio:
            pass
