"""Commands on the matter: witness, interview, consent, recipient."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

from intake.cli import away, beginning
from intake.cli.common import (
    InterviewArgument,
    JsonOption,
    interview_of,
    show,
    show_rows,
    unlocked,
)

if TYPE_CHECKING:
    from intake.capture.interviews import Interview
    from intake.vault.vault import Vault

witness_app = typer.Typer(help="Witnesses, under random codes.", no_args_is_help=True)
interview_app = typer.Typer(help="Interviews of a witness.", no_args_is_help=True)
consent_app = typer.Typer(help="What a witness allows.", no_args_is_help=True)
recipient_app = typer.Typer(help="Who may get something.", no_args_is_help=True)
_NO_CLASS = "none"
_FIRST_YEAR = 1900
_LONGEST_MINUTES = 7 * 24 * 60
_CLASSES = "translator, prosecutor, un_body, family_lawyers, public, other_organisation"


def attach(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(witness_app, name="witness")
    beginning.add_to(interview_app)
    app.add_typer(interview_app, name="interview")
    app.add_typer(consent_app, name="consent")
    app.add_typer(recipient_app, name="recipient")


@witness_app.command("new")
def witness_new(context: typer.Context, as_json: JsonOption = False) -> None:
    """Enter a witness under a new random code."""
    from intake.capture import witnesses  # noqa: PLC0415  # as in `unlocked`

    with unlocked(context) as vault:
        _, code = witnesses.new_witness(vault)
    show(as_json, {"witness": code}, code)


@witness_app.command("list")
def witness_list(context: typer.Context, as_json: JsonOption = False) -> None:
    """List witnesses by code."""
    from intake.capture import witnesses  # noqa: PLC0415  # as in `unlocked`

    with unlocked(context) as vault:
        found = witnesses.list_witnesses(vault)
    show_rows(
        as_json,
        (({"witness": code, "interviews": n}, f"{code}  {n} interview(s)") for code, n in found),
        empty="No witness yet. A witness has a random code: intake witness new.",
    )


@interview_app.command("new")
def interview_new(
    context: typer.Context,
    witness: Annotated[str, typer.Argument(help="A witness's code, such as W-7QK4.")],
    kind: Annotated[
        str, typer.Option(help="first_account, detailed_statement, screening_note.")
    ] = ("first_account"),
    start: Annotated[str, typer.Option(help="2026-11-24T09:30+01:00; now if left out.")] = "",
    place: Annotated[str, typer.Option(help="Kept in the identity register alone.")] = "",
    present: Annotated[
        list[str] | None,
        typer.Option(help="A role that was present; end with ':remote' for a call. Repeatable."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Open an interview."""
    from intake.capture import interviews, witnesses  # noqa: PLC0415  # as in `unlocked`
    from intake.vault.domains import INTERVIEW_KINDS, PRESENT_ROLES  # noqa: PLC0415  # as in `unlocked`

    people = [person.partition(":")[::2] for person in present or []]
    if kind not in INTERVIEW_KINDS:
        raise typer.BadParameter("a kind is one of " + ", ".join(INTERVIEW_KINDS))
    if not all(role in PRESENT_ROLES and how in {"", "remote"} for role, how in people):
        raise typer.BadParameter("who was present is one of " + ", ".join(PRESENT_ROLES))
    began = _time_of(start)
    with unlocked(context) as vault:
        found = witnesses.find_witness(vault, witness)
        made = interviews.new_interview(vault, found, start=began, kind=kind, place=place)
        for role, how in people:
            interviews.add_present(vault, made.id, role=role, is_remote=how == "remote")
    show(as_json, {"interview": made.code}, made.code)


def _time_of(start: str) -> dt.datetime:
    if not start:
        return dt.datetime.now(dt.UTC)
    try:
        began = dt.datetime.fromisoformat(start)
    except ValueError:
        began = None
    if began is None or began.tzinfo is None or began.year < _FIRST_YEAR:
        raise typer.BadParameter("a start is written like 2026-11-24T09:30+01:00")
    return began


@interview_app.command("list")
def interview_list(context: typer.Context, as_json: JsonOption = False) -> None:
    """List interviews."""
    from intake.capture import interviews  # noqa: PLC0415  # as in `unlocked`

    with unlocked(context) as vault:
        found = [(i, _state(vault, i)) for i in interviews.list_interviews(vault)]
    show_rows(
        as_json,
        (
            (
                {"interview": i.code, "kind": i.kind, "month": i.month, "state": state},
                f"{i.code}  {i.month}  {i.kind.replace('_', ' ')}  {state}",
            )
            for i, state in found
        ),
        empty="No interview yet: intake interview new WITNESS.",
    )


def _state(vault: Vault, interview: Interview) -> str:
    """Return the state of an interview, or that it was erased: its code and consent stay."""
    from intake.vault.tombstones import is_erased  # noqa: PLC0415  # as in `unlocked`

    is_gone = is_erased(vault.testimony, "interview", interview.id)
    return "erased" if is_gone else interview.state


@interview_app.command("show")
def interview_show(
    context: typer.Context, code: InterviewArgument, as_json: JsonOption = False
) -> None:
    """Show an interview: who was present, how long it took, its consent answers."""
    from intake.capture import interviews  # noqa: PLC0415  # as in `unlocked`
    from intake.consent import setting  # noqa: PLC0415  # as in `unlocked`

    with unlocked(context) as vault:
        found = interview_of(vault, code)
        present = interviews.list_present(vault, found.id)
        length = interviews.session_length_ms(vault, found.id)
        answers = setting.answers(vault, found.id)
        state = _state(vault, found)
    people = ", ".join(f"{p.code} ({p.role}{', remote' if p.is_remote else ''})" for p in present)
    lines = [
        f"{found.code}  {found.kind.replace('_', ' ')}  {found.month}  {state}",
        f"Present: {people or 'nobody entered'}",
        "Length: still open" if length is None else f"Length: {length // 60000} minutes",
        *(f"Consent: {_answer_words(act, who, a)}" for (act, who), a in answers.items()),
    ]
    facts = {
        "interview": found.code,
        "kind": found.kind,
        "month": found.month,
        "state": state,
        "present": [{"code": p.code, "role": p.role, "remote": p.is_remote} for p in present],
        "length_ms": length,
        "consent": [{"act": a, "class": c, "answer": v} for (a, c), v in answers.items()],
    }
    show(as_json, facts, "\n".join(lines))


@interview_app.command("end")
def interview_end(
    context: typer.Context,
    code: InterviewArgument,
    minutes: Annotated[float, typer.Option(help="How long it took, from its start.")],
    as_json: JsonOption = False,
) -> None:
    """Enter when the interview ended."""
    from intake.capture import interviews  # noqa: PLC0415  # as in `unlocked`

    if not 0 <= minutes <= _LONGEST_MINUTES:  # nor "nan", which no comparison lets through
        raise typer.BadParameter(f"minutes run from 0 to {_LONGEST_MINUTES}, which is a week")
    with unlocked(context) as vault:
        found = interview_of(vault, code)
        interviews.end_session(vault, found.id, after=dt.timedelta(minutes=minutes))
    show(as_json, {"interview": found.code}, "Entered.")


@consent_app.command("set")
def consent_set(
    context: typer.Context,
    code: InterviewArgument,
    act: Annotated[
        str, typer.Argument(help="keep, translate, voice_to_translator, contact, share.")
    ],
    answer: Annotated[str, typer.Argument(help="yes, with_name, without_name, ask_again or no.")],
    recipients: Annotated[
        str,
        typer.Option("--with", help=f"For share: {_CLASSES}.", show_default=False),
    ] = _NO_CLASS,
    part: beginning.PartOption = "",
    at: beginning.AtOption = "",
    as_json: JsonOption = False,
) -> None:
    """Record one answer of the consent grid. What was not asked counts as no."""
    from intake.consent import setting  # noqa: PLC0415  # as in `unlocked`

    at_ms, media = beginning.ms_of(at), beginning.part_of(part)
    if (traveller := away.traveller_of(context)) is not None:
        traveller.answer(code, act=act, recipient_class=recipients, answer=answer)
        away.show_sealed(as_json, code)
        return
    with unlocked(context) as vault:
        found = interview_of(vault, code)
        setting.set_answer(
            vault,
            found.id,
            act=act,
            recipient_class=recipients,
            answer=answer,
            media=None if media is None else setting.MediaId(media),
            at_ms=at_ms,
        )
    show(as_json, {"interview": found.code, "act": act, "answer": answer}, "Recorded.")


@consent_app.command("show")
def consent_show(
    context: typer.Context, code: InterviewArgument, as_json: JsonOption = False
) -> None:
    """Show the answers that count."""
    from intake.consent import setting  # noqa: PLC0415  # as in `unlocked`

    with unlocked(context) as vault:
        answers = setting.answers(vault, interview_of(vault, code).id)
    show_rows(
        as_json,
        (
            (
                {"act": act, "class": who, "answer": answer},
                _answer_words(act, who, answer),
            )
            for (act, who), answer in answers.items()
        ),
        empty="Nothing was asked yet; not asked counts as no.",
    )


def _answer_words(act: str, who: str, answer: str) -> str:
    act_words = act if who == _NO_CLASS else f"{act} with {who}"
    return f"{act_words}: {answer}".replace("_", " ")


@recipient_app.command("add")
def recipient_add(
    context: typer.Context,
    recipient_class: Annotated[str, typer.Argument(help=f"One of {_CLASSES}.")],
    name: Annotated[str, typer.Option(help="Kept in the identity register alone.")],
    as_json: JsonOption = False,
) -> None:
    """Enter a recipient."""
    from intake.statement.recipients import add_recipient  # noqa: PLC0415

    if recipient_class not in _CLASSES.split(", "):
        raise typer.BadParameter("a recipient is one of " + _CLASSES)
    with unlocked(context) as vault:
        made = add_recipient(vault, recipient_class=recipient_class, name=name)
    show(as_json, {"recipient": made.code}, made.code)
