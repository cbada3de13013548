"""When the window locks by itself: nobody there, asleep, and the key over a dialog."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from tests.support.window import press, wait_for
from ui import locking
from ui.keys import Keys
from ui.locking import IdleWatch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot


@pytest.fixture
def watch(qapp: QApplication) -> Iterator[IdleWatch]:
    """Return a watch over the program, taken off again afterwards."""
    made = IdleWatch(qapp, 5, Keys())
    yield made
    qapp.removeEventFilter(made)
    made.deleteLater()


def test_nobody_there_is_told_after_the_time_that_was_set(watch: IdleWatch, qtbot: QtBot) -> None:
    """A click begins the wait anew."""
    field = QWidget()
    qtbot.addWidget(field)
    assert watch._timer.interval() == 5 * 60_000
    watch.wait_for(2)
    assert watch._timer.interval() == 2 * 60_000
    watch._timer.start(500)
    told: list[str] = []
    watch.idle.connect(lambda: told.append("idle"))
    QTest.mouseClick(field, Qt.MouseButton.LeftButton)
    assert watch._timer.remainingTime() > 400

    wait_for(lambda: told, "the idle signal")
    assert told == ["idle"]


def test_a_laptop_that_slept_is_told(watch: IdleWatch, monkeypatch: pytest.MonkeyPatch) -> None:
    """One clock counted the sleep; a second that was lost elsewhere is no sleep."""
    told: list[str] = []
    watch.woke.connect(lambda: told.append("woke"))
    before = locking._asleep_s()
    monkeypatch.setattr(locking, "_asleep_s", lambda: before + 1)
    watch._on_look()
    assert told == []
    monkeypatch.setattr(locking, "_asleep_s", lambda: before + 600)
    watch._on_look()

    assert told == ["woke"]


def test_the_lock_key_is_heard_over_a_dialog(watch: IdleWatch, qtbot: QtBot) -> None:
    """A modal dialog keeps keys from the window; and only that key counts."""
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    told: list[str] = []
    watch.lock_pressed.connect(lambda: told.append("lock"))
    press(window, "Ctrl+L")
    assert told == [], "without a dialog the window's own key does it"
    dialog = QDialog(window)
    dialog.open()
    wait_for(lambda: QApplication.activeModalWidget() is dialog, "the dialog")
    QTest.keySequence(dialog, "Ctrl+K")
    assert told == []
    QTest.keySequence(dialog, "Ctrl+L")

    assert told == ["lock"]
    dialog.reject()
