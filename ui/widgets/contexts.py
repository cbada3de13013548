"""A form in every place where it stands, with the words around it; which places are meant.

The form is bold and underlined and stands in isolates (U+2068, U+2069), so that a name in one
script keeps its place in a sentence in another. Names that are settled have a dotted line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import (
    QFont,
    QFontMetrics,
    QPalette,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from intake.identity.borders import is_border
from ui.keys import Act
from ui.name_words import FIRST_ISOLATE, POP_ISOLATE, isolated
from ui.theme import GRID
from ui.widgets.text import AccountEdit
from ui.wording import clock, language_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from PySide6.QtCore import QEvent

    from intake.identity.finders import Place
    from intake.transcript.segments import SegmentRow
    from ui.keys import Keys
    from ui.models.reviewing import Candidate

_AROUND: Final = 160
"""Letters shown before and after a form: a sentence or two."""
_MOST_PLACES: Final = 200
"""More than anybody reads one by one; the list of segments still has them all."""
_EDGES: Final = (
    " \t\u00a0.,;:!?\u2026\u060c\u061b\u061f"
    "\"'()[]\u00ab\u00bb\u201c\u201d\u2018\u2019-\u2013\u2014"
)
_LIST_LETTERS: Final = 11
_REVIEW_KEYS: Final = (Act.MISSED, Act.PREVIOUS, Act.NEXT, Act.UNDO)


class Contexts(QWidget):
    """The segments of a form with a check box each, and its places as text to select from."""

    place_changed = Signal()
    """Another place is looked at: of another form, or of another of its segments."""

    def __init__(self, keys: Keys, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._candidate: Candidate | None = None
        self._rows: Sequence[SegmentRow] = ()
        self._blocks: list[int] = []
        self.segments = QListWidget()
        self.segments.setAccessibleName(self.tr("Segments that are meant"))
        self.segments.setToolTip(
            self.tr("The answer is for every place. Take a mark away to decide it for the others.")
        )
        self.segments_label = QLabel(self.tr("&Segments"))
        self.segments_label.setBuddy(self.segments)
        self.text = AccountEdit(keys, _REVIEW_KEYS)
        self.text.setReadOnly(True)
        self.text.setAccessibleName(self.tr("Where this form stands"))
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        column = QVBoxLayout()
        column.setSpacing(GRID // 2)
        column.addWidget(self.segments_label)
        column.addWidget(self.segments, stretch=1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addLayout(column)
        row.addWidget(self.text, stretch=1)
        self.segments.currentRowChanged.connect(self._on_segment)
        self._fit()

    @property
    def numbers(self) -> list[int]:
        """The segments whose place is meant, by the numbers of the transcript."""
        items = (self.segments.item(row) for row in range(self.segments.count()))
        return [
            int(item.data(Qt.ItemDataRole.UserRole))
            for item in items
            if item.checkState() == Qt.CheckState.Checked
        ]

    @property
    def place(self) -> Place | None:
        """The place that one looks at: of the current segment, else the first."""
        if self._candidate is None:
            return None
        row = max(0, self.segments.currentRow())
        number = self._candidate.numbers[min(row, len(self._candidate.numbers) - 1)]
        return next(p for p in self._candidate.places if self._candidate.number(p) == number)

    def selected(self) -> str:
        """Return the words that are selected, without what stands around a name."""
        words = self.text.textCursor().selectedText()
        for mark in (FIRST_ISOLATE, POP_ISOLATE):
            words = words.replace(mark, "")
        return words.partition("\u2029")[0].strip(_EDGES)

    def show_candidate(self, candidate: Candidate | None, segments: Sequence[SegmentRow]) -> None:
        """Show a form at every place that is left of it; all are meant at first."""
        known, self._candidate, self._rows = self._candidate, candidate, segments
        if candidate is not None and known is not None and _seen(candidate) == _seen(known):
            return  # read anew, and nothing changed: scroll place and marks stay
        self.segments.blockSignals(True)  # what is shown is no choice of a person
        self.segments.clear()
        if candidate is not None:
            for number in candidate.numbers:
                self._add_segment(candidate, number)
            self.segments.setCurrentRow(0)
        self._write()
        self.segments.blockSignals(False)
        self.place_changed.emit()

    def _add_segment(self, candidate: Candidate, number: int) -> None:
        count = sum(candidate.number(place) == number for place in candidate.places)
        words = str(number) if count == 1 else f"{number} \u00d7{count}"
        item = QListWidgetItem(words)
        item.setData(Qt.ItemDataRole.UserRole, number)
        item.setData(
            Qt.ItemDataRole.AccessibleTextRole, self.tr("Segment {number}").format(number=words)
        )
        flags = item.flags() | Qt.ItemFlag.ItemIsUserCheckable
        item.setFlags(flags)
        item.setCheckState(Qt.CheckState.Checked)
        self.segments.addItem(item)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the look and the text size of the window."""
        super().changeEvent(event)
        if event.type() in {event.Type.PaletteChange, event.Type.FontChange}:
            self._fit()
            self._write()

    def _write(self) -> None:
        candidate = self._candidate
        self.text.clear()
        self._blocks = []
        if candidate is None:
            return
        cursor = QTextCursor(self.text.document())
        cursor.beginEditBlock()
        plain, form, settled, small = self._formats()
        heading, words = QTextBlockFormat(), QTextBlockFormat()
        heading.setTopMargin(GRID)
        for at, place in enumerate(candidate.places[:_MOST_PLACES]):
            if at:
                cursor.insertBlock(heading)
            else:
                cursor.setBlockFormat(heading)
            self._blocks.append(cursor.position())
            cursor.insertText(self._where(candidate, place), small)
            cursor.insertBlock(words)
            for stretch, role in _stretches(candidate, place):
                cursor.insertText(stretch, {"form": form, "name": settled}.get(role, plain))
        more = len(candidate.places) - _MOST_PLACES
        if more > 0:
            cursor.insertBlock(heading)
            cursor.insertText(self.tr("Places not shown here: {count}").format(count=more), small)
        cursor.endEditBlock()
        self.text.moveCursor(QTextCursor.MoveOperation.Start)

    def _formats(self) -> tuple[QTextCharFormat, ...]:
        plain = QTextCharFormat()
        plain.setFont(self.text.font())
        form, settled, small = (QTextCharFormat(plain) for _ in range(3))
        form.setFontWeight(QFont.Weight.Bold)
        form.setFontUnderline(True)
        settled.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DotLine)
        small.setFont(self.font())
        small.setForeground(self.palette().color(QPalette.ColorRole.PlaceholderText))
        return plain, form, settled, small

    def _where(self, candidate: Candidate, place: Place) -> str:
        owner = candidate.question.texts[place.text]
        if owner.kind == "row":
            words = self.tr("Segment {number}, in {language}")
            return words.format(number=owner.number, language=language_name(owner.lang))
        words = self.tr("Segment {number}").format(number=owner.number)
        if owner.number <= len(self._rows):
            words += f" \u00b7 {clock(self._rows[owner.number - 1].start_ms)}"
        return words

    def _on_segment(self, row: int) -> None:
        """Bring the first place of a segment into sight."""
        if self._candidate is None or row < 0:
            return
        number = self._candidate.numbers[row]
        for place, position in zip(self._candidate.places, self._blocks, strict=False):
            if self._candidate.number(place) == number:
                cursor = self.text.textCursor()
                cursor.movePosition(QTextCursor.MoveOperation.End)
                self.text.setTextCursor(cursor)  # from below, so that it comes to the top
                cursor.setPosition(position)
                self.text.setTextCursor(cursor)
                break
        self.place_changed.emit()

    def _fit(self) -> None:
        width = QFontMetrics(self.font()).averageCharWidth() * _LIST_LETTERS
        self.segments.setFixedWidth(width + 4 * GRID)


def _seen(candidate: Candidate) -> tuple[object, ...]:
    """Return what is shown of a form: it changes where a text or its names do."""
    texts = candidate.question.texts
    shown = ((texts[p.text].number, texts[p.text].marked, p.proposal) for p in candidate.places)
    return candidate.key, *shown


def _stretches(candidate: Candidate, place: Place) -> Iterator[tuple[str, str]]:
    """Give a context in pieces: plain words, the form in isolates, and names that are settled."""
    owner = candidate.question.texts[place.text]
    text, start, end = owner.marked.text.value, place.proposal.start, place.proposal.end
    first, last = _cut(text, start, end)
    at = first
    if first:
        yield "\u2026", ""
    spans = [
        (chip.start, chip.end, "name")
        for chip in owner.marked.chips
        if first <= chip.start and chip.end <= last and (chip.end <= start or end <= chip.start)
    ]
    for begin, behind, role in sorted([*spans, (start, end, "form")]):
        yield text[at:begin], ""
        words = text[begin:behind]
        yield (isolated(words) if role == "form" else words), role
        at = behind
    yield text[at:last], ""
    if last < len(text):
        yield "\u2026", ""


def _cut(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where a context begins and ends: at borders of words."""
    first, last = max(0, start - _AROUND), min(len(text), end + _AROUND)
    while 0 < first < start and not is_border(text, first):
        first += 1
    while end < last < len(text) and not is_border(text, last):
        last -= 1
    return first, last
