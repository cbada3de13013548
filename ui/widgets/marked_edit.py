"""A field for text with name marks: each mark looks like one thing and is deleted as one thing.

The marks stay plain characters, so that copying takes them whole. The look alone changes: a ground
behind the mark, bold letters, and brackets in the colour of that ground, since few fonts have them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QFont, QSyntaxHighlighter, QTextCharFormat, QTextCursor

from ui.theme import COLOURS
from ui.widgets.text import AccountEdit, units_before
from ui.wording import runs_right_to_left

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PySide6.QtGui import QKeyEvent, QTextDocument
    from PySide6.QtWidgets import QWidget

    from ui.context import Context
    from ui.keys import Act

_MARK: Final = re.compile("\u27e6(?:[PLODCNRQ][1-9][0-9]*\\.[0-9]+|lb|rb)\u27e7")
_DELETES: Final = {Qt.Key.Key_Backspace: -1, Qt.Key.Key_Delete: 1}


class _Chips(QSyntaxHighlighter):
    """Draws marks, and stretches that are names, as chips."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self.ground = QColor()
        self.letters = QColor()
        self.names: tuple[tuple[int, int], ...] = ()
        """Start and end of names that stand as words, in UTF-16 units of the whole text."""

    def highlightBlock(self, text: str) -> None:
        """Give the marks and names of one paragraph their look."""
        chip = QTextCharFormat()
        chip.setBackground(self.ground)
        chip.setForeground(self.letters)
        begin = self.currentBlock().position()
        for start, end in self.names:
            first, last = max(start - begin, 0), min(end - begin, len(text))
            if first < last:
                self.setFormat(first, last - first, chip)
        chip.setFontWeight(QFont.Weight.Bold)
        edge = QTextCharFormat(chip)
        edge.setForeground(self.ground)
        for found in _MARK.finditer(text):
            start, end = (units_before(text, at) for at in found.span())
            self.setFormat(start, 1, edge)
            self.setFormat(start + 1, end - start - 2, chip)
            self.setFormat(end - 1, 1, edge)


class MarkedEdit(AccountEdit):
    """An `AccountEdit` that shows name marks as chips, and names as well where it is told them."""

    def __init__(
        self, context: Context, ours: Iterable[Act] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(context.keys, ours, parent)
        self._look = context.preferences
        self._chips = _Chips(self.document())
        self._language = ""
        self._colour()
        self.textChanged.connect(self._turn)

    def load_named(self, words: str, names: Sequence[tuple[int, int]]) -> None:
        """Show other words, with names at these places (start and end in code points)."""
        self._chips.names = tuple(
            (units_before(words, start), units_before(words, end)) for start, end in names
        )
        self.load(words)

    def set_language(self, language: str) -> None:
        """Say which language is written here; its direction wins over a foreign name's."""
        self._language = language
        self._turn()

    def _turn(self) -> None:
        """Let the text run in its own direction: a mark at its beginning looks Latin to Qt."""
        option = self.document().defaultTextOption()
        words, wanted = self.words(), Qt.LayoutDirection.LayoutDirectionAuto
        if words:
            is_rtl = runs_right_to_left(words, self._language)
            right, left = Qt.LayoutDirection.RightToLeft, Qt.LayoutDirection.LeftToRight
            wanted = right if is_rtl else left
        if option.textDirection() is not wanted:
            option.setTextDirection(wanted)
            self.document().setDefaultTextOption(option)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete a mark whole: half a mark stands for nobody."""
        step = _DELETES.get(Qt.Key(event.key()))
        if step is not None and not self.isReadOnly() and not self.textCursor().hasSelection():
            self._choose_mark(step)
        elif event.text().isprintable() and event.text() and not self.isReadOnly():
            self._leave_mark()
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the look of the window."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()

    def _colour(self) -> None:
        colours = COLOURS[self._look().look]
        self._chips.ground, self._chips.letters = QColor(colours.line), QColor(colours.text)
        if colours.line == colours.text:  # high contrast: its lines are as bright as its letters
            self._chips.ground = QColor(colours.rejected)
        self._chips.rehighlight()

    def _mark_at(self, place: int, step: int) -> tuple[int, int] | None:
        """Return the mark that a key would cut into: the one before, after, or around `place`."""
        text = self.words()
        for found in _MARK.finditer(text):
            start, end = (units_before(text, at) for at in found.span())
            if start < place < end or (step < 0 and place == end) or (step > 0 and place == start):
                return start, end
        return None

    def _choose_mark(self, step: int) -> None:
        found = self._mark_at(self.textCursor().position(), step)
        if found is not None:
            cursor = self.textCursor()
            cursor.setPosition(found[0])
            cursor.setPosition(found[1], QTextCursor.MoveMode.KeepAnchor)
            self.setTextCursor(cursor)

    def _leave_mark(self) -> None:
        """Type behind a mark, never inside it."""
        cursor = self.textCursor()
        found = None if cursor.hasSelection() else self._mark_at(cursor.position(), 0)
        if found is not None:
            cursor.setPosition(found[1])
            self.setTextCursor(cursor)
