"""Answers given one after the other: each counts for itself, in order, and none is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intake.custody.showing import show
from intake.errors import (
    ChangedMeanwhileError,
    DiskRefusedError,
    NameOfSomebodyError,
    NotClearedError,
    UnknownEntityError,
    WordingNamesSomebodyError,
)
from intake.review import answering
from intake.review.answering import Answer, Missed, Taken, take_answers
from intake.review.asking import questions
from intake.review.deciding import Decision, decide
from intake.review.declaring import Declaration, declare
from intake.text import Kind
from intake.transcript.names import load_register
from tests.support.matter import Matter, add_translator, new_interview, store_segments

if TYPE_CHECKING:
    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault

TEXTS = (
    "They took Okro away, said Marek Lindqvist.",
    "Then Ingrid Novak came with Okro.",
    "In May a man called teztova was there.",
)


@pytest.fixture
def interview(vault: Vault) -> InterviewId:
    """Make an interview of drafts with two persons declared."""
    declare(vault, [Declaration(Kind.PERSON, (name,)) for name in ("Amina Testova", "May")])
    made = new_interview(vault).id
    store_segments(vault, made, TEXTS)
    return made


def _asked(vault: Vault, interview: InterviewId) -> set[str]:
    return {one.group.verbatims[0] for one in questions(vault, interview, load_register(vault))}


def _new(form: str) -> Decision:
    return Decision(form=form, then="new")


def test_a_round_is_one_operation(vault: Vault, interview: InterviewId) -> None:
    """Decisions that follow each other are saved, and signed, together."""
    before = len(show(vault))

    taken = take_answers(vault, interview, [_new("Okro"), _new("Ingrid Novak")])

    assert taken == Taken(2)
    assert len(show(vault)) == before + 1
    assert not {"Okro", "Ingrid Novak"} & _asked(vault, interview)


def test_a_refused_answer_stops_no_other(vault: Vault, interview: InterviewId) -> None:
    """Those before and after it are saved; it is named with its reason."""
    names = Decision(
        form="Marek Lindqvist",
        then="new",
        treatment="generalise",
        wordings={"en": "a friend of Testova"},
        reason="wider_wording",
    )
    answers = [
        _new("Okro"),
        names,
        Decision(form="May", then="not_identifying"),
        _new("Ingrid Novak"),
    ]

    taken = take_answers(vault, interview, answers)

    assert [(one.place, type(one.error)) for one in taken.refused] == [
        (1, WordingNamesSomebodyError),
        (2, NameOfSomebodyError),
    ]
    assert (taken.count, taken.stopped) == (4, None)
    asked = _asked(vault, interview)
    assert {"Marek Lindqvist", "May"} <= asked
    assert not {"Okro", "Ingrid Novak"} & asked


def test_what_is_not_asked_any_more_is_left_out(vault: Vault, interview: InterviewId) -> None:
    """The same form twice: the second answer has nothing left to say, and is no error."""
    taken = take_answers(vault, interview, [_new("Okro")])
    again = take_answers(vault, interview, [_new("Okro"), _new("Ingrid Novak")])

    assert taken == Taken(1)
    assert again == Taken(2)
    assert [form.verbatim for form in load_register(vault).all_forms()].count("Okro") == 1


def test_an_entity_that_there_is_not_is_refused(vault: Vault, interview: InterviewId) -> None:
    """Unlike a form that is settled, it is a mistake to tell."""
    answer = Decision(form="Okro", then="entity", entity=77)

    (refused,) = take_answers(vault, interview, [answer]).refused

    assert isinstance(refused.error, UnknownEntityError)


def test_missed_forms_are_entered_in_their_turn(vault: Vault, interview: InterviewId) -> None:
    """As a new entity or a form of a known one, between the decisions."""
    answers: list[Answer] = [
        _new("Okro"),
        Missed("a man", Kind.ROLE),
        Missed("called", Kind.PERSON, entity=1),
        _new("Ingrid Novak"),
        Missed(" . ", Kind.PERSON),
    ]

    taken = take_answers(vault, interview, answers)

    register = load_register(vault)
    assert [refused.place for refused in taken.refused] == [4]
    assert [
        register.owners(form)[0][0] for form in ("called", "Okro", "a man", "Ingrid Novak")
    ] == [
        1,
        3,
        4,
        5,
    ]
    assert register.kind(4) is Kind.ROLE


def test_a_full_disk_leaves_the_rest_unsaved(
    vault: Vault, interview: InterviewId, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was saved is counted; the rest can be given again."""
    calls: list[int] = []

    def full(*args: object, **named: object) -> object:
        calls.append(1)
        if len(calls) > 1:
            raise DiskRefusedError
        return decide(*args, **named)  # type: ignore[arg-type]  # as given

    monkeypatch.setattr(answering, "decide", full)
    answers: list[Answer] = [_new("Okro"), Missed("a man", Kind.ROLE), _new("Ingrid Novak")]

    taken = take_answers(vault, interview, answers)

    assert (taken.count, type(taken.stopped)) == (2, DiskRefusedError)
    monkeypatch.undo()
    assert take_answers(vault, interview, answers[taken.count :]) == Taken(1)
    assert not {"Okro", "Ingrid Novak"} & _asked(vault, interview)


def test_a_disk_that_fills_up_amid_a_round(
    vault: Vault, interview: InterviewId, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One by one after a refusal, until the disk refuses: counted, with what was refused before."""
    calls: list[int] = []

    def full(*args: object, **named: object) -> object:
        calls.append(1)
        if len(calls) > 3:
            raise DiskRefusedError
        return decide(*args, **named)  # type: ignore[arg-type]  # as given

    monkeypatch.setattr(answering, "decide", full)
    nobody = Decision(form="May", then="not_identifying")

    taken = take_answers(vault, interview, [nobody, _new("Okro"), _new("Ingrid Novak")])

    assert (taken.count, [one.place for one in taken.refused]) == (2, [0])
    assert isinstance(taken.stopped, DiskRefusedError)
    assert "Ingrid Novak" in _asked(vault, interview)
    assert "Okro" not in _asked(vault, interview)


def test_a_whole_round_can_be_stopped(
    vault: Vault, interview: InterviewId, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once, with nothing saved."""

    def refuse(*_: object, **__: object) -> object:
        raise DiskRefusedError

    monkeypatch.setattr(answering, "decide", refuse)

    taken = take_answers(vault, interview, [_new("Okro"), _new("Ingrid Novak")])

    assert (taken.count, type(taken.stopped)) == (0, DiskRefusedError)


def test_a_draft_written_by_another_thread_is_tried_again(
    vault: Vault, interview: InterviewId, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once: the second time the questions are those of now."""
    calls: list[int] = []

    def changed(*args: object, **named: object) -> object:
        calls.append(1)
        if len(calls) == 1:
            raise ChangedMeanwhileError
        return decide(*args, **named)  # type: ignore[arg-type]  # as given

    monkeypatch.setattr(answering, "decide", changed)

    assert take_answers(vault, interview, [_new("Okro")]) == Taken(1)
    assert len(calls) == 2


def test_no_answers_are_no_operation(vault: Vault, interview: InterviewId) -> None:
    """Nothing is written."""
    before = len(show(vault))

    assert take_answers(vault, interview, []) == Taken(0)
    assert len(show(vault)) == before


def test_answers_need_clearance(matter: Matter) -> None:
    """Said at once, and with the sentence of every such step."""
    with matter.unlock() as vault:
        interview = new_interview(vault).id
        translator = add_translator(vault)
    with matter.unlock_as(translator) as vault, pytest.raises(NotClearedError):
        take_answers(vault, interview, [_new("Okro")])
