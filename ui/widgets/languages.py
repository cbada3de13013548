"""Choosing a language by typing a part of its name. Nothing is chosen until a person does."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QCompleter, QWidget

from transcription.languages import OFFERED_LANGUAGES
from ui.wording import language_name


class LanguageBox(QComboBox):
    """A list of all languages that can be declared, searched by typing."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        names = {code: language_name(code) for code in OFFERED_LANGUAGES}
        for code in sorted(names, key=lambda code: names[code].casefold()):
            self.addItem(names[code], code)
        self.setCurrentIndex(-1)
        completer = QCompleter(self.model(), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self.setCompleter(completer)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.currentTextChanged.connect(lambda _: self.changed.emit())

    @property
    def code(self) -> str:
        """The code of what stands there, empty where that is no language (yet)."""
        index = self.findText(self.currentText().strip(), Qt.MatchFlag.MatchFixedString)
        return str(self.itemData(index)) if index >= 0 else ""

    def choose(self, code: str) -> None:
        """Show a language; none for a code that is not offered."""
        self.setCurrentIndex(self.findData(code))
        if not self.code:
            self.clearEditText()
