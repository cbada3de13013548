"""What can go wrong with voices, each with a sentence for a person."""

from __future__ import annotations

from transcription.errors import ModelError, TranscriptionError


class VoiceModelError(ModelError):
    """The voice model is missing, unreadable, or is not the one on the list."""

    default = "The voice model cannot be used. Run `make setup` again."


class PeopleCountError(TranscriptionError):
    """Somebody asked for another number of voices than one to three a channel."""

    default = (
        "Voices can be told apart for one, two or three people. Say how many speak in the whole "
        "recording, or on each of its two sides, such as 1,2."
    )


class SampleTooShortError(TranscriptionError):
    """A sample of somebody's own voice holds too little speech."""

    default = (
        "There is too little speech in this sample. Record twenty to thirty seconds of your own "
        "voice, without pauses, and try again."
    )


class SampleOfManyError(TranscriptionError):
    """A sample of somebody's own voice does not sound like one person throughout."""

    default = (
        "This sample does not sound like one voice. Record it again alone, in a quiet room, "
        "near the microphone."
    )
