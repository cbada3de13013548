"""Sending a vault travelling: its keys go to a stick, and this laptop cannot read it any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from intake.opening.travelling import BEYOND_REACH, Departed, depart
from ui.widgets.asking import AskDialog

if TYPE_CHECKING:
    from pathlib import Path

    from ui.context import Context


class DepartDialog(AskDialog):
    """Says what it does, takes a stick, and locks once the keys are away."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(context, parent, act="")
        self._token: Path | None = None
        self.act.setText(self.tr("Send the keys away"))
        self.act.setEnabled(False)
        self.words.setText(
            self.tr(
                "All key files of this vault go to a stick that stays at the office or goes "
                "another way, and are destroyed on this laptop. It can still record, write, and "
                "take notes, photos and answers, each sealed at once; nobody can read them here, "
                "nor anything else of the vault. With the stick it is as before.\n\n"
                "It can be seen that Intake is here, and that something was taken."
            )
            + "\n\n"
            + BEYOND_REACH
        )
        self.choose = QPushButton(self.tr("Choose the stick..."))
        self.choose.setAutoDefault(False)
        self.place = QLabel(self.tr("No stick is chosen."))
        self.place.setWordWrap(True)
        row = QHBoxLayout()
        row.addWidget(self.choose)
        row.addWidget(self.place, stretch=1)
        self.column.addLayout(row)
        self.choose.clicked.connect(self._on_choose)

    def _on_choose(self) -> None:
        self.context.chooser.folder(self, self.tr("Where the keys go"), self._on_token)

    def _on_token(self, token: Path) -> None:
        self._token = token
        self.place.setText(str(token))
        self.offer()

    def offer(self) -> None:
        """Let it be done once a stick is chosen."""
        self.act.setEnabled(self._token is not None)

    def on_act(self) -> None:
        """Send them."""
        token = self._token
        if token is not None:
            self.run(
                self.tr("Sending the keys away"), lambda vault: depart(vault, token), self._on_away
            )

    def _on_away(self, departed: object) -> None:
        if not isinstance(departed, Departed):
            return
        words = self.tr("The keys are away. The words of the public keys, for your paper: {words}.")
        said = words.format(words=" ".join(departed.six_words))
        if departed.left:
            said += " " + self.tr("(!) Key files that are still here: {n}.").format(n=departed.left)
        if departed.same_disk:
            said += " " + self.tr("(!) The stick is a folder of the same disk: take it elsewhere.")
        self.words.setText(said)
        for widget in (self.act, self.choose, self.place):
            widget.hide()
        self.away.setText(self.tr("Lock"))
        self.finished.connect(lambda _: self.context.lock_departed())
