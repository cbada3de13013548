"""How the transcript looks: the player, what is found, a table of segments, one of them below.

What happens is the screen's (`ui.screens.transcript`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QPushButton, QSplitter

from intake.transcript.reading import SegmentLine
from ui.keys import Act
from ui.models.rows import Column, RowsModel
from ui.screens.base import Screen
from ui.screens.transcript_acting import Acting
from ui.widgets.find_bar import FindBar
from ui.widgets.hearing import Hearing
from ui.widgets.segment_box import SegmentBox
from ui.widgets.style_box import StyleBox
from ui.widgets.table import Table
from ui.wording import clock, is_right_to_left

if TYPE_CHECKING:
    from ui.context import Context


class TranscriptPage(Screen):
    """A table of segments, the words of one below it, the player above."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.hearing = Hearing(context)
        self.box = SegmentBox(context)
        self.editor = self.box.editor
        self.acting = Acting(context, self.box, self)
        self.finder = FindBar()
        self.search = self.finder.search
        self.style_box = StyleBox(context)
        self.next_open = QPushButton(self.tr("Next open"))
        self.undo = QPushButton(self.tr("Undo"))
        self.redo = QPushButton(self.tr("Redo"))
        self.taken_back = QPushButton(self.tr("Taken back..."))
        self.taken_back.setToolTip(
            self.tr("Strike out what the witness takes back, and see what was.")
        )
        self.follow = QCheckBox(self.tr("Follow the sound"))
        self.follow.setChecked(True)
        self.count = QLabel()
        self.count.setAccessibleName(self.tr("How far this transcript is"))
        self.lines = RowsModel[SegmentLine](self._columns(), lambda line: line.id)
        self.table = Table(self.lines, self.tr("Segments"), widths=(5, 10, 16, 0, 26), lines=2)
        self.empty = QLabel(
            self.tr(
                "Nothing is transcribed yet. The interview's page imports a recording and turns it "
                "into a draft; its segments arrive here while that goes on."
            )
        )
        self.empty.setWordWrap(True)
        self._lay_out()

    def _lay_out(self) -> None:
        self.page.addWidget(self.hearing)
        row = QHBoxLayout()
        for widget in (self.count, self.next_open, self.undo, self.redo, self.taken_back):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.follow)
        self.page.addLayout(row)
        self.finder.row.addWidget(self.style_box)
        self.page.addWidget(self.finder)
        self.page.addWidget(self.empty)
        self.parts = QSplitter()
        self.parts.setOrientation(Qt.Orientation.Vertical)
        self.parts.setChildrenCollapsible(False)
        self.parts.addWidget(self.table)
        self.parts.addWidget(self.box)
        self.parts.setStretchFactor(0, 3)
        self.parts.setStretchFactor(1, 2)
        self.page.addWidget(self.parts, stretch=1)
        self.page.addStretch(0)
        self.show_keys()

    def show_keys(self) -> None:
        """Say the keys on the tips of the buttons above the table."""
        self.next_open.setToolTip(self.context.keys.label(Act.NEXT_OPEN))
        self.offer_steps()

    def offer_steps(self) -> None:
        """Say on the buttons' tips what they would take back, or do again."""
        for button, words, key in (
            (self.undo, self.acting.steps.undo_words, QKeySequence.StandardKey.Undo),
            (self.redo, self.acting.steps.redo_words, QKeySequence.StandardKey.Redo),
        ):
            label = QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
            button.setEnabled(bool(words))
            button.setToolTip(f"{label}  {words}".rstrip())

    def _columns(self) -> list[Column[SegmentLine]]:
        return [
            Column("#", lambda line: str(line.number)),
            Column(self.tr("Time"), lambda line: clock(line.start_ms)),
            Column(self.tr("Speaker"), self.box.speaker_of),
            Column(
                self.tr("Text"), lambda line: line.text, lambda line: is_right_to_left(line.text)
            ),
            Column(self.tr("State"), self.box.state_of),
        ]

    def show_count(self) -> None:
        """Say how far the transcript is: what is verified, heard, empty."""
        rows = self.lines.rows
        words = self.tr("{verified} of {all} verified").format(
            verified=sum(line.is_verified for line in rows), all=len(rows)
        )
        heard = sum(line.is_heard_draft for line in rows)
        if heard:
            words += self.tr(", %n heard", "", heard)
        empty = sum(not line.text.strip() for line in rows) if self.box.may_edit else 0
        if empty:
            words += self.tr(", %n empty", "", empty)
        self.count.setText(words)
        self.next_open.setEnabled(any(line.is_open for line in rows))
