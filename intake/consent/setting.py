"""The consent grid: answers are added, never changed; the last one for a cell counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from intake.errors import ConsentCellError
from intake.vault.domains import ACTS, CLASSES
from intake.vault.ids import InterviewId, new_id

if TYPE_CHECKING:
    from intake.vault.vault import Vault

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


def set_answer(
    vault: Vault, interview: InterviewId, *, act: str, recipient_class: str, answer: str
) -> None:
    """Record an answer for one cell of the grid.

    "share" names a class of recipients, the other acts the class "none". Raises
    `ConsentCellError` for a cell or an answer that the grid does not have.
    """
    vault.require_role("interviewer")
    if (act, recipient_class) not in GRID or answer not in possible_answers(act):
        raise ConsentCellError
    with vault.alone():
        seq = int(vault.testimony.value("SELECT coalesce(max(seq), 0) FROM consent") or 0) + 1
        fields = {"act": act, "class": recipient_class, "answer": answer}
        with vault.change("consent.set", interview=interview, **fields) as change:
            change.testimony.insert(
                "consent", id=new_id(), seq=seq, interview=interview, day=change.day, **fields
            )


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
