"""The strip above a screen in which Intake says what happened and what to do."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent, QColor, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from ui.messages import sentence
from ui.theme import GRID


class NoticeStrip(QFrame):
    """One sentence at a time, and a button to put it away. It never takes the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stays = False
        self.setFrameShape(QFrame.Shape.Box)
        self.setAutoFillBackground(True)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.words.setAccessibleName(self.tr("What happened"))
        self.away = QPushButton(self.tr("Put away"))
        self.away.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.away.clicked.connect(self.clear)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID, GRID, GRID, GRID)
        row.addWidget(self.words, stretch=1)
        row.addWidget(self.away)
        self.hide()

    def say(self, words: str) -> None:
        """Show that something was done."""
        self._show(words, is_refusal=False)

    def warn(self, words: str) -> None:
        """Show what concerns the whole vault: it stays on every page until it is put away."""
        self._show("(!) " + words, is_refusal=True)
        self._stays = True

    def leave_page(self) -> None:
        """Put away what belongs to the page that one leaves."""
        if not self._stays:
            self.clear()

    def refuse(self, error: Exception) -> None:
        """Show the sentence of an error, with a sign in front of it: colour alone says nothing."""
        self._show("(!) " + sentence(error), is_refusal=True)

    def clear(self) -> None:
        """Put the sentence away."""
        self.words.clear()
        self._stays = False
        self.hide()

    def _show(self, words: str, *, is_refusal: bool) -> None:
        self._stays = False
        palette = QPalette(self.palette())
        role = QPalette.ColorRole
        palette.setColor(role.Window, palette.color(role.Base))
        colour = palette.color(role.BrightText if is_refusal else role.WindowText)
        palette.setColor(role.WindowText, QColor(colour))
        self.words.setPalette(palette)
        self.words.setText(words)
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self.words, QAccessible.Event.Alert))
