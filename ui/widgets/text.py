"""Fields for the words of an account: right-to-left by themselves, keys of ours before Qt's.

`QPlainTextEdit` keeps Uyghur text on the left whatever is set (tried); `QTextEdit` puts each
paragraph right by its first strong letter. So every field of testimony is this one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QMimeData, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QTextEdit, QWidget

from ui.theme import TRANSCRIPT_MORE_PT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ui.keys import Act, Keys


class AccountEdit(QTextEdit):
    """A plain-text field for an account. Pasted formatting and files are never taken."""

    def __init__(self, keys: Keys, ours: Iterable[Act] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = keys
        self._ours = tuple(ours)
        self._loaded = ""
        self.setAcceptRichText(False)
        self.setTabChangesFocus(True)
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText
        )
        self.larger_than(TRANSCRIPT_MORE_PT)

    def load(self, words: str) -> None:
        """Show other words; the undo of the ones before is forgotten."""
        self.setPlainText(words)
        self._loaded = self.words()

    def words(self) -> str:
        """Return what stands here, letter by letter: Qt's own way turns hard blanks into blanks."""
        return self.document().toRawText().replace("\u2029", "\n")

    @property
    def is_changed(self) -> bool:
        """Whether somebody typed since the words were loaded or `saved` was called."""
        return self.words() != self._loaded

    def saved(self, words: str) -> None:
        """Take note that these words are saved: typing may have gone on meanwhile."""
        self._loaded = words

    def place(self) -> int:
        """Return where the cursor stands, in code points from the beginning."""
        return points_before(self.words(), self.textCursor().position())

    def larger_than(self, more_pt: int) -> None:
        """Use the window's font, that many points larger."""
        font = self.font()
        font.setPointSize(QWidget.font(self.window()).pointSize() + more_pt)
        self.setFont(font)

    def event(self, event: QEvent) -> bool:
        """Leave the keys of our acts to the shortcuts; QTextEdit would keep some (Ctrl+U)."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self._is_ours(event)
        ):
            event.ignore()
            return False
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a new selection where one is: marked words would be dragged into another window."""
        cursor = self.textCursor()
        if event.button() == Qt.MouseButton.LeftButton and cursor.hasSelection():
            cursor.clearSelection()
            self.setTextCursor(cursor)
        super().mousePressEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Take text only: never a file, which would be a path in the account."""
        return source.hasText() and not source.hasUrls()

    def _is_ours(self, event: QKeyEvent) -> bool:
        pressed = QKeySequence(event.keyCombination())
        return any(self._keys.sequence(act) == pressed for act in self._ours)


def points_before(words: str, units: int) -> int:
    """Turn a place that Qt counts in UTF-16 units into code points, as the vault counts."""
    return len(
        words.encode("utf-16-le", "surrogatepass")[: 2 * units].decode("utf-16-le", "ignore")
    )


def units_before(words: str, points: int) -> int:
    """Turn a place in code points into the UTF-16 units that Qt counts."""
    return len(words[:points].encode("utf-16-le", "surrogatepass")) // 2
