"""Two columns that scroll together, and stand below each other where the text is large."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QPoint, QTimer, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QBoxLayout, QFrame, QScrollArea, QVBoxLayout, QWidget

from ui.theme import GRID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

_BESIDE_LETTERS: Final = 112
"""Narrower than this, in letters of the text size, there is no room beside each other."""


class TwoColumns(QScrollArea):
    """The parts of a page: the first column from top to bottom, then the second."""

    text_size_changed = Signal()
    """The text size is another one, and the widgets inside have followed."""

    def __init__(self, first: Sequence[QWidget], second: QWidget) -> None:
        super().__init__()
        self.inside = QWidget()
        self.columns = QBoxLayout(QBoxLayout.Direction.LeftToRight, self.inside)
        self.columns.setContentsMargins(0, 0, 0, 0)
        self.columns.setSpacing(2 * GRID)
        column = QVBoxLayout()
        column.setSpacing(GRID)
        for widget in first:
            column.addWidget(widget)
        column.addStretch(1)
        self.columns.addLayout(column, stretch=1)
        self.columns.addWidget(second, stretch=1)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidget(self.inside)

    def see(self, widget: QWidget, at: QPoint, around: int) -> None:
        """Scroll to a place of a widget inside, and as much around it, in pixels."""
        self.ensureVisible(0, widget.mapTo(self.inside, at).y(), 0, around)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Look whether there is room beside each other."""
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text size, and tell once everything inside has followed too."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._arrange()
            QTimer.singleShot(0, self, self.text_size_changed.emit)

    def _arrange(self) -> None:
        letters = self.width() / max(1, QFontMetrics(self.font()).averageCharWidth())
        direction = QBoxLayout.Direction
        is_wide = letters >= _BESIDE_LETTERS
        self.columns.setDirection(direction.LeftToRight if is_wide else direction.TopToBottom)
