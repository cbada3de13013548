"""Refusals of transcription: languages, the queue, power, speech models that are brought."""

from __future__ import annotations

from intake.errors.base import IntakeError


class SpokenLanguageError(IntakeError, ValueError):
    """A language that is not on the list, too many of them, or one that stands twice."""

    sentence = (
        "This is no language of Intake's list, or there are more than eight of them. Nothing was "
        "changed; give codes such as en, fr or ug, which `intake queue languages` lists."
    )


class LanguageToBeSaidError(IntakeError):
    """No language was declared and the sound does not tell it: `candidates` are (code, share)."""

    def __init__(self, candidates: tuple[tuple[str, str, int], ...] = ()) -> None:
        """Take (code, English name, percent) of what it might be, the likeliest first."""
        listed = ", ".join(f"{name} ({share} %)" for _, name, share in candidates)
        might = f" It might be: {listed}." if listed else ""
        super().__init__(
            f"The language of this recording could not be told for certain.{might} Nothing was "
            "transcribed yet; say which language is spoken, then start again."
        )
        self.candidates = candidates


class NothingQueuedError(IntakeError):
    """Everything of the interview is transcribed already, or stands in the queue."""

    sentence = (
        "Every recording of this interview is transcribed or waits in the queue already. "
        "Nothing was added."
    )


class NotInQueueError(IntakeError, LookupError):
    """No such number in the queue."""

    sentence = (
        "The queue has nothing under this number; it may have been done meanwhile. "
        "Nothing was changed; `intake queue list` shows what waits."
    )


class OnBatteryError(IntakeError):
    """The computer runs on its battery, which the interview needs more."""

    sentence = (
        "This computer runs on its battery, so nothing is transcribed now: recording comes first. "
        "What was done is kept, and the queue waits. Plug it in, or go on with `--on-battery`."
    )


class ModelNotHereError(IntakeError):
    """A job asks for a model that is not on this computer."""

    sentence = (
        "The speech model that was chosen for this recording is not on this computer, so nothing "
        "was transcribed. Bring it with `intake models import`, or add the recording again."
    )


class ModelRefusedError(IntakeError):
    """A folder that is no speech model, is not on a list of digests, or holds something else."""


class ModelHereError(IntakeError):
    """The same model is here already, under this or another name."""

    sentence = "This speech model is on this computer already. Nothing was copied."
