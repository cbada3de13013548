"""One interview's review between two readings of the vault: what is left, and what was answered.

A decision is append-only once it is in the vault. So the newest answers stay here for a moment,
where they can be taken back, and the list goes on without them. No Qt; used in the drawing thread,
but for `Sending.run`.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from intake.errors import IntakeError, UnknownEntityError
from intake.identity.everyday import is_everyday
from intake.identity.register import FIRST_FORM, Form, FormRegister
from intake.review.answering import Answer, Missed, take_answers
from intake.review.deciding import Decision, require_nobodys
from intake.review.treating import Treatment, checked_wordings
from intake.text import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from intake.capture.interviews import InterviewId
    from intake.identity.finders import Place
    from intake.opening import Vault
    from intake.review.answering import Taken
    from intake.review.asking import Question
    from intake.review.listing import NameLine
    from intake.review.remembering import Remembered
    from intake.transcript.reading import MediaId
    from intake.transcript.segments import SegmentRow

GROUPS: Final[Mapping[str, frozenset[Kind]]] = {
    "names": frozenset({Kind.PERSON, Kind.ORGANISATION}),
    "places": frozenset({Kind.LOCATION}),
    "dates": frozenset({Kind.DATE}),
    "roles": frozenset({Kind.ROLE}),
    "other": frozenset({Kind.CONTACT, Kind.NUMBER, Kind.OTHER}),
}
"""The kinds behind each check box of the list."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A form to decide, with the places that are left of it. `key` outlives a new reading."""

    key: str = field(repr=False)
    question: Question
    places: tuple[Place, ...]

    @property
    def form(self) -> str:
        """Its letters at the first place that is left."""
        return self.letters(self.places[0])

    @property
    def verbatims(self) -> list[str]:
        """Its letters at the places that are left, each spelling once."""
        return list(dict.fromkeys(self.letters(place) for place in self.places))

    @property
    def kind(self) -> Kind:
        """What it may be."""
        return self.question.group.kind

    @property
    def entity(self) -> int | None:
        """Who it may be, if somebody is proposed."""
        return self.question.group.entity

    @property
    def reason(self) -> str:
        """Why it was proposed as what it may be, in the finder's words."""
        alike = [place for place in self.places if place.proposal.kind is self.kind]
        return (alike or list(self.places))[0].proposal.reason

    @property
    def numbers(self) -> list[int]:
        """The numbers of the segments with a place that is left, each once, in order."""
        return list(dict.fromkeys(self.number(place) for place in self.places))

    def number(self, place: Place) -> int:
        """Return the number of the segment of a place."""
        return self.question.texts[place.text].number

    def letters(self, place: Place) -> str:
        """Return what stands at a place."""
        text = self.question.texts[place.text].marked.text.value
        return text[place.proposal.start : place.proposal.end]

    def said_at(self, place: Place, segments: Sequence[SegmentRow]) -> Said | None:
        """Return when a place was said: by its words' times, else the whole segment."""
        owner = self.question.texts[place.text]
        if not 0 < owner.number <= len(segments):
            return None
        segment = segments[owner.number - 1]
        start, end = place.proposal.start, place.proposal.end
        words = [word for word in owner.words if word.start < end and start < word.end]
        if not words:
            return Said(segment.media, segment.start_ms, segment.end_ms)
        first, last = (min(word.start_ms for word in words), max(word.end_ms for word in words))
        return Said(segment.media, first, last)

    def languages(self, numbers: Iterable[int]) -> list[str]:
        """Return the languages of the places in these segments, each once, in order."""
        wanted = set(numbers)
        chosen = (place for place in self.places if self.number(place) in wanted)
        return list(dict.fromkeys(self.question.texts[place.text].lang for place in chosen))


@dataclass(frozen=True, slots=True)
class Said:
    """A stretch of a recording, in ms."""

    media: MediaId
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True, repr=False)
class Aim:
    """What an answer is about: a form at its places in these segments.

    `kind` is what it is if it is new; `at` where it stands in the list.
    """

    candidate: Candidate
    numbers: Sequence[int]
    kind: Kind
    at: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class Made:
    """An answer that was given here: what it says (`hide`, `generalise`, ...), and of what.

    `numbers` are the segments it is about, all where there are none. `at` is where its candidate
    stood in the list.
    """

    answer: Answer
    says: str
    form: str
    candidate: Candidate | None
    numbers: tuple[int, ...] = ()
    at: int = 0

    def is_about(self, candidate: Candidate, place: Place) -> bool:
        """Tell whether it settles a place of a form."""
        if self.candidate is None or self.candidate.key != candidate.key:
            return False
        return not self.numbers or candidate.number(place) in self.numbers


class Sending:
    """Answers on their way to the vault."""

    def __init__(self, made: Sequence[Made]) -> None:
        self.made = tuple(made)
        self.taken: Taken | None = None

    def run(self, vault: Vault, interview: InterviewId, remembered: Remembered) -> None:
        """Save them, on the desk's thread. Raises what kept the rest from being saved."""
        self.taken = take_answers(vault, interview, [one.answer for one in self.made], remembered)
        if self.taken.stopped is not None:
            raise self.taken.stopped


class Round:
    """The review of one interview, as the screen shows it."""

    def __init__(self, interview: InterviewId) -> None:
        self.interview = interview
        self.names: dict[int, NameLine] = {}
        self.sendings: list[Sending] = []
        self._known: list[Candidate] = []
        self._unsent: list[Made] = []
        self._base = FormRegister()
        self._now: FormRegister | None = None

    # --- what is left --------------------------------------------------------------------------

    @property
    def left(self) -> list[Candidate]:
        """What is left to decide, the most frequent first."""
        answered = self._answered
        found = []
        for one in self._known:
            mine = [made for made in answered if made.candidate and made.candidate.key == one.key]
            places = tuple(p for p in one.places if not any(made.is_about(one, p) for made in mine))
            if places:
                found.append(replace(one, places=places) if mine else one)
        return found

    @property
    def last(self) -> Made | None:
        """The newest answer that can still be taken back."""
        return self._unsent[-1] if self._unsent else None

    @property
    def waiting(self) -> int:
        """How many answers are not handed over yet."""
        return len(self._unsent)

    def treatment(self, entity: int) -> Treatment:
        """Return how an entity is treated, with what was answered here."""
        for made in reversed(self._answered):
            answer = made.answer
            if not isinstance(answer, Decision) or answer.entity is None or not answer.treatment:
                continue
            if self._root(answer.entity) == self._root(entity):
                return Treatment(answer.treatment, answer.wordings, answer.code, answer.reason)
        line = self.names.get(self._root(entity))
        return line.treatment if line else Treatment()

    def read(
        self, asked: Sequence[Question], register: FormRegister, names: Sequence[NameLine]
    ) -> None:
        """Take what the vault says now; answers that are not in it yet stay answered."""
        self._known = [_candidate(question) for question in asked]
        self.take_names(register, names)

    def take_names(self, register: FormRegister, names: Sequence[NameLine]) -> None:
        """Take the names register of now."""
        self._base = register
        self.names = {line.number: line for line in names}
        self._now = None

    # --- answering: each raises an `IntakeError` where the vault would refuse it ----------------

    def hide(self, aim: Aim) -> Made:
        """Hide it: as who is proposed, else as somebody or something new."""
        entity = aim.candidate.entity
        shown = entity is not None and self.treatment(entity).choice != "hide"
        return self._decide(aim, "hide", Treatment() if shown else None)

    def accept(self, aim: Aim) -> Made:
        """Say that it is who is proposed; the treatment stays."""
        return self._decide(aim, "entity", None)

    def keep(self, aim: Aim, reason: str) -> Made:
        """Keep it by name, with a reason."""
        return self._decide(aim, "keep_by_name", Treatment("keep", reason=reason))

    def generalise(self, aim: Aim, wordings: Mapping[str, str]) -> Made:
        """Say something wider; wordings in other languages that still hold stay."""
        treatment = Treatment("generalise", dict(wordings), reason="wider_wording")
        with_it = _with_forms(self._register(), aim.candidate, aim.kind)
        checked_wordings(treatment, with_it)
        if aim.candidate.entity is not None:
            older = self.treatment(aim.candidate.entity).wordings.items()
            for lang, words in [item for item in older if item[0] not in wordings]:
                with suppress(IntakeError):
                    alone = Treatment("generalise", {lang: words}, reason="wider_wording")
                    checked_wordings(alone, with_it)
                    treatment = replace(treatment, wordings={**treatment.wordings, lang: words})
        return self._decide(aim, "generalise", treatment)

    def nobody(self, aim: Aim) -> Made:
        """Say that it points to nobody (`NameOfSomebodyError`)."""
        require_nobodys(aim.candidate.verbatims, self._register())
        form, segments = aim.candidate.form, _segments(aim)
        answer = Decision(form=form, then="not_identifying", segments=segments)
        return self._made(aim, "not_identifying", answer)

    def other(self, aim: Aim, entity: int) -> Made:
        """Say that it is somebody of the register; the treatment stays (`UnknownEntityError`)."""
        if entity not in self._base.entities:
            raise UnknownEntityError
        form, root = aim.candidate.form, self._base.root(entity)
        answer = Decision(form=form, then="entity", entity=root, segments=_segments(aim))
        return self._made(aim, "entity", answer)

    def missed(self, form: str, kind: Kind, entity: int | None) -> Made:
        """Enter a form that nothing proposed (`FormRefusedError`, `UnknownEntityError`)."""
        if entity is not None and entity not in self._base.entities:
            raise UnknownEntityError
        Form(FIRST_FORM, FIRST_FORM, form)  # refuses what can be nobody's
        made = Made(Missed(form, kind, entity), "missed", form, None)
        return self._add(made)

    def undo(self) -> Made | None:
        """Take the newest answer back, if it was not handed over yet."""
        if not self._unsent:
            return None
        self._now = None
        return self._unsent.pop()

    # --- handing over --------------------------------------------------------------------------

    def send(self, *, everything: bool) -> Sending | None:
        """Take answers to be saved: all of them, or all but the newest. None where none is."""
        count = len(self._unsent) if everything else len(self._unsent) - 1
        if count < 1:
            return None
        sending = Sending(self._unsent[:count])
        del self._unsent[:count]
        self.sendings.append(sending)
        return sending

    def settle(self, sending: Sending) -> list[tuple[Made, IntakeError]]:
        """Take note of what became of answers; return the refused ones, which are asked again.

        What could not be saved goes back to what is not handed over.
        """
        if sending not in self.sendings:
            return []
        self.sendings.remove(sending)
        taken = sending.taken
        count = taken.count if taken is not None else 0
        refused = {one.place: one.error for one in taken.refused} if taken is not None else {}
        settled = [made for at, made in enumerate(sending.made[:count]) if at not in refused]
        self._known = [rest for one in self._known if (rest := _without(one, settled)) is not None]
        self._unsent[:0] = sending.made[count:]
        self._now = None
        return [(sending.made[at], error) for at, error in refused.items()]

    # --- inside --------------------------------------------------------------------------------

    @property
    def _answered(self) -> list[Made]:
        return [made for sending in self.sendings for made in sending.made] + self._unsent

    def _decide(self, aim: Aim, says: str, treatment: Treatment | None) -> Made:
        entity = aim.candidate.entity
        how: dict[str, Any] = {}
        if treatment is not None:
            how = {
                "treatment": treatment.choice,
                "wordings": dict(treatment.wordings),
                "code": treatment.code,
                "reason": treatment.reason,
            }
        answer = Decision(
            form=aim.candidate.form,
            then="new" if entity is None else "entity",
            entity=entity,
            kind=aim.kind.value if entity is None else None,
            segments=_segments(aim),
            **how,
        )
        return self._made(aim, says, answer)

    def _made(self, aim: Aim, says: str, answer: Decision) -> Made:
        candidate, numbers = aim.candidate, tuple(answer.segments)
        return self._add(Made(answer, says, candidate.form, candidate, numbers, aim.at))

    def _add(self, made: Made) -> Made:
        self._now = None
        self._unsent.append(made)
        return made

    def _root(self, entity: int) -> int:
        return self._base.root(entity) if entity in self._base.entities else entity

    def _register(self) -> FormRegister:
        """Return the register as it will be with every answer given here: checks need it."""
        if self._now is None:
            register = self._base
            for made in self._answered:
                with suppress(IntakeError):  # of an entity that is not in the vault any more, say
                    register = _with_answer(register, made)
            self._now = register
        return self._now


def _candidate(question: Question) -> Candidate:
    group = question.group
    key = group.verbatims[0] if is_everyday(group.folded) else group.folded
    return Candidate(key, question, group.places)


def _segments(aim: Aim) -> list[int]:
    """Return the segments to name in a decision: none where it is about every place asked."""
    candidate, wanted = aim.candidate, set(aim.numbers)
    every = {candidate.number(place) for place in candidate.question.group.places}
    chosen = [number for number in candidate.numbers if number in wanted]
    return [] if set(chosen) == every else chosen


def _without(candidate: Candidate, settled: Sequence[Made]) -> Candidate | None:
    places = tuple(
        place
        for place in candidate.places
        if not any(m.is_about(candidate, place) for m in settled)
    )
    if len(places) == len(candidate.places):
        return candidate
    return replace(candidate, places=places) if places else None


def _with_answer(register: FormRegister, made: Made) -> FormRegister:
    answer = made.answer
    if isinstance(answer, Missed):
        entity = answer.entity
        if entity is None:
            register, entity = register.with_entity(answer.kind)
        return register.with_form(register.root(entity), answer.form)[0]
    if answer.then == "not_identifying" or made.candidate is None:
        return register
    if answer.then == "new":
        register, entity = register.with_entity(Kind(answer.kind or made.candidate.kind))
    else:
        entity = register.root(answer.entity or 0)
    for verbatim in made.candidate.verbatims:
        register, _ = register.with_form(entity, verbatim)
    return register


def _with_forms(register: FormRegister, candidate: Candidate, kind: Kind) -> FormRegister:
    """Return the register in which a form is already somebody's: no wording may hold it."""
    entity = candidate.entity
    if entity is None:
        register, entity = register.with_entity(kind)
    for verbatim in candidate.verbatims:
        register, _ = register.with_form(register.root(entity), verbatim)
    return register
