"""What every refusal is: one sentence, and how any error becomes one."""

from __future__ import annotations


class IntakeError(Exception):
    """A refusal with one sentence for the person at the keyboard."""

    sentence = "This could not be done."

    def __init__(self, sentence: str | None = None) -> None:
        super().__init__(sentence or self.sentence)

    def __str__(self) -> str:
        return str(self.args[0])


class CancelledError(IntakeError):
    """A job was cancelled at a safe point."""

    sentence = "Stopped. What was done until now is kept."


_BUG = (
    "Something went wrong inside Intake. Nothing that was saved is lost; "
    "run the step again, and if it happens again, report it with the name: "
)
_DISK = "The disk refused a step. Check its space and rights, then run the step again."


def sentence_for(error: BaseException) -> str:
    """Return the one sentence for an error; never its content, which may hold testimony."""
    if isinstance(error, IntakeError):
        return str(error)
    if isinstance(error, OSError):
        return _DISK
    return _BUG + type(error).__name__


class TokenGrammarError(IntakeError, ValueError):
    """A bracket that is neither a token nor a literal bracket, or a number out of range."""

    sentence = "A token in this text is damaged. Take the text from the vault again."
