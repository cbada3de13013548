"""The forms beside the names register: a new name, more spellings, treatment, and merging.

One at a time, in the place of the buttons; Esc leads back. Refusals stand beside the fields, which
keep what was typed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from intake.review.treating import Treatment
from intake.text import Kind
from ui.theme import GRID, heading
from ui.widgets.deciding import KindBox, RefusalLabel
from ui.widgets.languages import LanguageBox
from ui.widgets.name_search import NameSearch
from ui.widgets.text import AccountEdit
from ui.widgets.treatment_box import TreatmentBox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.review.listing import NameLine
    from ui.context import Context

_LINES = 4


class Panel(QWidget):
    """A form with a title, a refusal, and the buttons Take and Cancel."""

    wanted = Signal()
    """The person wants what stands in the fields."""
    cancelled = Signal()

    def __init__(self, take: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.number = 0
        """The entity that it is about, 0 for a new one."""
        self.title = QLabel()
        heading(self.title)
        self.title.setWordWrap(True)
        self.refusal = RefusalLabel()
        self.take = QPushButton(take)
        self.cancel = QPushButton(self.tr("Cancel"))
        self.cancel.setToolTip(self.tr("Esc"))
        self.take.clicked.connect(self.wanted)
        self.cancel.clicked.connect(self.cancelled)
        self.fields = QVBoxLayout()
        self.fields.setSpacing(GRID)
        row = QHBoxLayout()
        for button in (self.take, self.cancel):
            button.setAutoDefault(True)
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.title)
        column.addLayout(self.fields)
        column.addWidget(self.refusal)
        column.addLayout(row)
        column.addStretch(1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go back on Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
            return
        super().keyPressEvent(event)

    def show_busy(self, *, is_busy: bool) -> None:
        """Take nothing twice while the vault works."""
        self.take.setEnabled(not is_busy)


class _Spellings(AccountEdit):
    """A few lines, one spelling each."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context.keys, (), parent)
        lines = QFontMetrics(self.font()).lineSpacing() * _LINES
        self.setFixedHeight(lines + 2 * GRID)

    @property
    def forms(self) -> tuple[str, ...]:
        """What was typed, a spelling a line, without blanks around it."""
        lines = (line.strip() for line in self.words().split("\n"))
        return tuple(dict.fromkeys(line for line in lines if line))


class NewPanel(Panel):
    """A new entity: what it is, its spellings, its treatment."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.take.setText(self.tr("Enter it"))
        self.title.setText(self.tr("New name"))
        self.kind = KindBox()
        self.kind.setAccessibleName(self.tr("What it is"))
        self.spellings = _Spellings(context)
        self.treatment = TreatmentBox()
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        form.addRow(self.tr("What it is"), self.kind)
        form.addRow(self.tr("Spellings, one a line; the first is preferred"), self.spellings)
        form.addRow(self.tr("In what leaves"), self.treatment)
        self.fields.addLayout(form)

    def begin(self) -> None:
        """Ask from the beginning."""
        self.refusal.put_away()
        self.kind.choose(Kind.PERSON)
        self.spellings.load("")
        self.treatment.choose(Treatment())
        self.kind.setFocus()


class SpellingsPanel(Panel):
    """More spellings of an entity, and whether the first of them is shown from now on."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.take.setText(self.tr("Add them"))
        self.spellings = _Spellings(context)
        self.language = LanguageBox()
        self.preferred = QCheckBox(self.tr("Prefer the first of them from now on"))
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        form.addRow(self.tr("Spellings, one a line"), self.spellings)
        form.addRow(self.tr("Their language, if it matters"), self.language)
        self.fields.addLayout(form)
        self.fields.addWidget(self.preferred)

    def begin(self, line: NameLine, title: str) -> None:
        """Ask about an entity."""
        self.refusal.put_away()
        self.number = line.number
        self.title.setText(title)
        self.spellings.load("")
        self.language.choose("")
        self.preferred.setChecked(False)
        self.spellings.setFocus()


class TreatmentPanel(Panel):
    """How an entity appears in what leaves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.take.setText(self.tr("Change it"))
        self.box = TreatmentBox()
        self.fields.addWidget(self.box)

    def begin(self, line: NameLine, title: str) -> None:
        """Ask about an entity, beginning with what holds now."""
        self.refusal.put_away()
        self.number = line.number
        self.title.setText(title)
        self.box.choose(line.treatment)
        checked = [
            b for b in (self.box.hide_it, self.box.generalise, self.box.keep) if b.isChecked()
        ]
        checked[0].setFocus()


class MergePanel(Panel):
    """Two entities that are one: which one remains, and that this is for ever."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._line: NameLine | None = None
        self._confirm = self.tr("Yes, {one} is {other}: merge them")
        self.search = NameSearch(self.tr("It is the same as"))
        self.warning = QLabel(
            self.tr("(!) This cannot be taken back. All spellings become those of the other one.")
        )
        self.warning.setWordWrap(True)
        self.fields.addWidget(self.search)
        self.fields.addWidget(self.warning)
        self.search.found.currentRowChanged.connect(lambda _: self._name())

    @property
    def into(self) -> int | None:
        """The number that remains."""
        return self.search.chosen

    def begin(
        self, line: NameLine, lines: Sequence[NameLine], title: str, *, is_shown: bool
    ) -> None:
        """Ask with whom an entity is one: only its own kind can be."""
        self.refusal.put_away()
        self.number, self._line = line.number, line
        self.title.setText(title)
        alike = [one for one in lines if one.kind is line.kind]
        self.search.begin(alike, without=line.number, is_shown=is_shown)
        self._name()
        self.search.field.setFocus()

    def _name(self) -> None:
        """Name both on the button: pressing it is the confirmation."""
        self.take.setEnabled(self.into is not None)
        if self._line is None or self.into is None:
            self.take.setText(self.tr("Merge them"))
            return
        kind = self._line.kind.value
        words = self._confirm.format(one=f"{kind}{self.number}", other=f"{kind}{self.into}")
        self.take.setText(words)
