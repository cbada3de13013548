"""The bar of sound on a screen: place, keys, waveform, and what it says where nothing is heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tests.support.matter import add_translator, new_interview, store_many, working_copy
from tests.support.window import click, picture, press, settle, wait_for
from ui.context import InterviewRef, Place
from ui.screens.transcript import TranscriptScreen

if TYPE_CHECKING:
    from intake.capture.interviews import Interview
    from tests.support.matter import Matter
    from tests.ui.conftest import OpenWindow
    from ui.window import Window

RATE = 16_000


def spoken(matter: Matter, *lengths_s: int) -> Interview:
    """Make an interview with a recording of each length and twelve segments in the first one."""
    with matter.unlock() as vault:
        interview = new_interview(vault)
        noise = np.random.default_rng(1).integers(-9000, 9000, RATE, dtype="<i2").tobytes()
        made = [
            working_copy(
                vault, interview.id, [noise] * length, rate=RATE, duration_ms=length * 1000
            )
            for length in lengths_s
        ]
        store_many(vault, interview.id, 12, media=made[0])
    return interview


def transcript(window: Window, interview: Interview) -> TranscriptScreen:
    """Open the transcript, which has the bar."""
    window.go(Place.TRANSCRIPT, InterviewRef(interview.id, interview.code))
    settle(window)
    found = window.screen_at(Place.TRANSCRIPT)
    assert isinstance(found, TranscriptScreen)
    return found


def test_the_sound_follows_the_segment_and_plays_by_key(
    matter: Matter, open_window: OpenWindow
) -> None:
    """One is at the segment's beginning; F4 plays and pauses, F3 and F5 go back and forward."""
    interview = spoken(matter, 60)
    window = open_window(matter)
    screen = transcript(window, interview)
    wait_for(lambda: screen.hearing.position[0] is not None, "the recording")
    screen.table.go_to(3)
    settle(window)
    start = screen.lines.row(3).start_ms
    assert screen.hearing.position[1] == start
    press(screen.table, "F4")
    wait_for(lambda: screen.hearing.position[1] > start + 300, "the sound")
    picture(window, "transcript-playing")
    press(screen.table, "F5")
    assert screen.hearing.position[1] > start + 3_000
    press(screen.table, "F4")

    assert not screen.hearing.is_playing


def test_the_spoken_word_is_marked_and_the_table_follows(
    matter: Matter, open_window: OpenWindow
) -> None:
    """While it plays; nothing typed is touched by that."""
    interview = spoken(matter, 60)
    window = open_window(matter)
    screen = transcript(window, interview)
    wait_for(lambda: screen.hearing.position[0] is not None, "the recording")
    press(screen.table, "F4")
    wait_for(screen.editor.edit.extraSelections, "the mark")
    wait_for(lambda: (screen.table.place or 0) >= 1, "the next segment")
    press(screen.table, "F4")

    assert not screen.editor.is_changed


def test_the_waveform_is_clicked_to_go_there(matter: Matter, open_window: OpenWindow) -> None:
    """A click in its middle is the middle of the recording; arrows move by three seconds."""
    interview = spoken(matter, 60)
    window = open_window(matter)
    screen = transcript(window, interview)
    wave = screen.hearing.waveform
    wait_for(lambda: wave._peaks is not None, "the peaks")
    QTest.mouseClick(wave, Qt.MouseButton.LeftButton, pos=QPoint(wave.width() // 2, 10))
    middle = screen.hearing.position[1]
    wave.setFocus()
    QTest.keyClick(wave, Qt.Key.Key_Right)

    assert abs(middle - 30_000) < 200
    assert screen.hearing.position[1] == middle + 3_000
    assert wave._peaks is not None
    assert wave._peaks.shape == (600, 2)
    assert "00:00:3" in wave.accessibleDescription()


def test_several_recordings_are_chosen_from_a_list(matter: Matter, open_window: OpenWindow) -> None:
    """Each has its own length."""
    interview = spoken(matter, 20, 40)
    window = open_window(matter)
    hearing = transcript(window, interview).hearing
    wait_for(lambda: hearing.position[0] is not None, "the recording")
    assert hearing.part.isVisible()
    hearing.part.setFocus()
    press(hearing.part, "Down")
    hearing.part.activated.emit(1)
    settle(window)

    assert hearing.place.text().endswith("00:00:40")


def test_who_is_not_cleared_is_told(matter: Matter, open_window: OpenWindow) -> None:
    """One sentence; every button greyed out; no key does anything."""
    interview = spoken(matter, 20)
    with matter.unlock() as vault:
        translator = add_translator(vault)
    window = open_window(matter, member=translator)
    screen = transcript(window, interview)
    press(screen.table, "F4")

    assert "needs a member who is cleared" in screen.hearing.said.text()
    assert not screen.hearing.play_button.isEnabled()
    assert not screen.hearing.is_playing


def test_an_interview_without_sound_says_so(matter: Matter, open_window: OpenWindow) -> None:
    """A normal state."""
    with matter.unlock() as vault:
        interview = new_interview(vault)
    window = open_window(matter)

    assert "no recording yet" in transcript(window, interview).hearing.said.text()


def test_locking_while_it_plays_lets_go_of_it(matter: Matter, open_window: OpenWindow) -> None:
    """Nothing is heard any more, and no file of the vault stays open."""
    interview = spoken(matter, 60)
    window = open_window(matter)
    screen = transcript(window, interview)
    wait_for(lambda: screen.hearing.position[0] is not None, "the recording")
    click(window, "Play")
    wait_for(lambda: screen.hearing.position[1] > 200, "some sound")
    press(window, "Ctrl+L")
    wait_for(lambda: not window.desk.is_open, "the lock")

    assert not screen.hearing.is_playing
    assert screen.hearing.position[0] is None
