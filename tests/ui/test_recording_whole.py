"""The window and the real recorder: its process, pipes and files; only the sound is made up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from intake.capture.notes import list_notes
from intake.capture.recording import steering
from intake.capture.recording.frames import Fake
from tests.support.interview_screen import page_of
from tests.support.matter import PASSPHRASE
from tests.support.recorders import MICROPHONE
from tests.support.window import click, picture, settle, unlock, wait_for
from ui.context import Place
from ui.recorders import OwnRecorders
from ui.screens.recording import RecordingScreen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.capture.interviews import InterviewId
    from intake.capture.recording.frames import Agrees, Device, Side
    from intake.opening import Vault
    from tests.support.matter import Matter
    from tests.ui.conftest import MakeWindow, OpenWindow
    from ui.capturing import Recorder
    from ui.window import Window


@pytest.fixture
def recorders() -> OwnRecorders:
    """Return the program's own recorders in the place of those in memory."""
    return _WithoutHardware()


def _recording(window: Window) -> RecordingScreen:
    found = window.screen_at(Place.RECORDING)
    assert isinstance(found, RecordingScreen)
    return found


class _WithoutHardware(OwnRecorders):
    """The program's own recorder, process and pipes and all, fed with counted samples."""

    def start(
        self, vault: Vault, interview: InterviewId, *, agrees: Agrees, sides: Sequence[Side]
    ) -> Recorder:
        return steering.start(vault, interview, agrees=agrees, sides=sides, fake=Fake("count"))

    def devices(self) -> Sequence[Device]:
        return [MICROPHONE]


@pytest.mark.slow
@pytest.mark.xdist_group("exec")
def test_the_real_recorder_from_record_to_the_list_of_recordings(
    matter: Matter, open_window: OpenWindow, make_window: MakeWindow
) -> None:
    """Record, a note, the window goes away and comes back, Stop: the part stands in the list."""
    window = open_window(matter)
    for name in ("New witness", "New interview"):
        click(window, name)
        settle(window)
    page = page_of(window)
    click(page, "yes")
    click(page, "Record")
    settle(window)
    wait_for(lambda: window.capture.is_running, "the recorder")
    screen = _recording(window)
    wait_for(screen.running.note.isEnabled, "the page of the recording")
    QTest.keyClicks(screen.running.note, "points at the map")
    QTest.keyClick(screen.running.note, Qt.Key.Key_Return)
    wait_for(lambda: screen.running.notes.count() == 1, "the note")
    wait_for(lambda: (window.capture.view and window.capture.view.sealed_ms) or 0, "sealed sound")

    picture(window, "recording")
    click(screen, "Quiet view  F11")
    picture(window, "recording-quiet")
    gone: list[bool] = []
    window.locked.connect(lambda: gone.append(True))
    window.lock()
    wait_for(lambda: gone, "the vault closing")
    window = make_window(matter.path)
    wait_for(window.gate.recording.isVisible, "the strip on the lock page")
    picture(window, "recording-locked")
    sealed = window.gate.recording.words.text()
    wait_for(lambda: window.gate.recording.words.text() != sealed, "the recording going on")
    unlock(window, PASSPHRASE)
    settle(window)
    click(window.recording, "Go to the recording")
    settle(window)
    click(_recording(window), "Stop")
    wait_for(lambda: not window.capture.is_running, "the end")
    settle(window)

    assert window.place is Place.INTERVIEW
    assert "Part 1 was brought in" in window.notices.words.text()
    (row,) = page_of(window).recordings.rows.rows
    assert row.sound.rate == 48_000
    assert row.sound.duration_ms > 1_000
    (note,) = list_notes(window.desk.vault, window._interview.id)  # type: ignore[union-attr]
    assert note.text == "points at the map"
    picture(window, "interview-recorded")
    assert not [each for each in (matter.path / "inbox").iterdir() if each.is_file()]
