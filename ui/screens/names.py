"""The names register (S11): everybody and everything, each with its spellings and its treatment.

Names stand as dots until somebody shows them; that switch is this screen's alone, and is off again
each time the screen is opened. What is typed into a form stays in it until it is taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from intake.errors import IntakeError, NotClearedError
from intake.review.declaring import Declaration, add_forms, declare, merge, treat
from intake.review.listing import NameLine, find_names, list_names
from intake.review.treating import Treatment
from ui.clipboard import keep_in
from ui.keys import Act
from ui.messages import sentence
from ui.models.rows import Column, RowsModel
from ui.name_words import DOTS, isolated, kind_word, treatment_word
from ui.screens.base import Screen
from ui.theme import GRID, heading, primary
from ui.widgets.name_panels import MergePanel, NewPanel, Panel, SpellingsPanel, TreatmentPanel
from ui.widgets.table import Table
from ui.widgets.wheel import leave_wheel_to_page
from ui.wording import is_right_to_left, language_name, words_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from intake.opening import Vault
    from ui.context import Context, InterviewRef


class NamesScreen(Screen):
    """A table of entities; beside it the spellings of one, and what can be done with it."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        keep_in(self)
        self._lines: list[NameLine] = []
        self._is_read = False
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search any spelling, in any script"))
        self.search.setAccessibleName(self.tr("Search any spelling, in any script"))
        self.search.setClearButtonEnabled(True)
        self.search.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData)
        self.shown = QPushButton()
        self.shown.setCheckable(True)
        self.new = QPushButton(self.tr("New name..."))
        primary(self.new)
        self.names = RowsModel[NameLine](self._columns(), lambda line: line.number)
        self.table = Table(self.names, self.tr("Names"), widths=(6, 12, 0, 0, 5))
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.who = QLabel()
        heading(self.who)
        self.how = QLabel()
        self.forms = QListWidget()
        self.forms.setAccessibleName(self.tr("Spellings"))
        self.spell = QPushButton(self.tr("Add spellings..."))
        self.change = QPushButton(self.tr("Change treatment..."))
        self.same = QPushButton(self.tr("Same as another..."))
        self.new_panel = NewPanel(context)
        self.spell_panel = SpellingsPanel(context)
        self.change_panel = TreatmentPanel()
        self.same_panel = MergePanel()
        self._panels: tuple[Panel, ...] = (
            self.new_panel,
            self.spell_panel,
            self.change_panel,
            self.same_panel,
        )
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        for label in (self.note, self.who, self.how):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.top = QWidget()
        row = QHBoxLayout(self.top)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.search, stretch=1)
        row.addWidget(self.shown)
        row.addWidget(self.new)
        self.page.addWidget(self.top)
        self.page.addWidget(self.note)
        self.buttons = QWidget()
        buttons = QHBoxLayout(self.buttons)
        buttons.setContentsMargins(0, 0, 0, 0)
        for button in (self.spell, self.change, self.same):
            buttons.addWidget(button)
        self.side = QWidget()
        column = QVBoxLayout(self.side)
        column.setContentsMargins(GRID, 0, 0, 0)
        column.setSpacing(GRID)
        for widget in (self.who, self.how, self.forms, self.buttons, *self._panels):
            column.addWidget(widget, stretch=1 if widget is self.forms else 0)
        column.addStretch(0)
        scroll = QScrollArea()  # a form with many wordings is longer than a small screen
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(self.side)
        leave_wheel_to_page(
            self.new_panel.kind, self.new_panel.treatment.reason, self.change_panel.box.reason
        )
        self.parts = QSplitter()
        self.parts.setChildrenCollapsible(False)
        self.parts.addWidget(self.table)
        self.parts.addWidget(scroll)
        self.parts.setSizes([600, 480])  # in this proportion
        self.page.addWidget(self.parts, stretch=1)
        self.page.addStretch(0)

    def _connect(self) -> None:
        self.search.textChanged.connect(lambda _: self._show())
        self.shown.toggled.connect(lambda _: self._on_shown())
        self.table.current_changed.connect(lambda _: self._show_current())
        self.table.opened.connect(lambda _: self.spell.setFocus())
        self.new.clicked.connect(self._on_new)
        self.spell.clicked.connect(self._on_spell)
        self.change.clicked.connect(self._on_change)
        self.same.clicked.connect(self._on_same)
        self.new_panel.wanted.connect(self._enter)
        self.spell_panel.wanted.connect(self._add_spellings)
        self.change_panel.wanted.connect(self._treat)
        self.same_panel.wanted.connect(self._merge)
        for panel in self._panels:
            panel.cancelled.connect(self._close_panel)
        self.context.keys.bind(self, Act.FIND, self.search.setFocus)
        self._open_panel(None)

    def _columns(self) -> list[Column[NameLine]]:
        return [
            Column(self.tr("Number"), _code),
            Column(self.tr("What"), lambda line: kind_word(line.kind)),
            Column(self.tr("Spellings"), self._form_words, self._is_rtl),
            Column(self.tr("In what leaves"), self._treatment_words),
            Column(self.tr("Seen"), lambda line: str(line.seen), is_number=True),
        ]

    # --- showing -------------------------------------------------------------------------------

    def open(self, interview: InterviewRef | None) -> None:
        """Read the register; its names are hidden again."""
        super().open(interview)
        if not self.context.who.is_cleared:
            self.note.setText(sentence(NotClearedError()))
            self.top.hide()
            self.parts.hide()
            return
        self.shown.setChecked(False)
        self._on_shown()
        self.refresh()
        self.search.setFocus()

    def leave(self) -> None:
        """Hide the names; a form keeps what was typed into it."""
        self.shown.setChecked(False)

    def refresh(self, number: int = 0) -> None:
        """Read the register again, and make an entity current."""
        self.context.desk.ask(
            self,
            lambda vault: list_names(vault, with_uses=True),
            lambda lines: self._on_read(lines, number),
            key="read",
        )

    def _on_read(self, lines: list[NameLine], number: int) -> None:
        self._is_read = True
        self._lines = lines
        self._show(number)

    def _show(self, number: int = 0) -> None:
        current = self._current()
        wanted = number or (current.number if current else 0)
        rows = find_names(self._lines, self.search.text())
        if number and number not in {line.number for line in rows}:
            self.search.clear()  # what was just entered is to be seen
            return self._show(number)
        self.names.set_rows(rows)
        if rows:
            self.table.go_to(self.names.place_of(wanted) or 0)
        self.table.setVisible(bool(self._lines))
        self.search.setEnabled(bool(self._lines))
        self.note.setVisible(self._is_read and not rows)
        self.note.setText(
            self.tr("Nobody of the register has such a name.")
            if self._lines
            else self.tr(
                "Here stand the people, places and other names of this matter, each with its "
                "spellings. They come here as you decide them in Review. Enter beforehand whom you "
                "know, so that every spelling is found."
            )
        )
        self._show_current()
        return None

    def _show_current(self) -> None:
        line = self._current()
        is_plain = self._panel() is None
        for widget in (self.who, self.how, self.forms, self.buttons):
            widget.setVisible(line is not None and is_plain)
        self.side.setVisible(line is not None or not is_plain)
        self.new.setEnabled(is_plain)
        self.forms.clear()
        if line is None:
            return
        also = ", ".join(f"{line.kind.value}{number}" for number in line.also)
        words = f"{_code(line)} \u00b7 {kind_word(line.kind)}"
        if also:
            words += " \u00b7 " + self.tr("also {numbers}").format(numbers=also)
        self.who.setText(words)
        self.how.setText(self._treatment_words(line))
        chosen = {form: lang for lang, form in line.preferred.items()}
        for at, form in enumerate(line.forms):
            facts = [isolated(form.verbatim) if self.shown.isChecked() else DOTS]
            if form.lang:
                facts.append(language_name(form.lang))
            if at == 0:
                facts.append(self.tr("preferred"))
            if form.verbatim in chosen:
                language = language_name(chosen[form.verbatim])
                facts.append(self.tr("preferred in {language}").format(language=language))
            self.forms.addItem(QListWidgetItem(" \u00b7 ".join(facts)))

    def _on_shown(self) -> None:
        is_shown = self.shown.isChecked()
        self.shown.setText(self.tr("Names shown") if is_shown else self.tr("Names hidden"))
        self.shown.setToolTip(
            self.tr("Press to hide the names.") if is_shown else self.tr("Press to show the names.")
        )
        self._show()

    def _current(self) -> NameLine | None:
        place = self.table.place
        return None if place is None else self.names.row(place)

    def _form_words(self, line: NameLine) -> str:
        if not self.shown.isChecked():
            return f"{DOTS} ({len(line.forms)})"
        return ", ".join(isolated(form.verbatim) for form in line.forms)

    def _is_rtl(self, line: NameLine) -> bool:
        return self.shown.isChecked() and is_right_to_left(line.shown)

    def _treatment_words(self, line: NameLine) -> str:
        treatment = line.treatment
        words = treatment_word(treatment.choice)
        if treatment.choice == "keep":
            words += f": {words_for(treatment.reason)}"
        if treatment.wordings:
            words += ": " + ", ".join(isolated(one) for one in treatment.wordings.values())
        return words

    # --- the forms beside ----------------------------------------------------------------------

    def _panel(self) -> Panel | None:
        return next((one for one in self._panels if one.isVisibleTo(self.side)), None)

    def _open_panel(self, panel: Panel | None) -> None:
        for one in self._panels:
            one.setVisible(one is panel)
        self._show_current()

    def _close_panel(self) -> None:
        self._open_panel(None)
        (self.table if self._lines else self.new).setFocus()

    def _on_new(self) -> None:
        self._open_panel(self.new_panel)
        self.new_panel.begin()

    def _on_spell(self) -> None:
        line = self._current()
        if line is not None:
            self._open_panel(self.spell_panel)
            title = self.tr("More spellings of {who}")
            self.spell_panel.begin(line, title.format(who=_code(line)))

    def _on_change(self) -> None:
        line = self._current()
        if line is not None:
            self._open_panel(self.change_panel)
            title = self.tr("How {who} appears in what leaves")
            self.change_panel.begin(line, title.format(who=_code(line)))

    def _on_same(self) -> None:
        line = self._current()
        if line is not None:
            self._open_panel(self.same_panel)
            title = self.tr("{who} and another one are the same").format(who=_code(line))
            self.same_panel.begin(line, self._lines, title, is_shown=self.shown.isChecked())

    # --- changing the register -----------------------------------------------------------------

    def _enter(self) -> None:
        panel = self.new_panel
        treatment = self._treatment(panel, lambda: panel.treatment.treatment)
        if treatment is not None:
            decided = treatment if treatment != Treatment() else None  # hidden by itself
            declaration = Declaration(panel.kind.kind, panel.spellings.forms, decided)
            words = self.tr("Entered. Texts that hold it are asked for again in Review.")
            self._save(panel, lambda vault: declare(vault, [declaration])[0], words)

    def _add_spellings(self) -> None:
        panel, number = self.spell_panel, self.spell_panel.number
        forms, lang = panel.spellings.forms, panel.language.code
        if panel.language.currentText().strip() and not lang:
            lang = panel.language.currentText().strip()  # the vault says that there is none
        is_preferred = panel.preferred.isChecked()
        self._save(
            panel,
            lambda vault: add_forms(vault, number, forms, lang=lang, is_preferred=is_preferred),
            self.tr("Added. Texts that hold it are asked for again in Review."),
        )

    def _treat(self) -> None:
        panel, number = self.change_panel, self.change_panel.number
        treatment = self._treatment(panel, lambda: panel.box.treatment)
        if treatment is not None:
            words = self.tr("Changed to: {how}. A release is to be made again.")
            self._save(
                panel,
                lambda vault: treat(vault, number, treatment),
                words.format(how=treatment_word(treatment.choice)),
            )

    def _merge(self) -> None:
        panel, number, into = self.same_panel, self.same_panel.number, self.same_panel.into
        if into is not None:
            words = self.tr("Merged: number {one} is number {other} from now on.")
            self._save(
                panel,
                lambda vault: merge(vault, number, into),
                words.format(one=number, other=into),
            )

    def _treatment(self, panel: Panel, chosen: Callable[[], Treatment]) -> Treatment | None:
        """Return what is chosen, or say beside it why it cannot be."""
        try:
            return chosen()
        except IntakeError as error:
            panel.refusal.refuse(error)
            return None

    def _save(self, panel: Panel, work: Callable[[Vault], int], words: str) -> None:
        """Let the vault change; the form closes when that is done, and keeps its words if not."""
        panel.refusal.put_away()
        panel.show_busy(is_busy=True)

        def then(number: int) -> None:
            panel.show_busy(is_busy=False)
            if self._panel() is panel:
                self._close_panel()
            self.context.notices.say(words)
            self.context.saved()
            self.refresh(number)

        def failed(error: Exception) -> None:
            panel.show_busy(is_busy=False)
            if isinstance(error, IntakeError):
                panel.refusal.refuse(error)
            else:
                self.context.notices.refuse(error)

        self.context.desk.ask(self, work, then, failed=failed)


def _code(line: NameLine) -> str:
    return f"{line.kind.value}{line.number}"
