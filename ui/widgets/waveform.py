"""The waveform of one recording: where something is said, where one is, what belongs to a segment.

Time runs from left to right in every window, as on every tape and clock of this trade: a waveform
that ran the other way in an Uyghur window would be misread by whoever learned it elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPixmap,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from ui.theme import GRID
from ui.wording import clock

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QResizeEvent

_STEP_MS: Final = 3_000
_LEAST_VIEW_MS: Final = 30_000
"""The closest that one can look: ten peaks a second show nothing more."""
_ZOOM: Final = 2
_FROM_EDGE: Final = 0.1
"""Where the cursor stands in the view after it ran out of the one before."""
_QUIETEST: Final = 1_500
"""What fills the height at least: noise of an empty room should look like it."""
_TALLEST: Final = 0.9
_CURSOR: Final = 2
_SHADE: Final = 45
_THUMB: Final = 3
_GRIP: Final = 4
"""So many pixels beside an edge still take it."""


class Waveform(QSlider):
    """Paints peaks into two pictures once, and a cursor over it. `sought` carries milliseconds.

    To assistive technology it is a slider in seconds. Nearer by Ctrl and the wheel, or + and -.
    Where `are_edges_movable`, the edges of the segment can be dragged; `edges_moved` carries its
    start and end in milliseconds once they are let go.
    """

    sought = Signal(object)
    edges_moved = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._peaks: NDArray[np.int16] | None = None
        self._length_ms = 0
        self._at_ms = 0
        self._from_ms = 0.0
        self._view_ms = 0.0
        self._stretch: tuple[int, int] | None = None
        self._pictures: tuple[QPixmap, QPixmap] | None = None
        self._words = ""
        self.are_edges_movable = False
        self._drag: tuple[int, float, tuple[int, int]] | None = None
        self.setMouseTracking(True)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setRange(0, 0)
        self.setSingleStep(_STEP_MS // 1000)
        self.setAccessibleName(self.tr("Waveform"))
        self.setToolTip(self.tr("Click to go there. Ctrl and the wheel, or + and -, look closer."))
        self.valueChanged.connect(self._on_value)

    # --- what is shown -------------------------------------------------------------------------

    def set_length(self, ms: int) -> None:
        """Show another recording, of which nothing is known but its length."""
        self._length_ms, self._at_ms, self._stretch, self._peaks = max(0, ms), 0, None, None
        self._words = ""
        self.setValue(0)  # before the range: what that cut off would be a place to go to
        self.setRange(0, self._length_ms // 1000)
        self._look_at(0, self._length_ms)
        self._describe()

    def set_peaks(self, peaks: NDArray[np.int16] | None) -> None:
        """Show these peaks, lowest and highest sample by stretch over the whole length."""
        self._peaks = peaks
        self._words = ""
        self._repaint_all()

    def set_words(self, words: str) -> None:
        """Say something where the peaks will be, while there are none."""
        if words != self._words and self._peaks is None:
            self._words = words
            self._repaint_all()

    def set_position(self, ms: int) -> None:
        """Move the cursor: only its old and its new place are painted."""
        old, before = self._x(self._at_ms), self._at_ms
        self._at_ms = ms
        if not self._from_ms <= ms <= self._from_ms + self._view_ms:
            self._look_at(ms - _FROM_EDGE * self._view_ms, self._view_ms)
        elif old != (new := self._x(ms)):
            for x in (old, new):
                self.update(QRect(x - _CURSOR, 0, 2 * _CURSOR + 1, self.height()))
        self.setValue(ms // 1000)
        if before // 1000 != ms // 1000:
            self._describe()

    def set_stretch(self, start_ms: int, end_ms: int) -> None:
        """Shade the segment one is at."""
        self._stretch = (start_ms, end_ms)
        self.update()

    def zoom(self, factor: float, around_ms: float) -> None:
        """Look closer (above 1) or from farther away; `around_ms` stays where it is."""
        if not self._view_ms:
            return
        least = min(_LEAST_VIEW_MS, self._length_ms)
        view = min(max(self._view_ms / factor, least), self._length_ms)
        share = (around_ms - self._from_ms) / self._view_ms
        self._look_at(around_ms - share * view, view)

    def _look_at(self, from_ms: float, view_ms: float) -> None:
        self._view_ms = view_ms
        self._from_ms = min(max(0.0, from_ms), self._length_ms - view_ms)
        self._repaint_all()

    def _repaint_all(self) -> None:
        self._pictures = None
        self.update()

    def _describe(self) -> None:
        self.setAccessibleDescription(
            self.tr("{at} of {length}").format(at=clock(self._at_ms), length=clock(self._length_ms))
        )

    # --- where one goes ------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the place that was clicked, or take the edge of the segment that is there."""
        if event.button() == Qt.MouseButton.LeftButton:
            edge = self._edge_at(event.position().x())
            if edge is not None and self._stretch is not None:
                self._drag = edge, event.position().x(), self._stretch
            else:
                self._seek(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go along while the button is held, or move the edge that was taken."""
        x = event.position().x()
        if not event.buttons() & Qt.MouseButton.LeftButton:
            is_edge = self._edge_at(x) is not None
            self.setCursor(Qt.CursorShape.SplitHCursor if is_edge else Qt.CursorShape.ArrowCursor)
        elif self._drag is not None:
            self._move_edge(x)
        else:
            self._seek(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of an edge; one that was only clicked is a place to go to."""
        event.accept()
        if self._drag is None or event.button() != Qt.MouseButton.LeftButton:
            return
        _, _, before = self._drag
        self._drag = None
        if self._stretch is None or self._stretch == before:
            self._seek(event.position())
        else:
            self.edges_moved.emit(*self._stretch)

    def _edge_at(self, x: float) -> int | None:
        """Return which edge of the segment is at a place: 0 the start, 1 the end, None neither."""
        if self._stretch is None or not self.are_edges_movable or not self._length_ms:
            return None
        off = [abs(x - self._x(ms)) for ms in self._stretch]
        nearest = off.index(min(off))
        return nearest if off[nearest] <= _GRIP else None

    def _move_edge(self, x: float) -> None:
        if self._drag is None:
            return
        edge, begun, (start, end) = self._drag
        by = round((x - begun) * self._view_ms / max(1, self.width()))
        if edge == 0:
            start = min(max(0, start + by), end - 1)
        else:
            end = max(min(self._length_ms, end + by), start + 1)
        self.set_stretch(start, end)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Look closer with Ctrl; without it the page scrolls."""
        turned = event.angleDelta().y()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier and turned:
            self.zoom(_ZOOM if turned > 0 else 1 / _ZOOM, self._ms(event.position().x()))
            event.accept()
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go back and forward by the arrow keys, to both ends, and look closer."""
        key = Qt.Key(event.key())
        page = round(self._view_ms / 2)
        goal = {
            Qt.Key.Key_Left: self._at_ms - _STEP_MS,
            Qt.Key.Key_Right: self._at_ms + _STEP_MS,
            Qt.Key.Key_PageUp: self._at_ms - page,
            Qt.Key.Key_PageDown: self._at_ms + page,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: self._length_ms,
        }.get(key)
        if goal is not None:
            self._go_to(goal)
        elif key in {Qt.Key.Key_Plus, Qt.Key.Key_Minus}:
            self.zoom(_ZOOM if key == Qt.Key.Key_Plus else 1 / _ZOOM, self._at_ms)
        else:
            QWidget.keyPressEvent(self, event)

    def _seek(self, point: QPointF) -> None:
        # Whoever drags out of the picture stays in it: the view does not run away underneath.
        width = max(1, self.width())
        self._go_to(round(self._ms(min(max(point.x(), 0.0), width))))

    def _go_to(self, ms: int) -> None:
        if self._length_ms:
            self.sought.emit(min(self._length_ms, max(0, ms)))

    def _on_value(self, seconds: int) -> None:
        """Go where assistive technology moved the slider to."""
        if seconds != self._at_ms // 1000:
            self._go_to(seconds * 1000)

    def _ms(self, x: float) -> float:
        return self._from_ms + x * self._view_ms / max(1, self.width())

    def _x(self, ms: float) -> int:
        if not self._view_ms:
            return 0
        x = (ms - self._from_ms) * self.width() / self._view_ms
        return min(self.width() - 1, max(0, int(x)))

    # --- painting ------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Ask for the height of three lines."""
        return QSize(40 * GRID, 6 * GRID)

    def minimumSizeHint(self) -> QSize:
        """Do with a narrow one."""
        return QSize(10 * GRID, 6 * GRID)

    def sliderChange(self, change: QSlider.SliderChange) -> None:
        """Paint nothing for it: `set_position` knows which few pixels changed."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Paint the picture anew at the new size."""
        self._pictures = None
        QWidget.resizeEvent(self, event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow palette and font."""
        if event.type() in {event.Type.PaletteChange, event.Type.FontChange}:
            self._pictures = None
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002  # Qt clips to its region
        """Paint what of the pictures is asked for, and the cursor."""
        if self._pictures is None or self._pictures[0].devicePixelRatio() != self._ratio():
            self._pictures = self._painted(is_marked=False), self._painted(is_marked=True)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._pictures[0])
        palette = self.palette()
        if self._stretch is not None and self._length_ms:
            self._paint_stretch(painter, self._pictures[1], *self._stretch)
        if self._length_ms:
            cursor = palette.color(QPalette.ColorRole.BrightText)
            painter.fillRect(QRect(self._x(self._at_ms), 0, _CURSOR, self.height()), cursor)
        if self.hasFocus():
            painter.setPen(palette.color(QPalette.ColorRole.Highlight))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _paint_stretch(
        self, painter: QPainter, picture: QPixmap, start_ms: int, end_ms: int
    ) -> None:
        """Show the segment's part of the other picture, between lines: never by colour alone."""
        if end_ms < self._from_ms or start_ms > self._from_ms + self._view_ms:
            return
        left, right = self._x(start_ms), self._x(end_ms)
        ratio = self._ratio()
        part = QRect(left, 0, max(_CURSOR, right - left), self.height())
        source = QRectF(part.x() * ratio, 0, part.width() * ratio, part.height() * ratio)
        painter.drawPixmap(QRectF(part), picture, source)
        line = self.palette().color(QPalette.ColorRole.Text)
        for x in (left, left + part.width()):
            painter.fillRect(QRect(x, 0, 1, self.height()), line)

    def _ratio(self) -> float:
        return self.devicePixelRatio()

    def _painted(self, *, is_marked: bool) -> QPixmap:
        """Return the waveform, quiet or as a segment's part of it looks."""
        ratio = self._ratio()
        width, height = max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))
        picture = QPixmap(width, height)
        role = QPalette.ColorRole
        palette = self.palette()
        picture.fill(palette.color(role.Base))
        painter = QPainter(picture)
        if is_marked:
            shade = palette.color(role.Highlight)
            shade.setAlpha(_SHADE)
            painter.fillRect(0, 0, width, height, shade)
        if not self._words:
            painter.setPen(palette.color(role.Mid))
            painter.drawLine(0, height // 2, width, height // 2)
        if self._peaks is not None and len(self._peaks) and self._view_ms:
            painter.setPen(palette.color(role.Highlight if is_marked else role.PlaceholderText))
            painter.drawLines(self._lines(self._peaks, width, height))
        painter.setPen(palette.color(role.Mid))
        painter.drawRect(0, 0, width - 1, height - 1)
        self._paint_thumb(painter, width, height, round(_THUMB * ratio))
        painter.end()
        picture.setDevicePixelRatio(ratio)
        if self._words:
            painter = QPainter(picture)
            painter.setFont(self.font())
            painter.setPen(palette.color(role.PlaceholderText))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._words)
            painter.end()
        return picture

    def _paint_thumb(self, painter: QPainter, width: int, height: int, thumb: int) -> None:
        """Draw which part of the recording is in sight, where it is not all of it."""
        if self._view_ms < self._length_ms:
            left = round(self._from_ms * width / self._length_ms)
            along = max(thumb, round(self._view_ms * width / self._length_ms))
            colour = self.palette().color(QPalette.ColorRole.WindowText)
            painter.fillRect(left, height - thumb, along, thumb, colour)

    def _lines(self, peaks: NDArray[np.int16], width: int, height: int) -> list[QLineF]:
        """Return a line from the lowest to the highest sample of each column that has one."""
        count = len(peaks)
        loudest = max(_QUIETEST, -int(peaks[:, 0].min()), int(peaks[:, 1].max()))
        at = self._from_ms + np.arange(width + 1) * (self._view_ms / width)
        edges = np.clip((at * count / self._length_ms).astype(int), 0, count - 1)
        # Columns narrower than a peak share one: `reduceat` takes a single row for equal edges.
        lowest = np.minimum.reduceat(peaks[:, 0], edges)[:-1] / loudest
        highest = np.maximum.reduceat(peaks[:, 1], edges)[:-1] / loudest
        middle, most = height / 2, height * _TALLEST / 2
        tops, ends = middle - highest * most, middle - lowest * most
        pairs = zip(tops.tolist(), ends.tolist(), strict=True)
        return [QLineF(x, top, x, end) for x, (top, end) in enumerate(pairs)]
