"""Transcribing a working copy: raw segments and drafts into I as they arrive, structure into T.

The worker gets sound by pipe and has no key. Each segment is stored the moment it arrives; what is
stored is never made again: a second run goes on after the last stored segment.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import msgspec

from intake.capture.interviews import find_by_id
from intake.consent.setting import allows
from intake.errors import ConsentMissingError, IntakeError, NothingToTranscribeError
from intake.identity.separation import WordTime
from intake.jobs import CancelToken, Progress, Report, silent
from intake.transcript.packing import pack_chips, pack_words
from intake.transcript.segments import last_place
from intake.vault.gate import require_identities
from intake.vault.ids import InterviewId, MediaId, SegmentId, new_id
from transcription.engine import Position, Settings, byte_position, transcribe
from transcription.errors import TranscriptionError
from transcription.models import Model, check_model

if TYPE_CHECKING:
    from pathlib import Path

    from intake.vault.domains import Value
    from intake.vault.vault import Vault
    from transcription.segments import Segment

_PROMPT_CHARACTERS: Final = 200
_FULL: Final = 100
_ENGINE: Final = "faster-whisper thorough"


@dataclass(frozen=True, slots=True)
class Transcribed:
    """What a run did: segments stored now, and all that the recording has."""

    new: int
    total: int


def checked_model(folder: Path) -> Model:
    """Check a model's digests; the sentence of a wrong one is the engine's (`IntakeError`)."""
    try:
        return check_model(folder)
    except TranscriptionError as error:
        raise IntakeError(error.sentence) from None


def transcribe_interview(
    vault: Vault,
    interview: InterviewId,
    model: Model,
    *,
    language: str,
    cpu_threads: int = 0,
    token: CancelToken | None = None,
    report: Report = silent,
) -> Transcribed:
    """Transcribe every working copy of an interview, in order, going on where a run stopped.

    Needs a cleared interviewer. Raises `NothingToTranscribeError`, `CancelledError`, or an
    `IntakeError` with the engine's sentence; what was stored until then stays.
    """
    vault.require_role("interviewer")
    vault.require_cleared()
    find_by_id(vault, interview)
    require_identities(vault, interview)
    if not allows(vault, interview, "keep"):
        raise ConsentMissingError
    parts = vault.testimony.rows(
        "SELECT * FROM media WHERE interview=? AND role='working' ORDER BY rowid", interview
    )
    if not parts:
        raise NothingToTranscribeError
    new = 0
    for part in parts:
        if part["state"] == "sealed":
            settings = Settings(model=model, language=language, cpu_threads=cpu_threads)
            new += _transcribe_part(vault, part, settings, token or CancelToken(), report)
    total = vault.testimony.value(
        "SELECT count(*) FROM segment WHERE interview=? AND retired=0", interview
    )
    return Transcribed(new, int(total or 0))


def _transcribe_part(
    vault: Vault, part: dict[str, Value], settings: Settings, token: CancelToken, report: Report
) -> int:
    media, interview = MediaId(str(part["id"])), InterviewId(str(part["interview"]))
    rate, channels = int(part["rate"] or 0), int(part["channels"] or 0)
    start_ms, prompt = _stored_until(vault, media)
    new = 0
    with vault.open_media(media) as sound:
        try:
            events = transcribe(
                sound.pieces(byte_position(start_ms, rate=rate, channels=channels)),
                rate=rate,
                channels=channels,
                total_ms=int(part["duration_ms"] or 0),
                settings=replace(settings, start_ms=start_ms, prompt=prompt),
            )
            with closing(events):
                for event in events:
                    token.raise_if_cancelled()
                    if isinstance(event, Position):
                        report(Progress(event.done_ms, event.total_ms, "ms of sound"))
                    else:
                        store_segment(vault, interview, media, event, settings)
                        new += 1
        except TranscriptionError as error:
            raise IntakeError(error.sentence) from None
    with vault.change(
        "transcript.finished",
        interview=interview,
        media=media,
        count=new,
        engine_model=settings.model.digest,
    ) as change:
        change.testimony.update("media", {"id": media}, {"state": "sealed"}, state="transcribed")
    return new


def _stored_until(vault: Vault, media: MediaId) -> tuple[int, str]:
    """Return where the stored segments of a part end, and the words just before, for context.

    The engine's own segments count, retired or not, in the order in which they came; what a person
    made of them by splitting and merging does not.
    """
    rows = vault.testimony.rows(
        "SELECT id, end_ms FROM segment WHERE media=?"
        " AND id NOT IN (SELECT child FROM segment_parent) ORDER BY rowid DESC LIMIT 3",
        media,
    )
    if not rows:
        return 0, ""
    texts = [
        str(vault.identities.value("SELECT text FROM raw WHERE segment=?", row["id"]) or "")
        for row in reversed(rows)
    ]
    return int(rows[0]["end_ms"] or 0), " ".join(texts)[-_PROMPT_CHARACTERS:]


def store_segment(
    vault: Vault, interview: InterviewId, media: MediaId, segment: Segment, settings: Settings
) -> None:
    """Store one segment of the engine: raw output and draft into I, structure into T."""
    text, words = _text_and_words(segment)
    new = SegmentId(new_id())
    measures = {
        "avg_logprob": segment.avg_logprob,
        "no_speech_prob": segment.no_speech_prob,
        "compression_ratio": segment.compression_ratio,
        "temperature": segment.temperature,
        "flags": list(segment.flags),
    }
    # Alone: nobody may split the last segment between reading its place and storing this one.
    with (
        vault.alone(),
        vault.change("transcript.segment", interview=interview, media=media, segment=new) as change,
    ):
        change.identities.insert(
            "raw",
            segment=new,
            engine=_ENGINE,
            model_sha=settings.model.digest,
            text=segment.text,
            words=msgspec.msgpack.encode(segment.words),
            measures=msgspec.msgpack.encode(measures),
        )
        change.identities.insert(
            "draft",
            segment=new,
            base_rev=0,
            text=text,
            words=pack_words(words),
            chips=pack_chips(()),
            author=vault.member,
        )
        change.testimony.insert(
            "segment",
            id=new,
            interview=interview,
            media=media,
            ord=last_place(vault, interview),
            start_ms=segment.start_ms,
            end_ms=segment.end_ms,
            speaker=None,
            lang=settings.language,
            status="machine",
            rev=0,
            heard_rev=0,
            heard_by=None,
            retired=0,
        )


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
