"""One segment below the table: its words, who speaks, and what can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from intake.transcript.notation import MARKS, odd_marks
from ui.keys import SPEAKERS, Act
from ui.marking import QT_TRANSLATE_NOOP
from ui.theme import GRID, primary
from ui.widgets.machine_box import MachineBox
from ui.widgets.segment_editor import SegmentEditor
from ui.widgets.times_edit import TimesEdit
from ui.wording import flag_words, words_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.capture.interviews import Present
    from intake.transcript.reading import SegmentLine
    from ui.context import Context
    from ui.keys import Keys

_MARK_NAMES = (
    QT_TRANSLATE_NOOP("SegmentBox", "Unclear"),
    QT_TRANSLATE_NOOP("SegmentBox", "Inaudible"),
    QT_TRANSLATE_NOOP("SegmentBox", "Pause"),
    QT_TRANSLATE_NOOP("SegmentBox", "Silence"),
    QT_TRANSLATE_NOOP("SegmentBox", "Laughs"),
    QT_TRANSLATE_NOOP("SegmentBox", "Weeps"),
    QT_TRANSLATE_NOOP("SegmentBox", "Nods"),
    QT_TRANSLATE_NOOP("SegmentBox", "Gesture"),
    QT_TRANSLATE_NOOP("SegmentBox", "Noise"),
    QT_TRANSLATE_NOOP("SegmentBox", "At the same time"),
    QT_TRANSLATE_NOOP("SegmentBox", "Other language"),
    QT_TRANSLATE_NOOP("SegmentBox", "Spells"),
    QT_TRANSLATE_NOOP("SegmentBox", "As it sounds"),
    QT_TRANSLATE_NOOP("SegmentBox", "Said so"),
    QT_TRANSLATE_NOOP("SegmentBox", "Interrupted"),
    QT_TRANSLATE_NOOP("SegmentBox", "Break"),
)
"""The names of `MARKS`, for the window's own language."""


class SegmentBox(QWidget):
    """Shows a segment and says what this member may do with it; what happens is the screen's.

    `mark_chosen` carries the form of a mark.
    """

    mark_chosen = Signal(str)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        roles = context.who.roles
        self.may_edit = context.who.is_cleared
        self.may_hear = context.who.is_cleared and bool(roles & {"interviewer", "translator"})
        self.may_name = context.who.is_cleared and "interviewer" in roles
        self._keys = context.keys
        self.title = QLabel()
        self.linked = QLabel()
        self.odd = QLabel()
        self.times = TimesEdit()
        self.editor = SegmentEditor(context.keys)
        self.machine = MachineBox(context.keys)
        self.split = QPushButton(self.tr("Split"))
        self.merge = QPushButton(self.tr("Merge"))
        self.insert = QPushButton(self.tr("Insert"))
        self.unclear = QPushButton(self.tr("Unclear"))
        self.mark = QPushButton(self.tr("Mark"))
        self.marks = QMenu(self)
        self.speaker = QComboBox()
        self.speaker.setAccessibleName(self.tr("Speaker"))
        self.speaker.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.show_machine = QPushButton(self.tr("What the machine wrote"))
        self.show_machine.setCheckable(True)
        self.take_back = QPushButton(self.tr("Not heard after all"))
        self.confirm = QPushButton(self.tr("I heard it: confirm"))
        primary(self.confirm)
        self._fill_marks()
        self._say_keys(context.keys)
        self._lay_out()
        self.show_machine.toggled.connect(self.machine.setVisible)
        self.editor.edit.textChanged.connect(self._on_words)
        self.show_line(None)

    def _fill_marks(self) -> None:
        for mark in MARKS:
            words = f"{self.tr(mark.name)}\t{mark.form.format(words='...', time='00:00:00')}"
            action = self.marks.addAction(words)
            action.setData(mark.form)
        self.marks.triggered.connect(lambda action: self.mark_chosen.emit(str(action.data())))
        self.marks.setAccessibleName(self.tr("Marks"))
        self.mark.setMenu(self.marks)

    def _say_keys(self, keys: Keys) -> None:
        for button, act in (
            (self.split, Act.SPLIT),
            (self.merge, Act.MERGE),
            (self.insert, Act.INSERT),
            (self.unclear, Act.UNCLEAR),
            (self.mark, Act.MARK),
            (self.show_machine, Act.MACHINE),
            (self.take_back, Act.UNCONFIRM),
            (self.confirm, Act.CONFIRM),
        ):
            button.setToolTip(keys.label(act))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, GRID, 0, 0)
        top = QHBoxLayout()
        self.title.setWordWrap(True)
        top.addWidget(self.title, stretch=1)
        top.addWidget(self.show_machine)
        top.addWidget(self.times)
        column.addLayout(top)
        for label, name in (
            (self.linked, self.tr("Linked segments")),
            (self.odd, self.tr("Marks that are none")),
        ):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAccessibleName(name)
            label.hide()
            column.addWidget(label)
        beside = QHBoxLayout()
        beside.addWidget(self.editor, stretch=3)
        beside.addWidget(self.machine, stretch=2)
        self.machine.hide()
        column.addLayout(beside, stretch=1)
        buttons = QHBoxLayout()
        label = QLabel(self.tr("Spea&ker"))
        label.setBuddy(self.speaker)
        acts = (self.split, self.merge, self.insert, self.unclear, self.mark)
        for widget in (*acts, label, self.speaker):
            buttons.addWidget(widget)
        buttons.addStretch(1)
        buttons.addWidget(self.take_back)
        buttons.addWidget(self.confirm)
        self.speaker.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        column.addLayout(buttons)

    def show_line(self, line: SegmentLine | None) -> None:
        """Show another segment, or none."""
        for widget in (self.split, self.unclear, self.mark):
            widget.setEnabled(line is not None and self.may_edit)
        for widget in (self.merge, self.insert):
            widget.setEnabled(line is not None and self.may_hear)
        self.show_machine.setEnabled(self.may_edit)
        self.speaker.setEnabled(line is not None and self.may_name)
        self.editor.show_words(
            line.text if line else "", is_editable=line is not None and self.may_edit
        )
        self.machine.show_nothing()
        self.show_linked("")
        self.offer(line)

    def offer(self, line: SegmentLine | None) -> None:
        """Say which segment it is and how it stands; its words stay as they are."""
        self.confirm.setEnabled(line is not None and self.may_hear and line.is_open)
        is_heard = line is not None and not line.is_open
        self.take_back.setEnabled(is_heard and self.may_hear)
        self.take_back.setVisible(is_heard)  # one of the two is wanted, and both need room
        self.confirm.setVisible(not is_heard)
        self.times.show_times(
            line.start_ms if line else None,
            line.end_ms if line else None,
            is_editable=self.may_hear,
        )
        if line is None:
            self.title.clear()
            return
        self.title.setText(
            self.tr("Segment {number}: {state}").format(
                number=line.number, state=self.state_of(line)
            )
        )
        self.speaker.setCurrentIndex(max(0, self.speaker.findData(line.speaker or "")))

    def show_linked(self, words: str) -> None:
        """Say what the segment renders, or by what it is rendered."""
        self.linked.setText(words)
        self.linked.setVisible(bool(words))

    def show_present(self, present: Sequence[Present]) -> None:
        """Offer those who were there as speakers, with their keys."""
        shown = [self.speaker.itemData(n) for n in range(1, self.speaker.count())]
        if not self.speaker.count() or shown != [person.code for person in present]:
            self.speaker.clear()
            self.speaker.addItem(self.tr("nobody named"), "")
            for number, person in enumerate(present):
                self.speaker.addItem(f"{person.code}  {words_for(person.role)}", person.code)
                if number < len(SPEAKERS):
                    key = self._keys.label(SPEAKERS[number])
                    self.speaker.setItemData(number + 1, key, Qt.ItemDataRole.ToolTipRole)

    def state_of(self, line: SegmentLine) -> str:
        """Return in words how far a segment is, and what is not to be trusted in it."""
        if line.is_verified:
            return self.tr("verified")
        doubts = [flag_words(flag) for flag in line.flags]
        if line.doubt:
            doubts.append(flag_words("voice_unsure" if line.doubt == "unsure" else line.doubt))
        state = self._state(line)
        return state + ("; (!) " + ", ".join(doubts) if doubts else "")

    def _state(self, line: SegmentLine) -> str:
        if line.is_heard_draft:
            return self.tr("heard, names to review")
        if not line.text.strip() and self.may_edit:
            return self.tr("empty")
        if line.status == "separated":
            return self.tr("separated, not heard yet")
        if line.status == "machine":
            sure = "" if line.confidence is None else f" {line.confidence} %"
            return self.tr("machine draft") + sure
        return self.tr("edited, names to review")

    def speaker_of(self, line: SegmentLine) -> str:
        """Return who speaks, or who perhaps does; and on which side, where there are two."""
        words = line.speaker or ""
        if not words and line.voice_person:
            words = self.tr("perhaps {code}").format(code=line.voice_person)
        elif not words and line.voice is not None:
            words = self.tr("voice {number}").format(number=line.voice)
        if line.channel is not None:
            side = self.tr("side {number}").format(number=line.channel + 1)
            words = f"{words or '-'}\n{side}"
        return words or "-"

    def _on_words(self) -> None:
        """Point out what stands in square brackets and is no mark."""
        words = self.editor.edit.words() if self.may_edit else ""
        odd = odd_marks(words) if "[" in words else []
        if odd:
            self.odd.setText(
                self.tr("(!) No mark of the set: {marks}").format(marks="  ".join(odd))
            )
        self.odd.setVisible(bool(odd))
