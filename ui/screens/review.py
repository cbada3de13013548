"""Review (S7): a person decides each form once, in all its places, and can take the last one back.

A decision is signed and append-only once it is in the vault. So the newest one waits here: it is
handed over with the next one, after ten seconds, or on leaving. The list never waits for the vault.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer

from intake.errors import IntakeError, NotClearedError
from intake.review.remembering import Remembered
from ui.clipboard import keep_in
from ui.context import Place
from ui.keys import Act
from ui.models.review_reading import read_names
from ui.models.reviewing import Aim, Round
from ui.name_words import isolated
from ui.screens.base import Screen
from ui.screens.review_finishing import Finishing
from ui.screens.review_reader import ReviewReader
from ui.widgets.review_page import ReviewPage, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtGui import QShowEvent

    from intake.capture.interviews import InterviewId
    from intake.identity.register import FormRegister
    from intake.jobs import Progress
    from intake.review.listing import NameLine
    from intake.text import Kind
    from intake.transcript.segments import SegmentRow
    from ui.context import Context, InterviewRef
    from ui.models.review_reading import ReviewRead
    from ui.models.reviewing import Candidate, Made, Sending

_AROUND_MS: Final = 700
"""What is heard before and after a word: it would not be understood alone."""
_UNDO_MS: Final = 10_000
"""How long a decision can be taken back while nothing follows it."""


class ReviewScreen(Screen):
    """A list of forms on the left, one of them in all its places on the right."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        keep_in(self)
        self._remembered = Remembered()
        self._rounds: dict[InterviewId, Round] = {}
        self._round: Round | None = None
        self._segments: list[SegmentRow] = []
        self._drafts = self._held = 0
        self._later: ReviewRead | None = None
        self._aimed: Aim | None = None
        self._is_read = self._is_new_here = False
        self.view = ReviewPage(context, self._perhaps)
        self.acts, self.contexts = self.view.acts, self.view.contexts
        self.candidates, self.hearing = self.view.candidates, self.view.hearing
        self.page.addWidget(self.view)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(_UNDO_MS)
        self._wait.timeout.connect(lambda: self._send(everything=True))
        self.finishing = Finishing(context, self)
        self.reader = ReviewReader(context, self)
        self.reader.progressed.connect(self._on_progress)
        self.reader.read.connect(self._on_read)
        self._connect()

    def _connect(self) -> None:
        acts = self.acts
        slots: dict[Act, Callable[[], object]] = {
            Act.AS_PROPOSED: self._on_accept,
            Act.HIDE: lambda: self._answer(lambda round_, aim: round_.hide(aim)),
            Act.GENERALISE: self._on_generalise,
            Act.KEEP: self._on_keep,
            Act.NOT_IDENTIFYING: lambda: self._answer(lambda round_, aim: round_.nobody(aim)),
            Act.OTHER_ENTITY: self._on_other,
            Act.MISSED: self._on_missed,
        }
        for act, slot in slots.items():
            acts.buttons[act].clicked.connect(slot)
            self._bind(act, slot)
        self._bind(Act.UNDO, self._on_undo)
        self._bind(Act.PREVIOUS, lambda: self.candidates.step(-1))
        self._bind(Act.NEXT, lambda: self.candidates.step(1))
        self._bind(Act.PLAY_HERE, self._on_play_here)
        self.hearing.bind_keys(self)
        self.contexts.place_changed.connect(self._show_place)
        self.view.undo.clicked.connect(self._on_undo)
        self.view.finish.clicked.connect(self._on_finish)
        self.view.look.clicked.connect(self._on_finish)
        self.view.held.clicked.connect(self._on_take_held)
        self.view.step_button.clicked.connect(lambda: self.context.go(self._next_place(), None))
        self.finishing.changed.connect(self._show)
        self.finishing.done.connect(self._on_vault_changed)
        self.candidates.current_changed.connect(self._show_current)
        self.candidates.table.opened.connect(lambda _: self.contexts.text.setFocus())
        acts.closed.connect(self._on_closed)
        acts.wording.answered.connect(self._on_wordings)
        acts.reason.answered.connect(self._on_reason)
        acts.who.answered.connect(self._on_who)
        acts.missed.new.connect(lambda form, kind: self._on_entered(form, kind, None))
        acts.missed.known.connect(self._on_form_of)

    def _bind(self, act: Act, slot: Callable[[], object]) -> None:
        """Let a key act on the list, never behind a question."""

        def act_now() -> None:
            if self.acts.question is None and self.view.parts.isVisible():
                slot()

        self.context.keys.bind(self, act, act_now)

    # --- reading -------------------------------------------------------------------------------

    def open(self, interview: InterviewRef | None) -> None:
        """Read what is left to decide; what could not be saved last time is given again."""
        super().open(interview)
        if not self.context.who.is_cleared or interview is None:
            self.view.show_refusal(NotClearedError())
            return
        self._rounds = {one: r for one, r in self._rounds.items() if r.waiting or r.sendings}
        if self._round is not None:
            self._rounds.setdefault(self._round.interview, self._round)
        known = self._rounds.setdefault(interview.id, Round(interview.id))
        if known is not self._round:
            self._round, self._is_read, self._later = known, False, None
            self._drafts = self._held = 0
            self._segments = []
            self.acts.close_question()
        self._is_new_here = True
        self.hearing.open_interview(interview)
        self._show()
        self._read()

    def leave(self) -> None:
        """Hand over every decision, also the one that could still be taken back."""
        self.silence()
        self._wait.stop()
        for one in self._rounds.values():
            self._hand_over(one, everything=True)

    def silence(self) -> None:
        """Stop all sound."""
        self.hearing.silence()

    def showEvent(self, event: QShowEvent) -> None:
        """Go on where one was when the window was covered."""
        super().showEvent(event)
        if self._round is not None and not self.context.desk.waiting:
            for sending in tuple(self._round.sendings):  # the answer came while locking, unheard
                self._on_sent(self._round, sending)
        if self.interview is not None and self._round is not None:
            self.hearing.open_interview(self.interview)
        self.reader.resume()

    def _read(self) -> None:
        if self._round is not None:
            self.reader.begin(self._round.interview, self._remembered)

    def _on_progress(self, progress: Progress) -> None:
        if not self._is_read:
            self.view.show_reading(progress)

    def _on_read(self, read: ReviewRead) -> None:
        if self._round is None or read.interview != self._round.interview:
            return
        if self.acts.question is not None:
            self._later = read  # nothing moves under somebody who types
            return
        self._later = None
        self._is_read = True
        self._segments, self._drafts, self._held = read.segments, read.drafts, read.held
        self._round.read(read.asked, read.register, read.names)
        self._show()
        if self._is_new_here and self.isVisible():
            self._is_new_here = False
            self.candidates.table.setFocus()

    # --- showing -------------------------------------------------------------------------------

    def _show(self, key: str = "", at: int | None = None) -> None:
        """Show what is left; `key` and `at` as for `Candidates.show_left`."""
        round_ = self._round
        if round_ is None:
            return
        left = round_.left
        self.candidates.show_left(left, key, at)
        stage = Stage(
            is_read=self._is_read,
            has_segments=bool(self._segments),
            left=len(left),
            drafts=self._drafts,
            held=self._held,
            is_separating=self.finishing.is_separating,
            is_taking=self.finishing.is_taking,
        )
        self.view.show_stage(stage, round_.last)

    def _show_current(self) -> None:
        candidate = self.candidates.current
        line = self._proposed(candidate) if candidate is not None else None
        how = self._round.treatment(line.number) if self._round and line is not None else None
        self.view.show_candidate(candidate, self._segments, line, how)

    def _show_place(self) -> None:
        """Put the sound where the word is, unless something plays: the play key goes on there."""
        candidate, place = self.candidates.current, self.contexts.place
        if candidate is None or place is None:
            return
        said = candidate.said_at(place, self._segments)
        if said is not None:
            self.hearing.set_stretch(said.media, said.start_ms, said.end_ms)
            if not self.hearing.is_playing:
                self.hearing.show_at(said.media, said.start_ms)

    def _on_play_here(self) -> None:
        """Play the word alone, with a little around it."""
        candidate, place = self.candidates.current, self.contexts.place
        said = candidate.said_at(place, self._segments) if candidate and place else None
        if said is not None:
            start = max(0, said.start_ms - _AROUND_MS)
            self.hearing.play_stretch(said.media, start, said.end_ms + _AROUND_MS)

    def _proposed(self, candidate: Candidate) -> NameLine | None:
        if candidate.entity is None or self._round is None:
            return None
        return self._round.names.get(candidate.entity)

    def _perhaps(self, candidate: Candidate) -> str:
        line = self._proposed(candidate)
        return "" if line is None else f"{line.kind.value}{line.number} {isolated(line.shown)}"

    def _next_place(self) -> Place:
        return Place.TRANSCRIPT if self._segments else Place.INTERVIEW

    # --- answering -----------------------------------------------------------------------------

    def _aim(self) -> Aim | None:
        candidate = self.candidates.current
        if candidate is None:
            return None
        numbers = self.contexts.numbers
        if not numbers:
            self.context.notices.say(self.tr("Mark a segment first: no place is chosen."))
            return None
        return Aim(candidate, numbers, self.acts.kind.kind, self.candidates.place)

    def _answer(self, act: Callable[[Round, Aim], Made], aim: Aim | None = None) -> None:
        aim = aim or self._aim()
        if aim is None or self._round is None:
            return
        round_ = self._round
        self._take(lambda: act(round_, aim))

    def _take(self, act: Callable[[], Made]) -> None:
        """Take an answer, unless the vault would refuse it: then say so where it was given."""
        question = self.acts.question
        try:
            made = act()
        except IntakeError as error:
            if question is not None:
                question.refusal.refuse(error)
            else:
                self.context.notices.refuse(error)
            return
        self._wait.start()
        self._send(everything=False)
        if question is not None:
            self.acts.close_question()
        self._show(made.candidate.key if made.candidate else "", made.at)

    def _ask(self, aim: Aim | None) -> bool:
        """Keep what a question is about; False where there is nothing."""
        self._aimed = aim
        return aim is not None

    def _on_accept(self) -> None:
        candidate = self.candidates.current
        if candidate is not None and self._proposed(candidate) is not None:
            self._answer(lambda round_, aim: round_.accept(aim))

    def _on_generalise(self) -> None:
        aim = self._aim()
        if self._ask(aim) and aim is not None and self._round is not None:
            known: Mapping[str, str] = {}
            if aim.candidate.entity is not None:
                known = self._round.treatment(aim.candidate.entity).wordings
            languages = aim.candidate.languages(aim.numbers)
            self.acts.ask(self.acts.wording)
            self.acts.wording.begin({lang: known.get(lang, "") for lang in languages})

    def _on_wordings(self, wordings: Mapping[str, str]) -> None:
        self._answer(lambda round_, aim: round_.generalise(aim, wordings), self._aimed)

    def _on_keep(self) -> None:
        if self._ask(self._aim()):
            self.acts.ask(self.acts.reason)
            self.acts.reason.begin()

    def _on_reason(self, reason: str) -> None:
        self._answer(lambda round_, aim: round_.keep(aim, reason), self._aimed)

    def _on_other(self) -> None:
        if self._ask(self._aim()) and self._round is not None:
            self.acts.ask(self.acts.who)
            self.acts.who.begin(list(self._round.names.values()))
            self._read_names()

    def _on_who(self, number: int) -> None:
        self._answer(lambda round_, aim: round_.other(aim, number), self._aimed)

    def _on_missed(self) -> None:
        if self._round is not None:
            self.acts.ask(self.acts.missed)
            self.acts.missed.begin(self.contexts.selected(), list(self._round.names.values()))
            self._read_names()

    def _on_entered(self, form: str, kind: Kind, entity: int | None) -> None:
        round_ = self._round
        if round_ is not None:
            self._take(lambda: round_.missed(form, kind, entity))

    def _on_form_of(self, form: str, entity: int) -> None:
        line = self._round.names.get(entity) if self._round is not None else None
        if line is not None:
            self._on_entered(form, line.kind, entity)

    def _read_names(self) -> None:
        """Save what was decided until now, so that new names can be chosen as well."""
        self._send(everything=True)
        round_ = self._round
        if round_ is None:
            return

        def then(read: tuple[FormRegister, list[NameLine]]) -> None:
            round_.take_names(*read)
            if round_ is self._round:
                for question in (self.acts.who, self.acts.missed):
                    question.search.take_lines(read[1])

        self.context.desk.ask(self, read_names, then, key="names")

    def _on_closed(self) -> None:
        """Give the keys back to the list, and show what was read meanwhile."""
        self._aimed = None
        self.candidates.table.setFocus()
        if self._later is not None:
            self._on_read(self._later)

    def _on_undo(self) -> None:
        if self._round is None:
            return
        made = self._round.undo()
        if made is None:
            self.context.notices.say(
                self.tr("The last decision is saved. It can be changed under Names.")
            )
            return
        if not self._round.waiting:
            self._wait.stop()
        self._show(made.candidate.key if made.candidate else "")

    # --- handing over --------------------------------------------------------------------------

    def _send(self, *, everything: bool) -> None:
        if self._round is not None:
            if everything:
                self._wait.stop()
            self._hand_over(self._round, everything=everything)

    def _hand_over(self, round_: Round, *, everything: bool) -> None:
        """Let answers be saved; while some are on their way, the others gather."""
        if round_.sendings and not everything:
            return
        sending = round_.send(everything=everything)
        if sending is None:
            return
        self.context.desk.ask(
            self,
            lambda vault: sending.run(vault, round_.interview, self._remembered),
            lambda _: self._on_sent(round_, sending),
            failed=lambda error: self._on_sent(round_, sending, error),
        )

    def _on_sent(self, round_: Round, sending: Sending, error: Exception | None = None) -> None:
        refused = round_.settle(sending)
        for problem in [one for _, one in refused] + ([error] if error else []):
            self.context.notices.refuse(problem)
        if round_ is not self._round:
            return
        if error is not None:
            self._show()
            return  # what is left is handed over with the next decision, or on leaving
        if round_.waiting > 1:
            self._hand_over(round_, everything=False)
        if not round_.waiting and not round_.sendings:
            self.context.saved()
        back = next((made.candidate.key for made, _ in refused if made.candidate), "")
        if self.acts.question is None:
            self._show(back)
        if not round_.sendings:
            self._read()

    # --- finishing -----------------------------------------------------------------------------

    def _on_finish(self) -> None:
        """Separate when everything decided is saved: the desk does things in their order."""
        round_ = self._round
        if round_ is not None:
            self._send(everything=True)
            interview = round_.interview
            self.finishing.separate(interview, self._remembered, lambda: not round_.waiting)

    def _on_take_held(self) -> None:
        if self._round is not None:
            self.finishing.take_held(self._round.interview)

    def _on_vault_changed(self, words: str) -> None:
        self.context.notices.say(words)
        self._read()
