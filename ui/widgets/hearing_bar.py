"""How the bar of sound looks: buttons with their keys, speed, place, waveform. It plays nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ui.keys import Act
from ui.media.player import FASTEST, SLOWEST
from ui.theme import GRID
from ui.widgets.waveform import Waveform
from ui.wording import clock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ui.keys import Keys

RATES: Final = (SLOWEST, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, FASTEST)
"""The speeds to choose from; finer where one types along."""


class HearingBar(QWidget):
    """One row and a waveform. Its buttons take no focus by mouse: whoever types goes on typing."""

    def __init__(self, keys: Keys, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = keys
        self._is_playing = False
        self.back = QPushButton()
        self.play_button = QPushButton()
        self.forward = QPushButton()
        self.loop_button = QPushButton()
        self.rate = QComboBox()
        self.place = QLabel()
        self.part = QComboBox()
        self.said = QLabel()
        self.waveform = Waveform()
        self._name()
        self._lay_out()
        self._show_keys()
        self.show_place(0, 0)
        self.show_rate(1.0)
        keys.changed.connect(self._show_keys)

    def _name(self) -> None:
        self.back.setAccessibleName(self.tr("Back 3 seconds"))
        self.forward.setAccessibleName(self.tr("Forward 3 seconds"))
        self.loop_button.setAccessibleName(self.tr("Repeat this segment"))
        self.rate.setAccessibleName(self.tr("Speed"))
        self.place.setAccessibleName(self.tr("Place in the recording"))
        self.part.setAccessibleName(self.tr("Recording"))
        self.loop_button.setCheckable(True)
        self.rate.addItems([f"{rate:.2f}".removesuffix("0") + "x" for rate in RATES])
        self.said.setWordWrap(True)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        buttons = (self.back, self.play_button, self.forward, self.loop_button)
        for widget in (*buttons, self.rate, self.part):
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def _lay_out(self) -> None:
        # Back stays on the left in every window: it is the direction of the tape, not of reading.
        tape = QWidget()
        tape.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        keys = QHBoxLayout(tape)
        keys.setContentsMargins(0, 0, 0, 0)
        for widget in (self.back, self.play_button, self.forward, self.loop_button, self.rate):
            keys.addWidget(widget)
        keys.addSpacing(GRID)
        keys.addWidget(self.place)
        row = QHBoxLayout()
        row.addWidget(tape)
        row.addSpacing(GRID)
        row.addWidget(self.part)
        row.addSpacing(GRID)
        row.addWidget(self.said, stretch=1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addLayout(row)
        column.addWidget(self.waveform)

    def _show_keys(self) -> None:
        """Write the keys on the buttons: they are learned by being seen."""
        label = self._keys.label
        self.back.setText(f"{self.tr('Back')} {label(Act.BACK)}".rstrip())
        self.forward.setText(f"{self.tr('Forward')} {label(Act.FORWARD)}".rstrip())
        self.loop_button.setText(f"{self.tr('Repeat')} {label(Act.LOOP)}".rstrip())
        slower, faster = label(Act.SLOWER), label(Act.FASTER)
        self.rate.setToolTip(
            self.tr("Slower: {slower}, faster: {faster}").format(slower=slower, faster=faster)
        )
        self.show_playing(self._is_playing)

    def show_playing(self, is_playing: bool) -> None:
        """Let the button say what it does now; as wide for either word, so that nothing moves."""
        self._is_playing = is_playing
        key = self._keys.label(Act.PLAY)
        words = (self.tr("Play"), self.tr("Pause"))
        widest = 0
        for word in (*words, words[is_playing]):
            self.play_button.setText(f"{word} {key}".rstrip())
            widest = max(widest, self.play_button.sizeHint().width())
        self.play_button.setMinimumWidth(widest)
        self.play_button.setAccessibleName(words[is_playing])

    def show_rate(self, rate: float) -> None:
        """Show the speed."""
        if rate in RATES:
            self.rate.setCurrentIndex(RATES.index(rate))

    def show_place(self, ms: int, length_ms: int) -> None:
        """Show where one is, and of how much."""
        words = f"{clock(ms)} / {clock(length_ms)}"
        if words != self.place.text():
            self.place.setText(words)

    def show_parts(self, lengths_ms: Sequence[int], current: int) -> None:
        """Offer the recordings, where there are several."""
        self.part.clear()
        for number, length in enumerate(lengths_ms, 1):
            self.part.addItem(
                self.tr("Recording {number}, {length}").format(number=number, length=clock(length))
            )
        if lengths_ms:
            self.part.setCurrentIndex(current)

    def show_sound(self, *, has_sound: bool) -> None:
        """Offer what can be done, or grey it out."""
        buttons = (self.back, self.play_button, self.forward, self.loop_button)
        for widget in (*buttons, self.rate):
            widget.setEnabled(has_sound)
        self.part.setVisible(self.part.count() > 1 and has_sound)
        self.waveform.setVisible(has_sound)

    def say(self, words: str) -> None:
        """Say a sentence beside the buttons."""
        self.said.setText(words)
