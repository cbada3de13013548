"""Fields for the words of an account: right-to-left by themselves, keys of ours before Qt's.

`QPlainTextEdit` keeps Uyghur text on the left whatever is set (tried); `QTextEdit` puts each
paragraph right by its first strong letter. So every field of testimony is this one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QMimeData, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
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
        self.setAcceptRichText(False)
        self.setTabChangesFocus(True)
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText
        )
        self.larger_than(TRANSCRIPT_MORE_PT)

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

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Take text only: never a file, which would be a path in the account."""
        return source.hasText() and not source.hasUrls()

    def _is_ours(self, event: QKeyEvent) -> bool:
        pressed = QKeySequence(event.keyCombination())
        return any(self._keys.sequence(act) == pressed for act in self._ours)
