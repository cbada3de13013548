"""Refusals while an account is written down, noted beside, taken back or left unfinished."""

from __future__ import annotations

from intake.errors.base import IntakeError


class EmptyLineError(IntakeError, ValueError):
    """A line or a note without a letter."""

    sentence = "There is nothing in this line. Type what was said, then press Enter."


class ScriptError(IntakeError, ValueError):
    """A written script whose line cannot be read: `line` counts from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(
            f"Line {line} of this text begins with nobody, says nothing, or has a time before that "
            "of the line above it. Begin it with Q: or A:, and run the command again; "
            "nothing was written down."
        )
        self.line = line


class ReadBackError(IntakeError):
    """Somebody was about to say that they heard a line which was written down."""

    sentence = (
        "Nobody can hear a line that was written down. Read it back to the witness; "
        "then say that you did, with `intake write CODE --read-back`."
    )
