"""The words of one segment, to correct: doubtful words underlined, the spoken word marked."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QPalette, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit, QVBoxLayout, QWidget

from ui.keys import SPEAKERS, Act
from ui.widgets.text import AccountEdit, points_before, units_before
from ui.wording import clock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QObject

    from intake.transcript.reading import WordTime
    from ui.keys import Keys

SAVE_AFTER_MS: Final = 2_000
DOUBTFUL_BELOW: Final = 50
"""Percent: below it a word of the machine is underlined with dots. A guess, to be measured."""
_OURS: Final = (
    *(Act.SPLIT, Act.MERGE, Act.PREVIOUS, Act.NEXT, Act.CONFIRM, Act.UNCONFIRM, Act.TIME_MARK),
    *(Act.UNCLEAR, Act.FIND, Act.SAVE, Act.PLAY, Act.BACK, Act.FORWARD, Act.PLAY_HERE, *SPEAKERS),
    *(Act.MARK, Act.INSERT, Act.BEGINS_HERE, Act.ENDS_HERE, Act.MACHINE, Act.REPLACE),
    Act.NEXT_OPEN,
)


class SegmentEditor(QWidget):
    """An editor for one segment; `rested`: nobody typed for two seconds after a change.

    Undo takes typing back letter by letter, as everywhere; where nothing typed is left,
    `undo_wanted` (and `redo_wanted`) ask for the step before.
    """

    rested = Signal()
    undo_wanted = Signal()
    redo_wanted = Signal()

    def __init__(self, keys: Keys, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.edit = AccountEdit(keys, _OURS)
        self.edit.setAccessibleName(self.tr("Words of this segment"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.edit)
        self._words: tuple[WordTime, ...] = ()
        self._timed = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SAVE_AFTER_MS)
        self._timer.timeout.connect(self._on_rest)
        self.edit.textChanged.connect(self._on_changed)
        self.edit.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hand undo and redo on where the field has nothing of its own to take back."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            document = self.edit.document()
            if event.matches(QKeySequence.StandardKey.Undo) and not document.isUndoAvailable():
                self.undo_wanted.emit()
                return True
            if event.matches(QKeySequence.StandardKey.Redo) and not document.isRedoAvailable():
                self.redo_wanted.emit()
                return True
        return super().eventFilter(watched, event)

    @property
    def is_changed(self) -> bool:
        """Whether there is something that is not saved."""
        return self.edit.is_changed

    def words(self) -> str:
        """Return the words in one line: a segment has no paragraphs."""
        return self.edit.words().replace("\n", " ")

    def show_words(self, words: str, *, is_editable: bool) -> None:
        """Show another segment's words."""
        self.edit.load(words)
        self.edit.setReadOnly(not is_editable)
        self._timer.stop()
        self.set_times((), "")

    def set_times(self, words: Sequence[WordTime], text: str) -> None:
        """Say when each word of `text` is spoken; counts while the words here are still those."""
        self._words, self._timed = tuple(words), text
        self.mark_spoken(None)

    def saved(self, words: str) -> None:
        """Take note that these words are on the disk."""
        self.edit.saved(words)

    def stop_waiting(self) -> None:
        """Forget that somebody typed: it is being saved."""
        self._timer.stop()

    def spoken_at_cursor(self) -> int | None:
        """Return when the word at the cursor is spoken, in ms; None where nobody knows."""
        if not self._words or self._timed != self.edit.words():
            return None
        place = self.edit.place()
        at = bisect_right([word.start for word in self._words], place) - 1
        return self._words[max(at, 0)].start_ms

    def mark_spoken(self, ms: int | None) -> None:
        """Mark the word that is spoken at `ms`, and underline the doubtful ones."""
        if self._timed != self.edit.words():
            self.edit.setExtraSelections([])
            return
        doubtful = QTextCharFormat()
        doubtful.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DotLine)
        marks = [
            self._selection(word, doubtful)
            for word in self._words
            if word.confidence < DOUBTFUL_BELOW and not word.interpolated
        ]
        if ms is not None and (word := self._word_at(ms)) is not None:
            spoken = QTextCharFormat()
            spoken.setBackground(self.palette().brush(QPalette.ColorRole.Highlight))
            spoken.setForeground(self.palette().brush(QPalette.ColorRole.HighlightedText))
            marks.append(self._selection(word, spoken))
        self.edit.setExtraSelections(marks)

    def insert_time(self, ms: int) -> None:
        """Insert a time of the recording at the cursor."""
        self.edit.textCursor().insertText(f"[{clock(ms)}] ")

    def mark_unclear(self, ms: int) -> None:
        """Mark the chosen words as unclear, or say that something here is."""
        if self.edit.textCursor().hasSelection():
            self.insert_mark("[unclear: {words}]", ms)
        else:
            self.insert_mark("[unclear {time}]", ms)

    def insert_mark(self, form: str, ms: int) -> None:
        """Insert a mark of the notation; chosen words go into it, or one types them there.

        The marks are those of the transcript, in every window: who reads it later knows one set.
        """
        cursor = self.edit.textCursor()
        first, is_open, last = form.partition("{words}")
        start = cursor.selectionStart()
        words = cursor.selectedText().strip() if is_open else ""
        if not is_open:
            cursor.setPosition(cursor.selectionEnd())  # a pause takes no word's place
            start = cursor.position()
        before = self.edit.document().characterAt(start - 1) if start else " "
        blank = "" if before.isspace() or first.startswith("[/") else " "
        first, last = blank + first.format(time=clock(ms)), last.format(time=clock(ms))
        after = self.edit.document().characterAt(cursor.selectionEnd())
        cursor.insertText(first + words + last + (" " if after.isalnum() else ""))
        if is_open and not words:
            cursor.setPosition(start + len(first))
        self.edit.setTextCursor(cursor)
        self.edit.setFocus()

    def choose(self, start: int, end: int) -> None:
        """Select a stretch of the words, in code points."""
        words = self.edit.words()
        cursor = self.edit.textCursor()
        cursor.setPosition(units_before(words, start))
        cursor.setPosition(units_before(words, end), QTextCursor.MoveMode.KeepAnchor)
        self.edit.setTextCursor(cursor)
        self.edit.ensureCursorVisible()

    def _word_at(self, ms: int) -> WordTime | None:
        at = bisect_right([word.start_ms for word in self._words], ms) - 1
        return self._words[at] if at >= 0 and ms <= self._words[at].end_ms else None

    def _selection(self, word: WordTime, how: QTextCharFormat) -> QTextEdit.ExtraSelection:
        cursor = QTextCursor(self.edit.document())
        cursor.setPosition(units_before(self._timed, word.start))
        cursor.setPosition(units_before(self._timed, word.end), QTextCursor.MoveMode.KeepAnchor)
        selection = QTextEdit.ExtraSelection()
        selection.cursor = cursor
        selection.format = how
        return selection

    def _on_changed(self) -> None:
        if self.edit.is_changed:
            self._timer.start()
            self.edit.setExtraSelections([])

    def _on_rest(self) -> None:
        if self.edit.is_changed:
            self.rested.emit()


def split_place(words: str, units: int) -> int:
    """Return where a cut at Qt's place `units` lies, in code points, after any blanks there."""
    at = points_before(words, units)
    while at < len(words) and words[at].isspace():
        at += 1
    return at
