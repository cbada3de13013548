"""The record of custody (S9): every signed entry, its checks, and an extract for others to check.

Cleared members read exact times, the others days; nobody reads a name here.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QLineEdit, QPushButton

from intake.custody.verifying import Finding
from intake.errors import CancelledError
from intake.statement.handing import export_custody
from ui.models.record import (
    Checked,
    Record,
    RecordRow,
    check_chain,
    check_vault,
    head_words,
    read_record,
)
from ui.models.rows import Column, RowsModel
from ui.screens.base import Screen
from ui.theme import heading, primary
from ui.widgets.paper import PaperCheck
from ui.widgets.table import Table

if TYPE_CHECKING:
    from pathlib import Path

    from ui.context import Context, InterviewRef

_SUGGESTED = "custody-extract"


class CustodyScreen(Screen):
    """A filter, the entries, the head to note on paper, three buttons, and what a check found."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._record: Record | None = None
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("A word, a code, a member or a day"))
        self.search.setAccessibleName(self.tr("Show entries with"))
        self.search.setClearButtonEnabled(True)
        self.newest_first = QCheckBox(self.tr("Newest first"))
        self.newest_first.setChecked(True)
        self.count = QLabel()
        self.count.setAccessibleName(self.tr("How many entries are shown"))
        self.entries = RowsModel[RecordRow](self._columns(), lambda row: row.n)
        self.table = Table(self.entries, self.tr("Record of custody"), widths=(8, 22, 11, 0, 14))
        self.head = QLabel()
        self.head.setWordWrap(True)
        self.head.setAccessibleName(self.tr("Where the record ends"))
        self.paper = PaperCheck(context)
        self.chain_button = QPushButton(self.tr("Verify chain"))
        self.vault_button = QPushButton(self.tr("Verify the whole vault"))
        self.extract_button = QPushButton(self.tr("Write an extract..."))
        self.result = QLabel()
        self.result.setAccessibleName(self.tr("What the check found"))
        self.findings = RowsModel[Finding](self._finding_columns(), str)
        self.finding_table = Table(self.findings, self.tr("Findings"), widths=(26, 0), lines=2)
        self._lay_out()
        self.extract_button.setEnabled(context.who.is_cleared)
        self.search.textChanged.connect(self._show)
        self.newest_first.toggled.connect(self._show)
        self.paper.compared.connect(self._say)
        self.chain_button.clicked.connect(self._on_chain)
        self.vault_button.clicked.connect(self._on_vault)
        self.extract_button.clicked.connect(self._on_extract)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.search, stretch=1)
        top.addWidget(self.newest_first)
        top.addWidget(self.count)
        self.page.addLayout(top)
        self.page.addWidget(self.table, stretch=3)
        for label in (self.head, self.result):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse
                | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
        primary(self.chain_button)
        heading(self.result)
        self.page.addWidget(self.head)
        self.page.addWidget(self.paper)
        buttons = QHBoxLayout()
        for button in (self.chain_button, self.vault_button, self.extract_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        self.page.addLayout(buttons)
        self.page.addWidget(self.result)
        self.page.addWidget(self.finding_table, stretch=2)
        self.result.hide()
        self.finding_table.hide()

    def _columns(self) -> list[Column[RecordRow]]:
        is_cleared = self.context.who.is_cleared
        return [
            Column(self.tr("Entry"), lambda row: str(row.n), is_number=True),
            Column(self.tr("Time (UTC)") if is_cleared else self.tr("Day"), self._time),
            Column(self.tr("Who"), lambda row: row.who),
            Column(self.tr("What"), lambda row: row.what),
            Column(self.tr("Object"), lambda row: row.code),
        ]

    def _time(self, row: RecordRow) -> str:
        """Keep day and hour in their order where the window runs right to left (UAX 9)."""
        return f"\u2066{row.time}\u2069" if self.isRightToLeft() else row.time

    def _finding_columns(self) -> list[Column[Finding]]:
        return [
            Column(self.tr("Where"), lambda finding: finding.place),
            Column(self.tr("What is not as it was signed"), lambda finding: finding.what),
        ]

    # --- showing -------------------------------------------------------------------------------

    def open(self, interview: InterviewRef | None) -> None:
        """Read the record anew: whatever was done meanwhile is in it."""
        super().open(interview)
        self.refresh()

    def refresh(self) -> None:
        """Read the record again."""
        self.context.desk.ask(self, read_record, self._on_read, key="read")

    def _on_read(self, record: Record) -> None:
        self._record = record
        self.head.setText(
            self.tr(
                "The record ends with entry {n}: {words}. Note number and words on paper, away "
                "from this laptop: they show later whether an old copy was put in its place."
            ).format(n=record.head.n, words=record.words)
        )
        self._show()

    def _show(self) -> None:
        if self._record is None:
            return
        wanted = self.search.text().strip().casefold()
        rows = [row for row in self._record.rows if wanted in row.haystack]
        if self.newest_first.isChecked():
            rows.reverse()
        self.entries.set_rows(rows)
        count = len(self._record.rows)
        words = self.tr("Entries: {shown} of {count}") if wanted else self.tr("Entries: {count}")
        self.count.setText(words.format(shown=len(rows), count=count))
        if rows and self.table.place is None:
            self.table.go_to(0)

    # --- checking ------------------------------------------------------------------------------

    def _on_chain(self) -> None:
        self._begin()
        self.context.jobs.start(
            self,
            self.tr("Verifying the chain"),
            lambda vault, token, _report: check_chain(vault, token),
            lambda checked: self._on_checked(checked, self._chain_words(checked)),
            failed=self._on_failed,
        )

    def _on_vault(self) -> None:
        self._begin()
        self.context.jobs.start(
            self,
            self.tr("Verifying the vault"),
            check_vault,
            lambda checked: self._on_checked(checked, self._vault_words(checked)),
            failed=self._on_failed,
        )

    def _begin(self) -> None:
        self._offer(is_ready=False)
        self.result.hide()
        self.finding_table.hide()

    def _chain_words(self, checked: Checked) -> str:
        return self.tr("{n} entries, all as signed; head {digits}.").format(
            n=checked.head.n, digits=head_words(checked.head)
        )

    def _vault_words(self, checked: Checked) -> str:
        words = self.tr(
            "{n} entries, every row and every sealed file, all as signed; head {digits}."
        )
        if not self.context.who.is_cleared:
            words = self.tr(
                "{n} entries, every row of the account and every sealed file, all as signed; "
                "head {digits}. A cleared member also checks the identity register."
            )
        return words.format(n=checked.head.n, digits=head_words(checked.head))

    def _on_checked(self, checked: Checked, words: str) -> None:
        self._offer(is_ready=True)
        if checked.findings:
            words = self.tr(
                "(!) Findings: {count}. Change nothing more in this vault, and show them to your "
                "custodian."
            ).format(count=len(checked.findings))
        self.findings.set_rows(list(dict.fromkeys(checked.findings)))
        self.finding_table.setVisible(bool(checked.findings))
        self._say(self.tr("Checked {time}: ").format(time=time.strftime("%H:%M")) + words)
        self.refresh()

    def _on_failed(self, error: Exception) -> None:
        self._offer(is_ready=True)
        if not isinstance(error, CancelledError):  # the window said so
            self.context.notices.refuse(error)

    def _offer(self, *, is_ready: bool) -> None:
        self.chain_button.setEnabled(is_ready)
        self.vault_button.setEnabled(is_ready)
        self.extract_button.setEnabled(is_ready and self.context.who.is_cleared)

    def _say(self, words: str) -> None:
        self.result.setText(words)
        self.result.show()

    # --- the extract ---------------------------------------------------------------------------

    def _on_extract(self) -> None:
        self.context.chooser.new_file(
            self, self.tr("A folder that does not exist yet"), _SUGGESTED, self._extract
        )

    def _extract(self, target: Path) -> None:
        self._begin()
        self.context.jobs.start(
            self,
            self.tr("Writing an extract"),
            lambda vault, _token, _report: export_custody(vault, target),
            lambda count: self._on_extracted(target, count),
            failed=self._on_failed,
        )

    def _on_extracted(self, target: Path, count: int) -> None:
        self._offer(is_ready=True)
        self._say(
            self.tr(
                "{count} files written into {target}. With openssl and sha256sum anybody can check "
                "them without Intake; README.txt says how."
            ).format(count=count, target=target)
        )
        self.refresh()
