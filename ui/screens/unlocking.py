"""The lock page (S2): which vault, who, passphrase. It shows nothing of the matter.

The same page covers the window while a job goes on: then it asks for the passphrase of whoever is
at work, and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from intake import opening
from intake.errors import SeveralMembersError, WhichVaultError
from ui.messages import sentence
from ui.theme import GRID, heading, primary
from ui.widgets.recording_strip import RecordingStrip

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtGui import QKeyEvent

    from ui.capturing import Capture
    from ui.context import Chooser
    from ui.desk import Desk

_WIDTH = 560
_SHOWN = 8


class PassphraseEdit(QLineEdit):
    """A field that shows dots, is not offered to any clipboard, and notices Caps Lock."""

    caps_lock_seen = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhSensitiveData
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Say whether a letter came out large without Shift: Qt has no other way to ask."""
        letter = event.text()
        if letter.isalpha() and letter.upper() != letter.lower():
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.caps_lock_seen.emit(letter.isupper() != shift)
        super().keyPressEvent(event)

    def take(self) -> str:
        """Return what was typed and empty the field."""
        words = self.text()
        self.clear()
        return words


class UnlockPage(QWidget):
    """Asks for a passphrase. `unlocked` carries the open vault, `uncovered` nothing."""

    unlocked = Signal(object)
    uncovered = Signal()
    create_wanted = Signal()
    recover_wanted = Signal()
    restore_wanted = Signal()
    vault_chosen = Signal(object)
    """The folder of another vault."""

    def __init__(
        self, desk: Desk, chooser: Chooser, capture: Capture, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._chooser = chooser
        self._path: Path | None = None
        self._covers = False
        self.recording = RecordingStrip(capture)
        self._build()

    def _build(self) -> None:
        box = QFrame()
        box.setMaximumWidth(_WIDTH)
        box.setFrameShape(QFrame.Shape.StyledPanel)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        self.title = QLabel()
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        heading(self.title)
        self.member = QComboBox()
        self.member_label = QLabel(self.tr("&Member"))
        self.member_label.setBuddy(self.member)
        self.passphrase = PassphraseEdit()
        label = QLabel(self.tr("&Passphrase"))
        label.setBuddy(self.passphrase)
        self.unlock = QPushButton(self.tr("Unlock"))
        primary(self.unlock)
        form.addRow(self.member_label, self.member)
        line = QHBoxLayout()
        line.addWidget(self.passphrase, stretch=1)
        line.addWidget(self.unlock)
        form.addRow(label, line)
        self.caps = QLabel(self.tr("Caps Lock is on."))
        self.caps.hide()
        self.wait = QProgressBar()
        self.wait.setRange(0, 0)
        self.wait.setTextVisible(False)
        self.wait.setAccessibleName(self.tr("Opening"))
        self.said = QLabel(self.tr("Opening takes about two seconds."))
        self.said.setWordWrap(True)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.other = QPushButton(self.tr("Open another vault"))
        self.create_button = QPushButton(self.tr("Create vault"))
        self.lost = QPushButton(self.tr("Passphrase lost..."))
        more = QHBoxLayout()
        more.addWidget(self.other)
        more.addWidget(self.create_button)
        more.addStretch(1)
        self.back = QPushButton(self.tr("Put back a backup..."))
        trouble = QHBoxLayout()
        trouble.addWidget(self.lost)
        trouble.addWidget(self.back)
        trouble.addStretch(1)
        inside = QVBoxLayout(box)
        inside.setSpacing(2 * GRID)
        inside.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 3 * GRID)
        inside.addWidget(self.title)
        inside.addLayout(form)
        for widget in (self.caps, self.wait, self.said):
            inside.addWidget(widget)
        inside.addLayout(more)
        inside.addLayout(trouble)
        around = QVBoxLayout(self)
        around.addWidget(self.recording)
        around.addStretch(1)
        middle = QHBoxLayout()  # an alignment would cut what a longer sentence needs in height
        middle.addStretch(1)
        middle.addWidget(box, stretch=100)
        middle.addStretch(1)
        around.addLayout(middle)
        around.addStretch(2)
        box.setMinimumWidth(min(_WIDTH, 480))
        self.wait.hide()
        self.passphrase.caps_lock_seen.connect(self.caps.setVisible)
        self.passphrase.returnPressed.connect(self._on_unlock)
        self.unlock.clicked.connect(self._on_unlock)
        self.other.clicked.connect(self._on_other)
        self.create_button.clicked.connect(self.create_wanted)
        self.lost.clicked.connect(self.recover_wanted)
        self.back.clicked.connect(self.restore_wanted)

    @property
    def path(self) -> Path | None:
        """The vault's folder that the page is about."""
        return self._path

    def show_vault(self, path: Path | None) -> None:
        """Ask for a passphrase of this vault; None asks for a vault first."""
        self._path, self._covers = path, False
        self._set_busy(busy=False)
        for button in (self.other, self.create_button, self.back):
            button.show()
        self.member_label.hide()
        self.member.hide()
        self.member.clear()
        has_vault = path is not None
        self.lost.setVisible(has_vault)
        self.passphrase.setEnabled(has_vault)
        self.unlock.setEnabled(has_vault)
        if path is None:
            self.title.setText(self.tr("No vault is open."))
            self.said.setText(self.tr("Open a vault that you have, or create one."))
            (self.create_button if self.create_button.isVisible() else self.other).setFocus()
            return
        self.title.setText(self.tr("Vault: {name}").format(name=path.name.removesuffix(".vault")))
        self.said.setText(self.tr("Opening takes about two seconds."))
        self.passphrase.setFocus()
        self._desk.run(self, lambda: _members(path), self._on_members, failed=self._on_refused)

    def cover(self) -> None:
        """Cover the window while a job goes on; the passphrase of the member brings it back."""
        self._covers = True
        self._set_busy(busy=False)
        ways = (self.other, self.create_button, self.lost, self.back)
        for widget in (*ways, self.member, self.member_label):
            widget.hide()
        self.title.setText(self.tr("Covered. What is running goes on."))
        self.said.setText(self.tr("Type your passphrase to go back to your work."))
        self.passphrase.setEnabled(True)
        self.unlock.setEnabled(True)
        self.passphrase.setFocus()

    def say(self, words: str) -> None:
        """Show a sentence below the passphrase."""
        self.said.setText(words)

    def _set_busy(self, *, busy: bool) -> None:
        self.wait.setVisible(busy)
        asked = (self.passphrase, self.unlock, self.member)
        for widget in (*asked, self.other, self.create_button, self.lost, self.back):
            widget.setEnabled(not busy)

    def _on_members(self, members: list[str]) -> None:
        several = len(members) > 1
        self.member_label.setVisible(several)
        self.member.setVisible(several)
        for member in members:
            self.member.addItem(member[:_SHOWN], member)

    def _on_other(self) -> None:
        self._chooser.folder(self, self.tr("Open a vault's folder"), self.vault_chosen.emit)

    def _on_unlock(self) -> None:
        if not self.unlock.isEnabled() or not self.passphrase.text():
            return
        words = self.passphrase.take()
        self._set_busy(busy=True)
        self.said.setText(self.tr("Opening takes about two seconds."))
        if self._covers:
            self._desk.ask(
                self,
                lambda vault: opening.confirm_passphrase(vault, opening.passphrase_from(words)),
                lambda _: self.uncovered.emit(),
                failed=self._on_refused,
            )
            return
        path, wanted = self._path, str(self.member.currentData() or "")
        self._desk.run(
            self, lambda: _unlock(path, wanted, words), self._on_opened, failed=self._on_refused
        )

    def _on_opened(self, vault: object) -> None:
        self._set_busy(busy=False)
        self.unlocked.emit(vault)

    def _on_refused(self, error: Exception) -> None:
        self._set_busy(busy=False)
        self.said.setText(sentence(error))
        self.passphrase.setFocus()


def _members(path: Path) -> list[str]:
    """Return the ids of a vault's members: file names that anybody with the laptop can read."""
    try:
        return [opening.find_member(path)]
    except SeveralMembersError as several:
        return list(several.members)


def _unlock(path: Path | None, wanted: str, words: str) -> opening.Vault:
    if path is None:
        raise WhichVaultError
    member = opening.find_member(path, wanted)
    return opening.unlock(path, member, opening.passphrase_from(words))
