"""Beginning an interview: one answer gates the recorder, and nothing is answered beforehand.

Witness, interview, who is there and the answer are entered by one call, so that a person who will
speak waits for four actions and no more. Everything else can be asked later.
"""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.capture.interviews import Interview, add_present, find_by_id, new_interview
from intake.capture.witnesses import new_witness
from intake.errors import (
    InterviewClosedError,
    NotAskedError,
    RecordingRefusedError,
    WrongDetailError,
)
from intake.vault.ids import InterviewId, MediaId, WitnessId, new_id
from intake.vault.tombstones import require_interview_not_erased

if TYPE_CHECKING:
    from intake.vault.change import Change
    from intake.vault.vault import Vault

__all__ = [
    "Agrees",
    "Begun",
    "Interview",
    "InterviewId",
    "MediaId",
    "WitnessId",
    "agreed",
    "answer_agreement",
    "begin",
    "insert_agreement",
    "may_record",
    "require_may_record",
]


class Agrees(enum.Enum):
    """What the witness says to being recorded. Not asked is none of them, and differs from no."""

    YES = "yes"
    ON_THE_RECORDING = "on_the_recording"
    """They will say so on the recording; if they then say no, that part is destroyed."""
    NO = "no"


@dataclass(frozen=True, slots=True)
class Begun:
    """An interview that has just begun, and what may be done next."""

    interview: Interview
    agrees: Agrees

    @property
    def may_record(self) -> bool:
        """Whether the recorder may start; otherwise the account is written down."""
        return self.agrees is not Agrees.NO


def begin(
    vault: Vault,
    witness: WitnessId | None = None,
    *,
    agrees: Agrees,
    kind: str = "first_account",
    is_remote: bool = False,
) -> Begun:
    """Enter what stands between an unlocked vault and a running recorder, the interview now.

    A new witness gets a code where none is named; interviewer and witness are entered as present,
    the witness as remote on a call. Needs a cleared interviewer. Raises `UnknownCodeError`,
    `WrongDetailError`, `NotClearedError`, `NotYourRoleError`.
    """
    vault.require_role("interviewer")
    vault.require_cleared()
    with vault.alone():
        if witness is None:
            witness, _ = new_witness(vault)
        interview = new_interview(vault, witness, start=dt.datetime.now(dt.UTC), kind=kind)
        add_present(vault, interview.id, role="interviewer")
        add_present(vault, interview.id, role="witness", is_remote=is_remote)
        answer_agreement(vault, interview.id, agrees)
    return Begun(interview, agrees)


def answer_agreement(
    vault: Vault,
    interview: InterviewId,
    agrees: Agrees,
    *,
    media: MediaId | None = None,
    at_ms: int | None = None,
) -> None:
    """Record what the witness says to being recorded; the last answer counts, none is changed.

    `media` and `at_ms` say where in the recording, which may still be running. A spoken "no" does
    not destroy the part: whoever steers the recorder does that, and this says why. Raises
    `WrongDetailError`, `InterviewClosedError`, `NotYourRoleError`, `NotClearedError`.
    """
    vault.require_role("interviewer")
    vault.require_cleared()
    if (media is not None and at_ms is None) or (at_ms or 0) < 0:
        raise WrongDetailError
    with vault.alone():
        require_interview_not_erased(vault.testimony, interview)
        if find_by_id(vault, interview).state == "closed":
            raise InterviewClosedError
        with vault.change("recording.answered", interview=interview) as change:
            insert_agreement(vault, change, interview, agrees.value, media=media, at_ms=at_ms)


def insert_agreement(
    vault: Vault,
    change: Change,
    interview: InterviewId,
    answer: str,
    *,
    media: str | None = None,
    at_ms: int | None = None,
    place: int = 0,
) -> None:
    """Add such an answer to a change, with its place in the recording; for filing too.

    `place` counts the answers of one change from 0. The caller holds the turn.
    """
    last = vault.testimony.value("SELECT coalesce(max(seq), 0) FROM agreement")
    change.testimony.insert(
        "agreement",
        id=new_id(),
        seq=int(last or 0) + 1 + place,
        interview=interview,
        answer=answer,
        media=media,
        at_ms=at_ms,
        day=change.day,
    )


def agreed(vault: Vault, interview: InterviewId) -> Agrees | None:
    """Return the answer that counts; None where nobody asked."""
    answer = vault.testimony.value(
        "SELECT answer FROM agreement WHERE interview=? ORDER BY seq DESC LIMIT 1", interview
    )
    return None if answer is None else Agrees(str(answer))


def may_record(vault: Vault, interview: InterviewId) -> bool:
    """Tell whether the recorder may start for this interview."""
    return agreed(vault, interview) in (Agrees.YES, Agrees.ON_THE_RECORDING)


def require_may_record(vault: Vault, interview: InterviewId) -> Agrees:
    """Return the answer that lets the recorder start, or raise what is missing.

    `NotAskedError` where nobody asked, `RecordingRefusedError` for a no: two things, two sentences.
    """
    answer = agreed(vault, interview)
    if answer is None:
        raise NotAskedError
    if answer is Agrees.NO:
        raise RecordingRefusedError
    return answer
