"""What the interview screen does with files of many kinds: the dialogs, and the job behind them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from intake.capture.folders import bring_all
from intake.errors import CancelledError
from intake.jobs import Progress
from ui.widgets.bringing import open_bring
from ui.widgets.bringing_details import OpenReaderDialog
from ui.widgets.brought import UNREAD, OutcomesDialog
from ui.widgets.exhibits import ExhibitsDialog

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from intake.capture.folders import Brought, Plan
    from intake.capture.interviews import InterviewId
    from intake.jobs import CancelToken, Report
    from intake.opening import Vault
    from ui.context import Context
    from ui.screens.base import Screen

_HUNDRED = 100


class Bringing(QObject):
    """Opens the dialogs of one screen and runs what they ask for. `changed`: something came in."""

    changed = Signal()

    def __init__(self, context: Context, screen: Screen) -> None:
        super().__init__(screen)
        self._context = context
        self._screen = screen

    def choose(self) -> None:
        """Ask what is to be brought in, and how it came."""
        interview = self._screen.interview
        if interview is not None:
            open_bring(
                self._context,
                self._screen,
                interview.id,
                lambda paths, plan: self.bring(interview.id, paths, plan),
            )

    def exhibits(self) -> None:
        """Show the exhibits of the interview in front."""
        if self._screen.interview is not None:
            ExhibitsDialog(self._context, self._screen, self._screen.interview.id).open()

    def bring(self, interview: InterviewId, paths: list[Path], plan: Plan) -> None:
        """Bring in what was chosen, as a job with progress that can be cancelled."""

        def work(vault: Vault, token: CancelToken, report: Report) -> Brought:
            def told(at: Progress) -> None:
                report(Progress(at.done * _HUNDRED // max(1, at.total), _HUNDRED, "%"))

            return bring_all(vault, interview, paths, plan, token=token, report=told)

        def again() -> None:
            self.bring(interview, paths, replace(plan, without_walls=True))

        self._context.jobs.start(
            self,
            self.tr("Bringing in files"),
            work,
            lambda brought: self._on_brought(brought, again),
            failed=lambda error: self._on_failed(error, again),
        )

    def _on_brought(self, brought: Brought, again: Callable[[], None]) -> None:
        self.changed.emit()
        dialog = OutcomesDialog(self._screen, brought)
        dialog.open_wanted.connect(lambda: self._ask_to_open(again))
        dialog.open()

    def _on_failed(self, error: Exception, again: Callable[[], None]) -> None:
        if str(error) == UNREAD:
            self._ask_to_open(again)
        elif not isinstance(error, CancelledError):
            self._context.notices.refuse(error)
        self.changed.emit()

    def _ask_to_open(self, again: Callable[[], None]) -> None:
        dialog = OpenReaderDialog(self._context, self._screen)
        dialog.wanted.connect(again)
        dialog.open()
