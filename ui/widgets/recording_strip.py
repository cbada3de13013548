"""A recording that goes on while nobody is unlocked: how far it is sealed, and three buttons.

It stands on the lock page and in the frame of the window. It shows nothing of whom it is about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton

from ui.models.recording import Running, RunningView
from ui.theme import GRID, heading
from ui.wording import clock

if TYPE_CHECKING:
    from ui.capturing import Capture


class RecordingStrip(QFrame):
    """One line about the recording that goes on; its buttons steer it."""

    open_wanted = Signal()

    def __init__(self, capture: Capture, *, with_open: bool = False) -> None:
        super().__init__()
        self._is_elsewhere = False
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.words.setAccessibleName(self.tr("Recording"))
        heading(self.words)
        self.mark = QPushButton(self.tr("Mark"))
        self.pause = QPushButton(self.tr("Pause"))
        self.stop = QPushButton(self.tr("Stop"))
        self.open = QPushButton(self.tr("Go to the recording"))
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID, GRID, GRID, GRID)
        row.setSpacing(GRID)
        row.addWidget(self.words, stretch=1)
        for one in (self.open, self.mark, self.pause, self.stop):
            row.addWidget(one)
        self.open.setVisible(with_open)
        self.mark.clicked.connect(lambda: capture.tell(lambda recorder: recorder.mark("mark")))
        self.pause.clicked.connect(capture.pause_or_go_on)
        self.stop.clicked.connect(lambda: capture.tell(lambda recorder: recorder.stop()))
        self.open.clicked.connect(self.open_wanted)
        self.hide()
        self._view = capture.view
        capture.seen.connect(self.show_view)

    def stand_back(self, *, is_elsewhere: bool) -> None:
        """Hide where the page in front shows the recording itself."""
        self._is_elsewhere = is_elsewhere
        self.show_view(self._view)

    def show_view(self, view: RunningView | None) -> None:
        """Show one look at the recorder; None where nothing runs."""
        self._view = view
        if view is None or view.running is Running.ENDED or self._is_elsewhere:
            self.hide()
            return
        sealed = clock(view.sealed_ms)
        words = {
            Running.STARTING: self.tr("Recording starts."),
            Running.RECORDING: self.tr("Recording goes on, sealed to {time}."),
            Running.PAUSED: self.tr("The recording is paused, sealed to {time}."),
            Running.WAITING: self.tr("Recording waits for a microphone, sealed to {time}."),
        }[view.running]
        self.words.setText(words.format(time=sealed))
        is_paused = view.running is Running.PAUSED
        self.pause.setText(self.tr("Go on") if is_paused else self.tr("Pause"))
        self.show()
