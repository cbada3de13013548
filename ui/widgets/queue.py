"""The queue of recordings to be transcribed: what waits, in which order, and changing that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from intake.transcript.machine import is_on_battery
from intake.transcript.queue import Job, cancel, list_jobs, move
from ui.models.rows import Column, RowsModel
from ui.theme import GRID
from ui.widgets.table import Table
from ui.wording import clock, language_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from intake.opening import Vault
    from ui.context import Context

_WIDTH = 84 * GRID


class QueueDialog(QDialog):
    """Stands beside the work, not in its way. Codes and lengths: it names nobody."""

    run_wanted = Signal(bool)
    """Transcribe what waits; whether also on battery."""

    def __init__(
        self,
        context: Context,
        parent: QWidget,
        *,
        on_battery: Callable[[], bool] = is_on_battery,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Queue"))
        self._context = context
        self._on_battery = on_battery
        self._is_running = context.jobs.is_running
        self._may_change = context.who.is_cleared and "interviewer" in context.who.roles
        self.rows = RowsModel[Job](self._columns(), lambda job: job.id)
        self.table = Table(self.rows, self.tr("Recordings that wait"), widths=(4, 12, 10, 10, 0))
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setAccessibleName(self.tr("About the queue"))
        self.up = QPushButton(self.tr("Move &up"))
        self.down = QPushButton(self.tr("Move &down"))
        self.out = QPushButton(self.tr("&Take out"))
        self.run = QPushButton(self.tr("Transcribe what waits"))
        self._lay_out()
        self.table.current_changed.connect(lambda _: self._offer())
        self.up.clicked.connect(lambda: self._move(-1))
        self.down.clicked.connect(lambda: self._move(1))
        self.out.clicked.connect(self._on_out)
        self.run.clicked.connect(lambda: self.run_wanted.emit(self._on_battery()))
        context.jobs.changed.connect(self._on_job)
        self._offer()

    def _columns(self) -> list[Column[Job]]:
        return [
            Column(self.tr("No."), lambda job: str(job.place), is_number=True),
            Column(self.tr("Interview"), lambda job: job.code),
            Column(self.tr("Recording"), lambda job: str(job.number), is_number=True),
            Column(self.tr("Length"), lambda job: clock(job.duration_ms)),
            Column(self.tr("Spoken"), self._spoken),
        ]

    def _spoken(self, job: Job) -> str:
        if not job.languages:
            return self.tr("to be told from the sound")
        return ", ".join(language_name(code) for code in job.languages)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        column.setSpacing(GRID)
        column.addWidget(self.words)
        column.addWidget(self.table, stretch=1)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        for button in (self.up, self.down, self.out):
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch(1)
        self.run.setAutoDefault(False)
        row.addWidget(self.run)
        column.addLayout(row)
        self.setMinimumWidth(_WIDTH)

    def refresh(self) -> None:
        """Read the queue again."""
        if self._context.desk.is_open:
            self._context.desk.ask(self, list_jobs, self._on_read, key="queue")

    def _on_read(self, jobs: list[Job]) -> None:
        place = self.table.place
        self.rows.set_rows(jobs)
        if jobs:
            self.table.go_to(min(place or 0, len(jobs) - 1))
        self._offer()

    def _offer(self) -> None:
        place, count = self.table.place, len(self.rows.rows)
        has_row = self._may_change and place is not None and place < count
        self.up.setEnabled(has_row and bool(place))
        self.down.setEnabled(has_row and place is not None and place < count - 1)
        self.out.setEnabled(has_row)
        self.run.setVisible(self._may_change and not self._is_running)
        self.run.setEnabled(bool(count))
        self.words.setText(self._words(count))

    def _words(self, count: int) -> str:
        if not count:
            return self.tr("Nothing waits to be transcribed.")
        if self._on_battery():
            return self.tr(
                "This computer runs on its battery: nothing begins by itself, since recording "
                "comes first. Plug it in, or begin all the same."
            )
        return self.tr(
            "Done from the top, one after the other. The one under way stays there until it is "
            "done; what is stored of one that you take out stays stored."
        )

    def _on_job(self, state: object) -> None:
        """Read again when a job begins or ends; what it reports in between changes nothing here."""
        if self._is_running != (state is not None):
            self._is_running = state is not None
            self._offer()
            self.refresh()

    def _move(self, by: int) -> None:
        place = self.table.place
        if place is None:
            return
        job = self.rows.rows[place].id

        def moved(jobs: list[Job]) -> None:
            self._on_read(jobs)
            self.table.go_to(place + by)

        self._act(lambda vault: move(vault, job, place + by + 1), moved)

    def _on_out(self) -> None:
        place = self.table.place
        if place is not None:
            job = self.rows.rows[place].id
            self._act(lambda vault: cancel(vault, job), lambda _: self.refresh())

    def _act(self, act: Callable[[Vault], object], then: Callable[..., object]) -> None:
        self._context.desk.ask(self, act, then, failed=self._on_refused)

    def _on_refused(self, error: Exception) -> None:
        self._context.notices.refuse(error)
        self.refresh()
