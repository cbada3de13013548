"""Witnesses and their interviews (S3): codes, how far each is, and what comes next. No names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QDateTime
from PySide6.QtWidgets import (
    QComboBox,
    QDateTimeEdit,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from intake.capture.interviews import INTERVIEW_KINDS, new_interview
from intake.capture.witnesses import new_witness
from intake.statement.overview import InterviewLine, NextStep, WitnessLine, overview
from ui.clipboard import keep_in
from ui.context import InterviewRef, Place
from ui.models.rows import Column, RowsModel
from ui.screens.base import Screen
from ui.theme import GRID, heading, primary
from ui.widgets.table import Table
from ui.wording import language_name, next_step, now, words_for

if TYPE_CHECKING:
    import datetime as dt

    from ui.context import Context

_PLACES: Final = {
    NextStep.IMPORT: Place.INTERVIEW,
    NextStep.TRANSCRIBE: Place.INTERVIEW,
    NextStep.REVIEW: Place.REVIEW,
    NextStep.LISTEN: Place.TRANSCRIPT,
    NextStep.CONFIRM_HELD: Place.TRANSLATION,
    NextStep.TRANSLATE: Place.TRANSLATION,
    NextStep.RELEASE: Place.EXPORT,
    NextStep.EXPORT: Place.EXPORT,
    NextStep.DONE: Place.TRANSCRIPT,
    NextStep.ERASED: Place.CUSTODY,
}
"""Where the next step of an interview is done."""
_ENDED: Final = frozenset({NextStep.DONE, NextStep.ERASED})


class WitnessesScreen(Screen):
    """The first page after unlocking: a table of witnesses, below it the interviews of one."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._lines: list[WitnessLine] = []
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search codes"))
        self.search.setAccessibleName(self.tr("Search codes"))
        self.search.setClearButtonEnabled(True)
        self.new_witness = QPushButton(self.tr("New witness"))
        self.new_interview = QPushButton(self.tr("New interview"))
        self.kind = QComboBox()
        self.kind.setAccessibleName(self.tr("Kind of the new interview"))
        for kind in INTERVIEW_KINDS:
            self.kind.addItem(words_for(kind), kind)
        self.began = QDateTimeEdit()
        self.began.setAccessibleName(self.tr("When the new interview began"))
        self.began.setDisplayFormat("yyyy-MM-dd HH:mm")
        self.began.setCalendarPopup(True)
        self.place = QLineEdit()
        keep_in(self.place)
        self.place.setAccessibleName(self.tr("Place of the new interview"))
        self.place.setPlaceholderText(self.tr("Place: kept apart, with the names"))
        self._shown_start = self.began.dateTime()
        self.witnesses = RowsModel[WitnessLine](self._witness_columns(), lambda line: line.id)
        self.table = Table(self.witnesses, self.tr("Witnesses"), widths=(10, 11, 16, 26, 0))
        self.interviews = RowsModel[InterviewLine](self._interview_columns(), lambda line: line.id)
        self.below = Table(self.interviews, self.tr("Interviews"), widths=(13, 20, 10, 16, 0))
        self.open_button = QPushButton(self.tr("Open interview"))
        self.step_button = QPushButton(self.tr("Go to the next step"))
        primary(self.step_button)
        self.empty = QLabel(
            self.tr(
                "No witness yet. A witness has a random code; their interviews gather under it."
            )
        )
        self.empty.setWordWrap(True)
        self.title = QLabel()
        heading(self.title)
        self._lay_out()
        is_interviewer = "interviewer" in context.who.roles
        self.new_witness.setEnabled(is_interviewer)
        self._may_interview = is_interviewer and context.who.is_cleared
        self.search.textChanged.connect(self._show)
        self.table.current_changed.connect(self._on_witness)
        self.table.opened.connect(lambda _: self._open_first())
        self.below.opened.connect(lambda _: self._open(Place.INTERVIEW))
        self.below.current_changed.connect(lambda _: self._offer())
        self.open_button.clicked.connect(lambda: self._open(Place.INTERVIEW))
        self.step_button.clicked.connect(lambda: self._open(None))
        self.new_witness.clicked.connect(self._on_new_witness)
        self.new_interview.clicked.connect(self._on_new_interview)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.search, stretch=1)
        top.addWidget(self.new_witness)
        self.page.addLayout(top)
        self.page.addWidget(self.empty)
        self.page.addWidget(self.table, stretch=3)
        self.part = QWidget()
        column = QVBoxLayout(self.part)
        column.setContentsMargins(0, GRID, 0, 0)
        column.addWidget(self.title)
        column.addWidget(self.below, stretch=1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.step_button)
        buttons.addWidget(self.open_button)
        buttons.addStretch(1)
        column.addLayout(buttons)
        new = QHBoxLayout()
        new.addWidget(self.kind)
        new.addWidget(self.began)
        new.addWidget(self.place, stretch=1)
        new.addWidget(self.new_interview)
        column.addLayout(new)
        self.page.addWidget(self.part, stretch=2)
        self.page.addStretch(0)
        for widget in (self.empty, self.table, self.part):
            widget.hide()

    def _witness_columns(self) -> list[Column[WitnessLine]]:
        return [
            Column(self.tr("Code"), lambda line: line.code),
            Column(self.tr("Interviews"), lambda line: str(len(line.interviews))),
            Column(
                self.tr("Language"),
                lambda line: (
                    ", ".join(
                        dict.fromkeys(
                            language_name(x) for i in line.interviews for x in i.languages
                        )
                    )
                    or "-"
                ),
            ),
            Column(self.tr("State"), lambda line: self._state(_first_open(line))),
            Column(self.tr("Next step"), lambda line: self._step(_first_open(line))),
        ]

    def _interview_columns(self) -> list[Column[InterviewLine]]:
        return [
            Column(self.tr("Interview"), lambda line: line.code),
            Column(self.tr("Kind"), lambda line: words_for(line.kind)),
            Column(self.tr("Month"), lambda line: line.month),
            Column(self.tr("State"), self._state_of_one),
            Column(self.tr("Next step"), next_step),
        ]

    def _state_of_one(self, line: InterviewLine) -> str:
        is_gone = line.next is NextStep.ERASED
        return self.tr("erased") if is_gone else words_for(line.state)

    def _state(self, line: InterviewLine | None) -> str:
        if line is None:
            return self.tr("empty")
        share = f" {100 * line.done // line.total} %" if line.total else ""
        return {
            NextStep.IMPORT: self.tr("no recording"),
            NextStep.TRANSCRIBE: self.tr("recorded"),
            NextStep.REVIEW: self.tr("separated") + share,
            NextStep.LISTEN: self.tr("heard") + share,
            NextStep.CONFIRM_HELD: self.tr("translation waits"),
            NextStep.TRANSLATE: self.tr("translated") + share,
            NextStep.RELEASE: self.tr("ready to release"),
            NextStep.EXPORT: self.tr("released"),
            NextStep.DONE: self.tr("exported"),
            NextStep.ERASED: self.tr("erased"),
        }[line.next]

    def _step(self, line: InterviewLine | None) -> str:
        return self.tr("Open an interview") if line is None else next_step(line)

    # --- showing -------------------------------------------------------------------------------

    def open(self, interview: InterviewRef | None) -> None:
        """Read everything anew each time: other screens moved things on."""
        super().open(interview)
        self._begin_anew()
        self.refresh()

    def _begin_anew(self) -> None:
        """Offer a new interview that begins now, unless somebody is about to enter another."""
        self.kind.setCurrentIndex(0)
        self.place.clear()
        self.began.setDateTime(QDateTime.currentDateTime())
        self._shown_start = self.began.dateTime()

    def _start(self) -> dt.datetime:
        """Return what stands in the field; the present second where nobody changed it."""
        shown = self.began.dateTime()
        if shown == self._shown_start:
            return now()
        typed: dt.datetime = shown.toPython()  # type: ignore[assignment]  # what the stub leaves open
        return typed.astimezone()

    def refresh(self, code: str = "") -> None:
        """Read the vault again, and make the witness of a code current."""
        self.context.desk.ask(self, overview, lambda lines: self._on_lines(lines, code), key="read")

    def _on_lines(self, lines: list[WitnessLine], code: str) -> None:
        chosen = code or (line.code if (line := self._witness()) else "")
        self._lines = lines
        self._show()
        codes = [line.code for line in self.witnesses.rows]
        if codes:
            self.table.go_to(codes.index(chosen) if chosen in codes else 0)
            self.table.setFocus()
        self._on_witness(self.table.place if self.table.place is not None else -1)
        if not lines:
            self.new_witness.setFocus()

    def _show(self) -> None:
        wanted = self.search.text().strip().upper()
        self.witnesses.set_rows([line for line in self._lines if wanted in line.code])
        self.empty.setVisible(not self._lines)
        self.table.setVisible(bool(self._lines))

    def _witness(self) -> WitnessLine | None:
        place = self.table.place
        return None if place is None else self.witnesses.row(place)

    def _on_witness(self, place: int) -> None:
        self.part.setVisible(place >= 0)
        line = self.witnesses.row(place) if place >= 0 else None
        self.interviews.set_rows(line.interviews if line else ())
        if line is not None:
            self.title.setText(self.tr("Interviews of {code}").format(code=line.code))
            if line.interviews:
                self.below.go_to(len(line.interviews) - 1)
        self._offer()

    def _offer(self) -> None:
        has_interview = self.below.place is not None
        self.below.setVisible(bool(self.interviews.rows))
        self.open_button.setEnabled(has_interview)
        self.step_button.setEnabled(has_interview)
        for widget in (self.new_interview, self.kind, self.began, self.place):
            widget.setEnabled(self._may_interview)

    # --- acting --------------------------------------------------------------------------------

    def _on_new_witness(self) -> None:
        self.new_witness.setEnabled(False)
        self.context.desk.ask(
            self, lambda vault: new_witness(vault)[1], self._on_entered, failed=self._on_refused
        )

    def _on_entered(self, code: str) -> None:
        self.new_witness.setEnabled(True)
        self.search.clear()
        self.refresh(code)

    def _on_new_interview(self) -> None:
        witness = self._witness()
        if witness is None:
            return
        self.new_interview.setEnabled(False)
        start, kind, place = self._start(), str(self.kind.currentData()), self.place.text().strip()
        self.context.desk.ask(
            self,
            lambda vault: new_interview(vault, witness.id, start=start, kind=kind, place=place),
            lambda made: self.context.go(Place.INTERVIEW, InterviewRef(made.id, made.code)),
            failed=self._on_refused,
        )

    def _on_refused(self, error: Exception) -> None:
        self.context.notices.refuse(error)
        self.new_witness.setEnabled("interviewer" in self.context.who.roles)
        self._offer()

    def _open_first(self) -> None:
        witness = self._witness()
        line = _first_open(witness) if witness else None
        if line is None:
            self.new_interview.setFocus()
        else:
            self.context.go(Place.INTERVIEW, InterviewRef(line.id, line.code))

    def _open(self, place: Place | None) -> None:
        at = self.below.place
        if at is not None:
            line = self.interviews.row(at)
            self.context.go(place or _PLACES[line.next], InterviewRef(line.id, line.code))


def _first_open(line: WitnessLine) -> InterviewLine | None:
    """Return the interview of a witness that waits for something, else the last one."""
    waiting = [one for one in line.interviews if one.next not in _ENDED]
    return waiting[0] if waiting else (line.interviews[-1] if line.interviews else None)
