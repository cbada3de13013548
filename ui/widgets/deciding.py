"""What a person does with one form: a row of buttons, and the few questions behind some of them.

Each question takes the place of the buttons, never a box over the screen; Esc leads back, and the
context stays in sight. A refusal stands beside the field, which keeps what was typed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from intake.text import Kind
from ui.keys import Act
from ui.messages import sentence
from ui.name_words import KEPT, kind_word
from ui.theme import GRID
from ui.widgets.name_search import NameSearch
from ui.wording import language_name, words_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from intake.review.listing import NameLine
    from ui.context import Context

_ACROSS: Final = 3
_ARROWS: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class RefusalLabel(QLabel):
    """The sentence of a refusal, beside what was refused; empty it takes no room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAccessibleName(self.tr("Why this was refused"))
        self.hide()

    def refuse(self, error: Exception) -> None:
        """Show the sentence of an error."""
        palette = QPalette(self.palette())
        danger = QColor(palette.color(QPalette.ColorRole.BrightText))
        palette.setColor(QPalette.ColorRole.WindowText, danger)
        self.setPalette(palette)
        self.setText("(!) " + sentence(error))
        self.show()

    def put_away(self) -> None:
        """Show nothing."""
        self.clear()
        self.hide()


class KindBox(QComboBox):
    """A choice of what something is: person, place, ..."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("What it is, if it is new"))
        for kind in Kind:
            self.addItem(f"[{kind.value}] {kind_word(kind)}", kind)

    @property
    def kind(self) -> Kind:
        """What is chosen."""
        return Kind(self.currentData())

    def choose(self, kind: Kind) -> None:
        """Choose it."""
        self.setCurrentIndex(self.findData(kind))


class _Question(QWidget):
    """One question, asked in the place of the buttons."""

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.refusal = RefusalLabel()
        self.cancel = QPushButton(self.tr("Cancel"))
        self.cancel.setToolTip(self.tr("Esc"))
        self.cancel.clicked.connect(self.cancelled)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go back on Esc; move between the buttons with the arrows."""
        if event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
            return
        super().keyPressEvent(event)

    def _buttons(self, *buttons: QPushButton) -> None:
        row = QHBoxLayout()
        for button in buttons:
            button.setAutoDefault(True)  # Enter presses the one that has the focus
            row.addWidget(button)
        row.addWidget(self.cancel)
        row.addStretch(1)
        self.column.addLayout(row)


class WordingQuestion(_Question):
    """What a form is generalised to: one field for each language that it stands in."""

    answered = Signal(object)
    """The wordings by language."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = QLabel(
            self.tr("What takes its place? Wider words, such as a season or a region.")
        )
        self.title.setWordWrap(True)
        self.form = QFormLayout()
        self.fields: dict[str, QLineEdit] = {}
        self.take = QPushButton(self.tr("Generalise to this"))
        self.take.clicked.connect(self._answer)
        self.column.addWidget(self.title)
        self.column.addLayout(self.form)
        self.column.addWidget(self.refusal)
        self._buttons(self.take)

    def begin(self, wordings: Mapping[str, str]) -> None:
        """Ask for these languages, with what is there already."""
        self.refusal.put_away()
        while self.form.rowCount():
            self.form.removeRow(0)
        self.fields = {}
        for lang, words in wordings.items():
            field = self.fields[lang] = QLineEdit(words)
            field.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData)
            field.returnPressed.connect(self._answer)
            label = self.tr("In {language}").format(language=language_name(lang))
            self.form.addRow(label, field)
        for first in list(self.fields.values())[:1]:
            first.setFocus()
            first.selectAll()

    def _answer(self) -> None:
        given = {lang: field.text().strip() for lang, field in self.fields.items()}
        filled = {lang: words for lang, words in given.items() if words}
        # Without any word the first field is what is missing: the vault's own sentence says so.
        self.answered.emit(filled or dict(list(given.items())[:1]))


class ReasonQuestion(_Question):
    """Why a name is kept."""

    answered = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = QLabel(self.tr("Why may everybody read this name?"))
        self.reasons = {reason: QPushButton(words_for(reason)) for reason in KEPT}
        for reason, button in self.reasons.items():
            button.clicked.connect(lambda _=False, reason=reason: self.answered.emit(reason))
        self.column.addWidget(self.title)
        self.column.addWidget(self.refusal)
        self._buttons(*self.reasons.values())

    def begin(self) -> None:
        """Ask."""
        self.refusal.put_away()
        next(iter(self.reasons.values())).setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with the arrows, as in a row of choices."""
        step = _ARROWS.get(Qt.Key(event.key()))
        buttons: list[QPushButton] = [*self.reasons.values(), self.cancel]
        focused = next((button for button in buttons if button.hasFocus()), None)
        if step is not None and focused is not None:
            step = -step if self.isRightToLeft() else step
            buttons[(buttons.index(focused) + step) % len(buttons)].setFocus()
            return
        super().keyPressEvent(event)


class WhoQuestion(_Question):
    """Whose name it is, of those that the register knows."""

    answered = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = NameSearch(self.tr("Who or what is it?"))
        self.search.taken.connect(self.answered)
        self.take = QPushButton(self.tr("It is this one"))
        self.take.clicked.connect(self._take)
        self.column.addWidget(self.search)
        self.column.addWidget(self.refusal)
        self._buttons(self.take)

    def begin(self, lines: Sequence[NameLine]) -> None:
        """Ask."""
        self.refusal.put_away()
        self.search.begin(lines)
        self.search.field.setFocus()

    def _take(self) -> None:
        if self.search.chosen is not None:
            self.answered.emit(self.search.chosen)


class MissedQuestion(_Question):
    """A form that nothing proposed: of somebody new, or of one that the register knows."""

    new = Signal(str, object)
    known = Signal(str, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.form = QLineEdit()
        self.form.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData)
        self.label = QLabel(self.tr("Missed"))
        self.label.setBuddy(self.form)
        self.kind = KindBox()
        self.kind_label = QLabel(self.tr("which is a"))
        self.kind_label.setBuddy(self.kind)
        self.take = QPushButton(self.tr("Enter as new, hidden"))
        self.take.clicked.connect(self._new)
        self.form.returnPressed.connect(self._new)
        self.search = NameSearch(self.tr("Or it is a form of"))
        self.search.taken.connect(self._known)
        self.same = QPushButton(self.tr("It is this one"))
        self.same.clicked.connect(self._chosen)
        row = QHBoxLayout()
        row.addWidget(self.label)
        row.addWidget(self.form, stretch=1)
        new = QHBoxLayout()
        new.addWidget(self.take)
        new.addWidget(self.kind_label)
        new.addWidget(self.kind, stretch=1)
        self.column.addLayout(row)
        self.column.addLayout(new)
        self.column.addWidget(self.search)
        self.column.addWidget(self.refusal)
        self._buttons(self.same)

    def begin(self, form: str, lines: Sequence[NameLine]) -> None:
        """Ask about these words."""
        self.refusal.put_away()
        self.form.setText(form)
        self.search.begin(lines)
        self.kind.choose(Kind.PERSON)
        (self.kind if form else self.form).setFocus()

    def _new(self) -> None:
        self.new.emit(self.form.text().strip(), self.kind.kind)

    def _chosen(self) -> None:
        if self.search.chosen is not None:
            self._known(self.search.chosen)

    def _known(self, number: int) -> None:
        self.known.emit(self.form.text().strip(), number)


class Acts(QWidget):
    """The buttons for one form, and the question that is asked instead of them."""

    closed = Signal()
    """A question was put away: the list has the keys again."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = context.keys
        self.accept = QPushButton()
        self.buttons: dict[Act, QPushButton] = {
            Act.AS_PROPOSED: self.accept,
            Act.HIDE: QPushButton(self.tr("Hide")),
            Act.GENERALISE: QPushButton(self.tr("Generalise...")),
            Act.KEEP: QPushButton(self.tr("Keep by name...")),
            Act.NOT_IDENTIFYING: QPushButton(self.tr("Not identifying")),
            Act.OTHER_ENTITY: QPushButton(self.tr("Known name...")),
            Act.MISSED: QPushButton(self.tr("Missed...")),
        }
        self._words = {act: button.text() for act, button in self.buttons.items()}
        self.kind = KindBox()
        self.kind_label = QLabel(self.tr("If new:"))
        self.kind_label.setBuddy(self.kind)
        self.page = QWidget()
        grid = QGridLayout(self.page)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(GRID)
        grid.addWidget(self.accept, 0, 0, 1, 2 * _ACROSS)
        for at, button in enumerate(list(self.buttons.values())[1:]):
            grid.addWidget(button, 1 + at // _ACROSS, 2 * (at % _ACROSS), 1, 2)
        kinds = QHBoxLayout()
        kinds.addWidget(self.kind_label)
        kinds.addWidget(self.kind, stretch=1)
        grid.addLayout(kinds, 3, 0, 1, 2 * _ACROSS)
        self.wording, self.reason = WordingQuestion(), ReasonQuestion()
        self.who, self.missed = WhoQuestion(), MissedQuestion()
        self._pages: tuple[QWidget, ...] = (
            self.page,
            self.wording,
            self.reason,
            self.who,
            self.missed,
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for page in self._pages:
            column.addWidget(page)
            page.setVisible(page is self.page)
            if isinstance(page, _Question):
                page.cancelled.connect(self.close_question)
        self._question: _Question | None = None
        self._keys.changed.connect(self._label)
        self._label()

    @property
    def question(self) -> _Question | None:
        """The question that is asked now."""
        return self._question

    def ask(self, question: _Question) -> None:
        """Put a question in the place of the buttons; it takes the focus by its own `begin`."""
        self._question = question
        for page in self._pages:
            page.setVisible(page is question)

    def close_question(self) -> None:
        """Show the buttons again."""
        if self._question is None:
            return
        self._question = None
        for page in self._pages:
            page.setVisible(page is self.page)
        self.closed.emit()

    def offer(self, proposed_words: str, *, is_any: bool) -> None:
        """Offer what can be done: nothing without a form, the proposal where words tell of one."""
        for act, button in self.buttons.items():
            button.setEnabled(is_any or act is Act.MISSED)
        self.accept.setVisible(bool(proposed_words))
        self._words[Act.AS_PROPOSED] = proposed_words
        self.kind.setEnabled(is_any and not proposed_words)
        self._label()

    def _label(self) -> None:
        """Write each key beside its word: the buttons are where a newcomer learns them."""
        for act, button in self.buttons.items():
            key = self._keys.label(act)
            button.setText(f"{self._words[act]} ({key})" if key else self._words[act])
            button.setToolTip(key)
