"""Spellings near to a hidden name, to be judged "not this person", one place at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from ui.theme import GRID
from ui.wording import is_right_to_left

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent

    from intake.errors import Stop

_WORD: Final = 1
_LEAST_ROWS: Final = 2
_MOST_ROWS: Final = 5


class DoubtfulList(QTreeWidget):
    """A check box for each place. None is ticked beforehand; there is no "all of them".

    `changed` = a box was ticked or cleared; `opened` = Enter or a double click on a row.
    """

    changed = Signal()
    opened = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Near spellings: tick what is not this person"))
        self.setHeaderLabels(
            [
                self.tr("Not this person"),
                self.tr("Words found"),
                self.tr("What they are near to"),
                self.tr("Where"),
            ]
        )
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAlternatingRowColors(True)
        self.itemChanged.connect(self._on_changed)
        self.itemDoubleClicked.connect(lambda *_: self.opened.emit())

    def set_stops(self, stops: Sequence[Stop]) -> None:
        """Show these places, numbered from 1 as the leak check numbers them."""
        self.clear()
        for number, stop in enumerate(stops, 1):
            item = QTreeWidgetItem([self.tr("not judged"), stop.word, stop.what, stop.place])
            item.setCheckState(0, Qt.CheckState.Unchecked)
            item.setData(0, Qt.ItemDataRole.UserRole, number)
            item.setData(
                0,
                Qt.ItemDataRole.AccessibleTextRole,
                self.tr("Not this person: {word}").format(word=stop.word),
            )
            side = (
                Qt.AlignmentFlag.AlignRight
                if is_right_to_left(stop.word)
                else Qt.AlignmentFlag.AlignLeft
            )
            item.setTextAlignment(
                _WORD, side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
            )
            self.addTopLevelItem(item)
        first = self.topLevelItem(0)
        if first is not None:
            self.setCurrentItem(first)
        self._fit()

    def ticked(self) -> tuple[int, ...]:
        """Return the numbers of the places that were judged."""
        items = [self.topLevelItem(row) for row in range(self.topLevelItemCount())]
        return tuple(
            int(item.data(0, Qt.ItemDataRole.UserRole))
            for item in items
            if item is not None and item.checkState(0) is Qt.CheckState.Checked
        )

    def _on_changed(self, item: QTreeWidgetItem, column: int) -> None:
        """Say in words what the box says."""
        if column == 0:
            is_ticked = item.checkState(0) is Qt.CheckState.Checked
            words = self.tr("not this person") if is_ticked else self.tr("not judged")
            if item.text(0) != words:
                item.setText(0, words)
                self.changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open on Enter; Space ticks, as in every list."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.currentItem() is not None:
            self.opened.emit()
            return
        super().keyPressEvent(event)

    def _fit(self) -> None:
        metrics = QFontMetrics(self.font())
        header = self.header()
        letter = metrics.averageCharWidth()
        for column, letters in enumerate((16, 26, 26)):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            header.resizeSection(column, letters * letter + 2 * GRID)
        rows = min(_MOST_ROWS, max(_LEAST_ROWS, self.topLevelItemCount()))
        self.setFixedHeight((rows + 2) * (metrics.lineSpacing() + GRID))
