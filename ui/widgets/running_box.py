"""A recording that runs: how long, how far it is sealed, how loud, what is wrong, and the keys.

Only Ctrl and F keys act here, since notes are typed. The quiet view leaves a dot, the time and the
notes: the screen faces the witness.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui.clipboard import keep_in
from ui.keys import Act
from ui.models.recording import SOON_MS, Running, RunningView
from ui.theme import GRID, heading
from ui.widgets.levels import LevelBar
from ui.wording import clock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ui.keys import Keys

_DOT: Final = "\u25cf"
_RING: Final = "\u25cb"
_LARGER: Final = 2.4
"""How much larger the time is than the words around it."""
_NOTES_SHOWN: Final = 200


class RunningBox(QGroupBox):
    """Shows one recording. Asks by signals; decides nothing."""

    pause_wanted = Signal()
    stop_wanted = Signal()
    stopped_by_witness = Signal()
    moment_wanted = Signal(str)
    """mark, distress, take_back."""
    line_wanted = Signal()
    consent_wanted = Signal()
    note_wanted = Signal(str)
    spoken_no = Signal()
    """The witness said no on the recording: this part is to be destroyed."""
    quiet_changed = Signal(bool)

    def __init__(self, keys: Keys) -> None:
        super().__init__()
        self.setTitle(self.tr("Recording"))
        self._keys = keys
        self._is_quiet = False
        self.dot = QLabel(_RING)
        self.dot.setAccessibleName(self.tr("Whether sound is recorded"))
        self.time = QLabel(clock(0))
        self.time.setAccessibleName(self.tr("Recorded"))
        for large in (self.dot, self.time):
            font = large.font()
            font.setPointSizeF(font.pointSizeF() * _LARGER)
            large.setFont(font)
        self.state = QLabel()
        heading(self.state)
        self.sealed = QLabel()
        self.left = QLabel()
        self.warning = QLabel()
        for label, name in (
            (self.state, self.tr("What the recorder does")),
            (self.sealed, self.tr("How far it is sealed")),
            (self.left, self.tr("Room and battery")),
            (self.warning, self.tr("What is wrong")),
        ):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAccessibleName(name)
        heading(self.warning)
        self.bars: list[LevelBar] = []
        self.levels = QVBoxLayout()
        self.note = QLineEdit()
        keep_in(self.note)
        self.note.setAccessibleName(self.tr("Note"))
        self.note.setPlaceholderText(
            self.tr("Note: yours, never part of the account. Enter keeps it")
        )
        self.notes = QListWidget()
        self.notes.setAccessibleName(self.tr("Notes and marks"))
        self.notes.setUniformItemSizes(True)
        self._make_buttons()
        self._lay_out()
        self._bind()

    def _make_buttons(self) -> None:
        def button(words: str, act: Act | None = None) -> QPushButton:
            made = QPushButton(words if act is None else f"{words}  {self._keys.label(act)}")
            made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            return made

        self.mark = button(self.tr("Mark"), Act.MARK_MOMENT)
        self.distress = button(self.tr("Distress"), Act.DISTRESS)
        self.take_back = button(self.tr("Take back"), Act.TAKE_BACK)
        self.line = button(self.tr("Line lost"), Act.LINE_LOST)
        self.consent = button(self.tr("Consent"), Act.ASK_CONSENT)
        self.quiet = button(self.tr("Quiet view"), Act.QUIET_VIEW)
        self.pause = button(self.tr("Pause"), Act.PAUSE)
        self.by_witness = button(self.tr("Stopped at the witness's wish"))
        self.no = button(self.tr("Said no: destroy this part"))
        self.stop = button(self.tr("Stop"))
        self.stop.setObjectName("stop")

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, GRID, GRID, GRID)
        column.setSpacing(GRID)
        top = QHBoxLayout()
        top.setSpacing(2 * GRID)
        top.addWidget(self.dot)
        top.addWidget(self.time)
        words = QVBoxLayout()
        words.setSpacing(0)
        for label in (self.state, self.sealed, self.left):
            words.addWidget(label)
        top.addLayout(words, stretch=1)
        column.addLayout(top)
        column.addWidget(self.warning)
        column.addLayout(self.levels)
        column.addWidget(self.note)
        column.addWidget(self.notes, stretch=1)
        row = QHBoxLayout()
        for one in (self.mark, self.distress, self.take_back, self.line, self.consent, self.quiet):
            row.addWidget(one)
        row.addStretch(1)
        column.addLayout(row)
        last = QHBoxLayout()
        for one in (self.pause, self.by_witness, self.no):
            last.addWidget(one)
        last.addStretch(1)
        last.addWidget(self.stop)
        column.addLayout(last)
        self.warning.hide()

    def _bind(self) -> None:
        for act, one, call in (
            (Act.MARK_MOMENT, self.mark, lambda: self.moment_wanted.emit("mark")),
            (Act.DISTRESS, self.distress, lambda: self.moment_wanted.emit("distress")),
            (Act.TAKE_BACK, self.take_back, lambda: self.moment_wanted.emit("take_back")),
            (Act.LINE_LOST, self.line, self.line_wanted.emit),
            (Act.ASK_CONSENT, self.consent, self.consent_wanted.emit),
            (Act.QUIET_VIEW, self.quiet, self.switch_quiet),
            (Act.PAUSE, self.pause, self.pause_wanted.emit),
        ):
            one.clicked.connect(call)
            self._keys.bind(self, act, call)
        self.stop.clicked.connect(self.stop_wanted)
        self.by_witness.clicked.connect(self.stopped_by_witness)
        self.no.clicked.connect(self.spoken_no)
        self.note.returnPressed.connect(self._on_note)

    # --- showing -------------------------------------------------------------------------------

    def begin(self, channels: Sequence[str]) -> None:
        """Show a recording anew; `channels` are what each level bar is called."""
        while self.bars:
            bar = self.bars.pop()
            self.levels.removeWidget(bar)
            bar.deleteLater()
        for name in channels:
            bar = LevelBar(name, self)
            self.bars.append(bar)
            self.levels.addWidget(bar)
        self.notes.clear()
        self.note.clear()
        self.show_line(is_lost=False)
        self._set_quiet(quiet=False)

    def show_view(self, view: RunningView) -> None:
        """Show one look at the recorder."""
        is_live = view.running is Running.RECORDING
        self.dot.setText(_DOT if is_live else _RING)
        self.dot.setAccessibleDescription(self.state.text())
        self.time.setText(clock(view.elapsed_ms))
        self.state.setText(self._state_words(view))
        self.sealed.setText(self.tr("Sealed to {time}").format(time=clock(view.sealed_ms)))
        self.left.setText(self._left_words(view))
        warnings = self._warning_words(view)
        self.warning.setText(" ".join(warnings))
        self.warning.setVisible(bool(warnings) and not self._is_quiet)
        for bar, peak in zip(self.bars, view.peaks or (None,) * len(self.bars), strict=False):
            bar.show_peak(peak if is_live else None)
        is_over = view.running is Running.ENDED
        label = self.tr("Go on") if view.running is Running.PAUSED else self.tr("Pause")
        self.pause.setText(f"{label}  {self._keys.label(Act.PAUSE)}")
        for one in self._buttons():
            one.setEnabled(not is_over)
        self.note.setEnabled(not is_over)

    def show_line(self, *, is_lost: bool) -> None:
        """Show whether the line to the other side is lost."""
        words = self.tr("Line is back") if is_lost else self.tr("Line lost")
        self.line.setText(f"{words}  {self._keys.label(Act.LINE_LOST)}")

    def show_notes(self, lines: Sequence[str]) -> None:
        """Show notes and marks with their times, the newest last."""
        self.notes.clear()
        self.notes.addItems(list(lines)[-_NOTES_SHOWN:])
        self.notes.scrollToBottom()

    def add_line(self, words: str) -> None:
        """Show one more note or mark."""
        self.notes.addItem(words)
        self.notes.scrollToBottom()

    def _state_words(self, view: RunningView) -> str:
        return {
            Running.STARTING: self.tr("Starting"),
            Running.RECORDING: self.tr("Recording, part {n}"),
            Running.PAUSED: self.tr("Paused: nothing is recorded. Going on begins a new part"),
            Running.WAITING: self.tr("No microphone gives sound. It goes on when one comes"),
            Running.ENDED: self._end_words(view),
        }[view.running].format(n=view.part)

    def _end_words(self, view: RunningView) -> str:
        return {
            "disk": self.tr("Ended before the disk was full"),
            "battery": self.tr("Ended before the battery was empty"),
            "terminated": self.tr("Ended because the computer shuts down"),
            "failed": self.tr("Ended by a fault. What was sealed is safe"),
        }.get(view.ending, self.tr("Ended"))

    def _left_words(self, view: RunningView) -> str:
        parts = []
        if view.gaps:
            parts.append(self.tr("%n gap(s)", "", view.gaps))
        if view.disk_ms is not None:
            parts.append(self.tr("room for {time}").format(time=_hours(view.disk_ms)))
        if view.battery_ms is not None:
            parts.append(self.tr("battery {time}").format(time=_hours(view.battery_ms)))
        return ", ".join(parts)

    def _warning_words(self, view: RunningView) -> list[str]:
        known = {
            "silence": self.tr("Nothing is heard. Is the microphone on?"),
            "no_device": self.tr("No microphone is there. Plug one in: it goes on by itself."),
            "clipping": self.tr("Too loud: move the microphone away, or turn it down."),
            "far_side_in_microphone": self.tr(
                "The microphone hears the other side. Headphones keep them apart."
            ),
            "dropped": self.tr("The computer was too slow for a moment: a gap is marked."),
            "space": self.tr("The disk is nearly full. Recording ends before it is."),
            "battery": self.tr("The battery is nearly empty. Plug it in; recording ends before."),
            "suspend_not_held": self.tr("This computer may fall asleep meanwhile: keep it awake."),
            "disk_refused": self.tr("The disk refused to write. What was sealed before is safe."),
        }
        wanted = list(view.warnings)
        for code, left in (("space", view.disk_ms), ("battery", view.battery_ms)):
            if left is not None and left < SOON_MS and code not in wanted:
                wanted.append(code)
        found = [known[code] for code in wanted if code in known]
        if view.is_late:
            found.insert(0, self.tr("The disk is slow: the last seconds are not sealed yet."))
        return found

    # --- quiet view ----------------------------------------------------------------------------

    def switch_quiet(self) -> None:
        """Leave a dot, the time and the notes; or show everything again."""
        self._set_quiet(quiet=not self._is_quiet)
        self.quiet_changed.emit(self._is_quiet)

    def _set_quiet(self, *, quiet: bool) -> None:
        self._is_quiet = quiet
        hidden: tuple[QWidget, ...] = (self.state, self.sealed, self.left, *self.bars)
        for one in (*hidden, *self._buttons()):
            one.setVisible(not quiet)
        self.warning.setVisible(bool(self.warning.text()) and not quiet)
        self.quiet.setVisible(True)
        words = self.tr("Show everything") if quiet else self.tr("Quiet view")
        self.quiet.setText(f"{words}  {self._keys.label(Act.QUIET_VIEW)}")
        if quiet:
            self.note.setFocus()

    def _buttons(self) -> tuple[QPushButton, ...]:
        marks = (self.mark, self.distress, self.take_back, self.line, self.consent, self.quiet)
        return (*marks, self.pause, self.by_witness, self.no, self.stop)

    def _on_note(self) -> None:
        words = self.note.text().strip()
        if words:
            self.note_wanted.emit(words)


def _hours(ms: int) -> str:
    """Return how long is left, rounded down: 3 h, or 12 min in the last two hours."""
    minutes = max(0, ms) // 60_000
    return f"{minutes // 60} h" if minutes >= 2 * 60 else f"{minutes} min"
