"""What can be undone in a transcript: a stack for each interview, while the window lives.

An undo is an edit like any other: a change of the vault that says who did it. No revision is ever
lost by it, and nothing of it is kept on the disk. Splitting and merging give new ids: a step asks
what an id of its own has become since.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoGroup, QUndoStack

if TYPE_CHECKING:
    from collections.abc import Callable

    from intake.opening import Vault
    from intake.transcript.reading import SegmentId

    Work = Callable[[Vault], SegmentId]
    Do = Callable[[Work], None]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a person did: its words, how it is taken back and done again.

    Both run on the desk thread and return the segment to go to.
    """

    words: str
    back: Work
    again: Work


class Became:
    """What has become of segments whose ids are no more. Used in the order of the desk."""

    def __init__(self) -> None:
        self._now: dict[str, SegmentId] = {}

    def now(self, segment: SegmentId) -> SegmentId:
        """Return the id that a segment has now."""
        found = segment
        while found in self._now and self._now[found] != found:
            found = self._now[found]
        return found

    def became(self, old: SegmentId, new: SegmentId) -> None:
        """Take note that what `old` stood for is called `new` from now on."""
        before = self.now(old)
        if before != new:
            self._now.pop(new, None)
            self._now[before] = new


class _Command(QUndoCommand):
    """A step on the stack. It was done already when it came there."""

    def __init__(self, step: Step, do: Do) -> None:
        super().__init__(step.words)
        self._step = step
        self._do = do
        self._is_new = True

    def undo(self) -> None:
        self._do(self._step.back)

    def redo(self) -> None:
        if self._is_new:
            self._is_new = False
            return
        self._do(self._step.again)


class Steps(QObject):
    """The stacks. `do` is called with the work of a step, to be run on the desk."""

    changed = Signal()

    def __init__(self, do: Do, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._do = do
        self._group = QUndoGroup(self)
        self._stacks: dict[str, QUndoStack] = {}
        self._became: dict[str, Became] = {}
        self._group.indexChanged.connect(lambda _: self.changed.emit())
        self._group.activeStackChanged.connect(lambda _: self.changed.emit())

    def open(self, interview: str) -> None:
        """Take the stack of an interview."""
        if interview not in self._stacks:
            self._stacks[interview] = QUndoStack(self._group)
            self._became[interview] = Became()
        self._group.setActiveStack(self._stacks[interview])

    def became(self, interview: str) -> Became:
        """Return what has become of the segments of an interview."""
        return self._became[interview]

    def add(self, step: Step) -> None:
        """Take a step that was just done."""
        stack = self._group.activeStack()
        if stack is not None:
            stack.push(_Command(step, self._do))

    def forget(self) -> None:
        """Let go of all steps of the open interview: somebody else changed what they are about."""
        stack = self._group.activeStack()
        if stack is not None:
            stack.clear()

    def undo(self) -> None:
        """Take the last step back."""
        self._group.undo()

    def redo(self) -> None:
        """Do again what was taken back last."""
        self._group.redo()

    @property
    def undo_words(self) -> str:
        """What would be taken back, empty for nothing."""
        stack = self._group.activeStack()
        return stack.undoText() if stack is not None else ""

    @property
    def redo_words(self) -> str:
        """What would be done again, empty for nothing."""
        stack = self._group.activeStack()
        return stack.redoText() if stack is not None else ""
