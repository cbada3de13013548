"""The consent grid: answers are added, never changed; the last one for a cell counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from intake.errors import ConsentCellError, WrongDetailError
from intake.vault.domains import ACTS, CLASSES
from intake.vault.ids import InterviewId, MediaId, new_id

if TYPE_CHECKING:
    from intake.vault.change import Change
    from intake.vault.vault import Vault

__all__ = [
    "GRID",
    "NOT_ASKED",
    "NO_CLASS",
    "Given",
    "InterviewId",
    "MediaId",
    "allows",
    "allows_sharing",
    "answer_for",
    "answers",
    "check_answer",
    "history",
    "insert_answer",
    "possible_answers",
    "set_answer",
]

NOT_ASKED: Final = "not_asked"
NO_CLASS: Final = "none"
_SHARING: Final = ("with_name", "without_name", "ask_again", "no")
_PLAIN: Final = ("yes", "ask_again", "no")
GRID: Final = (
    *((act, NO_CLASS) for act in ACTS if act != "share"),
    *(("share", of) for of in CLASSES if of != NO_CLASS),
)
"""Every cell that can be asked, as act and class of recipients, in the order of asking."""
_ENOUGH: Final = {
    "with_names": ("with_name",),
    "without_names": ("with_name", "without_name"),
    "anonymised": ("with_name", "without_name"),
}


@dataclass(frozen=True, slots=True)
class Given:
    """One answer of the history: the cell, the day, and where in the recording it was given.

    `at_ms` counts from the start of the part `media`, or of the interview where that is None; None
    where nobody noted a time.
    """

    act: str
    recipient_class: str
    answer: str
    day: str
    media: MediaId | None
    at_ms: int | None


def set_answer(
    vault: Vault,
    interview: InterviewId,
    *,
    act: str,
    recipient_class: str,
    answer: str,
    media: MediaId | None = None,
    at_ms: int | None = None,
) -> None:
    """Record an answer for one cell of the grid, if known with the time of the recording.

    "share" names a class of recipients, the other acts the class "none". The part may be one that
    is still being recorded. Raises `ConsentCellError` for a cell or an answer that the grid does
    not have, `WrongDetailError` for a part without a time or of another interview.
    """
    vault.require_role("interviewer")
    check_answer(act, recipient_class, answer)
    with vault.alone():
        _require_moment(vault, interview, media, at_ms)
        fields = {"act": act, "class": recipient_class, "answer": answer}
        with vault.change("consent.set", interview=interview, **fields) as change:
            insert_answer(
                vault,
                change,
                interview,
                (act, recipient_class, answer),
                place=0,
                media=media,
                at_ms=at_ms,
            )


def check_answer(act: str, recipient_class: str, answer: str) -> None:
    """Raise `ConsentCellError` for a cell or an answer that the grid does not have."""
    if (act, recipient_class) not in GRID or answer not in possible_answers(act):
        raise ConsentCellError


def insert_answer(
    vault: Vault,
    change: Change,
    interview: InterviewId,
    given: tuple[str, str, str],
    *,
    place: int,
    media: str | None = None,
    at_ms: int | None = None,
) -> None:
    """Add an answer (act, class, answer) to a change: for filing what a form says too.

    `place` counts the answers of one change from 0. The caller holds the turn, and has checked it.
    """
    last = int(vault.testimony.value("SELECT coalesce(max(seq), 0) FROM consent") or 0)
    act, recipient_class, answer = given
    consent = new_id()
    change.testimony.insert(
        "consent",
        id=consent,
        seq=last + 1 + place,
        interview=interview,
        day=change.day,
        act=act,
        answer=answer,
        **{"class": recipient_class},
    )
    if at_ms is not None:
        change.testimony.insert("consent_moment", consent=consent, media=media, at_ms=at_ms)


def _require_moment(
    vault: Vault, interview: InterviewId, media: MediaId | None, at_ms: int | None
) -> None:
    if at_ms is None and media is not None:
        raise WrongDetailError
    if at_ms is not None and at_ms < 0:
        raise WrongDetailError
    if media is not None:
        of = vault.testimony.row("SELECT interview FROM media WHERE id=?", media)
        if of is not None and of["interview"] != interview:
            raise WrongDetailError


def history(vault: Vault, interview: InterviewId) -> list[Given]:
    """Return every answer ever given, the oldest first, with its time where one was noted."""
    rows = vault.testimony.rows(
        "SELECT consent.*, consent_moment.media AS media, consent_moment.at_ms AS at_ms"
        " FROM consent LEFT JOIN consent_moment ON consent_moment.consent = consent.id"
        " WHERE consent.interview=? ORDER BY consent.seq",
        interview,
    )
    return [
        Given(
            act=str(row["act"]),
            recipient_class=str(row["class"]),
            answer=str(row["answer"]),
            day=str(row["day"]),
            media=None if row["media"] is None else MediaId(str(row["media"])),
            at_ms=None if row["at_ms"] is None else int(row["at_ms"]),
        )
        for row in rows
    ]


def possible_answers(act: str) -> tuple[str, ...]:
    """Return the answers that a cell of this act can have."""
    return _SHARING if act == "share" else _PLAIN


def answers(vault: Vault, interview: InterviewId) -> dict[tuple[str, str], str]:
    """Return the answer that counts for each cell that was asked."""
    rows = vault.testimony.rows("SELECT * FROM consent WHERE interview=? ORDER BY seq", interview)
    return {(str(row["act"]), str(row["class"])): str(row["answer"]) for row in rows}


def answer_for(vault: Vault, interview: InterviewId, act: str, recipient_class: str) -> str:
    """Return the answer for one cell; `NOT_ASKED`, which counts as no, where there is none."""
    return answers(vault, interview).get((act, recipient_class), NOT_ASKED)


def allows_sharing(
    vault: Vault, interview: InterviewId, recipient_class: str, profile: str
) -> bool:
    """Tell whether the witness allows this class of recipients this profile."""
    return answer_for(vault, interview, "share", recipient_class) in _ENOUGH[profile]


def allows(vault: Vault, interview: InterviewId, act: str) -> bool:
    """Tell whether the witness said yes to an act without recipients (keep, translate, ...)."""
    return answer_for(vault, interview, act, NO_CLASS) == "yes"
