"""Commands on the people of a vault."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from intake.cli import erasing, removing
from intake.cli.common import (
    JsonOption,
    read_passphrase,
    show,
    show_rows,
    unlocked,
    unlocked_with,
)

if TYPE_CHECKING:
    from intake.vault.members import RosterRow

member_app = typer.Typer(help="The people of a vault.", no_args_is_help=True)


def attach(app: typer.Typer) -> None:
    """Add these commands to the program."""
    erasing.attach_second(member_app)
    removing.attach(member_app)
    app.add_typer(member_app, name="member")


@member_app.command("add")
def add(
    context: typer.Context,
    role: Annotated[list[str], typer.Option(help="interviewer, translator, legal or custodian.")],
    new_passphrase_file: Annotated[
        Path | None, typer.Option(help="Read the new member's passphrase from a file.")
    ] = None,
    cleared: Annotated[bool, typer.Option(help="May see who the people are.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Admit a member; they type their own passphrase. Needs a cleared custodian."""
    from intake import opening  # noqa: PLC0415  # the ciphers, which `--help` need not load
    from intake.vault.domains import ROLES  # noqa: PLC0415  # as above

    if not role or not set(role) <= set(ROLES):
        raise typer.BadParameter("a role is one of " + ", ".join(ROLES))
    with unlocked(context) as vault:
        passphrase = read_passphrase(
            new_passphrase_file, None, "Passphrase of the new member", twice=True
        )
        member = opening.add_member(
            vault, passphrase, roles=",".join(dict.fromkeys(role)), cleared=cleared
        )
    show(as_json, {"member": member}, f"Member {member[:8]} was admitted.")


@member_app.command("passphrase")
def passphrase(
    context: typer.Context,
    new_passphrase_file: Annotated[
        Path | None, typer.Option(help="Read the new passphrase from a file.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Change your own passphrase. The one that you have now is asked first."""
    from intake import opening  # noqa: PLC0415  # the ciphers, which `--help` need not load

    with unlocked_with(context) as (vault, old):
        new = read_passphrase(new_passphrase_file, None, "New passphrase", twice=True)
        opening.change_passphrase(vault, old, new)
    show(as_json, {"member": vault.member}, opening.AFTER_A_CHANGE)


@member_app.command("list")
def list_members(context: typer.Context, as_json: JsonOption = False) -> None:
    """List members with roles and clearance, then those who were removed."""
    with unlocked(context) as vault:
        rows: list[tuple[RosterRow, int | None]] = [(row, None) for row in vault.record.people()]
        rows += [(gone.row, gone.until_n) for gone in vault.record.former]
    show_rows(as_json, (_listed(row, until) for row, until in rows), empty="")


def _listed(row: RosterRow, until: int | None) -> tuple[dict[str, Any], str]:
    facts: dict[str, Any] = {
        "member": row.id,
        "roles": row.roles.split(","),
        "cleared": row.cleared,
        "public_key": row.sign_key,
        "former": until is not None,
    }
    words = f"{row.id[:8]}  {row.roles}  {'cleared' if row.cleared else 'not cleared'}"
    if until is not None:
        facts["until_n"] = until
        words += f"  removed; entries up to {until} count"
    return facts, words
