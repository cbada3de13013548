"""What the witness took back: a stretch struck out afterwards, all of them, one counted again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QPushButton, QSpinBox, QWidget

from intake.capture.taking_back import TakenBack, lift, list_taken_back, stretch_of, take_back
from ui.models.rows import Column, RowsModel
from ui.widgets.asking import AskDialog
from ui.widgets.table import Table
from ui.wording import clock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.capture.taking_back import InterviewId
    from intake.transcript.reading import SegmentLine
    from ui.context import Context


class TakenBackDialog(AskDialog):
    """Two segments and all between them; below, what was taken back. `changed`: something was."""

    changed = Signal()

    def __init__(
        self,
        context: Context,
        parent: QWidget,
        interview: InterviewId,
        lines: Sequence[SegmentLine],
        at: int,
    ) -> None:
        """`lines` are all segments in order, `at` the place of the one to begin with."""
        super().__init__(context, parent, act=self.tr("Take back"))
        self._interview = interview
        self._lines = list(lines)
        self._may = context.who.is_cleared and "interviewer" in context.who.roles
        self.words.setText(
            self.tr(
                "A witness may take back a stretch, at any time. It leaves transcript, translation "
                "and statement, a numbered gap stays, and a statement finished before does not go "
                "out any more. Its sound stays sealed; erasing the recording destroys it. Until "
                "the interview is closed it can count again."
            )
        )
        self.first, self.last = QSpinBox(), QSpinBox()
        for box in (self.first, self.last):
            box.setRange(1, max(1, len(self._lines)))
            box.setValue(at + 1)
        self.stretch = QLabel()
        self.stretch.setWordWrap(True)
        self.stretch.setTextFormat(Qt.TextFormat.PlainText)
        self.stretch.setAccessibleName(self.tr("The stretch"))
        self.rows = RowsModel[TakenBack](
            [
                Column(self.tr("Number"), lambda row: str(row.number)),
                Column(self.tr("From"), lambda row: clock(row.start_ms)),
                Column(self.tr("To"), lambda row: clock(row.end_ms)),
                Column(self.tr("Day"), lambda row: row.day),
            ],
            lambda row: row.id,
        )
        self.table = Table(self.rows, self.tr("Taken back"), widths=(10, 14, 14, 0))
        self.lift = QPushButton(self.tr("Let it count a&gain"))
        self.lift.setAutoDefault(False)
        self._lay_out()
        self.first.valueChanged.connect(lambda _: self.offer())
        self.last.valueChanged.connect(lambda _: self.offer())
        self.table.current_changed.connect(lambda _: self.offer())
        self.lift.clicked.connect(self._on_lift)
        self.offer()
        self._read()

    def _lay_out(self) -> None:
        form = QFormLayout()
        for text, box in (
            (self.tr("From &segment"), self.first),
            (self.tr("To s&egment"), self.last),
        ):
            label = QLabel(text)
            label.setBuddy(box)
            form.addRow(label, box)
        self.column.addLayout(form)
        self.column.addWidget(self.stretch)
        self.column.addWidget(self.table)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.lift)
        self.column.addLayout(row)

    def _chosen(self) -> list[SegmentLine]:
        return self._lines[self.first.value() - 1 : self.last.value()]

    def offer(self) -> None:
        """Say which stretch it is, and let it be taken back where it is one of one recording."""
        chosen = self._chosen()
        is_one = len({line.media for line in chosen}) == 1
        if is_one:
            self.stretch.setText(
                self.tr(
                    "%n segment(s), {start} to {end} of the recording.", "", len(chosen)
                ).format(
                    start=clock(min(line.start_ms for line in chosen)),
                    end=clock(max(line.end_ms for line in chosen)),
                )
            )
        elif chosen:
            self.stretch.setText(
                self.tr("They lie in several recordings: take back what is in each by itself.")
            )
        else:
            self.stretch.setText(self.tr("The last one stands before the first one."))
        self.act.setEnabled(self._may and is_one)
        self.lift.setEnabled(self._may and self.table.place is not None)

    def on_act(self) -> None:
        """Strike the stretch out."""
        interview, chosen = self._interview, [line.id for line in self._chosen()]
        self.run(
            self.tr("Taking back"),
            lambda vault: take_back(vault, interview, *stretch_of(vault, interview, chosen)),
            self._on_taken,
        )

    def _on_taken(self, made: object) -> None:
        if isinstance(made, TakenBack):
            self.changed.emit()
            self.context.saved()
            self.accept()
            self.context.notices.say(
                self.tr("Taken back, as number {number}.").format(number=made.number)
            )

    def _on_lift(self) -> None:
        place = self.table.place
        if place is None:
            return
        interview, number = self._interview, self.rows.row(place).number
        self.run(
            self.tr("Letting it count again"),
            lambda vault: lift(vault, interview, number),
            self._on_lifted,
        )

    def _on_lifted(self, count: object) -> None:
        self.changed.emit()
        self.context.saved()
        self.accept()
        self.context.notices.say(
            self.tr("%n segment(s) count again.", "", count if isinstance(count, int) else 0)
        )

    def _read(self) -> None:
        interview = self._interview
        self.context.desk.ask(self, lambda vault: list_taken_back(vault, interview), self._on_read)

    def _on_read(self, found: list[TakenBack]) -> None:
        self.rows.set_rows(found)
        self.offer()
