"""Refusals of saying who speaks: voices, samples of an own voice, links to renditions."""

from __future__ import annotations

from intake.errors.base import IntakeError


class NotTranscribedYetError(IntakeError):
    """Somebody asks who speaks in a recording that has no segments."""

    sentence = (
        "This recording is not transcribed yet, so there is nothing to say who speaks in. "
        "Transcribe it first, then ask again."
    )


class VoicesConfirmedError(IntakeError):
    """A person confirmed voices of this recording; a new proposal would throw that away."""

    sentence = (
        "Somebody already confirmed who speaks in this recording, so no new proposal was made. "
        "Correct single segments by hand, or ask for the proposal anew with --anew."
    )


class UnknownVoiceError(IntakeError, LookupError):
    """No voice of that number, or it was proposed anew meanwhile."""

    sentence = (
        "There is no voice of this number any more. Nothing was changed; "
        "`intake transcript speakers` lists the voices."
    )


class NotPresentError(IntakeError):
    """A voice is to be somebody who is not entered as present."""

    sentence = (
        "Nobody of this code was present at the interview. Nothing was changed; enter them with "
        "the interview first, or take a code that `intake interview show` lists."
    )


class VoicesDifferError(IntakeError):
    """Two voices are to be made one: of two recordings or sides, or confirmed as two people."""

    sentence = (
        "These two voices stand on different sides or recordings, or were confirmed as two "
        "people, so they were not made one. Say of each voice by itself who it is."
    )


class TooManyOnASideError(IntakeError):
    """More than three people were said to sit on a side."""

    sentence = (
        "More than three people sit on a side of this recording: their voices cannot be told apart "
        "by the sound. Say who speaks segment by segment, or give one, two or three with --people."
    )


class NoRenditionError(IntakeError):
    """There is no interpreter's segment, or nobody said yet which segments are theirs."""

    sentence = (
        "No segment is said to be an interpreter's yet, so nothing could be linked. "
        "Say first who speaks with `intake transcript assign`, then link again."
    )


class NoSuchLinkError(IntakeError, LookupError):
    """A link that is not there, or that would link a segment with itself."""

    sentence = (
        "There is no such link between two segments. Nothing was changed; "
        "`intake transcript link` lists them by the segments' numbers."
    )


class NoSampleError(IntakeError, LookupError):
    """The member has no sample of their own voice."""

    sentence = "There is no sample of your voice in this vault. Nothing was removed."


class SampleDamagedError(IntakeError):
    """A stored sample is not what was stored."""

    sentence = (
        "The sample of your voice in this vault is damaged. Remove it with "
        "`intake transcript sample --remove` and take it again."
    )
