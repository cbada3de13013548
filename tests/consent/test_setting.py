"""The consent grid: not asked is no, answers are added and never changed, the last one counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlcipher3

from intake.consent.setting import (
    GRID,
    NOT_ASKED,
    Given,
    allows,
    allows_sharing,
    answer_for,
    answers,
    history,
    possible_answers,
    set_answer,
)
from intake.custody.verifying import verify_rows
from intake.errors import ConsentCellError, NotYourRoleError, WrongDetailError
from intake.vault.domains import ACTS, ANSWERS, CLASSES
from intake.vault.ids import MediaId
from tests.support.matter import Matter, add_translator, new_interview, working_copy

if TYPE_CHECKING:
    from intake.vault.vault import Vault

SHARING = ("with_name", "without_name", "ask_again", "no")
PLAIN = ("yes", "ask_again", "no")


def test_nothing_is_allowed_that_was_not_asked(vault: Vault) -> None:
    """A new interview has no answer, and no answer is no, for every act, class and profile."""
    interview = new_interview(vault, consent=False).id

    assert answers(vault, interview) == {}
    assert not any(allows(vault, interview, act) for act in ACTS)
    assert not any(
        allows_sharing(vault, interview, one, profile)
        for one in CLASSES
        for profile in ("with_names", "without_names", "anonymised")
    )
    assert answer_for(vault, interview, "keep", "none") == NOT_ASKED


def test_the_same_grid_allows_what_was_answered(vault: Vault) -> None:
    """Twin of the one above: one cell answered opens that cell and no other."""
    interview = new_interview(vault, consent=False).id

    set_answer(vault, interview, act="share", recipient_class="prosecutor", answer="without_name")

    assert allows_sharing(vault, interview, "prosecutor", "without_names")
    assert not allows_sharing(vault, interview, "prosecutor", "with_names")
    assert not allows_sharing(vault, interview, "un_body", "without_names")
    assert not any(allows(vault, interview, act) for act in ACTS)


@pytest.mark.parametrize(
    ("answer", "profiles"),
    [
        ("with_name", {"with_names", "without_names", "anonymised"}),
        ("without_name", {"without_names", "anonymised"}),
        ("ask_again", set()),
        ("no", set()),
    ],
)
def test_each_answer_allows_its_profiles(vault: Vault, answer: str, profiles: set[str]) -> None:
    """Told "without the name", the name stays in; told "ask me again", nothing goes out yet."""
    interview = new_interview(vault).id
    set_answer(vault, interview, act="share", recipient_class="un_body", answer=answer)

    allowed = {
        profile
        for profile in ("with_names", "without_names", "anonymised")
        if allows_sharing(vault, interview, "un_body", profile)
    }

    assert allowed == profiles


def test_the_last_answer_counts_and_the_earlier_ones_stay(vault: Vault) -> None:
    """A change of mind is a new row; the grid can always be read back as it was given."""
    interview = new_interview(vault, consent=False).id
    for answer in ("yes", "no", "ask_again"):
        set_answer(vault, interview, act="keep", recipient_class="none", answer=answer)

    rows = vault.testimony.rows("SELECT answer FROM consent ORDER BY seq")

    assert answer_for(vault, interview, "keep", "none") == "ask_again"
    assert [row["answer"] for row in rows] == ["yes", "no", "ask_again"]


def test_an_answer_cannot_be_rewritten(vault: Vault) -> None:
    """The store itself refuses to change a row of the grid."""
    interview = new_interview(vault).id

    with pytest.raises(sqlcipher3.IntegrityError, match="append-only"):
        vault.testimony.write("UPDATE consent SET answer='no' WHERE interview=?", [interview])


def test_an_answer_that_was_taken_away_is_found(vault: Vault) -> None:
    """Deleting a row past the program is named by verify; before it, verify has nothing to say."""
    new_interview(vault)
    assert verify_rows(vault) == []

    vault.testimony.begin()
    vault.testimony.write("DELETE FROM consent WHERE act='keep'")
    vault.testimony.commit()

    assert any("a row of consent is missing" in str(finding) for finding in verify_rows(vault))


def test_every_cell_outside_the_grid_is_refused(vault: Vault) -> None:
    """All combinations of act, class and answer: a cell is taken exactly where the grid has it."""
    interview = new_interview(vault, consent=False).id
    wrong = [
        (act, one, answer)
        for act in (*ACTS, "torture")
        for one in (*CLASSES, "police")
        for answer in (*ANSWERS, "perhaps")
        if not (
            (act in ACTS[:-1] and one == "none" and answer in PLAIN)
            or (act == "share" and one in CLASSES[1:] and answer in SHARING)
        )
    ]
    before = vault.testimony.fact("head_n")

    for act, one, answer in wrong:
        with pytest.raises(ConsentCellError) as refused:
            set_answer(vault, interview, act=act, recipient_class=one, answer=answer)

    assert "Nothing was recorded" in str(refused.value)
    assert answers(vault, interview) == {}
    assert vault.testimony.fact("head_n") == before


def test_every_cell_of_the_grid_is_taken(vault: Vault) -> None:
    """Twin of the refusals: the cells that the grid has are all taken, and none covers another."""
    interview = new_interview(vault, consent=False).id
    cells = [(act, "none", answer) for act in ACTS[:-1] for answer in PLAIN]
    cells += [("share", one, answer) for one in CLASSES[1:] for answer in SHARING]

    for act, one, answer in cells:
        set_answer(vault, interview, act=act, recipient_class=one, answer=answer)

    assert set(answers(vault, interview).values()) == {"no"}
    assert len(answers(vault, interview)) == len(ACTS) - 1 + len(CLASSES) - 1


def test_the_grid_lists_its_cells_in_the_order_of_asking() -> None:
    """First what is done with the account, then with whom it is shared: what a screen shows."""
    assert (
        *((act, "none") for act in ACTS[:-1]),
        *(("share", one) for one in CLASSES[1:]),
    ) == GRID
    assert possible_answers("share") == SHARING
    assert {possible_answers(act) for act in ACTS[:-1]} == {PLAIN}


def test_one_witness_answers_for_one_interview(vault: Vault) -> None:
    """An answer in one interview says nothing about another."""
    first, second = new_interview(vault, consent=False), new_interview(vault, consent=False)

    set_answer(vault, first.id, act="keep", recipient_class="none", answer="yes")

    assert allows(vault, first.id, "keep")
    assert not allows(vault, second.id, "keep")


def test_a_translator_records_no_consent(matter: Matter) -> None:
    """Only an interviewer speaks with the witness."""
    with matter.unlock() as vault:
        interview = new_interview(vault, consent=False).id
        translator = add_translator(vault, cleared=True)

    with matter.unlock_as(translator) as vault, pytest.raises(NotYourRoleError):
        set_answer(vault, interview, act="keep", recipient_class="none", answer="yes")


def test_a_change_keeps_the_time_of_the_recording(vault: Vault) -> None:
    """Both answers stay, the second with its part and time; the part may still be recorded."""
    interview = new_interview(vault, consent=False).id
    part, running = working_copy(vault, interview), MediaId("a" * 26)
    cell = {"act": "share", "recipient_class": "prosecutor"}
    set_answer(vault, interview, **cell, answer="with_name")
    set_answer(vault, interview, **cell, answer="without_name", media=part, at_ms=2_450_000)
    set_answer(vault, interview, **cell, answer="no", media=running, at_ms=12)

    given = [(each.answer, each.media, each.at_ms) for each in history(vault, interview)]
    assert given == [
        ("with_name", None, None),
        ("without_name", part, 2_450_000),
        ("no", running, 12),
    ]
    assert isinstance(history(vault, interview)[0], Given)
    assert answers(vault, interview) == {("share", "prosecutor"): "no"}
    assert verify_rows(vault) == []


def test_a_time_that_cannot_be_is_refused(vault: Vault) -> None:
    """A part without a time, a time before it, a part of somebody else: nothing is recorded."""
    interview, other = new_interview(vault, consent=False).id, new_interview(vault).id
    part = working_copy(vault, other)
    for where in ({"media": part}, {"at_ms": -1}, {"media": part, "at_ms": 5}):
        with pytest.raises(WrongDetailError):
            set_answer(
                vault,
                interview,
                act="keep",
                recipient_class="none",
                answer="yes",
                **where,  # type: ignore[arg-type]
            )

    assert history(vault, interview) == []
