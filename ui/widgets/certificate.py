"""A certificate of transcript to read, and to save as a file for printing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from intake.statement.handing import export_certificate
from ui.theme import GRID

if TYPE_CHECKING:
    from pathlib import Path

    from intake.transcript.certifying import Certificate
    from ui.context import Context

_SUGGESTED = "certificate.txt"


class CertificateDialog(QDialog):
    """The words as they are printed. It holds no word of the account and nobody's name."""

    def __init__(self, context: Context, made: Certificate, words: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._made = made
        self.setWindowTitle("Intake")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumSize(100 * GRID, 60 * GRID)
        self.words = QPlainTextEdit(words)
        self.words.setReadOnly(True)
        self.words.setAccessibleName(self.tr("Certificate"))
        self.words.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.words.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.words.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setAccessibleName(self.tr("What was done"))
        self.save = QPushButton(self.tr("Save as a file..."))
        self.save.setEnabled(context.who.is_cleared)
        self.away = QPushButton(self.tr("Close"))
        row = QHBoxLayout()
        row.addWidget(self.save)
        row.addStretch(1)
        row.addWidget(self.away)
        column = QVBoxLayout(self)
        column.setSpacing(GRID)
        column.addWidget(self.words, stretch=1)
        column.addWidget(self.said)
        column.addLayout(row)
        self.save.clicked.connect(self._on_save)
        self.away.clicked.connect(self.accept)

    def _on_save(self) -> None:
        title = self.tr("A file that does not exist yet")
        self._context.chooser.new_file(self, title, _SUGGESTED, self._save)

    def _save(self, target: Path) -> None:
        made = self._made
        self._context.desk.ask(
            self,
            lambda vault: export_certificate(vault, made, target),
            lambda _: self._on_saved(target),
            failed=lambda error: self.said.setText(str(error)),
        )

    def _on_saved(self, target: Path) -> None:
        self._context.saved()
        self.said.setText(
            self.tr("Written: {target}. Print it and sign it by hand.").format(target=target)
        )
