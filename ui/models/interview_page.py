"""What the interview screen shows, read in one go; and one scale for work that has several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from intake.capture.interviews import (
    ExactFacts,
    InterviewId,
    Missing,
    Present,
    exact_facts,
    list_present,
    missing_for_closing,
    session_length_ms,
)
from intake.capture.playing import Sound, list_sounds
from intake.capture.spoken import declared_languages
from intake.consent.setting import answers
from intake.errors import UnknownCodeError
from intake.jobs import Progress
from intake.opening.erasing import asks_for_second
from intake.statement.overview import InterviewLine, overview
from intake.transcript.parts import PartState, list_parts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intake.jobs import Report
    from intake.opening import Vault

_HUNDRED: Final = 100
_SEALED: Final = 20
"""Percent of an import that reading and sealing the file is taken for; decoding takes longer."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording: its sound, and how far it is transcribed."""

    sound: Sound
    part: PartState


@dataclass(frozen=True, slots=True)
class InterviewPage:
    """One interview, as a member may see it."""

    line: InterviewLine
    exact: ExactFacts | None
    """None for a member who is not cleared, or who may look only with a second person."""
    asks_for_second: bool
    present: tuple[Present, ...]
    length_ms: int | None
    """None while nobody entered the end."""
    missing: tuple[Missing, ...]
    """Why closing would leave the interview unfinished."""
    answers: Mapping[tuple[str, str], str]
    recordings: tuple[Recording, ...]
    spoken: tuple[str, ...] = ()
    """What was declared, the main language first."""


def read_page(vault: Vault, interview: InterviewId) -> InterviewPage:
    """Read everything that the screen shows. On the desk; `UnknownCodeError`."""
    with vault.alone():
        asks = asks_for_second(vault, interview)
        return InterviewPage(
            line=_line(vault, interview),
            exact=exact_facts(vault, interview) if vault.is_cleared and not asks else None,
            asks_for_second=asks,
            present=tuple(list_present(vault, interview)),
            length_ms=session_length_ms(vault, interview),
            missing=tuple(missing_for_closing(vault, interview)),
            answers=answers(vault, interview),
            recordings=read_recordings(vault, interview),
            spoken=declared_languages(vault, interview),
        )


def read_recordings(vault: Vault, interview: InterviewId) -> tuple[Recording, ...]:
    """Read how far the recordings are: quick enough for once a second while a job runs."""
    with vault.alone():
        parts = {part.media: part for part in list_parts(vault, interview)}
        sounds = list_sounds(vault, interview)
    return tuple(Recording(sound, parts[sound.media]) for sound in sounds)


def _line(vault: Vault, interview: InterviewId) -> InterviewLine:
    for witness in overview(vault):
        for line in witness.interviews:
            if line.id == interview:
                return line
    raise UnknownCodeError


# --- one scale, so that the time left means what it says --------------------------------------


def as_one_import(report: Report) -> Report:
    """Turn the two scales of an import, bytes and then time, into one of a hundred."""

    def told(at: Progress) -> None:
        if at.unit == "bytes sealed":
            report(Progress(at.done * _SEALED // max(1, at.total), _HUNDRED, "%"))
        elif at.done >= at.total:  # no length was declared, or its end is reached
            report(Progress(0, 0, "%"))
        else:
            rest = (_HUNDRED - _SEALED) * at.done // at.total
            report(Progress(_SEALED + rest, _HUNDRED, "%"))

    return told
