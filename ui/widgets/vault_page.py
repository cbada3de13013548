"""This vault: where it lies, who is at work in it, its checks, backups and recovery sheets."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from intake.errors import CancelledError
from intake.opening.backing_up import Made, back_up
from intake.opening.recovering import NewShares, new_shares, renew_shares
from ui.context import Place
from ui.theme import GRID
from ui.widgets.asking import AskDialog
from ui.widgets.departing import DepartDialog
from ui.widgets.share_sheets import ShareSheets
from ui.wording import words_for

if TYPE_CHECKING:
    from pathlib import Path

    from intake.jobs import CancelToken, Progress, Report
    from intake.opening import Vault
    from ui.context import Context

_SHOWN: Final = 8
_MB: Final = 1_000_000


class VaultPage(QWidget):
    """Where this vault lies (shown here alone), and what is done with the whole of it."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.place = QLabel()
        self.member = QLabel()
        self.verify = QPushButton(self.tr("Verify..."))
        self.back_up = QPushButton(self.tr("Back up..."))
        self.sheets = QPushButton(self.tr("New recovery sheets..."))
        self.travel = QPushButton(self.tr("Travel..."))
        self.back_up.setEnabled(context.who.is_cleared)
        self.travel.setEnabled(context.who.is_cleared)
        self.sheets.setEnabled(context.who.is_cleared and "custodian" in context.who.roles)
        form = QFormLayout()
        form.setVerticalSpacing(2 * GRID)
        form.setHorizontalSpacing(2 * GRID)
        for label, name in (
            (self.place, self.tr("Folder of this vault")),
            (self.member, self.tr("You")),
        ):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setAccessibleName(name)
            if self.isRightToLeft():  # beside its name, though what it says runs left to right
                label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute)
            label.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse
                | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            form.addRow(name, label)
        note = QLabel(
            self.tr(
                "Everything is in this folder, encrypted. A backup is one sealed file with all of "
                "it; a cleared member makes it while the vault is open, and keeps it where this "
                "laptop is not."
            )
        )
        note.setWordWrap(True)
        row = QHBoxLayout()
        for button in (self.verify, self.back_up, self.sheets, self.travel):
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setSpacing(2 * GRID)
        column.addLayout(form)
        column.addWidget(note)
        column.addLayout(row)
        column.addStretch(1)
        self.verify.clicked.connect(lambda: context.go(Place.CUSTODY, None))
        self.back_up.clicked.connect(self._on_back_up)
        self.sheets.clicked.connect(lambda: SheetsDialog(context, self).open())
        self.travel.clicked.connect(lambda: DepartDialog(context, self).open())

    def refresh(self) -> None:
        """Ask where the vault lies."""
        who = self._context.who
        roles = ", ".join(words_for(role) for role in sorted(who.roles))
        clearance = self.tr("cleared") if who.is_cleared else self.tr("not cleared")
        self.member.setText(f"{who.id[:_SHOWN]}: {roles}; {clearance}")
        self._context.desk.ask(self, lambda vault: vault.folder.path, self._on_place, key="place")

    def _on_place(self, path: Path) -> None:
        self.place.setText(str(path))

    def _on_back_up(self) -> None:
        day = dt.datetime.now(dt.UTC).date().isoformat()
        self._context.chooser.new_file(
            self, self.tr("Where the backup goes"), f"vault-{day}.backup", self._write
        )

    def _write(self, target: Path) -> None:
        self._context.jobs.start(
            self,
            self.tr("Backing up"),
            lambda vault, token, report: _back_up(vault, target, token, report),
            self._on_written,
            failed=self._on_refused,
        )

    def _on_refused(self, error: Exception) -> None:
        if not isinstance(error, CancelledError):  # the window said so
            self._context.notices.refuse(error)

    def _on_written(self, made: Made) -> None:
        words = self.tr("Backed up: {size} MB in one sealed file. Keep it away from this laptop.")
        if made.damaged:
            words += self.tr(" (!) Damaged or missing files: {count}. Verify this vault now.")
        size = max(1, round(made.size_bytes / _MB))
        self._context.notices.say(words.format(size=size, count=made.damaged))


class SheetsDialog(AskDialog):
    """Makes new recovery sheets; the old ones open the vault no more."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(context, parent, act="")
        self.act.setText(self.tr("Make new sheets"))
        self.setMinimumSize(680, 560)
        self.sheets = ShareSheets()
        self.sheets.hide()
        self.column.addWidget(self.sheets)
        self.words.setText(
            self.tr(
                "Make three new recovery sheets? Any two open this vault without a passphrase. The "
                "sheets that there are open it no more, and are destroyed by whoever holds them."
            )
        )
        self.sheets.changed.connect(self.offer)

    def offer(self) -> None:
        """Let one leave once every sheet is on paper."""
        self.away.setEnabled(self.sheets.isHidden() or self.sheets.is_done)

    def on_act(self) -> None:
        """Make them."""
        self.run(self.tr("Making recovery sheets"), _renew, self._on_made)

    def _on_made(self, made: object) -> None:
        if isinstance(made, NewShares):
            self.act.hide()
            self.around.setMaximumHeight(2 * self.words.fontMetrics().height())
            self.words.setText(self.tr("New sheets were made. The old ones count no more."))
            self.sheets.show()
            self.sheets.show_shares(made)
            self.offer()

    def reject(self) -> None:
        """Leave only when every sheet is on paper: they are shown once."""
        if self.away.isEnabled():
            self.sheets.forget()
            super().reject()


def _back_up(vault: Vault, target: Path, token: CancelToken, report: Report) -> Made:
    def reporting(at: Progress) -> None:
        token.raise_if_cancelled()
        report(at)

    return back_up(vault, target, report=reporting)


def _renew(vault: Vault) -> NewShares:
    made = new_shares()
    renew_shares(vault, made)
    return made
