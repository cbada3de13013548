"""The table of a translation's rows: number, source, translation, and how far each is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication

from intake.translation.typed_rows import RowLine, RowState
from ui.models.rows import Column, RowsModel
from ui.theme import COLOURS
from ui.widgets.table import Table
from ui.wording import runs_right_to_left

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from ui.context import Context
    from ui.models.translating import Unsaved

_GROUNDS: Final = {
    RowState.HELD: "pending",
    RowState.IN_REVIEW: "pending",
    RowState.CONFIRMED: "accepted",
    RowState.OUTDATED: "rejected",
}


class RowsTable(Table):
    """Two lines a row. What was typed and is not known to be saved is shown before the saved."""

    def __init__(self, context: Context, unsaved: Unsaved, parent: QWidget | None = None) -> None:
        self._context = context
        self._unsaved = unsaved
        self._lang = ""
        translate = QCoreApplication.translate  # `tr` needs an object that is made
        columns: list[Column[RowLine]] = [
            Column("#", lambda line: str(line.number), is_number=True),
            Column(
                translate("RowsTable", "Source"),
                lambda line: line.source,
                lambda line: runs_right_to_left(line.source, line.segment.lang),
            ),
            Column(
                translate("RowsTable", "Translation"),
                self._target,
                lambda line: runs_right_to_left(self._target(line), self._lang),
            ),
            Column(translate("RowsTable", "State"), self.state_of, ground=self._ground),
        ]
        self.lines = RowsModel[RowLine](columns, lambda line: line.id)
        name = translate("RowsTable", "Rows")
        super().__init__(self.lines, name, widths=(5, 0, 0, 26), lines=2, parent=parent)
        self.setShowGrid(True)  # Uyghur ends where English begins: a line keeps them apart

    def show_lines(self, lines: Sequence[RowLine], lang: str) -> None:
        """Show the rows of a translation into a language."""
        self._lang = lang
        self.lines.set_rows(lines)

    def state_of(self, line: RowLine) -> str:
        """Return in words how far a row is."""
        if self._unsaved.refusal(line.id) is not None:
            return self.tr("(!) not saved")
        if not line.source.strip():
            return self.tr("no words")
        words = {
            RowState.EMPTY: self.tr("empty"),
            RowState.HELD: self.tr("typed, waits for a cleared member"),
            RowState.IN_REVIEW: self.tr("in review"),
            RowState.CONFIRMED: self.tr("confirmed"),
            RowState.OUTDATED: self.tr("outdated: the source was corrected"),
        }[line.state]
        if line.warnings:
            words += self.tr("; (!) %n name(s)", "", len(line.warnings))
        return words

    def _target(self, line: RowLine) -> str:
        typed = self._unsaved.text(line.id)
        return line.target if typed is None else typed

    def _ground(self, line: RowLine) -> str | None:
        name = _GROUNDS.get(line.state)
        return getattr(COLOURS[self._context.preferences().look], name) if name else None
