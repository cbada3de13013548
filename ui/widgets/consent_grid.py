"""The consent grid: a question a row, its answer beside it; a letter answers and moves on.

Nothing is ticked beforehand. What a row shows is what the vault holds, never what was just pressed:
an answer appears once it is saved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGroupBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from intake.consent.setting import GRID as CELLS
from intake.consent.setting import NOT_ASKED, possible_answers
from ui.keys import Act, Keys
from ui.models.rows import Column, RowsModel
from ui.theme import COLOURS, GRID, Look
from ui.widgets.table import Table
from ui.wording import words_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ui.theme import Colours

_ANSWER_LETTERS: Final = 22
_KEYS: Final = {
    "yes": Act.ANSWER_YES,
    "without_name": Act.ANSWER_WITHOUT_NAME,
    "with_name": Act.ANSWER_WITH_NAME,
    "ask_again": Act.ANSWER_ASK_AGAIN,
    "no": Act.ANSWER_NO,
}
_GROUNDS: Final[Mapping[str, Callable[[Colours], str]]] = {
    "yes": lambda colours: colours.accepted,
    "with_name": lambda colours: colours.accepted,
    "without_name": lambda colours: colours.accepted,
    "ask_again": lambda colours: colours.pending,
    "no": lambda colours: colours.rejected,
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One question of the grid, with the answer that counts."""

    number: int
    act: str
    of: str
    """The class of recipients; "none" for what is not sharing."""
    answer: str

    @property
    def id(self) -> tuple[str, str]:
        """What the vault calls the cell."""
        return self.act, self.of


class ConsentGrid(QGroupBox):
    """The questions of S4 with their answers; `answered` asks for one to be recorded."""

    answered = Signal(str, str, str)
    """Act, class of recipients, answer."""

    def __init__(self, keys: Keys, look: Callable[[], Look]) -> None:
        super().__init__()
        self._look = look
        self._keys = keys
        self._may_answer = False
        self.rows = RowsModel[Cell](
            [
                Column(self.tr("Question"), self._question),
                Column(self.tr("Answer"), lambda cell: words_for(cell.answer), ground=self._ground),
            ],
            lambda cell: cell.id,
        )
        self.table = Table(self.rows, self.tr("Consent"), widths=(0, _ANSWER_LETTERS))
        self.hint = QLabel()
        self.hint.setWordWrap(True)
        self.hint.setAccessibleName(self.tr("Keys that answer"))
        self.buttons = {answer: self._button(answer) for answer in _KEYS}
        self._lay_out()
        self.table.current_changed.connect(self._on_question)
        self.table.opened.connect(lambda _: self._to_buttons())
        keys.changed.connect(self._show_keys)
        self._show_keys()
        self.show_answers({})

    def _button(self, answer: str) -> QPushButton:
        act = _KEYS[answer]
        label = {
            "yes": self.tr("Yes"),
            "without_name": self.tr("Without name"),
            "with_name": self.tr("With name"),
            "ask_again": self.tr("Ask me again"),
            "no": self.tr("No"),
        }[answer]
        button = QPushButton(label)
        button.setObjectName(f"answer-{answer}")
        button.clicked.connect(lambda: self._answer(answer))
        self._keys.bind(self, act, lambda: self._answer(answer))
        return button

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, GRID, GRID, GRID)
        column.setSpacing(GRID)
        column.addWidget(self.table, stretch=1)
        row = QHBoxLayout()
        row.setSpacing(GRID // 2)
        for button in self.buttons.values():
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.hint)

    def _question(self, cell: Cell) -> str:
        if cell.act == "share":
            asked = self.tr("Share with: {who}").format(who=words_for(cell.of))
        else:
            asked = words_for(cell.act)
        return f"{cell.number}  {asked}"

    def _ground(self, cell: Cell) -> str | None:
        ground = _GROUNDS.get(cell.answer)
        return ground(COLOURS[self._look()]) if ground is not None else None

    # --- showing -------------------------------------------------------------------------------

    def show_answers(self, answers: Mapping[tuple[str, str], str]) -> None:
        """Show what the vault holds; every cell that it does not hold was not asked."""
        self.rows.set_rows(
            [
                Cell(number, act, of, answers.get((act, of), NOT_ASKED))
                for number, (act, of) in enumerate(CELLS, 1)
            ]
        )
        if self.table.place is None:
            self.table.go_to(0)
        asked = sum(cell in answers for cell in CELLS)
        self.setTitle(
            self.tr("Consent: {count} of {all} answered").format(count=asked, all=len(CELLS))
        )
        self._offer()

    def allow(self, *, may_answer: bool) -> None:
        """Let the member at the keyboard answer, or look only."""
        self._may_answer = may_answer
        self._offer()

    def go_to(self, act: str, of: str) -> None:
        """Make a question current."""
        place = self.rows.place_of((act, of))
        if place is not None:
            self.table.go_to(place)

    def to_first_open(self) -> None:
        """Make the first question that was not asked current, else the first of all."""
        open_ones = [n for n, cell in enumerate(self.rows.rows) if cell.answer == NOT_ASKED]
        self.table.go_to(open_ones[0] if open_ones else 0)

    def fit_height(self) -> None:
        """Ask for the height at which no question is hidden."""
        header = self.table.horizontalHeader().sizeHint().height()
        rows = len(CELLS) * self.table.verticalHeader().defaultSectionSize()
        self.table.setMinimumHeight(header + rows + 2 * self.table.frameWidth())

    def _offer(self) -> None:
        place = self.table.place
        fitting = possible_answers(self.rows.row(place).act) if place is not None else ()
        for answer, button in self.buttons.items():
            button.setEnabled(self._may_answer and answer in fitting)

    def _show_keys(self) -> None:
        labels = {answer: self._keys.label(act) for answer, act in _KEYS.items()}
        for answer, button in self.buttons.items():
            button.setToolTip(labels[answer])
        self.hint.setText(
            self.tr(
                "Keys: {yes} yes, {without} without name, {name} with name, "
                "{again} ask me again, {no} no"
            ).format(
                yes=labels["yes"],
                without=labels["without_name"],
                name=labels["with_name"],
                again=labels["ask_again"],
                no=labels["no"],
            )
        )

    # --- answering -----------------------------------------------------------------------------

    def _answer(self, answer: str) -> None:
        place = self.table.place
        if place is None or not self._may_answer:
            return
        cell = self.rows.row(place)
        if answer not in possible_answers(cell.act):
            self.hint.setText(self._misfit(cell))
            return
        self.answered.emit(cell.act, cell.of, answer)
        self.table.go_to(min(place + 1, len(self.rows.rows) - 1))

    def _misfit(self, cell: Cell) -> str:
        """Say which answers a question takes, to somebody who pressed another one's key."""
        words = ", ".join(
            f"{words_for(answer)} ({self._keys.label(_KEYS[answer])})"
            for answer in possible_answers(cell.act)
        )
        return self.tr("Question {number} takes: {answers}. Nothing was recorded.").format(
            number=cell.number, answers=words
        )

    def _on_question(self, _: int) -> None:
        self._show_keys()
        self._offer()

    def _to_buttons(self) -> None:
        """Enter on a question leads to its answers."""
        for button in self.buttons.values():
            if button.isEnabled():
                button.setFocus()
                return
