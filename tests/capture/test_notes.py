"""Notes and moments: times in T, words in I alone, and no reading view that shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intake.capture import moments, notes
from intake.custody.verifying import verify_account, verify_rows
from intake.errors import (
    EmptyLineError,
    InterviewClosedError,
    NotClearedError,
    UnknownCodeError,
    WrongDetailError,
)
from intake.transcript.reading import read_lines
from intake.translation.rows import count_segments
from tests.support.matter import (
    Matter,
    add_translator,
    close,
    new_interview,
    store_segments,
    working_copy,
)
from tests.support.steps import places_of_words

if TYPE_CHECKING:
    from intake.vault.ids import InterviewId, MediaId
    from intake.vault.vault import Vault

NOTE = "shows the scar; afraid of Zwiebelturm"


@pytest.fixture
def interview(vault: Vault) -> InterviewId:
    """Open an interview."""
    return new_interview(vault).id


@pytest.fixture
def media(vault: Vault, interview: InterviewId) -> MediaId:
    """Give it a recorded part."""
    return working_copy(vault, interview)


def test_a_note_has_its_words_in_i_and_its_time_in_t(
    vault: Vault, interview: InterviewId, media: MediaId
) -> None:
    """The search finds the words where they are; T knows a kind and a time."""
    later = notes.add_note(vault, interview, NOTE, media=media, at_ms=2_450_000)
    first = notes.add_note(vault, interview, "he looks at the door", media=media, at_ms=9)

    words = ["Zwiebelturm", "scar", "looks at the door"]
    assert places_of_words(vault.testimony, words) == []
    assert set(places_of_words(vault.identities, words)) == {"note.text"}
    found = notes.list_notes(vault, interview)
    assert [(n.id, n.media, n.at_ms, n.author) for n in found] == [
        (first, media, 9, vault.member),
        (later, media, 2_450_000, vault.member),
    ]
    assert found[1].text == NOTE
    assert "Zwiebelturm" not in repr(found)
    kinds = [(each.kind, each.at_ms) for each in moments.list_moments(vault, interview)]
    assert kinds == [("note", 9), ("note", 2_450_000)]
    assert [*verify_account(vault), *verify_rows(vault)] == []


def test_a_note_is_no_part_of_the_account(vault: Vault, interview: InterviewId) -> None:
    """Neither the transcript nor what is translated has a line of it. Twin: a segment is one."""
    notes.add_note(vault, interview, NOTE)
    assert read_lines(vault, interview) == []
    assert count_segments(vault, interview).total == 0

    store_segments(vault, interview, [NOTE])
    assert [line.text for line in read_lines(vault, interview)] == [NOTE]


def test_a_note_is_edited_and_keeps_its_time(
    vault: Vault, interview: InterviewId, media: MediaId
) -> None:
    """Only the words change; one of another interview is not found here."""
    note = notes.add_note(vault, interview, "a scra", media=media, at_ms=700)
    notes.edit_note(vault, interview, note, NOTE)

    (found,) = notes.list_notes(vault, interview)
    assert (found.id, found.at_ms, found.text) == (note, 700, NOTE)
    assert notes.note_numbered(vault, interview, 1) == found
    other = new_interview(vault).id
    with pytest.raises(UnknownCodeError):
        notes.edit_note(vault, other, note, "x")
    for number in (0, 2):
        with pytest.raises(UnknownCodeError):
            notes.note_numbered(vault, interview, number)


def test_what_is_no_note_is_refused(
    matter: Matter, vault: Vault, interview: InterviewId, media: MediaId
) -> None:
    """No letter, a time below zero, another interview's part, a closed interview, no clearance."""
    other = new_interview(vault).id
    note = notes.add_note(vault, interview, NOTE)
    for text in ("", " \n"):
        with pytest.raises(EmptyLineError):
            notes.add_note(vault, interview, text)
        with pytest.raises(EmptyLineError):
            notes.edit_note(vault, interview, note, text)
    with pytest.raises(WrongDetailError):
        notes.add_note(vault, interview, NOTE, at_ms=-1)
    with pytest.raises(WrongDetailError):
        notes.add_note(vault, other, NOTE, media=media)
    close(vault, other)
    with pytest.raises(InterviewClosedError):
        notes.add_note(vault, other, NOTE)
    uncleared = add_translator(vault, roles="interviewer")
    vault.close()
    with matter.unlock_as(uncleared) as plain:
        with pytest.raises(NotClearedError):
            notes.add_note(plain, interview, NOTE)
        with pytest.raises(NotClearedError):
            notes.list_notes(plain, interview)


def test_moments_are_marked_and_listed(
    vault: Vault, interview: InterviewId, media: MediaId
) -> None:
    """In the order of their times; a kind that belongs to something else is refused."""
    moments.mark_moment(vault, interview, "line_back", media=media, at_ms=650_000)
    moments.mark_moment(vault, interview, "line_lost", media=media, at_ms=632_000)
    moments.mark_moment(vault, interview)
    for kind in ("note", "consent", "exhibit", "laughter"):
        with pytest.raises(WrongDetailError):
            moments.mark_moment(vault, interview, kind)

    found = moments.list_moments(vault, interview)
    assert [(each.kind, each.media, each.at_ms) for each in found] == [
        ("mark", None, 0),
        ("line_lost", media, 632_000),
        ("line_back", media, 650_000),
    ]
