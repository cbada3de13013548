"""What stands around every screen: the list of places, and the line at the bottom."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui.context import Place
from ui.theme import GRID

if TYPE_CHECKING:
    from ui.desk import JobState

_RAIL_WIDTH: Final = 176
_MINUTE_S: Final = 60


class Rail(QWidget):
    """The list of places on the left. Buttons, so that each has a name, a role and a state."""

    wanted = Signal(object)

    def __init__(self, places: list[Place], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(_RAIL_WIDTH)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self.buttons: dict[Place, QPushButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, GRID, GRID, GRID)
        column.setSpacing(GRID // 2)
        for place in places:
            button = QPushButton(place.words)
            button.setCheckable(True)
            button.setProperty("kind", "rail")
            button.setObjectName(f"rail-{place.name.lower()}")
            button.clicked.connect(lambda _=False, place=place: self.wanted.emit(place))
            self._group.addButton(button)
            self.buttons[place] = button
            column.addWidget(button)
            if place in {Place.WITNESSES, Place.EXPORT}:
                column.addSpacing(2 * GRID)
        column.addStretch(1)
        self.has_interview(is_open=False)

    def has_interview(self, *, is_open: bool) -> None:
        """Offer the places of one interview, or not."""
        for place, button in self.buttons.items():
            if place.is_of_interview:
                button.setEnabled(is_open)

    def show_place(self, place: Place) -> None:
        """Mark where one is."""
        self.buttons[place].setChecked(True)


class StatusLine(QWidget):
    """Saved time, the running job with its Cancel, and the word Offline."""

    cancelled = Signal()
    queue_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.saved = QLabel()
        self.job = QLabel()
        self.bar = QProgressBar()
        self.bar.setMaximumWidth(20 * GRID)
        self.bar.setAccessibleName(self.tr("How far the job is"))
        self.cancel = QPushButton(self.tr("Cancel"))
        self.cancel.clicked.connect(self.cancelled)
        self.queue = QPushButton()
        self.queue.setObjectName("queue")
        self.queue.clicked.connect(self.queue_wanted)
        self.offline = QLabel(self.tr("Offline"))
        self.offline.setToolTip(self.tr("Intake never uses a network."))
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * GRID, GRID // 2, 2 * GRID, GRID // 2)
        for widget in (self.saved, self.job, self.bar, self.cancel, self.queue):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.offline)
        self.show_job(None)
        self.show_waiting(0)

    def show_waiting(self, count: int) -> None:
        """Say how many recordings wait to be transcribed; nothing where none does."""
        self.queue.setText(self.tr("Queue: %n...", "", count))
        self.queue.setToolTip(self.tr("Recordings that wait to be transcribed"))
        self.queue.setVisible(bool(count))

    def show_saved(self) -> None:
        """Say when everything typed was last on the disk."""
        self.saved.setText(self.tr("Saved {time}").format(time=time.strftime("%H:%M")))

    def show_job(self, state: JobState | None) -> None:
        """Show how far a job is, or nothing."""
        for widget in (self.job, self.bar, self.cancel):
            widget.setVisible(state is not None)
        if state is None:
            return
        share, left = state.share, state.left_s
        self.bar.setRange(0, 0 if share is None else 100)
        words = state.title
        if share is not None:
            self.bar.setValue(round(share * 100))
            words = self.tr("{job} {percent} %").format(job=state.title, percent=round(share * 100))
        if left is not None:
            words += self.tr(" - about {time} left").format(time=self._duration(left))
        self.job.setText(words + self.tr(". You can go on working."))

    def _duration(self, seconds: float) -> str:
        if seconds < _MINUTE_S:
            return self.tr("{count} s").format(count=max(1, round(seconds)))
        return self.tr("{count} min").format(count=round(seconds / _MINUTE_S))
