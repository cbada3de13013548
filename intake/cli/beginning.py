"""Commands beside matter: beginning and leaving an interview, and where in it something was."""

from __future__ import annotations

import re
from typing import Annotated, Final

import typer

from intake.cli import away
from intake.cli.common import InterviewArgument, JsonOption, interview_of, show, unlocked

_CLOCK: Final = re.compile(r"(?:(?P<h>[0-9]{1,3}):)?(?P<m>[0-5]?[0-9]):(?P<s>[0-5][0-9])")
_AGREES: Final = ("yes", "on_the_recording", "no")
_FIELDS: Final = ("end", "witness", "present", "closing_question", "read_back", "signature")
_HOW: Final = ("yes", "spoken", "paper")
_ID: Final = re.compile(r"[a-z2-7]{26}")

AtOption = Annotated[
    str,
    typer.Option("--at", help="When, from the start of the part: 00:40:50.", show_default=False),
]
PartOption = Annotated[
    str,
    typer.Option("--part", help="The id of the recorded part; none counts from the start."),
]


def ms_of(at: str) -> int | None:
    """Return a time such as 00:40:50 in ms; None where nothing was said (status 2 for others)."""
    if not at:
        return None
    found = _CLOCK.fullmatch(at)
    if found is None:
        raise typer.BadParameter("a time is written like 00:40:50")
    return ((int(found["h"] or 0) * 60 + int(found["m"])) * 60 + int(found["s"])) * 1000


def part_of(part: str) -> str | None:
    """Return the id of a part; None where nothing was said (status 2 for what is no id)."""
    if part and not _ID.fullmatch(part):
        raise typer.BadParameter("a part is named by its id, as the recorder or import says it")
    return part or None


def add_to(interview_app: typer.Typer) -> None:
    """Add the commands on an interview."""
    interview_app.command("begin")(begin)
    interview_app.command("agrees")(agrees)
    interview_app.command("close")(close)
    interview_app.command("reopen")(reopen)


def begin(
    context: typer.Context,
    answer: Annotated[
        str, typer.Option("--agrees", help="To be recorded: yes, on_the_recording or no.")
    ],
    witness: Annotated[
        str, typer.Option(help="A witness's code; a new one if left out.", show_default=False)
    ] = "",
    kind: Annotated[
        str, typer.Option(help="first_account, detailed_statement, screening_note.")
    ] = "first_account",
    remote: Annotated[
        bool, typer.Option("--remote", help="The witness is at the other end of a call.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Begin an interview now: witness, interview, who is there, the answer, by one step."""
    from intake.capture import witnesses  # noqa: PLC0415  # as in `unlocked`
    from intake.capture.beginning import Agrees  # noqa: PLC0415
    from intake.capture.beginning import begin as begin_now  # noqa: PLC0415
    from intake.vault.domains import INTERVIEW_KINDS  # noqa: PLC0415

    _require_one_of("what the witness says", answer, _AGREES)
    _require_one_of("a kind", kind, INTERVIEW_KINDS)
    if (traveller := away.traveller_of(context)) is not None:
        case = traveller.begin(Agrees(answer), kind=kind, witness=witness, is_remote=remote)
        away.show_case(as_json, traveller, case)
        return
    with unlocked(context) as vault:
        found = witnesses.find_witness(vault, witness) if witness else None
        begun = begin_now(vault, found, agrees=Agrees(answer), kind=kind, is_remote=remote)
    code = begun.interview.code
    way = f"intake record {code}" if begun.may_record else f"intake write {code} --language LANG"
    facts = {"interview": code, "agrees": answer, "may_record": begun.may_record}
    show(as_json, facts, f"{code}. Next: {way}")


def agrees(
    context: typer.Context,
    code: InterviewArgument,
    answer: Annotated[str, typer.Argument(help="yes, on_the_recording or no.")],
    part: PartOption = "",
    at: AtOption = "",
    as_json: JsonOption = False,
) -> None:
    """Enter what the witness says to being recorded. The last answer counts."""
    from intake.capture.beginning import Agrees, MediaId, answer_agreement  # noqa: PLC0415

    _require_one_of("what the witness says", answer, _AGREES)
    at_ms, media = ms_of(at), part_of(part)
    if (traveller := away.traveller_of(context)) is not None:
        traveller.agree(code, Agrees(answer))
        away.show_sealed(as_json, code)
        return
    with unlocked(context) as vault:
        found = interview_of(vault, code)
        answer_agreement(
            vault,
            found.id,
            Agrees(answer),
            media=None if media is None else MediaId(media),
            at_ms=at_ms,
        )
    show(as_json, {"interview": found.code, "agrees": answer}, "Recorded.")


def close(
    context: typer.Context,
    code: InterviewArgument,
    done: Annotated[
        list[str] | None,
        typer.Option("--done", help="What was done: read_back, or signature=spoken. Repeatable."),
    ] = None,
    not_done: Annotated[
        list[str] | None,
        typer.Option("--not-done", help="And what was not: signature=witness refused. Repeatable."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Leave an interview: closed, or unfinished where something is neither done nor said why not.

    Fields: end, witness, present, closing_question, read_back, signature. All but the first two are
    entered with --done, as yes, spoken or paper; each takes --not-done with its reason.
    """
    from intake.capture.leaving import Field, enter_done, leave, left_to_do  # noqa: PLC0415

    given = [_pair(each, "yes") for each in done or []]
    for _, how in given:
        _require_one_of("how it was done", how, _HOW)
    reasons = {Field(field): reason for field, reason in (_pair(each) for each in not_done or [])}
    with unlocked(context) as vault:
        found = interview_of(vault, code)
        for field, how in given:
            enter_done(vault, found.id, Field(field), how=how)
        state = leave(vault, found.id, reasons)
        left = [each.value for each in left_to_do(vault, found.id)]
    words = f"{found.code} is {state}."
    if left:
        words += f" Left to do, or to say why not: {', '.join(left)}.".replace("_", " ")
    show(as_json, {"interview": found.code, "state": state, "left": left}, words)


def reopen(context: typer.Context, code: InterviewArgument, as_json: JsonOption = False) -> None:
    """Go on with an interview that was left unfinished."""
    from intake.capture import leaving  # noqa: PLC0415  # as in `unlocked`

    with unlocked(context) as vault:
        found = interview_of(vault, code)
        leaving.reopen(vault, found.id)
    show(as_json, {"interview": found.code, "state": "open"}, f"{found.code} is open.")


def _pair(given: str, default: str = "") -> tuple[str, str]:
    field, is_given, value = given.partition("=")
    _require_one_of("a field", field, _FIELDS)
    return field, value if is_given else default


def _require_one_of(what: str, given: str, words: tuple[str, ...]) -> None:
    if given not in words:
        raise typer.BadParameter(f"{what} is one of " + ", ".join(words))
