"""Commands on names: person, separate, review."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from intake.cli.common import (
    InterviewArgument,
    JsonOption,
    interview_of,
    say,
    show,
    show_rows,
    unlocked,
)
from intake.errors import InputFileError

if TYPE_CHECKING:
    from intake.review.asking import Question
    from intake.review.deciding import Decision, DecisionFile

person_app = typer.Typer(help="The names register.", no_args_is_help=True)
review_app = typer.Typer(help="Decide what points to a person.", no_args_is_help=True)
_LARGEST_DECISIONS = 16 << 20
_CHOICES = (
    "y = the one proposed, NUMBER = that entity, n = somebody or something new, "
    "- = points to nobody, Enter = later.\n"
    "Hidden, unless you add: “k accused” keeps the name, “g a market town” says that instead"
)
_KEPT = ("accused", "official", "institution", "city")


def attach(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(person_app, name="person")
    app.add_typer(review_app, name="review")
    app.command("separate")(separate)


@person_app.command("add")
def person_add(
    context: typer.Context,
    forms: Annotated[list[str], typer.Argument(help="Every spelling; the first is preferred.")],
    kind: Annotated[
        str,
        typer.Option(
            help="P person, L place, O organisation, D date, C contact, N number, R role."
        ),
    ] = "P",
    keep: Annotated[
        str, typer.Option(help="Keep by name: accused, official, institution or city.")
    ] = "",
    wording: Annotated[
        list[str] | None, typer.Option(help="Generalise to this: LANG=WORDS. Repeatable.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Declare a person, a place or another name. Hidden everywhere unless said otherwise."""
    from intake.review.declaring import Declaration, declare  # noqa: PLC0415
    from intake.review.treating import Treatment  # noqa: PLC0415
    from intake.text import Kind  # noqa: PLC0415

    if kind not in set(Kind):
        raise typer.BadParameter("a kind is one letter of " + ", ".join(Kind))
    if keep and (keep not in _KEPT or wording):
        raise typer.BadParameter("keep gives one reason of " + ", ".join(_KEPT) + ", no wording")
    treatment = None
    if keep:
        treatment = Treatment("keep", reason=keep)
    elif wording:
        pairs = [pair.partition("=") for pair in wording]
        wordings = {lang: words for lang, _, words in pairs}
        treatment = Treatment("generalise", wordings, reason="wider_wording")
    declaration = Declaration(Kind(kind), tuple(forms), treatment)
    with unlocked(context) as vault:
        (number,) = declare(vault, [declaration])
    show(as_json, {"entity": number}, f"Entered as {kind}{number}.")


@person_app.command("list")
def person_list(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the names register. Needs a cleared member."""
    from intake.review.treating import DEFAULT_PROFILE, treatments  # noqa: PLC0415
    from intake.transcript.names import load_register  # noqa: PLC0415

    with unlocked(context) as vault:
        register = load_register(vault)
        decided = treatments(vault, DEFAULT_PROFILE)
    rows = []
    for number, entity in sorted(register.entities.items()):
        forms = [form.verbatim for form in register.forms_of(number)]
        how = decided[number].choice if number in decided else "hide"
        facts = {
            "entity": number,
            "kind": entity.kind.value,
            "forms": forms,
            "treatment": how,
            "merged_into": entity.merged_into,
        }
        rows.append((facts, f"{entity.kind.value}{number}  {how:10}  {', '.join(forms)}"))
    show_rows(as_json, rows, empty="The names register is empty.")


def separate(context: typer.Context, code: InterviewArgument, as_json: JsonOption = False) -> None:
    """Find what points to a person; separate what is decided."""
    from intake.review.asking import questions  # noqa: PLC0415  # loads the finders
    from intake.review.separating import separate_ready  # noqa: PLC0415
    from intake.transcript.names import load_register  # noqa: PLC0415

    with unlocked(context) as vault:
        interview = interview_of(vault, code)
        done = separate_ready(vault, interview.id)
        left = len(questions(vault, interview.id, load_register(vault)))
    show(
        as_json,
        {"separated": done, "to_decide": left},
        f"{done} text(s) separated; {_left_words(left, code)}",
    )


@review_app.command("list")
def review_list(
    context: typer.Context, code: InterviewArgument, as_json: JsonOption = False
) -> None:
    """List the forms that are left to decide, each with its places. Needs a cleared member."""
    from intake.review.asking import questions  # noqa: PLC0415  # loads the finders
    from intake.transcript.names import load_register  # noqa: PLC0415

    with unlocked(context) as vault:
        interview = interview_of(vault, code)
        asked = questions(vault, interview.id, load_register(vault))
    rows = []
    for question in asked:
        group = question.group
        facts = {
            "form": group.verbatims[0],
            "verbatims": list(group.verbatims),
            "kind": group.kind.value,
            "entity": group.entity,
            "finder": question.finder,
            "reason": question.reason,
            "places": [
                {"place": place, "before": before, "form": form, "after": after}
                for place, before, form, after in question.contexts()
            ],
        }
        rows.append((facts, _words_for(question)))
    show_rows(as_json, rows, empty="Nothing is left to decide.")


def _words_for(question: Question) -> str:
    group = question.group
    owner = f"perhaps {group.kind.value}{group.entity}" if group.entity else "nobody's yet"
    lines = [f"“{group.verbatims[0]}”  {group.kind.value}  {owner}  ({question.reason})"]
    lines += [
        f"    {place}: …{before}[{form}]{after}…"
        for place, before, form, after in question.contexts()
    ]
    return "\n".join(lines)


@review_app.command("decide")
def review_decide(
    context: typer.Context,
    code: InterviewArgument,
    file: Annotated[
        Path | None, typer.Argument(help="A JSON file of decisions; without it you are asked.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Decide each form once, then separate what is ready. Needs a cleared member.

    FILE: {"forms": [{"form": "Grace", "then": "entity", "entity": 1}, {"form": "Tuesday", "then":
    "not_identifying"}, {"form": "Ikorodu", "then": "new", "kind": "L", "treatment": "hide"}],
    "rules": [{"kinds": "C", "then": "new"}, {"has_entity": true, "then": "entity"}]}
    """
    from intake.review.asking import questions  # noqa: PLC0415  # loads the finders
    from intake.review.deciding import decide, read_decisions  # noqa: PLC0415
    from intake.review.separating import separate_ready  # noqa: PLC0415
    from intake.transcript.names import load_register  # noqa: PLC0415

    with unlocked(context) as vault:
        interview = interview_of(vault, code)
        if file is not None:
            decisions, how = read_decisions(_read(file)), "script"
        else:
            decisions = _ask(questions(vault, interview.id, load_register(vault)))
            how = "person"
        result = decide(vault, interview.id, decisions, decided=how)
        done = separate_ready(vault, interview.id)
        # Asked anew: a form that is decided can bring others to light ("Bello" of two people).
        left = len(questions(vault, interview.id, load_register(vault)))
    facts = {
        "to_known": result.to_known,
        "to_new": result.to_new,
        "not_identifying": result.not_identifying,
        "left": left,
        "separated": done,
    }
    words = (
        f"{result.to_known + result.to_new} form(s) assigned, {result.not_identifying} not "
        f"identifying, {done} text(s) separated; {_left_words(left, code)}"
    )
    show(as_json, facts, words)


def _left_words(left: int, code: str) -> str:
    if not left:
        return "nothing is left to decide."
    return f"{left} form(s) to decide: intake review list {code}"


def _ask(asked: list[Question]) -> DecisionFile:
    """Ask for each form at the terminal; an empty answer leaves it for later."""
    from intake.review.deciding import DecisionFile  # noqa: PLC0415

    decisions = []
    for question in asked:
        say(_words_for(question))
        try:
            answer = str(typer.prompt(_CHOICES, default="", show_default=False, err=True)).strip()
        except typer.Abort:
            say("\nStopped here. The answers until now are kept, the rest is asked again.")
            break
        decision = _decision(question, answer)
        if decision is not None:
            decisions.append(decision)
    return DecisionFile(forms=decisions)


def _decision(question: Question, answer: str) -> Decision | None:
    """Read one answer: whose it is, then how it is treated; None leaves the form for later."""
    from intake.review.deciding import Decision  # noqa: PLC0415

    form = question.group.verbatims[0]
    whose, _, how = answer.partition(" ")
    if whose == "-":
        return Decision(form=form, then="not_identifying")
    letter, _, words = how.strip().partition(" ")
    treated: dict[str, Any] = {}
    if letter == "k":
        treated = {"treatment": "keep", "reason": words or "not_set"}
    elif letter == "g":
        lang = question.texts[question.group.places[0].text].lang
        treated = {
            "treatment": "generalise",
            "wordings": {lang: words} if words else {},
            "reason": "wider_wording",
        }
    if whose == "n":
        return Decision(form=form, then="new", **treated)
    entity = question.group.entity if whose == "y" else None
    if whose.isascii() and whose.isdigit():
        entity = int(whose)
    return Decision(form=form, then="entity", entity=entity, **treated) if entity else None


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(_LARGEST_DECISIONS + 1)
    except OSError:
        raise InputFileError from None
    if len(content) > _LARGEST_DECISIONS:
        raise InputFileError
    return content
