"""Reads a review in turns, so that nobody who asks the desk something else waits long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ui.models.review_reading import read_review, read_turn

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from intake.capture.interviews import InterviewId
    from intake.jobs import Progress
    from intake.review.remembering import Remembered
    from ui.context import Context


class ReviewReader(QObject):
    """One reading at a time; it pauses while its screen is not in front."""

    progressed = Signal(object)
    """How many drafts are read (`Progress`)."""
    read = Signal(object)
    """What was read (`ReviewRead`)."""

    def __init__(self, context: Context, screen: QWidget) -> None:
        super().__init__(screen)
        self._desk = context.desk
        self._screen = screen
        self._number = 0
        self._wanted: tuple[InterviewId, Remembered] | None = None
        self._is_paused = False

    def begin(self, interview: InterviewId, remembered: Remembered) -> None:
        """Read anew; what was asked before is not waited for any more."""
        self._number += 1
        self._wanted = (interview, remembered)
        self._is_paused = False
        self._next_turn(self._number)

    def resume(self) -> None:
        """Go on, if the screen was away."""
        if self._is_paused and self._wanted is not None:
            self.begin(*self._wanted)

    def _next_turn(self, number: int) -> None:
        if self._wanted is None:
            return
        interview, remembered = self._wanted
        self._desk.ask(
            self,
            lambda vault: read_turn(vault, interview, remembered),
            lambda progress: self._on_turn(number, progress),
            key="read",
        )

    def _on_turn(self, number: int, progress: Progress) -> None:
        if number != self._number or self._wanted is None:
            return
        if not self._screen.isVisible():  # somebody needs the desk elsewhere
            self._is_paused = True
            return
        self.progressed.emit(progress)
        if progress.done < progress.total:
            self._next_turn(number)
            return
        interview, remembered = self._wanted
        self._desk.ask(
            self,
            lambda vault: read_review(vault, interview, remembered, progress.total),
            self.read.emit,
            key="read",
        )
