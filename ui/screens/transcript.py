"""The transcript (S5): hear it, correct it, say that you heard it.

Whatever is typed is handed to the desk after two seconds of rest, on each change of segment and on
leaving. Each save is one signed change; the machine's own words stay beside it for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut

from intake.capture.interviews import list_present
from intake.transcript.linking import list_links
from intake.transcript.machine_words import machine_words
from intake.transcript.reading import SegmentLine, read_lines, words_of
from ui.keys import Act
from ui.screens.transcript_acting import row_now
from ui.screens.transcript_handling import Handling
from ui.screens.transcript_page import TranscriptPage
from ui.widgets.taken_back import TakenBackDialog

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QObject

    from intake.capture.interviews import InterviewId, Present
    from intake.opening import Vault
    from intake.transcript.linking import Link
    from intake.transcript.machine_words import MachineWords
    from intake.transcript.reading import MediaId, SegmentId, WordTime
    from ui.context import Context, InterviewRef
    from ui.widgets.find_bar import Shown

_LOOK_AGAIN_MS: Final = 1_000
_WINDOW_FULL: Final = 60


@dataclass(frozen=True, slots=True)
class _Read:
    """An interview as it was read: its segments, how they are linked, and who was there."""

    interview: InterviewId
    lines: list[SegmentLine]
    present: list[Present]
    links: list[Link]


class TranscriptScreen(TranscriptPage):
    """Reads an interview, follows the sound, and does what keys and buttons ask for."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._line: SegmentLine | None = None
        self._is_following = False
        self._places: dict[str, SegmentId] = {}
        self._links: list[Link] = []
        self.hearing.let_edges_move(is_on=self.box.may_hear)
        self.handling = Handling(self)
        self._connect()
        self._look = QTimer(self)
        self._look.setSingleShot(True)
        self._look.setInterval(_LOOK_AGAIN_MS)
        self._look.timeout.connect(self.refresh)

    def _connect(self) -> None:
        keys, edit = self.context.keys, self.editor.edit
        acts: list[tuple[Act, Callable[[], object]]] = [
            (Act.PREVIOUS, lambda: self._step(-1)),
            (Act.NEXT, lambda: self._step(1)),
            (Act.NEXT_OPEN, self._on_next_open),
            (Act.CONFIRM, self._on_confirm),
            (Act.MACHINE, self.box.show_machine.toggle),
            (Act.FIND, lambda: self._on_find_wanted(replacing=False)),
            (Act.REPLACE, lambda: self._on_find_wanted(replacing=True)),
            (Act.SAVE, self.acting.save),
        ]
        for act, slot in acts:
            keys.bind(self, act, slot)
        for standard, slot in (
            (QKeySequence.StandardKey.Undo, self.acting.undo),
            (QKeySequence.StandardKey.Redo, self.acting.redo),
        ):
            shortcut = QShortcut(standard, self.table)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(slot)
        self.hearing.bind_keys(self)
        self.handling.bind()
        self.hearing.moved.connect(self._on_moved)
        self._connect_buttons()
        self.box.times.refused.connect(self.context.notices.refuse)
        self.box.show_machine.toggled.connect(lambda _: self._ask_for_machine())
        self.table.current_changed.connect(self._on_place)
        self.table.opened.connect(lambda _: edit.setFocus())
        self.editor.rested.connect(self.acting.save)
        self.editor.undo_wanted.connect(self.acting.undo)
        self.editor.redo_wanted.connect(self.acting.redo)
        self.acting.line_changed.connect(self._on_line)
        self.acting.reshaped.connect(self._on_reshaped)
        self.acting.heard.connect(self._on_heard)
        self.acting.refused.connect(self._on_refused)
        self.acting.steps.changed.connect(self.offer_steps)
        self.finder.gone_to.connect(self._on_found)
        self.finder.nothing_found.connect(
            lambda: self.context.notices.say(self.tr("These words stand in no segment."))
        )
        self.finder.replace_wanted.connect(self._on_replace)
        keys.changed.connect(self.show_keys)
        self.context.jobs.advanced.connect(self._on_advanced)

    def _connect_buttons(self) -> None:
        for button, slot in (
            (self.box.confirm, self._on_confirm),
            (self.next_open, self._on_next_open),
            (self.undo, self.acting.undo),
            (self.redo, self.acting.redo),
            (self.taken_back, self._on_taken_back),
        ):
            button.clicked.connect(slot)

    # --- showing -------------------------------------------------------------------------------

    def open(self, interview: InterviewRef | None) -> None:
        """Read the interview; come back to the segment that was left."""
        if interview != self.interview:
            self.lines.set_rows(())
            self._show_line(None)
            self.hearing.silence()
        super().open(interview)
        if interview is not None:
            self.acting.open(interview)
            self.style_box.open(interview.id)
            self.hearing.open_interview(interview)
            self.refresh()

    def leave(self) -> None:
        """Hand over what was typed."""
        self.acting.save()
        self.acting.visit(None)
        self._look.stop()

    def silence(self) -> None:
        """Stop the sound and let go of it."""
        self.hearing.silence()

    def refresh(self) -> None:
        """Read all segments again."""
        if self.interview is None:
            return
        wanted = self.interview.id

        def read(vault: Vault, at_most: int) -> _Read:
            lines = read_lines(vault, wanted, at_most=at_most)
            links = list_links(vault, wanted) if at_most < 0 else []
            return _Read(wanted, lines, list_present(vault, wanted), links)

        if not self.lines.rows and wanted not in self._places:
            # A window full first: reading ten thousand takes as long as a person notices.
            self.context.desk.ask(self, partial(read, at_most=_WINDOW_FULL), self._on_read)
        self.context.desk.ask(self, partial(read, at_most=-1), self._on_read, key="read")

    def _on_read(self, read: _Read) -> None:
        if self.interview is None or read.interview != self.interview.id:
            return
        self.box.show_present(read.present)
        self.lines.set_rows(read.lines)
        self._links = read.links
        self.finder.show_lines(read.lines, self._line.number if self._line else 0)
        self.empty.setVisible(not read.lines)
        self.parts.setVisible(bool(read.lines))
        self.show_count()
        if self._line is None and read.lines:
            last = self.lines.place_of(self._places.get(read.interview)) or 0
            if self.table.place == last:
                self._show_line(self.lines.row(last))  # the table tells of a change alone
            else:
                self.table.go_to(last)
            self.table.setFocus()
        elif self._line is not None:
            self._come_back_to(self._line.id)
            if self._line is not None:
                self.box.show_linked(self._linked(self._line))

    def _come_back_to(self, segment: SegmentId) -> None:
        """Show what became of a segment, if it is still there; else stay at its place."""
        place = self.lines.place_of(segment)
        if place is None:
            self._show_line(None)
            self.table.go_to(min(self.table.place or 0, len(self.lines.rows) - 1))
            return
        if self.table.place != place:
            self.table.go_to(place)
        self._on_line(self.lines.row(place))

    def _on_place(self, place: int) -> None:
        self.acting.save()
        self._show_line(self.lines.row(place) if place >= 0 else None)

    def _show_line(self, line: SegmentLine | None) -> None:
        self.acting.visit(line)
        self._line = line
        self.box.show_line(line)
        if line is None or self.interview is None:
            return
        self._places[self.interview.id] = line.id
        self.finder.stand_at(line.number)
        self.box.show_linked(self._linked(line))
        if self.box.may_edit:
            self._ask_for_machine()
            self._shade(line)
            if not self._is_following:  # what plays goes on from the segment that one goes to
                self.hearing.show_at(line.media, line.start_ms)
            self._ask_for_words(line)

    def _ask_for_words(self, line: SegmentLine) -> None:
        def take(words: tuple[WordTime, ...]) -> None:
            if self._line is not None and self._line.id == line.id:
                self.editor.set_times(words, line.text)

        self.context.desk.ask(
            self, lambda vault: words_of(vault, row_now(vault, line)), take, key="words"
        )

    def _ask_for_machine(self) -> None:
        """Show what the machine wrote, while somebody wants to see it."""
        line = self._line
        if line is None or not (self.box.may_edit and self.box.show_machine.isChecked()):
            return

        def take(found: list[MachineWords]) -> None:
            if self._line is not None and self._line.id == line.id:
                self.box.machine.show_words(found)

        self.context.desk.ask(
            self, lambda vault: machine_words(vault, line.row), take, key="machine"
        )

    def _linked(self, line: SegmentLine) -> str:
        """Return what a segment renders, and by what it is rendered, with the words."""
        found = []
        for link in self._links:
            if line.id == link.rendition:
                number, words = link.source_number, self.tr("Renders segment {number}: {words}")
            elif line.id == link.source:
                number, words = (
                    link.rendition_number,
                    self.tr("Rendered in segment {number}: {words}"),
                )
            else:
                continue
            if 1 <= number <= len(self.lines.rows):
                other = f"\u2068{self.lines.row(number - 1).text}\u2069"  # in its own direction
                found.append(words.format(number=number, words=other))
        return "\n".join(found)

    def _on_line(self, line: SegmentLine) -> None:
        """Take the new state of a segment; what is being typed in it stays."""
        self.lines.update_row(line)
        self.show_count()
        if self._line is None or self._line.id != line.id:
            return
        before, self._line = self._line, line
        self.acting.stay(line)
        if (before.start_ms, before.end_ms) != (line.start_ms, line.end_ms):
            self._shade(line)
        if before.text != line.text and not self.editor.is_changed:
            if self.editor.words() != line.text:
                self.editor.show_words(line.text, is_editable=self.box.may_edit)
            self._ask_for_words(line)
        self.box.offer(line)

    def _on_advanced(self, owner: QObject) -> None:  # noqa: ARG002  # whose job does not matter
        if self.isVisible() and not self._look.isActive():
            self._look.start()

    # --- acting --------------------------------------------------------------------------------

    def _on_reshaped(self, segment: SegmentId) -> None:
        """Show the segments anew, at the one that came of it."""
        self._show_line(None)
        if self.interview is not None:
            self._places[self.interview.id] = segment
        self.refresh()

    def _on_refused(self) -> None:
        """Show times and speaker as they are again; words that could not be saved stay."""
        if self._line is not None:
            self.box.offer(self._line)
            self._shade(self._line)

    def _shade(self, line: SegmentLine) -> None:
        if self.box.may_edit:
            self.hearing.set_stretch(line.media, line.start_ms, line.end_ms)

    def _on_heard(self, segment: SegmentId) -> None:
        if self._line is not None and self._line.id == segment:
            self._step(1)

    def _step(self, by: int) -> None:
        self.table.go_to((self.table.place or 0) + by)

    def _on_next_open(self) -> None:
        """Go to the next segment that is empty or that nobody heard, round to the beginning."""
        rows, first = self.lines.rows, (self.table.place or 0) + 1
        for place in [*range(first, len(rows)), *range(min(first, len(rows)))]:
            if rows[place].is_open:
                self.table.go_to(place)
                return
        self.context.notices.say(self.tr("Every segment of this transcript was heard."))

    def _on_confirm(self) -> None:
        """Say that the segment was heard, and go on; where it was heard before, go on."""
        if self._line is not None and self.box.confirm.isEnabled():
            self.acting.hear()
        elif self._line is not None and not self._line.is_open:
            self._step(1)

    def _on_moved(self, media: MediaId, ms: int) -> None:
        line = self._line
        if line is not None and line.media == media and line.start_ms <= ms < line.end_ms:
            self.editor.mark_spoken(ms if self.hearing.is_playing else None)
        elif self.follow.isChecked() and self.hearing.is_playing and not self.editor.is_changed:
            self._follow(media, ms)

    def _follow(self, media: MediaId, ms: int) -> None:
        """Go on to the segment that is spoken now; in a pause stay where one is."""
        first = self.table.place or 0
        rows = self.lines.rows
        near = [*range(first, len(rows)), *range(first)]
        for place in near:
            line = rows[place]
            if line.media == media and line.start_ms <= ms < line.end_ms:
                self._is_following = True
                self.table.go_to(place)
                self._is_following = False
                return

    def _on_taken_back(self) -> None:
        """Show what was taken back; more of it begins with the segment that one is at."""
        if self.interview is not None:
            self.acting.save()
            dialog = TakenBackDialog(
                self.context, self, self.interview.id, self.lines.rows, self.table.place or 0
            )
            dialog.changed.connect(self.refresh)
            dialog.open()

    def _on_find_wanted(self, *, replacing: bool) -> None:
        self.finder.show_replacing(is_on=replacing and self.box.may_edit)
        self.search.setFocus()
        self.search.selectAll()

    def _on_found(self, shown: Shown) -> None:
        """Go to a place and choose its words."""
        place = self.lines.place_of(shown.found.id)
        if place is not None:
            self.table.go_to(place)
            if self.editor.words() == self.lines.row(place).text:
                self.editor.choose(shown.found.start, shown.found.end)

    def _on_replace(self, shown: Shown | None) -> None:
        if self.box.may_edit:
            self.acting.replace(self.finder.wanted, self.finder.new.text(), shown)
