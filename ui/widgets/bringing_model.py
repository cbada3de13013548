"""A model that no list names: somebody says that it is theirs, and what it was taught."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui.theme import GRID

_WIDTH = 68 * GRID


class BringDialog(QDialog):
    """Asks for a name, the languages, and a person's word. `wanted` gives name and languages."""

    wanted = Signal(str, list)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Intake")
        self.setMinimumWidth(_WIDTH)
        words = QLabel(
            self.tr(
                "This model is on no list that Intake knows. Nothing in it is run but numbers; "
                "what it writes down may still be wrong in ways that the embedded model's is not. "
                "Take it only from somebody whom you know, and hear every line."
            )
        )
        words.setWordWrap(True)
        self.name = QLineEdit()
        self.name.setPlaceholderText(self.tr("such as field-2026"))
        self.languages = QLineEdit()
        self.languages.setPlaceholderText(self.tr("such as fr, ug=uz"))
        name = QLabel(self.tr("&Name"))
        name.setBuddy(self.name)
        languages = QLabel(self.tr("&Languages that it was taught"))
        languages.setBuddy(self.languages)
        self.ours = QCheckBox(self.tr("It is our own model, and I know who made it"))
        self.act = QPushButton(self.tr("Take it"))
        leave = QPushButton(self.tr("Cancel"))
        form = QFormLayout()
        form.addRow(name, self.name)
        form.addRow(languages, self.languages)
        note = QLabel(
            self.tr(
                "Codes with commas between. Where the model has another code for a language, both: "
                "ug=uz means that it was taught Uyghur under its code uz."
            )
        )
        note.setWordWrap(True)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(leave)
        row.addWidget(self.act)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        column.setSpacing(GRID)
        column.addWidget(words)
        column.addLayout(form)
        column.addWidget(note)
        column.addWidget(self.ours)
        column.addLayout(row)
        for edit in (self.name, self.languages):
            edit.textChanged.connect(lambda _: self._offer())
        self.ours.toggled.connect(lambda _: self._offer())
        self.act.clicked.connect(self._on_act)
        leave.clicked.connect(self.reject)
        self._offer()

    def _codes(self) -> list[str]:
        return [word.strip() for word in self.languages.text().split(",") if word.strip()]

    def _offer(self) -> None:
        is_complete = bool(self.name.text().strip()) and bool(self._codes())
        self.act.setEnabled(is_complete and self.ours.isChecked())

    def _on_act(self) -> None:
        self.accept()
        self.wanted.emit(self.name.text().strip(), self._codes())
