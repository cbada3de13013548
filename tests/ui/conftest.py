"""A real window over a small real vault, offscreen. Any Qt warning fails its test (pyproject)."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_LOGGING_RULES", "qt.multimedia.*=false")  # no sound card here

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QSettings

from tests.support.matter import OTHER_PASSPHRASE, PASSPHRASE, Matter, make_matter
from tests.support.window import choose, settle, unlock, wait_for
from ui.app import makers
from ui.keys import Keys
from ui.preferences import Preferences
from ui.theme import dress, load_fonts
from ui.widgets.choosing import FileChooser, remember_nothing
from ui.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

    from intake.opening import MemberId

    OpenWindow = Callable[..., Window]


@pytest.fixture(scope="session", autouse=True)
def _dressed(qapp: QApplication) -> None:
    """Give every test our fonts and palette, and Qt no settings file."""
    load_fonts()
    preferences = Preferences()
    dress(qapp, preferences.look, preferences.text_pt)
    remember_nothing()
    assert "/dev/null" in QSettings().fileName()


@pytest.fixture
def matter(tmp_path: Path) -> Matter:
    """Return an empty vault on the disk, with a cheap passphrase."""
    return make_matter(tmp_path)


@pytest.fixture
def open_window(qtbot: QtBot) -> Iterator[OpenWindow]:
    """Open windows: `open_window(matter)` as its first member, `member=` as another.

    Each is unlocked by typing, 1280x720, and closed at the end with its vault.
    """
    opened: list[Window] = []

    def open_one(matter: Matter, member: MemberId | None = None) -> Window:
        keys = Keys()
        window = Window(
            makers=makers(),
            chooser=FileChooser(),
            preferences=Preferences(),
            prefer=lambda _: None,
            keys=keys,
        )
        opened.append(window)
        qtbot.addWidget(window)
        window.resize(1280, 720)
        window.show_gate(matter.path)
        window.show()
        settle(window)
        if window.gate.member.isVisible():
            choose(window.gate.member, str(member or matter.member)[:8])
        unlock(window, PASSPHRASE if member is None else OTHER_PASSPHRASE)
        return window

    yield open_one
    for window in opened:
        if window.desk.is_open:
            settle(window)
            window.jobs.close()
            window.desk.close()
            wait_for(lambda: True, "the last answers")
