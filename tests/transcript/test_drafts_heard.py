"""A draft that was heard while it was corrected is verified by separation, and by nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intake.custody.showing import show
from intake.egress.inspecting import verify_vault
from intake.errors import ChangedMeanwhileError, NotClearedError, NotYourRoleError
from intake.review.declaring import Declaration, declare
from intake.review.separating import separate_ready
from intake.text import DraftText, Kind
from intake.transcript.adding import retime_segment
from intake.transcript.draft_heard import who_heard_draft
from intake.transcript.editing import Heard, hear, save_text, take_back_heard
from intake.transcript.reading import read_lines
from intake.transcript.reshaping import merge_segments, split_segment
from intake.transcript.segments import find_segment, list_segments
from tests.support.matter import add_translator, new_interview, store_segments
from tests.support.steps import WITNESS, custody_kinds, decide_all, separated_interview

if TYPE_CHECKING:
    from collections.abc import Callable

    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault
    from tests.support.matter import Matter

SAID = "My name is Amina Testova and the gate was grey."


def two(vault: Vault) -> InterviewId:
    """Store two drafts; the first names a declared person."""
    declare(vault, [WITNESS])
    interview = new_interview(vault).id
    store_segments(vault, interview, [SAID, "It was cold."])
    return interview


def states(vault: Vault, interview: InterviewId) -> list[tuple[bool, bool, bool]]:
    """Return of each segment: heard as a draft, verified, open."""
    return [
        (line.is_heard_draft, line.is_verified, line.is_open)
        for line in read_lines(vault, interview)
    ]


def test_a_draft_goes_from_heard_to_verified(vault: Vault) -> None:
    """One hearing is enough: names that are decided afterwards change no letter."""
    interview = two(vault)

    assert hear(vault, interview, list_segments(vault, interview)[:1]) == Heard(0, 1)
    assert states(vault, interview) == [(True, False, False), (False, False, True)]
    assert separate_ready(vault, interview) == 2

    assert states(vault, interview) == [(False, True, False), (False, False, True)]
    row = find_segment(vault, interview, 1)
    assert (row.rev, row.heard_rev) == (1, 1)
    by = vault.testimony.value("SELECT heard_by FROM segment WHERE id=?", row.id)
    assert by == vault.member
    assert vault.identities.value("SELECT count(*) FROM draft_heard") == 0
    assert "transcript.heard" in custody_kinds(vault)
    assert "drafts heard" in str(show(vault))
    assert verify_vault(vault) == []


def _edit(vault: Vault, interview: InterviewId) -> None:
    save_text(vault, find_segment(vault, interview, 1), DraftText(SAID + " It rained."))


def _split(vault: Vault, interview: InterviewId) -> None:
    split_segment(vault, find_segment(vault, interview, 1), SAID.index("and"))


def _merge(vault: Vault, interview: InterviewId) -> None:
    merge_segments(vault, *list_segments(vault, interview))


def _retime(vault: Vault, interview: InterviewId) -> None:
    assert retime_segment(vault, find_segment(vault, interview, 1), 10, 2_000)


def _take_back(vault: Vault, interview: InterviewId) -> None:
    assert take_back_heard(vault, interview, list_segments(vault, interview)) == 1


@pytest.mark.parametrize("act", [_edit, _split, _merge, _retime, _take_back])
def test_what_changes_the_words_or_their_sound_drops_the_hearing(
    vault: Vault, act: Callable[[Vault, InterviewId], None]
) -> None:
    """Twin of the one above: nobody heard what stands there now."""
    interview = two(vault)
    hear(vault, interview, list_segments(vault, interview)[:1])

    act(vault, interview)
    decide_all(vault, interview)

    assert not any(line.is_verified for line in read_lines(vault, interview))
    assert vault.identities.value("SELECT count(*) FROM draft_heard") == 0
    assert verify_vault(vault) == []


def test_hearing_both_kinds_at_once_and_again(vault: Vault) -> None:
    """Separated ones are confirmed, drafts noted; what was said before is not said twice."""
    interview = separated_interview(vault, [SAID, "It was cold."], declared=[WITNESS]).id
    take_back_heard(vault, interview, list_segments(vault, interview))
    save_text(vault, find_segment(vault, interview, 2), DraftText("It was very cold."))

    assert hear(vault, interview, list_segments(vault, interview)) == Heard(1, 1)
    before = vault.testimony.fact("head_n")
    assert hear(vault, interview, list_segments(vault, interview)) == Heard(0, 0)
    assert vault.testimony.fact("head_n") == before


def test_a_name_that_is_found_later_asks_for_another_hearing(vault: Vault) -> None:
    """The draft that a later name opened is another one: nobody said that they heard it."""
    interview = two(vault)
    hear(vault, interview, list_segments(vault, interview))
    separate_ready(vault, interview)
    declare(vault, [Declaration(Kind.OTHER, ("grey",))])
    separate_ready(vault, interview)

    assert who_heard_draft(vault, find_segment(vault, interview, 1).id) is None


def test_only_who_may_hear_says_so(matter: Matter) -> None:
    """An uncleared translator and a cleared lawyer may not."""
    with matter.unlock() as vault:
        interview = two(vault)
        uncleared = add_translator(vault)
        legal = add_translator(vault, cleared=True, roles="legal")
        rows = list_segments(vault, interview)
    with matter.unlock_as(uncleared) as vault, pytest.raises(NotClearedError):
        hear(vault, interview, rows)
    with matter.unlock_as(legal) as vault, pytest.raises(NotYourRoleError):
        hear(vault, interview, rows)


def test_a_segment_that_changed_meanwhile_is_not_heard(vault: Vault) -> None:
    """What was seen is not what stands there."""
    interview = two(vault)
    rows = list_segments(vault, interview)
    separate_ready(vault, interview)

    with pytest.raises(ChangedMeanwhileError):
        hear(vault, interview, rows)
    assert states(vault, interview) == [(False, False, True)] * 2
