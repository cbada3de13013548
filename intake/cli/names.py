"""Commands on names: person, separate, review."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from intake.cli.asking import KEPT, ask, words_for
from intake.cli.common import (
    InterviewArgument,
    JsonOption,
    interview_of,
    show,
    show_rows,
    unlocked,
)
from intake.errors import InputFileError

if TYPE_CHECKING:
    from intake.review.treating import Treatment

person_app = typer.Typer(help="The names register.", no_args_is_help=True)
review_app = typer.Typer(help="Decide what points to a person.", no_args_is_help=True)
_LARGEST_DECISIONS = 16 << 20
NumberArgument = Annotated[int, typer.Argument(help="A number of `intake person list`.")]


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
    preferred: Annotated[
        list[str] | None, typer.Option(help="Shown in a language: LANG=FORM. Repeatable.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Declare a person, a place or another name. Hidden everywhere unless said otherwise."""
    from intake.review.declaring import Declaration, declare  # noqa: PLC0415
    from intake.text import Kind  # noqa: PLC0415

    if kind not in set(Kind):
        raise typer.BadParameter("a kind is one letter of " + ", ".join(Kind))
    treatment = _treatment(keep, wording) if keep or wording else None
    shown = _by_language(preferred, "LANG=FORM")
    declaration = Declaration(Kind(kind), tuple(forms), treatment, shown)
    with unlocked(context) as vault:
        (number,) = declare(vault, [declaration])
    show(as_json, {"entity": number}, f"Entered as {kind}{number}.")


@person_app.command("add-form")
def person_add_form(
    context: typer.Context,
    number: NumberArgument,
    forms: Annotated[list[str], typer.Argument(help="More spellings of the same one.")],
    lang: Annotated[str, typer.Option(help="Their language, such as fr.")] = "",
    preferred: Annotated[
        bool, typer.Option("--preferred", help="Show the first of them from now on.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Add spellings. Texts that hold one are asked for again by `intake separate`."""
    from intake.review.declaring import add_forms  # noqa: PLC0415

    with unlocked(context) as vault:
        entity = add_forms(vault, number, forms, lang=lang, is_preferred=preferred)
    show(as_json, {"entity": entity}, f"Added to number {entity}. Next: intake separate INTERVIEW")


@person_app.command("treat")
def person_treat(
    context: typer.Context,
    number: NumberArgument,
    hide: Annotated[bool, typer.Option("--hide", help="Never by name.")] = False,
    keep: Annotated[
        str, typer.Option(help="Keep by name: accused, official, institution or city.")
    ] = "",
    wording: Annotated[
        list[str] | None, typer.Option(help="Generalise to this: LANG=WORDS. Repeatable.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Change how a name appears in what leaves. Make the release again afterwards."""
    from intake.review.declaring import treat  # noqa: PLC0415
    from intake.review.treating import Treatment  # noqa: PLC0415

    if hide == bool(keep or wording):
        raise typer.BadParameter("give one of --hide, --keep and --wording")
    treatment = Treatment() if hide else _treatment(keep, wording)
    with unlocked(context) as vault:
        entity = treat(vault, number, treatment)
    facts = {"entity": entity, "treatment": treatment.choice}
    show(as_json, facts, f"Number {entity}: {treatment.choice}. A release is to be made again.")


@person_app.command("merge")
def person_merge(
    context: typer.Context,
    number: NumberArgument,
    into: Annotated[int, typer.Argument(help="The number that remains.")],
    as_json: JsonOption = False,
) -> None:
    """Say that two numbers are the same person, place or thing. It cannot be taken back."""
    from intake.review.declaring import merge  # noqa: PLC0415

    with unlocked(context) as vault:
        entity = merge(vault, number, into)
    show(as_json, {"entity": entity}, f"Number {number} is number {entity} from now on.")


def _treatment(keep: str, wording: list[str] | None) -> Treatment:
    from intake.review.treating import Treatment  # noqa: PLC0415

    if keep:
        if keep not in KEPT or wording:
            raise typer.BadParameter("keep gives one reason of " + ", ".join(KEPT) + ", no wording")
        return Treatment("keep", reason=keep)
    wordings = _by_language(wording, "LANG=WORDS")
    return Treatment("generalise", wordings, reason="wider_wording")


def _by_language(pairs: list[str] | None, shape: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in pairs or []:
        lang, _, words = pair.partition("=")
        if not lang or not words or lang in found:
            raise typer.BadParameter(f"this is written {shape}, each language once")
        found[lang] = words
    return found


@person_app.command("list")
def person_list(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the names register. Needs a cleared member."""
    from intake.review.listing import names_kept_back  # noqa: PLC0415
    from intake.review.treating import DEFAULT_PROFILE, treatments  # noqa: PLC0415
    from intake.transcript.names import load_register  # noqa: PLC0415

    with unlocked(context) as vault:
        register = load_register(vault)
        kept_back = names_kept_back(vault, register)
        decided = treatments(vault, DEFAULT_PROFILE)
    rows = []
    for number, entity in sorted(register.entities.items()):
        forms = [form.verbatim for form in register.forms_of(number)]
        if not forms or register.root(number) in kept_back:  # erased, or not this member's to see
            continue
        how: str = decided[number].choice if number in decided else "hide"
        facts = {
            "entity": number,
            "kind": entity.kind.value,
            "forms": forms,
            "treatment": how,
            "merged_into": entity.merged_into,
        }
        how = f"is {entity.merged_into}" if entity.merged_into else how
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
        rows.append((facts, words_for(question)))
    show_rows(as_json, rows, empty="Nothing is left to decide.")


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

    A form that is one person here and another there: each decision with "segments": [3, 4], the
    numbers that `intake transcript show` gives.
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
            register = load_register(vault)
            decisions = ask(questions(vault, interview.id, register), register)
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


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(_LARGEST_DECISIONS + 1)
    except OSError:
        raise InputFileError from None
    if len(content) > _LARGEST_DECISIONS:
        raise InputFileError
    return content
