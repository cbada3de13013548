"""The button that takes what waits into review, as one job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from ui.models.translating import take_into_review

if TYPE_CHECKING:
    from collections.abc import Callable

    from intake.capture.interviews import InterviewId
    from ui.context import Context


class ReviewButton(QPushButton):
    """Says how many rows wait. `taken` = the interview whose rows are in review now.

    `before` is called first, so that what is typed is saved; it calls back when that is done.
    """

    taken = Signal(object)

    def __init__(
        self,
        context: Context,
        before: Callable[[Callable[[], object]], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._before = before
        self._interview: InterviewId | None = None
        self._waiting = 0
        self._is_taking = False
        self.setObjectName("take-into-review")
        self.clicked.connect(self._on_clicked)
        self.show_waiting(None, 0)

    def show_waiting(self, interview: InterviewId | None, rows: int) -> None:
        """Say how many rows of an interview wait, in all its translations."""
        self._interview, self._waiting = interview, rows
        self.setText(self.tr("Take %n row(s) into review", "", rows))
        may = self._context.who.is_cleared and interview is not None
        self.setEnabled(may and rows > 0 and not self._is_taking)

    def _on_clicked(self) -> None:
        interview = self._interview
        if interview is None:
            return
        self._is_taking = True
        self.setEnabled(False)

        def taken(rows: int) -> None:
            self._is_taking = False
            self._context.notices.say(self.tr("%n row(s) taken into review.", "", rows))
            self.taken.emit(interview)

        def refused(error: Exception) -> None:
            self._is_taking = False
            self.show_waiting(self._interview, self._waiting)
            self._context.notices.refuse(error)

        self._before(
            lambda: self._context.jobs.start(
                self,
                self.tr("Taking rows into review"),
                lambda vault, _token, _report: take_into_review(vault, interview),
                taken,
                failed=refused,
            )
        )
