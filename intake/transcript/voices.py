"""The voices of an interview as they stand: whose they are said to be, and what a person says.

A voice is a number inside one channel of one recording, and the segments that sound alike. Nothing
here knows what it sounds like.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from intake.capture.interviews import list_present
from intake.errors import (
    NotPresentError,
    StoreDamagedError,
    UnknownVoiceError,
    VoicesDifferError,
)
from intake.vault.gate import require_identities
from intake.vault.ids import InterviewId, MediaId, SegmentId, VoiceId
from intake.vault.tombstones import require_interview_not_erased

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intake.vault.change import Change
    from intake.vault.domains import Value
    from intake.vault.vault import Vault

__all__ = [
    "CONFIRMED",
    "PERHAPS_ONE",
    "PROPOSED",
    "InterviewId",
    "MediaId",
    "SegmentId",
    "VoiceId",
    "VoiceLine",
    "assign",
    "find_voice",
    "list_doubts",
    "list_voices",
    "merge_voices",
    "voice_of",
]

PROPOSED: Final = "proposed"
PERHAPS_ONE: Final = "perhaps_one"
CONFIRMED: Final = "confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceLine:
    """One voice as a person sees it.

    `number` counts the interview's voices from 1, in the order of recordings, channels and first
    words. `person` is a code of somebody present: a proposal until `is_confirmed`. `languages` are
    those of its segments, the most frequent first. `is_perhaps_one`: it sounds much like another
    voice of its channel, or is told from it by the language alone. `doubtful` of its segments wait
    for a person to hear who speaks.
    """

    number: int
    id: VoiceId
    media: MediaId
    channel: int
    person: str | None
    is_confirmed: bool
    is_perhaps_one: bool
    languages: tuple[str, ...]
    segments: int
    speech_ms: int
    doubtful: int


def list_voices(vault: Vault, interview: InterviewId) -> list[VoiceLine]:
    """Return the voices of an interview. Any member; any thread; three queries."""
    require_interview_not_erased(vault.testimony, interview)
    with vault.alone():
        rows = vault.testimony.rows(
            "SELECT voice.* FROM voice JOIN media ON media.id = voice.media"
            " WHERE voice.interview=? ORDER BY media.rowid, voice.channel, voice.num",
            interview,
        )
        spoken = vault.testimony.rows(
            "SELECT segment_place.voice AS voice, segment.lang AS lang, count(*) AS n,"
            " sum(segment.end_ms - segment.start_ms) AS ms, sum(segment_doubt.why IS NOT NULL"
            " AND segment.speaker IS NULL) AS doubtful FROM segment"
            " JOIN segment_place ON segment_place.segment = segment.id"
            " LEFT JOIN segment_doubt ON segment_doubt.segment = segment.id"
            " WHERE segment.interview=? AND segment.retired=0 AND segment_place.voice IS NOT NULL"
            " GROUP BY segment_place.voice, segment.lang ORDER BY n DESC, lang",
            interview,
        )
    return [
        _line(number, row, [each for each in spoken if each["voice"] == row["id"]])
        for number, row in enumerate(rows, 1)
    ]


def find_voice(vault: Vault, interview: InterviewId, number: int) -> VoiceLine:
    """Return the voice that the list shows under this number (`UnknownVoiceError`)."""
    found = list_voices(vault, interview)
    if not 1 <= number <= len(found):
        raise UnknownVoiceError
    return found[number - 1]


def voice_of(vault: Vault, segment: SegmentId) -> VoiceId | None:
    """Return the proposed voice of a segment, None where nobody was heard in it. Any member."""
    found = vault.testimony.value("SELECT voice FROM segment_place WHERE segment=?", segment)
    return None if found is None else VoiceId(str(found))


def list_doubts(vault: Vault, interview: InterviewId) -> dict[SegmentId, str]:
    """Return the segments whose speaker a person has to hear, and why. Any member.

    `two_voices`: it holds a turn of another voice; `at_once`: the other side speaks as well;
    `unsure`: it fits two voices nearly alike. Whoever says who speaks in it ends the doubt.
    """
    rows = vault.testimony.rows(
        "SELECT segment_doubt.* FROM segment_doubt JOIN segment"
        " ON segment.id = segment_doubt.segment"
        " WHERE segment.interview=? AND segment.retired=0 AND segment.speaker IS NULL"
        " ORDER BY segment.ord",
        interview,
    )
    return {SegmentId(str(row["segment"])): str(row["why"]) for row in rows}


def assign(vault: Vault, voice: VoiceId, code: str, *, decided: str = "person") -> int:
    """Confirm that a voice is somebody present; returns how many segments got their speaker.

    Segments in doubt get none, and those keep theirs whose speaker a person said before. Saying it
    again with another code corrects what the first one did. Needs a cleared interviewer; raises
    `NotPresentError`, `UnknownVoiceError`, `IdentitiesOfOthersError`.
    """
    vault.require_role("interviewer")
    vault.require_cleared()
    with vault.alone():
        row = _voice_row(vault, voice)
        interview = InterviewId(str(row["interview"]))
        require_identities(vault, interview)
        if code not in {person.code for person in list_present(vault, interview)}:
            raise NotPresentError
        with vault.change(
            "speakers.confirmed", interview=interview, media=row["media"], decided=decided
        ) as change:
            change.testimony.update(
                "voice", {"id": voice}, {"state": row["state"]}, person=code, state=CONFIRMED
            )
            before = str(row["person"]) if row["state"] == CONFIRMED else None
            count = _say_who(vault, change, voice, code, before)
            change.note(count=count)
    return count


def merge_voices(vault: Vault, kept: VoiceId, other: VoiceId) -> None:
    """Make two voices of one channel one, since a person hears that they are.

    Nothing else ever does it: interpreter and witness may sound alike. Needs a cleared interviewer;
    raises `VoicesDifferError` where they stand on different sides or were confirmed as two people,
    and what `assign` raises.
    """
    vault.require_role("interviewer")
    vault.require_cleared()
    with vault.alone():
        one, two = _voice_row(vault, kept), _voice_row(vault, other)
        interview = InterviewId(str(one["interview"]))
        require_identities(vault, interview)
        places = [(row["media"], row["channel"]) for row in (one, two)]
        said = {row["person"] for row in (one, two) if row["state"] == CONFIRMED}
        if kept == other or places[0] != places[1] or len(said) > 1:
            raise VoicesDifferError
        person = next(iter(said), one["person"])
        with vault.change(
            "speakers.merged", interview=interview, media=one["media"], decided="person"
        ) as change:
            for row in _segments_of(vault, other):
                change.testimony.update(
                    "segment_place", {"segment": row["id"]}, {"voice": other}, voice=kept
                )
            change.testimony.delete("voice", {"id": other})
            state = CONFIRMED if said else one["state"]
            change.testimony.update("voice", {"id": kept}, person=person, state=state)
            count = 0
            if said:
                of_both = (kept, other)
                count = sum(_say_who(vault, change, each, str(person), None) for each in of_both)
            change.note(count=count)


def _say_who(vault: Vault, change: Change, voice: VoiceId, code: str, before: str | None) -> int:
    """Give the segments of a voice their speaker; `before` is whom it was confirmed as."""
    count = 0
    for row in _segments_of(vault, voice):
        is_new = row["speaker"] is None and row["why"] is None
        was_ours = before is not None and row["speaker"] == before and row["why"] is None
        if row["speaker"] != code and (is_new or was_ours):
            change.testimony.update(
                "segment", {"id": row["id"]}, {"speaker": row["speaker"], "retired": 0},
                speaker=code,
            )  # fmt: skip
            count += 1
    return count


def _segments_of(vault: Vault, voice: VoiceId) -> list[dict[str, Value]]:
    return vault.testimony.rows(
        "SELECT segment.id AS id, segment.speaker AS speaker, segment_doubt.why AS why"
        " FROM segment JOIN segment_place ON segment_place.segment = segment.id"
        " LEFT JOIN segment_doubt ON segment_doubt.segment = segment.id"
        " WHERE segment_place.voice=? AND segment.retired=0",
        voice,
    )


def _voice_row(vault: Vault, voice: VoiceId) -> dict[str, Value]:
    row = vault.testimony.row("SELECT * FROM voice WHERE id=?", voice)
    if row is None:
        raise UnknownVoiceError
    return row


def _line(number: int, row: Mapping[str, Value], spoken: list[dict[str, Value]]) -> VoiceLine:
    return VoiceLine(
        number=number,
        id=VoiceId(str(row["id"])),
        media=MediaId(str(row["media"])),
        channel=_whole(row["channel"]),
        person=None if row["person"] is None else str(row["person"]),
        is_confirmed=row["state"] == CONFIRMED,
        is_perhaps_one=row["state"] == PERHAPS_ONE,
        languages=tuple(str(each["lang"]) for each in spoken),
        segments=sum(_whole(each["n"]) for each in spoken),
        speech_ms=sum(_whole(each["ms"]) for each in spoken),
        doubtful=sum(_whole(each["doubtful"]) for each in spoken),
    )


def _whole(value: Value) -> int:
    if not isinstance(value, int):
        raise StoreDamagedError
    return value
