"""Commands on the vault itself: vault, custody."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from intake.cli import erasing, keeping, recovering
from intake.cli.common import (
    JsonOption,
    globals_of,
    progress,
    read_passphrase,
    say,
    show,
    show_rows,
    unlocked,
    vault_path,
)
from intake.errors import VaultExistsError

vault_app = typer.Typer(help="Create and verify vaults.", no_args_is_help=True)
custody_app = typer.Typer(help="The signed record of what was done.", no_args_is_help=True)


def attach(app: typer.Typer) -> None:
    """Add these commands to the program."""
    recovering.attach(vault_app)
    keeping.attach(vault_app, custody_app)
    erasing.attach(vault_app)
    app.add_typer(vault_app, name="vault")
    app.add_typer(custody_app, name="custody")


@vault_app.command("create")
def create(
    context: typer.Context,
    shares: recovering.SharesOption = recovering.DEFAULT,
    no_recovery: Annotated[
        bool, typer.Option("--no-recovery", help="Make no shares; a lost passphrase loses all.")
    ] = False,
    card: Annotated[
        Path | None, typer.Option("--card", help="Take the organisation's card.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Create a vault, with yourself as its first member: interviewer and custodian, cleared.

    Recovery shares are shown once, to be written on paper. With --json they stand in the output.
    """
    from intake import opening  # noqa: PLC0415  # the ciphers, which `--help` need not load
    from intake.opening import cards  # noqa: PLC0415  # as above

    options = globals_of(context)
    path = vault_path(context)
    if path.exists() or path.is_symlink():  # said before anybody types a passphrase twice
        raise VaultExistsError
    taken = None if card is None else cards.open_card_file(card)
    by_card = taken is not None and taken.card.recovery is not None and not no_recovery
    made = None if no_recovery or by_card else recovering.new_shares(shares, as_json=as_json)
    if taken is not None:
        say(f"Card of {taken.card.organisation}. Its six words: {' '.join(taken.words)}")
    if made is None and not by_card:
        say("Without recovery: if the passphrase is lost, the interviews are lost.")
    passphrase = read_passphrase(
        options.passphrase_file, options.passphrase_fd, "New passphrase", twice=True
    )
    member = opening.create_vault(
        path,
        passphrase,
        recovery=made.source if made else None,
        card=taken,
        no_recovery=no_recovery,
    )
    facts: dict[str, object] = {"member": member}
    if taken is not None:
        facts["card"] = list(taken.words)
    words = f"Vault created. You are member {member[:8]}."
    if by_card:
        words += " Its recovery lies with the organisation of the card."
    if made is not None:
        facts |= recovering.facts_of(made)
        words = f"{recovering.sheets(made)}\n{words}"
    show(as_json, facts, words)


@vault_app.command("verify")
def verify(
    context: typer.Context,
    words: keeping.WordsOption = "",
    entry: keeping.EntryOption = None,
    receipt: keeping.ReceiptOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check every byte: chain, both stores, sealed files, names in any column of the account.

    With words or a receipt, also whether the whole vault is as new as they say.
    """
    from intake.egress.inspecting import verify_vault  # noqa: PLC0415  # loads the finders

    paper = keeping.noted(words, entry)
    with unlocked(context) as vault, progress("Verifying") as report:
        compared, is_new = keeping.compare(vault, paper, receipt)
        findings = verify_vault(vault, report)
    show(
        as_json,
        {
            "compared": compared,
            "findings": [{"place": f.place, "what": f.what} for f in findings],
        },
        "\n".join(str(f) for f in findings) or "Everything is as it was signed.",
    )
    if findings or not is_new:
        raise typer.Exit(1)


@custody_app.command("show")
def custody_show(context: typer.Context, as_json: JsonOption = False) -> None:
    """Show the chain in plain words."""
    from intake.custody.showing import show as lines_of  # noqa: PLC0415

    with unlocked(context) as vault:
        lines = lines_of(vault)
    show_rows(
        as_json,
        (
            (
                {
                    "n": line.n,
                    "time": line.time,
                    "type": line.kind,
                    "actor": line.actor,
                    "completed_by": line.completed_by,
                    "fields": line.fields,
                },
                f"{line.n:5}  {line.time[:19]:19}  {line.actor[:8]}  {line.words}"
                + (" (by a script)" if line.fields.get("decided") == "script" else "")
                + (f" (completed by {line.completed_by[:8]})" if line.completed_by else ""),
            )
            for line in lines
        ),
        empty="",
    )


@custody_app.command("verify")
def custody_verify(context: typer.Context, as_json: JsonOption = False) -> None:
    """Check the chain and every row that it vouches for."""
    from intake.custody.verifying import verify_chain, verify_rows  # noqa: PLC0415

    with unlocked(context) as vault:
        findings = [*verify_chain(vault), *verify_rows(vault)]
        count = vault.testimony.fact("head_n")
    show(
        as_json,
        {
            "entries": int(count or 0),
            "findings": [{"place": f.place, "what": f.what} for f in findings],
        },
        "\n".join(str(f) for f in findings) or f"{count} entries, all as signed.",
    )
    if findings:
        raise typer.Exit(1)


@custody_app.command("extract")
def custody_extract(
    context: typer.Context,
    target: Annotated[Path, typer.Argument(help="A folder that does not exist yet.")],
    as_json: JsonOption = False,
) -> None:
    """Write the chain as files that `openssl` and `sha256sum` check without Intake."""
    from intake.statement.handing import export_custody  # noqa: PLC0415  # loads the finders

    with unlocked(context) as vault:
        count = export_custody(vault, target)
    show(as_json, {"files": count}, f"{count} files written.")
