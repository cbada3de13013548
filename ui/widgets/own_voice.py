"""The member's own voice, taken once, so that it can be proposed in what they record.

Nobody else's voice is ever kept. The sound is heard for twenty seconds, or read from a file, and
forgotten; what the voice is like stays in the vault until its member takes it away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from intake.transcript.sampling import (
    has_sample,
    remove_own_sample,
    take_own_sample,
    take_own_sample_from,
)
from ui.models.recording import linear
from ui.theme import GRID, heading
from ui.widgets.levels import LevelBar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtGui import QHideEvent

    from intake.opening import Vault
    from ui.capturing import Listening
    from ui.context import Context

SAMPLE_MS: Final = 20_000
RATE: Final = 48_000
_LOOK_MS: Final = 100
_SOUNDS: Final = "*.wav *.flac *.mp3 *.m4a *.ogg *.opus"


class OwnVoice(QWidget):
    """Whether there is a sample, and three buttons: record one, take one from a file, forget it."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._listening: Listening | None = None
        self._is_busy = self._is_known = False
        who = context.who
        self._may = who.is_cleared and "interviewer" in who.roles
        title = QLabel(self.tr("Your voice"))
        heading(title)
        note = QLabel(
            self.tr(
                "Taken once, it lets Intake propose which voice in a recording is yours. What it "
                "is like is kept in this vault, the sound is not. Nobody else's voice is ever kept."
            )
        )
        note.setWordWrap(True)
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.said.setAccessibleName(self.tr("Your voice"))
        self.microphone = QComboBox()
        self.microphone.setAccessibleName(self.tr("Microphone"))
        self.bar = LevelBar(self.tr("Microphone"), self)
        self.bar.hide()
        self.record = QPushButton(self.tr("Record twenty seconds"))
        self.file = QPushButton(self.tr("From a file..."))
        self.remove = QPushButton(self.tr("Forget my voice"))
        row = QHBoxLayout()
        for widget in (self.microphone, self.record, self.file, self.remove):
            row.addWidget(widget)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setSpacing(2 * GRID)
        for shown in (title, note, self.said, self.bar):
            column.addWidget(shown)
        column.addLayout(row)
        column.addStretch(1)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self.look)
        self.record.clicked.connect(self._on_record)
        self.file.clicked.connect(self._on_file)
        self.remove.clicked.connect(self._on_remove)

    def refresh(self) -> None:
        """Read again whether there is a sample, and which microphones are there."""
        self.microphone.clear()
        for device in self._context.capture.recorders.devices():
            if not device.is_computer:
                self.microphone.addItem(device.label, device.id)
        if self._may:
            self._context.desk.ask(self, has_sample, self._show, key="voice")
        else:
            self.said.setText(self.tr("Only a cleared interviewer gives a sample."))
        self._offer()

    def look(self) -> None:
        """Show how loud it is and how long still; take the sample once it is long enough."""
        listening = self._listening
        if listening is None:
            return
        self.bar.show_peak(linear(listening.peak_db))
        sound = listening.sound
        left_ms = SAMPLE_MS - len(sound) * 1000 // (2 * RATE)
        if left_ms > 0:
            self.said.setText(
                self.tr("Speak as in an interview, alone: {seconds} s.").format(
                    seconds=-(-left_ms // 1000)
                )
            )
            return
        self.stop()
        self._work(lambda vault: take_own_sample(vault, lambda: [sound], rate=RATE, channels=1))

    def stop(self) -> None:
        """Let go of the microphone, and of what was heard."""
        listening, self._listening = self._listening, None
        self._timer.stop()
        self.bar.hide()
        if listening is not None:
            listening.close()
        self.record.setText(self.tr("Record twenty seconds"))
        self._offer()

    def hideEvent(self, event: QHideEvent) -> None:  # Qt's name
        """Listen to nobody who has gone elsewhere."""
        if self._listening is not None:
            self.stop()
            self._show(is_known=self._is_known)
        super().hideEvent(event)

    def _show(self, is_known: bool) -> None:  # as the desk gives it
        self._is_known, self._is_busy = is_known, False
        self.said.setText(
            self.tr("Intake knows what your voice is like.")
            if is_known
            else self.tr("There is no sample of your voice.")
        )
        self._offer()

    def _offer(self) -> None:
        is_free = self._may and not self._is_busy
        is_quiet = is_free and self._listening is None
        self.record.setEnabled(is_free and self.microphone.count() > 0)
        self.file.setEnabled(is_quiet)
        self.remove.setEnabled(is_quiet and self._is_known)
        self.microphone.setEnabled(is_quiet)

    def _on_record(self) -> None:
        if self._listening is not None:
            self.stop()
            self._show(is_known=self._is_known)
            return
        device = str(self.microphone.currentData())
        try:
            self._listening = self._context.capture.recorders.listen(device, keeps_ms=SAMPLE_MS)
        except OSError:
            self.said.setText(self.tr("(!) This microphone cannot be opened. Choose another one."))
            return
        self.record.setText(self.tr("Stop"))
        self.bar.show()
        self._timer.start()
        self._offer()
        self.look()

    def _on_file(self) -> None:
        patterns = self.tr("Sound ({endings});;All files (*)").format(endings=_SOUNDS)
        title = self.tr("A recording of your own voice alone, 20 to 30 seconds")
        self._context.chooser.open_file(self, title, patterns, self._take_file)

    def _take_file(self, path: Path) -> None:
        self._work(lambda vault: take_own_sample_from(vault, path))

    def _on_remove(self) -> None:
        self._work(remove_own_sample)

    def _work(self, work: Callable[[Vault], object]) -> None:
        self._is_busy = True
        self._offer()
        self.said.setText(self.tr("Listening to it..."))

        def done(vault: Vault) -> bool:
            work(vault)
            return has_sample(vault)

        self._context.jobs.start(
            self,
            self.tr("Your voice"),
            lambda vault, _token, _report: done(vault),
            self._on_done,
            failed=self._on_failed,
        )

    def _on_done(self, is_known: bool) -> None:  # as the job gives it
        self._context.saved()
        self._show(is_known)

    def _on_failed(self, error: Exception) -> None:
        self._context.notices.refuse(error)
        self._show(is_known=self._is_known)
