"""The waveform of one recording: where something is said, where one is, what belongs to a segment.

Time runs from left to right in every window, as on every tape and clock of this trade: a waveform
that ran the other way in an Uyghur window would be misread by whoever learned it elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import GRID
from ui.wording import clock

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QResizeEvent

_STEP_MS: Final = 3_000
_FULL: Final = 32_768.0
_CURSOR: Final = 2
_SHADE: Final = 60


class Waveform(QWidget):
    """Paints peaks into a picture once, and a cursor over it. `sought` carries milliseconds."""

    sought = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._peaks: NDArray[np.int16] | None = None
        self._length_ms = 0
        self._at_ms = 0
        self._stretch: tuple[int, int] | None = None
        self._picture: QPixmap | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Waveform"))

    def set_length(self, ms: int) -> None:
        """Show another recording, of which nothing is known but its length."""
        self._length_ms, self._at_ms, self._stretch, self._peaks = max(0, ms), 0, None, None
        self._picture = None
        self._describe()
        self.update()

    def set_peaks(self, peaks: NDArray[np.int16] | None) -> None:
        """Show these peaks, lowest and highest sample by stretch over the whole length."""
        self._peaks = peaks
        self._picture = None
        self.update()

    def set_position(self, ms: int) -> None:
        """Move the cursor: only its old and its new place are painted."""
        old, new = self._x(self._at_ms), self._x(ms)
        self._at_ms = ms
        if old != new:
            for x in (old, new):
                self.update(QRect(x - _CURSOR, 0, 2 * _CURSOR + 1, self.height()))
            self._describe()

    def set_stretch(self, start_ms: int, end_ms: int) -> None:
        """Shade the segment one is at."""
        self._stretch = (start_ms, end_ms)
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for the height of three lines."""
        return QSize(40 * GRID, 6 * GRID)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Paint the picture anew at the new size."""
        self._picture = None
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the palette."""
        if event.type() == event.Type.PaletteChange:
            self._picture = None
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002  # Qt clips to its region
        """Paint what of the picture is asked for, the segment, and the cursor."""
        if self._picture is None:
            self._picture = self._painted()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        palette = self.palette()
        if self._stretch is not None and self._length_ms:
            left, right = (self._x(ms) for ms in self._stretch)
            shade = palette.color(QPalette.ColorRole.Highlight)
            shade.setAlpha(_SHADE)
            painter.fillRect(QRect(left, 0, max(_CURSOR, right - left), self.height()), shade)
        cursor = palette.color(QPalette.ColorRole.BrightText)
        painter.fillRect(QRect(self._x(self._at_ms), 0, _CURSOR, self.height()), cursor)
        if self.hasFocus():
            painter.setPen(palette.color(QPalette.ColorRole.Highlight))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the place that was clicked."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._seek(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go along while the button is held."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._seek(event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go back and forward by the arrow keys."""
        by = {Qt.Key.Key_Left: -_STEP_MS, Qt.Key.Key_Right: _STEP_MS}.get(Qt.Key(event.key()))
        if by is None:
            super().keyPressEvent(event)
        elif self._length_ms:
            self.sought.emit(min(self._length_ms, max(0, self._at_ms + by)))

    def _seek(self, point: QPointF) -> None:
        if self._length_ms and self.width():
            share = min(1.0, max(0.0, point.x() / self.width()))
            self.sought.emit(round(share * self._length_ms))

    def _x(self, ms: int) -> int:
        if not self._length_ms:
            return 0
        return min(self.width() - 1, max(0, ms * self.width() // self._length_ms))

    def _describe(self) -> None:
        self.setAccessibleDescription(
            self.tr("{at} of {length}").format(at=clock(self._at_ms), length=clock(self._length_ms))
        )

    def _painted(self) -> QPixmap:
        ratio = self.devicePixelRatio()
        width, height = round(self.width() * ratio), round(self.height() * ratio)
        picture = QPixmap(max(1, width), max(1, height))
        palette = self.palette()
        picture.fill(palette.color(QPalette.ColorRole.Base))
        painter = QPainter(picture)
        painter.setPen(palette.color(QPalette.ColorRole.Mid))
        painter.drawLine(0, height // 2, width, height // 2)
        if self._peaks is not None and len(self._peaks) and width:
            painter.setPen(palette.color(QPalette.ColorRole.Link))
            starts = np.arange(width) * len(self._peaks) // width
            lowest = np.minimum.reduceat(self._peaks[:, 0], starts) / _FULL
            highest = np.maximum.reduceat(self._peaks[:, 1], starts) / _FULL
            middle = height / 2
            for x in range(width):
                top, bottom = middle - highest[x] * middle, middle - lowest[x] * middle
                painter.drawLine(QPointF(x, top), QPointF(x, bottom))
        painter.end()
        picture.setDevicePixelRatio(ratio)
        return picture
