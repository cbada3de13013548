"""Writing an account down, line by line: equal to recording it and to bringing it in.

A `written` media row stands for one sitting of writing; it has no sound and no file. Each line is
a segment in testimony.db and a draft in identities.db from the moment it is typed, so it passes
through separation like any other text. Times count in ms from the sitting's start, whose exact time
lies in identities.db.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import msgspec

from intake.capture.interviews import add_present, find_by_id, list_present
from intake.capture.places import PLACE_STEP, last_place
from intake.consent.setting import NO_CLASS, answer_for
from intake.errors import (
    ChangedMeanwhileError,
    ConsentMissingError,
    EmptyLineError,
    InterviewClosedError,
    WrongDetailError,
    WrongLanguageError,
)
from intake.text import DraftText
from intake.vault.ids import InterviewId, MediaId, SegmentId, new_id
from intake.vault.tombstones import require_interview_not_erased, require_not_erased
from transcription.languages import is_offered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.vault.change import Change
    from intake.vault.vault import Vault

__all__ = [
    "DraftText",
    "InterviewId",
    "MediaId",
    "SegmentId",
    "Sitting",
    "WrittenLine",
    "add_written",
    "begin_writing",
    "change_line",
    "is_offered",
    "is_written",
    "require_present",
    "require_writable",
    "speaker_of",
    "write_line",
    "write_lines",
]

NO_BYTES: Final = hashlib.sha256(b"").hexdigest()
"""What a written account has for the digest of a sealed file: it has none."""
_NONE: Final = msgspec.msgpack.encode([])


@dataclass(frozen=True, slots=True)
class WrittenLine:
    """One line of a written account: who said it (a code such as W-1), in which language, when.

    Times are ms from the start of its sitting; the end is when the line was finished.
    """

    speaker: str | None
    lang: str
    text: DraftText = field(repr=False)
    start_ms: int = 0
    end_ms: int = 0


@dataclass(frozen=True, slots=True)
class Sitting:
    """One sitting of writing: what lines belong to, and when it began."""

    interview: InterviewId
    media: MediaId
    began: dt.datetime

    def now_ms(self) -> int:
        """Return how long it goes on already, by this computer's clock; never negative."""
        return max(0, int((dt.datetime.now(dt.UTC) - self.began).total_seconds() * 1000))


def begin_writing(
    vault: Vault, interview: InterviewId, *, began: dt.datetime | None = None
) -> Sitting:
    """Begin a sitting of writing; now, where no time is given (aware, with its offset from UTC).

    Needs a cleared interviewer. Nothing is asked but that the witness did not forbid keeping what
    they say. Raises `InterviewClosedError`, `ConsentMissingError`, `ErasedError`,
    `NotClearedError`, `NotYourRoleError`, `WrongDetailError`.
    """
    began = began or dt.datetime.now(dt.UTC)
    if began.tzinfo is None:
        raise WrongDetailError
    with vault.alone():
        require_writable(vault, interview)
        with vault.change("account.begun", interview=interview) as change:
            media = add_written(change, interview)
            change.note(media=media)
            change.identities.insert(
                "media_fact",
                media=media,
                kind="start",
                value=began.isoformat(timespec="milliseconds"),
            )
    return Sitting(interview, media, began)


def require_writable(vault: Vault, interview: InterviewId) -> None:
    """Pass, or raise what `begin_writing` raises: the interview is open, keeping is not forbidden.

    Not asked is no answer yet, and holds up nobody who speaks; a spoken "no" does.
    """
    vault.require_role("interviewer")
    vault.require_cleared()
    require_interview_not_erased(vault.testimony, interview)
    if find_by_id(vault, interview).state == "closed":
        raise InterviewClosedError
    if answer_for(vault, interview, "keep", NO_CLASS) == "no":
        raise ConsentMissingError


def add_written(
    change: Change,
    interview: InterviewId,
    *,
    parent: MediaId | None = None,
    media: MediaId | None = None,
    duration_ms: int | None = None,
) -> MediaId:
    """Add the media row that written lines belong to; `parent` is a sealed file they came from.

    It counts as transcribed: no engine has anything to do with it.
    """
    media = media or MediaId(new_id())
    change.testimony.insert(
        "media",
        id=media,
        interview=interview,
        parent=parent,
        role="written",
        slot=None,
        sha_sealed=NO_BYTES,
        bytes=0,
        rate=None,
        channels=None,
        duration_ms=duration_ms,
        damaged_ms=None,
        state="transcribed",
    )
    return media


def write_lines(
    vault: Vault,
    change: Change,
    interview: InterviewId,
    media: MediaId,
    lines: Sequence[WrittenLine],
) -> list[SegmentId]:
    """Add lines after everything that the interview has: structure into T, words into I as drafts.

    For a written statement as for a line that was typed just now. The caller holds the turn
    (`vault.alone`) from before the change to its end, so that nobody takes the same places.
    Raises `WrongLanguageError`, `WrongDetailError` (times), `EmptyLineError`.
    """
    place, made = last_place(vault, interview), []
    for number, line in enumerate(lines):
        _check(line)
        segment = SegmentId(new_id())
        change.testimony.insert(
            "segment",
            id=segment,
            interview=interview,
            media=media,
            ord=place + number * PLACE_STEP,
            start_ms=line.start_ms,
            end_ms=line.end_ms,
            speaker=line.speaker,
            lang=line.lang,
            status="edited",
            rev=0,
            heard_rev=0,
            heard_by=None,
            retired=0,
        )
        change.identities.insert(
            "draft",
            segment=segment,
            base_rev=0,
            text=line.text.value,
            words=_NONE,
            chips=_NONE,
            author=vault.member,
        )
        made.append(segment)
    return made


def _check(line: WrittenLine) -> None:
    if not line.text.value.strip():
        raise EmptyLineError
    if not is_offered(line.lang):
        raise WrongLanguageError
    if not 0 <= line.start_ms <= line.end_ms:
        raise WrongDetailError


def write_line(vault: Vault, sitting: Sitting, line: WrittenLine) -> SegmentId:
    """Write one line down; when this returns, it is on the disk in both stores.

    Raises what `begin_writing` and `write_lines` raise.
    """
    with vault.alone():
        require_writable(vault, sitting.interview)
        require_not_erased(vault.testimony, sitting.media)
        require_present(vault, sitting.interview, line.speaker)
        with vault.change(
            "account.written", interview=sitting.interview, media=sitting.media, count=1
        ) as change:
            (segment,) = write_lines(vault, change, sitting.interview, sitting.media, [line])
            _lengthen(vault, change, sitting.media, line.end_ms)
    return segment


def change_line(vault: Vault, sitting: Sitting, segment: SegmentId, line: WrittenLine) -> None:
    """Write a line of this sitting again, as while it is typed: on the disk when this returns.

    Only as long as it was not separated, and by who wrote it (`ChangedMeanwhileError`); afterwards
    it is edited like any other text. Raises what `write_line` raises.
    """
    _check(line)
    with vault.alone():
        require_writable(vault, sitting.interview)
        require_not_erased(vault.testimony, sitting.media)
        require_present(vault, sitting.interview, line.speaker)
        with vault.change(
            "account.written", interview=sitting.interview, media=sitting.media, segment=segment
        ) as change:
            change.identities.update(
                "draft",
                {"segment": segment},
                {"base_rev": 0, "author": vault.member, "chips": _NONE},
                text=line.text.value,
            )
            change.testimony.update(
                "segment",
                {"id": segment},
                {"media": sitting.media, "rev": 0, "retired": 0},
                start_ms=line.start_ms,
                end_ms=line.end_ms,
                speaker=line.speaker,
                lang=line.lang,
            )
            _lengthen(vault, change, sitting.media, line.end_ms)


def _lengthen(vault: Vault, change: Change, media: MediaId, end_ms: int) -> None:
    """Let the sitting be as long as its last line."""
    row = vault.testimony.row("SELECT role, duration_ms FROM media WHERE id=?", media)
    if row is None or row["role"] != "written":
        raise ChangedMeanwhileError
    if end_ms > int(row["duration_ms"] or 0):
        change.testimony.update(
            "media", {"id": media}, {"duration_ms": row["duration_ms"]}, duration_ms=end_ms
        )


def require_present(vault: Vault, interview: InterviewId, speaker: str | None) -> None:
    """Raise `WrongDetailError` for the code of somebody who was not there; None is nobody yet."""
    codes = {person.code for person in list_present(vault, interview)}
    if speaker is not None and speaker not in codes:
        raise WrongDetailError


def speaker_of(vault: Vault, interview: InterviewId, role: str) -> str:
    """Return the code of the first person present in a role, such as IV-1; enters one if need be.

    Who writes a question and its answer down has both before them. Needs an interviewer.
    """
    with vault.alone():
        for person in list_present(vault, interview):
            if person.role == role:
                return person.code
        return add_present(vault, interview, role=role).code


def is_written(vault: Vault, media: MediaId) -> bool:
    """Tell whether what belongs to this media was written down, so that nobody can hear it."""
    return vault.testimony.value("SELECT role FROM media WHERE id=?", media) == "written"
