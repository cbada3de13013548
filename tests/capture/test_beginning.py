"""Four actions to a recorder: one call enters all of it, and one answer decides."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
import sqlcipher3

from intake.capture import beginning, interviews, witnesses
from intake.capture.beginning import Agrees
from intake.consent.setting import history
from intake.custody.verifying import verify_account, verify_rows
from intake.errors import (
    InterviewClosedError,
    NotAskedError,
    NotClearedError,
    NotYourRoleError,
    RecordingRefusedError,
    UnknownCodeError,
    WrongDetailError,
)
from intake.vault.ids import InterviewId, MediaId, WitnessId
from tests.support.matter import Matter, add_translator, close, new_interview

if TYPE_CHECKING:
    from intake.vault.vault import Vault

PART = MediaId("a" * 26)


def test_one_call_enters_all_that_recording_needs(vault: Vault) -> None:
    """A new witness, a first account that begins now, both present, the answer; no consent yet."""
    begun = beginning.begin(vault, agrees=Agrees.YES)

    assert begun.may_record
    assert begun.interview.kind == "first_account"
    assert begun.interview.code.endswith("/1")
    present = [
        (p.code, p.role, p.is_remote) for p in interviews.list_present(vault, begun.interview.id)
    ]
    assert present == [("IV-1", "interviewer", False), ("W-1", "witness", False)]
    start = interviews.exact_facts(vault, begun.interview.id).start
    assert abs(dt.datetime.fromisoformat(start) - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=5)
    assert history(vault, begun.interview.id) == []
    assert [*verify_account(vault), *verify_rows(vault)] == []


def test_a_known_witness_on_a_call(vault: Vault) -> None:
    """Their next interview, and the witness is far away; an unknown one is refused."""
    witness, code = witnesses.new_witness(vault)
    beginning.begin(vault, witness, agrees=Agrees.YES)

    begun = beginning.begin(vault, witness, agrees=Agrees.YES, is_remote=True)

    assert begun.interview.code == f"{code}/2"
    assert [p.is_remote for p in interviews.list_present(vault, begun.interview.id)] == [
        False,
        True,
    ]
    with pytest.raises(UnknownCodeError):
        beginning.begin(vault, WitnessId("b" * 26), agrees=Agrees.YES)


@pytest.mark.parametrize(
    ("agrees", "may"),
    [(Agrees.YES, True), (Agrees.ON_THE_RECORDING, True), (Agrees.NO, False)],
)
def test_one_answer_gates_the_recorder(vault: Vault, agrees: Agrees, may: bool) -> None:
    """Yes, and "will say so on the recording", let it start; no means writing."""
    begun = beginning.begin(vault, agrees=agrees)

    assert begun.may_record is may
    assert beginning.agreed(vault, begun.interview.id) is agrees
    assert beginning.may_record(vault, begun.interview.id) is may
    if may:
        assert beginning.require_may_record(vault, begun.interview.id) is agrees
    else:
        with pytest.raises(RecordingRefusedError) as refused:
            beginning.require_may_record(vault, begun.interview.id)
        assert "intake write CODE" in str(refused.value)


def test_not_asked_is_another_thing_than_no(vault: Vault) -> None:
    """Nothing is answered beforehand: an interview that was opened otherwise has no answer."""
    interview = new_interview(vault).id

    assert beginning.agreed(vault, interview) is None
    assert not beginning.may_record(vault, interview)
    with pytest.raises(NotAskedError) as refused:
        beginning.require_may_record(vault, interview)
    assert "not asked is no answer" in str(refused.value)
    assert str(refused.value) != RecordingRefusedError.sentence


def test_the_last_answer_counts_and_none_is_changed(vault: Vault) -> None:
    """A spoken "no", with its place in a part that still runs; then a change of mind."""
    interview = beginning.begin(vault, agrees=Agrees.ON_THE_RECORDING).interview.id

    beginning.answer_agreement(vault, interview, Agrees.NO, media=PART, at_ms=9_000)
    assert not beginning.may_record(vault, interview)
    beginning.answer_agreement(vault, interview, Agrees.YES)
    assert beginning.may_record(vault, interview)

    rows = vault.testimony.rows("SELECT answer, media, at_ms FROM agreement ORDER BY seq")
    assert [tuple(row.values()) for row in rows] == [
        ("on_the_recording", None, None),
        ("no", PART, 9_000),
        ("yes", None, None),
    ]
    vault.testimony.begin()
    with pytest.raises(sqlcipher3.IntegrityError, match="append-only"):
        vault.testimony.write("UPDATE agreement SET answer='yes'", [])
    vault.testimony.roll_back()


def test_who_may_not_and_what_cannot_be(matter: Matter, vault: Vault) -> None:
    """Not a translator, not without clearance, not for a closed interview, not a time before it."""
    interview = beginning.begin(vault, agrees=Agrees.YES).interview.id
    for where in ({"media": PART}, {"at_ms": -1}):
        with pytest.raises(WrongDetailError):
            beginning.answer_agreement(vault, interview, Agrees.NO, **where)  # type: ignore[arg-type]
    with pytest.raises(WrongDetailError):
        beginning.begin(vault, agrees=Agrees.YES, kind="chat")
    closed = new_interview(vault).id
    close(vault, closed)
    with pytest.raises(InterviewClosedError):
        beginning.answer_agreement(vault, closed, Agrees.YES)
    uncleared = add_translator(vault, roles="interviewer")
    translator = add_translator(vault, cleared=True)
    vault.close()
    for member, error in ((uncleared, NotClearedError), (translator, NotYourRoleError)):
        with matter.unlock_as(member) as other:
            with pytest.raises(error):
                beginning.begin(other, agrees=Agrees.YES)
            with pytest.raises(error):
                beginning.answer_agreement(other, InterviewId(interview), Agrees.YES)
            assert len(interviews.list_interviews(other)) == 2
