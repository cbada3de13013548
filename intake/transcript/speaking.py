"""Who speaks: voices proposed from the sound, for a person to confirm one by one.

A channel says on which side of a call a voice is, not whose it is. What a voice sounds like is
compared in a child process and forgotten there; stored is only which segments sound alike. Language
is a second clue: segments of two languages are never one voice without a person's word, since an
interpreter can sound like the witness. A segment that holds two voices, or one that fits two
people, is left for a person to hear.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from intake.capture.interviews import find_by_id, list_present
from intake.consent.setting import allows
from intake.errors import (
    ConsentMissingError,
    IntakeError,
    NotTranscribedYetError,
    TooManyOnASideError,
    UnknownCodeError,
    VoicesConfirmedError,
)
from intake.jobs import CancelToken, Progress, Report, silent
from intake.transcript.sampling import own_sample
from intake.transcript.voices import CONFIRMED, PERHAPS_ONE, PROPOSED, assign, list_voices
from intake.vault.gate import require_identities
from intake.vault.ids import InterviewId, MediaId, VoiceId, new_id
from transcription.errors import TranscriptionError
from transcription.speakers.diarising import MOST_PEOPLE, Position, Speakers, diarise
from transcription.speakers.placing import Place, place_piece

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.vault.change import Change
    from intake.vault.domains import Value
    from intake.vault.vault import Vault

__all__ = ["InterviewId", "MediaId", "Proposed", "assign", "list_voices", "propose_speakers"]

USUAL_PEOPLE: Final = 2
_NO_LANGUAGE: Final = "und"
_LIKE: Final = 0.75
_LIKER: Final = 0.05
"""How like the member's sample a voice must be, and how much more than the next one."""

_Row = dict[str, "Value"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What was proposed for one recording.

    `is_mixed`: its two channels hear the same people, so they are no two sides and were mixed.
    `unplaced` segments hold no voice that was heard; `doubtful` ones wait for a person.
    """

    media: MediaId
    voices: int
    segments: int
    unplaced: int
    doubtful: int
    is_mixed: bool
    is_perhaps_one: bool


@dataclass(frozen=True, slots=True)
class _Voice:
    """A voice to be stored: of which channel and cluster, in which language."""

    channel: int
    cluster: int
    lang: str


def propose_speakers(
    vault: Vault,
    interview: InterviewId,
    media: MediaId,
    people: Sequence[int] | None = None,
    *,
    anew: bool = False,
    token: CancelToken | None = None,
    report: Report = silent,
) -> Proposed:
    """Propose whose voice each segment of a recording is; replaces a proposal nobody confirmed.

    `people` is how many speak in the whole recording, or on each of its two sides; None = as the
    recording says, else two. `anew` drops confirmed voices as well; segments keep the speaker that
    they have. Needs a cleared interviewer. Nothing is written before the end. Raises
    `UnknownCodeError`, `ConsentMissingError`, `NotTranscribedYetError`, `VoicesConfirmedError`,
    `TooManyOnASideError`, `CancelledError`, or an `IntakeError` with the child's sentence.
    """
    vault.require_role("interviewer")
    vault.require_cleared()
    find_by_id(vault, interview)
    require_identities(vault, interview)
    if not allows(vault, interview, "keep"):
        raise ConsentMissingError
    part = _recording(vault, interview, media)
    _require_something_to_say(vault, media, anew=anew)
    counted = tuple(people) if people else _people_said(vault, media, int(part["channels"] or 0))
    if any(count > MOST_PEOPLE for count in counted):
        raise TooManyOnASideError
    speakers = _told_apart(vault, part, counted, token or CancelToken(), report)
    with vault.alone():
        _require_something_to_say(vault, media, anew=anew)
        return _store(vault, part, speakers, counted)


def _recording(vault: Vault, interview: InterviewId, media: MediaId) -> _Row:
    row = vault.testimony.row(
        "SELECT * FROM media WHERE id=? AND interview=? AND role IN ('working', 'recorded')"
        " AND state<>'destroyed'",
        media,
        interview,
    )
    if row is None:
        raise UnknownCodeError
    return row


def _require_something_to_say(vault: Vault, media: MediaId, *, anew: bool) -> None:
    if not _segments(vault, media):
        raise NotTranscribedYetError
    confirmed = vault.testimony.value(
        "SELECT count(*) FROM voice WHERE media=? AND state=?", media, CONFIRMED
    )
    if confirmed and not anew:
        raise VoicesConfirmedError


def _segments(vault: Vault, media: MediaId) -> list[_Row]:
    return vault.testimony.rows(
        "SELECT segment.*, segment_place.channel AS channel FROM segment"
        " LEFT JOIN segment_place ON segment_place.segment = segment.id"
        " WHERE segment.media=? AND segment.retired=0 ORDER BY segment.start_ms, segment.ord",
        media,
    )


def _people_said(vault: Vault, media: MediaId, channels: int) -> tuple[int, ...]:
    """Return how many sit on each side, as it was said when the sound was taken."""
    rows = vault.testimony.rows("SELECT people FROM side WHERE media=? ORDER BY channel", media)
    said = tuple(int(row["people"] or 0) for row in rows)
    return said if said and len(said) == channels else (USUAL_PEOPLE,)


def _told_apart(
    vault: Vault, part: _Row, people: tuple[int, ...], token: CancelToken, report: Report
) -> Speakers:
    found: Speakers | None = None
    try:
        with vault.open_media(MediaId(str(part["id"]))) as sound:
            events = diarise(
                lambda: sound.pieces(0),
                rate=int(part["rate"] or 0),
                channels=int(part["channels"] or 0),
                total_ms=int(part["duration_ms"] or 0),
                people=people,
                sample=own_sample(vault),
            )
            with closing(events):
                for event in events:
                    token.raise_if_cancelled()
                    if isinstance(event, Position):
                        report(Progress(event.done_ms, event.total_ms, "ms of sound"))
                    else:
                        found = event
    except TranscriptionError as error:
        raise IntakeError(error.sentence) from None
    return found or Speakers()


def _store(vault: Vault, part: _Row, speakers: Speakers, people: tuple[int, ...]) -> Proposed:
    """Write the whole proposal as one change."""
    media, interview = MediaId(str(part["id"])), InterviewId(str(part["interview"]))
    segments = _segments(vault, media)
    placed = [
        place_piece(
            speakers,
            int(row["start_ms"] or 0),
            int(row["end_ms"] or 0),
            None if row["channel"] is None else int(row["channel"]),
        )
        for row in segments
    ]
    voices = _voices(segments, placed)
    ids = {voice: VoiceId(new_id()) for voice in voices}
    with vault.change("speakers.proposed", interview=interview, media=media) as change:
        _drop_old(vault, change, media)
        _enter_sides(vault, change, part, speakers, people)
        _enter_voices(vault, change, part, speakers, ids)
        for row, place in zip(segments, placed, strict=True):
            voice = _voice_of(row, place, voices)
            _enter_place(change, row, place, None if voice is None else ids[voice])
        change.note(count=len(voices))
    return Proposed(
        media=media,
        voices=len(voices),
        segments=len(segments),
        unplaced=sum(place.voice is None for place in placed),
        doubtful=sum(bool(place.doubt) for place in placed),
        is_mixed=speakers.is_mixed,
        is_perhaps_one=any(side.is_perhaps_one for side in speakers.sides),
    )


def _voices(segments: Sequence[_Row], placed: Sequence[Place]) -> list[_Voice]:
    """Return the voices in the order of their first segments: a cluster in each of its languages.

    So that interpreter and witness, or two people whom the sound confuses, stay two until a person
    says that they are one.
    """
    found: dict[_Voice, None] = {}
    for row, place in zip(segments, placed, strict=True):
        if place.voice is not None and row["lang"] != _NO_LANGUAGE:
            found[_Voice(place.channel, place.voice, str(row["lang"]))] = None
    known = {(voice.channel, voice.cluster) for voice in found}
    for place in placed:  # a cluster of which no segment has a language
        if place.voice is not None and (place.channel, place.voice) not in known:
            found[_Voice(place.channel, place.voice, _NO_LANGUAGE)] = None
    return list(found)


def _voice_of(row: _Row, place: Place, voices: Sequence[_Voice]) -> _Voice | None:
    if place.voice is None:
        return None
    own = [v for v in voices if (v.channel, v.cluster) == (place.channel, place.voice)]
    return next((voice for voice in own if voice.lang == row["lang"]), own[0])


def _drop_old(vault: Vault, change: Change, media: MediaId) -> None:
    for row in vault.testimony.rows(
        "SELECT segment_doubt.segment AS id FROM segment_doubt JOIN segment"
        " ON segment.id = segment_doubt.segment WHERE segment.media=? AND segment.retired=0",
        media,
    ):
        change.testimony.delete("segment_doubt", {"segment": row["id"]})
    for row in vault.testimony.rows("SELECT id FROM voice WHERE media=?", media):
        change.testimony.delete("voice", {"id": row["id"]})


def _enter_sides(
    vault: Vault, change: Change, part: _Row, speakers: Speakers, people: tuple[int, ...]
) -> None:
    """Keep how many people were said to sit on each side of a recording with two."""
    if speakers.correlation is None or speakers.is_mixed:
        return
    rows = vault.testimony.rows("SELECT * FROM side WHERE media=?", part["id"])
    known = {int(row["channel"] or 0): int(row["people"] or 0) for row in rows}
    if not known and part["state"] != "transcribed":
        return  # a transcription that goes on takes the channels as it began: mixed
    for channel, count in enumerate(people):
        key: dict[str, Value] = {"media": part["id"], "channel": channel}
        if channel not in known:
            change.testimony.insert("side", **key, what="file", people=count)
        elif known[channel] != count:
            change.testimony.update("side", key, {"people": known[channel]}, people=count)


def _enter_voices(
    vault: Vault, change: Change, part: _Row, speakers: Speakers, ids: dict[_Voice, VoiceId]
) -> None:
    own = _own_cluster(speakers)
    interviewers = [
        person.code
        for person in list_present(vault, InterviewId(str(part["interview"])))
        if person.role == "interviewer"
    ]
    near = {side.channel for side in speakers.sides if side.is_perhaps_one}
    numbers: dict[int, int] = {}
    for voice, new in ids.items():
        numbers[voice.channel] = numbers.get(voice.channel, 0) + 1
        cluster = (voice.channel, voice.cluster)
        is_split = sum((v.channel, v.cluster) == cluster for v in ids) > 1
        is_own = cluster == own and not is_split and len(interviewers) == 1
        change.testimony.insert(
            "voice",
            id=new,
            interview=part["interview"],
            media=part["id"],
            channel=voice.channel,
            num=numbers[voice.channel],
            person=interviewers[0] if is_own else None,
            state=PERHAPS_ONE if is_split or voice.channel in near else PROPOSED,
        )


def _own_cluster(speakers: Speakers) -> tuple[int, int] | None:
    """Return the cluster that is clearly the most like the member's own sample."""
    likened = sorted(
        (
            (voice.likeness, (side.channel, voice.number))
            for side in speakers.sides
            for voice in side.voices
            if voice.likeness is not None
        ),
        reverse=True,
    )
    if not likened or likened[0][0] < _LIKE:
        return None
    if len(likened) > 1 and likened[0][0] - likened[1][0] < _LIKER:
        return None
    return likened[0][1]


def _enter_place(change: Change, row: _Row, place: Place, voice: VoiceId | None) -> None:
    if row["channel"] is None:
        change.testimony.insert(
            "segment_place", segment=row["id"], channel=place.channel, voice=voice
        )
    else:
        change.testimony.update("segment_place", {"segment": row["id"]}, voice=voice)
    if place.doubt:
        change.testimony.insert("segment_doubt", segment=row["id"], why=place.doubt)
