"""The first page: witnesses by code, what comes next, and the two ways on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QDateTime
from PySide6.QtWidgets import QAbstractButton

from tests.support.matter import add_translator, new_interview, store_segments
from tests.support.steps import separated_interview
from tests.support.window import choose, click, click_row, find, picture, press, settle, type_into
from ui.context import Place
from ui.screens.witnesses import WitnessesScreen

if TYPE_CHECKING:
    from tests.support.matter import Matter
    from tests.ui.conftest import OpenWindow
    from ui.window import Window


def witnesses(window: Window) -> WitnessesScreen:
    """Return the screen."""
    found = window.screen_at(Place.WITNESSES)
    assert isinstance(found, WitnessesScreen)
    return found


def cells(window: Window, row: int) -> list[str]:
    """Return what a row of the upper table says."""
    model = witnesses(window).witnesses
    return [str(model.index(row, column).data()) for column in range(model.columnCount())]


def test_an_empty_vault_says_what_goes_here(matter: Matter, open_window: OpenWindow) -> None:
    """One sentence, one button; the witness that it makes has a code and nothing else."""
    window = open_window(matter)
    screen = witnesses(window)
    assert screen.empty.isVisible()
    assert not screen.table.isVisible()
    picture(window, "witnesses-empty")

    click(window, "New witness")
    settle(window)

    assert not screen.empty.isVisible()
    assert cells(window, 0)[0].startswith("W-")
    assert cells(window, 0)[1:] == ["0", "-", "empty", "Open an interview"]


def test_what_comes_next_is_said_of_each(matter: Matter, open_window: OpenWindow) -> None:
    """A recording to import, drafts to review, and an interview that is ready to release."""
    with matter.unlock() as vault:
        new_interview(vault)
        store_segments(vault, new_interview(vault).id, ["It was cold."])
        separated_interview(vault)
        # What the transcriber says at its end.
        for row in vault.testimony.rows("SELECT id FROM media"):
            with vault.change("transcript.finished", media=row["id"], count=1) as change:
                change.testimony.update("media", {"id": row["id"]}, state="transcribed")
    window = open_window(matter)

    steps = sorted(cells(window, row)[4] for row in range(3))

    assert steps == [
        "Record, write or import",
        "Release a statement",
        "Review what points to a person: 1 text(s)",
    ]
    picture(window, "witnesses")


def test_a_new_interview_opens(matter: Matter, open_window: OpenWindow) -> None:
    """From the witness to the interview in one click; its code, and no name, is on top."""
    window = open_window(matter)
    click(window, "New witness")
    settle(window)
    click(window, "New interview")
    settle(window)

    assert window.place is Place.INTERVIEW
    assert window.code.text().endswith("/1")


def test_searching_leaves_the_witnesses_of_that_code(
    matter: Matter, open_window: OpenWindow
) -> None:
    """Letters in any case."""
    window = open_window(matter)
    for _ in range(3):
        click(window, "New witness")
        settle(window)
    screen = witnesses(window)
    code = screen.witnesses.row(1).code

    type_into(screen.search, code[2:].lower())

    assert [line.code for line in screen.witnesses.rows] == [code]


def test_enter_opens_the_interview_that_waits(matter: Matter, open_window: OpenWindow) -> None:
    """The keyboard alone leads there."""
    with matter.unlock() as vault:
        new_interview(vault)
    window = open_window(matter)

    press(witnesses(window).table, "Return")
    settle(window)

    assert window.place is Place.INTERVIEW


def test_an_uncleared_translator_may_look_and_not_enter(
    matter: Matter, open_window: OpenWindow
) -> None:
    """What this member may not do is greyed out, not hidden."""
    with matter.unlock() as vault:
        new_interview(vault)
        translator = add_translator(vault)
    window = open_window(matter, member=translator)
    click_row(witnesses(window).table, 0)

    assert not find(window, QAbstractButton, "New witness").isEnabled()
    assert not find(window, QAbstractButton, "New interview").isEnabled()
    assert find(window, QAbstractButton, "Open interview").isEnabled()


def test_an_interview_of_an_earlier_day_keeps_its_day_and_place_apart(
    matter: Matter, open_window: OpenWindow
) -> None:
    """Kind and month in the account, the exact start and the place with the names."""
    window = open_window(matter)
    click(window, "New witness")
    settle(window)
    screen = witnesses(window)
    choose(screen.kind, "Detailed statement")
    screen.began.setDateTime(QDateTime(2026, 3, 9, 14, 30, 0))
    type_into(screen.place, "Quartz Street 17")
    picture(window, "witnesses-new-interview")
    click(window, "New interview")
    settle(window)

    vault = window.desk.vault
    (row,) = vault.testimony.rows("SELECT kind, month FROM interview")
    facts = {
        str(f["kind"]): f["value"] for f in vault.identities.rows("SELECT * FROM interview_fact")
    }
    assert row == {"kind": "detailed_statement", "month": "2026-03"}
    assert facts["place"] == "Quartz Street 17"
    assert str(facts["start"]).startswith("2026-03-09T14:30:00")
