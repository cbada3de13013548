"""What was copied goes again; names are not copied; other programs see the mark (I11, I12)."""

from __future__ import annotations

import gc
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QTimer
from PySide6.QtGui import QClipboard, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QTableWidget, QTableWidgetItem
from shiboken6 import delete, isValid

from intake.review.declaring import Declaration, declare
from intake.text import Kind
from tests.support.children import ROOT, own_environment
from tests.support.matter import new_interview, store_segments
from tests.support.window import click_row, press, settle, wait_for
from ui.clipboard import KEPT_MS, ClipboardWatch, keep_in
from ui.context import InterviewRef, Place
from ui.keys import Keys
from ui.screens.names import NamesScreen
from ui.widgets.text import AccountEdit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tests.support.matter import Matter
    from tests.ui.conftest import OpenWindow

WORDS = "the words of an account"
HINT = "x-kde-passwordManagerHint"


def watches() -> list[ClipboardWatch]:
    """Return every watch that lives."""
    return [each for each in gc.get_objects() if type(each) is ClipboardWatch and isValid(each)]


@pytest.fixture(autouse=True)
def _empty(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Begin and end without anything copied. Offscreen everything is ours: so it is said here.

    A window of an earlier test that nobody collected yet would go on watching.
    """
    for left in watches():
        delete(left)
    monkeypatch.setattr(QClipboard, "ownsClipboard", lambda _: True)
    QGuiApplication.clipboard().clear()
    yield
    QGuiApplication.clipboard().clear()


@pytest.fixture
def timer() -> QTimer:
    """Return the timer that a test lets ring by itself."""
    return QTimer()


@pytest.fixture
def watch(qapp: QApplication, timer: QTimer) -> Iterator[ClipboardWatch]:
    """Return a watch over the clipboard with the test's timer."""
    made = ClipboardWatch(qapp.clipboard(), timer=timer)
    yield made
    delete(made)


@pytest.mark.usefixtures("watch")
def test_what_was_copied_is_marked_and_goes_after_half_a_minute(
    qtbot: QtBot, timer: QTimer
) -> None:
    """Plain text alone, with the mark for clipboard managers; each copy begins the wait anew."""
    edit = AccountEdit(Keys())
    qtbot.addWidget(edit)
    edit.setPlainText(WORDS)
    edit.selectAll()
    edit.copy()
    found = QGuiApplication.clipboard().mimeData()

    assert found.text() == WORDS
    assert found.data(HINT).data() == b"secret"
    assert not found.hasHtml()
    assert (timer.isActive(), timer.interval(), timer.isSingleShot()) == (True, KEPT_MS, True)
    assert KEPT_MS == 30_000
    timer.start(1)
    wait_for(lambda: not QGuiApplication.clipboard().text(), "the clipboard emptied")


@pytest.mark.usefixtures("watch")
def test_what_another_program_copied_meanwhile_stays(
    timer: QTimer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what is still ours goes."""
    QGuiApplication.clipboard().setText(WORDS)
    monkeypatch.setattr(QClipboard, "ownsClipboard", lambda _: False)
    QGuiApplication.clipboard().setText("another program's")
    timer.timeout.emit()

    assert QGuiApplication.clipboard().text() == "another program's"
    assert not QGuiApplication.clipboard().mimeData().hasFormat(HINT)


@pytest.mark.usefixtures("watch")
def test_our_copy_goes_even_if_a_clipboard_manager_took_it_over(
    timer: QTimer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some hold every copy themselves; the mark in it says whose it was."""
    QGuiApplication.clipboard().setText(WORDS)
    monkeypatch.setattr(QClipboard, "ownsClipboard", lambda _: False)
    timer.timeout.emit()

    assert QGuiApplication.clipboard().text() == ""


def test_it_goes_when_the_program_ends(watch: ClipboardWatch, qapp: QApplication) -> None:
    """As Qt tells that it is about to."""
    QGuiApplication.clipboard().setText(WORDS)
    assert watch.isWidgetType() is False
    qapp.aboutToQuit.emit()

    assert QGuiApplication.clipboard().text() == ""


def test_without_the_watch_it_would_stay(qapp: QApplication) -> None:
    """Twin: Qt itself neither marks nor forgets."""
    qapp.clipboard().setText(WORDS)
    qapp.aboutToQuit.emit()

    assert qapp.clipboard().text() == WORDS
    assert not qapp.clipboard().mimeData().hasFormat(HINT)


def test_a_watch_that_an_earlier_test_left_is_gone(qapp: QApplication) -> None:
    """It would make the test above fail by chance, as it did in a run whose order was another."""
    assert [
        each for each in gc.get_objects() if type(each) is ClipboardWatch and isValid(each)
    ] == []
    left = ClipboardWatch(qapp.clipboard())
    qapp.clipboard().setText(WORDS)
    qapp.aboutToQuit.emit()
    assert qapp.clipboard().text() == ""
    delete(left)


def test_a_field_of_identities_is_not_copied(qapp: QApplication, qtbot: QtBot) -> None:
    """Neither its words nor a cell of a table in it; the same field without that is."""
    around = QLabel()
    field = QLineEdit("Amina Testova", around)
    table = QTableWidget(1, 1, around)
    table.setItem(0, 0, QTableWidgetItem("Amina Testova"))
    table.setCurrentCell(0, 0)
    qtbot.addWidget(around)
    told: list[str] = []
    for widget in (field, table):
        made = ClipboardWatch(qapp.clipboard(), timer=QTimer(), focus=lambda one=widget: one)
        made.refused.connect(lambda: told.append("refused"))
        for is_kept_in in (False, True):
            around.setProperty("intake-identities", None)
            if is_kept_in:
                keep_in(around)
            qapp.clipboard().clear()
            field.selectAll()
            QTest.keyClick(widget, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
            assert qapp.clipboard().text() == ("" if is_kept_in else "Amina Testova")
        delete(made)

    assert told == ["refused", "refused"]


def test_a_name_is_not_copied_out_of_the_register(matter: Matter, open_window: OpenWindow) -> None:
    """Ctrl+C on a row of the names copies nothing, and a sentence says so."""
    with matter.unlock() as vault:
        declare(vault, [Declaration(Kind.PERSON, ("Amina Testova",))])
    window = open_window(matter)
    window.go(Place.NAMES, None)
    settle(window)
    screen = window.screen_at(Place.NAMES)
    assert isinstance(screen, NamesScreen)
    screen.shown.click()
    click_row(screen.table, 0, 2)
    assert "Amina" in screen.names.data(screen.table.currentIndex())
    screen.table.setFocus()
    press(screen.table, "Ctrl+C")

    assert QGuiApplication.clipboard().text() == ""
    assert "not copied" in window.notices.words.text()


def test_the_words_of_a_transcript_are_copied_and_gone_after_locking(
    matter: Matter, open_window: OpenWindow
) -> None:
    """A sentence is moved from one segment to the next by copying, so there it works."""
    with matter.unlock() as vault:
        interview = new_interview(vault)
        store_segments(vault, interview.id, [WORDS])
    window = open_window(matter)
    window.go(Place.TRANSCRIPT, InterviewRef(interview.id, interview.code))
    settle(window)
    edit = next(e for e in window.findChildren(AccountEdit) if e.toPlainText() == WORDS)
    edit.selectAll()
    edit.copy()
    copied = QGuiApplication.clipboard().mimeData().data(HINT).data()
    press(window, "Ctrl+L")
    wait_for(lambda: not window.desk.is_open, "the lock")

    assert copied == b"secret"
    assert QGuiApplication.clipboard().text() == ""


def test_words_are_not_dragged_out(qtbot: QtBot) -> None:
    """Pressing on marked words begins a new selection instead of taking them along."""
    edit = AccountEdit(Keys())
    qtbot.addWidget(edit)
    edit.setPlainText(WORDS)
    edit.resize(400, 100)
    edit.show()
    edit.selectAll()
    at = edit.cursorRect(edit.textCursor()).topLeft() - QPoint(20, -5)
    QTest.mousePress(edit.viewport(), Qt.MouseButton.LeftButton, pos=at)

    assert not edit.textCursor().hasSelection()
    QTest.mouseRelease(edit.viewport(), Qt.MouseButton.LeftButton, pos=at)


# Two programs on a real X screen: one copies and marks words, the other looks what it is offered.
_COPIES = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QTextEdit
from ui.clipboard import ClipboardWatch
app = QApplication([])
watch = ClipboardWatch(app.clipboard()) if sys.argv[1] == "watched" else None
edit = QTextEdit("the words of an account")
edit.show()
def copy():
    edit.selectAll()
    edit.copy()
    print("copied", flush=True)
QTimer.singleShot(300, copy)
from PySide6.QtCore import QSocketNotifier
told = QSocketNotifier(0, QSocketNotifier.Type.Read)
def end():
    sys.stdin.readline()
    if watch is not None:
        watch._timer.start(1)
    QTimer.singleShot(300, lambda: print("later", flush=True))
told.activated.connect(end)
app.exec()
"""
_LOOKS = """
from PySide6.QtCore import QTimer
from PySide6.QtGui import QClipboard
from PySide6.QtWidgets import QApplication
app = QApplication([])
def look():
    board = app.clipboard()
    data = board.mimeData()
    hint = data.data("x-kde-passwordManagerHint").data() if data else b""
    print([board.text(), hint.decode(), board.text(QClipboard.Mode.Selection)])
    app.quit()
QTimer.singleShot(200, look)
app.exec()
"""
_BOTH = """
import subprocess, sys
copies, looks, how = sys.argv[1:]
def look():
    done = subprocess.run([sys.executable, "-c", looks], capture_output=True, text=True)
    print(done.stdout.strip())
with subprocess.Popen([sys.executable, "-c", copies, how], stdin=-1, stdout=-1, text=True) as one:
    one.stdout.readline()
    look()
    one.stdin.write("on\\n")
    one.stdin.flush()
    one.stdout.readline()
    look()
    one.kill()
"""


@pytest.mark.parametrize(
    ("how", "seen"),
    [
        ("watched", [[WORDS, "secret", ""], ["", "", ""]]),
        ("plain", [[WORDS, "", ""], [WORDS, "", ""]]),
    ],
)
def test_another_program_sees_the_mark_and_then_nothing(
    how: str, seen: list[list[str]], tmp_path: Path
) -> None:
    """On a real X screen, with real ownership; twin: without the watch the words stay, unmarked."""
    xvfb = shutil.which("xvfb-run")
    if xvfb is None:
        pytest.skip("Xvfb is not installed: no screen that two programs share")
    environment = own_environment(tmp_path) | {"QT_QPA_PLATFORM": "xcb"}
    done = subprocess.run(
        [xvfb, "-a", sys.executable, "-c", _BOTH, _COPIES, _LOOKS, how],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert done.stdout.splitlines() == [repr(each) for each in seen], done.stderr


def test_the_mark_is_text_for_whoever_pastes() -> None:
    """A field of ours takes it like any text."""
    data = QMimeData()
    data.setText(WORDS)
    data.setData(HINT, b"secret")
    edit = AccountEdit(Keys())

    assert edit.canInsertFromMimeData(data)
    edit.deleteLater()
