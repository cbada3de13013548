"""Which translation is shown: one of those begun, or another to begin; and why none can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from intake.errors import NotSeparatedYetError
from intake.translation.rows import begin_translation
from ui.messages import sentence
from ui.models.translating import may_begin
from ui.theme import GRID
from ui.widgets.languages import LanguageBox
from ui.wording import language_name

if TYPE_CHECKING:
    from ui.context import Context
    from ui.models.translating import Opening


class TranslationChoice(QWidget):
    """The bar above the rows. `chosen` = a language; `begun` = (interview, new language)."""

    chosen = Signal(str)
    begun = Signal(object, str)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._may_begin = may_begin(context.who)
        self._opening: Opening | None = None
        self.languages = QComboBox()
        self.languages.setObjectName("translation-language")
        self.another = QPushButton(self.tr("Begin another..."))
        self.another.setEnabled(self._may_begin)
        self.progress = QLabel()
        self.progress.setAccessibleName(self.tr("How far this translation is"))
        self.new_language = LanguageBox()
        self.new_language.setObjectName("translation-new-language")
        self.begin = QPushButton(self.tr("Begin the translation"))
        self.why = QLabel()
        self.why.setWordWrap(True)
        self.old_box, self.new_box = QWidget(), QWidget()
        self._lay_out()
        self.languages.activated.connect(lambda _: self.chosen.emit(self.code))
        self.another.clicked.connect(self._on_another)
        self.new_language.changed.connect(self._offer)
        self.begin.clicked.connect(self._on_begin)
        self.show_opening(None, "")

    def _lay_out(self) -> None:
        for box, label, parts in (
            (self.old_box, QLabel(self.tr("Translation &into")), (self.languages, self.another)),
            (
                self.new_box,
                QLabel(self.tr("New transla&tion into")),
                (self.new_language, self.begin),
            ),
        ):
            row = QHBoxLayout(box)
            row.setContentsMargins(0, 0, 0, 0)
            row.addWidget(label)
            label.setBuddy(parts[0])
            for part in parts:
                row.addWidget(part)
            row.addStretch(1)
            if box is self.old_box:
                row.addWidget(self.progress)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        for widget in (self.old_box, self.why, self.new_box):
            column.addWidget(widget)

    @property
    def code(self) -> str:
        """The language that is chosen among those begun, or an empty string."""
        return str(self.languages.currentData() or "")

    def show_opening(self, opening: Opening | None, wanted: str) -> None:
        """Show what an interview is translated into; `wanted` is chosen if it was begun."""
        self._opening = opening
        languages = opening.languages if opening else ()
        self.languages.clear()
        for code in languages:
            self.languages.addItem(language_name(code), code)
        self.languages.setCurrentIndex(max(0, self.languages.findData(wanted)))
        self.old_box.setVisible(bool(languages))
        self.new_box.setVisible(opening is not None and not languages)
        self.new_language.choose("")
        self._offer()

    def _offer(self) -> None:
        """Say why no translation can be begun, or offer it."""
        words = self._why() if not self.new_box.isHidden() else ""
        self.why.setText(words)
        self.why.setVisible(bool(words))
        is_possible = self._opening is not None and self._opening.is_separated
        self.new_language.setEnabled(is_possible and self._may_begin)
        self.begin.setEnabled(is_possible and self._may_begin and bool(self.new_language.code))

    def _why(self) -> str:
        opening = self._opening
        if opening is None:
            return ""
        if not opening.is_transcribed:
            return self.tr("Nothing is transcribed yet, so there is nothing to translate.")
        if not opening.is_separated:
            return sentence(NotSeparatedYetError())
        if not self._may_begin:
            return self.tr("No translation was begun. A translator or a cleared member begins it.")
        if opening.languages:
            return ""
        return self.tr(
            "No translation yet. It gets a row for each segment; whoever must not read a name "
            "sees a mark in its place."
        )

    def _on_another(self) -> None:
        self.new_box.setVisible(self.new_box.isHidden())
        self._offer()
        if not self.new_box.isHidden():
            self.new_language.setFocus()

    def _on_begin(self) -> None:
        opening, lang = self._opening, self.new_language.code
        if opening is None or not lang:
            return
        self.begin.setEnabled(False)

        def refused(error: Exception) -> None:
            self._context.notices.refuse(error)
            self._offer()

        self._context.desk.ask(
            self,
            lambda vault: begin_translation(vault, opening.interview, lang),
            lambda _: self.begun.emit(opening.interview, lang),
            failed=refused,
        )
