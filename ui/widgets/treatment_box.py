"""Choosing how a name appears in what leaves: hidden, in wider words, or as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from intake.errors import TreatmentDetailError
from intake.review.treating import Treatment
from ui.name_words import KEPT
from ui.theme import GRID
from ui.widgets.languages import LanguageBox
from ui.wording import words_for

if TYPE_CHECKING:
    from collections.abc import Mapping


class _Wording(QWidget):
    """One wording and its language."""

    def __init__(self, lang: str = "", words: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = QLineEdit(words)
        self.words.setAccessibleName(self.tr("Wider words"))
        self.words.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData)
        self.language = LanguageBox()
        self.language.setAccessibleName(self.tr("Language of these words"))
        self.language.choose(lang)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.words, stretch=3)
        row.addWidget(self.language, stretch=2)


class TreatmentBox(QWidget):
    """Hide, generalise with wordings by language, or keep by name with a reason."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._code = "none"
        self.hide_it = QRadioButton(self.tr("Hide"))
        self.generalise = QRadioButton(self.tr("Generalise: say something wider"))
        self.keep = QRadioButton(self.tr("Keep by name"))
        self._group = QButtonGroup(self)
        self.wordings: list[_Wording] = []
        self.more = QPushButton(self.tr("One more language"))
        self.more.clicked.connect(self._on_more)
        self.reason = QComboBox()
        self.reason.setAccessibleName(self.tr("Reason to keep it"))
        self.reason_label = QLabel(self.tr("because it is"))
        self.reason_label.setBuddy(self.reason)
        for reason in KEPT:
            self.reason.addItem(words_for(reason), reason)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(GRID // 2)
        self.wider = QWidget()
        wider = QVBoxLayout(self.wider)
        wider.setContentsMargins(3 * GRID, 0, 0, 0)
        wider.addLayout(self._rows)
        wider.addWidget(self.more, alignment=Qt.AlignmentFlag.AlignLeading)
        self.why = QWidget()
        why = QHBoxLayout(self.why)
        why.setContentsMargins(3 * GRID, 0, 0, 0)
        why.addWidget(self.reason_label)
        why.addWidget(self.reason, stretch=1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        for button in (self.hide_it, self.generalise, self.keep):
            self._group.addButton(button)
        for widget in (self.hide_it, self.generalise, self.wider, self.keep, self.why):
            column.addWidget(widget)
        self._group.buttonToggled.connect(lambda *_: self._show())
        self.choose(Treatment())

    @property
    def treatment(self) -> Treatment:
        """What is chosen; whether it can be taken is the vault's to say.

        Raises `TreatmentDetailError` where a language has two wordings: one of them would be lost.
        """
        if self.keep.isChecked():
            return Treatment("keep", code=self._code, reason=str(self.reason.currentData()))
        if self.generalise.isChecked():
            return Treatment("generalise", self._words(), code=self._code, reason="wider_wording")
        return Treatment(code=self._code)

    def choose(self, treatment: Treatment) -> None:
        """Show a treatment."""
        self._code = treatment.code
        for row in self.wordings:
            row.hide()
            row.deleteLater()
        self.wordings = []
        for lang, words in treatment.wordings.items():
            self._add(lang, words)
        if not self.wordings:
            self._add()
        self.reason.setCurrentIndex(max(0, self.reason.findData(treatment.reason)))
        buttons = {"generalise": self.generalise, "keep": self.keep}
        buttons.get(treatment.choice, self.hide_it).setChecked(True)
        self._show()

    def _words(self) -> Mapping[str, str]:
        """Return the wordings that were typed, by language; a row without words is none."""
        rows = [(row.language.code, row.words.text().strip()) for row in self.wordings]
        typed = [(lang, words) for lang, words in rows if words]
        if len(dict(typed)) < len(typed):
            raise TreatmentDetailError
        return dict(typed)

    def _on_more(self) -> None:
        self._add().words.setFocus()

    def _add(self, lang: str = "", words: str = "") -> _Wording:
        row = _Wording(lang, words)
        self.wordings.append(row)
        self._rows.addWidget(row)
        return row

    def _show(self) -> None:
        self.wider.setVisible(self.generalise.isChecked())
        self.why.setVisible(self.keep.isChecked())
