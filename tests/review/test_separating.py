"""Separating while another thread writes: what was typed stays, what was entered is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intake.review import separating
from intake.review.declaring import Declaration, declare
from intake.review.separating import separate_ready
from intake.text import DraftText, Kind
from intake.transcript.editing import save_text
from intake.transcript.names import load_register
from intake.transcript.segments import current_text, list_segments, open_draft
from tests.support.matter import new_interview, store_segments

if TYPE_CHECKING:
    from collections.abc import Callable

    from intake.review.open_texts import OpenText
    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault

SAID = ("they were waiting at the bridge", "they called kelvora at the gate")


@pytest.fixture
def interview(vault: Vault) -> InterviewId:
    """Make an interview in whose drafts nothing is left to decide."""
    made = new_interview(vault).id
    store_segments(vault, made, SAID, lang="fr")  # no name model: nothing asks
    return made


def _meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let something happen after the drafts were read, before what is ready is written."""
    read = separating.open_texts
    done: list[bool] = []

    def then_act(*args: object) -> list[OpenText]:
        texts = read(*args)  # type: ignore[arg-type]  # as given
        if not done:
            done.append(True)
            act()
        return texts

    monkeypatch.setattr(separating, "open_texts", then_act)


def test_what_is_typed_meanwhile_stays_a_draft(
    vault: Vault, interview: InterviewId, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new words are not overwritten by a separation of the old ones."""
    first, second = list_segments(vault, interview)
    _meanwhile(
        monkeypatch, lambda: save_text(vault, first, DraftText("they were waiting at the well"))
    )

    assert separate_ready(vault, interview) == 1

    draft = open_draft(vault, first.id)
    assert draft is not None
    assert draft.marked.text.value == "they were waiting at the well"
    assert current_text(vault, second.id) is not None
    assert separate_ready(vault, interview) == 1


def test_nothing_is_written_where_all_was_typed_over(
    vault: Vault, interview: InterviewId, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No empty operation."""

    def type_over() -> None:
        for segment in list_segments(vault, interview):
            save_text(vault, segment, DraftText("something else altogether"))

    _meanwhile(monkeypatch, type_over)

    assert separate_ready(vault, interview) == 0


def test_a_name_entered_meanwhile_is_found_next_time(
    vault: Vault, interview: InterviewId, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The text was separated without it, and its revision says so."""
    _meanwhile(monkeypatch, lambda: declare(vault, [Declaration(Kind.PERSON, ("kelvora",))]))

    separate_ready(vault, interview)
    separate_ready(vault, interview)

    text = current_text(vault, list_segments(vault, interview)[1].id)
    assert text is not None
    assert text.value == "they called ⟦P1.1⟧ at the gate"
    assert len(load_register(vault).forms) == 1
