"""Writing an account down in the window: each line is on the disk before the next is taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from intake.capture.interviews import list_present
from intake.capture.writing import (
    DraftText,
    SegmentId,
    Sitting,
    WrittenLine,
    begin_writing,
    change_line,
    speaker_of,
    write_line,
)
from ui.widgets.write_box import TypedLine, WriteBox, WrittenRow

if TYPE_CHECKING:
    from intake.capture.interviews import InterviewId
    from intake.opening import Vault
    from ui.context import Context


@dataclass(slots=True)
class _Begun:
    """One sitting, and the line that is being typed: touched on the desk thread alone."""

    sitting: Sitting
    speakers: list[tuple[str, str]]
    open_line: SegmentId | None = None
    rows: list[WrittenRow] = field(default_factory=list)


class Writing(QObject):
    """Between the box and the vault. `ended` when the person is done."""

    ended = Signal()

    def __init__(self, context: Context, box: WriteBox, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._box = box
        self._begun: _Begun | None = None
        box.line_wanted.connect(self._on_line)
        box.typed.connect(self._on_typed)
        box.done.connect(self._on_done)

    @property
    def interview(self) -> InterviewId | None:
        """The interview that is being written, or None."""
        return self._begun.sitting.interview if self._begun else None

    def begin(self, interview: InterviewId) -> None:
        """Begin a sitting; the window shows it once it is in the vault."""
        self._context.desk.ask(
            self, lambda vault: _begin(vault, interview), self._on_begun, key="begin"
        )

    def hand_over(self) -> None:
        """Keep what is being typed: the page goes to the back, or the window locks."""
        if self._begun is not None:
            self._box.hand_over()

    def _on_begun(self, begun: _Begun) -> None:
        self._begun = begun
        self._box.show_rows([])
        self._box.begin(begun.speakers)

    def _on_line(self, line: TypedLine) -> None:
        begun = self._begun
        if begun is None:
            return

        def keep(vault: Vault) -> list[WrittenRow]:
            segment = _keep(vault, begun, line)
            begun.open_line = None
            begun.rows.append(WrittenRow(segment, line.start_ms, line.speaker, line.words))
            return list(begun.rows)

        self._context.desk.ask(self, keep, self._on_kept)

    def _on_typed(self, line: TypedLine) -> None:
        begun = self._begun
        if begun is None:
            return

        def keep(vault: Vault) -> None:
            begun.open_line = _keep(vault, begun, line)

        self._context.desk.ask(self, keep, lambda _: self._context.saved())

    def _on_kept(self, rows: list[WrittenRow]) -> None:
        self._context.saved()
        self._box.show_rows(rows)
        self._box.kept()

    def _on_done(self) -> None:
        """End the sitting once its last line is kept; one that was refused stays in sight."""
        self._context.desk.ask(self, lambda _vault: None, lambda _: self._end())

    def _end(self) -> None:
        if self._box.words.text().strip():
            return
        self._begun = None
        self._box.end()
        self.ended.emit()


def _begin(vault: Vault, interview: InterviewId) -> _Begun:
    for role in ("interviewer", "witness"):
        speaker_of(vault, interview, role)
    present = sorted(list_present(vault, interview), key=lambda person: _ORDER.get(person.role, 2))
    speakers = [(person.code, person.role) for person in present]
    return _Begun(begin_writing(vault, interview), speakers)


_ORDER = {"interviewer": 0, "witness": 1}


def _keep(vault: Vault, begun: _Begun, line: TypedLine) -> SegmentId:
    """Write a line, or the line that is open already, again. On the desk thread."""
    written = WrittenLine(
        speaker=line.speaker,
        lang=line.language,
        text=DraftText(line.words),
        start_ms=line.start_ms,
        end_ms=line.end_ms,
    )
    if begun.open_line is None:
        return write_line(vault, begun.sitting, written)
    change_line(vault, begun.sitting, begun.open_line, written)
    return begun.open_line
