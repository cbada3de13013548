"""Recording by command: begun, watched, steered from elsewhere, stopped; with sound made up."""

from __future__ import annotations

import signal
import wave
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np
import pytest

from intake.capture.recording import steering
from intake.errors import RecorderGoneError
from tests.support.matter import new_interview
from tests.support.recordings import recorded, sound_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.cli.conftest import Ended
    from tests.support.matter import Matter

CODE = "code"


@pytest.fixture
def spoken(matter: Matter) -> Iterator[Matter]:
    """Open an interview in the vault; whatever records in it afterwards is stopped."""
    with matter.unlock() as vault:
        new_interview(vault)
    yield matter
    for running in steering.find_running(matter.path):
        with suppress(RecorderGoneError), running:
            running.stop()


@pytest.fixture
def intake(
    run: Callable[..., Ended], spoken: Matter, passphrase_file: Path
) -> Iterator[Callable[..., Ended]]:
    """Run `intake record`, by the code of the interview where `CODE` stands."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGTERM)}
    with spoken.unlock() as vault:
        code = str(vault.testimony.value("SELECT code FROM interview"))

    def one(*words: object) -> Ended:
        told = [code if word is CODE else word for word in words]
        options = ("--vault", spoken.path, "--passphrase-file", passphrase_file)
        return run(*options, "record", *told)

    yield one
    for number, handler in handlers.items():
        signal.signal(number, handler)


def test_a_recording_of_a_second_comes_into_the_vault(
    intake: Callable[..., Ended], spoken: Matter, tmp_path: Path
) -> None:
    """What was in the file is in the vault, sample by sample, then silence as in a room."""
    samples = (np.arange(48_000) % 3_000).astype("<i2")
    with wave.open(str(tmp_path / "said.wav"), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        file.writeframes(samples.tobytes())

    ended = intake(
        CODE, "--agrees", "yes", "--seconds", 0.5, "--fake", tmp_path / "said.wav", "--json"
    )

    assert ended.status == 0
    (facts,) = ended.objects()
    assert (facts["state"], facts["ending"]) == ("ended", "stopped")
    assert facts["sealed_ms"] == facts["recorded_ms"] >= 500
    with spoken.unlock() as vault:
        (media,) = recorded(vault)
        sound = sound_of(vault, media)
        assert sound.startswith(samples.tobytes()[: min(len(sound), 96_000)])


def test_a_recording_is_steered_without_a_passphrase(
    intake: Callable[..., Ended], spoken: Matter
) -> None:
    """From any terminal, by whoever sits at the laptop: it needs no key."""
    begun = intake(CODE, "--agrees", "yes", "--detach", "--fake", "tone:440", "--json")
    (running,) = steering.find_running(spoken.path)
    running.close()
    assert begun.status == 0

    listed = intake("list", "--json").objects()
    marked = intake("mark", "distress", "--json").objects()
    paused = intake("pause")
    on = intake("go-on")
    gone = intake("destroy-part", 1)
    stopped = intake("stop")
    again = intake("stop")

    assert [each["session"] for each in listed] == [running.session]
    assert marked[0]["part"] == 1
    assert paused.out.startswith("Paused: 00:00:0")
    assert (on.status, gone.status) == (0, 0)
    assert stopped.out.startswith("Ended: 00:00:0")
    assert again.status == 1
    assert (
        again.err == "Nothing is being recorded in this vault. Begin with `intake record CODE`.\n"
    )
    assert intake("list").out == "Nothing is being recorded.\n"


def test_nobody_is_recorded_who_was_not_asked(intake: Callable[..., Ended]) -> None:
    """One answer gates it; it is entered beforehand or said in the call."""
    ended = intake(CODE, "--fake", "silence")

    assert ended.status == 1
    assert ended.out == ""
    assert intake("list").out == "Nothing is being recorded.\n"


def test_a_microphone_is_tried_and_nothing_is_kept(
    intake: Callable[..., Ended], spoken: Matter
) -> None:
    """The evening before; without a vault, a passphrase, or a file."""
    good = intake("--test", "--seconds", 0.4, "--fake", "tone:440", "--json").objects()
    silent = intake("--test", "--seconds", 0.4, "--fake", "silence")

    assert good[0]["verdict"] == "The microphone is heard well."
    assert "The microphone is silent: is it muted, or another device in use?" in silent.out
    assert not (spoken.path / "inbox").exists()


@pytest.mark.parametrize("words", [("--agrees", "no", CODE), ("mark", "applause"), ()])
def test_wrong_calls(intake: Callable[..., Ended], words: tuple[object, ...]) -> None:
    """A no is no answer to record by; a mark is one of a few."""
    assert intake(*words).status == 2
