"""Leaving is always possible; closing needs each field done, or why it was not."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from intake.capture import interviews, leaving, witnesses, writing
from intake.capture.leaving import Field
from intake.custody.showing import show
from intake.custody.verifying import verify_account, verify_rows
from intake.errors import (
    FieldEnteredError,
    InterviewClosedError,
    NotClearedError,
    NotDoneError,
    WrongDetailError,
)
from intake.vault.domains import FIELDS_TO_CLOSE
from intake.vault.ids import MediaId
from tests.support.matter import Matter, add_translator, new_interview
from tests.support.steps import places_of_words

if TYPE_CHECKING:
    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault

SAID = (Field.PRESENT, Field.CLOSING_QUESTION, Field.READ_BACK, Field.SIGNATURE)
WHY = "witness refused, afraid of Zwiebelturm"


@pytest.fixture
def interview(vault: Vault) -> InterviewId:
    """Open an interview that has its end and its witness."""
    return new_interview(vault).id


def _empty(vault: Vault) -> InterviewId:
    witness, _ = witnesses.new_witness(vault)
    return interviews.new_interview(vault, witness, start=dt.datetime.now(dt.UTC)).id


def test_the_fields_are_those_that_testimony_takes() -> None:
    """One list in the code, one in the columns."""
    assert {each.value for each in Field} == set(FIELDS_TO_CLOSE)


def test_everything_done_closes(vault: Vault, interview: InterviewId) -> None:
    """Each field with how, and where in the recording; then nothing more is taken."""
    assert leaving.left_to_do(vault, interview) == list(SAID)
    for field in SAID[:-1]:
        leaving.enter_done(vault, interview, field)
    part = MediaId("a" * 26)
    leaving.enter_done(vault, interview, Field.SIGNATURE, how="spoken", media=part, at_ms=6_940_000)

    signed = leaving.fields_of(vault, interview)[-1]
    assert (signed.how, signed.media, signed.at_ms) == ("spoken", part, 6_940_000)
    assert leaving.leave(vault, interview) == "closed"
    for act in (
        lambda: leaving.leave(vault, interview),
        lambda: leaving.reopen(vault, interview),
        lambda: leaving.enter_done(vault, interview, Field.PRESENT),
        lambda: leaving.enter_not_done(vault, interview, Field.PRESENT, WHY),
    ):
        with pytest.raises(InterviewClosedError):
            act()
    assert [*verify_account(vault), *verify_rows(vault)] == []


def test_leaving_is_always_possible_and_going_on_too(vault: Vault) -> None:
    """Nothing done at all: unfinished, with nothing asked. Then open again, and written on."""
    interview = _empty(vault)
    assert leaving.left_to_do(vault, interview) == list(Field)

    assert leaving.leave(vault, interview) == "unfinished"
    leaving.reopen(vault, interview)
    leaving.reopen(vault, interview)
    assert interviews.find_by_id(vault, interview).state == "open"
    writing.begin_writing(vault, interview)

    words = [line.words for line in show(vault)]
    assert "interview left unfinished" in words
    assert words.count("interview that was left unfinished gone on with") == 1


def test_why_not_settles_a_field_and_its_words_lie_in_i(
    vault: Vault, interview: InterviewId
) -> None:
    """Closed with a reason for each; the search finds the words where they are."""
    reasons = {field: f"{WHY} {field.value}" for field in SAID}

    assert leaving.leave(vault, interview, reasons) == "closed"

    assert places_of_words(vault.testimony, ["Zwiebelturm", "refused"]) == []
    assert "interview_fact.value" in places_of_words(vault.identities, ["Zwiebelturm"])
    assert leaving.reason_of(vault, interview, Field.SIGNATURE) == f"{WHY} signature"
    assert leaving.reason_of(vault, interview, Field.END) == ""
    assert [each.has_reason for each in leaving.fields_of(vault, interview)] == [
        False,
        False,
        *[True] * 4,
    ]


def test_an_end_or_a_witness_that_never_was_takes_a_reason_too(vault: Vault) -> None:
    """A line that broke off for good: no end, nobody entered, and still it can be closed."""
    interview = _empty(vault)

    assert leaving.leave(vault, interview, dict.fromkeys(Field, "the line broke off")) == "closed"


def test_what_is_done_after_all_takes_the_reason_away(vault: Vault, interview: InterviewId) -> None:
    """The last word counts; a second reason takes the place of the first."""
    leaving.enter_not_done(vault, interview, Field.SIGNATURE, "too tired")
    leaving.enter_not_done(vault, interview, Field.SIGNATURE, WHY)
    assert leaving.reason_of(vault, interview, Field.SIGNATURE) == WHY

    leaving.enter_done(vault, interview, Field.SIGNATURE, how="paper")
    leaving.enter_done(vault, interview, Field.SIGNATURE, how="spoken")
    state = leaving.fields_of(vault, interview)[-1]
    assert (state.how, state.has_reason) == ("spoken", False)
    assert leaving.reason_of(vault, interview, Field.SIGNATURE) == ""
    assert places_of_words(vault.identities, ["Zwiebelturm"]) == []
    with pytest.raises(FieldEnteredError):
        leaving.enter_not_done(vault, interview, Field.SIGNATURE, WHY)


def test_a_reason_is_words_and_belongs_to_what_was_not_done(
    vault: Vault, interview: InterviewId
) -> None:
    """Blanks say nothing; the end is there already. Nothing is left half entered."""
    with pytest.raises(NotDoneError):
        leaving.enter_not_done(vault, interview, Field.SIGNATURE, " \t")
    with pytest.raises(NotDoneError):
        leaving.leave(vault, interview, {Field.READ_BACK: "tired", Field.SIGNATURE: ""})
    with pytest.raises(FieldEnteredError):
        leaving.leave(vault, interview, {Field.READ_BACK: "tired", Field.END: "no clock"})
    with pytest.raises(FieldEnteredError):
        leaving.enter_done(vault, interview, Field.END)
    for odd in ({"how": "sung"}, {"at_ms": -1}, {"media": MediaId("a" * 26)}):
        with pytest.raises(WrongDetailError):
            leaving.enter_done(vault, interview, Field.SIGNATURE, **odd)  # type: ignore[arg-type]

    assert leaving.left_to_do(vault, interview) == list(SAID)
    assert interviews.find_by_id(vault, interview).state == "open"


def test_who_is_not_cleared_may_leave_and_gives_no_reasons(
    matter: Matter, vault: Vault, interview: InterviewId
) -> None:
    """The words of a reason go where they hold no key for."""
    uncleared = add_translator(vault, roles="interviewer")
    vault.close()

    with matter.unlock_as(uncleared) as plain:
        with pytest.raises(NotClearedError):
            leaving.leave(plain, interview, {Field.SIGNATURE: WHY})
        assert leaving.leave(plain, interview) == "unfinished"
        leaving.reopen(plain, interview)
        assert verify_account(plain) == []
