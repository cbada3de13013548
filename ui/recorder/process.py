"""What the recorder's process does from its first frame to the end of its session."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Final

from intake.capture.recording import frames
from intake.capture.recording.engine import TICK_S, Recorder
from intake.capture.recording.faking import FakeAudioInput

if TYPE_CHECKING:
    from intake.capture.recording.frames import Fake, Setup

_IN, _OUT, _ERR = 0, 1, 2
_ALWAYS_THERE: Final = "/"


def main() -> int:
    """Record one session; returns the exit status, which nobody waits for."""
    os.chdir(_ALWAYS_THERE)
    try:
        setup = _read_setup()
    except (frames.FrameError, OSError, ValueError):
        return _give_up("setup")
    if setup.fake is not None:
        return _run_fake(setup, setup.fake)
    from ui.recorder.devices import run_with_devices  # noqa: PLC0415  # Qt, which a fake is spared

    return run_with_devices(setup)


def _run_fake(setup: Setup, fake: Fake) -> int:
    try:
        audio = FakeAudioInput(fake, rate=setup.rate, channels=len(setup.sides))
    except (ValueError, OSError, EOFError):
        return _give_up("sound")
    recorder = Recorder(setup, audio)
    if (status := begin(recorder)) is not None:
        return status
    while recorder.tick():
        audio.pump(TICK_S)
    return 0


def begin(recorder: Recorder) -> int | None:
    """Let a recorder begin, and say so; returns an exit status where it could not."""
    try:
        recorder.begin()
    except OSError:
        return _give_up("disk")
    except ValueError:
        return _give_up("setup")
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # a terminal that closes ends no recording
    signal.signal(signal.SIGTERM, lambda *_: recorder.end("terminated"))
    try:
        _say(frames.Started(os.getpid()))
    except OSError:
        recorder.end("failed")  # whoever began it is gone, and would not know that it records
    return None


def _read_setup() -> Setup:
    heap = bytearray()
    while piece := os.read(_IN, frames.LARGEST_SETUP):
        heap += piece
        if len(heap) > frames.LARGEST_SETUP:
            break
    (body,) = frames.taken_from(heap, frames.LARGEST_SETUP)
    setup = frames.unpacked(body, frames.Setup)
    if not Path(setup.vault).is_absolute():
        raise frames.FrameError("vault")
    return setup


def _give_up(reason: frames.Because) -> int:
    try:
        _say(frames.NotStarted(reason))
    except OSError:
        return 1
    return 1


def _say(frame: frames.Started | frames.NotStarted) -> None:
    """Say one thing, then let go of whoever listens."""
    body = frames.packed(frame)
    try:
        while body:
            body = body[os.write(_OUT, body) :]
    finally:
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in (_IN, _OUT, _ERR):
            os.dup2(nothing, descriptor)
        os.close(nothing)
