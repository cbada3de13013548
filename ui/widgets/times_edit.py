"""When a segment begins and ends: typed, or moved by a tenth of a second with the arrow keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from intake.errors import IntakeError
from intake.transcript.times import parse_time, time_words
from ui.theme import GRID

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

_STEP_MS: Final = 100
_STEPS: Final = {Qt.Key.Key_Up: _STEP_MS, Qt.Key.Key_Down: -_STEP_MS}
_WIDEST: Final = "000:00:00.000"


class _TimeEdit(QLineEdit):
    """One time; the arrow keys move it."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move by a step where what stands there is a time."""
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None or event.modifiers() or self.isReadOnly():
            super().keyPressEvent(event)
            return
        try:
            self.setText(time_words(max(0, parse_time(self.text()) + step)))
        except IntakeError:
            self.selectAll()


class TimesEdit(QWidget):
    """Two times. `entered` carries start and end in ms once somebody pressed Enter or left.

    `refused` carries the error of what is no time.
    """

    entered = Signal(object, object)
    refused = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = ("", "")
        self.start = _TimeEdit()
        self.end = _TimeEdit()
        self.start.setAccessibleName(self.tr("Segment begins at"))
        self.end.setAccessibleName(self.tr("Segment ends at"))
        # A time runs from left to right in every window.
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID // 2)
        for widget in (self.start, QLabel("-"), self.end):
            row.addWidget(widget)
        for edit in (self.start, self.end):
            edit.setToolTip(self.tr("Up and down move it by a tenth of a second; Enter keeps it."))
            edit.editingFinished.connect(self._on_entered)
        self._fit()

    def show_times(self, start_ms: int | None, end_ms: int | None, *, is_editable: bool) -> None:
        """Show a segment's times, or none."""
        self._shown = (
            "" if start_ms is None else time_words(start_ms),
            "" if end_ms is None else time_words(end_ms),
        )
        for edit, words in zip((self.start, self.end), self._shown, strict=True):
            if edit.text() != words:
                edit.setText(words)
            edit.setReadOnly(not is_editable)
            edit.setEnabled(bool(words))

    def _on_entered(self) -> None:
        typed = self.start.text(), self.end.text()
        if typed == self._shown or not all(self._shown):
            return
        try:
            times = parse_time(typed[0]), parse_time(typed[1])
        except IntakeError as error:
            self.start.setText(self._shown[0])
            self.end.setText(self._shown[1])
            self.refused.emit(error)
            return
        self._shown = time_words(times[0]), time_words(times[1])
        self.entered.emit(*times)

    def _fit(self) -> None:
        for edit in (self.start, self.end):
            metrics = QFontMetrics(edit.font())
            edit.setFixedWidth(metrics.horizontalAdvance(_WIDEST) + 2 * GRID)
