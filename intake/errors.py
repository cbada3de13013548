"""Every refusal that a person can meet, with its sentence: what happened, then what to do.

`IntakeError` = the world or a person (shown as it stands, exit status 1). Anything else that
escapes is our bug. Sentences never hold a name, a path of the user's home, or key material.
The command line and the window show the same sentence; the window translates it.
"""

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


class TokenGrammarError(IntakeError, ValueError):
    """A bracket that is neither a token nor a literal bracket, or a number out of range."""

    sentence = "A token in this text is damaged. Take the text from the vault again."
