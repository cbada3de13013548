"""Comparing this vault with the six words that somebody noted on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QSpinBox, QWidget

from intake.opening.freshness import Compared, compare_words, parse_words, said
from ui.theme import GRID

if TYPE_CHECKING:
    from ui.context import Context

_MOST = 999_999_999


class PaperCheck(QWidget):
    """The number and the words as noted; `compared` carries the sentence that answers them."""

    compared = Signal(str)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.number = QSpinBox()
        self.number.setRange(0, _MOST)
        self.number.setSpecialValueText(self.tr("number"))  # 0: none typed yet
        self.words = QLineEdit()
        self.words.setPlaceholderText(self.tr("the six words"))
        self.words.setAccessibleName(self.tr("Six words from the paper"))
        self.compare = QPushButton(self.tr("Compare with paper"))
        label = QLabel(self.tr("On &paper: entry"))
        label.setBuddy(self.number)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(label)
        row.addWidget(self.number)
        row.addWidget(self.words, stretch=1)
        row.addWidget(self.compare)
        self.words.textChanged.connect(self._offer)
        self.number.valueChanged.connect(lambda _: self._offer())
        self.words.returnPressed.connect(self._on_compare)
        self.compare.clicked.connect(self._on_compare)
        self._offer()

    def _offer(self) -> None:
        self.compare.setEnabled(bool(self.words.text().strip()) and self.number.value() > 0)

    def _on_compare(self) -> None:
        n, typed = self.number.value(), self.words.text()
        if typed.strip() and n > 0:
            self._context.desk.ask(
                self,
                lambda vault: compare_words(vault, parse_words(typed), n),
                self._on_compared,
                failed=self._context.notices.refuse,
                key="compare",
            )

    def _on_compared(self, found: Compared) -> None:
        words = said(found)
        self.compared.emit(words if found.freshness.is_good else "(!) " + words)
