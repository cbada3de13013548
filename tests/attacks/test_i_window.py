"""I11, B10: what the window takes from a file of settings, and what it leaves in the clipboard."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QClipboard, QGuiApplication
from shiboken6 import delete

from tests.attacks.canaries import CANARIES, found_in
from tests.attacks.frame import attack, open_row, same, twin
from tests.support.window import wait_for
from ui.clipboard import KEPT_MS, ClipboardWatch
from ui.preferences import Preferences, load_preferences, save_preferences

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from tests.attacks.sealed import Scene

pytestmark = pytest.mark.xdist_group("window")

_ODD = {
    "nothing": b"",
    "random": bytes(range(256)) * 64,
    "deep": b"[" * 100_000,
    "a mebibyte": b'{"look":"' + b"x" * (1 << 20) + b'"}',
    "never locks": b'{"lock_after_min":1000000}',
    "locks below nothing": b'{"lock_after_min":-1}',
    "another kind": b'{"lock_after_min":"never"}',
    "NaN": b'{"text_pt":NaN}',
}


@attack("B10", "settings replaced by random bytes, by odd JSON, by a lock that never comes")
@pytest.mark.parametrize("how", _ODD)
def test_odd_settings_are_never_weaker_ones(scene: Scene, how: str) -> None:
    path = scene.own / "window.json"
    path.write_bytes(_ODD[how])
    same(load_preferences(path).lock_after_min, Preferences().lock_after_min)
    mine = Preferences(lock_after_min=1)
    assert save_preferences(path, mine)
    assert twin(lambda: load_preferences(path)) == mine


@attack(
    "I11",
    "words copied in the window: marked, gone after half a minute and at the end",
)
@pytest.mark.parametrize("ends", ["after half a minute", "with the program"])
def test_what_was_copied_goes(
    scene: Scene, qapp: QApplication, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    monkeypatch.setattr(QClipboard, "ownsClipboard", lambda _: True)
    clipboard, timer = QGuiApplication.clipboard(), QTimer()
    clipboard.clear()
    watch = ClipboardWatch(clipboard, timer=timer)
    try:
        clipboard.setText(CANARIES["statement"])
        assert twin(lambda: found_in(clipboard.text().encode())) == ["statement"]
        same(bytes(clipboard.mimeData().data("x-kde-passwordManagerHint").data()), b"secret")
        same((timer.isActive(), timer.interval()), (True, KEPT_MS))
        if ends == "with the program":
            qapp.aboutToQuit.emit()
        else:
            timer.start(1)
        wait_for(lambda: not clipboard.text(), "the clipboard emptied")
        same(clipboard.text(), "")
    finally:
        delete(watch)
        clipboard.clear()
    assert scene.path.exists()


open_row("I10", "settings, file dialog history, recent files, thumbnails, bookmarks",
         why="held by tests/ui/test_traces.py over the whole program, not yet a row")  # fmt: skip
open_row("L09", "memory of the locked program scanned from outside",
         why="held by tests/ui/test_memory.py over the whole program, not yet a row")  # fmt: skip
