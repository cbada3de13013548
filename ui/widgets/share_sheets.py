"""Recovery shares, one sheet after the other, to be copied by hand onto paper."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui.theme import GRID, heading

if TYPE_CHECKING:
    from intake.opening.recovering import NewShares

_COLUMNS: Final = 3
_AS_WIDE_AS_A_DIGIT: Final = "\u2007"


class ShareSheets(QWidget):
    """The words of one share at a time, numbered. They cannot be copied but by hand.

    `changed` = another sheet was shown, or the box below was ticked.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sheets: list[list[str]] = []
        self._place = 0
        self._seen: set[int] = set()
        self._labels: list[QLabel] = []
        self.about = QLabel()
        self.about.setWordWrap(True)
        self.title = QLabel()
        heading(self.title)
        self.words = QWidget()
        self._grid = QGridLayout(self.words)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(3 * GRID)
        self._grid.setVerticalSpacing(0)
        self.before = QPushButton(self.tr("Sheet before"))
        self.after = QPushButton(self.tr("Next sheet"))
        self.copied = QCheckBox(self.tr("Every sheet is copied onto paper, number and date too"))
        row = QHBoxLayout()
        row.addWidget(self.title)
        row.addStretch(1)
        row.addWidget(self.before)
        row.addWidget(self.after)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(self.about)
        column.addLayout(row)
        column.addWidget(self.words)
        column.addWidget(self.copied)
        column.addStretch(1)
        self.before.clicked.connect(lambda: self._go(self._place - 1))
        self.after.clicked.connect(lambda: self._go(self._place + 1))
        self.copied.toggled.connect(self.changed)

    @property
    def is_done(self) -> bool:
        """Whether every sheet was on the screen, and somebody says that it is on paper."""
        return self.copied.isChecked() and len(self._seen) == len(self._sheets) > 0

    def show_shares(self, made: NewShares) -> None:
        """Show the first sheet of new shares."""
        self._sheets = [words.split() for words in made.words]
        self._seen.clear()
        self.copied.setChecked(False)
        self.about.setText(
            self.tr(
                "Any {needed} of these {count} sheets open this vault without a passphrase. They "
                "are shown now and never again. Write each on paper of its own and give them to "
                "different people; photograph none."
            ).format(needed=made.source.needed, count=len(made.words))
        )
        self._go(0)

    def forget(self) -> None:
        """Take the words off the screen."""
        self._sheets = []
        self._seen.clear()
        self._fill([])

    def _go(self, place: int) -> None:
        self._place = place
        self._seen.add(place)
        count = len(self._sheets)
        self.title.setText(
            self.tr("Sheet {number} of {count}, {day}").format(
                number=place + 1, count=count, day=dt.datetime.now(dt.UTC).date().isoformat()
            )
        )
        self._fill(self._sheets[place])
        self.before.setEnabled(place > 0)
        self.after.setEnabled(place + 1 < count)
        self.copied.setEnabled(len(self._seen) == count)
        self.changed.emit()

    def _fill(self, words: list[str]) -> None:
        while len(self._labels) < len(words):
            label = QLabel(parent=self.words)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
            self._labels.append(label)
            label.show()
        rows = max(1, -(-len(words) // _COLUMNS))
        for place, label in enumerate(self._labels):
            number = str(place + 1).rjust(2, _AS_WIDE_AS_A_DIGIT)
            label.setText(f"{number}  {words[place]}" if place < len(words) else "")
            self._grid.addWidget(label, place % rows, place // rows)
