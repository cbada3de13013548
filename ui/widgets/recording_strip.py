"""A recording that goes on while nobody is unlocked: how far it is sealed, and three buttons.

It stands on the lock page and in the frame of the window. It shows nothing of whom it is about.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton

from ui.models.recording import Running, RunningView
from ui.theme import GRID, heading
from ui.wording import clock


class RecordingStrip(QFrame):
    """One line about one running recording. Asks by signals; decides nothing."""

    mark_wanted = Signal()
    pause_wanted = Signal()
    stop_wanted = Signal()
    open_wanted = Signal()

    def __init__(self, *, with_open: bool = False) -> None:
        super().__init__()
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
        self.mark.clicked.connect(self.mark_wanted)
        self.pause.clicked.connect(self.pause_wanted)
        self.stop.clicked.connect(self.stop_wanted)
        self.open.clicked.connect(self.open_wanted)
        self.hide()

    def show_view(self, view: RunningView | None) -> None:
        """Show one look at the recorder; None where nothing runs."""
        if view is None or view.running is Running.ENDED:
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
