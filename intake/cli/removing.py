"""Commands for when somebody leaves: could-open, remove, obey."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from intake.cli.common import JsonOption, say, show, unlocked

if TYPE_CHECKING:
    from intake.opening.removing import CouldOpen, Issued

MemberArgument = Annotated[str, typer.Argument(help="A member's id, or how it begins.")]


def attach(member_app: typer.Typer) -> None:
    """Add these commands to the group member."""
    member_app.command("could-open")(could_open)
    member_app.command("remove")(remove)
    member_app.command("obey")(obey)


def could_open(context: typer.Context, member: MemberArgument, as_json: JsonOption = False) -> None:
    """List what somebody can open in this vault, or could until they were removed."""
    from intake.opening import removing  # noqa: PLC0415  # the ciphers, which `--help` need not load

    with unlocked(context) as vault:
        found = removing.what_they_could_open(vault, removing.find_ever(vault, member))
    show(as_json, _facts(found), _page(found))


def remove(
    context: typer.Context,
    member: MemberArgument,
    notice: Annotated[
        Path | None, typer.Option(help="Write the members' notice for other vaults to this file.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Remove a member: new keys for all others. Lists what the one who left could open."""
    from intake.opening import removing  # noqa: PLC0415  # as above
    from intake.opening.freshness import require_outside  # noqa: PLC0415  # as above

    with unlocked(context) as vault:
        who = removing.find_ever(vault, member)
        if notice is not None:
            require_outside(vault, notice)
        before = vault.record.epoch
        found = removing.remove_member(vault, who)
        if vault.record.epoch == before:
            say("This member was removed before.")
        if notice is not None:
            removing.write_notice(vault, who, notice)
        facts = {**_facts(found), "epoch": vault.record.epoch, "notice": notice is not None}
    show(as_json, facts, f"Member {who[:8]} is removed.\n{_page(found)}")


def obey(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A members' notice.")],
    signed_by: Annotated[
        str,
        typer.Option(
            help="The signer's public key, as you heard it from them: `intake member list --json` "
            "shows it to them. Not needed for a custodian of this vault."
        ),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Obey a members' notice: nothing is sealed to that person's key any more."""
    from intake.opening import removing  # noqa: PLC0415  # as above

    with unlocked(context) as vault:
        notice = removing.obey_notice(vault, file, signed_by=signed_by)
        is_here = any(row.id == notice.member for row in vault.record.people())
    facts = {"member": notice.member, "vault": notice.vault, "still_in_the_list": is_here}
    words = f"Nothing is sealed to member {notice.member[:8]} any more."
    if is_here:
        words += " They are in the list of this vault's members: remove them here as well."
    show(as_json, facts, words)


def _facts(found: CouldOpen) -> dict[str, Any]:
    from msgspec import to_builtins  # noqa: PLC0415  # 10 ms that `--help` need not pay

    return dict(to_builtins(found))


def _page(found: CouldOpen) -> str:
    from intake.opening.removing import NO_COPY_IS_REACHED  # noqa: PLC0415  # as above

    what = "text, names, drafts and recordings" if found.is_cleared else "separated text"
    when = f"until entry {found.until_n}" if found.is_former else "until now"
    lines = [f"Member {found.member[:8]} could open {what} {when}:"]
    for interview in found.interviews:
        code = interview.code or "(erased since)"
        seen = "" if found.is_cleared or interview.has_text else "  code and times only"
        lines.append(f"  interview {code}{seen}")
    lines += [f"  finished {_issued(each)}" for each in found.outputs]
    lines += [f"  went out {_issued(each)}" for each in found.exports]
    return "\n".join([*lines, NO_COPY_IS_REACHED])


def _issued(each: Issued) -> str:
    of = each.interview or "the whole vault"
    to = f" to {each.recipient}" if each.recipient else ""
    return f"{each.day}  {each.what} of {of}{to}, {each.profile.replace('_', ' ')}"
