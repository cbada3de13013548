"""Refusals around recording."""

from __future__ import annotations

from intake.errors.base import IntakeError


class RecorderNotStartedError(IntakeError):
    """The recorder's process could not begin."""

    sentence = (
        "The recorder could not be started, and nothing is being recorded. "
        "Run `intake doctor`; until it works, use Write, or another device."
    )


class RecorderNoRoomError(IntakeError):
    """The disk refused the recorder's first files."""

    sentence = (
        "The disk refused the first bytes of the recording, and nothing is being recorded. "
        "Make room on it or take away its write protection, then begin again."
    )


class RecorderGoneError(IntakeError):
    """The recorder does not answer: it ended, or its process was killed."""

    sentence = (
        "This recording has ended. What it had sealed is in the inbox, "
        "and comes into the vault at the next unlock."
    )


class NothingRecordingError(IntakeError):
    """No recorder lives for this vault."""

    sentence = "Nothing is being recorded in this vault. Begin with `intake record CODE`."


class SeveralRecordingsError(IntakeError):
    """More than one recorder lives, and it was not said which is meant."""

    sentence = (
        "More than one recording is going on in this vault. "
        "Say which: `intake record list` shows how each begins."
    )


class AlreadyRecordingError(IntakeError):
    """This interview is being recorded already."""

    sentence = (
        "This interview is being recorded already. "
        "Go on there, or stop that recording before you begin another."
    )


class BeingRecordedError(IntakeError):
    """What is to be erased is still being recorded."""

    sentence = (
        "This interview is being recorded now, and nothing was erased. "
        "Stop the recording first, then erase the interview."
    )


class RecorderRefusedError(IntakeError):
    """What was told does not fit how the recording is."""

    sentence = (
        "The recording did not take this, because it is not in the state for it. "
        "Look at what it shows now, then choose again."
    )


class UnknownPartError(IntakeError):
    """There is no such part, or it was destroyed already."""

    sentence = "This recording has no such part, or it was destroyed already. Look at its parts."
