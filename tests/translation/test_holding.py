"""Held text: sealed until a cleared member confirms it, and from the source that counts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from crypto.errors import CryptoError
from crypto.sealing import open_bytes
from intake.errors import (
    HeldTextDamagedError,
    NotClearedError,
    NothingHeldError,
    NotYourRoleError,
)
from intake.review.asking import questions
from intake.review.declaring import Declaration, declare
from intake.review.separating import separate_ready
from intake.statement.handing import export_xliff
from intake.text import DraftText, Kind
from intake.transcript.editing import save_text
from intake.transcript.names import load_register
from intake.transcript.segments import find_segment
from intake.translation import xliff
from intake.translation.holding import confirm_held, hold_translation, list_held, read_held
from intake.translation.rows import as_xliff, begin_translation, list_rows
from intake.vault.store import bytes_of
from tests.support.steps import (
    TEXTS,
    confirm_all,
    decide_all,
    places_of_words,
)
from tests.translation.conftest import TARGETS, WITNESS, Sent

if TYPE_CHECKING:
    from pathlib import Path

    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault
    from tests.support.matter import Matter


def test_the_export_holds_no_name(sent: Sent) -> None:
    """Tokens with kind and number; the same search finds the names in the transcript itself."""
    assert not any(name.encode() in sent.data for name in ("Amina", "Testova", "Osk", "Qarabulaq"))
    assert b"Person 1" in sent.data
    assert "Amina Testova" in TEXTS[0]


def test_an_uncleared_member_exports_no_xliff(sent: Sent, tmp_path: Path) -> None:
    """Whoever may not read the names decides nothing about what leaves."""
    with sent.matter.unlock_as(sent.translator) as vault, pytest.raises(NotClearedError):
        export_xliff(vault, sent.interview, "de", sent.translator, tmp_path / "second.xlf")

    assert not (tmp_path / "second.xlf").exists()


def test_an_import_is_held_and_no_word_of_it_stands_open(sent: Sent) -> None:
    """Sealed: in neither store can the typed words be found, and no revision was made."""
    sent.hold(*TARGETS)

    with sent.matter.unlock() as vault:
        assert [held.number for held in list_held(vault, sent.interview)] == [1, 2]
        for store in (vault.testimony, vault.identities):
            assert places_of_words(store, ["Wolkenbruch", "m'appelle"]) == []
        assert vault.testimony.rows("SELECT * FROM trans_rev") == []
        assert sent.statuses(vault) == [("held", False), ("held", False)]


def test_only_author_and_review_open_held_text(sent: Sent) -> None:
    """Another member's identity does not; the author's and the review identity do."""
    sent.hold(*TARGETS)

    with sent.matter.unlock_as(sent.colleague) as vault:
        for held in list_held(vault, sent.interview):
            sealed = vault.testimony.value("SELECT sealed FROM held WHERE id=?", held.id)
            with pytest.raises(CryptoError):
                open_bytes(bytes_of(sealed), [vault.keys.identity])
            with pytest.raises(HeldTextDamagedError):
                read_held(vault, held, vault.keys.identity)
        with pytest.raises(NotClearedError):
            vault.review_identity()
    with sent.matter.unlock_as(sent.translator) as vault:
        mine = list_held(vault, sent.interview)
        assert tuple(read_held(vault, held, vault.keys.identity) for held in mine) == TARGETS
    with sent.matter.unlock() as vault:
        review = vault.review_identity()
        theirs = list_held(vault, sent.interview)
        assert tuple(read_held(vault, held, review) for held in theirs) == TARGETS
        with pytest.raises(HeldTextDamagedError):
            read_held(vault, theirs[0], vault.keys.identity)


def test_held_text_of_another_row_is_refused(sent: Sent) -> None:
    """Two sealed texts changed round in the store: neither is taken for the other's row."""
    sent.hold(*TARGETS)
    with sent.matter.unlock() as vault:
        first, second = list_held(vault, sent.interview)

        with pytest.raises(HeldTextDamagedError):
            read_held(vault, replace(first, id=second.id), vault.review_identity())


def test_confirming_needs_clearance_and_something_held(sent: Sent) -> None:
    """The author cannot confirm; with nothing held there is nothing to confirm."""
    with sent.matter.unlock() as vault, pytest.raises(NothingHeldError):
        confirm_held(vault, sent.interview)
    sent.hold(*TARGETS)

    with sent.matter.unlock_as(sent.translator) as vault, pytest.raises(NotClearedError):
        confirm_held(vault, sent.interview)


def test_confirmed_text_is_separated_with_its_author_and_confirmer(sent: Sent) -> None:
    """A revision by the translator, confirmed by the cleared member; tokens where they were."""
    sent.hold(*TARGETS)

    with sent.matter.unlock() as vault:
        confirm_all(vault, sent.interview)

        rows = vault.testimony.rows("SELECT * FROM trans_rev")
        assert {(row["author"], row["confirmed_by"]) for row in rows} == {
            (sent.translator, vault.member)
        }
        assert sent.statuses(vault) == [("translated", True), ("translated", True)]
        first = list_rows(vault, sent.interview, "fr")[0].text
        assert first is not None
        assert first.value == "Je m'appelle ⟦P1.1⟧."
        assert sent.states(vault) == ["confirmed", "confirmed"]


def test_a_name_that_the_translator_typed_is_asked(sent: Sent) -> None:
    """Near to somebody: review asks; until it is decided, the row has no revision in T."""
    sent.hold(("Je m'appelle Amina Testowa.",), TARGETS[1])

    with sent.matter.unlock() as vault:
        confirm_held(vault, sent.interview)
        separate_ready(vault, sent.interview)
        asked = questions(vault, sent.interview, load_register(vault))
        question = next(one for one in asked if "Testowa" in one.group.verbatims[0])

        assert (question.group.entity, question.contexts()[0][0]) == (1, "segment 1 (fr)")
        assert sent.statuses(vault)[0] == ("held", False)
        assert places_of_words(vault.testimony, ["Testowa"]) == []
        decide_all(vault, sent.interview)
        assert sent.statuses(vault)[0] == ("translated", True)
        assert places_of_words(vault.testimony, ["Testowa"]) == []


def test_a_second_import_takes_the_place_of_the_one_that_waits(sent: Sent) -> None:
    """Only the newer text is opened; the older stays sealed as replaced."""
    sent.hold(*TARGETS)
    sent.hold(("Je suis ", WITNESS, "."))

    with sent.matter.unlock() as vault:
        assert sent.states(vault) == ["replaced", "waiting", "waiting"]
        confirm_all(vault, sent.interview)
        first = list_rows(vault, sent.interview, "fr")[0].text
        assert first is not None
        assert first.value == "Je suis ⟦P1.1⟧."


def test_a_second_import_takes_the_place_of_one_in_review(sent: Sent) -> None:
    """Confirming the newer one ends the older, which was opened and not decided yet."""
    sent.hold(("Je m'appelle Amina Testowa.",))
    with sent.matter.unlock() as vault:
        confirm_held(vault, sent.interview)
    sent.hold(("Je suis ", WITNESS, "."))

    with sent.matter.unlock() as vault:
        confirm_all(vault, sent.interview)
        assert sent.states(vault) == ["replaced", "confirmed"]


def test_a_new_translation_takes_the_place_of_one_that_was_opened_again(sent: Sent) -> None:
    """A name found later made a draft of the confirmed text; the translator sends a better one."""
    sent.hold(("Je parle de la grauweide.",))
    with sent.matter.unlock() as vault:
        confirm_all(vault, sent.interview)
        declare(vault, [Declaration(Kind.LOCATION, ("grauweidde",))])
        separate_ready(vault, sent.interview)
        assert vault.identities.value("SELECT held FROM draft_row") == ""
    sent.hold(("Je suis ", WITNESS, "."))

    with sent.matter.unlock() as vault:
        confirm_all(vault, sent.interview)
        assert sent.states(vault) == ["confirmed", "confirmed"]
        first = list_rows(vault, sent.interview, "fr")[0].text
        assert first is not None
        assert first.value == "Je suis ⟦P1.1⟧."


def correct_source(vault: Vault, interview: InterviewId) -> None:
    """Write a new revision of the first segment."""
    segment = find_segment(vault, interview, 1)
    save_text(vault, segment, DraftText(TEXTS[0] + " It rained."))
    separate_ready(vault, interview)
    assert find_segment(vault, interview, 1).rev == segment.rev + 1


def test_a_translation_goes_stale_when_its_source_is_corrected(sent: Sent) -> None:
    """It does not count any more; the other row, whose source stayed, still does."""
    sent.hold(*TARGETS)
    with sent.matter.unlock() as vault:
        confirm_all(vault, sent.interview)

        correct_source(vault, sent.interview)

        assert sent.statuses(vault) == [("translated", False), ("translated", True)]
        begin_translation(vault, sent.interview, "fr")
        assert sent.statuses(vault) == [("empty", False), ("translated", True)]
        assert len(vault.testimony.rows("SELECT * FROM trans_rev")) == 2


@pytest.mark.parametrize("opened", [False, True], ids=["waiting", "in review"])
def test_text_made_from_an_older_source_is_never_confirmed_for_the_new(
    sent: Sent, opened: bool
) -> None:
    """The source changed while it was held: begun again, the row waits for a new translation."""
    sent.hold(("Je m'appelle Amina Testowa.",))
    with sent.matter.unlock() as vault:
        if opened:
            confirm_held(vault, sent.interview)
        correct_source(vault, sent.interview)
        begin_translation(vault, sent.interview, "fr")
        decide_all(vault, sent.interview)

        assert sent.statuses(vault)[0] == ("empty", False)
        assert sent.states(vault) == ["replaced"]
        with pytest.raises(NothingHeldError):
            confirm_held(vault, sent.interview)


def test_only_a_translator_brings_text(matter: Matter, tmp_path: Path) -> None:
    """A member without the role is refused; so is a file without any target, quietly."""
    sent = Sent(matter, tmp_path)
    with matter.unlock() as vault, pytest.raises(NotYourRoleError):
        hold_translation(vault, sent.interview, sent.filled(*TARGETS))

    with matter.unlock_as(sent.translator) as vault:
        before = vault.testimony.fact("head_n")
        taken = hold_translation(vault, sent.interview, sent.filled())
        assert (taken.held, taken.empty, vault.testimony.fact("head_n")) == (0, 2, before)


def test_the_document_stands_for_the_rows(sent: Sent) -> None:
    """What was exported is what the vault would export again."""
    with sent.matter.unlock_as(sent.translator) as vault:
        assert as_xliff(vault, sent.interview, "fr") == xliff.read(sent.data)
