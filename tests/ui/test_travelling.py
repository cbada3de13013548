"""A vault that travels, in the window: taken under two words, unreadable, filed afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTabBar

from intake.capture.interviews import list_interviews
from intake.capture.notes import list_notes
from intake.consent.setting import answers
from intake.opening.travelling import depart, keys_here
from intake.transcript.reading import read_lines
from tests.support.matter import PASSPHRASE
from tests.support.window import click, picture, press, settle, unlock, wait_for
from ui.context import Place
from ui.widgets.departing import DepartDialog

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.matter import Matter
    from tests.support.recorders import TestRecorders
    from tests.ui.conftest import MakeWindow, OpenWindow
    from ui.screens.travelling import TravelPage
    from ui.window import Window

_SAID = "Two guards and a white lorry."


@pytest.fixture
def token(tmp_path: Path) -> Path:
    """Return a folder that stands for a stick."""
    place = tmp_path / "stick"
    place.mkdir()
    return place


@pytest.fixture
def away(matter: Matter, token: Path, make_window: MakeWindow) -> Window:
    """Return a window on a vault whose keys are on the stick."""
    with matter.unlock() as vault:
        assert depart(vault, token).is_unreadable
    window = make_window(matter.path)
    wait_for(lambda: window.travel is not None and window.travel.isVisible(), "the page")
    settle(window)
    return window


def _page(window: Window) -> TravelPage:
    assert window.travel is not None
    return window.travel


def _begin(window: Window, answer: str, button: str) -> TravelPage:
    page = _page(window)
    click(page, answer)
    click(page, button)
    settle(window)
    wait_for(page.area.isVisible, "an interview under two words")
    return page


def test_nothing_of_the_vault_can_be_opened_here(away: Window) -> None:
    """No passphrase is asked for; the six words stand there to be compared."""
    page = _page(away)

    assert page.title.text().startswith("This vault travels: its keys are elsewhere.")
    words = page.public.text().removeprefix("Its public keys: ").split(".")[0].split()
    assert len(words) == 6
    assert not page.area.isVisible()


def test_an_interview_is_written_and_comes_in_with_the_keys(
    away: Window, matter: Matter, token: Path, tmp_path: Path
) -> None:
    """Lines, a note, a photo, an answer; the keys come back, an unlock files them, once."""
    page = _begin(away, "no: write it down", "Write")
    two = page.words.text()
    assert all(word.isalpha() for word in two.split("-", 1))
    page.write.language.choose("en")
    for words in ("What did you see?", _SAID):
        QTest.keyClicks(page.write.words, words)
        QTest.keyClick(page.write.words, Qt.Key.Key_Return)
        settle(away)
    QTest.keyClicks(page.note, "shows a photo")
    QTest.keyClick(page.note, Qt.Key.Key_Return)
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"\xff\xd8 not looked into")
    page._on_chosen(photo)
    page.consent.table.setFocus()
    page.consent.to_first_open()
    press(page.consent.table, "Y")
    settle(away)
    wait_for(lambda: page.kept.count() == 5, "five things kept")
    picture(away, "travelling")
    assert _SAID not in _everything_under(matter.path)

    page._on_token(token)
    settle(away)
    assert page.said.text() == ""
    wait_for(away.gate.isVisible, "the lock page")
    settle(away)
    unlock(away, PASSPHRASE)
    settle(away)

    vault = away.desk.vault
    (interview,) = list_interviews(vault)
    assert two in away.notices.words.text()
    assert [line.text for line in read_lines(vault, interview.id)] == ["What did you see?", _SAID]
    assert [note.text for note in list_notes(vault, interview.id)] == ["shows a photo"]
    assert answers(vault, interview.id)[("keep", "none")] == "yes"


def test_recording_goes_to_the_recorder_with_public_keys(
    away: Window, recorders: TestRecorders
) -> None:
    """The strip above shows it, as on the lock page."""
    page = _begin(away, "yes", "Record")

    wait_for(page.recording.isVisible, "the strip")
    assert [one.agrees for one in recorders.living] == ["yes"]
    click(page.recording, "Stop")
    wait_for(lambda: recorders.living[0].state == "ended", "the end")
    wait_for(page.more.isVisible, "more being offered")
    click(page, "Record more")
    wait_for(page.recording.isVisible, "the strip")


def test_an_earlier_interview_is_gone_on_with_by_its_words(away: Window) -> None:
    """Words that nobody noted are refused with a sentence."""
    page = _begin(away, "no: write it down", "Write")
    words = page.words.text()
    click(page, "Another interview")
    QTest.keyClicks(page.known, "heron zebra")
    click(page, "Go on with it")
    settle(away)
    assert page.said.text() != ""
    assert not page.area.isVisible()

    page.known.clear()
    QTest.keyClicks(page.known, words.upper())
    QTest.keyClick(page.known, Qt.Key.Key_Return)
    settle(away)

    assert page.words.text() == words
    assert page.area.isVisible()


def _everything_under(folder: Path) -> str:
    found = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return b"\n".join(found).decode("latin-1")


def test_the_keys_are_sent_away_from_the_settings(
    matter: Matter, token: Path, open_window: OpenWindow, make_window: MakeWindow
) -> None:
    """What it does is said first; then six words for paper, and the window locks."""
    window = open_window(matter)
    window.go(Place.SETTINGS, None)
    settle(window)
    (bar,) = window.screen_at(Place.SETTINGS).findChildren(QTabBar)
    bar.setCurrentIndex(
        [bar.tabText(n).replace("&", "") for n in range(bar.count())].index("This vault")
    )
    click(window, "Travel...")
    (dialog,) = (one for one in window.findChildren(DepartDialog) if one.isVisible())
    assert not dialog.act.isEnabled()
    assert "destroyed on this laptop" in dialog.words.text()
    dialog._on_token(token)
    picture(dialog, "departing")
    click(dialog, "Send the keys away")
    wait_for(lambda: dialog.words.text().startswith("The keys are away."), "the keys going")
    gone: list[bool] = []
    window.locked.connect(lambda: gone.append(True))
    click(dialog, "Lock")
    wait_for(lambda: gone or "Not locked" in window.gate.said.text(), "the lock")
    assert gone, window.gate.said.text()

    assert keys_here(matter.path) == []
    again = make_window(matter.path)
    wait_for(lambda: again.travel is not None and again.travel.isVisible(), "the travel page")
