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


class NotAskedError(IntakeError):
    """A recorder was about to start and nobody had asked the witness."""

    sentence = (
        "Nobody has asked the witness whether they agree to be recorded, and not asked is no "
        "answer. Ask, and enter what they say; then record, or write the account down."
    )


class RecordingRefusedError(IntakeError):
    """A recorder was about to start although the witness does not want it."""

    sentence = (
        "The witness does not agree to be recorded, so nothing was recorded. "
        "Write the account down: `intake write CODE`. If they change their mind, enter that first."
    )


class NotDoneError(IntakeError, ValueError):
    """A reason why something was not done that says nothing, or a field that closing has not."""

    sentence = (
        "What was not done is said with its reason, such as signature=witness refused. "
        "The fields are end, witness, present, closing_question, read_back and signature."
    )


class FieldEnteredError(IntakeError):
    """Something was said to be done, or not done, that the record itself answers."""

    sentence = (
        "The record itself says this: enter the end with `intake interview end`, and the witness "
        "as present. Or say why it was not done."
    )


class NothingTakenBackError(IntakeError):
    """A stretch that cannot be taken back: no length, another interview's, taken back before."""

    sentence = (
        "This stretch cannot be taken back: it has no length, lies outside the recording, or was "
        "taken back before. Nothing was changed; look at its times again."
    )


class TakenBackForGoodError(IntakeError):
    """Lifting what was taken back, after the interview was closed."""

    sentence = (
        "The interview is closed, so what the witness took back stays out. "
        "If they want to say it after all, ask in a new interview."
    )
