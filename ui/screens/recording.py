"""A recording that runs, or an account that is written (S4). One thing in front, the rest quiet.

The recorder is a process of its own: this page only looks at it and tells it what a person wants.
Whatever happens to the page, the recording goes on.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from intake.capture.beginning import Agrees, InterviewId, answer_agreement
from ui.capturing import place_of
from ui.context import Place
from ui.screens.base import Screen
from ui.screens.writing import Writing
from ui.theme import GRID, primary
from ui.widgets.running_box import RunningBox
from ui.widgets.write_box import WriteBox
from ui.wording import clock

if TYPE_CHECKING:
    from intake.capture.recording.frames import MomentKind, Noted, Status
    from ui.capturing import Recorder
    from ui.context import Context, InterviewRef
    from ui.models.recording import RunningView


class RecordingScreen(Screen):
    """Shows what is taken now: sound, written lines, or nothing."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._capture = context.capture
        self._session = ""
        self._is_line_lost = False
        self._said_at_end = ""
        self.running = RunningBox(context.keys)
        self.write = WriteBox()
        self.writing = Writing(context, self.write, self)
        self.nothing = QWidget()
        self.words = QLabel(
            self.tr("Nothing is taken now. Record, Write and Import are on the interview's page.")
        )
        self.words.setWordWrap(True)
        self.to_interview = QPushButton(self.tr("Go to the interview"))
        primary(self.to_interview)
        column = QVBoxLayout(self.nothing)
        column.setSpacing(GRID)
        column.addWidget(self.words)
        column.addWidget(self.to_interview)
        column.addStretch(1)
        self.stack = QStackedWidget()
        for part in (self.nothing, self.running, self.write):
            self.stack.addWidget(part)
        self.page.addWidget(self.stack, stretch=1)
        self._wire()

    def _wire(self) -> None:
        box = self.running
        box.pause_wanted.connect(self._capture.pause_or_go_on)
        box.stop_wanted.connect(partial(self._on_stop, by_witness=False))
        box.stopped_by_witness.connect(partial(self._on_stop, by_witness=True))
        box.moment_wanted.connect(self._on_moment)
        box.line_wanted.connect(self._on_line)
        box.consent_wanted.connect(self._on_consent)
        box.note_wanted.connect(self._on_note)
        box.spoken_no.connect(self._on_no)
        self.writing.ended.connect(self._on_written)
        self.to_interview.clicked.connect(lambda: self.context.go(Place.INTERVIEW, None))
        self._capture.seen.connect(self._on_seen)
        self._capture.ended.connect(self._on_ended)
        self._capture.failed.connect(self.context.notices.refuse)

    # --- showing -------------------------------------------------------------------------------

    def open(self, interview: InterviewRef | None) -> None:
        """Show what is taken, and look closely at it."""
        super().open(interview)
        self._capture.come_close(is_close=True)
        wanted = self._capture.wants_writing
        if wanted is not None and interview is not None and interview.id == wanted:
            self._capture.wants_writing = None
            self.writing.begin(wanted)
        self._on_seen(self._capture.view)
        self._capture.look()

    def leave(self) -> None:
        """Keep what is being typed; the recording goes on."""
        self._capture.come_close(is_close=False)
        self.writing.hand_over()

    def _on_seen(self, view: RunningView | None) -> None:
        status = self._capture.status
        if view is None or status is None:
            is_writing = self.writing.interview is not None
            self.stack.setCurrentWidget(self.write if is_writing else self.nothing)
            return
        if status.session != self._session:
            self._session = status.session
            self._is_line_lost = False
            self.running.begin([self._side(channel.what) for channel in status.channels])
            self.running.note.setFocus()
        elif len(self.running.bars) != len(status.channels):
            self.running.begin([self._side(channel.what) for channel in status.channels])
        self.running.show_view(view)
        if self.writing.interview is None:
            self.stack.setCurrentWidget(self.running)

    def _side(self, what: str) -> str:
        return self.tr("Computer") if what == "computer" else self.tr("Microphone")

    # --- steering ------------------------------------------------------------------------------

    def _on_stop(self, *, by_witness: bool) -> None:
        def stop(recorder: Recorder) -> Status:
            if by_witness:
                recorder.note(self.tr("Stopped at the witness's wish"))
            return recorder.stop()

        self._capture.tell(stop)

    def _on_moment(self, kind: MomentKind) -> None:
        self._capture.tell(
            lambda recorder: recorder.mark(kind), partial(self._on_noted, self._moment_words(kind))
        )

    def _moment_words(self, kind: MomentKind) -> str:
        return {
            "mark": self.tr("mark"),
            "distress": self.tr("distress"),
            "take_back": self.tr("take back: strike the stretch out in the transcript"),
            "line_lost": self.tr("the line is lost"),
            "line_back": self.tr("the line is back"),
            "consent": self.tr("what was agreed changes"),
        }.get(kind, kind)

    def _on_line(self) -> None:
        self._is_line_lost = not self._is_line_lost
        self.running.show_line(is_lost=self._is_line_lost)
        self._on_moment("line_lost" if self._is_line_lost else "line_back")

    def _on_note(self, words: str) -> None:
        def noted(at: Noted) -> None:
            self.running.note.clear()
            self._on_noted(words, at)

        self._capture.tell(lambda recorder: recorder.note(words), noted)

    def _on_noted(self, words: str, at: Noted) -> None:
        self.context.saved()
        place = self.tr("part {n}").format(n=at.part) if at.part > 1 else ""
        self.running.add_line("  ".join(x for x in (clock(at.at_ms), place, words) if x))

    def _on_consent(self) -> None:
        """Mark the moment, then let it be entered; the recording goes on meanwhile."""
        self._on_moment("consent")
        self.context.go(Place.INTERVIEW, None)

    def _on_no(self) -> None:
        """Destroy the part in which the witness said no, and end the recording."""
        status = self._capture.status
        if status is None:
            return
        part = status.part
        self._keep_no(status)

        def destroy(recorder: Recorder) -> Status:
            recorder.destroy_part(part)
            return recorder.stop()

        self._said_at_end = self.tr(
            "That part can never be opened again. A mark without words stays in the record. "
            "Go on with Write, if the witness wants to."
        )
        self._capture.tell(destroy)

    def _keep_no(self, status: Status) -> None:
        """Keep what the witness said, with its place in the recording."""
        if status.interview:
            interview = InterviewId(status.interview)
            place = place_of(status)
            self.context.desk.ask(
                self, lambda vault: answer_agreement(vault, interview, Agrees.NO, **place)
            )

    def _on_ended(self, _last: RunningView) -> None:
        """Go back to the interview, which shows what was recorded once it is filed."""
        self._session = ""
        words, self._said_at_end = self._said_at_end, ""
        if self.isVisible() and self.interview is not None:
            self.context.go(Place.INTERVIEW, None)
        if words:
            self.context.notices.say(words)

    def _on_written(self) -> None:
        self.context.notices.say(
            self.tr("Written down and kept. Read it back line by line on the transcript's page.")
        )
        self.context.go(Place.INTERVIEW, None)
