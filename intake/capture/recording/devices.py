"""Asking the recorder's process: to begin, which devices there are, how loud it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from intake.capture.recording import frames
from intake.errors import RecorderNoRoomError, RecorderNotStartedError
from transcription.launching import launch_detached

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.capture.recording.frames import Fake, Side

MODULE: Final = "ui.recorder"
START_S: Final = 20.0
MICROPHONE: Final = frames.Side(what="microphone")


def said_by(begins: frames.Begins, timeout_s: float = START_S) -> frames.Answers:
    """Start the recorder's process and return what it says before it goes its own way.

    Raises `RecorderNotStartedError`, `RecorderNoRoomError`.
    """
    sent = frames.packed(begins, frames.LARGEST_SETUP)
    said = launch_detached(MODULE, sent, timeout_s=timeout_s)
    try:
        (body,) = frames.taken_from(bytearray(said), frames.LARGEST_SETUP)
        answer = frames.unpacked_answer(body)
    except (frames.FrameError, ValueError):
        raise RecorderNotStartedError from None
    if isinstance(answer, frames.NotStarted):
        raise RecorderNoRoomError if answer.reason == "disk" else RecorderNotStartedError
    return answer


def list_devices() -> list[frames.Device]:
    """Return the devices that give sound; `RecorderNotStartedError` where nothing can be asked.

    Takes half a second, in a process of its own: the sound system's libraries stay out of this one.
    """
    answer = said_by(frames.ListDevices())
    if not isinstance(answer, frames.Devices):
        raise RecorderNotStartedError
    return answer.found


def try_microphone(
    sides: Sequence[Side] = (MICROPHONE,), *, seconds: float = 5.0, fake: Fake | None = None
) -> frames.Heard:
    """Listen for so long, keep nothing, and return how loud it was (`RecorderNotStartedError`)."""
    listen = frames.Listen(sides=list(sides), length_ms=int(seconds * 1000), fake=fake)
    answer = said_by(listen, START_S + seconds)
    if not isinstance(answer, frames.Heard):
        raise RecorderNotStartedError
    return answer
