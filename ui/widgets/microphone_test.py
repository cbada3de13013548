"""Trying a microphone the evening before: speak, and a bar and a sentence say how it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ui.models.recording import linear
from ui.theme import GRID, heading
from ui.widgets.levels import LevelBar

if TYPE_CHECKING:
    from ui.capturing import Listening

_LOOK_MS: Final = 100
_HEARD_DB: Final = -42.0
_TOO_LOUD_DB: Final = -1.0


class MicrophoneTest(QDialog):
    """Listens until it is closed. Nothing of it is kept anywhere."""

    def __init__(self, listening: Listening, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._listening = listening
        self._loudest_db = -96.0
        self.setWindowTitle("Intake")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(70 * GRID)
        self.bar = LevelBar(self.tr("Microphone"), self)
        self.name = QLabel(name)
        self.name.setTextFormat(Qt.TextFormat.PlainText)
        heading(self.name)
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.said.setAccessibleName(self.tr("How the microphone is"))
        self.away = QPushButton(self.tr("Close"))
        column = QVBoxLayout(self)
        column.setSpacing(2 * GRID)
        for widget in (self.name, self.bar, self.said):
            column.addWidget(widget)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.away)
        column.addLayout(row)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        self.away.clicked.connect(self.accept)
        self.finished.connect(self._on_finished)
        self.look()

    def look(self) -> None:
        """Show how loud it is now, and what that says of the whole time."""
        now_db = self._listening.peak_db
        self._loudest_db = max(self._loudest_db, now_db)
        self.bar.show_peak(linear(now_db))
        if self._loudest_db >= _TOO_LOUD_DB:
            words = self.tr("Too loud at times: move the microphone away, or turn it down.")
        elif self._loudest_db >= _HEARD_DB:
            words = self.tr("It hears you well. Nothing of this is kept.")
        else:
            words = self.tr("Speak as in the interview. Nothing is heard yet, and nothing is kept.")
        self.said.setText(words)

    def _on_finished(self) -> None:
        self._timer.stop()
        self._listening.close()
