"""Refusals while a transcript is corrected, shaped and certified."""

from __future__ import annotations

from intake.errors.base import IntakeError


class TimesRefusedError(IntakeError, ValueError):
    """Times that a segment cannot have in its recording."""

    sentence = (
        "A segment begins before it ends, lies inside its recording and between its neighbours, "
        "and touches nothing that was taken back. Nothing was changed; give other times."
    )


class TimeUnreadableError(IntakeError, ValueError):
    """What was typed is no time of a recording."""

    sentence = "This is no time of a recording. Type it as 00:12:05.250, or as 12:05."


class SegmentNotEmptyError(IntakeError):
    """A segment that has words, or had some, was about to be taken away."""

    sentence = (
        "Only a segment that was inserted and has no words can be taken away. Nothing was changed; "
        "what was said in it can be corrected, and merged with its neighbour."
    )


class NothingFoundError(IntakeError, LookupError):
    """Words to be replaced stand nowhere."""

    sentence = (
        "These words stand in no segment of this transcript. Nothing was changed; "
        "look at how they are spelled there."
    )


class NothingVerifiedError(IntakeError):
    """A certificate was asked for while segments of the transcript are not verified."""

    def __init__(self, left: int) -> None:
        super().__init__(
            f"Of this transcript {left} segment(s) are not verified yet, and a certificate says "
            "that all of it is. Hear them, review their names, then ask for it again."
            if left
            else "There is no transcript yet, so there is nothing to certify. Transcribe first."
        )
        self.left = left
