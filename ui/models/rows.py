"""A table over rows that were read in bulk: each column is a heading and what it says of a row.

Rows are plain frozen objects with an `id` of their own. An edit replaces one row (`update_row`),
which repaints that row and no other; the selection stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QModelRoleData,
    QModelRoleDataSpan,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QBrush, QColor, QGuiApplication

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

_Row = TypeVar("_Row")
Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()
_LRI, _RLI, _PDI = "\u2066", "\u2067", "\u2069"


@dataclass(frozen=True, slots=True)
class Column(Generic[_Row]):
    """One column. `is_rtl` tells of a row whether its words run right to left (text columns)."""

    heading: str
    words: Callable[[_Row], str]
    is_rtl: Callable[[_Row], bool] | None = None
    is_number: bool = False
    ground: Callable[[_Row], str | None] | None = None
    """The colour behind a cell as #rrggbb; its meaning must stand in the words as well."""


class RowsModel(QAbstractTableModel, Generic[_Row]):
    """A read-only table model over a list. Used in the drawing thread only."""

    def __init__(
        self,
        columns: Sequence[Column[_Row]],
        key: Callable[[_Row], Hashable],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._key = key
        self._rows: list[_Row] = []
        self._places: dict[Hashable, int] = {}

    @property
    def rows(self) -> list[_Row]:
        """All rows, in order. Not to be changed."""
        return self._rows

    def row(self, number: int) -> _Row:
        """Return a row by its place."""
        return self._rows[number]

    def place_of(self, key: Hashable) -> int | None:
        """Return where the row of that key stands, None where there is none."""
        return self._places.get(key)

    def set_rows(self, rows: Sequence[_Row]) -> None:
        """Show other rows. Rows that stay at the beginning keep selection and scroll place."""
        new, known = list(rows), len(self._rows)
        if known and [*map(self._key, new[:known])] == [*map(self._key, self._rows)]:
            self._rows[:] = new[:known]
            self._tell(0, known - 1)
            self.append(new[known:])
            return
        self.beginResetModel()
        self._rows = new
        self._places = {self._key(row): n for n, row in enumerate(new)}
        self.endResetModel()

    def append(self, rows: Sequence[_Row]) -> None:
        """Add rows at the end."""
        if not rows:
            return
        first = len(self._rows)
        self.beginInsertRows(_NO_PARENT, first, first + len(rows) - 1)
        self._rows += rows
        self._places.update({self._key(row): first + n for n, row in enumerate(rows)})
        self.endInsertRows()

    def remove(self, place: int) -> None:
        """Take one row away; the others keep selection and scroll place."""
        self.beginRemoveRows(_NO_PARENT, place, place)
        del self._rows[place]
        self._places = {self._key(row): n for n, row in enumerate(self._rows)}
        self.endRemoveRows()

    def update_row(self, row: _Row) -> None:
        """Show what became of one row; unknown rows are ignored."""
        place = self._places.get(self._key(row))
        if place is not None:
            self._rows[place] = row
            self._tell(place, place)

    def update_rows(self, rows: Sequence[_Row]) -> None:
        """Show what became of several rows, told to the view at once; unknown ones are ignored."""
        places = []
        for row in rows:
            place = self._places.get(self._key(row))
            if place is not None:
                self._rows[place] = row
                places.append(place)
        if places:
            self._tell(min(places), max(places))

    def _tell(self, first: int, last: int) -> None:
        self.dataChanged.emit(self.index(first, 0), self.index(last, len(self._columns) - 1))

    # --- what Qt asks --------------------------------------------------------------------------

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """Return how many rows there are."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401  # Qt's
        """Return the words of a cell, how they are placed, and what is read aloud."""
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], self._columns[index.column()]
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole}:
            return _in_their_direction(column, row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{column.heading}: {column.words(row)}"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column, row)
        if role == Qt.ItemDataRole.BackgroundRole and column.ground is not None:
            colour = column.ground(row)
            return QBrush(QColor(colour)) if colour else None
        return None

    def multiData(self, index: Index, span: QModelRoleDataSpan | QModelRoleData) -> None:
        """Answer everything that painting a cell asks at once.

        Each answer by itself waits for Python, half a millisecond while another thread works: a
        page of cells took 0.2 s then (measured).
        """
        for wanted in cast("Iterable[QModelRoleData]", span):  # its stub does not say so
            wanted.setData(self.data(index, wanted.role()))

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:  # noqa: ANN401  # Qt's
        """Return a heading."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].heading
        return None


def _in_their_direction(column: Column[Any], row: object) -> str:
    """Isolate words that run against the window: a cell takes the window's direction (UAX 9)."""
    words = column.words(row)
    if column.is_rtl is None or not words:
        return words
    is_rtl = column.is_rtl(row)
    if is_rtl == QGuiApplication.isRightToLeft():
        return words
    return f"{_RLI if is_rtl else _LRI}{words}{_PDI}"


def _alignment(column: Column[Any], row: object) -> Qt.AlignmentFlag:
    """Place words by their own language, never by that of the window."""
    side = Qt.AlignmentFlag.AlignLeading
    if column.is_number:
        side = Qt.AlignmentFlag.AlignTrailing
    elif column.is_rtl is not None:
        right = column.is_rtl(row)
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        side |= Qt.AlignmentFlag.AlignAbsolute
    return side | Qt.AlignmentFlag.AlignVCenter
