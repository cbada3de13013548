"""One interview (S4 without the recorder): who was there, consent, recordings, transcription."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QWidget

from intake.capture.interviews import add_present, end_session
from intake.consent.setting import NO_CLASS, answers, set_answer
from intake.errors import ConsentMissingError, NotClearedError, NotYourRoleError
from intake.statement.overview import NextStep
from intake.transcript.models import list_models
from ui.bringing import Bringing
from ui.capturing import place_of
from ui.context import Place
from ui.messages import sentence
from ui.models.interview_page import (
    InterviewPage,
    Recording,
    read_page,
    read_recordings,
)
from ui.screens.base import Screen
from ui.screens.interview_begin import Beginning
from ui.screens.interview_sound import SoundJobs
from ui.theme import GRID, primary
from ui.widgets.closing import ClosingDialog
from ui.widgets.consent_grid import ConsentGrid
from ui.widgets.erasing import EraseDialog
from ui.widgets.presence import Presence
from ui.widgets.recordings import Recordings, Transcription
from ui.widgets.second import SecondDialog
from ui.widgets.start_box import StartBox
from ui.widgets.two_columns import TwoColumns
from ui.widgets.voices import VoicesDialog
from ui.wording import next_step, words_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from intake.capture.interviews import InterviewId
    from intake.opening import Vault
    from ui.context import Context, InterviewRef
    from ui.widgets.recordings import Choice

_LOOK_AFTER_MS: Final = 1000
"""How long after a job's report the list looks at what it stored: reports come in bursts."""


class InterviewScreen(Screen):
    """Left: people, recordings, transcription; right: the consent grid; below: the ways on."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._page: InterviewPage | None = None
        self.sound = SoundJobs(context, self)
        self._look = QTimer(self)
        self._look.setSingleShot(True)
        roles = context.who.roles
        self._may_enter = "interviewer" in roles
        self._may_record = self._may_enter and context.who.is_cleared
        self.facts = self._plain_label(self.tr("About this interview"))
        self.step = self._plain_label(self.tr("Next step"))
        self.limits = self._plain_label(self.tr("What you may do here"))
        self.begin = StartBox()
        self.beginning = Beginning(context, self.begin, self)
        self.presence = Presence()
        self.recordings = Recordings()
        self.bringing = Bringing(context, self)
        self.transcription = Transcription()
        self.consent = ConsentGrid(context.keys, lambda: context.preferences().look)
        self.erase = QPushButton(self.tr("Erase this interview..."))
        self.second = QPushButton(self.tr("Look with a second person..."))
        self.voices = QPushButton(self.tr("Who speaks..."))
        self.to_transcript = QPushButton(self.tr("Go to the transcript"))
        self.to_review = QPushButton(self.tr("Go to the review"))
        self._lay_out()
        # Only now: shown without a parent it would be a window of its own for a moment.
        self.erase.setVisible(context.who.is_cleared and "custodian" in context.who.roles)
        self.second.hide()
        self._wire()
        self._allow()
        self._fit_heights()
        self._show_empty()

    def _plain_label(self, name: str) -> QLabel:
        label = QLabel()
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setAccessibleName(name)
        return label

    def _lay_out(self) -> None:
        bold = self.step.font()
        bold.setBold(True)
        self.step.setFont(bold)
        self.step.setWordWrap(False)
        top = QHBoxLayout()
        top.addWidget(self.facts, stretch=1)
        top.addWidget(self.step)
        self.page.addLayout(top)
        self.page.addWidget(self.limits)
        self.page.addWidget(self.begin)
        left = (self.presence, self.recordings, self.transcription)
        self.area = TwoColumns(left, self.consent)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.page.addWidget(self.area, stretch=1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.erase)
        buttons.addWidget(self.second)
        buttons.addStretch(1)
        buttons.addWidget(self.voices)
        buttons.addWidget(self.to_transcript)
        buttons.addWidget(self.to_review)
        self.page.addLayout(buttons)

    def _wire(self) -> None:
        self.presence.person_wanted.connect(self._on_person)
        self.presence.end_wanted.connect(self._on_end)
        self.presence.close_wanted.connect(partial(self._ask, ClosingDialog, self._on_left))
        self.erase.clicked.connect(lambda: self._ask(EraseDialog, self._on_erased))
        self.second.clicked.connect(lambda: self._ask(SecondDialog, self.refresh))
        self.voices.clicked.connect(lambda: self._ask(VoicesDialog, self.refresh))
        self.consent.answered.connect(self._on_answered)
        self.consent.table.current_changed.connect(self._see_question)
        self.recordings.import_wanted.connect(self._on_import)
        self.recordings.more_wanted.connect(self.bringing.choose)
        self.recordings.exhibits_wanted.connect(self.bringing.exhibits)
        self.bringing.changed.connect(self.refresh)
        self.transcription.model_wanted.connect(self._on_other_model)
        self.transcription.start_wanted.connect(self._on_transcribe)
        self.to_transcript.clicked.connect(lambda: self.context.go(Place.TRANSCRIPT, None))
        self.to_review.clicked.connect(lambda: self.context.go(Place.REVIEW, None))
        self.sound.changed.connect(self.refresh)
        self.area.text_size_changed.connect(self._fit_heights)
        self.context.jobs.advanced.connect(self._on_advanced)
        self._look.timeout.connect(self._look_again)

    def _allow(self) -> None:
        """Grey out what this member may not do, and say so once."""
        self.begin.allow(may_record=self._may_record)
        self.presence.allow(may_change=self._may_enter)
        self.consent.allow(may_answer=self._may_enter)
        self.transcription.allow(may_start=self._may_record)
        self.recordings.bring.setEnabled(self._may_record)
        self.recordings.more.setEnabled(self._may_record)
        self.limits.setVisible(not self._may_record)
        error = NotClearedError() if self._may_enter else NotYourRoleError()
        words = (
            self.tr("To import and to transcribe: {why}")
            if self._may_enter
            else self.tr("To change something here: {why}")
        )
        self.limits.setText(words.format(why=sentence(error)))

    # --- showing -------------------------------------------------------------------------------

    def open(self, interview: InterviewRef | None) -> None:
        """Read everything anew each time: other screens and jobs moved things on."""
        is_another = self.interview != interview
        super().open(interview)
        if is_another:
            self._show_empty()
        if interview is not None:
            self.beginning.open(interview.id)
        self.refresh(then=self._take_focus)
        self.context.desk.run(self, list_models, self.transcription.show_models, key="models")

    def leave(self) -> None:
        """Nothing is typed here that is not saved by its own button."""

    def refresh(self, then: Callable[[], object] | None = None) -> None:
        """Read the vault again."""
        if self.interview is None:
            return
        interview = self.interview.id
        self.context.desk.ask(
            self,
            lambda vault: read_page(vault, interview),
            lambda page: self._on_page(page, then),
            key="read",
        )

    def _parts(self) -> tuple[QWidget, ...]:
        """Return what waits for the page: focus goes to none of it before."""
        boxes = (self.begin, self.presence, self.consent, self.recordings, self.transcription)
        return (*boxes, self.erase, self.second)

    def _show_empty(self) -> None:
        self._page = None
        self.facts.clear()
        self.step.clear()
        self.presence.clear()
        self.consent.show_answers({})
        self.consent.to_first_open()
        self.recordings.show_recordings(())
        self.transcription.forget()
        for part in self._parts():
            part.setEnabled(False)

    def _on_page(self, page: InterviewPage, then: Callable[[], object] | None) -> None:
        if self.interview is None or page.line.id != self.interview.id:
            return
        is_first = self._page is None
        self._page = page
        for part in self._parts():
            part.setEnabled(True)
        self.facts.setText(self._facts(page))
        self.step.setText(self.tr("Next: {step}").format(step=next_step(page.line)))
        self.second.setVisible(page.asks_for_second)
        self.presence.show_page(page)
        self.consent.show_answers(page.answers)
        if is_first:
            self.consent.to_first_open()
        self._show_recordings(page.recordings)
        self.transcription.show_spoken(page.spoken)
        self.recordings.note.setText(self._note(page))
        self._mark_next(page.line.next)
        if then is not None:
            then()

    def _show_recordings(self, recordings: tuple[Recording, ...]) -> None:
        self.recordings.show_recordings(recordings)
        self.transcription.show_recordings(recordings)
        interview = self.interview
        is_running = interview is not None and self.sound.is_transcribing(interview.id)
        self.transcription.show_running(is_running=is_running)

    def _facts(self, page: InterviewPage) -> str:
        words = self.tr("{kind}, {month}, {state}.").format(
            kind=words_for(page.line.kind),
            month=page.line.month,
            state=words_for(page.line.state),
        )
        if page.exact is None:
            return words
        if page.exact.start:
            words += " " + self.tr("Began {time}.").format(time=_readable(page.exact.start))
        if page.exact.place:
            # The isolates keep a name in another script from turning the sentence around it.
            place = f"\u2068{page.exact.place}\u2069"
            words += " " + self.tr("Place: {place}.").format(place=place)
        return words

    def _note(self, page: InterviewPage) -> str:
        if not _may_keep(page):
            return self.tr("First ask whether what is said may be kept (question 1).")
        return self.tr("A file stays where it was, unsealed: see to it.")

    def _mark_next(self, step: NextStep) -> None:
        """Give the button of the next step the look of the one that the screen is for."""
        wanted = {
            NextStep.IMPORT: self.recordings.bring,
            NextStep.TRANSCRIBE: self.transcription.start,
            NextStep.REVIEW: self.to_review,
        }.get(step, self.to_transcript)
        for button in (
            self.recordings.bring,
            self.transcription.start,
            self.to_review,
            self.to_transcript,
        ):
            if button is wanted:
                primary(button)
            else:
                button.setProperty("kind", None)
                button.setDefault(False)
            button.style().unpolish(button)
            button.style().polish(button)

    def _take_focus(self) -> None:
        """Put the focus where the work goes on: consent first, since all else waits for it."""
        if self._page is None:
            return
        step = self._page.line.next
        if self._may_enter and not _may_keep(self._page):
            self.consent.table.setFocus()
            self._see_question(self.consent.table.place or 0)
        elif step is NextStep.IMPORT and self._may_record:
            self._to(self.recordings.bring)
        elif step is NextStep.TRANSCRIBE and self._may_record:
            self._to(self.transcription.language)
        else:
            self._to(self.to_review if step is NextStep.REVIEW else self.to_transcript)

    def _to(self, widget: QWidget) -> None:
        widget.setFocus()
        if self.area.isAncestorOf(widget):
            self.area.ensureWidgetVisible(widget, 0, GRID)

    def _see_question(self, place: int) -> None:
        """Scroll the page to the question that one answers: larger text makes it long."""
        table = self.consent.table
        if place < 0 or not table.hasFocus():
            return
        row = table.visualRect(table.model().index(place, 0))
        self.area.see(table.viewport(), row.center(), 2 * row.height())

    def _fit_heights(self) -> None:
        self.recordings.fit_height()
        self.consent.fit_height()

    # --- people, end, closing ------------------------------------------------------------------

    def _act(self, act: Callable[[Vault, InterviewId], object]) -> None:
        """Do one thing to the interview in front, and read it again, also when it was refused."""
        if self.interview is None:
            return
        interview = self.interview.id
        self.context.desk.ask(
            self,
            lambda vault: act(vault, interview),
            lambda _: self.refresh(),
            failed=self._on_refused,
        )

    def _on_refused(self, error: Exception) -> None:
        self.context.notices.refuse(error)
        self.refresh()

    def _on_person(self, role: str, is_remote: bool) -> None:
        self._act(lambda vault, one: add_present(vault, one, role=role, is_remote=is_remote))

    def _on_end(self, minutes: int) -> None:
        self._act(lambda vault, one: end_session(vault, one, after=dt.timedelta(minutes=minutes)))

    def _ask(self, dialog: Callable[..., QDialog], then: Callable[..., object]) -> None:
        """Open a dialog about the interview in front; `then` hears how it ended."""
        if self.interview is not None:
            dialog(self.context, self, self.interview, then).open()

    def _on_erased(self) -> None:
        words = self.tr("{code} was erased. Custody shows when, and who signed.")
        code = self.interview.code if self.interview else ""
        self.context.go(Place.WITNESSES, None)
        self.context.notices.say(words.format(code=code))

    def _on_left(self, state: str) -> None:
        closed = self.tr("The interview is closed.")
        unfinished = self.tr("The interview is left unfinished. Close it when the rest is entered.")
        self.context.notices.say(closed if state == "closed" else unfinished)
        self.refresh()

    # --- consent -------------------------------------------------------------------------------

    def _on_answered(self, act: str, of: str, answer: str) -> None:
        if self.interview is None:
            return
        interview = self.interview.id
        place = place_of(self.context.capture.status, interview)

        def record(vault: Vault) -> Mapping[tuple[str, str], str]:
            set_answer(vault, interview, act=act, recipient_class=of, answer=answer, **place)
            return answers(vault, interview)

        self.context.desk.ask(
            self,
            record,
            partial(self._on_recorded, interview),
            failed=partial(self._on_answer_refused, interview, act, of),
        )

    def _on_recorded(self, interview: InterviewId, given: Mapping[tuple[str, str], str]) -> None:
        self.context.saved()
        if self.interview is not None and self.interview.id == interview:
            self.consent.show_answers(given)
            self.refresh()

    def _on_answer_refused(
        self, interview: InterviewId, act: str, of: str, error: Exception
    ) -> None:
        if self.interview is not None and self.interview.id == interview:
            self.consent.go_to(act, of)
        self._on_refused(error)

    # --- recordings ----------------------------------------------------------------------------

    def _on_import(self) -> None:
        if self.interview is None or self._page is None:
            return
        if not _may_keep(self._page):
            self.context.notices.refuse(ConsentMissingError())
            self.consent.table.setFocus()
            self.consent.go_to("keep", NO_CLASS)
            return
        self.context.chooser.open_file(
            self,
            self.tr("Import a recording"),
            self.tr("All files (*)"),
            partial(self.sound.bring, self.interview.id),
        )

    # --- transcription -------------------------------------------------------------------------

    def _on_other_model(self) -> None:
        self.context.chooser.folder(
            self, self.tr("Choose the folder of a speech model"), self.transcription.use_model
        )

    def _on_transcribe(self, choice: Choice) -> None:
        if self.interview is not None:
            self.sound.transcribe(self.interview.id, choice)

    def _on_advanced(self, owner: object) -> None:
        if owner is self.sound and self.isVisible() and not self._look.isActive():
            self._look.start(_LOOK_AFTER_MS)

    def _look_again(self) -> None:
        """Look at what the running job stored."""
        if self.interview is None:
            return
        interview = self.interview.id
        self.context.desk.ask(
            self,
            lambda vault: read_recordings(vault, interview),
            lambda found: self._on_looked(interview, found),
            key="look",
        )

    def _on_looked(self, interview: InterviewId, found: tuple[Recording, ...]) -> None:
        if self.interview is not None and self.interview.id == interview and self._page:
            self._show_recordings(found)


def _may_keep(page: InterviewPage) -> bool:
    return page.answers.get(("keep", NO_CLASS)) == "yes"


def _readable(start: str) -> str:
    """Return a start such as 2026-03-09T14:30:00+05:00 as people read it; else as it stands."""
    try:
        return dt.datetime.fromisoformat(start).isoformat(" ", "minutes")
    except ValueError:
        return start
