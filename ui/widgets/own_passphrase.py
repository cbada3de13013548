"""Changing one's own passphrase: the one that counts now, then the new one twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from intake import opening
from intake.opening.passphrases import AFTER_A_CHANGE, change_passphrase
from ui.screens.unlocking import PassphraseEdit
from ui.theme import GRID
from ui.widgets.new_passphrase import NewPassphrase

if TYPE_CHECKING:
    from intake.opening import Vault
    from ui.context import Context


class OwnPassphrase(QWidget):
    """The old words, the new words, one button. Every member may do it for themselves."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.old = PassphraseEdit()
        self.new = NewPassphrase(context.desk, label=self.tr("&New passphrase"))
        self.change = QPushButton(self.tr("Change my passphrase"))
        note = QLabel(
            self.tr(
                "It opens your own key file and nobody else's. If you forget it, recovery sheets "
                "are the only way back."
            )
        )
        note.setWordWrap(True)
        label = QLabel(self.tr("The one that &counts now"))
        label.setBuddy(self.old)
        self.new.form.insertRow(0, label, self.old)
        row = QHBoxLayout()
        row.addWidget(self.change)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setSpacing(GRID)
        column.addWidget(note)
        column.addWidget(self.new)
        column.addLayout(row)
        column.addStretch(1)
        self.old.textChanged.connect(self._offer)
        self.new.changed.connect(self._offer)
        self.change.clicked.connect(self._on_change)
        self._offer()

    def forget(self) -> None:
        """Let go of everything typed."""
        self.old.clear()
        self.new.forget()

    def _offer(self) -> None:
        self.change.setEnabled(bool(self.old.text()) and self.new.is_complete)

    def _on_change(self) -> None:
        old, new = self.old.take(), self.new.words()
        self.change.setEnabled(False)
        self._context.jobs.start(
            self,
            self.tr("Changing the passphrase"),
            lambda vault, _token, _report: _change(vault, old, new),
            lambda _: self._on_changed(),
            failed=self._on_refused,
        )

    def _on_changed(self) -> None:
        self.forget()
        self._context.notices.say(self.tr(AFTER_A_CHANGE))

    def _on_refused(self, error: Exception) -> None:
        self._context.notices.refuse(error)
        self.old.setFocus()
        self._offer()


def _change(vault: Vault, old: str, new: str) -> None:
    change_passphrase(vault, opening.passphrase_from(old), opening.passphrase_from(new))
