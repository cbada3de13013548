"""Messages to and from the child that tells voices apart; on the wire as all our frames."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from transcription.frames import Count, Done, End, Pcm, ProgressFrame
from transcription.frames import _Frame as Frame

Share = Annotated[float, msgspec.Meta(ge=-1.001, le=1.001)]
People = Annotated[int, msgspec.Meta(ge=1, le=3)]
ChannelNumber = Annotated[int, msgspec.Meta(ge=0, le=1)]
VoiceNumber = Annotated[int, msgspec.Meta(ge=1, le=3)]
Voice = Annotated[tuple[float, ...], msgspec.Meta(min_length=256, max_length=256)]


class StartVoices(Frame, frozen=True, tag="start_voices"):
    """To the child, first: what to do with the sound that follows.

    One number of people stands for the whole recording, two for one of each channel; then the
    sound is sent twice, since whether the channels are two sides is known at its end only.
    """

    weights: str
    rate: Annotated[int, msgspec.Meta(ge=4000, le=192000)]
    channels: Annotated[int, msgspec.Meta(ge=1, le=2)]
    people: Annotated[tuple[People, ...], msgspec.Meta(min_length=1, max_length=2)]
    threads: Annotated[int, msgspec.Meta(ge=1, le=1024)]
    likened_to: Voice | None  # the member's own voice, to be compared with
    is_sample: bool  # True: make a sample of the one voice in it, and nothing else


class RelatedFrame(Frame, frozen=True, tag="related"):
    """From the child, after the first of two passes: how alike the two channels are."""

    correlation: Share


class TurnFrame(Frame, frozen=True, tag="turn"):
    """From the child: somebody speaks."""

    channel: ChannelNumber
    start_ms: Count
    end_ms: Count
    voice: VoiceNumber
    is_sure: bool


class VoiceFrame(Frame, frozen=True, tag="voice"):
    """From the child: one voice of a channel. What it is like never leaves the child.

    `likeness` is to the sample that was sent, None where none was.
    """

    channel: ChannelNumber
    voice: VoiceNumber
    speech_ms: Count
    likeness: Share | None


class SideFrame(Frame, frozen=True, tag="side"):
    """From the child, before its turns and voices: one channel. `nearness` -1 = one voice."""

    channel: ChannelNumber
    nearness: Share


class SampleFrame(Frame, frozen=True, tag="sample"):
    """From the child: what the one voice of a sample is like."""

    voice: Voice


class VoicesFailed(Frame, frozen=True, tag="voices_failed"):
    """From the child, last: why it gives up."""

    reason: Literal["model", "protocol", "memory", "too_short", "many_voices", "other"]


ToVoices = StartVoices | Pcm | End
FromVoices = (
    ProgressFrame
    | RelatedFrame
    | SideFrame
    | VoiceFrame
    | TurnFrame
    | SampleFrame
    | Done
    | VoicesFailed
)
