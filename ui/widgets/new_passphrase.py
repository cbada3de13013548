"""A new passphrase, typed twice by the person whose it will be; six words are suggested."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from intake import opening
from ui.screens.unlocking import PassphraseEdit
from ui.theme import GRID

if TYPE_CHECKING:
    from ui.desk import Desk

_JUDGE_AFTER_MS: Final = 300


class NewPassphrase(QWidget):
    """Two fields and how hard the words are to guess. `changed` = something was typed."""

    changed = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None, *, label: str = "") -> None:
        super().__init__(parent)
        self._desk = desk
        self.first = PassphraseEdit()
        self.second = PassphraseEdit()
        self.shown = QPushButton(self.tr("Show"))
        self.shown.setCheckable(True)
        self.suggest = QPushButton(self.tr("Suggest six words"))
        self.strength = QLabel()
        self.strength.setAccessibleName(self.tr("Strength of the passphrase"))
        self.form = form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(GRID)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self.first, stretch=1)
        row.addWidget(self.shown)
        row.addWidget(self.suggest)
        first = QLabel(label or self.tr("Their &passphrase"))
        first.setBuddy(self.first)
        again = QLabel(self.tr("The same &again"))
        again.setBuddy(self.second)
        form.addRow(first, row)
        form.addRow(again, self.second)
        form.addRow("", self.strength)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_JUDGE_AFTER_MS)
        self._timer.timeout.connect(self._on_judge)
        self.shown.toggled.connect(self._on_shown)
        self.suggest.clicked.connect(self._on_suggest)
        for field in (self.first, self.second):
            field.textChanged.connect(self._on_typed)

    @property
    def is_complete(self) -> bool:
        """Whether something was typed, twice the same."""
        return bool(self.first.text()) and self.first.text() == self.second.text()

    @property
    def differs(self) -> bool:
        """Whether both fields are filled and unlike."""
        return bool(self.second.text()) and self.first.text() != self.second.text()

    def words(self) -> str:
        """Return what was typed."""
        return self.first.text()

    def forget(self) -> None:
        """Empty both fields, and hide what is typed next."""
        self.first.clear()
        self.second.clear()
        self.shown.setChecked(False)
        self.strength.clear()

    def _on_typed(self) -> None:
        self._timer.start()
        self.changed.emit()

    def _on_shown(self, is_shown: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if is_shown else QLineEdit.EchoMode.Password
        self.first.setEchoMode(mode)
        self.second.setEchoMode(mode)
        self.shown.setText(self.tr("Hide") if is_shown else self.tr("Show"))

    def _on_suggest(self) -> None:
        self.shown.setChecked(True)
        self.first.setText(opening.suggest_passphrase())
        self.second.clear()
        self.second.setFocus()

    def _on_judge(self) -> None:
        words = self.first.text()
        if words and self.isVisible():  # a window that is being closed has no desk any more
            self._desk.run(
                self, lambda: opening.judge_passphrase(words), self._on_judged, key="strength"
            )
        else:
            self.strength.clear()

    def _on_judged(self, strength: opening.Strength) -> None:
        if self.differs:
            self.strength.setText(self.tr("These two differ."))
            return
        said = {
            opening.Strength.WEAK: self.tr("Strength: weak. A machine guesses this."),
            opening.Strength.FAIR: self.tr("Strength: fair. One more word makes it good."),
            opening.Strength.GOOD: self.tr("Strength: good."),
        }
        self.strength.setText(said[strength] if self.first.text() else "")
