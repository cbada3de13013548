"""The waveform: where one clicks is where one goes, and little is painted while it plays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QAccessible, QColor, QPaintEvent, QPalette, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.support.window import wait_for
from ui.theme import Look, palette_of
from ui.widgets.waveform import Waveform

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
WIDTH, HEIGHT = 600, 48


class Painted(QObject):
    """Notes what is asked to be painted."""

    def __init__(self, wave: Waveform) -> None:
        super().__init__(wave)
        self.regions: list[QRect] = []
        wave.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's name
        """Look at paint events."""
        if isinstance(event, QPaintEvent):
            self.regions += list(event.region())
        return super().eventFilter(watched, event)


@pytest.fixture
def wave(qtbot: QtBot) -> Waveform:
    """Return the waveform of an hour: one loud second in the middle, silence around it."""
    made = Waveform()
    qtbot.addWidget(made)
    made.resize(WIDTH, HEIGHT)
    peaks = np.zeros((36_000, 2), np.int16)
    peaks[18_000:18_010] = (-32_768, 32_767)
    made.set_length(HOUR_MS)
    made.set_peaks(peaks)
    made.show()
    wait_for(made.isVisible, "the waveform")
    return made


def _sought(wave: Waveform) -> list[int]:
    sought: list[int] = []
    wave.sought.connect(sought.append)
    return sought


def _colour(wave: Waveform, x: int, y: int) -> QColor:
    return wave.grab().toImage().pixelColor(x, y)


def _wheel(wave: Waveform, x: int, turned: int, modifiers: Qt.KeyboardModifier) -> QWheelEvent:
    event = QWheelEvent(
        QPointF(x, 10),
        QPointF(x, 10),
        QPoint(),
        QPoint(0, turned),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,  # noqa: FBT003  # Qt takes it by place
    )
    QApplication.sendEvent(wave, event)
    return event


def test_a_click_goes_there_and_dragging_goes_along(wave: Waveform) -> None:
    """In milliseconds; whoever drags out of it stays at its ends."""
    sought = _sought(wave)
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(wave, left, pos=QPoint(WIDTH // 2, 10))
    QTest.mouseMove(wave, QPoint(WIDTH // 4, 10))
    QTest.mouseMove(wave, QPoint(-50, 10))
    QTest.mouseMove(wave, QPoint(WIDTH + 50, 10))
    QTest.mouseRelease(wave, left, pos=QPoint(WIDTH + 50, 10))
    QTest.mouseClick(wave, Qt.MouseButton.RightButton, pos=QPoint(10, 10))

    assert sought[0] == HOUR_MS // 2
    assert sought[-1] == HOUR_MS
    assert set(sought) <= {HOUR_MS // 2, HOUR_MS // 4, 0, HOUR_MS}


def test_keys_go_back_and_forward(wave: Waveform) -> None:
    """Arrows by three seconds, page keys by half of what is seen, Home and End to the ends."""
    sought = _sought(wave)
    wave.set_position(HOUR_MS // 2)
    key = Qt.Key
    for one in (key.Key_Left, key.Key_Right, key.Key_PageUp, key.Key_Home, key.Key_End):
        QTest.keyClick(wave, one)

    middle = HOUR_MS // 2
    assert sought == [middle - 3000, middle + 3000, 0, 0, HOUR_MS]


def test_nothing_is_sought_where_nothing_is(qtbot: QtBot) -> None:
    """No recording, no place to go to."""
    wave = Waveform()
    qtbot.addWidget(wave)
    sought = _sought(wave)
    wave.resize(WIDTH, HEIGHT)
    wave.show()
    QTest.mouseClick(wave, Qt.MouseButton.LeftButton, pos=QPoint(10, 10))
    QTest.keyClick(wave, Qt.Key.Key_End)
    wave.zoom(2, 0)

    assert sought == []


def test_it_shows_where_it_was_loud(wave: Waveform) -> None:
    """A line as high as the sound, also for the loudest that there is; elsewhere the ground."""
    ground = wave.palette().color(QPalette.ColorRole.Base)

    assert _colour(wave, WIDTH // 2, 6) != ground
    assert _colour(wave, WIDTH // 2 + 20, 6) == ground


def test_only_the_cursor_is_painted_while_it_plays(wave: Waveform) -> None:
    """A few pixels around its old and its new place; and none while it stands on one."""
    wave.set_position(600_000)
    QApplication.processEvents()
    painted = Painted(wave)

    for ms in range(600_050, 630_000, 50):
        wave.set_position(ms)
        QApplication.processEvents()

    assert 3 <= len(painted.regions) <= 8
    assert max(region.width() for region in painted.regions) < 20
    assert {region.height() for region in painted.regions} == {HEIGHT}


def test_the_segment_stands_out(wave: Waveform) -> None:
    """On another ground, between two lines."""
    ground = wave.palette().color(QPalette.ColorRole.Base)
    wave.set_stretch(HOUR_MS // 4, HOUR_MS // 3)

    assert _colour(wave, WIDTH // 4 + 20, 6) != ground
    assert _colour(wave, WIDTH // 4 - 20, 6) == ground
    line = wave.palette().color(QPalette.ColorRole.Text)
    assert _colour(wave, WIDTH // 4, 6) == line
    assert _colour(wave, WIDTH // 3, 6) == line


def test_it_follows_the_look(wave: Waveform) -> None:
    """Dark is dark, without being opened again."""
    wave.grab()
    wave.setPalette(palette_of(Look.DARK))

    assert _colour(wave, 20, 6) == palette_of(Look.DARK).color(QPalette.ColorRole.Base)


def test_time_runs_from_left_to_right_everywhere(wave: Waveform, qapp: QApplication) -> None:
    """Also in a window from right to left."""
    sought = _sought(wave)
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        QTest.mouseClick(wave, Qt.MouseButton.LeftButton, pos=QPoint(WIDTH // 4, 10))
        QTest.keyClick(wave, Qt.Key.Key_Right)
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)

    assert sought == [HOUR_MS // 4, 3000]


def test_looking_closer_keeps_the_place_under_the_pointer(wave: Waveform) -> None:
    """With Ctrl and the wheel; without Ctrl the page scrolls. Never closer than what is known."""
    sought = _sought(wave)
    wheel = _wheel(wave, 150, 120, Qt.KeyboardModifier.ControlModifier)
    assert wheel.isAccepted()
    QTest.mouseClick(wave, Qt.MouseButton.LeftButton, pos=QPoint(150, 10))
    QTest.mouseClick(wave, Qt.MouseButton.LeftButton, pos=QPoint(WIDTH, 10))
    assert sought[0] == HOUR_MS // 4
    assert sought[1] == pytest.approx(HOUR_MS // 4 + 450 * HOUR_MS / WIDTH / 2, abs=5000)
    assert not _wheel(wave, 150, 120, Qt.KeyboardModifier.NoModifier).isAccepted()

    for _ in range(20):
        QTest.keyClick(wave, Qt.Key.Key_Plus)
    assert wave._view_ms == 30_000
    for _ in range(20):
        QTest.keyClick(wave, Qt.Key.Key_Minus)
    assert (wave._from_ms, wave._view_ms) == (0, HOUR_MS)


def test_the_view_goes_on_with_the_cursor(wave: Waveform) -> None:
    """Page by page, so that it stands still to be read; and jumps with it."""
    wave.set_position(600_000)
    wave.zoom(60, 600_000)
    first = wave._from_ms
    wave.set_position(int(first + wave._view_ms - 1))
    assert wave._from_ms == first

    wave.set_position(int(first + wave._view_ms + 50))
    second = wave._from_ms
    assert second > first
    assert second <= first + wave._view_ms

    wave.set_position(3_000_000)
    assert wave._from_ms <= 3_000_000 <= wave._from_ms + wave._view_ms
    wave.set_position(HOUR_MS)
    assert wave._from_ms + wave._view_ms == HOUR_MS
    wave.grab()


def test_it_is_a_slider_in_seconds_to_who_does_not_see_it(wave: Waveform) -> None:
    """Name, value and time; moved from there it goes there, and moved by the sound it does not."""
    sought = _sought(wave)
    wave.set_position(715_200)
    told = QAccessible.queryAccessibleInterface(wave)

    assert told.role() is QAccessible.Role.Slider
    assert told.text(QAccessible.Text.Name) == "Waveform"
    assert told.text(QAccessible.Text.Value) == "715"
    assert told.text(QAccessible.Text.Description) == "00:11:55 of 01:00:00"
    assert sought == []

    wave.setValue(60)
    assert sought == [MINUTE_MS]

    wave.set_position(MINUTE_MS)
    wave.set_length(MINUTE_MS)
    assert sought == [MINUTE_MS]


def test_while_there_are_no_peaks_it_says_so(wave: Waveform) -> None:
    """Words in their place; never over them."""
    wave.set_words("Drawing the waveform: 40 %")
    assert wave._words == ""

    wave.set_length(HOUR_MS)
    empty = wave.grab().toImage()
    wave.set_words("Drawing the waveform: 40 %")
    assert wave.grab().toImage() != empty


def test_a_short_recording_fills_the_width(qtbot: QtBot) -> None:
    """Fewer peaks than pixels; also a single one, and none."""
    wave = Waveform()
    qtbot.addWidget(wave)
    wave.resize(WIDTH, HEIGHT)
    for count in (20, 1, 0):
        wave.set_length(count * 100)
        wave.set_peaks(np.full((count, 2), (-9000, 9000), np.int16))
        wave.set_stretch(0, count * 100)
        wave.grab()
    wave.set_length(2000)
    wave.set_peaks(np.full((20, 2), (-9000, 9000), np.int16))
    ground = wave.palette().color(QPalette.ColorRole.Base)

    assert all(_colour(wave, x, 6) != ground for x in range(5, WIDTH - 5, 7))
