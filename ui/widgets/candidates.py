"""The forms that are left to decide: a table, and which kinds of them are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui.models.reviewing import GROUPS, Candidate
from ui.models.rows import Column, RowsModel
from ui.name_words import reason_words
from ui.theme import GRID
from ui.widgets.table import Table
from ui.wording import is_right_to_left

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Candidates(QWidget):
    """A list that one goes through from above; what was decided leaves it, the place stays."""

    current_changed = Signal()

    def __init__(self, proposed: Callable[[Candidate], str], parent: QWidget | None = None) -> None:
        """`proposed` says in a few words who a form may be."""
        super().__init__(parent)
        self._left: Sequence[Candidate] = ()
        self._is_listing = False
        self.model = RowsModel[Candidate](self._columns(proposed), lambda one: one.key)
        self.table = Table(self.model, self.tr("Forms to decide"), widths=(4, 0, 7, 0, 0))
        words = {
            "names": self.tr("names"),
            "places": self.tr("places"),
            "dates": self.tr("dates"),
            "roles": self.tr("roles"),
            "other": self.tr("other"),
        }
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.boxes = {group: QCheckBox(words[group]) for group in GROUPS}
        self.count = QLabel()
        self.count.setAccessibleName(self.tr("How many forms are left"))
        row = QHBoxLayout()
        row.setSpacing(GRID)
        for box in self.boxes.values():
            box.setChecked(True)
            box.toggled.connect(self._on_filter)
            row.addWidget(box)
        row.addStretch(1)
        row.addWidget(self.count)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self.table, stretch=1)
        self.table.current_changed.connect(self._on_row)

    def _columns(self, proposed: Callable[[Candidate], str]) -> list[Column[Candidate]]:
        return [
            Column(self.tr("Kind"), lambda one: f"[{one.kind.value}]"),
            Column(self.tr("Form"), lambda one: one.form, lambda one: is_right_to_left(one.form)),
            Column(self.tr("Places"), lambda one: str(len(one.places)), is_number=True),
            Column(self.tr("Found by"), lambda one: reason_words(one.reason)),
            Column(self.tr("Perhaps"), proposed),
        ]

    @property
    def current(self) -> Candidate | None:
        """The form that one looks at."""
        place = self.table.place
        return None if place is None else self.model.row(place)

    @property
    def place(self) -> int:
        """Where it stands in the list as it is shown."""
        return self.table.place or 0

    def show_left(self, left: Sequence[Candidate], key: str = "", at: int | None = None) -> None:
        """Show what is left. The form of `key` becomes current, else what stands at `at`.

        Without either, one stays where one is.
        """
        current = self.current
        place = self.place if at is None else at
        self._left = left
        kinds = {
            kind for group, box in self.boxes.items() if box.isChecked() for kind in GROUPS[group]
        }
        rows = [one for one in left if one.kind in kinds]
        self._is_listing = True
        self._list(rows)
        wanted = self.model.place_of(key or (current.key if current and at is None else ""))
        if wanted is None and rows:
            wanted = min(place, len(rows) - 1)
        if wanted is not None:
            self.table.go_to(wanted)
        self._is_listing = False
        if len(rows) == len(left):
            self.count.setText(self.tr("{left} left").format(left=len(left)))
        else:
            words = self.tr("{shown} of {left} left")
            self.count.setText(words.format(shown=len(rows), left=len(left)))
        self.current_changed.emit()

    def step(self, by: int) -> None:
        """Go to the form before or after."""
        self.table.go_to(min(max(0, self.place + by), len(self.model.rows) - 1))

    def _list(self, rows: list[Candidate]) -> None:
        """Show rows; where one went away the others do not move under the eyes."""
        old, new = ([one.key for one in some] for some in (self.model.rows, rows))
        gone = next((n for n, key in enumerate(old) if n >= len(new) or new[n] != key), None)
        if gone is not None and old[:gone] + old[gone + 1 :] == new:
            self.model.remove(gone)
        bar = self.table.verticalScrollBar()
        at = bar.value()
        self.model.set_rows(rows)
        bar.setValue(at)

    def _on_filter(self) -> None:
        self.show_left(self._left)

    def _on_row(self, _: int) -> None:
        if not self._is_listing:
            self.current_changed.emit()
