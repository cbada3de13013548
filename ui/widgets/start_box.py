"""How an interview begins: one answer, then Record; or Write, or Import. Nothing is ticked before.

The answer gates recording and nothing else: "no" leads to Write. Everything else that is asked may
be asked later; it never delays speech.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ui.theme import GRID, primary
from ui.widgets.wheel import leave_wheel_to_page

if TYPE_CHECKING:
    from collections.abc import Sequence

ANSWERS: Final = ("yes", "on_recording", "no")
"""Agrees to be recorded: yes; will say so on the recording; no."""
_MOST_PEOPLE: Final = 9


class StartBox(QFrame):
    """The gate of a recording. Asks by signals; decides nothing."""

    record_wanted = Signal()
    write_wanted = Signal()
    check_wanted = Signal()
    """Look for microphones again."""
    test_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Begin"))
        self._may = False
        self._is_running = False
        self._has_computer = True
        self.question = QLabel(self.tr("Agrees to be recorded?"))
        self.answers = QButtonGroup(self)
        self.buttons = {
            "yes": QRadioButton(self.tr("yes")),
            "on_recording": QRadioButton(self.tr("will say so on the recording")),
            "no": QRadioButton(self.tr("no: write it down")),
        }
        for place, name in enumerate(ANSWERS):
            self.answers.addButton(self.buttons[name], place)
        self.record = QPushButton(self.tr("Record"))
        self.record.setObjectName("record")
        self.write = QPushButton(self.tr("Write"))
        self.write.setObjectName("write")
        self.microphone = QComboBox()
        self.microphone.setAccessibleName(self.tr("Microphone"))
        self.none_found = QLabel(self.tr("No microphone was found. Plug one in, or write."))
        self.none_found.setWordWrap(True)
        self.check = QPushButton(self.tr("Check again"))
        self.test = QPushButton(self.tr("Try the microphone"))
        self.is_call = QCheckBox(self.tr("A call: the computer's sound as well"))
        self.here = self._people(self.tr("How many people speak here"))
        self.there = self._people(self.tr("How many people speak on the other side"))
        self.here_label = QLabel(self.tr("People &here"))
        self.here_label.setBuddy(self.here)
        self.there_label = QLabel(self.tr("there"))
        self.there_label.setBuddy(self.there)
        self.why_not = QLabel()
        self.why_not.setWordWrap(True)
        self.why_not.setAccessibleName(self.tr("What recording waits for"))
        leave_wheel_to_page(self.microphone, self.here, self.there)
        self._lay_out()
        self.answers.idToggled.connect(lambda *_: self._offer())
        self.is_call.toggled.connect(lambda _: self._offer())
        self.record.clicked.connect(self.record_wanted)
        self.write.clicked.connect(self.write_wanted)
        self.check.clicked.connect(self.check_wanted)
        self.test.clicked.connect(self.test_wanted)
        self.show_microphones(())

    def _people(self, name: str) -> QSpinBox:
        box = QSpinBox()
        box.setRange(1, _MOST_PEOPLE)
        box.setAccessibleName(name)
        return box

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        for widgets in (
            (self.question, *self.buttons.values(), None, self.write, self.record),
            (
                *(self.microphone, self.none_found, self.check, self.test, None),
                *(self.here_label, self.here, self.is_call, self.there_label, self.there),
            ),
        ):
            row = QHBoxLayout()
            row.setSpacing(GRID)
            for widget in widgets:
                if widget is None:
                    row.addStretch(1)
                else:
                    row.addWidget(widget)
            column.addLayout(row)
        column.addWidget(self.why_not)

    # --- showing -------------------------------------------------------------------------------

    def allow(self, *, may_record: bool) -> None:
        """Let the member at the keyboard begin, or look only."""
        self._may = may_record
        self._offer()

    def show_microphones(self, names: Sequence[tuple[str, str]]) -> None:
        """Show the microphones that there are (id, name), the preferred one first."""
        chosen = self.microphone.currentData()
        self.microphone.clear()
        for device, name in names:
            self.microphone.addItem(name, device)
        if chosen is not None and (at := self.microphone.findData(chosen)) >= 0:
            self.microphone.setCurrentIndex(at)
        self._offer()

    def offer_call(self, *, has_computer: bool) -> None:
        """Offer a call where the computer's own sound can be recorded."""
        self._has_computer = has_computer
        self._offer()

    def show_running(self, *, is_running: bool) -> None:
        """While something is recorded, nothing else begins."""
        self._is_running = is_running
        self._offer()

    def begin_anew(self) -> None:
        """Forget the answer: another interview is in front."""
        self.answers.setExclusive(False)
        for button in self.buttons.values():
            button.setChecked(False)
        self.answers.setExclusive(True)
        self.is_call.setChecked(False)
        self.here.setValue(1)
        self.there.setValue(1)
        self._offer()

    @property
    def answer(self) -> str:
        """One of `ANSWERS`, or nothing while nobody answered."""
        place = self.answers.checkedId()
        return ANSWERS[place] if place >= 0 else ""

    @property
    def device(self) -> str:
        """The id of the microphone that is chosen; nothing is the system's own choice."""
        return str(self.microphone.currentData() or "")

    @property
    def people(self) -> tuple[int, ...]:
        """How many people speak on each channel."""
        here = self.here.value()
        return (here, self.there.value()) if self.is_call.isChecked() else (here,)

    def _offer(self) -> None:
        has_microphone = self.microphone.count() > 0
        agrees = self.answer in {"yes", "on_recording"}
        for widget in (self.microphone, self.test, self.here_label, self.here, self.is_call):
            widget.setVisible(agrees and has_microphone)
        for widget in (self.none_found, self.check):
            widget.setVisible(agrees and not has_microphone)
        for widget in (self.there_label, self.there):
            widget.setVisible(agrees and has_microphone and self.is_call.isChecked())
        parts: tuple[QWidget, ...] = (self.microphone, self.is_call, self.here, self.there)
        may = self._may and not self._is_running
        for part in (*parts, *self.buttons.values(), self.test, self.check):
            part.setEnabled(may)
        self.is_call.setEnabled(may and self._has_computer)
        self.record.setEnabled(may and agrees and has_microphone)
        self.write.setEnabled(may)
        _dress(self.record, is_first=self.answer != "no")
        _dress(self.write, is_first=self.answer == "no")
        self.why_not.setText(self._waits_for(agrees=agrees))
        self.record.setToolTip(self.why_not.text())
        self.why_not.setVisible(bool(self.why_not.text()) and bool(self.answer or not may))

    def _waits_for(self, *, agrees: bool) -> str:
        if not self._may:
            return self.tr("Recording is for a cleared interviewer.")
        if self._is_running:
            return self.tr("A recording goes on: it is on the page Recording.")
        if self.answer == "no":
            return self.tr(
                "Nothing is recorded. Write questions and answers down as they are said."
            )
        if not agrees:
            return self.tr("Ask first, then answer here: that is all that recording waits for.")
        return ""


def _dress(button: QPushButton, *, is_first: bool) -> None:
    if is_first:
        primary(button)
    else:
        button.setProperty("kind", None)
        button.setDefault(False)
    button.style().unpolish(button)
    button.style().polish(button)
    button.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
