"""Choosing who gets something, and entering somebody new. Names are shown to cleared members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from intake.statement.recipients import RECIPIENT_CLASSES, ListedRecipient, add_recipient
from ui.theme import GRID
from ui.wording import words_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.statement.recipients import Recipient
    from ui.context import Context

_ISOLATED: Final = "\u2068{}\u2069"
"""A name keeps its own direction between the words around it (UAX 9)."""


class RecipientBox(QWidget):
    """A list of recipients, and a `form` for a new one, which the screen places below.

    `chosen` carries the id of the recipient whom a person chose or entered.
    """

    chosen = Signal(str)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.label = QLabel(self.tr("&To"))
        self.list = QComboBox()
        self.list.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.label.setBuddy(self.list)
        self.new_button = QPushButton(self.tr("New recipient..."))
        self.new_button.setCheckable(True)
        self.new_button.setEnabled(context.who.is_cleared)
        self.kind = QComboBox()
        self.kind.setAccessibleName(self.tr("What kind of recipient"))
        for name in RECIPIENT_CLASSES:
            self.kind.addItem(words_for(name), name)
        self.name = QLineEdit()
        self.name.setPlaceholderText(self.tr("Name"))
        self.name.setAccessibleName(self.tr("Name of the recipient"))
        self.add_button = QPushButton(self.tr("Enter"))
        self.add_button.setObjectName("enter-recipient")
        self.form = QWidget()
        self._lay_out()
        self.list.activated.connect(lambda _: self.chosen.emit(str(self.list.currentData())))
        self.new_button.toggled.connect(self._on_new)
        self.name.textChanged.connect(self._offer)
        self.name.returnPressed.connect(self._on_add)
        self.add_button.clicked.connect(self._on_add)
        self.setFocusProxy(self.list)
        self._offer()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.list)
        row.addWidget(self.new_button)
        row.addStretch(1)
        line = QHBoxLayout()
        line.addWidget(self.kind)
        line.addWidget(self.name, stretch=1)
        line.addWidget(self.add_button)
        column = QVBoxLayout(self.form)
        column.setContentsMargins(0, 0, 0, GRID)
        column.addLayout(line)
        column.addWidget(QLabel(self.tr("The name is kept in the identity register alone.")))
        self.form.hide()

    def show_recipients(self, recipients: Sequence[ListedRecipient], now: Recipient | None) -> None:
        """Show who can be chosen; with nobody to choose, a cleared member is asked for one."""
        fill(self.list, [(one.recipient.id, _words(one)) for one in recipients])
        self.list.setCurrentIndex(self.list.findData(now.id) if now is not None else -1)
        self.list.setVisible(bool(recipients))
        if not recipients and self._context.who.is_cleared:
            self.new_button.setChecked(True)

    def _on_new(self, is_wanted: bool) -> None:
        self.form.setVisible(is_wanted)
        if is_wanted:
            self.kind.setFocus()

    def _offer(self) -> None:
        self.add_button.setEnabled(bool(self.name.text().strip()))

    def _on_add(self) -> None:
        name, kind = self.name.text().strip(), str(self.kind.currentData())
        if not name or not self.add_button.isEnabled():
            return
        self.add_button.setEnabled(False)
        self._context.desk.ask(
            self,
            lambda vault: add_recipient(vault, recipient_class=kind, name=name),
            self._on_added,
            failed=self._on_refused,
        )

    def _on_added(self, recipient: Recipient) -> None:
        self.name.clear()
        self.new_button.setChecked(False)
        self.chosen.emit(recipient.id)

    def _on_refused(self, error: Exception) -> None:
        self._context.notices.refuse(error)
        self._offer()


def fill(box: QComboBox, choices: Sequence[tuple[str, str]]) -> None:
    """Offer these choices, by id and words; a list that is as before is left in peace."""
    if choices != [(box.itemData(n), box.itemText(n)) for n in range(box.count())]:
        box.clear()
        for key, words in choices:
            box.addItem(words, key)


def _words(one: ListedRecipient) -> str:
    words = f"{one.recipient.code} · {words_for(one.recipient.recipient_class)}"
    return f"{words} · {_ISOLATED.format(one.name)}" if one.name else words
