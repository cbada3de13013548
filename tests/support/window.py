"""Driving a window as a person does: keys and clicks, and waiting for what they cause.

Nothing here calls into `intake`: a story told with these functions alone is told by hand.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QElapsedTimer, QEventLoop, QPoint, Qt, QTimer
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QWidget,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.window import Window

WAIT_MS = 20_000
"""Much longer than anything takes: a bound for a machine that does other work."""
_LOOK_AGAIN_MS = 2
_LAID_OUT_MS = 50
_Widget = TypeVar("_Widget", bound=QWidget)


def wait_for(condition: Callable[[], object], what: str, timeout_ms: int = WAIT_MS) -> None:
    """Let the window work until the condition holds; fail with `what` it was that did not."""
    clock = QElapsedTimer()
    clock.start()
    while not condition():
        assert clock.elapsed() < timeout_ms, f"did not happen: {what}"
        _wait(_LOOK_AGAIN_MS)


def _wait(ms: int) -> None:
    """Let events come, as the program itself does: `QTest.qWait` would keep Python from others."""
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


def settle(window: Window, timeout_ms: int = WAIT_MS) -> None:
    """Wait until the desk has answered everything and no job runs."""
    wait_for(
        lambda: window.desk.waiting == 0 and not window.jobs.is_running,
        "the window coming to rest",
        timeout_ms,
    )
    _wait(0)


def find(root: QWidget, kind: type[_Widget], name: str) -> _Widget:
    """Return the visible widget of that object name, accessible name or text; exactly one."""
    found = [
        one for one in root.findChildren(kind) if one.isVisibleTo(root) and name in _names(one)
    ]
    if len(found) != 1:
        there = sorted(n for one in root.findChildren(kind) for n in _names(one) if n)
        raise AssertionError(f"{len(found)} {kind.__name__} called {name!r}; there are {there}")
    return found[0]


def _names(widget: QWidget) -> set[str]:
    names = {widget.objectName(), widget.accessibleName()}
    if isinstance(widget, QAbstractButton):
        names.add(widget.text().replace("&", ""))
    return names


def click(root: QWidget, name: str) -> None:
    """Click a button by its text or name, in its middle, with the mouse."""
    button = find(root, QAbstractButton, name)
    assert button.isEnabled(), f"{name!r} is greyed out"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def type_into(widget: QWidget, words: str, *, clear: bool = True) -> None:
    """Click into a field and type; what stood there is selected and typed over."""
    target: Any = widget.viewport() if hasattr(widget, "viewport") else widget
    QTest.mouseClick(target, Qt.MouseButton.LeftButton)
    if clear:
        QTest.keyClick(widget, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        if not words:
            QTest.keyClick(widget, Qt.Key.Key_Delete)
    for stretch in re.findall(r"\n|[ -~]+|[^\n -~]+", words):
        if stretch == "\n":
            QTest.keyClick(widget, Qt.Key.Key_Return)
        elif stretch.isascii():
            QTest.keyClicks(widget, stretch)
        else:  # as an input method does: QTest has keys for ASCII alone
            event = QInputMethodEvent()
            event.setCommitString(stretch)
            QApplication.sendEvent(widget, event)


def press(widget: QWidget, key: str) -> None:
    """Press a key such as "Ctrl+Return" where the focus is."""
    QTest.keySequence(widget, key)


def choose(box: QComboBox, words: str) -> None:
    """Choose an entry of a list by keyboard: its first letters, as a person does."""
    index = box.findText(words)
    assert index >= 0, (words, [box.itemText(n) for n in range(box.count())])
    box.setFocus()
    while box.currentIndex() != index:
        key = Qt.Key.Key_Down if box.currentIndex() < index else Qt.Key.Key_Up
        QTest.keyClick(box, key)


def click_row(view: QAbstractItemView, row: int, column: int = 0, *, double: bool = False) -> None:
    """Click a row of a table in one of its cells."""
    index = view.model().index(row, column)
    view.scrollTo(index)
    at = view.visualRect(index).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(at))
    if double:
        QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(at))


def picture(widget: QWidget, name: str) -> None:
    """Keep a picture under build/screens, if INTAKE_PICTURES is set: to look at."""
    if os.environ.get("INTAKE_PICTURES"):
        _wait(_LAID_OUT_MS)
        folder = Path(__file__).resolve().parents[2] / "build" / "screens"
        folder.mkdir(parents=True, exist_ok=True)
        assert widget.grab().save(str(folder / f"{name}.png"))


def save_as(window: Window, target: Path) -> None:
    """Put a file's name into the dialog that is open, and take it."""
    (dialog,) = [one for one in window.findChildren(QFileDialog) if one.isVisible()]
    edit = dialog.findChild(QLineEdit, "fileNameEdit")
    assert edit is not None
    edit.setText(str(target))  # typed letters would open a list of the folder's files
    press(edit, "Return")
    settle(window)


def unlock(window: Window, passphrase: str) -> None:
    """Type the passphrase on the lock page and wait for the frame."""
    type_into(window.gate.passphrase, passphrase)
    press(window.gate.passphrase, "Return")
    wait_for(lambda: window.place is not None, "the vault opening")
    settle(window)
