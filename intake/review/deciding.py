"""Deciding forms: by a person at a prompt, or by a script through this same function.

Each form is decided once, not each mention. What a form is (whose, or nobody's) and how its entity
is treated may come together. Custody shows who decided, and whether a person or a script did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from intake.errors import (
    DecisionFileError,
    DecisionsContradictError,
    DecisionUnknownError,
    NameOfSomebodyError,
)
from intake.identity.nearness import exact_matches
from intake.identity.register import AT_PLACES
from intake.identity.separation import Chip, chip_for, with_chips
from intake.review.asking import Question, questions
from intake.review.treating import Treatment, write_treatment
from intake.text import Kind
from intake.transcript.names import load_register, save_new_names
from intake.transcript.packing import pack_chips

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.identity.finders.grouping import Place
    from intake.identity.register import FormRegister
    from intake.review.open_texts import OpenText
    from intake.review.remembering import Remembered
    from intake.vault.change import Change
    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault

Answer = Literal["entity", "new", "not_identifying"]
_LARGEST: Final = 16 << 20
_NO_ENTITY: Final = 0


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The decision on one form.

    `then`: "entity" = it is entity number `entity` (by default the proposed one); "new" = a new
    entity of `kind` (by default the proposed kind); "not_identifying" = it points to nobody.
    `segments` limits it to the places in these segments, by the numbers that the transcript shows:
    for a form that is one person here and another there. Where it leaves places out, the form is
    asked at each other place, now and later.
    """

    form: str
    then: Answer
    entity: int | None = None
    kind: str | None = None
    treatment: Literal["hide", "generalise", "keep"] | None = None
    wordings: dict[str, str] = {}
    code: str = "none"
    reason: str = "not_set"
    segments: list[int] = []

    def __repr__(self) -> str:
        return "<Decision>"


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A decision for every question that fits: by kinds (letters), and whether it has an entity."""

    then: Answer
    kinds: str = "PLODCNRQ"
    has_entity: bool | None = None
    treatment: Literal["hide", "generalise", "keep"] | None = None
    wordings: dict[str, str] = {}

    def fits(self, question: Question) -> bool:
        """Tell whether the rule speaks about this question."""
        knows = self.has_entity is None or self.has_entity == (question.group.entity is not None)
        return knows and question.group.kind.value in self.kinds


class DecisionFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `intake review decide FILE` reads: decisions by form, then rules for the others."""

    forms: list[Decision] = []
    rules: list[Rule] = []


@dataclass(frozen=True, slots=True)
class _Answered:
    """A question, the decision on it, and the places that the decision is about."""

    question: Question
    decision: Decision
    places: tuple[Place, ...]

    @property
    def verbatims(self) -> list[str]:
        """The letters at these places, each spelling once."""
        return list(dict.fromkeys(self.letters(place) for place in self.places))

    def letters(self, place: Place) -> str:
        """Return what stands at a place."""
        text = self.question.texts[place.text].marked.text.value
        return text[place.proposal.start : place.proposal.end]


@dataclass(frozen=True, slots=True)
class Decided:
    """What a round decided: forms by answer, and how many questions it left."""

    to_known: int
    to_new: int
    not_identifying: int
    left: int


def read_decisions(content: bytes) -> DecisionFile:
    """Read a JSON file of decisions (`DecisionFileError` names no word of it)."""
    if len(content) > _LARGEST:
        raise DecisionFileError
    try:
        return msgspec.json.decode(content, type=DecisionFile)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise DecisionFileError from None


def decide(
    vault: Vault,
    interview: InterviewId,
    decisions: DecisionFile,
    *,
    decided: str,
    remembered: Remembered | None = None,
) -> Decided:
    """Apply decisions to the questions that are open now; one operation.

    Needs a cleared member. `decided` is "person" or "script"; `remembered` as for `questions`.
    Raises, with nothing changed:
    `DecisionUnknownError` where a decision names a form that nobody asked about or an unknown
    entity, `DecisionsContradictError`, and `NameOfSomebodyError` where letters that are a name in
    the register would be said to point to nobody.
    """
    vault.require_cleared()
    before = load_register(vault)
    asked = questions(vault, interview, before, remembered)
    answered = _answers(asked, decisions)
    after = before
    counts = dict.fromkeys(("entity", "new", "not_identifying"), 0)
    placed: list[tuple[_Answered, int]] = []
    treated: dict[int, Treatment] = {}
    for answer in answered:
        after, entity = _apply(answer, after)
        counts[answer.decision.then] += 1
        if entity is not None:
            placed.append((answer, entity))
            if answer.decision.treatment is not None:
                treated[after.root(entity)] = _treatment(answer.decision)  # the last one counts
    _check_rejected(answered, after)
    if answered:
        with vault.change(
            "names.decided", interview=interview, count=len(answered), decided=decided
        ) as change:
            save_new_names(vault, change, before, after, decided)
            _place_chips(change, placed, after)
            for entity, treatment in treated.items():
                write_treatment(vault, change, entity, treatment, register=after, decided=decided)
    return Decided(
        to_known=counts["entity"],
        to_new=counts["new"],
        not_identifying=counts["not_identifying"],
        left=_left(asked, answered),
    )


def _answers(asked: Sequence[Question], decisions: DecisionFile) -> list[_Answered]:
    for decision in decisions.forms:
        if not any(_places_for(decision, question) for question in asked):
            raise DecisionUnknownError
    found: list[_Answered] = []
    for question in asked:
        mine = [one for one in decisions.forms if question.is_about(one.form)]
        taken: list[Place] = []
        for number, decision in enumerate(mine):
            places = _places_for(decision, question)
            if not places or decision in mine[:number]:
                continue
            if any(place in taken for place in places):
                raise DecisionsContradictError
            taken += places
            found.append(_Answered(question, decision, places))
        rule = next((rule for rule in decisions.rules if rule.fits(question)), None)
        rest = tuple(place for place in question.group.places if place not in taken)
        if rule is not None and rest:
            decision = Decision(
                form="", then=rule.then, treatment=rule.treatment, wordings=rule.wordings
            )
            found.append(_Answered(question, decision, rest))
    return found


def _places_for(decision: Decision, question: Question) -> tuple[Place, ...]:
    if not question.is_about(decision.form):
        return ()
    return tuple(
        place
        for place in question.group.places
        if not decision.segments or question.texts[place.text].number in decision.segments
    )


def _left(asked: Sequence[Question], answered: Sequence[_Answered]) -> int:
    """Count the questions with a place that no decision was about."""
    done = [place for answer in answered for place in answer.places]
    return sum(any(place not in done for place in question.group.places) for question in asked)


def _apply(answer: _Answered, register: FormRegister) -> tuple[FormRegister, int | None]:
    group, decision = answer.question.group, answer.decision
    if decision.then == "not_identifying":
        for verbatim in answer.verbatims:
            register = register.with_rejected(verbatim)
        return register, None
    if decision.then == "new":
        try:
            kind = Kind(decision.kind) if decision.kind else group.kind
        except ValueError:
            raise DecisionFileError from None
        register, entity = register.with_entity(kind)
    else:
        entity = group.entity or _NO_ENTITY if decision.entity is None else decision.entity
        if entity not in register.entities:
            raise DecisionUnknownError
    is_everywhere = len(answer.places) == len(group.places)
    source = "accepted" if is_everywhere else AT_PLACES
    for verbatim in answer.verbatims:
        register, _ = register.with_form(entity, verbatim, source=source)
    return register, entity


def _check_rejected(answered: Sequence[_Answered], after: FormRegister) -> None:
    """Refuse "points to nobody" for letters that are a name: they would be asked for ever.

    Nor could they leave: the leak check lets no hidden form pass, wherever it stands.
    """
    for answer in answered:
        if answer.decision.then == "not_identifying":
            require_nobodys(answer.verbatims, after)


def require_nobodys(verbatims: Sequence[str], register: FormRegister) -> None:
    """Raise `NameOfSomebodyError` where one of these is a form in any spelling, as a whole."""
    forms = register.all_forms()
    if any(
        (near.is_exact or near.how == "joined") and (near.start, near.end) == (0, len(verbatim))
        for verbatim in verbatims
        for near in exact_matches(verbatim, forms)
    ):
        raise NameOfSomebodyError


def _treatment(decision: Decision) -> Treatment:
    return Treatment(
        decision.treatment or "hide", decision.wordings, decision.code, decision.reason
    )


def _place_chips(
    change: Change, placed: Sequence[tuple[_Answered, int]], register: FormRegister
) -> None:
    """Keep with their draft the chips that the register does not place by itself.

    Everyday words ("May"), forms of two entities and those of chosen places are decided at their
    places only; so is a form that is wider than a chip which stands there already ("Grace" in
    "Grace Okro").
    """
    chips: dict[str, list[Chip]] = {}
    owners: dict[str, OpenText] = {}
    for answer, entity in placed:
        for place in answer.places:
            owner = answer.question.texts[place.text]
            start, end = place.proposal.start, place.proposal.end
            verbatim = answer.letters(place)
            is_over_chip = any(chip.start < end and start < chip.end for chip in owner.marked.chips)
            if is_over_chip or not register.is_automatic(verbatim):
                num = next(f.num for f in register.forms_of(entity) if f.verbatim == verbatim)
                owners[owner.id] = owner
                chips.setdefault(owner.id, []).append(chip_for(start, end, entity, num, register))
    for key, new in chips.items():
        packed = pack_chips(with_chips(owners[key].marked, new).chips)
        if owners[key].kind == "segment":
            change.identities.update("draft", {"segment": key}, None, chips=packed)
        else:
            change.identities.update("draft_row", {"row": key}, None, chips=packed)
