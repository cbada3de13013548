"""Deciding forms at the terminal: each answer is checked as it is typed, so none is lost later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec
import typer

from intake.cli.common import is_text, say
from intake.errors import IntakeError, NameOfSomebodyError, UnknownEntityError

if TYPE_CHECKING:
    from intake.identity.register import FormRegister
    from intake.review.asking import Question
    from intake.review.deciding import Decision, DecisionFile

KEPT: Final = ("accused", "official", "institution", "city")
_CHOICES: Final = (
    "y = the one proposed, NUMBER = that entity, n = somebody or something new, "
    "- = points to nobody, Enter = later.\n"
    "Hidden, unless you add: “k accused” keeps the name, “g a market town” says that instead"
)
_LONGEST_NUMBER: Final = 6
_NO_CHOICE: Final = "This is none of the choices. Type one of them, or press Enter for later."
_NOBODY_PROPOSED: Final = "Nobody is proposed here. Type a number, n, - or Enter."
_WHY_KEPT: Final = (
    "A name is kept for one reason of " + ", ".join(KEPT) + ": such as “n k accused”."
)
_NO_TEXT: Final = "This answer could not be read as text. Type it again."


class _RefusedError(Exception):
    """An answer that cannot be taken; its text says why, and what to type."""


def words_for(question: Question) -> str:
    """Return a question as a person reads it: the form, whose it may be, every place."""
    group = question.group
    owner = f"perhaps {group.kind.value}{group.entity}" if group.entity else "nobody's yet"
    lines = [f"“{group.verbatims[0]}”  {group.kind.value}  {owner}  ({question.reason})"]
    lines += [
        f"    {place}: …{before}[{form}]{after}…"
        for place, before, form, after in question.contexts()
    ]
    return "\n".join(lines)


@dataclass(slots=True)
class _Round:
    """One round of questions: who was known before it, and the names as answered until now."""

    known: FormRegister
    register: FormRegister


def ask(asked: list[Question], register: FormRegister) -> DecisionFile:
    """Ask for each form at the terminal, again until the answer can be taken.

    An empty answer leaves a form for later; whoever stops keeps the answers until then. Each
    answer is checked against `register` and the names entered by the answers before it.
    """
    from intake.review.deciding import DecisionFile  # noqa: PLC0415  # loads the finders

    now = _Round(register, register)
    decisions: list[Decision] = []
    for question in asked:
        say(words_for(question))
        try:
            decision = _ask_one(question, now)
        except (typer.Abort, EOFError, KeyboardInterrupt):
            say("\nStopped here. The answers until now are kept, the rest is asked again.")
            break
        if decision is not None:
            decisions = _with_one(decisions, question, decision, now.register)
    return DecisionFile(forms=decisions)


def _ask_one(question: Question, now: _Round) -> Decision | None:
    while True:
        try:
            answer = typer.prompt(_CHOICES, default="", show_default=False, err=True)
            return _taken(question, str(answer).strip(), now)
        except UnicodeDecodeError:
            say(_NO_TEXT)
        except (_RefusedError, IntakeError) as refused:
            say(str(refused))


def _taken(question: Question, answer: str, now: _Round) -> Decision | None:
    """Read one answer: whose it is, then how it is treated; None leaves the form for later.

    Raises `_RefusedError`, `NameOfSomebodyError`, `UnknownEntityError`, or what `checked_wordings`
    raises; the round is then as it was.
    """
    from intake.review.deciding import Decision  # noqa: PLC0415  # loads the finders

    if not is_text(answer):
        raise _RefusedError(_NO_TEXT)
    whose, _, how = answer.partition(" ")
    form, verbatims = question.group.verbatims[0], question.group.verbatims
    if not whose:
        return None
    if whose == "-" and not how:
        if any(map(now.known.owners, verbatims)):
            raise NameOfSomebodyError
        return Decision(form=form, then="not_identifying")
    treated = _treated(question, how.strip())
    register = now.register
    if whose == "n":
        decision = Decision(form=form, then="new", **treated)
        register, entity = register.with_entity(question.group.kind)
    else:
        entity = _whose(whose, question, now.known)
        decision = Decision(form=form, then="entity", entity=entity, **treated)
    for verbatim in verbatims:
        register, _ = register.with_form(entity, verbatim)
    _check_wordings(decision, register)
    now.register = register
    return decision


def _whose(whose: str, question: Question, known: FormRegister) -> int:
    """Return the entity meant: of those known before the round, as new ones have no number yet."""
    if whose == "y":
        if question.group.entity is None:
            raise _RefusedError(_NOBODY_PROPOSED)
        return question.group.entity
    if not (whose.isascii() and whose.isdigit()):
        raise _RefusedError(_NO_CHOICE)
    entity = int(whose) if len(whose) <= _LONGEST_NUMBER else 0
    if entity not in known.entities:
        raise UnknownEntityError
    return known.root(entity)


def _treated(question: Question, how: str) -> dict[str, Any]:
    letter, _, words = how.partition(" ")
    words = words.strip()
    if not letter:
        return {}
    if letter == "k":
        if words not in KEPT:
            raise _RefusedError(_WHY_KEPT)
        return {"treatment": "keep", "reason": words}
    if letter == "g":
        lang = question.texts[question.group.places[0].text].lang
        wordings = {lang: words} if words else {}
        return {"treatment": "generalise", "wordings": wordings, "reason": "wider_wording"}
    raise _RefusedError(_NO_CHOICE)


def _check_wordings(decision: Decision, register: FormRegister) -> None:
    from intake.review.treating import Treatment, checked_wordings  # noqa: PLC0415

    if decision.treatment == "generalise":
        treatment = Treatment("generalise", decision.wordings, reason=decision.reason)
        checked_wordings(treatment, register)


def _with_one(
    decisions: list[Decision], question: Question, decision: Decision, register: FormRegister
) -> list[Decision]:
    """Add a decision; an earlier one that it contradicts gives way, and that is said.

    Of two treatments of one entity the later counts, with the wordings of both; an earlier wording
    that holds a name entered since is left for later.
    """
    found: list[Decision] = []
    for earlier in decisions:
        one = earlier
        if one.entity is not None and one.entity == decision.entity and decision.treatment:
            if one.treatment == decision.treatment == "generalise":
                wordings = {**one.wordings, **decision.wordings}
                decision = msgspec.structs.replace(decision, wordings=wordings)
            one = msgspec.structs.replace(one, treatment=None, wordings={}, reason="not_set")
        try:
            _check_wordings(one, register)
        except IntakeError:
            say(
                f"The wording for “{one.form}” holds “{question.group.verbatims[0]}”; it is asked "
                "again in the next round."
            )
            continue
        found.append(one)
    return [*found, decision]
