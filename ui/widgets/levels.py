"""How loud each side is, as a bar and in a word: colour alone says nothing to many people."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import GRID

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

_LOWEST_DB: Final = -60.0
_QUIET_DB: Final = -42.0
_LOUD_DB: Final = -1.0


class LevelBar(QWidget):
    """One channel. `show_peak` takes 0 to 1 of full scale; None is "nothing comes"."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._peak: float | None = None
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._tell()

    @property
    def words(self) -> str:
        """What the bar says in a word."""
        level = self._db
        if level is None:
            return self.tr("no sound")
        if level >= _LOUD_DB:
            return self.tr("too loud")
        return self.tr("quiet") if level < _QUIET_DB else self.tr("good")

    @property
    def _db(self) -> float | None:
        return None if not self._peak else max(_LOWEST_DB, 20 * math.log10(self._peak))

    def show_peak(self, peak: float | None) -> None:
        """Show the loudest sample of the last moment, 0 to 1."""
        before = self.words
        self._peak = peak
        if self.words != before:
            self._tell()
        self.update()

    def _tell(self) -> None:
        self.setAccessibleDescription(self.words)
        self.setToolTip(f"{self._name}: {self.words}")

    def sizeHint(self) -> QSize:
        """One line of text high."""
        metrics = self.fontMetrics()
        return QSize(metrics.averageCharWidth() * 24, metrics.height() + GRID)

    def minimumSizeHint(self) -> QSize:
        """As much as its word needs."""
        metrics = self.fontMetrics()
        return QSize(metrics.averageCharWidth() * 14, metrics.height() + GRID)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002  # as Qt calls it
        """Draw the bar from the side where the writing begins, the word over it."""
        painter = QPainter(self)
        palette = self.palette()
        ground = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(palette.color(QPalette.ColorRole.Mid))
        painter.setBrush(palette.color(QPalette.ColorRole.Base))
        painter.drawRect(ground)
        level = self._db
        if level is not None:
            share = 1 - level / _LOWEST_DB
            filled = QRectF(ground)
            filled.setWidth(ground.width() * share)
            if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
                filled.moveRight(ground.right())
            which = (
                QPalette.ColorRole.BrightText if level >= _LOUD_DB else QPalette.ColorRole.Accent
            )
            colour = QColor(palette.color(which))
            colour.setAlphaF(0.45)  # the word over it stays readable
            painter.fillRect(filled, colour)
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        inside = ground.adjusted(GRID, 0, -GRID, 0)
        start = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        painter.drawText(inside, start, f"{self._name}: {self.words}")
        painter.end()
