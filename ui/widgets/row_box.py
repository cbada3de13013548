"""One row of a translation below the table: its source, its names, and the field to type in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from intake.errors import SourceCorrectedError
from intake.translation.typed_rows import RowState
from ui.keys import NAMES, Act
from ui.messages import sentence
from ui.models.translating import LONGEST_MS, REST_MS, may_type
from ui.theme import GRID, heading
from ui.widgets.marked_edit import MarkedEdit
from ui.wording import clock, language_name, name_flaw, name_mark, words_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from intake.translation.typed_rows import NameMark, RowLine
    from intake.translation.xliff_document import TokenWarning
    from ui.context import Context

_OURS: Final = (
    *(Act.PREVIOUS, Act.NEXT, Act.CONFIRM, Act.NEXT_OPEN, Act.COPY_SOURCE, Act.SAVE, *NAMES),
    *(Act.PLAY, Act.BACK, Act.FORWARD, Act.LOOP, Act.SLOWER, Act.FASTER),
)
_LOOK_AFTER_MS: Final = 250
"""So long after the last key the marks are looked at."""


class RowBox(QWidget):
    """Shows a row and takes what is typed for it; saving and going on are the screen's.

    `rested` = what was typed should be saved now; `typed` = it is time to look at its marks.
    """

    rested = Signal()
    typed = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._line: RowLine | None = None
        self._marks: list[NameMark] = []
        self.title = QLabel()
        heading(self.title)
        self.source_label = QLabel()
        self.source = MarkedEdit(context, _OURS)
        self.source.setObjectName("row-source")
        self.source.setReadOnly(True)
        self.target_label = QLabel()
        self.target = MarkedEdit(context, _OURS)
        self.target.setObjectName("row-translation")
        self.note = self._words("row-note", self.tr("How this row stands"))
        self.odd = self._words("row-names", self.tr("Names to look at"))
        self.names = QWidget()
        self._name_buttons = [self._name_button(number) for number in range(len(NAMES))]
        self._more = QLabel()
        self._lay_out()
        self._rest, self._longest, self._look = QTimer(self), QTimer(self), QTimer(self)
        for timer, ms, slot in (
            (self._rest, REST_MS, self.rested.emit),
            (self._longest, LONGEST_MS, self.rested.emit),
            (self._look, _LOOK_AFTER_MS, self.typed.emit),
        ):
            timer.setSingleShot(True)
            timer.setInterval(ms)
            timer.timeout.connect(slot)
        self.target.textChanged.connect(self._on_changed)
        self.show_languages("", "")
        self.show_line(None, "", is_unread=False)

    def _words(self, name: str, spoken: str) -> QLabel:
        label = QLabel()
        label.setObjectName(name)
        label.setAccessibleName(spoken)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        return label

    def _name_button(self, number: int) -> QPushButton:
        button = QPushButton()
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its key does the same from the field
        button.setToolTip(self._context.keys.label(NAMES[number]))
        button.clicked.connect(lambda: self.insert_name(number))
        return button

    def _lay_out(self) -> None:
        row = QHBoxLayout(self.names)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(QLabel(self.tr("Names")))
        for button in self._name_buttons:
            row.addWidget(button)
        row.addWidget(self._more)
        row.addStretch(1)
        fields = QGridLayout()
        fields.setHorizontalSpacing(2 * GRID)
        fields.addWidget(self.source_label, 0, 0)
        fields.addWidget(self.target_label, 0, 1)
        fields.addWidget(self.source, 1, 0)
        fields.addWidget(self.target, 1, 1)
        fields.addWidget(self.names, 2, 0)
        fields.addWidget(self.odd, 2, 1, Qt.AlignmentFlag.AlignTop)
        fields.setColumnStretch(0, 1)
        fields.setColumnStretch(1, 1)
        fields.setRowStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, GRID, 0, 0)
        column.addWidget(self.title)
        column.addWidget(self.note)
        column.addLayout(fields, stretch=1)
        self.source_label.setBuddy(self.source)
        self.target_label.setBuddy(self.target)

    # --- showing -------------------------------------------------------------------------------

    def show_languages(self, source: str, target: str) -> None:
        """Say above the fields which language each is in."""
        of_source = self.tr("Source: {language}").format(language=language_name(source))
        of_target = self.tr("&Translation: {language}").format(language=language_name(target))
        self.source_label.setText(of_source if source else self.tr("Source"))
        self.target_label.setText(of_target if target else self.tr("&Translation"))
        self.source.set_language(source)
        self.target.set_language(target)
        self.source.setAccessibleName(self.source_label.text())
        self.target.setAccessibleName(self.target_label.text().replace("&", ""))

    def show_line(self, line: RowLine | None, text: str, *, is_unread: bool) -> None:
        """Show another row, with what is typed for it; unread = its text is still being opened."""
        self._line = line
        self.stop_waiting()
        self._look.stop()
        names = line.names if line else ()
        self.source.load_named(
            line.source if line else "",
            [(mark.start, mark.start + len(mark.words)) for mark in names],
        )
        if self.target.words() == text:
            self.target.saved(text)  # the cursor, and what can be undone, stay
        else:
            self.target.load(text)
            self.target.moveCursor(QTextCursor.MoveOperation.End)
        self._offer_names(names)
        self.show_odd(line.warnings if line else ())
        self.offer(line, None, is_unread=is_unread)

    def offer(self, line: RowLine | None, refusal: Exception | None, *, is_unread: bool) -> None:
        """Say how the row stands now, and whether it can be typed into; its words stay."""
        self._line = line
        note = self._note(line, is_unread=is_unread)
        if refusal is not None:
            note = self.tr("(!) Not saved. {why}").format(why=sentence(refusal))
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self.target.setReadOnly(line is None or is_unread or not self._may_type(line))

    def show_title(self, line: RowLine | None, role: str, state: str) -> None:
        """Say which row it is, when it was said, in which role, and how far it is."""
        if line is None:
            self.title.clear()
            return
        words = [self.tr("Row {number}").format(number=line.number)]
        words += [clock(line.segment.start_ms), words_for(role), state]
        self.title.setText(", ".join(word for word in words if word))

    def show_odd(self, warnings: Sequence[TokenWarning]) -> None:
        """Say which names are missing, doubled, or from elsewhere."""
        names = self._line.names if self._line else ()
        self.odd.setText("\n".join("(!) " + self._odd_words(one, names) for one in warnings))

    def show_damage(self, error: Exception) -> None:
        """Say that a mark in what was typed is damaged."""
        self.odd.setText("(!) " + sentence(error))

    def _odd_words(self, odd: TokenWarning, names: Sequence[NameMark]) -> str:
        """Return what is odd about one name, by its words for those who may read them."""
        mark = next((one for one in names if one.token.entity == odd.entity), None)
        who = name_mark(odd.kind, odd.entity)
        if mark is not None and self._context.who.is_cleared:
            who = mark.words
        return name_flaw(odd.flaw, who)

    def _may_type(self, line: RowLine) -> bool:
        is_anothers = not line.is_readable and line.author != self._context.who.id
        return (
            may_type(self._context.who)
            and line.is_open
            and bool(line.source.strip())
            and not (is_anothers and not self._context.who.is_cleared)
        )

    def _note(self, line: RowLine | None, *, is_unread: bool) -> str:
        if line is None:
            return ""
        notes = (
            (
                not may_type(self._context.who),
                self.tr("You may read this. Translators and cleared interviewers type here."),
            ),
            (
                not line.source.strip(),
                self.tr("This segment has no words, so there is nothing to translate."),
            ),
            (not line.is_open, "(!) " + sentence(SourceCorrectedError())),
            (is_unread, self.tr("This text is being opened.")),
            (not line.is_readable, self._unreadable(line)),
            (
                line.state is RowState.OUTDATED,
                self.tr(
                    "(!) This text was made from an older source. Read the new source, correct the "
                    "text where it must be, and confirm it."
                ),
            ),
        )
        return next((words for holds, words in notes if holds), "")

    def _unreadable(self, line: RowLine) -> str:
        if self._context.who.is_cleared or line.author == self._context.who.id:
            return self.tr("(!) What was typed here cannot be read: it is damaged. Type it again.")
        return self.tr(
            "Another member typed this row. It waits for a cleared member; you cannot read it."
        )

    def _offer_names(self, names: Sequence[NameMark]) -> None:
        first: Mapping[object, NameMark] = {mark.token: mark for mark in reversed(names)}
        self._marks = sorted(first.values(), key=lambda mark: mark.start)
        for number, button in enumerate(self._name_buttons):
            button.setVisible(number < len(self._marks))
            if number < len(self._marks):
                mark = self._marks[number]
                words = mark.words
                if not self._context.who.is_cleared:
                    words = name_mark(mark.token.kind, mark.token.entity)
                button.setText(f"{number + 1}  {words}".replace("&", "&&"))
        more = len(self._marks) - len(self._name_buttons)
        self._more.setText(self.tr("and %n more", "", more) if more > 0 else "")
        self.names.setVisible(bool(self._marks))

    # --- typing --------------------------------------------------------------------------------

    def insert_name(self, number: int) -> None:
        """Put the mark of a name of the source at the cursor."""
        if number < len(self._marks):
            self._insert(str(self._marks[number].token))

    def insert_source(self) -> None:
        """Put the source at the cursor, with a mark for each name; one step back undoes it."""
        if self._line is not None:
            self._insert(self._line.source_tokens)

    def _insert(self, words: str) -> None:
        if not self.target.isReadOnly():
            self.target.textCursor().insertText(words)
            self.target.ensureCursorVisible()
            self.target.setFocus()

    def stop_waiting(self) -> None:
        """Forget that somebody typed: it is being saved."""
        self._rest.stop()
        self._longest.stop()

    def _on_changed(self) -> None:
        if not self.target.is_changed:
            return
        self._rest.start()
        self._look.start()
        if not self._longest.isActive():
            self._longest.start()
