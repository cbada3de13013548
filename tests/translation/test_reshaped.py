"""Segments that were split, merged or emptied: their translation holds nothing up, and stays."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from intake.egress.inspecting import verify_no_names, verify_vault
from intake.errors import NothingHeldError, NotSeparatedYetError, SegmentsReshapedError
from intake.review.declaring import Declaration, declare
from intake.review.separating import separate_ready
from intake.statement.handing import export_xliff
from intake.statement.overview import NextStep, overview
from intake.statement.releasing import export_statement, release, release_stops
from intake.text import DraftText, Kind
from intake.transcript.editing import save_text
from intake.transcript.names import load_register
from intake.transcript.reshaping import merge_segments, split_segment
from intake.transcript.segments import find_segment, list_segments
from intake.translation import xliff
from intake.translation.holding import (
    Held,
    as_draft,
    confirm_held,
    hold_translation,
    list_held,
    read_held,
)
from intake.translation.rows import as_xliff, begin_translation, list_rows
from intake.translation.typed_rows import RowState, hold_row, read_rows
from tests.support.steps import (
    PROFILE,
    TEXTS,
    a_recipient,
    confirm_all,
    decide_all,
    hear_all,
    places_of_words,
)
from tests.translation.conftest import TARGETS, WITNESS, Sent

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from intake.vault.vault import Vault

AT = TEXTS[0].index("and I lived")


def split_first(vault: Vault, sent: Sent) -> None:
    """Split the first segment in two, and separate what came of it."""
    split_segment(vault, find_segment(vault, sent.interview, 1), AT)
    decide_all(vault, sent.interview)


def merge_all(vault: Vault, sent: Sent) -> None:
    """Merge the two segments, and separate what came of it."""
    merge_segments(vault, *list_segments(vault, sent.interview))
    decide_all(vault, sent.interview)


def next_step(vault: Vault) -> tuple[NextStep, int, int]:
    """Return what the first page says of the only interview, which is transcribed to its end."""
    for row in vault.testimony.rows("SELECT id FROM media WHERE state='sealed' AND role='working'"):
        with vault.change("transcript.finished") as change:
            change.testimony.update("media", {"id": row["id"]}, None, state="transcribed")
    ((line,),) = (witness.interviews for witness in overview(vault))
    return line.next, line.done, line.total


def translated(sent: Sent) -> None:
    """Confirm both rows."""
    sent.hold(*TARGETS)
    with sent.matter.unlock() as vault:
        confirm_all(vault, sent.interview)
        assert sent.statuses(vault) == [("translated", True)] * 2


@pytest.mark.parametrize("reshape", [split_first, merge_all])
def test_an_older_file_is_refused_with_the_reason(
    sent: Sent, tmp_path: Path, reshape: Callable[[Vault, Sent], None]
) -> None:
    """Before and after the rows are brought up to date; what is exported then is taken."""
    with sent.matter.unlock() as vault:
        reshape(vault, sent)
    for begun in (False, True):
        with sent.matter.unlock_as(sent.translator) as vault:
            before = vault.testimony.fact("head_n")
            with pytest.raises(SegmentsReshapedError, match=r"split or merged .* new export"):
                hold_translation(vault, sent.interview, sent.filled(*TARGETS))
            assert vault.testimony.fact("head_n") == before
            if not begun:
                begin_translation(vault, sent.interview, "fr")
    with sent.matter.unlock() as vault:
        export_xliff(vault, sent.interview, "fr", sent.translator, tmp_path / "again.xlf")
    document = xliff.read((tmp_path / "again.xlf").read_bytes())
    units = tuple(replace(unit, target=unit.source) for unit in document.units)
    with sent.matter.unlock_as(sent.translator) as vault:
        taken = hold_translation(vault, sent.interview, replace(document, units=units))
        assert (taken.held, taken.empty) == (len(list_segments(vault, sent.interview)), 0)


def test_new_rows_stand_in_the_order_of_the_account(sent: Sent) -> None:
    """Two in the place of one; the row of the old segment is shown nowhere."""
    with sent.matter.unlock() as vault:
        old = [row.id for row in list_rows(vault, sent.interview, "fr")]
        split_segment(vault, find_segment(vault, sent.interview, 1), AT)
        with pytest.raises(NotSeparatedYetError):
            begin_translation(vault, sent.interview, "fr")
        assert [row.id for row in list_rows(vault, sent.interview, "fr")] == old[1:]
        decide_all(vault, sent.interview)

        begin_translation(vault, sent.interview, "fr")

        rows = list_rows(vault, sent.interview, "fr")
        assert [row.segment.id for row in rows] == [
            segment.id for segment in list_segments(vault, sent.interview)
        ]
        assert old[1] == rows[2].id
        assert old[0] not in [row.id for row in rows]
        lines = read_rows(vault, sent.interview, "fr")
        assert [line.source for line in lines] == [TEXTS[0][: AT - 1], TEXTS[0][AT:], TEXTS[1]]
        assert [line.number for line in lines] == [1, 2, 3]
        assert [unit.id for unit in as_xliff(vault, sent.interview, "fr").units] == [
            row.id for row in rows
        ]


@pytest.mark.parametrize("reshape", [split_first, merge_all])
def test_what_waits_for_the_old_segment_is_replaced_and_stays_readable(
    sent: Sent, reshape: Callable[[Vault, Sent], None]
) -> None:
    """It was made from another source; its sealed words still open for author and review."""
    sent.hold(*TARGETS)
    with sent.matter.unlock() as vault:
        waiting = list_held(vault, sent.interview)
        merging = reshape is merge_all
        reshape(vault, sent)

        assert sent.states(vault) == ["replaced", "replaced" if merging else "waiting"]
        left = list_held(vault, sent.interview)
        assert [held.id for held in left] == ([] if merging else [waiting[1].id])
        if merging:
            with pytest.raises(NothingHeldError):
                confirm_held(vault, sent.interview)
        begin_translation(vault, sent.interview, "fr")
        hear_all(vault, sent.interview)
        step = (NextStep.TRANSLATE, 0, 1) if merging else (NextStep.CONFIRM_HELD, 1, 3)
        assert next_step(vault) == step
        assert read_held(vault, waiting[0], vault.review_identity()) == TARGETS[0]
        assert verify_vault(vault) == []
    with sent.matter.unlock_as(sent.translator) as vault:
        assert read_held(vault, waiting[0], vault.keys.identity) == TARGETS[0]


def test_what_is_in_review_for_the_old_segment_is_replaced(sent: Sent) -> None:
    """Its draft goes with it, so that nothing is asked about a text that counts no more."""
    sent.hold(("Je connais Kelvora Quist.",), TARGETS[1])
    with sent.matter.unlock() as vault:
        confirm_held(vault, sent.interview)
        first: Held = Held(*_first_held(vault))
        assert len(vault.identities.rows("SELECT * FROM draft_row")) == 2

        split_first(vault, sent)

        assert sent.states(vault) == ["replaced", "confirmed"]
        assert vault.identities.rows("SELECT * FROM draft_row") == []
        pieces = read_held(vault, first, vault.review_identity())
        marked = as_draft(pieces, load_register(vault), "fr")
        assert marked.text == DraftText("Je connais Kelvora Quist.")
        assert verify_vault(vault) == []


def _first_held(vault: Vault) -> tuple[str, str, int, str]:
    row = vault.testimony.rows("SELECT id, row, author FROM held ORDER BY rowid")[0]
    return str(row["id"]), str(row["row"]), 1, str(row["author"])


def test_a_release_waits_for_the_new_rows_alone(sent: Sent) -> None:
    """The old translation stays as a revision; the new rows are translated, then it is released."""
    translated(sent)
    with sent.matter.unlock() as vault:
        recipient = a_recipient(vault, sent.interview)
        hear_all(vault, sent.interview)
        kept = vault.testimony.rows("SELECT * FROM trans_rev ORDER BY rowid")

        split_first(vault, sent)
        hear_all(vault, sent.interview)
        begin_translation(vault, sent.interview, "fr")

        stops = release_stops(vault, sent.interview, recipient, profile=PROFILE, translation="fr")
        assert [(stop.place, stop.what) for stop in stops] == [
            ("segment 1", "its translation (fr) is not confirmed"),
            ("segment 2", "its translation (fr) is not confirmed"),
        ]
        assert next_step(vault) == (NextStep.TRANSLATE, 1, 3)
        assert vault.testimony.rows("SELECT * FROM trans_rev ORDER BY rowid") == kept
    with sent.matter.unlock_as(sent.translator) as vault:
        rows = list_rows(vault, sent.interview, "fr")
        hold_row(vault, sent.interview, rows[0].id, f"Je m'appelle {WITNESS}")
        hold_row(vault, sent.interview, rows[1].id, "et j'ai vécu là.")
    with sent.matter.unlock() as vault:
        confirm_all(vault, sent.interview)
        recipient_stops = release_stops(
            vault, sent.interview, recipient, profile=PROFILE, translation="fr"
        )
        assert recipient_stops == []
        assert release(
            vault, sent.interview, recipient, profile=PROFILE, translation="fr"
        ).paragraphs == len(list_segments(vault, sent.interview))
        assert verify_vault(vault) == []


def test_what_was_released_before_a_split_is_exported_as_it_was(sent: Sent, tmp_path: Path) -> None:
    """A released statement is frozen: its sources are revisions that stay."""
    with sent.matter.unlock() as vault:
        recipient = a_recipient(vault, sent.interview)
        release(vault, sent.interview, recipient, profile=PROFILE)

        merge_segments(vault, *list_segments(vault, sent.interview))
        export_statement(
            vault, sent.interview, recipient, profile=PROFILE, target=tmp_path / "s.pdf"
        )

        assert (tmp_path / "s.pdf").exists()
        assert [
            (stop.place, stop.what)
            for stop in release_stops(vault, sent.interview, recipient, profile=PROFILE)
        ] == [("segment 1", "names are not separated")]


@pytest.mark.parametrize("reshape", [split_first, merge_all])
def test_a_name_found_late_leaves_retired_segments_and_their_translation(
    sent: Sent, reshape: Callable[[Vault, Sent], None]
) -> None:
    """Their last revision counts no more, so it is history; nothing is opened for it."""
    sent.hold(("Wolkenbruch a parlé à ", WITNESS, "."), ("Wolkenbrusch a lu.",))
    with sent.matter.unlock() as vault:
        confirm_all(vault, sent.interview)
        assert len(places_of_words(vault.testimony, ["Wolkenbruch", "Wolkenbrusch"])) == 2
        reshape(vault, sent)

        declare(
            vault,
            [
                Declaration(Kind.PERSON, ("Wolkenbruch",)),
                Declaration(Kind.ORGANISATION, ("and I lived in",)),
            ],
        )
        separate_ready(vault, sent.interview)

        assert verify_no_names(vault) == []
        assert places_of_words(vault.testimony, ["and I lived in", "Wolkenbruch"]) == []
        decide_all(vault, sent.interview)
        assert places_of_words(vault.testimony, ["Wolkenbrusch"]) == []
        assert vault.identities.rows("SELECT * FROM draft") == []
        assert vault.identities.rows("SELECT * FROM draft_row") == []
        assert verify_vault(vault) == []


def test_a_name_found_late_leaves_a_translation_of_an_older_source(
    sent: Sent, tmp_path: Path
) -> None:
    """It waits to be made anew, and would otherwise keep the next file for ever from leaving."""
    sent.hold(("le kelvora a parlé.",), TARGETS[1])
    with sent.matter.unlock() as vault:
        confirm_all(vault, sent.interview)
        save_text(vault, find_segment(vault, sent.interview, 1), DraftText("I am Amina Testova."))
        decide_all(vault, sent.interview)
        begin_translation(vault, sent.interview, "fr")
        assert sent.statuses(vault) == [("empty", False), ("translated", True)]
        assert places_of_words(vault.testimony, ["kelvora"]) == ["trans_rev.sep"]
        declare(vault, [Declaration(Kind.PERSON, ("kelvora",))])

        separate_ready(vault, sent.interview)

        assert places_of_words(vault.testimony, ["kelvora"]) == []
        line = read_rows(vault, sent.interview, "fr")[0]
        assert line.target == "le kelvora a parlé."
        export_xliff(vault, sent.interview, "fr", sent.translator, tmp_path / "again.xlf")
        assert b"kelvora" not in (tmp_path / "again.xlf").read_bytes()


def test_an_emptied_segment_needs_no_translation(sent: Sent, tmp_path: Path) -> None:
    """Nobody could type one; an older translation of it is printed nowhere and exported nowhere."""
    translated(sent)
    with sent.matter.unlock() as vault:
        recipient = a_recipient(vault, sent.interview)
        save_text(vault, find_segment(vault, sent.interview, 2), DraftText(" \n"))
        decide_all(vault, sent.interview)
        begin_translation(vault, sent.interview, "fr")
        hear_all(vault, sent.interview)

        assert [row.is_current for row in list_rows(vault, sent.interview, "fr")] == [True, True]
        assert next_step(vault)[0] is NextStep.RELEASE
        document = as_xliff(vault, sent.interview, "fr")
        assert [unit.state.value for unit in document.units] == ["translated", "initial"]
        assert document.units[1].target is None
        assert xliff.read(xliff.write(document)) == document
        lines = read_rows(vault, sent.interview, "fr")
        assert [line.is_current for line in lines] == [True, True]
        assert [line.state for line in lines] == [RowState.CONFIRMED] * 2
        assert (lines[1].source, lines[1].target) == (" \n", "")
        made = release(vault, sent.interview, recipient, profile=PROFILE, translation="fr")
        assert made.paragraphs == 2
        export_statement(
            vault, sent.interview, recipient, profile=PROFILE, target=tmp_path / "s.pdf"
        )
        assert verify_vault(vault) == []
