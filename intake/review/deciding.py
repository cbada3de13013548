"""Deciding forms: by a person at a prompt, or by a script through this same function.

Each form is decided once, not each mention. What a form is (whose, or nobody's) and how its entity
is treated may come together. Custody shows who decided, and whether a person or a script did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import msgspec

from intake.errors import DecisionFileError, DecisionUnknownError
from intake.identity.folding import fold_key
from intake.identity.separation import Chip, chip_for, with_chips
from intake.review.asking import Question, questions
from intake.review.treating import Treatment, write_treatment
from intake.text import Kind
from intake.transcript.names import load_register, save_new_names
from intake.transcript.packing import pack_chips

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.identity.register import FormRegister
    from intake.review.open_texts import OpenText
    from intake.vault.change import Change
    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault

Answer = Literal["entity", "new", "not_identifying"]


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The decision on one form.

    `then`: "entity" = it is entity number `entity` (by default the proposed one); "new" = a new
    entity of `kind` (by default the proposed kind); "not_identifying" = it points to nobody.
    """

    form: str
    then: Answer
    entity: int | None = None
    kind: str | None = None
    treatment: Literal["hide", "generalise", "keep"] | None = None
    wordings: dict[str, str] = {}
    code: str = "none"
    reason: str = "not_set"

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
class Decided:
    """What a round decided: forms by answer, and how many questions it left."""

    to_known: int
    to_new: int
    not_identifying: int
    left: int


def read_decisions(content: bytes) -> DecisionFile:
    """Read a JSON file of decisions (`DecisionFileError` names no word of it)."""
    try:
        return msgspec.json.decode(content, type=DecisionFile)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise DecisionFileError from None


def decide(
    vault: Vault, interview: InterviewId, decisions: DecisionFile, *, decided: str
) -> Decided:
    """Apply decisions to the questions that are open now; one operation.

    Needs a cleared member. `decided` is "person" or "script". Raises `DecisionUnknownError`, with
    nothing changed, where a decision names a form that nobody asked about or an unknown entity.
    """
    vault.require_cleared()
    before = load_register(vault)
    asked = questions(vault, interview, before)
    answered = _answers(asked, decisions)
    after = before
    counts = dict.fromkeys(("entity", "new", "not_identifying"), 0)
    placed: list[tuple[Question, int]] = []
    treated: list[tuple[int, Treatment]] = []
    for question, decision in answered:
        after, entity = _apply(question, decision, after)
        counts[decision.then] += 1
        if entity is not None:
            placed.append((question, entity))
            if decision.treatment is not None:
                treated.append((entity, _treatment(decision)))
    if answered:
        with vault.change(
            "names.decided", interview=interview, count=len(answered), decided=decided
        ) as change:
            save_new_names(vault, change, before, after, decided)
            _place_chips(change, placed, after)
            for entity, treatment in treated:
                write_treatment(vault, change, entity, treatment, register=after, decided=decided)
    return Decided(
        to_known=counts["entity"],
        to_new=counts["new"],
        not_identifying=counts["not_identifying"],
        left=len(asked) - len(answered),
    )


def _answers(asked: Sequence[Question], decisions: DecisionFile) -> list[tuple[Question, Decision]]:
    by_form = {fold_key(decision.form): decision for decision in decisions.forms}
    known = {question.group.folded for question in asked}
    if by_form.keys() - known:
        raise DecisionUnknownError
    found = []
    for question in asked:
        decision = by_form.get(question.group.folded)
        if decision is None:
            rule = next((rule for rule in decisions.rules if rule.fits(question)), None)
            if rule is None:
                continue
            decision = Decision(
                form="", then=rule.then, treatment=rule.treatment, wordings=rule.wordings
            )
        found.append((question, decision))
    return found


def _apply(
    question: Question, decision: Decision, register: FormRegister
) -> tuple[FormRegister, int | None]:
    group = question.group
    if decision.then == "not_identifying":
        for verbatim in group.verbatims:
            register = register.with_rejected(verbatim)
        return register, None
    if decision.then == "new":
        try:
            kind = Kind(decision.kind) if decision.kind else group.kind
        except ValueError:
            raise DecisionFileError from None
        register, entity = register.with_entity(kind)
    else:
        entity = decision.entity or group.entity or 0
        if entity not in register.entities:
            raise DecisionUnknownError
    for verbatim in group.verbatims:
        register, _ = register.with_form(entity, verbatim, source="accepted")
    return register, entity


def _treatment(decision: Decision) -> Treatment:
    return Treatment(
        decision.treatment or "hide", decision.wordings, decision.code, decision.reason
    )


def _place_chips(
    change: Change, placed: Sequence[tuple[Question, int]], register: FormRegister
) -> None:
    """Keep with their draft the chips that the register does not place by itself.

    Everyday words ("May") and forms of two entities are decided at their places only; so is a
    form that is wider than a chip which stands there already ("Grace" in "Grace Okro").
    """
    chips: dict[str, list[Chip]] = {}
    owners: dict[str, OpenText] = {}
    for question, entity in placed:
        for place in question.group.places:
            owner = question.texts[place.text]
            start, end = place.proposal.start, place.proposal.end
            verbatim = owner.marked.text.value[start:end]
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
