"""Leaving an interview: closed when everything is done or said why not, unfinished otherwise.

Nobody is kept at the table by a form: leaving is always possible. What closing needs is in the
record itself (the end, the witness as present) or is entered as done (all present listed, the
closing question, the read-back, the signature); each of them also takes "not done, because", whose
words lie in identities.db. An unfinished interview is gone on with as if it had never been left.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from intake.capture import interviews
from intake.capture.interviews import find_by_id
from intake.errors import (
    FieldEnteredError,
    InterviewClosedError,
    NotDoneError,
    WrongDetailError,
)
from intake.vault.domains import DONE_HOW
from intake.vault.gate import require_identities
from intake.vault.ids import InterviewId, MediaId
from intake.vault.tombstones import require_interview_not_erased

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intake.vault.change import Change
    from intake.vault.store import Row
    from intake.vault.vault import Vault

__all__ = [
    "DONE_HOW",
    "Field",
    "FieldState",
    "InterviewId",
    "MediaId",
    "enter_done",
    "enter_not_done",
    "fields_of",
    "leave",
    "left_to_do",
    "reason_of",
    "reopen",
]


class Field(enum.Enum):
    """What a closed interview has, or says why it has not; in the order of asking."""

    END = "end"
    WITNESS = "witness"
    PRESENT = "present"
    """All who were there are listed, with those who were out of sight."""
    CLOSING_QUESTION = "closing_question"
    """The witness was asked whether there is anything to correct or to add."""
    READ_BACK = "read_back"
    SIGNATURE = "signature"


_BY_THE_RECORD: Final = (Field.END, Field.WITNESS)
_REASON: Final = "not_done_"


@dataclass(frozen=True, slots=True)
class FieldState:
    """How a field stands: `how` it was done (empty: it was not), and whether a reason is kept.

    `at_ms` says where in the recording, from the start of the part `media`, or of the interview.
    """

    field: Field
    how: str = ""
    has_reason: bool = False
    media: MediaId | None = None
    at_ms: int | None = None

    @property
    def is_settled(self) -> bool:
        """Whether closing waits for it no longer."""
        return bool(self.how) or self.has_reason


def fields_of(vault: Vault, interview: InterviewId) -> list[FieldState]:
    """Return how each field stands, in the order of asking. Any member; no words."""
    require_interview_not_erased(vault.testimony, interview)
    with vault.alone():
        lacking = {each.value for each in interviews.missing_for_closing(vault, interview)}
        done = _by_field(vault.testimony.rows("SELECT * FROM done WHERE interview=?", interview))
        rows = vault.testimony.rows("SELECT * FROM not_done WHERE interview=?", interview)
    reasons = _by_field(rows)
    return [_state(each, done.get(each.value), lacking, set(reasons)) for each in Field]


def _by_field(rows: list[Row]) -> dict[str, Row]:
    return {str(row["field"]): row for row in rows}


def _state(each: Field, done: Row | None, lacking: set[str], reasons: set[str]) -> FieldState:
    has_reason = each.value in reasons
    if each in _BY_THE_RECORD:
        how = "" if each.value in lacking else "yes"
        return FieldState(each, how, has_reason)
    if done is None:
        return FieldState(each, "", has_reason)
    media = None if done["media"] is None else MediaId(str(done["media"]))
    at_ms = None if done["at_ms"] is None else int(done["at_ms"])
    return FieldState(each, str(done["how"]), has_reason, media, at_ms)


def left_to_do(vault: Vault, interview: InterviewId) -> list[Field]:
    """Return what closing still waits for; empty where it would be closed."""
    return [each.field for each in fields_of(vault, interview) if not each.is_settled]


def enter_done(
    vault: Vault,
    interview: InterviewId,
    done: Field,
    *,
    how: str = "yes",
    media: MediaId | None = None,
    at_ms: int | None = None,
) -> None:
    """Enter that something was done, with its time in the recording where it was spoken.

    A reason that was given before goes. Needs a cleared interviewer. Raises `FieldEnteredError` for
    what the record itself says, `WrongDetailError`, `InterviewClosedError`.
    """
    if done in _BY_THE_RECORD:
        raise FieldEnteredError
    if how not in DONE_HOW or (at_ms or 0) < 0 or (media is not None and at_ms is None):
        raise WrongDetailError
    with vault.alone():
        _require_open(vault, interview)
        key = {"interview": interview, "field": done.value}
        with vault.change("closing.entered", interview=interview) as change:
            if _stands(vault, "done", interview, done):
                change.testimony.delete("done", key)
            change.testimony.insert("done", **key, how=how, media=media, at_ms=at_ms)
            _take_reason(vault, change, interview, done)


def enter_not_done(vault: Vault, interview: InterviewId, field: Field, reason: str) -> None:
    """Keep why something was not done; the words go to identities.db.

    Needs a cleared interviewer. Raises `NotDoneError` for a reason without a letter,
    `FieldEnteredError` for what is done, `InterviewClosedError`.
    """
    if not reason.strip():
        raise NotDoneError
    with vault.alone():
        _require_open(vault, interview)
        state = next(each for each in fields_of(vault, interview) if each.field is field)
        if state.how:
            raise FieldEnteredError
        with vault.change("closing.entered", interview=interview) as change:
            _take_reason(vault, change, interview, field)
            change.testimony.insert("not_done", interview=interview, field=field.value)
            change.identities.insert(
                "interview_fact",
                interview=interview,
                kind=_REASON + field.value,
                value=reason.strip(),
            )


def leave(vault: Vault, interview: InterviewId, not_done: Mapping[Field, str] | None = None) -> str:
    """Leave an interview; returns its state: closed, or unfinished where something is left.

    `not_done` gives reasons first, as `enter_not_done` does, and is taken whole or not at all. A
    recording that is running goes on: it belongs to the recorder. Raises what that raises.
    """
    reasons = dict(not_done or {})
    if any(not reason.strip() for reason in reasons.values()):
        raise NotDoneError
    with vault.alone():
        vault.require_role("interviewer")
        require_interview_not_erased(vault.testimony, interview)
        if find_by_id(vault, interview).state == "closed":
            raise InterviewClosedError
        done = {each.field for each in fields_of(vault, interview) if each.how}
        if done & set(reasons):
            raise FieldEnteredError
        for field, reason in reasons.items():
            enter_not_done(vault, interview, field, reason)
        state = "unfinished" if left_to_do(vault, interview) else "closed"
        old = find_by_id(vault, interview).state
        kind = "interview.closed" if state == "closed" else "interview.left"
        with vault.change(kind, interview=interview) as change:
            change.testimony.update("interview", {"id": interview}, {"state": old}, state=state)
    return state


def reopen(vault: Vault, interview: InterviewId) -> None:
    """Go on with an interview that was left unfinished: it is open again, with all that it has.

    Reasons that were given stay until something is done after all. Raises `InterviewClosedError`:
    what was closed stays closed, and what comes later is an interview of its own.
    """
    with vault.alone():
        vault.require_role("interviewer")
        require_interview_not_erased(vault.testimony, interview)
        state = find_by_id(vault, interview).state
        if state == "closed":
            raise InterviewClosedError
        if state == "open":
            return
        with vault.change("interview.reopened", interview=interview) as change:
            change.testimony.update("interview", {"id": interview}, {"state": state}, state="open")


def reason_of(vault: Vault, interview: InterviewId, field: Field) -> str:
    """Return why something was not done; empty where no reason is kept (`NotClearedError`)."""
    require_identities(vault, interview)
    found = vault.identities.value(
        "SELECT value FROM interview_fact WHERE interview=? AND kind=?",
        interview,
        _REASON + field.value,
    )
    return str(found or "")


def _require_open(vault: Vault, interview: InterviewId) -> None:
    vault.require_role("interviewer")
    vault.require_cleared()
    require_interview_not_erased(vault.testimony, interview)
    if find_by_id(vault, interview).state == "closed":
        raise InterviewClosedError


def _take_reason(vault: Vault, change: Change, interview: InterviewId, field: Field) -> None:
    if not _stands(vault, "not_done", interview, field):
        return
    change.testimony.delete("not_done", {"interview": interview, "field": field.value})
    change.identities.delete(
        "interview_fact", {"interview": interview, "kind": _REASON + field.value}
    )


def _stands(vault: Vault, table: str, interview: InterviewId, field: Field) -> bool:
    sql = {
        "done": "SELECT field FROM done WHERE interview=? AND field=?",
        "not_done": "SELECT field FROM not_done WHERE interview=? AND field=?",
    }[table]
    return vault.testimony.row(sql, interview, field.value) is not None
