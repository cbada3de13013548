"""Refusals while an account is written down, noted beside, taken back or left unfinished."""

from __future__ import annotations

from intake.errors.base import IntakeError


class EmptyLineError(IntakeError, ValueError):
    """A line or a note without a letter."""

    sentence = "There is nothing in this line. Type what was said, then press Enter."


class ReadBackError(IntakeError):
    """Somebody was about to say that they heard a line which was written down."""

    sentence = (
        "Nobody can hear a line that was written down. Read it back to the witness; "
        "then say that you did, with `intake write CODE --read-back`."
    )
