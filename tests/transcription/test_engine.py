"""The real engine on speech made at run time. Exact words are never asserted."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.transcription.sounds import ROOT, likeness, sound_of, strace_or_skip, tone
from tests.transcription.workers import read_here
from transcription import engine, thorough
from transcription.blocks import in_blocks
from transcription.engine import Position, Segment, Settings, byte_position, transcribe
from transcription.errors import ModelError, WorkerDiedError
from transcription.launching import Child, launch
from transcription.models import Model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.transcription.conftest import Speak

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("engine")]

_STORY = (
    "We came to the village on a Monday and stayed in the house of my aunt. In the evening two "
    "cars stopped at the bridge. Four men asked for our papers and wrote down every name. One of "
    "them took my brother by the arm and led him to the second car. My mother called after them, "
    "but nobody gave her an answer. In the morning we walked to the station in the town. The "
    "officer at the desk said that he knew of no arrest. We went there again on Tuesday and on "
    "Friday. Since that day we have had no letter and no call. My aunt sold the house in spring "
    "and moved to the coast with the children."
)
_NAMES = ("Martin", "Peter", "Laura", "Helen", "Simon", "Robert")


def _settings(model: Model, **more: object) -> Settings:
    return Settings(model=model, language="en", cpu_threads=1, **more)  # type: ignore[arg-type]


def _segments(events: Iterator[Segment | Position]) -> list[Segment]:
    return [event for event in events if isinstance(event, Segment)]


def _chunks(sound: bytes, size: int = 7777) -> list[bytes]:
    return [sound[start : start + size] for start in range(0, len(sound), size)]


def _digits(text: str) -> str:
    """Leave out all but digits; the model writes "eight nine" now and then."""
    words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    for digit, word in enumerate(words):
        text = re.sub(rf"\b{word}\b", str(digit), text, flags=re.IGNORECASE)
    return re.sub(r"\D", "", text)


def test_new_sentence_with_a_random_number_is_heard(
    model: Model, speak: Speak, record_property: Callable[[str, object], None]
) -> None:
    """A sentence that no fixture can hold: its digits come out, with times and words in order."""
    chance = random.Random()  # noqa: S311  # only has to differ from run to run
    # Not 2, 4 and 8: "to", "for" and "ate" are as good an ear's answer.
    digits = "".join(chance.sample("135679", 4))
    name = chance.choice(_NAMES)
    record_property("spoken", f"{name} {digits}")
    # Said twice: of 85 trials with one number, two lost a digit.
    spoken = (
        f"My name is {name}. The number of the house was {' '.join(digits)}. "
        f"Again, it was {', '.join(digits)}."
    )
    sound = sound_of(speak(spoken))
    total_ms = len(sound) // 32

    events = list(
        transcribe(
            _chunks(sound), rate=16000, channels=1, total_ms=total_ms, settings=_settings(model)
        )
    )

    segments = _segments(iter(events))
    text = " ".join(segment.text for segment in segments)
    assert digits in _digits(text)
    assert events[-1] == Position(done_ms=total_ms, total_ms=total_ms)
    for segment in segments:
        assert 0 <= segment.start_ms <= segment.end_ms <= total_ms
        place = 0
        for word in segment.words:
            place = segment.text.index(word.text, place) + len(word.text)
            assert word.start_ms <= word.end_ms <= total_ms
            assert 0 <= word.probability <= 1
        assert segment.words


def test_killed_worker_loses_only_the_segment_under_way(
    model: Model, speak: Speak, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGKILL in the middle: the segments so far stand, and a second run goes on after them."""
    sound = sound_of(speak(_STORY))
    total_ms = len(sound) // 32
    children: list[Child] = []

    def remembered(module: str, *, cpu_threads: int | None = None, niceness: int = 0) -> Child:
        children.append(launch(module, cpu_threads=cpu_threads, niceness=niceness))
        return children[-1]

    monkeypatch.setattr(engine, "launch", remembered)
    events = transcribe(
        _chunks(sound), rate=16000, channels=1, total_ms=total_ms, settings=_settings(model)
    )
    kept = [next(event for event in events if isinstance(event, Segment))]
    os.kill(children[0].pid, signal.SIGKILL)
    with pytest.raises(WorkerDiedError):
        kept.extend(event for event in events if isinstance(event, Segment))

    assert kept[-1].end_ms < total_ms - 3000
    on_ms = kept[-1].end_ms
    rest = sound[byte_position(on_ms, rate=16000, channels=1) :]
    more = _segments(
        transcribe(
            _chunks(rest),
            rate=16000,
            channels=1,
            total_ms=total_ms,
            settings=_settings(model, start_ms=on_ms, prompt=kept[-1].text),
        )
    )

    assert more
    assert all(segment.start_ms >= on_ms for segment in more)
    heard = " ".join(segment.text for segment in kept + more)
    assert likeness(_STORY, heard) > 0.6
    assert more[-1].end_ms <= total_ms


def test_stereo_at_another_rate_is_heard_as_well(model: Model, speak: Speak) -> None:
    """The worker brings any working copy to what the model takes; chunks may end anywhere."""
    spoken = "We waited for seven days at the station and then went home by train."
    mono = sound_of(speak(spoken))
    frames = [mono[place : place + 2] for place in range(0, len(mono), 2)]
    stereo = b"".join(frame * 6 for frame in frames)  # 48 kHz, two channels

    segments = _segments(
        transcribe(
            _chunks(stereo, 10_001),
            rate=48000,
            channels=2,
            total_ms=0,
            settings=_settings(model),
        )
    )

    assert likeness(spoken, " ".join(segment.text for segment in segments)) > 0.6


def test_file_changed_after_the_check_is_not_loaded(model: Model, tmp_path: Path) -> None:
    """The worker checks the very bytes that it loads."""
    for name in model.files:
        (tmp_path / name).write_bytes((model.path / name).read_bytes())
    vocabulary = tmp_path / "vocabulary.txt"
    vocabulary.write_bytes(vocabulary.read_bytes().replace(b"the", b"teh", 1))
    moved = Model(name=model.name, path=tmp_path, digest=model.digest, files=model.files)

    with pytest.raises(ModelError):
        list(
            transcribe([tone(500)], rate=16000, channels=1, total_ms=500, settings=_settings(moved))
        )


def test_command_prints_json_and_opens_no_network_socket(
    model: Model, speak: Speak, tmp_path: Path
) -> None:
    """The whole way from file to text under strace: no AF_INET, AF_INET6 in any process."""
    strace = strace_or_skip()
    audio, trace = tmp_path / "voice.wav", tmp_path / "trace"
    spoken = "There were many people in the room when the door was opened."
    audio.write_bytes(speak(spoken))
    command = [strace, "-f", "-qq", "-e", "trace=network,execve", "-o", str(trace)]
    command += [sys.executable, "-m", "transcription", str(audio), "--language", "en"]
    command += ["--json", "--model", str(model.path)]

    home = tmp_path / "home"
    home.mkdir()
    done = subprocess.run(  # fixed words and paths of ours
        command,
        capture_output=True,
        check=False,
        timeout=120,
        cwd=ROOT,
        env=os.environ | {"HOME": str(home)},
    )

    assert done.returncode == 0, done.stderr
    assert list(home.rglob("*")) == []
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert likeness(spoken, " ".join(line["text"] for line in lines)) > 0.6
    calls = trace.read_text()
    assert calls.count("transcription.decoder") == 1
    assert calls.count("transcription.worker") == 1
    assert "AF_INET" not in calls


def test_search_for_sockets_finds_a_planted_one(tmp_path: Path) -> None:
    """The twin: the same trace does show a network socket, also of a child of a child."""
    trace = tmp_path / "trace"
    inner = "import socket; socket.socket().close()"
    outer = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
    command = [strace_or_skip(), "-f", "-qq", "-e", "trace=network,execve", "-o", str(trace)]
    command += [sys.executable, "-c", outer, inner]

    subprocess.run(command, check=True, timeout=60)  # fixed words of ours

    assert "AF_INET" in trace.read_text()


def test_silence_gives_nothing_or_marked_text(model: Model) -> None:
    """The model invents "You" in silence; it may come, but never unmarked."""
    found = _segments(
        transcribe(
            [bytes(32 * 5000)], rate=16000, channels=1, total_ms=5000, settings=_settings(model)
        )
    )

    assert all(segment.flags for segment in found)


def test_blocks_are_for_the_engine_to_join(
    model: Model, speak: Speak, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two blocks give one line of times: the second starts where the first ended."""
    spoken = "We came to the village on a Monday and stayed in the house of my aunt."
    sound = (sound_of(speak(spoken)) + bytes(32000)) * 2
    samples = np.frombuffer(sound, "<i2").astype(np.float32) / np.float32(32768)
    blocks = list(in_blocks([samples], len(samples) * 2 // 3))
    monkeypatch.setattr(thorough, "in_blocks", lambda _pieces: iter(blocks))

    found = read_here(model, sound, offset_ms=60_000, profile="thorough")

    assert len(blocks) == 2
    assert likeness(f"{spoken} {spoken}", " ".join(segment.text for segment in found)) > 0.6
    starts = [segment.start_ms for segment in found]
    assert starts == sorted(starts)
    assert starts[0] >= 60_000
    assert found[-1].end_ms <= 60_000 + len(samples) // 16 + 1
