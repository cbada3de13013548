"""Putting a vault back from its backups, on the lock page: files, a new place, a passphrase.

It never takes the place of a vault that stands there; the command does that, with its checks.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from intake import opening
from intake.errors import SeveralMembersError
from intake.opening.restoring import ByPassphrase, Restored, find_member, restore
from ui.messages import sentence
from ui.screens.unlocking import PassphraseEdit
from ui.theme import GRID, heading, primary

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.context import Chooser
    from ui.desk import Desk

_SHOWN: Final = 8
_SUFFIX: Final = ".vault"


class RestoreDialog(QDialog):
    """Asks for what it needs. `restored` carries the folder of the vault that was put back."""

    restored = Signal(object)

    def __init__(self, desk: Desk, chooser: Chooser, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._chooser = chooser
        self._files: list[Path] = []
        self.setWindowTitle("Intake")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumSize(640, 420)
        self.title = QLabel(self.tr("Put a vault back from a backup"))
        heading(self.title)
        self.note = QLabel(
            self.tr(
                "Everything is checked before the vault gets its name. If the backup leaves out "
                "recordings that an older one holds, add the older one after it."
            )
        )
        self.note.setWordWrap(True)
        self.files = QLabel(self.tr("No backup was chosen yet."))
        self.files.setTextFormat(Qt.TextFormat.PlainText)
        self.files.setWordWrap(True)
        self.files.setAccessibleName(self.tr("Chosen backups"))
        self.add = QPushButton(self.tr("Choose a backup..."))
        self.folder = QLineEdit(str(Path.home() / f"restored{_SUFFIX}"))
        self.member = QComboBox()
        self.member.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.member_label = QLabel(self.tr("&Member"))
        self.member_label.setBuddy(self.member)
        self.passphrase = PassphraseEdit()
        self.wait = QProgressBar()
        self.wait.setRange(0, 0)
        self.wait.setTextVisible(False)
        self.wait.setAccessibleName(self.tr("Putting back"))
        self.wait.hide()
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setAccessibleName(self.tr("What happened"))
        self.act = QPushButton(self.tr("Put back"))
        self.away = QPushButton(self.tr("Leave"))
        for button in (self.act, self.away, self.add):
            button.setAutoDefault(False)
        primary(self.act)
        self._lay_out()
        self.add.clicked.connect(self._on_add)
        self.act.clicked.connect(self._on_act)
        self.away.clicked.connect(self.reject)
        self.passphrase.returnPressed.connect(self._on_act)
        for field in (self.folder, self.passphrase):
            field.textChanged.connect(self._offer)
        self._show_members([])
        self._offer()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        place = QLabel(self.tr("F&older of the vault"))
        place.setBuddy(self.folder)
        words = QLabel(self.tr("&Passphrase"))
        words.setBuddy(self.passphrase)
        form.addRow(place, self.folder)
        form.addRow(self.member_label, self.member)
        form.addRow(words, self.passphrase)
        chosen = QHBoxLayout()
        chosen.addWidget(self.files, stretch=1)
        chosen.addWidget(self.add)
        buttons = QHBoxLayout()
        buttons.addWidget(self.act)
        buttons.addStretch(1)
        buttons.addWidget(self.away)
        column = QVBoxLayout(self)
        column.setSpacing(2 * GRID)
        column.addWidget(self.title)
        column.addWidget(self.note)
        column.addLayout(chosen)
        column.addLayout(form)
        column.addWidget(self.wait)
        column.addWidget(self.said)
        column.addStretch(1)
        column.addLayout(buttons)

    @property
    def path(self) -> Path:
        """The folder as typed, with the ending that marks a vault."""
        typed = Path(self.folder.text().strip()).expanduser()
        return typed if typed.suffix == _SUFFIX else typed.with_name(typed.name + _SUFFIX)

    def _on_add(self) -> None:
        self._chooser.open_file(
            self, self.tr("A backup"), self.tr("Backups (*.backup);;All files (*)"), self._take
        )

    def _take(self, file: Path) -> None:
        self._desk.run(
            self,
            lambda: _members(file),
            lambda found: self._on_file(file, found),
            failed=self._on_refused,
        )

    def _on_file(self, file: Path, members: list[str]) -> None:
        if not self._files:
            self._show_members(members)
        self._files.append(file)
        self.files.setText("\n".join(one.name for one in self._files))
        self.add.setText(self.tr("Add an older backup..."))
        self.said.clear()
        self._offer()

    def _show_members(self, members: list[str]) -> None:
        self.member.clear()
        for member in members:
            self.member.addItem(member[:_SHOWN], member)
        self.member.setVisible(len(members) > 1)
        self.member_label.setVisible(len(members) > 1)

    def _offer(self) -> None:
        is_ready = bool(self._files and self.folder.text().strip() and self.passphrase.text())
        self.act.setEnabled(is_ready and self.wait.isHidden())

    def _on_act(self) -> None:
        if not self.act.isEnabled():
            return
        files, target = tuple(self._files), self.path
        wanted, words = str(self.member.currentData()), self.passphrase.take()
        self._busy(is_busy=True, words=self.tr("Putting back and checking everything."))

        def work() -> Restored:
            member = find_member(files[0], wanted)
            return restore(files, target, ByPassphrase(member, opening.passphrase_from(words)))

        self._desk.run(self, work, lambda _: self._on_restored(target), failed=self._on_refused)

    def _on_restored(self, target: Path) -> None:
        self._busy(is_busy=False, words="")
        self.restored.emit(target)
        self.close()

    def _on_refused(self, error: Exception) -> None:
        self._busy(is_busy=False, words=sentence(error))
        self.passphrase.setFocus()

    def _busy(self, *, is_busy: bool, words: str) -> None:
        self.wait.setVisible(is_busy)
        for widget in (self.add, self.folder, self.member, self.passphrase, self.away):
            widget.setEnabled(not is_busy)
        self.said.setText(words)
        self._offer()

    def reject(self) -> None:
        """Leave, but not in the middle."""
        if self.wait.isHidden():
            super().reject()


def open_restoring(
    desk: Desk, chooser: Chooser, parent: QWidget, *, then: Callable[[Path], object]
) -> None:
    """Open the dialog over the lock page; `then` gets the folder of what was put back."""
    dialog = RestoreDialog(desk, chooser, parent)
    dialog.restored.connect(then)
    dialog.open()


def _members(file: Path) -> list[str]:
    """Return the ids of a backup's members: they stand in it unsealed, as in the folder."""
    try:
        return [find_member(file)]
    except SeveralMembersError as several:
        return list(several.members)
