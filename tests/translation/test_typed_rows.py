"""Typing a translation row by row: held like a file, read back by its author, refused in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intake.custody.verifying import require_sound_account
from intake.errors import (
    NotSeparatedYetError,
    NotYourRoleError,
    SourceCorrectedError,
    TranslationMissingError,
    TypedTokenError,
    UnknownCodeError,
)
from intake.review.separating import separate_ready
from intake.text import DraftText
from intake.transcript.editing import save_text
from intake.transcript.segments import find_segment
from intake.translation.holding import confirm_held, list_held
from intake.translation.rows import (
    SegmentCount,
    begin_translation,
    count_segments,
    list_translations,
)
from intake.translation.typed_rows import (
    RowLine,
    RowState,
    hold_row,
    mend_marks,
    read_rows,
    warnings_of,
)
from intake.translation.xliff_document import TokenFlaw
from intake.vault.ids import InterviewId, RowId
from tests.support.matter import add_translator
from tests.support.steps import TEXTS, confirm_all, custody_kinds, places_of_words
from tests.translation.conftest import ACCUSED, WITNESS, Sent

if TYPE_CHECKING:
    from intake.vault.vault import Vault

TYPED = f"Je m'appelle {WITNESS}, une Wolkenbruch."


def lines(vault: Vault, sent: Sent) -> list[RowLine]:
    """Read the whole grid."""
    return read_rows(vault, sent.interview, "fr")


def type_first(vault: Vault, sent: Sent, text: str = TYPED) -> None:
    """Type into the first row."""
    hold_row(vault, sent.interview, lines(vault, sent)[0].id, text)


def test_what_a_translator_types_is_held_and_stands_open_nowhere(sent: Sent) -> None:
    """Sealed for its author and the review; one custody entry, as for a file."""
    with sent.matter.unlock_as(sent.translator) as vault:
        type_first(vault, sent)

    with sent.matter.unlock() as vault:
        assert custody_kinds(vault)[-1] == "translation.held"
        assert [held.number for held in list_held(vault, sent.interview)] == [1]
        assert sent.statuses(vault) == [("held", False), ("empty", False)]
        for store in (vault.testimony, vault.identities):
            assert places_of_words(store, ["Wolkenbruch", "m'appelle"]) == []
        require_sound_account(vault)


def test_the_author_reads_back_and_corrects_what_they_typed(sent: Sent) -> None:
    """Also after it was taken into review; a colleague without clearance reads none of it."""
    with sent.matter.unlock_as(sent.translator) as vault:
        type_first(vault, sent, "Je suis tot.")
        type_first(vault, sent)
        line = lines(vault, sent)[0]

        assert (line.target, line.target_tokens) == (TYPED, TYPED)
        assert (line.state, line.author, line.is_current) == (RowState.HELD, vault.member, False)
        assert sent.states(vault) == ["replaced", "waiting"]

    with sent.matter.unlock_as(sent.colleague) as vault:
        line = lines(vault, sent)[0]
        assert (line.target, line.target_tokens, line.is_readable) == ("", "", False)
        assert line.author == sent.translator

    with sent.matter.unlock() as vault:
        confirm_held(vault, sent.interview)
    with sent.matter.unlock_as(sent.translator) as vault:
        line = lines(vault, sent)[0]
        assert (line.state, line.target) == (RowState.IN_REVIEW, TYPED)


def test_cleared_members_read_names_and_uncleared_ones_tokens(sent: Sent) -> None:
    """The same rows: source, held and confirmed text."""
    with sent.matter.unlock_as(sent.translator) as vault:
        first = lines(vault, sent)[0]
        assert "Amina" not in first.source + first.source_tokens
        assert first.source == first.source_tokens
        type_first(vault, sent)

    with sent.matter.unlock() as vault:
        held = lines(vault, sent)[0]
        assert held.source == TEXTS[0]
        assert held.target == "Je m'appelle Amina Testova, une Wolkenbruch."
        assert held.target_tokens == TYPED
        confirm_all(vault, sent.interview)
        done = lines(vault, sent)[0]
        assert (done.state, done.is_current) == (RowState.CONFIRMED, True)
        assert done.target == held.target

    with sent.matter.unlock_as(sent.colleague) as vault:
        read = lines(vault, sent)[0]
        assert "Amina" not in read.target
        assert read.target.startswith("Je m'appelle ⟦P1.")


def test_a_cleared_interviewer_types_names_and_they_go_through_review(sent: Sent) -> None:
    """Held first, then a draft; the name that the register knows becomes its token."""
    with sent.matter.unlock() as vault:
        type_first(vault, sent, "Je suis Amina Testova de Qarabulaq.")
        assert places_of_words(vault.testimony, ["Amina"]) == []
        assert [w.flaw for w in lines(vault, sent)[0].warnings] == []

        confirm_all(vault, sent.interview)

        assert "⟦P1." in lines(vault, sent)[0].target_tokens
        assert places_of_words(vault.testimony, ["Amina"]) == []
        require_sound_account(vault)


def test_an_uncleared_member_without_the_role_types_nothing(sent: Sent) -> None:
    """Twin of the one above: only clearance lets an interviewer in."""
    with sent.matter.unlock() as vault:
        member = add_translator(vault, roles="interviewer,legal")

    with sent.matter.unlock_as(member) as vault, pytest.raises(NotYourRoleError):
        type_first(vault, sent)


@pytest.mark.parametrize(
    "text",
    ["Je suis ⟦P1.0.", "⟧", "⟦X1.0⟧", "⟦P9.0⟧ vient", "⟦L1.0⟧", "⟦P1.77⟧", "une \ud83d moitié"],
)
def test_what_is_no_token_is_refused_in_words_and_nothing_saved(sent: Sent, text: str) -> None:
    """A broken mark, one of nobody, one of another kind, half a letter."""
    with sent.matter.unlock_as(sent.translator) as vault:
        before = custody_kinds(vault)
        with pytest.raises(TypedTokenError, match="copy the marks whole"):
            type_first(vault, sent, text)

        assert custody_kinds(vault) == before
        type_first(vault, sent, "⟦lb⟧sic⟦rb⟧ ⟦P1.0⟧")
        assert lines(vault, sent)[0].target == "⟦lb⟧sic⟦rb⟧ ⟦P1.0⟧"


def test_a_source_corrected_meanwhile_stops_the_typing(sent: Sent) -> None:
    """Until a cleared member opens the translation; then what waited for the old one is gone."""
    with sent.matter.unlock_as(sent.translator) as vault:
        type_first(vault, sent)
        seen = lines(vault, sent)[0]
    with sent.matter.unlock() as vault:
        save_text(vault, find_segment(vault, sent.interview, 1), DraftText(TEXTS[0] + " Rain."))
        separate_ready(vault, sent.interview)

    with sent.matter.unlock_as(sent.translator) as vault:
        begin_translation(vault, sent.interview, "fr")  # changes nothing for such a row
        line = lines(vault, sent)[0]
        assert (line.state, line.is_open, line.is_current) == (RowState.OUTDATED, False, False)
        with pytest.raises(SourceCorrectedError, match="read the new source"):
            hold_row(vault, sent.interview, seen.id, TYPED)
    with sent.matter.unlock() as vault:
        begin_translation(vault, sent.interview, "fr")
        assert sent.states(vault) == ["replaced"]
    with sent.matter.unlock_as(sent.translator) as vault:
        with pytest.raises(SourceCorrectedError):
            hold_row(vault, sent.interview, seen.id, TYPED, source_rev=seen.source_rev)
        hold_row(vault, sent.interview, seen.id, TYPED)
        assert lines(vault, sent)[0].state is RowState.HELD


def test_odd_tokens_are_shown_with_the_row(sent: Sent) -> None:
    """Somebody left out, somebody of another row: warned, not refused."""
    with sent.matter.unlock_as(sent.translator) as vault:
        type_first(vault, sent, f"Je suis {ACCUSED}.")
        warnings = {(w.flaw, w.entity) for w in lines(vault, sent)[0].warnings}

    assert {(TokenFlaw.MISSING, 1), (TokenFlaw.FOREIGN, 2)} <= warnings


def test_the_same_text_again_changes_nothing(sent: Sent) -> None:
    """A confirmed row that was only looked at stays confirmed."""
    with sent.matter.unlock() as vault:
        type_first(vault, sent, "Je suis Amina Testova.")
        confirm_all(vault, sent.interview)
        before = custody_kinds(vault)
        line = lines(vault, sent)[0]
        for text in (line.target, line.target_tokens):
            type_first(vault, sent, text)
        assert custody_kinds(vault) == before

        type_first(vault, sent, line.target + " Oui.")
        assert lines(vault, sent)[0].state is RowState.HELD


def test_an_emptied_row_is_as_it_was_before(sent: Sent) -> None:
    """What waits is taken back: nothing was there, or the confirmed text counts again."""
    with sent.matter.unlock() as vault:
        type_first(vault, sent, "Je suis Amina Testova.")
        type_first(vault, sent, " ")
        assert sent.statuses(vault)[0] == ("empty", False)
        type_first(vault, sent, "")
        type_first(vault, sent, "Je suis Amina Testova.")
        confirm_all(vault, sent.interview)
        type_first(vault, sent, "Non.")
        type_first(vault, sent, "")
        assert sent.statuses(vault)[0] == ("translated", True)
        assert lines(vault, sent)[0].target == "Je suis Amina Testova."
        require_sound_account(vault)


def test_nobody_takes_back_what_they_cannot_read(sent: Sent) -> None:
    """A colleague who leaves an unreadable row empty harms nothing."""
    with sent.matter.unlock_as(sent.translator) as vault:
        type_first(vault, sent)
    with sent.matter.unlock_as(sent.colleague) as vault:
        type_first(vault, sent, "")
        assert sent.states(vault) == ["waiting"]


def test_a_damaged_held_text_hides_no_other_row(sent: Sent) -> None:
    """Its author types it anew; the grid opens meanwhile."""
    with sent.matter.unlock_as(sent.translator) as vault:
        for line in lines(vault, sent):
            hold_row(vault, sent.interview, line.id, "Oui.")
        first, second = vault.testimony.rows("SELECT * FROM held ORDER BY rowid")
        with vault.change("translation.held") as change:  # the sealed bytes of another row
            change.testimony.update("held", {"id": first["id"]}, sealed=second["sealed"])

        assert [line.is_readable for line in lines(vault, sent)] == [False, True]
        type_first(vault, sent, "Non.")
        assert lines(vault, sent)[0].target == "Non."


def test_a_large_grid_is_read_in_two_steps(sent: Sent) -> None:
    """Without the held words at first, then those that are looked at."""
    with sent.matter.unlock_as(sent.translator) as vault:
        type_first(vault, sent)
        quick = read_rows(vault, sent.interview, "fr", opening_held=False)
        assert [(line.state, line.target, line.is_readable) for line in quick] == [
            (RowState.HELD, "", False),
            (RowState.EMPTY, "", True),
        ]
        (shown,) = read_rows(vault, sent.interview, "fr", only=[quick[0].id])
        assert shown.target == TYPED


def test_opening_a_translation_that_is_up_to_date_writes_nothing(sent: Sent) -> None:
    """Counting tells: a new segment, or a corrected one, brings it up to date."""
    with sent.matter.unlock() as vault:
        before = custody_kinds(vault)
        assert count_segments(vault, sent.interview) == SegmentCount(2, 0)
        begin_translation(vault, sent.interview, "fr")
        assert custody_kinds(vault) == before
        save_text(vault, find_segment(vault, sent.interview, 1), DraftText(TEXTS[0] + " Rain."))
        assert count_segments(vault, sent.interview) == SegmentCount(2, 1)
        with pytest.raises(NotSeparatedYetError):
            begin_translation(vault, sent.interview, "fr")
        separate_ready(vault, sent.interview)
        begin_translation(vault, sent.interview, "fr")
        assert custody_kinds(vault)[-1] == "translation.begun"
        assert not count_segments(vault, InterviewId("none")).is_separated


def test_rows_and_languages_that_are_not_there(sent: Sent) -> None:
    """Each with its sentence; the languages begun are listed."""
    with sent.matter.unlock() as vault:
        with pytest.raises(TranslationMissingError):
            read_rows(vault, sent.interview, "de")
        with pytest.raises(UnknownCodeError):
            hold_row(vault, sent.interview, RowId(sent.interview), TYPED)
        begin_translation(vault, sent.interview, "ar")
        assert list_translations(vault, sent.interview) == ["ar", "fr"]


def test_some_rows_come_with_their_places_and_all_that_the_whole_grid_says_of_them(
    sent: Sent,
) -> None:
    """One row is read as it stands in the grid; a segment that went away has no row."""
    with sent.matter.unlock_as(sent.translator) as vault:
        type_first(vault, sent)
        first, second = lines(vault, sent)
        assert read_rows(vault, sent.interview, "fr", only=[second.id]) == [second]
        assert read_rows(vault, sent.interview, "fr", only=[second.id, first.id]) == [first, second]
        assert read_rows(vault, sent.interview, "fr", only=[RowId(sent.interview)]) == []
        with pytest.raises(TranslationMissingError):
            read_rows(vault, sent.interview, "de", only=[first.id])


def test_the_names_of_a_source_come_with_their_tokens_and_places(sent: Sent) -> None:
    """Words for cleared members, marks for the others; the tokens are the same."""
    with sent.matter.unlock() as vault:
        cleared = lines(vault, sent)[0]
    with sent.matter.unlock_as(sent.translator) as vault:
        uncleared = lines(vault, sent)[0]

    assert [mark.words for mark in cleared.names] == ["Amina Testova", "Qarabulaq"]
    assert [mark.token for mark in cleared.names] == [mark.token for mark in uncleared.names]
    for line in (cleared, uncleared):
        for mark in line.names:
            assert line.source[mark.start :].startswith(mark.words)
    assert [mark.words for mark in uncleared.names] == [str(m.token) for m in uncleared.names]


def test_odd_tokens_are_named_while_one_types(sent: Sent) -> None:
    """Before anything is saved, for both sorts of member, and in words for a damaged mark."""
    with sent.matter.unlock_as(sent.translator) as vault:
        line = lines(vault, sent)[0]
        before = custody_kinds(vault)
        odd = warnings_of(vault, line, f"Je suis {WITNESS} {WITNESS} et {ACCUSED}")
        assert warnings_of(vault, line, " ") == ()
        with pytest.raises(TypedTokenError):
            warnings_of(vault, line, "Je suis ⟦P1")
        assert custody_kinds(vault) == before
    with sent.matter.unlock() as vault:
        line = lines(vault, sent)[0]
        named = warnings_of(vault, line, "Je suis Amina Testova.")

    assert {(w.flaw, w.kind, w.entity) for w in odd} == {
        (TokenFlaw.DOUBLED, "P", 1),
        (TokenFlaw.FOREIGN, "P", 2),
        (TokenFlaw.MISSING, "L", 3),
    }
    assert [(w.flaw, w.kind) for w in named] == [(TokenFlaw.MISSING, "L")]


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        (f"Je suis {WITNESS}.", f"Je suis {WITNESS}."),
        ("Je suis ⟦P1.0", "Je suis ⟦lb⟧P1.0"),
        ("⟦P1.0⟧⟧ ⟦P9.0⟧", "⟦P1.0⟧⟦rb⟧ ⟦lb⟧P9.0⟦rb⟧"),
        ("⟦⟦P1.0⟧ ⟦lb⟧sic", "⟦lb⟧⟦P1.0⟧ ⟦lb⟧sic"),
        ("une \ud83d moitié", "une ? moitié"),
    ],
)
def test_a_text_with_damaged_marks_can_be_kept_whole(sent: Sent, text: str, mended: str) -> None:
    """What is a mark stays one; every other bracket becomes a bracket that somebody typed."""
    with sent.matter.unlock_as(sent.translator) as vault:
        assert mend_marks(vault, text) == mended
        type_first(vault, sent, mended)
        assert lines(vault, sent)[0].target == mended


def test_a_line_prints_no_word(sent: Sent) -> None:
    """Neither source nor target stands in what a log could hold."""
    with sent.matter.unlock() as vault:
        type_first(vault, sent)
        printed = repr(lines(vault, sent))

    assert not any(word in printed for word in ("Amina", "appelle", "Wolkenbruch", "⟦"))
