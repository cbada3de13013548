"""Between the transcript and the desk: what is typed goes out first, then what a person does.

Everything that changes a segment passes here, so that it can be undone: typing as one step for each
visit of a segment, every other act as its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal

from intake.text import DraftText
from intake.transcript import editing
from intake.transcript.reading import read_line
from ui.models.steps import Steps
from ui.models.transcript_acts import Acts

if TYPE_CHECKING:
    from collections.abc import Callable

    from intake.opening import Vault
    from intake.transcript.finding import Wanted
    from intake.transcript.reading import MediaId, SegmentId, SegmentLine, SegmentRow
    from ui.context import Context, InterviewRef
    from ui.models.steps import Work
    from ui.models.transcript_acts import Done
    from ui.widgets.find_bar import Shown
    from ui.widgets.segment_box import SegmentBox

_Result = TypeVar("_Result")


class Acting(QObject):
    """Does what is asked with the segment that one is at.

    `line_changed` carries what became of one segment (`SegmentLine`), `reshaped` where to go
    (`SegmentId`) once the segments are others, `heard` the id of one that was heard. `refused`:
    nothing was done, and what is shown of the segment is to be shown as it is.
    """

    line_changed = Signal(object)
    reshaped = Signal(object)
    heard = Signal(object)
    refused = Signal()

    def __init__(self, context: Context, box: SegmentBox, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._box = box
        self._editor = box.editor
        self._line: SegmentLine | None = None
        self._acts: Acts | None = None
        self._visit: tuple[SegmentId, str] | None = None
        self._typed: str | None = None
        self.steps = Steps(self._run, self)

    def open(self, interview: InterviewRef) -> None:
        """Take the steps of an interview."""
        self.steps.open(interview.id)
        self._acts = Acts(interview.id, self.steps.became(interview.id))

    @property
    def line(self) -> SegmentLine | None:
        """The segment that one is at."""
        return self._line

    def visit(self, line: SegmentLine | None) -> None:
        """Go to another segment: what was typed in the one before can be undone from now on."""
        self._end_visit()
        self._line = line
        self._visit = None if line is None else (line.id, line.text)

    def stay(self, line: SegmentLine) -> None:
        """Take note of what became of the segment that one is at."""
        self._line = line
        if self._typed is None and not self._editor.is_changed:
            self._visit = line.id, line.text

    # --- saving --------------------------------------------------------------------------------

    def save(self) -> None:
        """Hand the words to the desk, if they are not the vault's; in front of all that follows."""
        self._editor.stop_waiting()
        line = self._line
        if not self._context.desk.is_open:
            return  # nothing is open to save into; what is typed stays what is not saved
        if line is not None and self._box.may_edit and self._editor.is_changed:
            self._act(line, lambda _: None)

    def _act(self, line: SegmentLine, act: Callable[[Vault], Done | None]) -> None:
        """Save, then do something with one segment, then show what became of it."""

        def work(vault: Vault) -> tuple[Done | None, SegmentLine]:
            done = act(vault)
            return done, read_line(vault, line.row.interview, line.id, number=line.number)

        def then(result: tuple[Done | None, SegmentLine]) -> None:
            done, new = result
            self._context.saved()
            if done is not None and done.step is not None:
                self.steps.add(done.step)
            self.line_changed.emit(new)

        self._ask(line, work, then)

    def _reshape(self, line: SegmentLine, work: Callable[[Vault], Done]) -> None:
        """Save, then change which segments there are."""

        def then(done: Done) -> None:
            self._context.saved()
            if done.step is not None:
                self.steps.add(done.step)
            self.reshaped.emit(done.segment)

        self._ask(line, work, then)

    def _ask(
        self,
        line: SegmentLine,
        work: Callable[[Vault], _Result],
        then: Callable[[_Result], object],
    ) -> None:
        """Save what is typed and do the work, or neither: a cut counts in the new words."""
        typed = self._take_typed()

        def both(vault: Vault) -> _Result:
            if typed is not None:
                editing.save_text(vault, row_now(vault, line), DraftText(typed))
            return work(vault)

        def refused(error: Exception) -> None:
            self._context.notices.refuse(error)
            if typed is not None and self._line is not None and self._line.id == line.id:
                self._editor.saved(line.text)  # what stands there counts as not saved again
                self._typed = None
            self.refused.emit()

        self._context.desk.ask(self, both, then, failed=refused)

    def _take_typed(self) -> str | None:
        """Return what is typed and not saved, and call it saved."""
        if not (self._box.may_edit and self._editor.is_changed):
            return None
        self._typed = self._editor.words()
        self._editor.saved(self._editor.edit.words())
        return self._typed

    def _end_visit(self) -> None:
        """Make one step of all that was typed since one came here."""
        if self._visit is None or self._typed is None or self._acts is None:
            return
        (segment, before), after = self._visit, self._typed
        self._typed = None
        self._visit = segment, after
        if before != after:
            words = self.tr("typing in segment {number}").format(number=self._number())
            self.steps.add(self._acts.written(segment, before, after, words))

    def _number(self) -> int:
        return 0 if self._line is None else self._line.number

    # --- undoing -------------------------------------------------------------------------------

    def undo(self) -> None:
        """Take the last step back; what is being typed is saved first, and is a step, too."""
        self.save()
        self._end_visit()
        self.steps.undo()

    def redo(self) -> None:
        """Do again what was taken back last."""
        self.save()
        self._end_visit()
        self.steps.redo()

    def _run(self, work: Work) -> None:
        def then(segment: SegmentId) -> None:
            self._context.saved()
            self.reshaped.emit(segment)

        def refused(error: Exception) -> None:
            self._context.notices.refuse(error)
            self.steps.forget()

        self._context.desk.ask(self, work, then, failed=refused)

    # --- acts ----------------------------------------------------------------------------------

    def _began(self) -> tuple[SegmentLine, Acts] | None:
        """Return the segment and what can be done with it; what was typed becomes a step."""
        if self._line is None or self._acts is None:
            return None
        if self._editor.is_changed and self._box.may_edit:
            self._typed = self._editor.words()
        self._end_visit()
        return self._line, self._acts

    def hear(self) -> None:
        """Say that the segment was heard."""
        if (began := self._began()) is None:
            return
        line, acts = began
        words = self.tr("hearing of segment {number}").format(number=line.number)

        def work(vault: Vault) -> Done:
            return acts.hear(vault, line.id, words)

        def then(result: tuple[Done, SegmentLine]) -> None:
            self._context.saved()
            if result[0].step is not None:
                self.steps.add(result[0].step)
            self.line_changed.emit(result[1])
            self.heard.emit(line.id)

        self._ask(
            line,
            lambda vault: (
                work(vault),
                read_line(vault, line.row.interview, line.id, number=line.number),
            ),
            then,
        )

    def unhear(self) -> None:
        """Say that the segment is to be heard again."""
        if (began := self._began()) is not None:
            line, acts = began
            words = self.tr("segment {number} not heard").format(number=line.number)
            self._act(line, lambda vault: acts.unhear(vault, line.id, words))

    def name(self, code: str | None) -> None:
        """Say who speaks."""
        if (began := self._began()) is not None:
            line, acts = began
            words = self.tr("speaker of segment {number}").format(number=line.number)
            self._act(line, lambda vault: acts.name(vault, line.id, code, words))

    def retime(self, start_ms: int, end_ms: int) -> None:
        """Give the segment other times."""
        if (began := self._began()) is not None:
            line, acts = began
            words = self.tr("times of segment {number}").format(number=line.number)
            self._act(line, lambda vault: acts.retime(vault, line.id, start_ms, end_ms, words))

    def split(self, at: int) -> None:
        """Cut the segment in two."""
        if (began := self._began()) is not None:
            line, acts = began
            words = self.tr("split of segment {number}").format(number=line.number)
            self._reshape(line, lambda vault: acts.split(vault, line.id, at, words))

    def merge(self, before: SegmentLine) -> None:
        """Merge the segment with the one before it."""
        if (began := self._began()) is not None:
            line, acts = began
            words = self.tr("merge of segments {first} and {second}").format(
                first=before.number, second=line.number
            )
            self._reshape(line, lambda vault: acts.merge(vault, before.id, line.id, words))

    def insert(self, media: MediaId, start_ms: int, end_ms: int) -> None:
        """Put an empty segment in."""
        if (began := self._began()) is not None:
            line, acts = began
            words = self.tr("empty segment")
            self._reshape(line, lambda vault: acts.insert(vault, media, start_ms, end_ms, words))

    def replace(self, wanted: Wanted, new: str, place: Shown | None) -> None:
        """Replace words at one place, or at all of them."""
        if (began := self._began()) is None:
            return
        line, acts = began
        only = None if place is None else {place.found.id}
        nth = None if place is None else place.nth
        words = self.tr("replacing of words")

        def then(result: tuple[int, Done | None]) -> None:
            places, done = result
            if done is None:
                self._context.notices.say(self.tr("These words stand in no segment."))
                return
            self._context.saved()
            if done.step is not None:
                self.steps.add(done.step)
            self._context.notices.say(
                self.tr("%n place(s) replaced; names there are to be reviewed.", "", places)
            )
            self.reshaped.emit(done.segment)

        self._ask(
            line,
            lambda vault: acts.replace(vault, wanted, new, words, only=only, nth=nth),
            then,
        )


def row_now(vault: Vault, line: SegmentLine) -> SegmentRow:
    """Return a segment as it is now: what was asked for before may have changed it."""
    return read_line(vault, line.row.interview, line.id, number=line.number).row
