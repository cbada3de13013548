"""A part of a screen that scrolls only where the screen is too small for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy

from ui.theme import GRID

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent
    from PySide6.QtWidgets import QWidget

_MOST: Final = 34 * GRID
"""The height that is always given, in pixels: what is more may have to scroll."""


class Roomy(QScrollArea):
    """As high as what is in it."""

    def __init__(self, inside: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inside = inside
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setWidget(inside)

    def sizeHint(self) -> QSize:
        """Ask for all that is needed in the width that there is."""
        inside = self._inside
        hint = inside.sizeHint()
        if inside.hasHeightForWidth():
            hint.setHeight(inside.heightForWidth(max(self.viewport().width(), hint.width())))
        return hint

    def minimumSizeHint(self) -> QSize:
        """Do with less height where it must be."""
        hint = self._inside.minimumSizeHint()
        width = hint.width() + self.verticalScrollBar().sizeHint().width()
        return QSize(width, min(self.sizeHint().height(), _MOST))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask again: words that wrap need more in less width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow what is in it: a question may take the place of the buttons."""
        if watched is self._inside and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)
