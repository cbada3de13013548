"""Writing an account down while it is told: questions and answers, each with its hand time.

Enter keeps a line and turns from question to answer and back. The time of a line is that of its
first letter. What is being typed is handed over every two seconds, so a pulled plug costs no more.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
)

from ui.clipboard import keep_in
from ui.models.rows import Column, RowsModel
from ui.theme import GRID, heading
from ui.widgets.languages import LanguageBox
from ui.widgets.table import Table
from ui.wording import clock, is_right_to_left, words_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_IDLE_MS: Final = 2_000


@dataclass(frozen=True, slots=True)
class WrittenRow:
    """One line as it is shown."""

    id: str
    at_ms: int
    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class TypedLine:
    """What was typed: who says it, in which language, from when to when (ms), the words."""

    speaker: str
    language: str
    start_ms: int
    end_ms: int
    words: str = field(repr=False)


class WriteBox(QGroupBox):
    """Shows the lines of one written account, and takes the next. Decides nothing."""

    line_wanted = Signal(object)
    """A `TypedLine` that is finished."""
    typed = Signal(object)
    """One that is not finished yet."""
    done = Signal()

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.setTitle(self.tr("Write"))
        self._now_s = now_s
        self._began_s = now_s()
        self._line_ms: int | None = None
        self.clock = QLabel(clock(0))
        self.clock.setAccessibleName(self.tr("Time since the beginning"))
        heading(self.clock)
        self.rows = RowsModel[WrittenRow](
            [
                Column(self.tr("Time"), lambda row: clock(row.at_ms)),
                Column(self.tr("Who"), lambda row: row.speaker),
                Column(
                    self.tr("Words"), lambda row: row.text, lambda row: is_right_to_left(row.text)
                ),
            ],
            lambda row: row.id,
        )
        self.table = Table(self.rows, self.tr("Lines written"), widths=(10, 8, 0))
        self.who = QComboBox()
        self.who.setAccessibleName(self.tr("Who says it"))
        self.language = LanguageBox()
        self.language.setAccessibleName(self.tr("Language of what is said"))
        if (typed := self.language.lineEdit()) is not None:
            typed.setPlaceholderText(self.tr("Language"))
        self.words = QLineEdit()
        keep_in(self.words)
        self.words.setAccessibleName(self.tr("What is said, word for word"))
        self.words.setPlaceholderText(self.tr("Word for word. Enter keeps the line"))
        self.hint = QLabel(
            self.tr("Every line is kept at once. Read it back before the end: it counts as heard.")
        )
        self.hint.setWordWrap(True)
        self.finish = QPushButton(self.tr("Done writing"))
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(_IDLE_MS)
        self._tick = QTimer(self)
        self._tick.setInterval(1000)
        self._lay_out()
        self._idle.timeout.connect(self.hand_over)
        self._tick.timeout.connect(self._on_tick)
        self.words.textEdited.connect(self._on_edited)
        self.language.changed.connect(self._offer)
        self.words.returnPressed.connect(self._on_line)
        self.finish.clicked.connect(self._on_done)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, GRID, GRID, GRID)
        column.setSpacing(GRID)
        top = QHBoxLayout()
        top.addWidget(self.clock)
        top.addWidget(self.hint, stretch=1)
        column.addLayout(top)
        column.addWidget(self.table, stretch=1)
        row = QHBoxLayout()
        row.addWidget(self.who)
        row.addWidget(self.language)
        row.addWidget(self.words, stretch=1)
        row.addWidget(self.finish)
        column.addLayout(row)

    # --- showing -------------------------------------------------------------------------------

    def begin(
        self, speakers: Sequence[tuple[str, str]], elapsed_ms: int = 0, language: str = ""
    ) -> None:
        """Begin, or go on: `speakers` are codes and roles, the one who asks first."""
        self._began_s = self._now_s() - elapsed_ms / 1000
        self._line_ms = None
        self.who.clear()
        for code, role in speakers:
            self.who.addItem(f"{code} {words_for(role)}", code)
        if language:
            self.language.choose(language)
        self.words.clear()
        self._on_tick()
        self._tick.start()
        self._offer()
        (self.words if self.language.code else self.language).setFocus()

    def _offer(self) -> None:
        """Take words once their language is known: they are kept in it from the first letter."""
        self.words.setEnabled(bool(self.language.code))

    def end(self) -> None:
        """Stop the clock."""
        self._tick.stop()
        self._idle.stop()

    def show_rows(self, rows: Sequence[WrittenRow]) -> None:
        """Show what is kept, the newest in sight."""
        self.rows.set_rows(list(rows))
        if rows:
            self.table.go_to(len(rows) - 1)

    def kept(self) -> None:
        """Take the next line: the one before is on the disk."""
        self.words.clear()
        self._line_ms = None
        self._next_speaker()
        self.words.setFocus()

    @property
    def elapsed_ms(self) -> int:
        """Time since the beginning."""
        return int((self._now_s() - self._began_s) * 1000)

    def _next_speaker(self) -> None:
        """Turn from who asks to who answers and back; others are chosen by hand."""
        at = self.who.currentIndex()
        if at in (0, 1) and self.who.count() > 1:
            self.who.setCurrentIndex(1 - at)

    def _on_tick(self) -> None:
        self.clock.setText(clock(self.elapsed_ms))

    # --- typing --------------------------------------------------------------------------------

    def _on_edited(self, words: str) -> None:
        if self._line_ms is None and words:
            self._line_ms = self.elapsed_ms
        self._idle.start()

    def hand_over(self) -> None:
        """Hand over what is typed so far: after two seconds, on leaving, before locking."""
        self._idle.stop()
        if (line := self._line()) is not None:
            self.typed.emit(line)

    def _line(self) -> TypedLine | None:
        words = self.words.text().strip()
        if not words or not self.language.code:
            return None
        now = self.elapsed_ms
        start = now if self._line_ms is None else self._line_ms
        return TypedLine(str(self.who.currentData()), self.language.code, start, now, words)

    def _on_line(self) -> None:
        if (line := self._line()) is not None:
            self._idle.stop()
            self.line_wanted.emit(line)

    def _on_done(self) -> None:
        self._on_line()
        self.done.emit()
