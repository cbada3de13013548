"""What came of each file that was to be brought in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from intake.capture.outcomes import Outcome
from transcription.errors import NotEnclosedError
from ui.models.rows import Column, RowsModel
from ui.theme import GRID, primary
from ui.widgets.table import Table
from ui.wording import clock

if TYPE_CHECKING:
    from intake.capture.folders import Brought

UNREAD: Final = NotEnclosedError.default
"""The sentence of a file whose reader cannot be shut off on this computer."""


class OutcomesDialog(QDialog):
    """What came of each file: the bad ones first, each with its reason, or what to look at.

    `open_wanted`: those that were not read because their reader cannot be shut off here.
    """

    open_wanted = Signal()

    def __init__(self, parent: QWidget, brought: Brought) -> None:
        super().__init__(parent)
        self.setWindowTitle("Intake")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumSize(720, 420)
        ranks = {"failed": 0, "passed_over": 1, "here": 2}
        rows = sorted(brought.outcomes, key=lambda one: ranks.get(one.what, 3))
        places = {id(row): number for number, row in enumerate(rows)}
        self.words = QLabel(self._summary(brought))
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setAccessibleName(self.tr("What came of it"))
        self.rows = RowsModel[Outcome](
            [
                Column(self.tr("File"), lambda row: row.name),
                Column(self.tr("Brought in as"), self._what),
                Column(self.tr("Why not, or what to look at"), self._remarks),
            ],
            lambda row: places[id(row)],
        )
        self.rows.set_rows(rows)
        self.table = Table(self.rows, self.tr("Files"), widths=(24, 20, 0), lines=2)
        self.open_reader = QPushButton(self.tr("Read them &all the same..."))
        self.open_reader.setAutoDefault(False)
        self.open_reader.setVisible(any(one.why == UNREAD for one in brought.outcomes))
        self.away = QPushButton(self.tr("Close"))
        primary(self.away)
        column = QVBoxLayout(self)
        column.setSpacing(GRID)
        column.addWidget(self.words)
        column.addWidget(self.table, stretch=1)
        row = QHBoxLayout()
        row.addWidget(self.open_reader)
        row.addStretch(1)
        row.addWidget(self.away)
        column.addLayout(row)
        self.away.clicked.connect(self.accept)
        self.open_reader.clicked.connect(self._on_open_reader)

    def _on_open_reader(self) -> None:
        self.accept()
        self.open_wanted.emit()

    def _summary(self, brought: Brought) -> str:
        words = self.tr("%n file(s) brought in.", "", len(brought.kept))
        if brought.bad:
            words += " " + self.tr("%n could not be, each with its reason.", "", len(brought.bad))
        if brought.stopped:
            words += " " + brought.stopped
        if brought.senders and brought.order is None:
            words += " " + self.tr(
                "Day and month of the chat could not be told apart: its dates are kept as written."
            )
        return words

    def _what(self, row: Outcome) -> str:
        words = {
            "recording": self.tr("recording"),
            "exhibit": self.tr("exhibit E-{number}").format(number=row.exhibit or ""),
            "statement": self.tr("statement, %n paragraph(s)", "", row.lines),
            "account": self.tr("words of the chat, %n line(s)", "", row.lines),
            "here": self.tr("here already"),
            "failed": self.tr("not brought in"),
            "passed_over": self.tr("passed over"),
        }
        return words[row.what]

    def _remarks(self, row: Outcome) -> str:
        words = {
            "guessed_letters": self.tr(
                "The letters were guessed. If they look wrong, say them under More."
            ),
            "changes": self.tr("It holds tracked changes: what was struck out is left out."),
            "comments": self.tr("Comments in it are left out."),
            "notes": self.tr("Notes at the foot stand as paragraphs of their own."),
            "hidden": self.tr("It holds hidden text, which stands among the rest."),
            "pictures": self.tr("It holds pictures; they are in the sealed original alone."),
            "headers": self.tr("Headers and footers are left out."),
            "right_to_left": self.tr(
                "It runs from right to left; a PDF can hold such text in another order."
            ),
        }
        said = [words[mark] for mark in row.marks if mark in words]
        if row.damaged_from_ms is not None:
            at = clock(row.damaged_from_ms)
            said.append(self.tr("The recording is damaged from {time} on.").format(time=at))
        return " ".join([row.why, *said] if row.why else said)
