"""What ends a round of review: taking names out of the text, and taking translated rows in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from intake.errors import CancelledError
from intake.translation.holding import confirm_held
from ui.models.review_reading import separate

if TYPE_CHECKING:
    from collections.abc import Callable

    from intake.capture.interviews import InterviewId
    from intake.review.remembering import Remembered
    from ui.context import Context


class Finishing(QObject):
    """Starts what changes many texts at once, one thing at a time."""

    changed = Signal()
    """Something began or ended."""
    done = Signal(str)
    """The vault has other questions now; in words for the person."""

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self.is_separating = False
        self.is_taking = False

    def separate(
        self, interview: InterviewId, remembered: Remembered, is_saved: Callable[[], bool]
    ) -> None:
        """Separate what is decided, once the desk has saved what it was asked before.

        Nothing is separated where `is_saved` says then that something could not be saved.
        """
        if self.is_separating:
            return
        self.is_separating = True
        self.changed.emit()

        def then(_: object) -> None:
            if not is_saved():  # why not was said by who saved
                self._end_separating()
                return
            self._context.jobs.start(
                self,
                self.tr("Taking names out of the text"),
                lambda vault, token, report: separate(vault, interview, remembered, token, report),
                self._on_separated,
                failed=self._on_not_separated,
            )

        self._context.desk.ask(self, lambda _: None, then, failed=self._on_not_separated)

    def take_held(self, interview: InterviewId) -> None:
        """Open what translators handed in, as drafts to review."""
        if self.is_taking:
            return
        self.is_taking = True
        self.changed.emit()

        def then(count: int) -> None:
            self._end_taking()
            self.done.emit(self.tr("Translated rows taken into review: {n}.").format(n=count))

        self._context.desk.ask(
            self, lambda vault: confirm_held(vault, interview), then, failed=self._on_not_taken
        )

    def _on_separated(self, count: int) -> None:
        self._end_separating()
        self.done.emit(self.tr("Texts separated: {n}.").format(n=count))

    def _on_not_separated(self, error: Exception) -> None:
        self._end_separating()
        if not isinstance(error, CancelledError):  # the window says what a stopped job kept
            self._context.notices.refuse(error)

    def _on_not_taken(self, error: Exception) -> None:
        self._end_taking()
        self._context.notices.refuse(error)

    def _end_separating(self) -> None:
        self.is_separating = False
        self.changed.emit()

    def _end_taking(self) -> None:
        self.is_taking = False
        self.changed.emit()
