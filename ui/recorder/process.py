"""What the recorder's process does from its first frame to the end of its session."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Final

from intake.capture.recording import frames
from intake.capture.recording.engine import TICK_S, Recorder
from intake.capture.recording.faking import FakeAudioInput
from intake.capture.recording.listening import Listener

if TYPE_CHECKING:
    from intake.capture.recording.frames import Fake

_IN, _OUT, _ERR = 0, 1, 2
_ALWAYS_THERE: Final = "/"


def main() -> int:
    """Record one session, or answer one question; returns the exit status, for nobody."""
    os.chdir(_ALWAYS_THERE)
    try:
        begins = _read_first()
    except (frames.FrameError, OSError, ValueError):
        return give_up("setup")
    if not isinstance(begins, frames.ListDevices) and begins.fake is not None:
        return _run_fake(begins, begins.fake)
    try:
        from ui.recorder import devices  # noqa: PLC0415  # Qt, which a fake is spared
    except ImportError:
        return give_up("sound")
    return devices.run(begins)


def _run_fake(begins: frames.Setup | frames.Listen, fake: Fake) -> int:
    try:
        audio = FakeAudioInput(fake, rate=begins.rate, channels=len(begins.sides))
    except (ValueError, OSError, EOFError):
        return give_up("sound")
    if isinstance(begins, frames.Listen):
        listener = Listener(begins.sides, begins.rate)
        audio.start(listener)
        while listener.got_ms < begins.length_ms:
            audio.pump(TICK_S)
        return answer(listener.heard())
    recorder = Recorder(begins, audio)
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
        return give_up("disk")
    except ValueError:
        return give_up("setup")
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # a terminal that closes ends no recording
    signal.signal(signal.SIGTERM, lambda *_: recorder.end("terminated"))
    try:
        _say(frames.Started(os.getpid()))
    except OSError:
        recorder.end("failed")  # whoever began it is gone, and would not know that it records
    return None


def _read_first() -> frames.Begins:
    heap = bytearray()
    while piece := os.read(_IN, frames.LARGEST_SETUP):
        heap += piece
        if len(heap) > frames.LARGEST_SETUP:
            break
    (body,) = frames.taken_from(heap, frames.LARGEST_SETUP)
    begins = frames.unpacked_beginning(body)
    if isinstance(begins, frames.Setup) and not Path(begins.vault).is_absolute():
        raise frames.FrameError
    return begins


def give_up(reason: frames.Because) -> int:
    """Say that nothing was begun, and why; returns the exit status."""
    answer(frames.NotStarted(reason))
    return 1


def answer(frame: frames.Answers) -> int:
    """Say the one thing that there is to say; returns the exit status."""
    try:
        _say(frame)
    except OSError:
        return 1
    return 0


def _say(frame: frames.Answers) -> None:
    """Say one thing, then let go of whoever listens."""
    body = frames.packed(frame, frames.LARGEST_SETUP)
    try:
        while body:
            body = body[os.write(_OUT, body) :]
    finally:
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in (_IN, _OUT, _ERR):
            os.dup2(nothing, descriptor)
        os.close(nothing)
