"""Interviews: kind, when, and who was present. Exact times and places lie in identities.db."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from intake.errors import InterviewClosedError, UnknownCodeError, WrongDetailError
from intake.vault.domains import INTERVIEW_KINDS, PRESENT_ROLES
from intake.vault.gate import require_identities
from intake.vault.ids import InterviewId, WitnessId, new_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.vault.vault import Vault

__all__ = [
    "INTERVIEW_KINDS",
    "PRESENT_ROLES",
    "ExactFacts",
    "Interview",
    "InterviewId",
    "Missing",
    "Present",
    "WitnessId",
    "add_present",
    "end_session",
    "exact_facts",
    "find_by_id",
    "find_interview",
    "list_interviews",
    "list_present",
    "missing_for_closing",
    "new_interview",
    "session_length_ms",
]

_PREFIX: Final = {
    "interviewer": "IV",
    "interpreter": "IN",
    "witness": "W",
    "support": "SP",
    "counsel": "CO",
    "other": "OT",
}


@dataclass(frozen=True, slots=True)
class Interview:
    """One interview as testimony.db knows it: codes, no names."""

    id: InterviewId
    code: str
    kind: str
    month: str
    state: str


@dataclass(frozen=True, slots=True)
class Present:
    """A person who was there: their code, role, and whether they were remote."""

    code: str
    role: str
    is_remote: bool


@dataclass(frozen=True, slots=True)
class ExactFacts:
    """What only cleared members may know of an interview; empty where it was not entered."""

    start: str
    """ISO 8601 with its offset from UTC, to the second."""
    place: str


class Missing(enum.Enum):
    """What an interview lacks that a closed one has."""

    END = "end"
    WITNESS = "witness"


def new_interview(
    vault: Vault,
    witness: WitnessId,
    *,
    start: dt.datetime,
    kind: str = "first_account",
    place: str = "",
) -> Interview:
    """Open an interview of a witness. Needs a cleared interviewer.

    `start` is aware (with its offset from UTC); testimony.db keeps the month alone, identities.db
    the exact start and the place. Raises `WrongDetailError`, `NotClearedError`.
    """
    vault.require_role("interviewer")
    if kind not in INTERVIEW_KINDS or start.tzinfo is None:
        raise WrongDetailError
    with vault.alone():
        witness_code = vault.testimony.value("SELECT code FROM witness WHERE id=?", witness)
        if witness_code is None:
            raise UnknownCodeError
        count = vault.testimony.value("SELECT count(*) FROM interview WHERE witness=?", witness)
        interview = Interview(
            id=InterviewId(new_id()),
            code=f"{witness_code!s}/{int(count or 0) + 1}",
            kind=kind,
            month=start.strftime("%Y-%m"),
            state="open",
        )
        with vault.change("interview.created", witness=witness, interview=interview.id) as change:
            change.testimony.insert(
                "interview",
                id=interview.id,
                witness=witness,
                code=interview.code,
                kind=kind,
                month=interview.month,
                state="open",
            )
            change.testimony.insert(
                "session",
                id=new_id(),
                interview=interview.id,
                start_ms=0,
                end_ms=None,
                end_reason=None,
            )
            facts = {"start": start.isoformat(timespec="seconds"), "place": place}
            for name, value in facts.items():
                if value:
                    change.identities.insert(
                        "interview_fact", interview=interview.id, kind=name, value=value
                    )
    return interview


def add_present(
    vault: Vault, interview: InterviewId, *, role: str, is_remote: bool = False
) -> Present:
    """Enter a person who was there; returns them with their code, such as IN-1.

    Their name is declared like any other (`intake person add`), never entered here.
    """
    vault.require_role("interviewer")
    if role not in PRESENT_ROLES:
        raise WrongDetailError
    with vault.alone():
        _require_open(vault, interview)
        same = [p for p in list_present(vault, interview) if p.role == role]
        person = Present(f"{_PREFIX[role]}-{len(same) + 1}", role, is_remote)
        with vault.change("interview.changed", interview=interview) as change:
            change.testimony.insert(
                "present",
                id=new_id(),
                interview=interview,
                code=person.code,
                role=role,
                remote=int(is_remote),
            )
    return person


def end_session(vault: Vault, interview: InterviewId, *, after: dt.timedelta) -> None:
    """Enter when the session that is open ended, counted from its start."""
    vault.require_role("interviewer")
    with vault.alone():
        _require_open(vault, interview)
        row = vault.testimony.row(
            "SELECT id FROM session WHERE interview=? AND end_ms IS NULL", interview
        )
        if row is None or after < dt.timedelta(0):
            raise WrongDetailError
        with vault.change("interview.changed", interview=interview) as change:
            change.testimony.update(
                "session",
                {"id": row["id"]},
                {"end_ms": None},
                end_ms=int(after.total_seconds() * 1000),
                end_reason="ended",
            )


def missing_for_closing(vault: Vault, interview: InterviewId) -> list[Missing]:
    """Return why closing would leave an interview unfinished; empty if it would be closed."""
    with vault.alone():
        still_open = vault.testimony.value(
            "SELECT count(*) FROM session WHERE interview=? AND end_ms IS NULL", interview
        )
        present = list_present(vault, interview)
    missing = [Missing.END] if still_open else []
    if not any(person.role == "witness" for person in present):
        missing.append(Missing.WITNESS)
    return missing


def exact_facts(vault: Vault, interview: InterviewId) -> ExactFacts:
    """Return the exact start and the place of an interview (`NotClearedError`)."""
    require_identities(vault, interview)
    rows = vault.identities.rows("SELECT * FROM interview_fact WHERE interview=?", interview)
    facts = {str(row["kind"]): str(row["value"]) for row in rows}
    return ExactFacts(start=facts.get("start", ""), place=facts.get("place", ""))


def find_interview(vault: Vault, code: str) -> Interview:
    """Return the interview of a code such as W-7QK4/1 (`UnknownCodeError`)."""
    row = vault.testimony.row("SELECT id FROM interview WHERE code=?", code.upper())
    if row is None:
        raise UnknownCodeError
    return find_by_id(vault, InterviewId(str(row["id"])))


def find_by_id(vault: Vault, interview: InterviewId) -> Interview:
    """Return an interview by its id (`UnknownCodeError`)."""
    row = vault.testimony.row("SELECT * FROM interview WHERE id=?", interview)
    if row is None:
        raise UnknownCodeError
    return Interview(
        interview, str(row["code"]), str(row["kind"]), str(row["month"]), str(row["state"])
    )


def list_interviews(vault: Vault) -> Sequence[Interview]:
    """Return every interview, by code."""
    rows = vault.testimony.rows("SELECT id FROM interview ORDER BY code")
    return [find_by_id(vault, InterviewId(str(row["id"]))) for row in rows]


def list_present(vault: Vault, interview: InterviewId) -> list[Present]:
    """Return who was there, in the order in which they were entered."""
    rows = vault.testimony.rows("SELECT * FROM present WHERE interview=? ORDER BY rowid", interview)
    return [Present(str(row["code"]), str(row["role"]), bool(row["remote"])) for row in rows]


def session_length_ms(vault: Vault, interview: InterviewId) -> int | None:
    """Return how long the interview took in all, or None while a session is open."""
    rows = vault.testimony.rows("SELECT * FROM session WHERE interview=?", interview)
    if any(row["end_ms"] is None for row in rows):
        return None
    return sum(int(row["end_ms"] or 0) - int(row["start_ms"] or 0) for row in rows)


def _require_open(vault: Vault, interview: InterviewId) -> None:
    if find_by_id(vault, interview).state == "closed":
        raise InterviewClosedError
