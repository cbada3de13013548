"""How the review looks: forms on the left, one of them in all its places on the right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSplitter, QVBoxLayout, QWidget

from ui.keys import Act
from ui.messages import sentence
from ui.name_words import (
    answer_word,
    isolated,
    kind_word,
    name_words,
    reason_words,
    treatment_word,
)
from ui.theme import GRID, primary
from ui.widgets.candidates import Candidates
from ui.widgets.contexts import Contexts
from ui.widgets.deciding import Acts
from ui.widgets.hearing import Hearing
from ui.widgets.roomy import Roomy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from intake.jobs import Progress
    from intake.review.listing import NameLine
    from intake.review.treating import Treatment
    from intake.transcript.segments import SegmentRow
    from ui.context import Context
    from ui.models.reviewing import Candidate, Made

_LARGER_PT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """How far a review is: forms left, texts that are still drafts, translated rows that wait."""

    is_read: bool
    has_segments: bool
    left: int
    drafts: int
    held: int
    is_separating: bool
    is_taking: bool


class ReviewPage(QWidget):
    """The widgets of the review, and the words on them. What they do is the screen's."""

    def __init__(
        self,
        context: Context,
        perhaps: Callable[[Candidate], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._keys = context.keys
        self.hearing = Hearing(context)
        self.note = QLabel()
        self.note.setAccessibleName(self.tr("What comes next"))
        self.step_button = QPushButton()
        self.held = QPushButton()
        self.finish = QPushButton()
        self.finish.setObjectName("finish")
        self.look = QPushButton(self.tr("Look for names entered since"))
        primary(self.finish)
        primary(self.step_button)  # in its place once everything is separated
        self.candidates = Candidates(perhaps)
        self.form = QLabel()
        self.form.setAccessibleName(self.tr("The form to decide"))
        self.about = QLabel()
        self.about.setAccessibleName(self.tr("What it may be"))
        self.contexts = Contexts(context.keys)
        self.acts = Acts(context)
        self.last = QLabel()
        self.last.setAccessibleName(self.tr("The last decision"))
        self.undo = QPushButton(self.tr("Undo"))
        self._lay_out()

    def _lay_out(self) -> None:
        for label in (self.note, self.form, self.about, self.last):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        font = self.form.font()
        font.setBold(True)
        font.setPointSize(font.pointSize() + _LARGER_PT)
        self.form.setFont(font)
        top = QHBoxLayout()
        top.addWidget(self.note, stretch=1)
        for button in (self.look, self.held, self.step_button, self.finish):
            top.addWidget(button)
            button.hide()
        below = QHBoxLayout()
        below.addWidget(self.last, stretch=1)
        below.addWidget(self.undo)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(GRID, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(self.form)
        column.addWidget(self.about)
        column.addWidget(self.contexts, stretch=1)
        column.addWidget(Roomy(self.acts))
        column.addLayout(below)
        self.parts = QSplitter()
        self.parts.setChildrenCollapsible(False)
        self.parts.addWidget(self.candidates)
        self.parts.addWidget(right)
        self.parts.setSizes([600, 480])  # in this proportion
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(GRID)
        page.addWidget(self.hearing)
        page.addLayout(top)
        page.addWidget(self.parts, stretch=1)
        page.addStretch(0)

    def show_refusal(self, error: Exception) -> None:
        """Show one sentence and nothing else."""
        self.note.setText(sentence(error))
        buttons = (self.finish, self.look, self.held, self.step_button)
        for widget in (self.hearing, self.parts, *buttons):
            widget.hide()

    def show_reading(self, progress: Progress) -> None:
        """Say how far the first reading is."""
        words = self.tr("Reading the interview: {done} of {total} texts.")
        self.note.setText(words.format(done=progress.done, total=progress.total))

    def show_stage(self, stage: Stage, last: Made | None) -> None:
        """Say what comes next, and what was decided last."""
        self.undo.setEnabled(last is not None)
        self.last.setText(self._last_words(last))
        self.parts.setVisible(bool(stage.left) or last is not None)
        self.hearing.setVisible(self.parts.isVisibleTo(self))
        is_done = not stage.left and not stage.drafts and last is None
        for button in (self.finish, self.look):
            button.setEnabled(not stage.is_separating)
        self.held.setEnabled(not stage.is_taking)
        self.held.setVisible(stage.held > 0)
        self.held.setText(
            self.tr("Take translated rows into review ({count})").format(count=stage.held)
        )
        words = self.tr("Finish: {count} undecided").format(count=stage.left)
        self.finish.setText(self.tr("Separating...") if stage.is_separating else words)
        self.finish.setVisible(stage.is_read and not is_done)
        self.look.setVisible(stage.is_read and is_done and stage.has_segments)
        self.step_button.setVisible(stage.is_read and is_done and not stage.held)
        self.step_button.setText(
            self.tr("Go to the transcript")
            if stage.has_segments
            else self.tr("Go to the interview")
        )
        self.note.setText(self._note_words(stage, is_done=is_done))

    def _note_words(self, stage: Stage, *, is_done: bool) -> str:
        if not stage.is_read:
            return self.tr("Reading the interview.")
        if not stage.has_segments:
            return self.tr(
                "Here you decide what points to a person, each form once. There is no transcript "
                "yet: import a recording and transcribe it first."
            )
        if is_done and stage.held:
            return self.tr("Translated rows wait: take them into review, and decide their names.")
        if is_done:
            return self.tr(
                "Nothing is left to decide. Next: listen to the interview and confirm it."
            )
        if not stage.left:
            return self.tr("Everything is decided. Finish takes the names out of the text.")
        return self.tr("Each form is decided once, for all its places.")

    def show_candidate(
        self,
        candidate: Candidate | None,
        segments: Sequence[SegmentRow],
        proposed: NameLine | None,
        treatment: Treatment | None,
    ) -> None:
        """Show a form, who it may be, and what can be done; nothing without one."""
        self.contexts.show_candidate(candidate, segments)
        if candidate is None:
            self.form.clear()
            self.about.clear()
            self.acts.offer("", is_any=False)
            return
        self.form.setText(f"[{candidate.kind.value}]  {isolated(candidate.form)}")
        facts = [kind_word(candidate.kind), reason_words(candidate.reason)]
        words = ""
        if proposed is not None and treatment is not None:
            how = treatment_word(treatment.choice)
            perhaps = self.tr("perhaps {name}, {how}")
            facts.append(perhaps.format(name=name_words(proposed), how=how))
            words = self.tr("Yes, {name}").format(name=f"{proposed.kind.value}{proposed.number}")
        self.about.setText(" \u00b7 ".join(facts))
        self.acts.offer(words, is_any=True)
        self.acts.kind.choose(candidate.kind)

    def _last_words(self, made: Made | None) -> str:
        if made is None:
            return ""
        words = self.tr("{form}: {answer}. Undo with {key}.")
        key = self._keys.label(Act.UNDO)
        return words.format(form=isolated(made.form), answer=answer_word(made.says), key=key)
