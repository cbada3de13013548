"""A recording begun, steered and ended by hand; writing; a recording beside a locked window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from intake.capture.interviews import list_present
from intake.consent.setting import history
from intake.errors import DiskRefusedError
from intake.transcript.reading import read_lines
from tests.support.interview_screen import fresh, open_page, page_of
from tests.support.recorders import COMPUTER, MICROPHONE
from tests.support.window import click, find, press, settle, wait_for
from ui.context import Place
from ui.screens.recording import RecordingScreen
from ui.widgets.microphone_test import MicrophoneTest

if TYPE_CHECKING:
    from intake.capture.interviews import Interview
    from tests.support.matter import Matter
    from tests.support.recorders import TestRecorder, TestRecorders
    from tests.ui.conftest import OpenWindow
    from ui.screens.interview import InterviewScreen
    from ui.window import Window


@pytest.fixture
def window(matter: Matter, open_window: OpenWindow) -> Window:
    """Return an open window of the custodian, who is a cleared interviewer."""
    return open_window(matter)


def _recording(window: Window) -> RecordingScreen:
    found = window.screen_at(Place.RECORDING)
    assert isinstance(found, RecordingScreen)
    return found


def _start(window: Window, recorders: TestRecorders) -> TestRecorder:
    page = open_page(window, fresh(window.desk.vault))
    page.begin.buttons["yes"].click()
    click(page, "Record")
    settle(window)
    wait_for(lambda: window.capture.status is not None, "the recorder being looked at")
    (recorder,) = recorders.living
    return recorder


def _words(window: Window, interview: Interview) -> list[str]:
    return [line.text for line in read_lines(window.desk.vault, interview.id)]


def test_four_actions_from_unlocked_to_recording(window: Window, recorders: TestRecorders) -> None:
    """New witness, new interview, yes, Record: counted by what a hand does."""
    actions = 0
    for name in ("New witness", "New interview"):
        click(window, name)
        settle(window)
        actions += 1
    page = page_of(window)
    click(page, "yes")
    click(page, "Record")
    settle(window)
    actions += 2

    assert actions == 4
    assert window.place is Place.RECORDING
    assert [one.state for one in recorders.living] == ["recording"]
    assert recorders.living[0].agrees == "yes"


def test_no_leads_to_write_and_record_stays_shut(window: Window, recorders: TestRecorders) -> None:
    """Nothing is started; the lines that are written are in the vault at once."""
    interview = fresh(window.desk.vault)
    page = open_page(window, interview)
    click(page, "no: write it down")
    assert not find(page, QAbstractButton, "Record").isEnabled()

    click(page, "Write")
    settle(window)
    screen = _recording(window)
    wait_for(screen.write.isVisible, "the page for writing")
    screen.write.language.choose("en")
    for words in ("Where were you?", "At the gate."):
        QTest.keyClicks(screen.write.words, words)
        QTest.keyClick(screen.write.words, Qt.Key.Key_Return)
        settle(window)

    assert recorders.living == []
    assert [row.text for row in screen.write.rows.rows] == ["Where were you?", "At the gate."]
    assert [row.speaker for row in screen.write.rows.rows] == ["IV-1", "W-1"]
    assert _words(window, interview) == ["Where were you?", "At the gate."]
    click(screen, "Done writing")
    settle(window)
    assert window.place is Place.INTERVIEW


def test_an_open_line_is_kept_when_the_window_locks(window: Window) -> None:
    """What was typed without Enter is in the vault: leaving hands it over."""
    interview = fresh(window.desk.vault)
    page = open_page(window, interview)
    click(page, "Write")
    settle(window)
    screen = _recording(window)
    wait_for(screen.write.isVisible, "the page for writing")
    screen.write.language.choose("en")
    QTest.keyClicks(screen.write.words, "Half a sent")

    window.go(Place.WITNESSES, None)
    settle(window)

    assert _words(window, interview) == ["Half a sent"]
    roles = {person.role for person in list_present(window.desk.vault, interview.id)}
    assert roles == {"interviewer", "witness"}


def test_keys_pause_mark_and_note(window: Window, recorders: TestRecorders) -> None:
    """F4, Ctrl+J, F8, F12 while a note is typed; each is told to the recorder, in order."""
    recorder = _start(window, recorders)
    screen = _recording(window)
    window.activateWindow()
    screen.running.note.setFocus()
    recorder.ms = 61_000

    press(screen.running.note, "Ctrl+J")
    press(screen.running.note, "F8")
    QTest.keyClicks(screen.running.note, "shows the photo")
    QTest.keyClick(screen.running.note, Qt.Key.Key_Return)
    press(screen.running.note, "F12")
    press(screen.running.note, "F12")
    wait_for(lambda: len(recorder.told) == 5, "everything being told")
    press(screen.running.note, "F4")
    wait_for(lambda: recorder.state == "paused", "the pause")
    wait_for(lambda: screen.running.pause.text().startswith("Go on"), "the pause being shown")
    press(screen.running.note, "F4")
    wait_for(lambda: recorder.part == 2, "the next part")

    assert recorder.told == ["mark", "distress", "shows the photo", "line_lost", "line_back"]
    wait_for(lambda: screen.running.notes.count() == 5, "the list of notes")
    assert screen.running.notes.item(2).text() == "00:01:01  shows the photo"
    assert screen.running.note.text() == ""


def test_a_spoken_no_destroys_the_part_and_ends(window: Window, recorders: TestRecorders) -> None:
    """The slot goes at once; a sentence says what stays."""
    recorder = _start(window, recorders)
    click(_recording(window), "Said no: destroy this part")
    wait_for(lambda: recorder.state == "ended", "the end")

    assert recorder.destroyed == [1]
    wait_for(lambda: "can never be opened again" in window.notices.words.text(), "the sentence")


def test_the_recording_goes_on_beside_the_window(window: Window, recorders: TestRecorders) -> None:
    """On another page a strip stands above it; its buttons steer the recorder."""
    recorder = _start(window, recorders)
    recorder.ms = 125_000
    assert not window.recording.isVisible()

    window.go(Place.CUSTODY, None)
    settle(window)
    wait_for(window.recording.isVisible, "the strip")
    wait_for(lambda: "00:02:04" in window.recording.words.text(), "how far it is sealed")
    click(window.recording, "Mark")
    wait_for(lambda: recorder.told == ["mark"], "the mark")
    click(window.recording, "Go to the recording")
    settle(window)

    assert window.place is Place.RECORDING
    assert _recording(window).running.isVisible()


def test_the_lock_page_shows_and_steers_it_without_a_key(
    window: Window, recorders: TestRecorders
) -> None:
    """The same strip on the lock page, before anybody unlocks; nothing of the matter is on it."""
    recorder = _start(window, recorders)
    recorder.ms = 3_510_600
    window._leave_all()
    window.pages.setCurrentWidget(window.gate)
    window.capture.look()

    strip = window.gate.recording
    wait_for(strip.isVisible, "the strip")
    wait_for(lambda: strip.words.text() == "Recording goes on, sealed to 00:58:30.", "its words")
    click(strip, "Stop")
    wait_for(lambda: recorder.state == "ended", "the end")
    wait_for(lambda: not strip.isVisible(), "the strip going")


def test_nothing_else_begins_while_one_runs(window: Window, recorders: TestRecorders) -> None:
    """The interview's page says where the recording is."""
    _start(window, recorders)
    window.go(Place.INTERVIEW, None)
    settle(window)
    page = page_of(window)

    wait_for(lambda: not page.begin.record.isEnabled(), "Record being shut")
    assert page.begin.why_not.text() == "A recording goes on: it is on the page Recording."
    assert not page.begin.write.isEnabled()


def test_what_refuses_to_start_says_so(window: Window, recorders: TestRecorders) -> None:
    """A full disk: the sentence, and Record can be tried again."""
    recorders.refusal = DiskRefusedError()
    page = open_page(window, fresh(window.desk.vault))
    click(page, "yes")
    click(page, "Record")
    settle(window)

    assert DiskRefusedError.sentence in window.notices.words.text()
    assert page.begin.record.isEnabled()
    assert window.place is Place.INTERVIEW


def test_a_call_needs_the_computers_sound(window: Window, recorders: TestRecorders) -> None:
    """Where the computer's own sound cannot be recorded, a call is not offered."""
    page = open_page(window, fresh(window.desk.vault))
    assert not page.begin.is_call.isEnabled()

    recorders.plugged = [MICROPHONE, COMPUTER]
    page.beginning.look_for_microphones()
    click(page, "yes")
    click(page, "A call: the computer's sound as well")
    page.begin.there.setValue(2)
    click(page, "Record")
    settle(window)

    (recorder,) = recorders.living
    assert [(side.what, side.people) for side in recorder.sides] == [
        ("microphone", 1),
        ("computer", 2),
    ]
    screen: InterviewScreen | RecordingScreen = _recording(window)
    wait_for(lambda: len(screen.running.bars) == 2, "two levels")  # type: ignore[union-attr]


def test_a_microphone_can_be_tried_the_evening_before(
    window: Window, recorders: TestRecorders
) -> None:
    """Nothing, then a voice, then too loud: each has its sentence; closing lets go of it."""
    page = open_page(window, fresh(window.desk.vault))
    click(page, "yes")
    recorders.loudness_db = -96.0
    click(page, "Try the microphone")
    (dialog,) = window.findChildren(MicrophoneTest)

    assert dialog.said.text().startswith("Speak as in the interview. Nothing is heard yet")
    recorders.loudness_db = -20.0
    dialog.look()
    assert dialog.said.text() == "It hears you well. Nothing of this is kept."
    recorders.loudness_db = -0.5
    dialog.look()
    assert dialog.said.text().startswith("Too loud at times")
    assert recorders.is_listening
    click(dialog, "Close")
    assert not recorders.is_listening


def test_an_answer_while_recording_has_the_recordings_time(
    window: Window, recorders: TestRecorders
) -> None:
    """F2, then one letter: the answer says where in the sound it was given."""
    recorder = _start(window, recorders)
    recorder.ms = 754_000
    screen = _recording(window)
    interview = window._interview
    assert interview is not None
    press(screen.running.note, "F2")
    settle(window)
    wait_for(lambda: (window.capture.view or None) is not None, "a look")
    window.capture.look()
    wait_for(lambda: window.capture.view.elapsed_ms == 754_000, "a look at the time")  # type: ignore[union-attr]

    page = page_of(window)
    page.consent.table.setFocus()
    page.consent.to_first_open()
    press(page.consent.table, "N")
    settle(window)

    (given,) = history(window.desk.vault, interview.id)
    assert (given.act, given.answer, given.at_ms) == ("keep", "no", 754_000)
    assert given.media == "b" * 26
    assert recorder.told == ["consent"]
