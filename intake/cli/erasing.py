"""Commands that two people sign: erasing, the rule of two, a second person for identities."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from intake.cli.common import (
    InterviewArgument,
    JsonOption,
    interview_of,
    read_passphrase,
    say,
    show,
    unlocked,
    vault_path,
)
from intake.errors import ConfirmationDiffersError, SecondNeededError

if TYPE_CHECKING:
    from crypto.secrets import Passphrase
    from intake.opening.erasing import ErasurePlan
    from intake.vault.ids import MemberId
    from intake.vault.vault import Vault

WithOption = Annotated[
    str, typer.Option("--with", help="The second person: a member's id, or how it begins.")
]
SecondFileOption = Annotated[
    Path | None,
    typer.Option("--second-passphrase-file", help="Read the second person's from a file."),
]


def attach(vault_app: typer.Typer) -> None:
    """Add what is done to the whole vault to the group vault."""
    vault_app.command("erase")(erase)
    vault_app.command("rule")(rule)


def attach_second(member_app: typer.Typer) -> None:
    """Add the second person's command to the group member."""
    member_app.command("second")(second)


def erase(
    context: typer.Context,
    interview: Annotated[
        str, typer.Option("--interview", help="An interview's code: erase all of it.")
    ] = "",
    part: Annotated[
        str, typer.Option("--part", help="The id of one recording: erase it and its words.")
    ] = "",
    put_back: Annotated[
        bool, typer.Option("--put-back", help="Destroy erased files that lie here again.")
    ] = False,
    names: Annotated[
        bool, typer.Option("--names", help="Names that stand in nothing else go too.")
    ] = False,
    plan_only: Annotated[
        bool, typer.Option("--plan", help="Say what would go, and change nothing.")
    ] = False,
    confirm: Annotated[
        str, typer.Option("--confirm", help="The interview's code, for scripts.")
    ] = "",
    other: WithOption = "",
    second_file: SecondFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Destroy an interview or one recording for good: sound, words, times, names used there alone.

    A cleared custodian does it with a second person. Codes, consent and custody stay.
    """
    from intake.opening import erasing  # noqa: PLC0415  # loads the finders

    if sum((bool(interview), bool(part), put_back)) != 1:
        raise typer.BadParameter("give one of --interview, --part and --put-back")
    with unlocked(context) as vault:
        if put_back:
            count = erasing.destroy_put_back(vault)
            show(as_json, {"destroyed": count}, f"{count} file(s) destroyed again.")
            return
        plan = _planned(vault, interview, part)
        if plan_only:
            show(as_json, _facts(plan, erased=False), _in_words(plan))
            return
        say(_in_words(plan))
        if plan.needs_second and not other:
            raise SecondNeededError
        _confirm(plan, confirm)
        erasing.erase(vault, plan, second=_second(context, other, second_file), with_names=names)
    show(as_json, _facts(plan, erased=True), f"{plan.code}: erased.")


def rule(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="two-people")],
    state: Annotated[str, typer.Argument(help="on or off")],
    other: WithOption = "",
    second_file: SecondFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set the rule that two people open identities of interviews that another one took."""
    from intake.opening import erasing  # noqa: PLC0415  # loads the finders

    if name != "two-people" or state not in ("on", "off"):
        raise typer.BadParameter("the rule is two-people, and it is on or off")
    with unlocked(context) as vault:
        member, passphrase = _asked(context, other, second_file)
        erasing.set_two_people(vault, member, passphrase, on=state == "on")
    show(as_json, {"rule": name, "state": state}, f"Two people for identities: {state}.")


def second(
    context: typer.Context,
    interview: InterviewArgument,
    other: WithOption = "",
    second_file: SecondFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a second cleared member agree that you see an interview's identities, until midnight UTC.

    Asked for where the vault keeps the rule of two people and another member took the interview.
    """
    from intake.opening import erasing  # noqa: PLC0415  # loads the finders

    with unlocked(context) as vault:
        found = interview_of(vault, interview)
        member, passphrase = _asked(context, other, second_file)
        erasing.see_identities_together(vault, found.id, member, passphrase)
    show(as_json, {"interview": found.code}, f"{found.code}: agreed until midnight, UTC.")


def _planned(vault: Vault, interview: str, part: str) -> ErasurePlan:
    from intake.opening import erasing  # noqa: PLC0415  # loads the finders

    if interview:
        return erasing.plan_interview(vault, interview_of(vault, interview).id)
    return erasing.plan_part(vault, erasing.MediaId(part))


def _second(
    context: typer.Context, other: str, file: Path | None
) -> tuple[MemberId, Passphrase] | None:
    return _asked(context, other, file) if other else None


def _asked(context: typer.Context, other: str, file: Path | None) -> tuple[MemberId, Passphrase]:
    """Take who the second person is, and their passphrase at this keyboard."""
    from intake import opening  # noqa: PLC0415  # the ciphers, which `--help` need not load

    if not other:
        raise SecondNeededError
    member = opening.find_member(vault_path(context), other)
    return member, read_passphrase(file, None, "Passphrase of the second person")


def _confirm(plan: ErasurePlan, given: str) -> None:
    """Ask for the interview's code, typed out; without a terminal it stands in `--confirm`."""
    if not given and sys.stdin.isatty():
        say(f"Type {plan.code} to erase it. There is no way back.")
        given = sys.stdin.readline().strip()
    if given != plan.code:
        raise ConfirmationDiffersError


def _facts(plan: ErasurePlan, *, erased: bool) -> dict[str, Any]:
    return {
        "interview": plan.code,
        "erased": erased,
        "segments": plan.segments,
        "files": plan.files,
        "releases": plan.releases,
        "names": [{"number": each.number, "forms": list(each.forms)} for each in plan.names],
        "copies": [
            {"what": each.what, "recipient": each.recipient, "day": each.day, "state": each.state}
            for each in plan.copies
        ],
    }


def _in_words(plan: ErasurePlan) -> str:
    from intake.opening.erasing import BEYOND_REACH  # noqa: PLC0415  # loads the finders

    counts = f"{plan.segments} segment(s), {plan.files} file(s), {plan.releases} release(s)"
    lines = [f"To destroy of {plan.code}: {counts}."]
    if plan.names:
        lines.append("Names that stand in nothing else (with --names they go too):")
        lines += [f"  {each.number}  {' / '.join(each.forms)}" for each in plan.names]
    if plan.copies:
        lines.append("Copies elsewhere that this cannot reach; ask for them by another way:")
        lines += [f"  {e.day}  {e.recipient}  {e.what} ({e.state})" for e in plan.copies]
    return "\n".join([*lines, BEYOND_REACH])
