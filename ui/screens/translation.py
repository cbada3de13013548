"""The translation (S6): row by row, by keyboard, or by XLIFF; and what waits goes into review.

Whatever is typed is handed to the desk when its row is left, on leaving the page and before
locking; ui/models/translating.py says why not more often.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from intake.errors import TypedTokenError
from intake.translation.typed_rows import RowLine, RowState
from ui.context import Place
from ui.keys import NAMES, Act
from ui.models import translating
from ui.models.row_keeping import HeldReader, MarkReader, RowKeeper
from ui.models.translating import Grid, Kept, Opening, Typed, as_before, next_to_do, to_type
from ui.screens.base import Screen
from ui.theme import GRID, primary
from ui.widgets.hearing import Hearing
from ui.widgets.review_button import ReviewButton
from ui.widgets.row_box import RowBox
from ui.widgets.rows_table import RowsTable
from ui.widgets.translation_choice import TranslationChoice
from ui.widgets.xliff_box import XliffBox

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from intake.capture.interviews import InterviewId
    from intake.translation.xliff_document import TokenWarning
    from ui.context import Context, InterviewRef
    from ui.models.translating import TakenFile


class TranslationScreen(Screen):
    """The language above, a table of rows, the current row below it, and the ways out of here."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._opening: Opening | None = None
        self._lang = ""
        self._langs: dict[str, str] = {}
        self._places: dict[tuple[str, str], str] = {}
        self._line: RowLine | None = None
        self._waiting: frozenset[str] = frozenset()
        self.keeper = RowKeeper(context, self)
        self._unsaved = self.keeper.unsaved
        self._held = HeldReader(context, self)
        self._marks = MarkReader(context, self)
        self.choice = TranslationChoice(context)
        self.hearing = Hearing(context) if context.who.is_cleared else None
        self.no_sound = QLabel(
            self.tr("The recording stays with cleared members: a voice can be known again.")
        )
        self.table = RowsTable(context, self._unsaved)
        self.lines = self.table.lines
        self.box = RowBox(context)
        self.files = XliffBox(context, self._when_saved)
        self.review = ReviewButton(context, self._when_saved)
        self.confirm = QPushButton(self.tr("Confirm and go on"))
        self._lay_out()
        self._connect()
        self._show_grid(())
        self.setFocusProxy(self.box.target)

    def _lay_out(self) -> None:
        self.page.addWidget(self.choice)
        if self.hearing is not None:
            self.page.addWidget(self.hearing)
        self.page.addWidget(self.no_sound)
        parts = QSplitter()
        parts.setOrientation(Qt.Orientation.Vertical)
        parts.setChildrenCollapsible(False)
        parts.addWidget(self.table)
        parts.addWidget(self.box)
        parts.setStretchFactor(0, 3)
        parts.setStretchFactor(1, 2)
        parts.setSizes([300, 200])
        self.work = QWidget()
        column = QVBoxLayout(self.work)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(parts, stretch=1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.files)
        buttons.addWidget(self.review)
        buttons.addStretch(1)
        buttons.addWidget(self.confirm)
        column.addLayout(buttons)
        primary(self.confirm)
        self.confirm.setToolTip(self.context.keys.label(Act.CONFIRM))
        self.page.addWidget(self.work, stretch=1)
        self.page.addStretch(0)

    def _connect(self) -> None:
        keys, box = self.context.keys, self.box
        acts: list[tuple[Act, Callable[[], object]]] = [
            (Act.PREVIOUS, lambda: self._step(-1)),
            (Act.NEXT, lambda: self._step(1)),
            (Act.NEXT_OPEN, self._on_next_open),
            (Act.CONFIRM, self._on_confirm),
            (Act.SAVE, self._save),
            (Act.COPY_SOURCE, box.insert_source),
        ]
        for act, slot in acts:
            keys.bind(self.work, act, slot)
        for number, act in enumerate(NAMES):
            keys.bind(self.work, act, partial(box.insert_name, number))
        if self.hearing is not None:
            self.hearing.bind_keys(self)
        self.choice.chosen.connect(self._on_language)
        self.choice.begun.connect(self._on_begun)
        self.table.current_changed.connect(self._on_place)
        self.table.opened.connect(lambda _: box.target.setFocus())
        box.rested.connect(self._save)
        box.typed.connect(self._on_typed)
        self.keeper.kept.connect(self._on_kept)
        self.keeper.refused.connect(self._on_refused)
        self._marks.looked.connect(self._on_marks)
        self._held.read.connect(self._on_lines)
        self.files.taken.connect(self._on_file_taken)
        self.files.row_wanted.connect(self._go_to_row)
        self.review.taken.connect(self._on_review)
        self.confirm.clicked.connect(self._on_confirm)

    # --- which translation ---------------------------------------------------------------------

    def open(self, interview: InterviewRef | None) -> None:
        """Read the interview's translations; come back to the row that was left."""
        if interview != self.interview:
            self._lang = ""
            self.choice.show_opening(None, "")
            self._show_grid(())
            self.silence()
        super().open(interview)
        if interview is not None:
            if self.hearing is not None:
                self.hearing.open_interview(interview)
            self._read_opening()

    def leave(self) -> None:
        """Hand over all that is not known to be saved, in a way in which none of it is refused."""
        self.keeper.take_all(self._typed())
        self.silence()
        for dialog in self.findChildren(QDialog):
            dialog.reject()

    def silence(self) -> None:
        """Stop the sound and let go of it."""
        if self.hearing is not None:
            self.hearing.silence()

    def _is_here(self, interview: InterviewId, lang: str | None = None) -> bool:
        is_same = self.interview is not None and self.interview.id == interview
        return is_same and lang in {None, self._lang}

    def _read_opening(self) -> None:
        if self.interview is not None:
            wanted = self.interview.id
            self.context.desk.ask(
                self,
                lambda vault: translating.read_opening(vault, wanted),
                self._on_opening,
                key="opening",
            )

    def _on_opening(self, opening: Opening) -> None:
        if not self._is_here(opening.interview):
            return
        self._opening = opening
        self.choice.show_opening(opening, self._lang or self._langs.get(opening.interview, ""))
        if opening.languages:
            self._read_grid(self.choice.code)
        else:
            self._show_grid(())
            self.choice.new_language.setFocus()

    def _on_language(self, lang: str) -> None:
        if lang and lang != self._lang:
            self._save()
            self._show_grid(())
            self._read_grid(lang)

    def _on_begun(self, interview: InterviewId, lang: str) -> None:
        if self._is_here(interview):
            self._save()
            self._lang = lang
            self._read_opening()

    # --- reading the rows ----------------------------------------------------------------------

    def _read_grid(self, lang: str) -> None:
        if self.interview is None:
            return
        interview = self.interview.id
        may_update = translating.may_begin(self.context.who)
        self._lang = self._langs[interview] = lang
        self.context.desk.ask(
            self,
            lambda vault: translating.open_grid(vault, interview, lang, updating=may_update),
            self._on_grid,
            key="grid",
        )

    def _on_grid(self, grid: Grid) -> None:
        if not self._is_here(grid.interview, grid.lang):
            return
        if grid.problem is not None:
            self.context.notices.refuse(grid.problem)
        self._save()
        lines = [
            line if line.is_readable else as_before(line, self._line_of(line.id))
            for line in grid.lines
        ]
        self._show_grid(lines)
        place = self.lines.place_of(self._places.get((grid.interview, grid.lang)))
        if place is None:
            place = next_to_do(lines, -1) or 0
        if self.table.place == place:
            self._on_place(place)
        self.table.go_to(place)
        if not self.choice.languages.hasFocus():
            is_typed_in = not self.box.target.isReadOnly() or self._is_unread(self._line)
            (self.box.target if is_typed_in else self.table).setFocus()
        self._held.open_rest()
        if self.context.who.is_cleared:
            self.context.desk.ask(
                self,
                lambda vault: translating.rows_waiting(vault, grid.interview),
                self._on_waiting,
                key="waiting",
            )

    def _show_grid(self, lines: Sequence[RowLine]) -> None:
        self._line = None
        interview = self.interview.id if self.interview else None
        self._held.start(interview, self._lang, lines)
        self.table.show_lines(lines, self._lang)
        self.work.setVisible(bool(lines))
        self.no_sound.setVisible(bool(lines) and self.hearing is None)
        if self.hearing is not None:
            self.hearing.setVisible(bool(lines))
        self.box.show_languages(lines[0].segment.lang if lines else "", self._lang)
        if not lines:
            self.box.show_line(None, "", is_unread=False)
        self.files.show_translation(interview, self._lang if lines else "")
        self._waiting = frozenset()
        self._count()

    def _line_of(self, row: str) -> RowLine | None:
        place = self.lines.place_of(row)
        return None if place is None else self.lines.row(place)

    def _is_unread(self, line: RowLine | None) -> bool:
        return line is not None and self._held.is_unread(line.id)

    def _on_waiting(self, rows: frozenset[str]) -> None:
        self._waiting = frozenset(row for row in rows if self.lines.place_of(row) is None)
        self._count()

    def _on_lines(self, lines: Sequence[RowLine]) -> None:
        """Take rows whose held text is open now."""
        self.lines.update_rows(lines)
        for line in lines:
            if self._line is not None and self._line.id == line.id:
                self._on_line(line)

    def _on_line(self, line: RowLine) -> None:
        """Take the new state of a row; what is being typed in it stays."""
        was_unread = self._held.is_unread(line.id)
        self._held.done(line.id)
        self.lines.update_row(line)
        if self._line is None or self._line.id != line.id:
            return
        self._line = line
        if was_unread:
            self._show_current()
        else:
            self.box.offer(line, self._unsaved.refusal(line.id), is_unread=False)
            self._show_title()

    def _count(self) -> None:
        states = [line.state for line in self.lines.rows]
        held = states.count(RowState.HELD)
        self.choice.progress.setText(
            self.tr("{confirmed} of {all} confirmed, {waiting} waiting, {empty} empty").format(
                confirmed=states.count(RowState.CONFIRMED),
                all=len(states),
                waiting=held,
                empty=states.count(RowState.EMPTY),
            )
        )
        interview = self.interview.id if self.interview else None
        self.review.show_waiting(interview, held + len(self._waiting))

    # --- the current row -----------------------------------------------------------------------

    def _on_place(self, place: int) -> None:
        self._save()
        self._line = line = self.lines.row(place) if place >= 0 else None
        self._show_current()
        if line is None or self.interview is None:
            return
        self._places[self.interview.id, self._lang] = line.id
        if self._held.is_unread(line.id):
            self._held.open_one(line.id)
        if self.hearing is not None:
            segment = line.segment
            self.hearing.set_stretch(segment.media, segment.start_ms, segment.end_ms)
            if not self.hearing.is_playing:
                self.hearing.show_at(segment.media, segment.start_ms)

    def _show_current(self) -> None:
        line = self._line
        typed = self._unsaved.text(line.id) if line else None
        text = typed if typed is not None else to_type(line) if line else ""
        is_unread = self._is_unread(line)
        self.box.show_line(line, text, is_unread=is_unread)
        self.box.offer(line, self._unsaved.refusal(line.id) if line else None, is_unread=is_unread)
        self._show_title()

    def _show_title(self) -> None:
        line, role, state = self._line, "", ""
        if line is not None:
            roles = self._opening.roles if self._opening else {}
            role = roles.get(line.segment.speaker or "", "")
            state = self.table.state_of(line)
        self.box.show_title(line, role, state)
        self.confirm.setEnabled(line is not None and not self.box.target.isReadOnly())

    def _step(self, by: int) -> None:
        place = (self.table.place or 0) + by
        if 0 <= place < len(self.lines.rows):
            self.table.go_to(place)

    def _go_to_row(self, row: str) -> None:
        place = self.lines.place_of(row)
        if place is not None:
            self.table.go_to(place)
            self.box.target.setFocus()

    def _on_next_open(self) -> None:
        passing = [
            typed.line.id
            for typed in self._unsaved.all()
            if self._unsaved.is_on_its_way(typed.line.id)
        ]
        place = next_to_do(self.lines.rows, self.table.place or 0, passing)
        if place is None:
            self.context.notices.say(self.tr("No other row is left to translate."))
        else:
            self.table.go_to(place)
        self.box.target.setFocus()

    def _on_confirm(self) -> None:
        """Hold what stands there and go on; a text that cannot be right stays in front."""
        line, text = self._line, self.box.target.words()
        if line is None:
            return
        if self.box.target.isReadOnly():
            self._on_next_open()
        elif not translating.is_whole(text):
            self.box.show_damage(TypedTokenError())
        elif not text.strip() and not line.target:
            self.context.notices.say(self.tr("Nothing is typed in this row yet."))
        else:
            is_refused = self._unsaved.refusal(line.id) is not None
            if is_refused or line.state is RowState.OUTDATED or self.box.target.is_changed:
                typed = self._typed(always=True)
                if typed is not None:
                    self.keeper.take(typed)
            self._on_next_open()

    def _on_typed(self) -> None:
        if self._line is not None and self.isVisible():
            self._marks.look(self._line, self.box.target.words())

    def _on_marks(self, row: str, found: object) -> None:
        if self._line is None or self._line.id != row:
            return
        if isinstance(found, Exception):
            self.box.show_damage(found)
        else:
            self.box.show_odd(cast("Sequence[TokenWarning]", found))

    # --- saving --------------------------------------------------------------------------------

    def _typed(self, *, always: bool = False) -> Typed | None:
        """Return what was typed in the current row, if anything was; from now on it is saved."""
        self.box.stop_waiting()
        is_wanted = always or self.box.target.is_changed
        if self._line is None or self.interview is None or not is_wanted:
            return None
        text = self.box.target.words()
        self.box.target.saved(text)
        return Typed(interview=self.interview.id, lang=self._lang, line=self._line, text=text)

    def _save(self) -> None:
        typed = self._typed()
        if typed is not None:
            self.keeper.take(typed)

    def _on_refused(self, typed: Typed, _: Exception) -> None:
        line = self._line_of(typed.line.id)
        if line is not None and self._is_here(typed.interview, typed.lang):
            self._on_line(line)

    def _on_kept(self, typed: Typed, kept: Kept) -> None:
        line = kept.line
        is_current = self._line is not None and self._line.id == line.id
        if line.warnings and not kept.was_mended and not is_current:
            self.context.notices.say(  # nobody leaves a name out without being told
                self.tr(
                    "(!) Row {number} is saved, with %n name(s) to look at: missing, doubled, or "
                    "of another row.",
                    "",
                    len(line.warnings),
                ).format(number=line.number)
            )
        if self._is_here(typed.interview, typed.lang):
            self._on_line(line)
            self._count()

    def _when_saved(self, then: Callable[[], object]) -> None:
        """Save what is typed, then go on: jobs run in a thread of their own, out of turn."""
        self._save()
        self.context.desk.ask(self, lambda _: None, lambda _: then())

    # --- out of here ---------------------------------------------------------------------------

    def _on_file_taken(self, taken: TakenFile) -> None:
        self._on_begun(taken.interview, taken.lang)

    def _on_review(self, interview: InterviewId) -> None:
        if self.isVisible() and self._is_here(interview):
            self.context.go(Place.REVIEW, None)
