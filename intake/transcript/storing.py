"""Storing what the engine heard in one operation: raw output and draft in I, structure in T."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from intake.capture.taking_back import is_taken_back
from intake.errors import StoreDamagedError
from intake.identity.separation import WordTime
from intake.transcript.packing import pack_chips, pack_words
from intake.transcript.segments import last_place
from intake.transcript.sides import place_by_time
from intake.vault.ids import InterviewId, MediaId, SegmentId, new_id
from transcription.languages import DETECT

if TYPE_CHECKING:
    from intake.vault.change import Change
    from intake.vault.domains import Value
    from intake.vault.vault import Vault
    from transcription.engine import Settings
    from transcription.segments import Segment

UNDECLARED: Final = "und"
_FULL: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """How a segment was made: what is kept beside the raw output."""

    profile: str
    model_sha: str
    lang: str
    """The declared language in which it was decoded."""
    names: int
    """How many names were listened for."""


def how_made(segment: Segment, settings: Settings) -> Made:
    """Say how a segment was made."""
    declared = [code for code in settings.declared if code != DETECT]
    return Made(
        profile=settings.profile,
        model_sha=settings.model.digest,
        lang=segment.language or next(iter(declared), UNDECLARED),
        names=len(settings.hot_words),
    )


def store_segment(
    vault: Vault,
    interview: InterviewId,
    media: MediaId,
    segment: Segment,
    settings: Settings,
    *,
    channel: int | None = None,
) -> SegmentId:
    """Store one segment of the engine: raw output and draft into I, structure into T.

    `channel` is the side of the call that was transcribed on its own, None for a mix.
    """
    new = SegmentId(new_id())
    # Alone: nobody may split the last segment between reading its place and storing this one.
    with (
        vault.alone(),
        vault.change("transcript.segment", interview=interview, media=media, segment=new) as change,
    ):
        place = (
            last_place(vault, interview)
            if channel is None
            else place_by_time(vault, interview, media, segment.start_ms)
        )
        struck = is_taken_back(vault, media, segment.start_ms, segment.end_ms)
        where = Where(new, interview, media, place, channel, struck)
        insert_segment(change, where, segment, how_made(segment, settings))
    return new


@dataclass(frozen=True, slots=True)
class Where:
    """Which segment a new one is, and where it stands."""

    id: SegmentId
    interview: InterviewId
    media: MediaId
    place: int
    channel: int | None
    is_struck: bool = False
    """Whether the witness took back what was said there before it was transcribed."""


def insert_segment(change: Change, where: Where, segment: Segment, made: Made) -> None:
    """Add the rows of one segment to an operation."""
    text, words = _text_and_words(segment)
    change.identities.insert(
        "raw",
        segment=where.id,
        engine=f"faster-whisper {made.profile}",
        model_sha=made.model_sha,
        text=segment.text,
        words=msgspec.msgpack.encode(segment.words),
        measures=msgspec.msgpack.encode(_measures(segment, made)),
    )
    change.identities.insert(
        "draft",
        segment=where.id,
        base_rev=0,
        text=text,
        words=pack_words(words),
        chips=pack_chips(()),
        author=change.actor,
    )
    change.testimony.insert(
        "segment",
        id=where.id,
        interview=where.interview,
        media=where.media,
        ord=where.place,
        start_ms=segment.start_ms,
        end_ms=segment.end_ms,
        speaker=None,
        lang=made.lang,
        status="machine",
        rev=0,
        heard_rev=0,
        heard_by=None,
        retired=int(where.is_struck),
    )
    if where.channel is not None:
        change.testimony.insert(
            "segment_place", segment=where.id, channel=where.channel, voice=None
        )


def _measures(segment: Segment, made: Made) -> dict[str, object]:
    return {
        "avg_logprob": segment.avg_logprob,
        "no_speech_prob": segment.no_speech_prob,
        "compression_ratio": segment.compression_ratio,
        "temperature": segment.temperature,
        "flags": list(segment.flags),
        "heard_language": segment.heard_language,
        "hot_words": made.names,
        # Where the engine heard it: a person may move the segment, and the next run goes on here.
        "start_ms": segment.start_ms,
        "end_ms": segment.end_ms,
    }


class _Heard(msgspec.Struct, frozen=True):
    """Until when the engine heard a segment; older ones do not say."""

    end_ms: int | None = None


def end_heard(measures: Value, otherwise: int) -> int:
    """Return until when the engine heard a segment, in ms, by its measures (StoreDamagedError)."""
    if not isinstance(measures, bytes):
        raise StoreDamagedError
    try:
        heard = msgspec.msgpack.decode(measures, type=_Heard)
    except msgspec.MsgspecError:
        raise StoreDamagedError from None
    return otherwise if heard.end_ms is None else heard.end_ms


def _text_and_words(segment: Segment) -> tuple[str, list[WordTime]]:
    """Find the engine's words in its text; a word that is not there as written gets no time."""
    text = segment.text.strip()
    words, position = [], 0
    for word in segment.words:
        start = text.find(word.text, position)
        if start < 0 or not word.text:
            continue
        position = start + len(word.text)
        confidence = min(_FULL, max(0, round(word.probability * _FULL)))
        words.append(WordTime(start, position, word.start_ms, word.end_ms, confidence))
    return text, words
