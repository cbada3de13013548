"""The boxes of S4: what gates Record, what a running recording says, which keys act, Write."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from intake.capture.recording.frames import Warned
from tests.support.recorders import TestRecorders
from ui.capturing import Capture
from ui.keys import Keys
from ui.models.recording import Running, RunningView
from ui.widgets.levels import LevelBar
from ui.widgets.recording_strip import RecordingStrip
from ui.widgets.running_box import RunningBox
from ui.widgets.start_box import ANSWERS, StartBox
from ui.widgets.write_box import TypedLine, WriteBox, WrittenRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

    Show = Callable[..., QWidget]

_MICROPHONE = [("a", "Built-in microphone")]
_HOUR = 3_600_000


@pytest.fixture
def shown(qtbot: QtBot) -> Iterator[Show]:
    """Return what puts widgets on a page of their own and shows it."""
    pages = []

    def show(*widgets: QWidget) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        for widget in widgets:
            column.addWidget(widget)
        qtbot.addWidget(page)
        page.show()
        pages.append(page)
        return page

    yield show
    pages.clear()


def _view(**changes: object) -> RunningView:
    facts: dict[str, object] = {
        "running": Running.RECORDING,
        "elapsed_ms": 62_000,
        "sealed_ms": 61_000,
        "part": 1,
        "peaks": (0.2,),
    }
    return RunningView(**(facts | changes))  # type: ignore[arg-type]  # as the keys say


# --- the gate ------------------------------------------------------------------------------------


def test_nothing_is_ticked_and_record_waits(shown: Show) -> None:
    """Before anybody answered, no answer is chosen and nothing can be recorded."""
    box = StartBox()
    shown(box)
    box.allow(may_record=True)
    box.show_microphones(_MICROPHONE)

    assert box.answer == ""
    assert not any(button.isChecked() for button in box.buttons.values())
    assert not box.record.isEnabled()
    assert box.write.isEnabled()
    assert box.why_not.text() == (
        "Ask first, then answer here: that is all that recording waits for."
    )


@pytest.mark.parametrize("answer", ANSWERS)
def test_only_the_answer_gates_record(shown: Show, answer: str) -> None:
    """Yes and "will say so on the recording" open it; no leads to Write."""
    box = StartBox()
    shown(box)
    box.allow(may_record=True)
    box.show_microphones(_MICROPHONE)

    box.buttons[answer].click()

    assert box.answer == answer
    assert box.record.isEnabled() is (answer != "no")
    assert (box.write.property("kind") == "primary") is (answer == "no")


def test_without_a_microphone_one_can_check_again_and_write(qtbot: QtBot, shown: Show) -> None:
    """No microphone is an ordinary state with a sentence."""
    box = StartBox()
    shown(box)
    box.allow(may_record=True)
    box.buttons["yes"].click()

    assert not box.record.isEnabled()
    assert box.none_found.isVisible()
    assert box.none_found.text() == "No microphone was found. Plug one in, or write."
    with qtbot.waitSignal(box.check_wanted):
        box.check.click()
    box.show_microphones(_MICROPHONE)
    assert box.record.isEnabled()
    assert not box.none_found.isVisible()


def test_a_call_asks_for_the_other_side(shown: Show) -> None:
    """A channel is a side: how many people sit there is asked, for each."""
    box = StartBox()
    shown(box)
    box.allow(may_record=True)

    box.show_microphones(_MICROPHONE)
    box.buttons["yes"].click()
    assert box.people == (1,)
    assert not box.there.isVisible()
    box.is_call.click()
    box.there.setValue(2)
    assert box.people == (1, 2)
    box.begin_anew()
    assert box.people == (1,)
    assert box.answer == ""


def test_who_may_not_record_is_told_so(shown: Show) -> None:
    """An uncleared member sees why."""
    box = StartBox()
    shown(box)
    box.show_microphones(_MICROPHONE)
    box.allow(may_record=False)

    assert not box.record.isEnabled()
    assert box.why_not.text() == "Recording is for a cleared interviewer."


# --- running -------------------------------------------------------------------------------------


def test_a_running_recording_says_how_far_it_is_sealed(shown: Show) -> None:
    """The time, what is on the disk, the level in a word."""
    box = RunningBox(Keys())
    shown(box)
    box.begin(["Microphone"])

    box.show_view(_view(disk_ms=5 * _HOUR, battery_ms=90 * 60_000))

    assert box.time.text() == "00:01:02"
    assert box.state.text() == "Recording, part 1"
    assert box.sealed.text() == "Sealed to 00:01:01"
    assert box.left.text() == "room for 5 h, battery 90 min"
    assert box.bars[0].words == "good"
    assert not box.warning.isVisible()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"warnings": ("silence",)}, "Nothing is heard. Is the microphone on?"),
        ({"warnings": ("no_device",)}, "No microphone is there. Plug one in"),
        ({"warnings": ("clipping",)}, "Too loud: move the microphone away, or turn it down."),
        ({"warnings": ("far_side_in_microphone",)}, "The microphone hears the other side."),
        ({"warnings": ("dropped",)}, "a gap is marked"),
        ({"warnings": ("space",)}, "The disk is nearly full."),
        ({"warnings": ("suspend_not_held",)}, "keep it awake"),
        ({"warnings": ("disk_refused",)}, "What was sealed before is safe."),
        ({"disk_ms": 60_000}, "The disk is nearly full. Recording ends before it is."),
        ({"battery_ms": 60_000}, "The battery is nearly empty."),
        ({"sealed_ms": 1_000}, "The disk is slow: the last seconds are not sealed yet."),
    ],
)
def test_what_is_wrong_is_said(shown: Show, changes: dict[str, object], words: str) -> None:
    """Each warning of the recorder has its sentence, in sight."""
    box = RunningBox(Keys())
    shown(box)
    box.begin(["Microphone"])

    box.show_view(_view(**changes))

    assert words in box.warning.text()
    assert box.warning.isVisible()


def test_every_warning_of_the_recorder_has_words(shown: Show) -> None:
    """Also one that is added later."""
    box = RunningBox(Keys())
    shown(box)
    box.begin(["Microphone"])

    for code in get_args(Warned):
        box.show_view(_view(warnings=(code,)))
        assert box.warning.text(), code


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        ("stopped", "Ended"),
        ("disk", "Ended before the disk was full"),
        ("battery", "Ended before the battery was empty"),
        ("terminated", "Ended because the computer shuts down"),
        ("failed", "Ended by a fault. What was sealed is safe"),
    ],
)
def test_why_it_ended_is_said(shown: Show, ending: str, words: str) -> None:
    """Nobody has to guess whether it was the disk."""
    box = RunningBox(Keys())
    shown(box)
    box.begin(["Microphone"])

    box.show_view(_view(running=Running.ENDED, ending=ending))

    assert box.state.text() == words


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        (Qt.Key.Key_F8, "distress"),
        (Qt.Key.Key_F7, "take_back"),
    ],
)
def test_silent_keys_mark_while_a_note_is_typed(
    qtbot: QtBot, shown: Show, key: Qt.Key, kind: str
) -> None:
    """F keys act from the field of the note; letters are the note's."""
    box = RunningBox(Keys())
    page = shown(box)
    box.begin(["Microphone"])
    box.show_view(_view())
    page.activateWindow()
    box.note.setFocus()
    qtbot.waitUntil(box.note.hasFocus)

    QTest.keyClicks(box.note, "weeps")
    with qtbot.waitSignal(box.moment_wanted) as marked:
        QTest.keyClick(box.note, key)
    assert marked.args == [kind]
    assert box.note.text() == "weeps"
    with qtbot.waitSignal(box.note_wanted) as noted:
        QTest.keyClick(box.note, Qt.Key.Key_Return)
    assert noted.args == ["weeps"]


def test_the_quiet_view_leaves_dot_time_and_notes(shown: Show) -> None:
    """The screen faces the witness: nothing moves and nothing is named."""
    box = RunningBox(Keys())
    shown(box)
    box.begin(["Microphone"])
    box.show_view(_view(warnings=("silence",)))

    box.switch_quiet()
    box.show_view(_view(warnings=("silence",)))

    for seen in (box.dot, box.time, box.note, box.notes, box.quiet):
        assert seen.isVisible()
    for hidden in (box.state, box.sealed, box.left, box.warning, box.stop, box.no, *box.bars):
        assert not hidden.isVisible()
    box.switch_quiet()
    assert box.stop.isVisible()
    assert box.warning.isVisible()


def test_an_ended_recording_offers_nothing(shown: Show) -> None:
    """After Stop, or when disk or battery gave out, no key does anything."""
    box = RunningBox(Keys())
    shown(box)
    box.begin(["Microphone"])

    box.show_view(_view(running=Running.ENDED))

    assert box.state.text() == "Ended"
    assert not box.stop.isEnabled()
    assert not box.note.isEnabled()


@pytest.mark.parametrize(
    ("peak", "words"), [(None, "no sound"), (0.001, "quiet"), (0.1, "good"), (1.0, "too loud")]
)
def test_a_level_says_itself_in_a_word(shown: Show, peak: float | None, words: str) -> None:
    """Colour alone says nothing: the word is drawn, and told to a screen reader."""
    bar = LevelBar("Microphone")
    shown(bar)

    bar.show_peak(peak)

    assert bar.words == words
    assert bar.accessibleDescription() == words


def test_the_strip_says_that_recording_goes_on(shown: Show) -> None:
    """On the lock page: how far it is sealed, Mark, Pause, Stop, and nothing of whom."""
    strip = RecordingStrip(Capture(TestRecorders()))
    shown(strip)

    strip.show_view(_view(sealed_ms=58 * 60_000 + 30_000))
    assert strip.words.text() == "Recording goes on, sealed to 00:58:30."
    assert not strip.open.isVisible()
    strip.show_view(_view(running=Running.PAUSED))
    assert strip.pause.text() == "Go on"
    strip.show_view(None)
    assert not strip.isVisible()


# --- Write ---------------------------------------------------------------------------------------


class _Clock:
    def __init__(self) -> None:
        self.s = 100.0

    def __call__(self) -> float:
        return self.s


def test_a_line_has_the_time_of_its_first_letter_and_turns_the_speaker(
    qtbot: QtBot, shown: Show
) -> None:
    """Question, answer, question: Enter keeps a line and turns."""
    clock = _Clock()
    box = WriteBox(clock)
    shown(box)
    box.begin([("IV-1", "interviewer"), ("W-1", "witness")], language="en")

    clock.s += 5
    QTest.keyClicks(box.words, "Where were you?")
    clock.s += 3
    with qtbot.waitSignal(box.line_wanted) as line:
        QTest.keyClick(box.words, Qt.Key.Key_Return)
    assert line.args == [TypedLine("IV-1", "en", 5000, 8000, "Where were you?")]
    assert box.words.text() == "Where were you?"  # it stays until it is on the disk
    box.kept()
    assert box.words.text() == ""
    assert box.who.currentData() == "W-1"
    box.show_rows([WrittenRow("1", 5000, "IV-1", "Where were you?")])
    assert box.rows.rows[0].text == "Where were you?"


def test_what_is_being_typed_is_handed_over(qtbot: QtBot, shown: Show) -> None:
    """After two idle seconds, and on leaving: a pulled plug costs no more than that."""
    clock = _Clock()
    box = WriteBox(clock)
    shown(box)
    box.begin([("IV-1", "interviewer")], language="ug")
    QTest.keyClicks(box.words, "Half a li")

    with qtbot.waitSignal(box.typed, timeout=10_000) as typed:
        box.hand_over()
    assert typed.args == [TypedLine("IV-1", "ug", 0, 0, "Half a li")]
    assert box._idle.interval() == 2000


def test_words_wait_for_their_language(shown: Show) -> None:
    """Nothing is typed that could not be kept."""
    box = WriteBox(_Clock())
    shown(box)
    box.begin([("IV-1", "interviewer")])

    assert not box.words.isEnabled()
    box.language.choose("ug")
    assert box.words.isEnabled()
