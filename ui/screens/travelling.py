"""A vault that travels (S12): its keys are elsewhere, and testimony is taken without them.

What is taken is sealed at once under two words. Nothing here can read it again, this page included:
it shows that something was kept, never what.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from intake.capture.beginning import Agrees
from intake.capture.travelling import Case, Traveller, travel
from intake.opening.travelling import come_back
from ui.clipboard import keep_in
from ui.messages import sentence
from ui.screens.interview_begin import AGREES, sides_of
from ui.theme import GRID, heading
from ui.widgets.consent_grid import ConsentGrid
from ui.widgets.recording_strip import RecordingStrip
from ui.widgets.start_box import StartBox
from ui.widgets.two_columns import TwoColumns
from ui.widgets.write_box import TypedLine, WriteBox

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ui.capturing import Capture, Recorder
    from ui.context import Chooser
    from ui.desk import Desk
    from ui.keys import Keys
    from ui.models.recording import RunningView
    from ui.theme import Look

_LARGER = 2.0
_SPEAKERS = (("Q", "interviewer"), ("A", "witness"))


class TravelPage(QWidget):
    """Takes an interview without a key. `back` once the keys are here again."""

    back = Signal(object)

    def __init__(
        self,
        desk: Desk,
        capture: Capture,
        chooser: Chooser,
        keys: Keys,
        look: Callable[[], Look],
    ) -> None:
        super().__init__()
        self._desk = desk
        self._capture = capture
        self._chooser = chooser
        self._path: Path | None = None
        self._traveller: Traveller | None = None
        self._words = ""
        self._given: dict[tuple[str, str], str] = {}
        self.recording = RecordingStrip(capture)
        self.title = self._label(
            self.tr("This vault travels: its keys are elsewhere. Nothing in it can be read here.")
        )
        heading(self.title)
        self.public = self._label("")
        self.said = self._label("")
        self.begin = StartBox()
        self.begin.allow(may_record=True)
        self.words = self._label("")
        self.words_are = self._label(
            self.tr("Note these two words on paper: they alone lead back to this interview.")
        )
        font = self.words.font()
        font.setPointSizeF(font.pointSizeF() * _LARGER)
        self.words.setFont(font)
        self.words.setAccessibleName(self.tr("The two words of this interview"))
        self.known = QLineEdit()
        self.known.setPlaceholderText(self.tr("two words of an earlier one"))
        self.known.setAccessibleName(self.tr("Two words of an earlier interview"))
        self.go_on = QPushButton(self.tr("Go on with it"))
        self.other = QPushButton(self.tr("Another interview"))
        self.more = QPushButton(self.tr("Record more"))
        self._agreed: frozenset[str] = frozenset()
        self.write = WriteBox()
        self.write.finish.hide()
        self.write.table.hide()  # nobody can read here what was written
        self.note = QLineEdit()
        keep_in(self.note)
        self.note.setPlaceholderText(self.tr("A note of yours, never part of the account"))
        self.note.setAccessibleName(self.tr("Note"))
        self.show_file = QPushButton(self.tr("Photo or file..."))
        self.kept = QListWidget()
        self.kept.setAccessibleName(self.tr("What was kept"))
        self.consent = ConsentGrid(keys, look)
        self.consent.allow(may_answer=True)
        self.come_back = QPushButton(self.tr("The keys are here again..."))
        self._lay_out()
        self._wire()

    def _label(self, words: str) -> QLabel:
        label = QLabel(words)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        return label

    def _lay_out(self) -> None:
        page = QVBoxLayout(self)
        page.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        page.setSpacing(GRID)
        top = QHBoxLayout()
        top.addWidget(self.title, stretch=1)
        top.addWidget(self.come_back)
        page.addWidget(self.recording)
        page.addLayout(top)
        page.addWidget(self.public)
        page.addWidget(self.begin)
        row = QHBoxLayout()
        row.addWidget(self.words)
        row.addWidget(self.words_are, stretch=1)
        row.addWidget(self.known)
        row.addWidget(self.go_on)
        row.addWidget(self.more)
        row.addWidget(self.other)
        page.addLayout(row)
        page.addWidget(self.said)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.write, stretch=1)
        column.addWidget(self.note)
        below = QHBoxLayout()
        below.addWidget(self.kept, stretch=1)
        below.addWidget(self.show_file, alignment=Qt.AlignmentFlag.AlignTop)
        column.addLayout(below)
        self.area = TwoColumns((left,), self.consent)
        page.addWidget(self.area, stretch=1)

    def _wire(self) -> None:
        self.begin.record_wanted.connect(partial(self._on_begin, is_recorded=True))
        self.begin.write_wanted.connect(partial(self._on_begin, is_recorded=False))
        self.begin.check_wanted.connect(self._look_for_microphones)
        self.begin.test.hide()
        self.go_on.clicked.connect(self._on_go_on)
        self.known.returnPressed.connect(self._on_go_on)
        self.other.clicked.connect(lambda: self._take_up(""))
        self.more.clicked.connect(self._on_more)
        self._capture.seen.connect(self._offer_more)
        self.write.line_wanted.connect(self._on_line)
        self.note.returnPressed.connect(self._on_note)
        self.show_file.clicked.connect(self._on_file)
        self.consent.answered.connect(self._on_answered)
        self.come_back.clicked.connect(self._on_come_back)

    # --- showing -------------------------------------------------------------------------------

    def open(self, path: Path) -> None:
        """Begin on a vault that travels; says so where its public keys are not the ones it had."""
        self._path, self._traveller = path, None
        self._take_up("")
        self.begin.begin_anew()
        self.said.clear()
        self._look_for_microphones()
        self._desk.run(self, lambda: _travel(path), self._on_travels, failed=self._on_refused)

    def _look_for_microphones(self) -> None:
        found = self._capture.recorders.devices()
        self.begin.show_microphones([(d.id, d.label) for d in found if not d.is_computer])
        self.begin.offer_call(has_computer=any(d.is_computer for d in found))

    def _on_travels(self, found: tuple[Traveller, str]) -> None:
        self._traveller, words = found
        self.public.setText(
            self.tr("Its public keys: {words}. Compare them with your paper.").format(words=words)
        )

    def _on_refused(self, error: Exception) -> None:
        self.said.setText(sentence(error))

    def _take_up(self, words: str) -> None:
        """Show one interview by its words, or none."""
        self._words = words
        self._given = {}
        self.words.setText(words)
        has_case = bool(words)
        for shown in (self.words, self.words_are, self.other, self.area):
            shown.setVisible(has_case)
        for typed in (self.known, self.go_on):
            typed.setVisible(not has_case)
        self.begin.setVisible(not has_case)
        self.kept.clear()
        self._offer_more(self._capture.view)
        self.write.show_rows([])
        self.consent.show_answers({})
        self.known.clear()
        if not has_case:
            self.begin.begin_anew()
            self.write.end()

    def _keep(self, what: Callable[[Traveller], object], words: str) -> None:
        """Do one thing in order; show that it is kept once it is on the disk."""
        traveller = self._traveller
        if traveller is not None and self._words:
            self._desk.run(
                self,
                lambda: what(traveller),
                lambda _: self._on_kept(words),
                failed=self._on_refused,
            )

    def _on_kept(self, words: str) -> None:
        self.said.clear()
        self.kept.addItem(self.tr("Kept: {what}").format(what=words))
        self.kept.scrollToBottom()

    # --- one interview -------------------------------------------------------------------------

    def _on_begin(self, *, is_recorded: bool) -> None:
        traveller = self._traveller
        if traveller is None:
            return
        agrees = Agrees(AGREES.get(self.begin.answer, "no"))
        is_call = self.begin.is_call.isChecked()
        sides = sides_of(self.begin)
        self.begin.show_running(is_running=True)

        def begin() -> tuple[Case, Recorder | None]:
            case = traveller.begin(agrees, is_remote=is_call)
            if not is_recorded:
                return case, None
            public = traveller.public(case.words)
            recorder = self._capture.recorders.start_without_key(
                public, agrees="yes" if agrees is Agrees.YES else "on_the_recording", sides=sides
            )
            return case, recorder

        self._desk.run(self, begin, self._on_begun, failed=self._on_not_begun)

    def _on_begun(self, begun: tuple[Case, Recorder | None]) -> None:
        case, recorder = begun
        if case.may_record:
            self._agreed |= {case.words}
        self.begin.show_running(is_running=False)
        self._take_up(case.words)
        self.said.clear()
        self.write.begin(_SPEAKERS)
        if recorder is not None:
            self._capture.take(recorder)

    def _offer_more(self, view: RunningView | None) -> None:
        """Offer another recording of an interview whose witness agreed, while none runs."""
        self.more.setVisible(self._words in self._agreed and view is None)

    def _on_more(self) -> None:
        traveller, words, sides = self._traveller, self._words, sides_of(self.begin)
        if traveller is None:
            return
        self.more.hide()
        self._desk.run(
            self,
            lambda: self._capture.recorders.start_without_key(
                traveller.public(words), agrees="yes", sides=sides
            ),
            self._capture.take,
            failed=self._on_refused,
        )

    def _on_not_begun(self, error: Exception) -> None:
        self.begin.show_running(is_running=False)
        self._on_refused(error)

    def _on_go_on(self) -> None:
        traveller, typed = self._traveller, self.known.text()
        if traveller is not None:
            self._desk.run(
                self, lambda: traveller.known(typed), self._on_known, failed=self._on_refused
            )

    def _on_known(self, words: str) -> None:
        self.said.clear()
        self._take_up(words)
        self.write.begin(_SPEAKERS)

    def _on_line(self, line: TypedLine) -> None:
        words = self._words
        self.write.kept()
        self._keep(
            lambda one: one.write(
                words, line.speaker, line.language, line.words, at_ms=line.start_ms
            ),
            self.tr("a line of {n} letters").format(n=len(line.words)),
        )

    def _on_note(self) -> None:
        words, text = self._words, self.note.text().strip()
        if text:
            self.note.clear()
            self._keep(lambda one: one.note(words, text), self.tr("a note"))

    def _on_file(self) -> None:
        self._chooser.open_file(
            self, self.tr("Photo or file"), self.tr("All files (*)"), self._on_chosen
        )

    def _on_chosen(self, file: Path) -> None:
        words = self._words
        self._keep(
            lambda one: one.show(words, file),
            self.tr("a file; the one outside stays where it was, unsealed"),
        )

    def _on_answered(self, act: str, of: str, answer: str) -> None:
        words = self._words
        self._given[(act, of)] = answer
        self._keep(
            lambda one: one.answer(words, act=act, recipient_class=of, answer=answer),
            self.tr("an answer"),
        )
        self.consent.show_answers(dict(self._given))

    # --- coming back ---------------------------------------------------------------------------

    def _on_come_back(self) -> None:
        self._chooser.folder(self, self.tr("Where the keys are"), self._on_token)

    def _on_token(self, token: Path) -> None:
        path = self._path
        if path is not None:
            self._desk.run(
                self,
                lambda: come_back(path, token),
                lambda _: self.back.emit(path),
                failed=self._on_refused,
            )


def _travel(path: Path) -> tuple[Traveller, str]:
    traveller = travel(path)
    return traveller, " ".join(traveller.six_words)
