"""What was released and exported: the words for one that was just made, and the list of earlier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from intake.statement.issued import Release
from ui.models.leaving import Issued
from ui.models.rows import Column, RowsModel
from ui.theme import GRID, heading
from ui.widgets.table import Table
from ui.wording import language_name, words_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from intake.statement.releasing import Released
    from ui.models.leaving import Written


class DoneLabel(QLabel):
    """Says what came of a release or an export. Its words can be selected, to be compared."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAccessibleName(self.tr("What was done"))
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.hide()

    def say(self, words: str) -> None:
        """Show these words."""
        self.setText(words)
        self.show()

    def show_released(self, made: Released) -> None:
        """Say what was made, and what the leak check read."""
        words = self.tr(
            "Released: statement {number}, version {version}, {paragraphs} paragraph(s), "
            "{size} bytes. The leak check read the finished file back: its pages, titles, "
            "descriptions and bytes. No hidden name is in it."
        ).format(
            number=made.statement,
            version=made.version,
            paragraphs=made.paragraphs,
            size=f"{made.size_bytes:,}",
        )
        if made.report.judged:
            words += " " + self.tr("Near spellings judged by a person: {count}.").format(
                count=made.report.judged
            )
        self.say(words)

    def show_written(self, written: Written) -> None:
        """Say where the file is, its digest, and what was left out."""
        left = written.left_out
        parts = [
            self.tr("hidden: {count}").format(count=self._counted(left.hidden)),
            self.tr("in wider words: {count}").format(count=self._counted(left.widened)),
            self.tr("the recording, its exact time and place, and the names register"),
        ]
        self.say(
            "\n".join(
                [
                    self.tr("Written: {target} ({size} bytes)").format(
                        target=written.target, size=f"{written.export.size_bytes:,}"
                    ),
                    self.tr("SHA-256: {sha}").format(sha=written.export.sha),
                    self.tr("Left out: {parts}.").format(parts="; ".join(parts)),
                    self.tr("Kept by name: {count}.").format(count=self._counted(left.kept)),
                ]
            )
        )

    def _counted(self, counts: Mapping[str, int]) -> str:
        words = [f"{count} {words_for(kind)}" for kind, count in counts.items()]
        return ", ".join(words) or self.tr("nothing")


class IssuedBox(QWidget):
    """The releases and exports of an interview, newest first; hidden while there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = QLabel(self.tr("Released and exported before"))
        heading(title)
        self.rows = RowsModel[Issued](self._columns(), lambda line: line.id)
        self.table = Table(self.rows, title.text(), widths=(20, 9, 12, 16, 12, 0))
        title.setBuddy(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, GRID, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(title)
        column.addWidget(self.table)
        self.hide()

    def show_issued(self, issued: Sequence[Issued]) -> None:
        """Show these lines."""
        self.rows.set_rows(issued)
        self.setVisible(bool(issued))

    def _columns(self) -> list[Column[Issued]]:
        return [
            Column(self.tr("What"), self._what),
            Column(self.tr("Version"), lambda line: str(line.made.version or "-")),
            Column(self.tr("To"), lambda line: line.made.recipient),
            Column(self.tr("Second column"), _second_column),
            Column(self.tr("Day"), lambda line: line.made.day),
            Column(self.tr("State"), self._state),
        ]

    def _what(self, line: Issued) -> str:
        if isinstance(line.made, Release):
            return self.tr("released")
        known = {"statement": self.tr("exported"), "xliff": self.tr("file to a translator")}
        return known.get(line.made.what, line.made.what)

    def _state(self, line: Issued) -> str:
        if not isinstance(line.made, Release):
            known = {
                "begun": self.tr("(!) begun, not known to be finished"),
                "done": self.tr("written"),
                "failed": self.tr("failed, nothing was written"),
            }
            return known.get(line.made.state, line.made.state)
        if not line.is_newest:
            return self.tr("a newer version took its place")
        if not line.made.is_current:
            return self.tr("(!) names changed since: release again")
        return self.tr("as released")


def _second_column(line: Issued) -> str:
    lang = line.made.translation if isinstance(line.made, Release) else ""
    return language_name(lang) if lang else "-"
