"""The bar of sound on a screen: place, keys, waveform, and what it says where nothing is heard."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from intake.capture.playing import list_sounds
from intake.errors import CancelledError
from intake.jobs import Progress
from tests.support.matter import (
    PASSPHRASE,
    add_translator,
    new_interview,
    store_many,
    working_copy,
)
from tests.support.sounds import damage, store_sound
from tests.support.window import choose, click, picture, press, settle, type_into, wait_for
from ui.context import InterviewRef, Place
from ui.media import shapes
from ui.screens.transcript import TranscriptScreen
from ui.widgets.hearing import Hearing
from ui.widgets.hearing_bar import RATES

if TYPE_CHECKING:
    from intake.capture.interviews import Interview
    from intake.capture.playing import OpenSound
    from intake.jobs import CancelToken, Report
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
    screen.hearing.player.set_rate(2.0)
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
    assert screen.hearing.place.text().startswith("00:00:3")


def test_several_recordings_are_chosen_from_a_list(matter: Matter, open_window: OpenWindow) -> None:
    """Each has its own length."""
    interview = spoken(matter, 20, 40)
    window = open_window(matter)
    hearing = transcript(window, interview).hearing
    wait_for(lambda: hearing.position[0] is not None, "the recording")
    assert hearing.part.isVisible()
    first = hearing.position[0]
    click(window, "Play")
    wait_for(lambda: hearing.position[1] > 100, "some sound")
    hearing.part.setFocus()
    press(hearing.part, "Down")
    wait_for(lambda: hearing.position[0] not in {None, first}, "the other recording")

    assert hearing.place.text().endswith("00:00:40")
    assert hearing.is_playing
    hearing.show_at(first, 5000)
    wait_for(lambda: hearing.position[0] == first, "the first again")
    assert hearing.part.currentIndex() == 0
    assert hearing.position[1] >= 5000
    assert hearing.is_playing


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


def opened(window: Window, interview: Interview) -> Hearing:
    """Open the transcript, and wait for its recording."""
    hearing = transcript(window, interview).hearing
    wait_for(lambda: hearing.position[0] is not None, "the recording")
    return hearing


def test_speed_is_a_key_or_a_choice(matter: Matter, open_window: OpenWindow) -> None:
    """Step by step, and no further than the last; the box says which."""
    interview = spoken(matter, 20)
    hearing = opened(window := open_window(matter), interview)
    press(window, "F8")
    assert (hearing.player.rate, hearing.rate.currentText()) == (1.1, "1.1x")
    for _ in range(2 * len(RATES)):
        press(window, "F7")
    assert (hearing.player.rate, hearing.rate.currentText()) == (0.5, "0.5x")

    choose(hearing.rate, "1.25x")
    hearing.rate.activated.emit(hearing.rate.currentIndex())
    assert hearing.player.rate == 1.25


def test_a_segment_is_repeated_until_one_has_enough(
    matter: Matter, open_window: OpenWindow
) -> None:
    """By key or button, which shows that it is so; it follows to the next segment."""
    interview = spoken(matter, 20)
    hearing = opened(window := open_window(matter), interview)
    transcript(window, interview).follow.setChecked(False)
    media, places = hearing.position[0], []
    hearing.moved.connect(lambda _, ms: places.append(ms))
    hearing.set_stretch(media, 4000, 4350)
    hearing.show_at(media, 4000)
    press(window, "F6")
    assert hearing.loop_button.isChecked()
    click(window, "Play")
    wait_for(lambda: places.count(4000) > 3, "three rounds")

    hearing.set_stretch(media, 8000, 8350)
    hearing.show_at(media, 8000)
    wait_for(lambda: places.count(8000) > 2, "two rounds of the next")
    click(window, "Repeat this segment")
    wait_for(lambda: hearing.position[1] > 8500, "what comes after")

    assert not hearing.loop_button.isChecked()


def test_a_stretch_is_played_and_ends(matter: Matter, open_window: OpenWindow) -> None:
    """Also one that was asked for before its recording was open."""
    interview = spoken(matter, 20, 20)
    hearing = opened(open_window(matter), interview)
    other = hearing._sounds[1].media
    places: list[int] = []
    hearing.moved.connect(lambda _, ms: places.append(ms))
    hearing.play_stretch(other, 3000, 3300)
    wait_for(lambda: 3300 in places, "its end")

    assert hearing.position == (other, 3300)
    assert not hearing.is_playing


def test_a_damaged_recording_plays_on_and_says_so_once(
    matter: Matter, open_window: OpenWindow
) -> None:
    """Silence for what was altered; one notice; the bar goes on saying it."""
    interview = spoken(matter, 20)
    with matter.unlock() as vault:
        [sound] = list_sounds(vault, interview.id)
        damage(vault, sound, 3)
    hearing = opened(window := open_window(matter), interview)
    hearing.play_from(sound.media, 6000)
    wait_for(window.notices.isVisible, "the notice")
    assert "missing or damaged" in window.notices.words.text()
    click(window, "Put away")
    wait_for(lambda: hearing.position[1] > 8600, "the place behind it")

    hearing.show_at(sound.media, 6500)
    wait_for(lambda: hearing.position[1] > 6900, "the place again")

    assert hearing.is_playing
    assert not window.notices.isVisible()
    assert "Silent where it is damaged." in hearing.said.text()


def test_a_recording_that_could_not_be_decoded_says_from_where(
    matter: Matter, open_window: OpenWindow
) -> None:
    """The import knew it; nobody should wait for words that will not come."""
    with matter.unlock() as vault:
        interview = new_interview(vault)
        store_sound(vault, interview.id, bytes(2 * RATE * 20), damaged_ms=12_000)
    hearing = opened(window := open_window(matter), interview)

    assert "damaged from 00:00:12 on" in window.notices.words.text()
    assert "Silent from 00:00:12 on." in hearing.said.text()
    click(window, "Put away")
    click(window, "Witnesses")
    opened(window, interview)
    assert not window.notices.isVisible()


def test_a_recording_that_is_gone_is_said_once_and_blocks_nothing(
    matter: Matter, open_window: OpenWindow
) -> None:
    """The other one plays; asking for the missing one by name says it again; locking works."""
    interview = spoken(matter, 20, 20)
    with matter.unlock() as vault:
        gone, there = (sound.media for sound in list_sounds(vault, interview.id))
        vault.folder.media(gone).unlink()
    window = open_window(matter)
    screen = transcript(window, interview)
    wait_for(window.notices.isVisible, "the notice")
    click(window, "Put away")
    screen.table.go_to(2)
    settle(window)
    assert not window.notices.isVisible()
    screen.hearing.play_from(gone, 0)
    assert "missing or damaged" in window.notices.words.text()

    screen.hearing.play_from(there, 1000)
    wait_for(lambda: screen.hearing.position[1] > 1200, "the other one")
    press(window, "Ctrl+L")
    wait_for(lambda: not window.desk.is_open, "the lock")


def test_no_sound_from_a_screen_that_is_not_seen(matter: Matter, open_window: OpenWindow) -> None:
    """It pauses, and is where it was when one comes back."""
    interview = spoken(matter, 20)
    hearing = opened(window := open_window(matter), interview)
    hearing.play_from(hearing.position[0], 5000)
    wait_for(lambda: hearing.position[1] > 5300, "some sound")

    click(window, "Witnesses")

    assert not hearing.is_playing
    opened(window, interview)
    assert not hearing.is_playing


def test_after_covering_it_is_where_it_was(matter: Matter, open_window: OpenWindow) -> None:
    """Covered, everything is let go; uncovered, it is there again, paused."""
    interview = spoken(matter, 20)
    hearing = opened(window := open_window(matter), interview)
    media = hearing.position[0]
    hearing.show_at(media, 7000)
    stop = threading.Event()
    window.jobs.start(window, "Waiting", lambda *_: stop.wait(20))
    window.on_idle()
    assert hearing.position == (None, 0)
    assert not hearing.player.is_loaded

    type_into(window.gate.passphrase, PASSPHRASE)
    press(window.gate.passphrase, "Return")
    wait_for(lambda: hearing.position[0] is not None, "the recording again")
    stop.set()
    settle(window)

    assert hearing.position == (media, 7000)
    assert not hearing.is_playing


def test_a_recording_is_drawn_once_for_all_screens(
    matter: Matter, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the transcript to the translation and back nothing is read again."""
    interview = spoken(matter, 20)
    hearing = opened(window := open_window(matter), interview)
    wait_for(lambda: hearing.waveform._peaks is not None, "the waveform")
    monkeypatch.setattr(shapes, "peaks", lambda *_, **__: pytest.fail("read again"))

    other = Hearing(hearing._context, window)
    other.open_interview(InterviewRef(interview.id, interview.code))
    wait_for(lambda: other.position[0] is not None, "the other bar")

    assert other.waveform._peaks is hearing.waveform._peaks
    other.silence()


def test_drawing_is_in_nobodys_way(
    matter: Matter, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It tells how far it is; another recording takes its place; locking does not wait for it."""
    entered, reports = threading.Event(), []

    def slow(_: OpenSound, *, token: CancelToken, report: Report, **__: int) -> None:
        report(Progress(1, 4, "ms of sound"))
        entered.set()
        while not token.is_cancelled:
            threading.Event().wait(0.005)
        reports.append("cancelled")
        raise CancelledError

    monkeypatch.setattr(shapes, "peaks", slow)
    interview = spoken(matter, 20, 20)
    hearing = opened(window := open_window(matter), interview)
    wait_for(entered.is_set, "the drawing")
    wait_for(lambda: "25 %" in hearing.waveform._words, "the words")
    press(window, "F4")
    wait_for(lambda: hearing.position[1] > 200, "the sound meanwhile")
    entered.clear()
    hearing.show_at(hearing._sounds[1].media, 0)
    wait_for(entered.is_set, "the drawing of the other")
    assert reports == ["cancelled"]

    press(window, "Ctrl+L")
    wait_for(lambda: not window.desk.is_open, "the lock")
