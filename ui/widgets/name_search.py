"""Choosing somebody or something of the names register by typing any spelling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from intake.review.listing import find_names
from ui.name_words import kind_word, name_words, treatment_word
from ui.theme import GRID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QEvent, QObject

    from intake.review.listing import NameLine

_MOST: Final = 50
_ROWS: Final = 4
_MOVES: Final = frozenset({Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown})


class NameSearch(QWidget):
    """A field over a list. Typing searches, Up and Down choose, Enter takes."""

    taken = Signal(int)
    """The number of the one that was taken."""

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: Sequence[NameLine] = ()
        self._left_out: int | None = None
        self._is_shown = True
        self.field = QLineEdit()
        self.field.setPlaceholderText(self.tr("Any spelling, in any script"))
        self.field.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData)
        self.label = QLabel(label)
        self.label.setBuddy(self.field)
        self.found = QListWidget()
        self.found.setAccessibleName(self.tr("Names that were found"))
        self.none = QLabel(self.tr("Nobody of the register has such a name."))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addWidget(self.label)
        column.addWidget(self.field)
        column.addWidget(self.found)
        column.addWidget(self.none)
        self._fit()
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self.field.returnPressed.connect(self._take)
        self.found.itemActivated.connect(lambda _: self._take())
        self._search()

    @property
    def chosen(self) -> int | None:
        """The number of the one that is current in the list."""
        item = self.found.currentItem()
        return None if item is None else int(item.data(Qt.ItemDataRole.UserRole))

    def begin(
        self, lines: Sequence[NameLine], *, without: int | None = None, is_shown: bool = True
    ) -> None:
        """Search these, from an empty field; `without` leaves one out.

        Where names are not shown they are found all the same, and stand as dots.
        """
        self._lines, self._is_shown = lines, is_shown
        self._left_out = without
        self.field.clear()
        self._search()

    def take_lines(self, lines: Sequence[NameLine]) -> None:
        """Search these from now on; what was typed stays."""
        chosen = self.chosen
        self._lines = lines
        self._search()
        for row in range(self.found.count()):
            if self.found.item(row).data(Qt.ItemDataRole.UserRole) == chosen:
                self.found.setCurrentRow(row)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text size."""
        super().changeEvent(event)
        if event.type() == event.Type.FontChange:
            self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrows move in the list while one types."""
        if (
            watched is self.field
            and isinstance(event, QKeyEvent)
            and event.type() == event.Type.KeyPress
            and event.key() in _MOVES
        ):
            row = self.found.currentRow()
            step = {Qt.Key.Key_Up: -1, Qt.Key.Key_PageUp: -_ROWS, Qt.Key.Key_Down: 1}
            row += step.get(Qt.Key(event.key()), _ROWS)
            self.found.setCurrentRow(min(max(0, row), self.found.count() - 1))
            return True
        return super().eventFilter(watched, event)

    def _search(self) -> None:
        self.found.clear()
        lines = [line for line in self._lines if line.number != self._left_out]
        for line in find_names(lines, self.field.text())[:_MOST]:
            how = treatment_word(line.treatment.choice)
            words = name_words(line, is_shown=self._is_shown)
            item = QListWidgetItem(f"{words}  \u00b7 {how}")
            item.setData(Qt.ItemDataRole.UserRole, line.number)
            name = line.shown if self._is_shown else ""
            spoken = ", ".join(filter(None, (f"{kind_word(line.kind)} {line.number}", name, how)))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
            self.found.addItem(item)
        self.found.setCurrentRow(0)
        self.none.setVisible(self.found.count() == 0)

    def _fit(self) -> None:
        """Show a few rows: what is looked for stands among the first."""
        row = QFontMetrics(self.font()).lineSpacing() + GRID // 2
        self.found.setFixedHeight(_ROWS * row + 2 * self.found.frameWidth())

    def _take(self) -> None:
        chosen = self.chosen
        if chosen is not None:
            self.taken.emit(chosen)
