"""Closing an interview: what was done, what was not and why; or leaving it unfinished.

Nobody is kept at the table by a form: *Leave unfinished* is always there, and what is entered until
then is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QLineEdit, QPushButton, QWidget

from intake.capture.leaving import Field, FieldState, enter_done, fields_of, leave
from ui.clipboard import keep_in
from ui.theme import GRID
from ui.widgets.asking import AskDialog

if TYPE_CHECKING:
    from collections.abc import Callable

    from intake.opening import Vault
    from ui.context import Context, InterviewRef

_NOT_DONE: Final = "because"
_BY_THE_RECORD: Final = frozenset({Field.END, Field.WITNESS})
_SPOKEN_OR_PAPER: Final = frozenset({Field.SIGNATURE, Field.READ_BACK})


class _Row:
    """One field: how it was done, or why it was not."""

    def __init__(self, state: FieldState, name: str, hows: list[tuple[str, str]]) -> None:
        self.field = state.field
        self.name = QLabel(name)
        self.name.setWordWrap(True)
        self.how = QComboBox()
        self.how.setAccessibleName(name)
        for words, how in hows:
            self.how.addItem(words, how)
        self.name.setBuddy(self.how)
        self.reason = QLineEdit()
        keep_in(self.reason)
        self.reason.setAccessibleName(f"{name} - {hows[-1][0]}")
        self.reason.setVisible(False)
        self.had_reason = state.has_reason
        self.was = state.how
        if state.how:
            self.how.setCurrentIndex(max(0, self.how.findData(state.how)))
        elif state.has_reason:
            self.how.setCurrentIndex(self.how.findData(_NOT_DONE))
        if state.field in _BY_THE_RECORD and state.how:
            self.how.setEnabled(False)

    @property
    def chosen(self) -> str:
        """What is chosen: how it was done, `because`, or nothing."""
        return str(self.how.currentData() or "")

    @property
    def is_settled(self) -> bool:
        """Whether closing waits for it no longer."""
        if self.chosen == _NOT_DONE:
            return self.had_reason or bool(self.reason.text().strip())
        return bool(self.chosen)


class ClosingDialog(AskDialog):
    """Asks for the fields that a closed interview has. `then(state)` gets closed or unfinished."""

    def __init__(
        self,
        context: Context,
        parent: QWidget,
        interview: InterviewRef,
        then: Callable[[str], object],
    ) -> None:
        super().__init__(context, parent, act=parent.tr("Close the interview"))
        self._interview = interview
        self._then = then
        self._rows: list[_Row] = []
        self.words.setText(
            self.tr("Each line was done, or was not, because. What is missing can come later.")
        )
        self.unfinished = QPushButton(self.tr("Leave unfinished"))
        self.unfinished.setAutoDefault(False)
        self.buttons.insertWidget(1, self.unfinished)
        self.away.setText(self.tr("Go back"))
        self.grid = QGridLayout()
        self.grid.setHorizontalSpacing(GRID)
        self.grid.setColumnStretch(2, 1)
        self.column.addLayout(self.grid)
        self.unfinished.clicked.connect(self._on_leave)
        self.act.setEnabled(False)
        context.desk.ask(
            self, lambda vault: fields_of(vault, interview.id), self._on_fields, key="fields"
        )

    def _on_fields(self, fields: list[FieldState]) -> None:
        for place, state in enumerate(fields):
            row = _Row(state, self._name(state.field), self._hows(state))
            for column, widget in enumerate((row.name, row.how, row.reason)):
                self.grid.addWidget(widget, place, column)
            row.how.currentIndexChanged.connect(lambda _, row=row: self._on_how(row))
            row.reason.textChanged.connect(self.offer)
            self._rows.append(row)
            self._show_reason(row)
        self.offer()
        if self._rows:
            self._rows[0].how.setFocus()

    def _name(self, field: Field) -> str:
        return {
            Field.END: self.tr("When it ended"),
            Field.WITNESS: self.tr("The witness is entered"),
            Field.PRESENT: self.tr("All present are entered, in and out"),
            Field.CLOSING_QUESTION: self.tr("Anything to correct or to add? was asked"),
            Field.READ_BACK: self.tr("It was read back to the witness"),
            Field.SIGNATURE: self.tr("The witness signed"),
        }[field]

    def _hows(self, state: FieldState) -> list[tuple[str, str]]:
        done = [(self.tr("yes"), "yes")]
        if state.field in _SPOKEN_OR_PAPER:
            done = [(self.tr("yes, spoken"), "spoken"), (self.tr("yes, on paper"), "paper")]
        if state.field in _BY_THE_RECORD and not state.how:
            done = []
        return [("-", ""), *done, (self.tr("not done, because"), _NOT_DONE)]

    def _on_how(self, row: _Row) -> None:
        self._show_reason(row)
        if row.chosen == _NOT_DONE:
            row.reason.setFocus()
        self.offer()

    def _show_reason(self, row: _Row) -> None:
        row.reason.setVisible(row.chosen == _NOT_DONE)
        row.reason.setPlaceholderText(self.tr("A reason is kept already") if row.had_reason else "")

    def offer(self) -> None:
        """Let it be closed once every line is settled."""
        self.act.setEnabled(bool(self._rows) and all(row.is_settled for row in self._rows))

    def on_act(self) -> None:
        """Enter everything and close it."""
        self._enter(self.tr("Closing an interview"))

    def _on_leave(self) -> None:
        self._enter(self.tr("Leaving an interview"))

    def _enter(self, title: str) -> None:
        done = {
            row.field: row.chosen
            for row in self._rows
            if row.chosen not in {"", _NOT_DONE, row.was} and row.field not in _BY_THE_RECORD
        }
        reasons = {
            row.field: words
            for row in self._rows
            if row.chosen == _NOT_DONE and (words := row.reason.text().strip())
        }
        interview = self._interview.id

        def enter(vault: Vault) -> str:
            with vault.alone():
                for field, how in done.items():
                    enter_done(vault, interview, field, how=how)
                return leave(vault, interview, reasons)

        self.run(title, enter, self._on_left)

    def _on_left(self, state: object) -> None:
        self._then(str(state))
        self.accept()
