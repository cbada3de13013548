"""A real window over a small real vault, offscreen. Any Qt warning fails its test (pyproject)."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_LOGGING_RULES", "qt.multimedia.*=false")  # no sound card here

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtMultimedia import QAudioDevice

from tests.support.matter import OTHER_PASSPHRASE, PASSPHRASE, Matter, make_matter
from tests.support.recorders import TestRecorders
from tests.support.window import choose, settle, unlock
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
    MakeWindow = Callable[[Path | None], Window]


@pytest.fixture(scope="session", autouse=True)
def _dressed(qapp: QApplication) -> None:
    """Give every test our fonts and palette, and Qt no settings file."""
    load_fonts()
    preferences = Preferences()
    dress(qapp, preferences.look, preferences.text_pt)
    remember_nothing()
    assert "/dev/null" in QSettings().fileName()


@pytest.fixture(autouse=True)
def _no_loudspeaker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be heard, on whatever machine; without a loudspeaker time goes on as well."""
    monkeypatch.setattr("ui.media.player.default_output", QAudioDevice)


@pytest.fixture
def matter(tmp_path: Path) -> Matter:
    """Return an empty vault on the disk, with a cheap passphrase."""
    return make_matter(tmp_path)


@pytest.fixture
def recorders() -> TestRecorders:
    """Return the devices and recorders that windows of this test find: one microphone."""
    return TestRecorders()


@pytest.fixture
def make_window(qtbot: QtBot, recorders: TestRecorders) -> Iterator[MakeWindow]:
    """Make windows on their lock page: `make_window(path)`; None where no vault is chosen.

    Each is 1280x720, and closed at the end with its vault.
    """
    made: list[Window] = []

    def make(path: Path | None) -> Window:
        window = Window(
            makers=makers(),
            chooser=FileChooser(),
            preferences=Preferences(),
            prefer=lambda _: None,
            keys=Keys(),
            recorders=recorders,
        )
        made.append(window)
        qtbot.addWidget(window, before_close_func=_close)
        window.resize(1280, 720)
        window.show_gate(path)
        window.show()
        settle(window)
        return window

    yield make
    for window in made:
        _close(window)


def _close(window: Window) -> None:
    """End its threads and close its vault, whatever it was doing."""
    for screen in window._screens.values():
        screen.silence()
    window.capture.close()
    window.jobs.close()
    window.desk.close()


@pytest.fixture
def open_window(make_window: MakeWindow) -> OpenWindow:
    """Open windows: `open_window(matter)` as its first member, `member=` as another, by typing."""

    def open_one(matter: Matter, member: MemberId | None = None) -> Window:
        window = make_window(matter.path)
        if window.gate.member.isVisible():
            choose(window.gate.member, str(member or matter.member)[:8])
        unlock(window, PASSPHRASE if member is None else OTHER_PASSPHRASE)
        return window

    return open_one
