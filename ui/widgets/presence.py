"""Who was there, how long it took, and closing: the first part of the interview screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
)

from intake.capture.interviews import PRESENT_ROLES, Missing
from ui.theme import GRID
from ui.widgets.wheel import leave_wheel_to_page
from ui.wording import words_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.capture.interviews import Present
    from ui.models.interview_page import InterviewPage

LONGEST_MINUTES: Final = 7 * 24 * 60
"""A week, as on the command line."""
_MINUTE_MS: Final = 60_000


class Presence(QGroupBox):
    """People present, the end, and closing. Asks by signals; decides nothing."""

    person_wanted = Signal(str, bool)
    """Role, and whether they were remote."""
    end_wanted = Signal(int)
    """Minutes from the start."""
    close_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setTitle(self.tr("Who was there"))
        self._may = False
        self._page: InterviewPage | None = None
        self.people = QLabel()
        self.people.setWordWrap(True)
        self.people.setTextFormat(Qt.TextFormat.PlainText)
        self.people.setAccessibleName(self.tr("Who was there"))
        self.role = QComboBox()
        for role in PRESENT_ROLES:
            self.role.addItem(words_for(role), role)
        self.role_label = QLabel(self.tr("&Person"))
        self.role_label.setBuddy(self.role)
        self.is_remote = QCheckBox(self.tr("on a call"))
        self.add = QPushButton(self.tr("Add person"))
        self.length = QLabel()
        self.length.setAccessibleName(self.tr("How long the interview took"))
        self.minutes = QSpinBox()
        self.minutes.setRange(0, LONGEST_MINUTES)
        self.minutes.setSpecialValueText("-")
        self.minutes.setSuffix(self.tr(" min"))
        self.minutes_label = QLabel(self.tr("&Ended after"))
        self.minutes_label.setBuddy(self.minutes)
        self.end = QPushButton(self.tr("Enter the end"))
        self.closing = QLabel()
        self.closing.setWordWrap(True)
        self.closing.setAccessibleName(self.tr("What is missing"))
        self.close_interview = QPushButton(self.tr("Close the interview..."))
        leave_wheel_to_page(self.role, self.minutes)
        self._lay_out()
        self.add.clicked.connect(self._on_add)
        self.end.clicked.connect(self._on_end)
        self.minutes.valueChanged.connect(lambda _: self._offer())
        self.close_interview.clicked.connect(self.close_wanted)
        self._offer()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, GRID, GRID, GRID)
        column.setSpacing(GRID)
        column.addWidget(self.people)
        for widgets in (
            (self.role_label, self.role, self.is_remote, None, self.add),
            (self.minutes_label, self.minutes, self.length, None, self.end),
        ):
            row = QHBoxLayout()
            row.setSpacing(GRID)
            for widget in widgets:
                if widget is None:
                    row.addStretch(1)
                else:
                    row.addWidget(widget)
            column.addLayout(row)
        last = QHBoxLayout()
        last.addWidget(self.closing, stretch=1)
        last.addWidget(self.close_interview)
        column.addLayout(last)

    # --- showing -------------------------------------------------------------------------------

    def allow(self, *, may_change: bool) -> None:
        """Let the member at the keyboard change something, or look only."""
        self._may = may_change
        self._offer()

    def clear(self) -> None:
        """Show nobody, and forget what was typed: another interview is coming."""
        self._page = None
        self.people.clear()
        self.length.clear()
        self.closing.clear()
        self.minutes.setValue(0)
        self.is_remote.setChecked(False)
        self._offer()

    def show_page(self, page: InterviewPage) -> None:
        """Show what the vault holds; a number of minutes that is being typed stays."""
        old = self._page
        self._page = page
        words = ", ".join(self._person(person) for person in page.present)
        self.people.setText(words or self.tr("Nobody is entered yet."))
        if old is None or old.present != page.present:
            self.role.setCurrentIndex(self.role.findData(_next_role(page.present)))
            self.is_remote.setChecked(False)
        if page.length_ms is not None:
            self.length.setText(
                self.tr("Took %n minute(s).", "", round(page.length_ms / _MINUTE_MS))
            )
        self.closing.setText(self._closing_words(page))
        self._offer()

    def _person(self, person: Present) -> str:
        words = f"{person.code} {words_for(person.role)}"
        return self.tr("{person} (on a call)").format(person=words) if person.is_remote else words

    def _closing_words(self, page: InterviewPage) -> str:
        if page.line.state == "closed":
            return self.tr("Closed.")
        if not page.missing:
            return ""
        return self.tr("Still missing: {why}.").format(why=self._missing_words(page.missing))

    def _missing_words(self, missing: Sequence[Missing]) -> str:
        words = {
            Missing.END: self.tr("no end is entered"),
            Missing.WITNESS: self.tr("nobody is entered as the witness"),
        }
        return ", ".join(words[one] for one in missing)

    def _offer(self) -> None:
        page = self._page
        is_open = self._may and page is not None and page.line.state != "closed"
        has_end = page is not None and page.length_ms is not None
        for widget in (self.role, self.is_remote, self.add, self.close_interview):
            widget.setEnabled(is_open)
        for shown in (self.minutes_label, self.minutes, self.end):
            shown.setVisible(not has_end)
        self.length.setVisible(has_end)
        self.minutes.setEnabled(is_open)
        self.end.setEnabled(is_open and self.minutes.value() > 0)

    # --- acting --------------------------------------------------------------------------------

    def _on_add(self) -> None:
        self.person_wanted.emit(str(self.role.currentData()), self.is_remote.isChecked())

    def _on_end(self) -> None:
        self.end_wanted.emit(self.minutes.value())


def _next_role(present: Sequence[Present]) -> str:
    """Return whom one most likely enters next: witness and interviewer first, once each."""
    there = {person.role for person in present}
    for role in ("witness", "interviewer"):
        if role not in there:
            return role
    return "interpreter"
