"""Who speaks, in the window: a proposal from the sound, and a person who says whose a voice is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLabel

from intake.transcript.voices import list_voices
from tests.support.interview_screen import open_page
from tests.support.window import choose, click, picture, settle, wait_for
from tests.transcript.spoken import hears, side, spoken, turn
from ui.widgets.voices import VoicesDialog

if TYPE_CHECKING:
    import pytest

    from tests.support.matter import Matter
    from tests.ui.conftest import OpenWindow
    from ui.window import Window


def _dialog(window: Window) -> VoicesDialog:
    click(window, "Who speaks...")
    settle(window)
    (dialog,) = (one for one in window.findChildren(VoicesDialog) if one.isVisible())
    return dialog


def test_voices_are_proposed_and_a_person_says_whose_they_are(
    matter: Matter, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two voices by their sound; one is given to the witness, its segments have a speaker then."""
    with matter.unlock() as vault:
        made = spoken(vault, [(0, 2000, "en"), (2500, 4000, "en"), (4500, 6000, "en")])
    hears(monkeypatch, side(turn(0, 2000, 1), turn(2500, 4000, 2), turn(4500, 6000, 1)))
    window = open_window(matter)
    open_page(window, made.interview)
    dialog = _dialog(window)
    assert dialog.boxes == []

    click(dialog, "Tell the voices apart")
    settle(window)
    wait_for(lambda: len(dialog.boxes) == 2, "two voices")
    picture(dialog, "voices")
    said = [label.text() for label in dialog.findChildren(QLabel)]
    assert any(words.startswith("Voice 1: English, 2 segment(s)") for words in said)
    choose(dialog.boxes[0], "W-1 Witness")
    dialog.boxes[0].activated.emit(dialog.boxes[0].currentIndex())
    settle(window)

    first, second = list_voices(window.desk.vault, made.interview.id)
    assert (first.person, first.is_confirmed) == ("W-1", True)
    assert not second.is_confirmed
    assert [row.speaker for row in made.rows(window.desk.vault)] == ["W-1", None, "W-1"]


def test_what_is_not_transcribed_has_no_voices(matter: Matter, open_window: OpenWindow) -> None:
    """It is said, and nothing is changed."""
    with matter.unlock() as vault:
        made = spoken(vault, [])
    window = open_window(matter)
    open_page(window, made.interview)
    dialog = _dialog(window)

    click(dialog, "Tell the voices apart")
    settle(window)

    wait_for(lambda: dialog.said.text() != "", "the sentence")
    assert dialog.said.text() == "No voice was found in what is transcribed."
