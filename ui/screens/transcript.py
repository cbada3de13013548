"""The transcript (S5): hear it, correct it, say that you heard it.

Whatever is typed is handed to the desk after two seconds of rest, on each change of segment and on
leaving. Each save is one signed change; the machine's own words stay beside it for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSplitter,
    QWidget,
)

from intake.capture.interviews import list_present
from intake.text import DraftText
from intake.transcript import editing, reshaping
from intake.transcript.reading import SegmentLine, read_line, read_lines, words_of
from ui.keys import SPEAKERS, Act
from ui.models.rows import Column, RowsModel
from ui.screens.base import Screen
from ui.widgets.hearing import Hearing
from ui.widgets.segment_box import SegmentBox
from ui.widgets.segment_editor import split_place
from ui.widgets.table import Table
from ui.wording import clock, is_right_to_left

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QObject

    from intake.capture.interviews import InterviewId, Present
    from intake.opening import Vault
    from intake.transcript.reading import MediaId, SegmentId, SegmentRow, WordTime
    from ui.context import Context, InterviewRef

_Result = TypeVar("_Result")
_LOOK_AGAIN_MS: Final = 1_000
_WINDOW_FULL: Final = 60


@dataclass(frozen=True, slots=True)
class _Read:
    """An interview as it was read: its segments, and who was there."""

    interview: InterviewId
    lines: list[SegmentLine]
    present: list[Present]


class TranscriptScreen(Screen):
    """A table of segments, the words of one below it, the player above."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._line: SegmentLine | None = None
        self._is_following = False
        self._places: dict[str, SegmentId] = {}
        self.hearing = Hearing(context)
        self.box = SegmentBox(context)
        self.editor = self.box.editor
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Find in this transcript"))
        self.search.setAccessibleName(self.tr("Find in this transcript"))
        self.search.setClearButtonEnabled(True)
        self.follow = QCheckBox(self.tr("Follow the sound"))
        self.follow.setChecked(True)
        self.count = QLabel()
        self.count.setAccessibleName(self.tr("How far this transcript is"))
        self.lines = RowsModel[SegmentLine](self._columns(), lambda line: line.id)
        self.table = Table(self.lines, self.tr("Segments"), widths=(5, 10, 16, 0, 26), lines=2)
        self.empty = QLabel(
            self.tr(
                "Nothing is transcribed yet. The interview's page imports a recording and turns it "
                "into a draft; its segments arrive here while that goes on."
            )
        )
        self.empty.setWordWrap(True)
        self._lay_out()
        self._connect()
        self._look = QTimer(self)
        self._look.setSingleShot(True)
        self._look.setInterval(_LOOK_AGAIN_MS)
        self._look.timeout.connect(self.refresh)

    def _lay_out(self) -> None:
        self.page.addWidget(self.hearing)
        row = QHBoxLayout()
        row.addWidget(self.search, stretch=1)
        row.addWidget(self.follow)
        row.addWidget(self.count)
        self.page.addLayout(row)
        self.page.addWidget(self.empty)
        self.parts = QSplitter()
        self.parts.setOrientation(Qt.Orientation.Vertical)
        self.parts.setChildrenCollapsible(False)
        self.parts.addWidget(self.table)
        self.parts.addWidget(self.box)
        self.parts.setStretchFactor(0, 3)
        self.parts.setStretchFactor(1, 2)
        self.page.addWidget(self.parts, stretch=1)
        self.page.addStretch(0)

    def _connect(self) -> None:
        keys, edit = self.context.keys, self.editor.edit
        acts: list[tuple[QWidget, Act, Callable[[], object]]] = [
            (edit, Act.SPLIT, self._on_split),
            (self, Act.MERGE, self._on_merge),
            (self, Act.PREVIOUS, lambda: self._step(-1)),
            (self, Act.NEXT, lambda: self._step(1)),
            (self, Act.CONFIRM, self._on_confirm),
            (self, Act.UNCONFIRM, self._on_take_back),
            (edit, Act.TIME_MARK, self._on_time_mark),
            (edit, Act.UNCLEAR, self._on_unclear),
            (self, Act.FIND, self._on_find_wanted),
            (self, Act.SAVE, self._save),
            (self, Act.PLAY_HERE, self._on_play_here),
        ]
        for widget, act, slot in acts:
            keys.bind(widget, act, slot)
        for number, act in enumerate(SPEAKERS):
            keys.bind(self, act, partial(self._on_speaker_key, number))
        self.hearing.bind_keys(self)
        self.hearing.moved.connect(self._on_moved)
        for button, slot in (
            (self.box.split, self._on_split),
            (self.box.merge, self._on_merge),
            (self.box.unclear, self._on_unclear),
            (self.box.confirm, self._on_confirm),
            (self.box.take_back, self._on_take_back),
        ):
            button.clicked.connect(slot)
        self.box.speaker.activated.connect(self._on_speaker)
        self.table.current_changed.connect(self._on_place)
        self.table.opened.connect(lambda _: edit.setFocus())
        self.editor.rested.connect(self._save)
        self.search.returnPressed.connect(self._on_find)
        self.context.jobs.advanced.connect(self._on_advanced)

    def _columns(self) -> list[Column[SegmentLine]]:
        return [
            Column("#", lambda line: str(line.number)),
            Column(self.tr("Time"), lambda line: clock(line.start_ms)),
            Column(self.tr("Speaker"), lambda line: line.speaker or "-"),
            Column(
                self.tr("Text"), lambda line: line.text, lambda line: is_right_to_left(line.text)
            ),
            Column(self.tr("State"), self.box.state_of),
        ]

    # --- showing -------------------------------------------------------------------------------

    def open(self, interview: InterviewRef | None) -> None:
        """Read the interview; come back to the segment that was left."""
        if interview != self.interview:
            self.lines.set_rows(())
            self._show_line(None)
            self.hearing.silence()
        super().open(interview)
        if interview is not None:
            self.hearing.open_interview(interview)
            self.refresh()

    def leave(self) -> None:
        """Hand over what was typed."""
        self._save()
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
            return _Read(wanted, lines, list_present(vault, wanted))

        if not self.lines.rows and wanted not in self._places:
            # A window full first: reading ten thousand takes as long as a person notices.
            self.context.desk.ask(self, partial(read, at_most=_WINDOW_FULL), self._on_read)
        self.context.desk.ask(self, partial(read, at_most=-1), self._on_read, key="read")

    def _on_read(self, read: _Read) -> None:
        if self.interview is None or read.interview != self.interview.id:
            return
        self.box.show_present(read.present)
        self.lines.set_rows(read.lines)
        self.empty.setVisible(not read.lines)
        self.parts.setVisible(bool(read.lines))
        self._count()
        if self._line is None and read.lines:
            last = self.lines.place_of(self._places.get(read.interview))
            self.table.go_to(last or 0)
            self.table.setFocus()
        elif self._line is not None:
            self._come_back_to(self._line.id)

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

    def _count(self) -> None:
        heard = sum(line.is_heard and not line.is_draft for line in self.lines.rows)
        self.count.setText(
            self.tr("{heard} of {all} heard").format(heard=heard, all=len(self.lines.rows))
        )

    def _on_place(self, place: int) -> None:
        self._save()
        self._show_line(self.lines.row(place) if place >= 0 else None)

    def _show_line(self, line: SegmentLine | None) -> None:
        self._line = line
        self.box.show_line(line)
        if line is None or self.interview is None:
            return
        self._places[self.interview.id] = line.id
        if self.box.may_edit:
            self.hearing.set_stretch(line.media, line.start_ms, line.end_ms)
            if not self._is_following:  # what plays goes on from the segment that one goes to
                self.hearing.show_at(line.media, line.start_ms)
            self._ask_for_words(line)

    def _ask_for_words(self, line: SegmentLine) -> None:
        def take(words: tuple[WordTime, ...]) -> None:
            if self._line is not None and self._line.id == line.id:
                self.editor.set_times(words, line.text)

        self.context.desk.ask(
            self, lambda vault: words_of(vault, _row(vault, line)), take, key="words"
        )

    def _on_line(self, line: SegmentLine) -> None:
        """Take the new state of a segment; what is being typed in it stays."""
        self.lines.update_row(line)
        self._count()
        if self._line is None or self._line.id != line.id:
            return
        before, self._line = self._line, line
        if before.text != line.text and not self.editor.is_changed:
            if self.editor.words() != line.text:
                self.editor.show_words(line.text, is_editable=self.box.may_edit)
            self._ask_for_words(line)
        self.box.offer(line)

    def _on_advanced(self, owner: QObject) -> None:  # noqa: ARG002  # whose job does not matter
        if self.isVisible() and not self._look.isActive():
            self._look.start()

    # --- saving --------------------------------------------------------------------------------

    def _save(self) -> None:
        """Hand the words to the desk, if they are not the vault's; in front of all that follows."""
        self.editor.stop_waiting()
        line = self._line
        if line is not None and self.box.may_edit and self.editor.is_changed:
            self._act(line, lambda _: None)

    def _act(
        self,
        line: SegmentLine,
        act: Callable[[Vault], object],
        then: Callable[[], object] = lambda: None,
    ) -> None:
        """Save, then do something with one segment, then show what became of it."""

        def work(vault: Vault) -> SegmentLine:
            act(vault)
            return read_line(vault, line.row.interview, line.id, number=line.number)

        def done(new: SegmentLine) -> None:
            self.context.saved()
            self._on_line(new)
            then()

        self._ask(line, work, done)

    def _reshape(self, line: SegmentLine, work: Callable[[Vault], SegmentId]) -> None:
        """Save, then split or merge, then show the segments anew."""

        def done(segment: SegmentId) -> None:
            self.context.saved()
            self._show_line(None)
            if self.interview is not None:
                self._places[self.interview.id] = segment
            self.refresh()

        self._ask(line, work, done)

    def _ask(
        self,
        line: SegmentLine,
        work: Callable[[Vault], _Result],
        done: Callable[[_Result], object],
    ) -> None:
        """Save what is typed and do the work, or neither: a cut counts in the new words."""
        typed = self.editor.words() if self.box.may_edit and self.editor.is_changed else None
        self.editor.saved(self.editor.edit.words())

        def both(vault: Vault) -> _Result:
            if typed is not None:
                editing.save_text(vault, _row(vault, line), DraftText(typed))
            return work(vault)

        def refused(error: Exception) -> None:
            self.context.notices.refuse(error)
            if typed is not None and self._line is not None and self._line.id == line.id:
                self.editor.saved(line.text)  # what stands there counts as not saved again

        self.context.desk.ask(self, both, done, failed=refused)

    # --- acting --------------------------------------------------------------------------------

    def _step(self, by: int) -> None:
        self.table.go_to((self.table.place or 0) + by)

    def _on_confirm(self) -> None:
        line = self._line
        if line is None or not self.box.confirm.isEnabled():
            return
        self._act(
            line,
            lambda vault: editing.confirm_heard(vault, line.row.interview, [_row(vault, line)]),
            lambda: self._step(1) if self._line and self._line.id == line.id else None,
        )

    def _on_take_back(self) -> None:
        line = self._line
        if line is not None and self.box.take_back.isEnabled():
            self._act(
                line,
                lambda vault: editing.take_back_heard(
                    vault, line.row.interview, [_row(vault, line)]
                ),
            )

    def _on_split(self) -> None:
        line = self._line
        if line is None or not self.box.may_edit:
            return
        edit = self.editor.edit
        at = split_place(self.editor.words(), edit.textCursor().position())
        self._reshape(line, lambda vault: reshaping.split_segment(vault, _row(vault, line), at)[1])

    def _on_merge(self) -> None:
        line, place = self._line, self.table.place
        if line is None or not place or not self.box.may_edit:
            return
        before = self.lines.row(place - 1)
        self._reshape(
            line,
            lambda vault: reshaping.merge_segments(vault, _row(vault, before), _row(vault, line)),
        )

    def _on_speaker(self, at: int) -> None:
        line, code = self._line, str(self.box.speaker.itemData(at) or "")
        if line is None:
            return
        if not code:
            self.box.offer(line)  # a speaker, once named, can be changed and not taken away
            return
        self._act(
            line,
            lambda vault: editing.set_speaker(vault, _row(vault, line), code),
        )

    def _on_speaker_key(self, number: int) -> None:
        if self.box.speaker.isEnabled() and number + 1 < self.box.speaker.count():
            self.box.speaker.setCurrentIndex(number + 1)
            self._on_speaker(number + 1)

    def _on_time_mark(self) -> None:
        if self.box.may_edit and self._line is not None:
            self.editor.insert_time(self.hearing.position[1])

    def _on_unclear(self) -> None:
        if self.box.may_edit and self._line is not None:
            self.editor.mark_unclear(self.hearing.position[1])
            self.editor.edit.setFocus()

    def _on_play_here(self) -> None:
        if self._line is not None:
            ms = self.editor.spoken_at_cursor()
            self.hearing.play_from(self._line.media, self._line.start_ms if ms is None else ms)

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

    def _on_find_wanted(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    def _on_find(self) -> None:
        """Go to the next segment with these words, from the one after the current one on."""
        wanted = self.search.text().casefold()
        rows, first = self.lines.rows, (self.table.place or 0) + 1
        for place in [*range(first, len(rows)), *range(min(first, len(rows)))]:
            if wanted and wanted in rows[place].text.casefold():
                self.table.go_to(place)
                return
        if wanted:
            self.context.notices.say(self.tr("These words stand in no segment."))


def _row(vault: Vault, line: SegmentLine) -> SegmentRow:
    """Return a segment as it is now: what was asked for before may have changed it."""
    return read_line(vault, line.row.interview, line.id, number=line.number).row
