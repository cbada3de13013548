"""The table of every list: whole rows, fixed heights, Enter or a double click opens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from ui.theme import GRID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QEvent

    from ui.models.rows import Index, RowsModel

_OPENS: Final = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})


class Table(QTableView):
    """A table that one goes through by row. `opened` and `current_changed` carry the row's place.

    Heights are fixed: fitting them to their content takes seconds on long transcripts (measured).
    """

    opened = Signal(int)
    current_changed = Signal(int)

    def __init__(
        self,
        model: RowsModel[Any],
        name: str,
        *,
        widths: Sequence[int] = (),
        lines: int = 1,
        parent: QWidget | None = None,
    ) -> None:
        """`name` is read aloud; `widths` in letters by column, 0 = the rest; `lines` a row."""
        super().__init__(parent)
        self._lines = lines
        self._widths = tuple(widths)
        self.setModel(model)
        self.setAccessibleName(name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setTabKeyNavigation(False)
        self.setWordWrap(lines > 1)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        )
        self._fit()
        self.doubleClicked.connect(lambda index: self.opened.emit(index.row()))

    @property
    def place(self) -> int | None:
        """The row that is current, None where there is none."""
        index = self.currentIndex()
        return index.row() if index.isValid() else None

    def go_to(self, place: int) -> None:
        """Make a row current and bring it into sight."""
        index = self.model().index(place, 0)
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Tell where one is now; -1 for nowhere."""
        super().currentChanged(current, previous)
        self.current_changed.emit(current.row() if current.isValid() else -1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the current row on Enter."""
        place = self.place
        if event.key() in _OPENS and not event.modifiers() and place is not None:
            self.opened.emit(place)
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text size."""
        super().changeEvent(event)
        if event.type() == event.Type.FontChange:
            self._fit()

    def sizeHint(self) -> QSize:
        """Ask for a few rows; layouts give what there is."""
        return QSize(40 * GRID, 6 * self.verticalHeader().defaultSectionSize())

    def _fit(self) -> None:
        metrics = QFontMetrics(self.font())
        self.verticalHeader().setDefaultSectionSize(self._lines * metrics.lineSpacing() + 2 * GRID)
        header = self.horizontalHeader()
        for column, letters in enumerate(self._widths):
            mode = QHeaderView.ResizeMode.Interactive if letters else QHeaderView.ResizeMode.Stretch
            header.setSectionResizeMode(column, mode)
            if letters:
                header.resizeSection(column, letters * metrics.averageCharWidth() + 2 * GRID)
