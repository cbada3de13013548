"""What can go wrong between a file and its text, each with a sentence for a person.

A sentence says what happened, then what to do. It holds no path, no file name, no word of
what was said and no traceback, so that a caller may show it as it stands.
"""

from __future__ import annotations


class TranscriptionError(Exception):
    """Base of everything that this package raises on purpose."""

    default = "The sound could not be turned into text. Try again."

    def __init__(self, sentence: str | None = None) -> None:
        super().__init__(sentence or self.default)

    @property
    def sentence(self) -> str:
        """What happened and what to do, for the person at the keyboard."""
        return str(self.args[0])

    def __str__(self) -> str:
        return self.sentence


class NotAudioError(TranscriptionError):
    """The file has no sound stream that can be decoded, or nothing came out of it."""

    default = (
        "This file holds no sound that Intake can read. "
        "Choose the original recording, or ask the sender for it again."
    )


class EmptyFileError(TranscriptionError):
    """The file has no bytes at all."""

    default = "This file is empty. Copy the recording again from where it came from."


class TooLongError(TranscriptionError):
    """The file unfolds to more sound than any interview; it may be made to fill the disk."""

    default = (
        "This file unfolds to more than a day of sound, so it was left alone. "
        "Cut the recording into parts and take in each part."
    )


class NotEnclosedError(TranscriptionError):
    """The child that would read foreign bytes could not be shut off from files and network.

    Nothing of the file was read. A person may allow it for one file; nobody else may.
    """

    default = (
        "This computer cannot shut off the program that reads foreign files from your own files "
        "and from the network, so the file was not read. Read it on another computer, with a "
        "newer Linux; or, if you know where the file comes from, allow it for this one time."
    )


class ModelError(TranscriptionError):
    """A speech model is missing, unreadable, or is not the one on the list."""

    default = "The speech model cannot be used. Run the set-up again."


class LanguageNotKnownError(TranscriptionError):
    """The declared language is none that the model was taught; it must not reach the decoder."""

    default = (
        "The model does not know this language. It would invent words, so nothing was "
        "transcribed: write the text by hand, or bring a model that knows the language."
    )


class LanguageUnsureError(TranscriptionError):
    """The language was left open, and the recording does not tell it well enough to start.

    `candidates` are (code, probability), the likeliest first. Nothing was transcribed: ask a
    person, then start with the answer as the declared language.
    """

    default = (
        "The language of this recording could not be told for certain, so nothing was "
        "transcribed yet. Say which language is spoken, then start again."
    )

    def __init__(self, candidates: tuple[tuple[str, float], ...] = ()) -> None:
        super().__init__()
        self.candidates = candidates


class WorkerDiedError(TranscriptionError):
    """A child process ended before its work was done. What it had sent until then is good."""

    default = (
        "The transcription stopped before its end. "
        "What was transcribed until then is kept: start it again to go on from there."
    )


class ProtocolError(TranscriptionError):
    """A frame between two processes is malformed, too large, or came out of order."""

    default = (
        "Two parts of Intake did not understand each other, so the work was stopped. "
        "Start it again; if it happens again, report it."
    )
