"""What this computer gives to Intake and what it does not: the lines of `intake doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from intake.doctor import Line, examine, this_computer
from ui.models.rows import Column, RowsModel
from ui.theme import GRID
from ui.widgets.table import Table

if TYPE_CHECKING:
    from intake.opening import Vault
    from ui.context import Context


class ComputerPage(QWidget):
    """One row for each thing that Intake cannot make by itself; what costs most comes first."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.lines = RowsModel[Line](self._columns(), lambda line: line.what)
        self.table = Table(self.lines, self.tr("This computer"), widths=(22, 12, 0), lines=2)
        self.to_do = QLabel()
        self.to_do.setWordWrap(True)
        self.to_do.setAccessibleName(self.tr("What to do"))
        self.summary = QLabel()
        self.summary.setAccessibleName(self.tr("How many are serious"))
        self.again = QPushButton(self.tr("Look again"))
        row = QHBoxLayout()
        row.addWidget(self.again)
        row.addWidget(self.summary, stretch=1)
        column = QVBoxLayout(self)
        column.setSpacing(GRID)
        column.addWidget(self.table, stretch=1)
        column.addWidget(self.to_do)
        column.addLayout(row)
        self.again.clicked.connect(self.refresh)
        self.table.current_changed.connect(lambda _: self._show_to_do())

    def _columns(self) -> list[Column[Line]]:
        return [
            Column(
                self.tr("What"), lambda line: ("(!) " if line.is_alarm else "") + self.tr(line.what)
            ),
            Column(self.tr("State"), lambda line: self.tr(line.state.value)),
            Column(self.tr("Found"), lambda line: self.tr(line.found)),
        ]

    def refresh(self) -> None:
        """Look at everything again, below the folder of this vault."""
        self._context.desk.ask(self, _examine, self._on_lines, key="computer")

    def _on_lines(self, lines: list[Line]) -> None:
        self.lines.set_rows(lines)
        alarms = sum(line.is_alarm for line in lines)
        self.summary.setText(
            self.tr("Serious: {count}, marked with (!)").format(count=alarms)
            if alarms
            else self.tr("Nothing serious was found.")
        )
        if self.table.place is None:
            self.table.go_to(0)
        self._show_to_do()

    def _show_to_do(self) -> None:
        place = self.table.place
        line = None if place is None else self.lines.row(place)
        words = [line.found, line.to_do] if line is not None else []
        self.to_do.setText("\n".join(self.tr(each) for each in words if each))


def _examine(vault: Vault) -> list[Line]:
    return examine(this_computer(vault.folder.path))
