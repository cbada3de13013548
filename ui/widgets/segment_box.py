"""One segment below the table: its words, who speaks, and what can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ui.keys import Act
from ui.theme import GRID, primary
from ui.widgets.segment_editor import SegmentEditor
from ui.wording import clock, words_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.capture.interviews import Present
    from intake.transcript.reading import SegmentLine
    from ui.context import Context
    from ui.keys import Keys


class SegmentBox(QWidget):
    """Shows a segment and says what this member may do with it; what happens is the screen's."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        roles = context.who.roles
        self.may_edit = context.who.is_cleared
        self.may_hear = context.who.is_cleared and bool(roles & {"interviewer", "translator"})
        self.may_name = context.who.is_cleared and "interviewer" in roles
        self.title = QLabel()
        self.editor = SegmentEditor(context.keys)
        self.split = QPushButton(self.tr("Split"))
        self.merge = QPushButton(self.tr("Merge"))
        self.unclear = QPushButton(self.tr("Unclear"))
        self.speaker = QComboBox()
        self.speaker.setAccessibleName(self.tr("Speaker"))
        self.speaker.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.take_back = QPushButton(self.tr("Not heard after all"))
        self.confirm = QPushButton(self.tr("I heard it: confirm"))
        primary(self.confirm)
        self._say_keys(context.keys)
        self._lay_out()
        self.show_line(None)

    def _say_keys(self, keys: Keys) -> None:
        for button, act in (
            (self.split, Act.SPLIT),
            (self.merge, Act.MERGE),
            (self.unclear, Act.UNCLEAR),
            (self.take_back, Act.UNCONFIRM),
            (self.confirm, Act.CONFIRM),
        ):
            button.setToolTip(keys.label(act))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, GRID, 0, 0)
        column.addWidget(self.title)
        column.addWidget(self.editor, stretch=1)
        buttons = QHBoxLayout()
        label = QLabel(self.tr("Spea&ker"))
        label.setBuddy(self.speaker)
        for widget in (self.split, self.merge, self.unclear, label, self.speaker):
            buttons.addWidget(widget)
        buttons.addStretch(1)
        buttons.addWidget(self.take_back)
        buttons.addWidget(self.confirm)
        column.addLayout(buttons)

    def show_line(self, line: SegmentLine | None) -> None:
        """Show another segment, or none."""
        for widget in (self.split, self.merge, self.unclear):
            widget.setEnabled(line is not None and self.may_edit)
        self.speaker.setEnabled(line is not None and self.may_name)
        self.editor.show_words(
            line.text if line else "", is_editable=line is not None and self.may_edit
        )
        self.offer(line)

    def offer(self, line: SegmentLine | None) -> None:
        """Say which segment it is and how it stands; its words stay as they are."""
        self.confirm.setEnabled(
            line is not None and self.may_hear and (line.is_draft or not line.is_heard)
        )
        self.take_back.setEnabled(line is not None and self.may_hear and line.is_heard)
        if line is None:
            self.title.clear()
            return
        self.title.setText(
            self.tr("Segment {number}, {start} to {end}: {state}").format(
                number=line.number,
                start=clock(line.start_ms),
                end=clock(line.end_ms),
                state=self.state_of(line),
            )
        )
        self.speaker.setCurrentIndex(max(0, self.speaker.findData(line.speaker or "")))

    def show_present(self, present: Sequence[Present]) -> None:
        """Offer those who were there as speakers."""
        shown = [self.speaker.itemData(n) for n in range(1, self.speaker.count())]
        if not self.speaker.count() or shown != [person.code for person in present]:
            self.speaker.clear()
            self.speaker.addItem(self.tr("nobody named"), "")
            for person in present:
                self.speaker.addItem(f"{person.code}  {words_for(person.role)}", person.code)

    def state_of(self, line: SegmentLine) -> str:
        """Return in words how far a segment is."""
        if line.is_heard and not line.is_draft:
            return self.tr("heard and confirmed")
        if line.status == "separated":
            return self.tr("separated, not heard yet")
        if line.status == "machine":
            sure = "" if line.confidence is None else f" {line.confidence} %"
            return self.tr("machine draft") + sure
        return self.tr("edited, names to review")
