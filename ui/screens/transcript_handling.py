"""What keys and buttons do with the segment that one is at: cut, merge, time, name, mark, play."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject

from ui.keys import SPEAKERS, Act
from ui.widgets.segment_editor import split_place

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from intake.transcript.reading import SegmentLine
    from ui.screens.transcript_page import TranscriptPage

_SHORTEST_INSERT_MS: Final = 1_000


class Handling(QObject):
    """Turns what a person presses on the transcript's page into acts; nothing without a segment."""

    def __init__(self, page: TranscriptPage) -> None:
        super().__init__(page)
        self._page = page
        self._acting = page.acting
        self._box = page.box
        self._editor = page.editor
        self._hearing = page.hearing

    def bind(self) -> None:
        """Give each act its key and its button."""
        box, edit, page = self._box, self._editor.edit, self._page
        acts: list[tuple[QWidget, Act, Callable[[], object]]] = [
            (edit, Act.SPLIT, self._on_split),
            (page, Act.MERGE, self._on_merge),
            (page, Act.INSERT, self._on_insert),
            (page, Act.UNCONFIRM, self._on_unhear),
            (page, Act.BEGINS_HERE, lambda: self._on_edge(is_start=True)),
            (page, Act.ENDS_HERE, lambda: self._on_edge(is_start=False)),
            (edit, Act.TIME_MARK, self._on_time_mark),
            (edit, Act.UNCLEAR, self._on_unclear),
            (edit, Act.MARK, box.mark.showMenu),
            (page, Act.PLAY_HERE, self._on_play_here),
        ]
        for widget, act, slot in acts:
            page.context.keys.bind(widget, act, slot)
        for number, act in enumerate(SPEAKERS):
            page.context.keys.bind(page, act, partial(self._on_speaker_key, number))
        for button, slot in (
            (box.split, self._on_split),
            (box.merge, self._on_merge),
            (box.insert, self._on_insert),
            (box.unclear, self._on_unclear),
            (box.take_back, self._on_unhear),
        ):
            button.clicked.connect(slot)
        box.speaker.activated.connect(self._on_speaker)
        box.mark_chosen.connect(self._on_mark)
        box.times.entered.connect(self._acting.retime)
        self._hearing.edge_moved.connect(self._on_edge_moved)

    @property
    def _line(self) -> SegmentLine | None:
        return self._acting.line

    def _on_unhear(self) -> None:
        if self._line is not None and self._box.take_back.isEnabled():
            self._acting.unhear()

    # --- which segments there are --------------------------------------------------------------

    def _on_split(self) -> None:
        if self._line is not None and self._box.may_edit:
            units = self._editor.edit.textCursor().position()
            self._acting.split(split_place(self._editor.words(), units))

    def _on_merge(self) -> None:
        place = self._page.table.place
        if self._line is not None and place and self._box.merge.isEnabled():
            self._acting.merge(self._page.lines.row(place - 1))

    def _on_insert(self) -> None:
        """Put an empty segment behind this one: up to the next one, or a second of sound."""
        line, place = self._line, self._page.table.place
        if line is None or place is None or not self._box.insert.isEnabled():
            return
        rows = self._page.lines.rows
        following = rows[place + 1] if place + 1 < len(rows) else None
        start, end = line.end_ms, line.end_ms + _SHORTEST_INSERT_MS
        if following is not None and following.media == line.media:
            end = following.start_ms
        media, length = self._hearing.position[0], self._hearing.player.length_ms
        if media == line.media and length:
            end = min(end, length)
        if end <= start:  # no sound between: the last moment of this one
            start, end = max(line.start_ms, line.end_ms - 1), line.end_ms
        self._acting.insert(line.media, start, end)

    # --- its times and its speaker -------------------------------------------------------------

    def _on_edge(self, *, is_start: bool) -> None:
        """Let the segment begin, or end, where the sound is."""
        line, (media, ms) = self._line, self._hearing.position
        if line is not None and media == line.media and self._box.may_hear:
            self._acting.retime(*((ms, line.end_ms) if is_start else (line.start_ms, ms)))

    def _on_edge_moved(self, start_ms: int, end_ms: int) -> None:
        """Take the times to which somebody dragged the edges in the waveform."""
        line = self._line
        if line is not None and self._box.may_hear and line.media == self._hearing.position[0]:
            self._acting.retime(start_ms, end_ms)

    def _on_speaker(self, at: int) -> None:
        if self._line is not None:
            self._acting.name(str(self._box.speaker.itemData(at) or "") or None)

    def _on_speaker_key(self, number: int) -> None:
        if self._box.speaker.isEnabled() and number + 1 < self._box.speaker.count():
            self._box.speaker.setCurrentIndex(number + 1)
            self._on_speaker(number + 1)

    # --- its words and its sound ---------------------------------------------------------------

    def _on_time_mark(self) -> None:
        if self._box.may_edit and self._line is not None:
            self._editor.insert_time(self._hearing.position[1])

    def _on_unclear(self) -> None:
        if self._box.may_edit and self._line is not None:
            self._editor.mark_unclear(self._hearing.position[1])
            self._editor.edit.setFocus()

    def _on_mark(self, form: str) -> None:
        if self._box.may_edit and self._line is not None:
            self._editor.insert_mark(form, self._hearing.position[1])

    def _on_play_here(self) -> None:
        if self._line is not None:
            ms = self._editor.spoken_at_cursor()
            self._hearing.play_from(self._line.media, self._line.start_ms if ms is None else ms)
