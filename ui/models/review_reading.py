"""Reading an interview's review from the vault, in turns that keep nobody else waiting. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from intake.jobs import Progress
from intake.review.asking import questions
from intake.review.listing import list_names
from intake.review.open_texts import open_texts
from intake.review.separating import separate_ready
from intake.transcript.names import load_register
from intake.transcript.segments import list_segments
from intake.translation.holding import list_held

if TYPE_CHECKING:
    from intake.capture.interviews import InterviewId
    from intake.identity.register import FormRegister
    from intake.jobs import CancelToken, Report
    from intake.opening import Vault
    from intake.review.asking import Question
    from intake.review.listing import NameLine
    from intake.review.remembering import Remembered
    from intake.transcript.segments import SegmentRow

_TURN_S: Final = 0.4
"""How long one turn of reading keeps the vault from other questions, about."""


@dataclass(frozen=True, slots=True)
class ReviewRead:
    """An interview's review as the vault has it. `drafts` and `held` count texts."""

    interview: InterviewId
    asked: list[Question]
    register: FormRegister
    names: list[NameLine]
    segments: list[SegmentRow]
    drafts: int
    held: int


def read_turn(vault: Vault, interview: InterviewId, remembered: Remembered) -> Progress:
    """Work through drafts for a moment; return how many of them are known now.

    Called until that is all; then `read_review` is quick. The first turn of a process takes up to
    two seconds more, for the name model.
    """
    register = load_register(vault)
    texts = open_texts(vault, interview, register)
    return Progress(remembered.learn(texts, register, _TURN_S), len(texts), "texts")


def read_review(
    vault: Vault, interview: InterviewId, remembered: Remembered, drafts: int
) -> ReviewRead:
    """Return what is left to decide, and what a person needs beside it (`NotClearedError`)."""
    register = load_register(vault)
    return ReviewRead(
        interview=interview,
        asked=questions(vault, interview, register, remembered),
        register=register,
        names=list_names(vault, register),
        segments=list_segments(vault, interview),
        drafts=drafts,
        held=len(list_held(vault, interview)),
    )


def read_names(vault: Vault) -> tuple[FormRegister, list[NameLine]]:
    """Return the names register of now."""
    register = load_register(vault)
    return register, list_names(vault, register)


def separate(
    vault: Vault,
    interview: InterviewId,
    remembered: Remembered,
    token: CancelToken,
    report: Report,
) -> int:
    """Separate what is decided, as a job; returns how many texts.

    Raises `CancelledError` between two turns of reading, with nothing changed.
    """
    while True:
        token.raise_if_cancelled()
        progress = read_turn(vault, interview, remembered)
        report(progress)
        if progress.done >= progress.total:
            return separate_ready(vault, interview, remembered)
