"""Finding words in a transcript, and replacing them: every place is shown before it changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from intake.transcript.finding import Found, Wanted, find_places
from ui.models.rows import Column, RowsModel
from ui.theme import GRID
from ui.widgets.table import Table
from ui.wording import is_right_to_left

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.transcript.reading import SegmentLine

_LOOK_MS: Final = 250
_AROUND: Final = 40


@dataclass(frozen=True, slots=True)
class Shown:
    """One place as the list shows it; `nth` counts those of its segment from 0."""

    id: int
    found: Found
    nth: int
    around: str = field(repr=False)


class _Places(Table):
    """A few rows: the transcript below needs the room."""

    def sizeHint(self) -> QSize:
        """Ask for three rows and their heading."""
        return QSize(40 * GRID, 4 * self.verticalHeader().defaultSectionSize())


class FindBar(QWidget):
    """Looks in the lines that it is given. What is done about a place is the screen's.

    `gone_to` carries a `Shown`; `replace_wanted` a `Shown` or None for all places.
    """

    gone_to = Signal(object)
    replace_wanted = Signal(object)
    nothing_found = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: Sequence[SegmentLine] = ()
        self._from = 0
        self.search = QLineEdit()
        self.whole = QCheckBox(self.tr("Whole words"))
        self.exact = QCheckBox(self.tr("Capitals count"))
        self.count = QLabel()
        self.next = QPushButton(self.tr("Next place"))
        self.new = QLineEdit()
        self.one = QPushButton(self.tr("Replace this place"))
        self.all = QPushButton(self.tr("Replace all"))
        self.places = RowsModel[Shown](self._columns(), lambda shown: shown.id)
        self.table = _Places(self.places, self.tr("Places found"), widths=(6, 0))
        self.table.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._name()
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._connect()
        self.show_replacing(is_on=False)

    def _name(self) -> None:
        self.search.setPlaceholderText(self.tr("Find in this transcript"))
        self.search.setAccessibleName(self.tr("Find in this transcript"))
        self.search.setClearButtonEnabled(True)
        self.new.setPlaceholderText(self.tr("In its place"))
        self.new.setAccessibleName(self.tr("What is put in its place"))
        self.count.setAccessibleName(self.tr("How many places were found"))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout()
        row.addWidget(self.search, stretch=1)
        row.addWidget(self.count)
        row.addWidget(self.next)
        self.row = row
        column.addLayout(row)
        self.replacing = QWidget()
        below = QVBoxLayout(self.replacing)
        below.setContentsMargins(0, 0, 0, 0)
        second = QHBoxLayout()
        second.addWidget(self.new, stretch=1)
        for widget in (self.whole, self.exact, self.one, self.all):
            second.addWidget(widget)
        below.addLayout(second)
        below.addWidget(self.table)
        column.addWidget(self.replacing)

    def _connect(self) -> None:
        self.search.textChanged.connect(lambda _: self._timer.start())
        for box in (self.whole, self.exact):
            box.toggled.connect(lambda _: self.look())
        self.search.returnPressed.connect(self.go_on)
        self.next.clicked.connect(self.go_on)
        self.table.current_changed.connect(self._on_place)
        self.new.returnPressed.connect(self._on_one)
        self.one.clicked.connect(self._on_one)
        self.all.clicked.connect(lambda: self.replace_wanted.emit(None))

    def _columns(self) -> list[Column[Shown]]:
        return [
            Column("#", lambda shown: str(shown.found.number), is_number=True),
            Column(
                self.tr("Place"),
                lambda shown: shown.around,
                lambda shown: is_right_to_left(shown.around),
            ),
        ]

    @property
    def wanted(self) -> Wanted:
        """What is looked for."""
        return Wanted(
            self.search.text(), is_whole=self.whole.isChecked(), is_exact=self.exact.isChecked()
        )

    def show_replacing(self, *, is_on: bool) -> None:
        """Show what takes the place of what is found, and every place; or put both away.

        Capitals and whole words count in a replacement alone: finding finds too much, gladly.
        """
        if not is_on:
            self.whole.setChecked(False)
            self.exact.setChecked(False)
        self.replacing.setVisible(is_on)

    def show_lines(self, lines: Sequence[SegmentLine], at: int) -> None:
        """Look in these lines from now on; going on starts behind the segment number `at`."""
        self._lines, self._from = lines, at
        if self.search.text():
            self.look()

    def stand_at(self, number: int) -> None:
        """Take note of the segment that one is at."""
        self._from = number

    def look(self) -> None:
        """Find all places anew."""
        self._timer.stop()
        lines = [(line.number, str(line.id), line.text) for line in self._lines]
        texts = {key: text for _, key, text in lines}
        shown, last, nth = [], "", 0
        for number, found in enumerate(find_places(lines, self.wanted)):
            nth = nth + 1 if found.id == last else 0
            last = found.id
            text = texts[found.id]
            around = text[max(0, found.start - _AROUND) : found.end + _AROUND]
            shown.append(Shown(number, found, nth, around))
        self.places.set_rows(shown)
        is_any = bool(shown)
        self.count.setText(
            self.tr("%n place(s)", "", len(shown)) if self.search.text().strip() else ""
        )
        for button in (self.next, self.one, self.all):
            button.setEnabled(is_any)

    def go_on(self) -> None:
        """Go to the next place behind the segment one is at, round to the beginning."""
        self.look()
        rows = self.places.rows
        if not rows:
            if self.search.text().strip():
                self.nothing_found.emit()
            return
        here = self.table.place
        if here is not None and rows[here].found.number == self._from:
            place = (here + 1) % len(rows)
        else:
            place = next((n for n, shown in enumerate(rows) if shown.found.number > self._from), 0)
        self.table.go_to(place)
        self.gone_to.emit(rows[place])

    def _on_place(self, place: int) -> None:
        if place >= 0 and self.table.hasFocus():
            self.gone_to.emit(self.places.row(place))

    def _on_one(self) -> None:
        place = self.table.place
        if place is None:
            self.go_on()
        else:
            self.replace_wanted.emit(self.places.row(place))
