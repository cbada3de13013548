"""Witnesses and interviews: codes in T, exact times and places in I alone."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from intake.capture import interviews, witnesses
from intake.errors import (
    InterviewClosedError,
    NotClearedError,
    NotYourRoleError,
    UnknownCodeError,
    WrongDetailError,
)
from intake.vault import ids
from intake.vault.ids import WITNESS_CODE, InterviewId, WitnessId
from tests.support.matter import Matter, add_translator, close, new_interview
from tests.support.steps import places_of_words

if TYPE_CHECKING:
    from intake.vault.vault import Vault

START = dt.datetime(2026, 3, 9, 14, 37, tzinfo=dt.timezone(dt.timedelta(hours=5)))
PLACE = "Behind the Blue Mill"


def test_a_witness_gets_a_code_without_letters_that_look_alike(vault: Vault) -> None:
    """W- and four characters, none of which is read for another; a hundred are all different."""
    codes = [witnesses.new_witness(vault)[1] for _ in range(100)]

    assert all(WITNESS_CODE.fullmatch(code) for code in codes)
    assert not set("".join(codes)) & set("01OIL")
    assert len(set(codes)) == len(codes)


def test_a_code_in_use_is_not_given_again(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second draw of the same code is drawn again; the twin shows that it would collide."""
    drawn = iter(["W-7QK4", "W-7QK4", "W-9MN2"])
    monkeypatch.setattr(witnesses, "new_witness_code", lambda: next(drawn))

    first, second = witnesses.new_witness(vault), witnesses.new_witness(vault)

    assert (first[1], second[1]) == ("W-7QK4", "W-9MN2")


def test_a_code_is_found_in_any_case_and_an_unknown_one_is_refused(vault: Vault) -> None:
    """A person types it from a list; what is not there gets the sentence."""
    witness, code = witnesses.new_witness(vault)

    assert witnesses.find_witness(vault, code.lower()) == witness
    with pytest.raises(UnknownCodeError):
        witnesses.find_witness(vault, "W-2222" if code != "W-2222" else "W-3333")


def test_interviews_of_a_witness_are_numbered(vault: Vault) -> None:
    """W-7QK4/1, W-7QK4/2; another witness starts at 1."""
    witness, code = witnesses.new_witness(vault)
    other, other_code = witnesses.new_witness(vault)

    made = [
        interviews.new_interview(vault, one, start=START).code for one in (witness, witness, other)
    ]

    assert made == [f"{code}/1", f"{code}/2", f"{other_code}/1"]
    assert sorted(one.code for one in interviews.list_interviews(vault)) == sorted(made)
    assert dict(witnesses.list_witnesses(vault)) == {code: 2, other_code: 1}


def test_exact_time_and_place_lie_in_the_identity_store_alone(vault: Vault) -> None:
    """T keeps the month; day, hour, offset and place are in I, where the search does find them."""
    witness, _ = witnesses.new_witness(vault)
    interviews.new_interview(vault, witness, start=START, place=PLACE)
    exact = ["2026-03-09", "14:37", "09:37", "+05:00", PLACE, "Blue Mill"]

    assert places_of_words(vault.testimony, exact) == []
    assert "interview_fact.value" in places_of_words(vault.identities, exact)
    assert "interview.month" in places_of_words(vault.testimony, ["2026-03"])


def test_persons_present_get_codes_by_role(vault: Vault) -> None:
    """Two interpreters are IN-1 and IN-2; a role that is none is refused."""
    interview = new_interview(vault).id

    codes = [
        interviews.add_present(vault, interview, role="interpreter", is_remote=remote).code
        for remote in (True, False)
    ]
    with pytest.raises(WrongDetailError):
        interviews.add_present(vault, interview, role="general")

    assert codes == ["IN-1", "IN-2"]
    present = interviews.list_present(vault, interview)
    assert [person.code for person in present] == ["IV-1", "W-1", "IN-1", "IN-2"]
    assert [person.is_remote for person in present] == [False, False, True, False]


def test_an_interview_that_is_closed_takes_nothing_more(vault: Vault) -> None:
    """Nobody comes in, and it does not end again."""
    interview = new_interview(vault).id

    close(vault, interview)

    assert interviews.find_by_id(vault, interview).state == "closed"
    with pytest.raises(InterviewClosedError):
        interviews.add_present(vault, interview, role="other")
    with pytest.raises(InterviewClosedError):
        interviews.end_session(vault, interview, after=dt.timedelta(hours=1))


def test_what_is_missing_for_closing_is_said_before(vault: Vault) -> None:
    """Both, then the witness alone, then nothing: the same that closing itself goes by."""
    witness, _ = witnesses.new_witness(vault)
    interview = interviews.new_interview(vault, witness, start=START).id
    both = interviews.missing_for_closing(vault, interview)

    interviews.end_session(vault, interview, after=dt.timedelta(minutes=3))
    one = interviews.missing_for_closing(vault, interview)
    interviews.add_present(vault, interview, role="witness")

    assert both == [interviews.Missing.END, interviews.Missing.WITNESS]
    assert one == [interviews.Missing.WITNESS]
    assert interviews.missing_for_closing(vault, interview) == []


def test_exact_facts_are_for_cleared_members(matter: Matter) -> None:
    """Start with its offset, and place; a place that nobody entered is empty."""
    with matter.unlock() as vault:
        witness, _ = witnesses.new_witness(vault)
        placed = interviews.new_interview(vault, witness, start=START, place=PLACE).id
        unplaced = interviews.new_interview(vault, witness, start=START).id
        uncleared = add_translator(vault, roles="interviewer")

        assert interviews.exact_facts(vault, placed) == interviews.ExactFacts(
            "2026-03-09T14:37:00+05:00", PLACE
        )
        assert interviews.exact_facts(vault, unplaced).place == ""

    with matter.unlock_as(uncleared) as vault, pytest.raises(NotClearedError):
        interviews.exact_facts(vault, placed)


@pytest.mark.parametrize(
    ("start", "kind"),
    [(START.replace(tzinfo=None), "first_account"), (START, "interrogation")],
    ids=["no offset from UTC", "no such kind"],
)
def test_a_detail_that_no_interview_has_is_refused(
    vault: Vault, start: dt.datetime, kind: str
) -> None:
    """Refused before anything is written."""
    witness, _ = witnesses.new_witness(vault)

    with pytest.raises(WrongDetailError):
        interviews.new_interview(vault, witness, start=start, kind=kind)

    assert interviews.list_interviews(vault) == []


def test_an_end_before_the_start_is_refused(vault: Vault) -> None:
    """The session stays open."""
    witness, _ = witnesses.new_witness(vault)
    interview = interviews.new_interview(vault, witness, start=START).id

    with pytest.raises(WrongDetailError):
        interviews.end_session(vault, interview, after=dt.timedelta(seconds=-1))

    assert interviews.session_length_ms(vault, interview) is None


def test_what_is_not_there_is_refused(vault: Vault) -> None:
    """An unknown witness, interview id or code: one sentence."""
    with pytest.raises(UnknownCodeError):
        interviews.new_interview(vault, WitnessId(ids.new_id()), start=START)
    with pytest.raises(UnknownCodeError):
        interviews.find_by_id(vault, InterviewId(ids.new_id()))
    with pytest.raises(UnknownCodeError):
        interviews.find_interview(vault, "W-7QK4/9")


def test_members_without_role_or_clearance_open_no_interview(matter: Matter) -> None:
    """A translator may not; an uncleared interviewer may not either, and leaves no row behind."""
    with matter.unlock() as vault:
        witness, _ = witnesses.new_witness(vault)
        translator = add_translator(vault)
        uncleared = add_translator(vault, roles="interviewer")

    for member, refusal in ((translator, NotYourRoleError), (uncleared, NotClearedError)):
        with matter.unlock_as(member) as vault:
            with pytest.raises(refusal):
                interviews.new_interview(vault, witness, start=START, place=PLACE)
            assert interviews.list_interviews(vault) == []
