"""Answers that a person gave one after the other, saved together: each counts for itself.

`decide` takes all of a file or nothing. Somebody who went on meanwhile must lose no answer because
another one was refused, so that here a round that is refused is taken one answer at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from intake.errors import (
    ChangedMeanwhileError,
    DecisionFileError,
    DecisionsContradictError,
    DecisionUnknownError,
    FormRefusedError,
    IntakeError,
    KeepNeedsReasonError,
    NameOfSomebodyError,
    TreatmentDetailError,
    UnknownEntityError,
    UnknownFormError,
    WordingNamesSomebodyError,
)
from intake.review.deciding import Decision, DecisionFile, decide
from intake.review.declaring import Declaration, add_forms, declare
from intake.transcript.names import load_register

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from intake.review.remembering import Remembered
    from intake.text import Kind
    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault

_REFUSALS: Final = (
    DecisionFileError,
    DecisionsContradictError,
    DecisionUnknownError,
    FormRefusedError,
    KeepNeedsReasonError,
    NameOfSomebodyError,
    TreatmentDetailError,
    UnknownEntityError,
    UnknownFormError,
    WordingNamesSomebodyError,
)
"""What says that one answer cannot be taken; anything else stops the saving."""


@dataclass(frozen=True, slots=True, repr=False)
class Missed:
    """A form that no finder proposed: of entity number `entity`, or of a new one of `kind`."""

    form: str
    kind: Kind
    entity: int | None = None


Answer = Decision | Missed


@dataclass(frozen=True, slots=True)
class Refused:
    """An answer that cannot be taken: its place among those given, and why."""

    place: int
    error: IntakeError


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of answers: the first `count` of them are settled, but for the refused ones.

    `stopped` is what kept the rest from being saved: a disk that is full, say.
    """

    count: int
    refused: tuple[Refused, ...] = ()
    stopped: Exception | None = None


def take_answers(
    vault: Vault,
    interview: InterviewId,
    answers: Sequence[Answer],
    remembered: Remembered | None = None,
) -> Taken:
    """Save a person's answers in their order; each is an answer to what is asked at its turn.

    Needs a cleared member. A decision on a form that is not asked any more, because an answer
    before it settled that, is left out without a word. Raises `NotClearedError` alone: everything
    else is in what it returns.
    """
    vault.require_cleared()
    refused: list[Refused] = []
    count = 0
    try:
        for run in _runs(answers):
            refused += [
                Refused(count + one.place, one.error)
                for one in _take(vault, interview, run, remembered)
            ]
            count += len(run)
    except _Stopped as stopped:
        refused += [Refused(count + one.place, one.error) for one in stopped.refused]
        return Taken(count + stopped.count, tuple(refused), stopped.error)
    return Taken(count, tuple(refused))


class _Stopped(Exception):  # noqa: N818  # no error of its own: it carries one
    """Nothing more can be saved now; `count` answers of the run are settled."""

    def __init__(self, error: Exception, count: int, refused: Sequence[Refused]) -> None:
        super().__init__()
        self.error, self.count, self.refused = error, count, tuple(refused)


def _runs(answers: Sequence[Answer]) -> Iterator[list[Answer]]:
    """Give neighbouring decisions together, and each missed form by itself."""
    run: list[Answer] = []
    for answer in answers:
        if isinstance(answer, Missed):
            if run:
                yield run
                run = []
            yield [answer]
        else:
            run.append(answer)
    if run:
        yield run


def _take(
    vault: Vault, interview: InterviewId, run: Sequence[Answer], remembered: Remembered | None
) -> list[Refused]:
    decisions = [answer for answer in run if isinstance(answer, Decision)]
    if len(decisions) > 1:
        try:
            _decide(vault, interview, decisions, remembered)
        except _REFUSALS:
            pass  # one of them: found below
        except (IntakeError, OSError) as error:
            raise _Stopped(error, 0, ()) from None
        else:
            return []
    refused: list[Refused] = []
    for place, answer in enumerate(run):
        try:
            _take_one(vault, interview, answer, remembered)
        except _REFUSALS as error:
            refused.append(Refused(place, error))
        except (IntakeError, OSError) as error:
            raise _Stopped(error, place, refused) from None
    return refused


def _take_one(
    vault: Vault, interview: InterviewId, answer: Answer, remembered: Remembered | None
) -> None:
    if isinstance(answer, Missed):
        if answer.entity is None:
            declare(vault, [Declaration(answer.kind, (answer.form,))])
        else:
            add_forms(vault, answer.entity, [answer.form])
        return
    try:
        _decide(vault, interview, [answer], remembered)
    except DecisionUnknownError:
        if answer.entity is not None and answer.entity not in load_register(vault).entities:
            raise UnknownEntityError from None


def _decide(
    vault: Vault,
    interview: InterviewId,
    decisions: list[Decision],
    remembered: Remembered | None,
) -> None:
    """Decide; once more where another thread wrote into one of the drafts in the same moment."""
    file = DecisionFile(forms=decisions)
    try:
        decide(vault, interview, file, decided="person", remembered=remembered)
    except ChangedMeanwhileError:
        decide(vault, interview, file, decided="person", remembered=remembered)
