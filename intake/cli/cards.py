"""Commands on the organisation card: make, show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from intake.cli import recovering
from intake.cli.common import JsonOption, globals_of, read_passphrase, say, show
from intake.errors import TargetExistsError

if TYPE_CHECKING:
    from intake.opening.cards import OpenedCard

card_app = typer.Typer(help="The organisation's signed card.", no_args_is_help=True)


def attach(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(card_app, name="card")


@card_app.command("make")
def make(
    context: typer.Context,
    source: Annotated[
        Path | None, typer.Argument(help="What stands in the card, as TOML; see --template.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The card: a file that is not there yet.")
    ] = None,
    key_file: Annotated[
        Path | None, typer.Option(help="The organisation's key; made if it is not there yet.")
    ] = None,
    template: Annotated[bool, typer.Option("--template", help="Print a card to fill in.")] = False,
    new_recovery: Annotated[
        bool, typer.Option("--new-recovery", help="Make the organisation's recovery shares.")
    ] = False,
    shares: recovering.SharesOption = recovering.DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Sign an organisation card. The passphrase is that of the key file; it needs no vault."""
    from intake.opening import cards  # noqa: PLC0415  # the ciphers, which `--help` need not load

    if template:
        show(as_json, {"template": cards.template()}, cards.template().rstrip())
        return
    if source is None or out is None or key_file is None:
        raise typer.BadParameter("name the TOML file, --key-file and --out, or use --template")
    if out.exists() or out.is_symlink():  # said before anybody types a passphrase
        raise TargetExistsError
    cards.check_source(source)
    made = recovering.new_shares(shares, as_json=as_json) if new_recovery else None
    is_new = not key_file.exists()
    options = globals_of(context)
    what = "New passphrase of the key file" if is_new else "Passphrase of the key file"
    passphrase = read_passphrase(options.passphrase_file, options.passphrase_fd, what, twice=is_new)
    if is_new:
        cards.make_key_file(key_file, passphrase)
    opened = cards.make_card(source, out, key_file, passphrase, recovery=made)
    facts = _facts(opened) | (recovering.facts_of(made) if made else {})
    words = f"Card {opened.card.version} was signed. Its six words: {' '.join(opened.words)}"
    if made is not None:
        words = f"{recovering.sheets(made, of_card=True)}\n{words}"
    show(as_json, facts, words)


@card_app.command("show")
def show_card(
    card: Annotated[Path, typer.Argument(help="A card's file.")], as_json: JsonOption = False
) -> None:
    """Check a card's signature and show what it holds, with six words to compare by voice."""
    from intake.opening import cards  # noqa: PLC0415  # the ciphers, which `--help` need not load

    opened = cards.open_card_file(card)
    show(as_json, _facts(opened), _words(opened))
    if not as_json:
        say(
            "Compare the six words with the organisation, by voice: only they say whose card it is."
        )


def _facts(opened: OpenedCard) -> dict[str, Any]:
    import msgspec  # noqa: PLC0415  # as above

    content = json.loads(msgspec.json.encode(opened.card))
    return {"card": content, "key": opened.key.to_hex(), "words": list(opened.words)}


def _words(opened: OpenedCard) -> str:
    card = opened.card
    lines = [
        f"Organisation: {card.organisation}",
        f"Version:      {card.version}",
        f"Recovery:     {'by the organisation' if card.recovery else 'not by the organisation'}",
        f"Rules:        {', '.join(card.rules) or 'none'}",
        f"Lock after:   {f'{card.lock_minutes} minutes' if card.lock_minutes else 'not said'}",
        f"Consent:      {', '.join(sorted(card.consent)) or 'no texts'}",
        *(f"Recipient:    {each.name} ({each.recipient_class})" for each in card.recipients),
        *(f"Code:         {code} {text}" for code, text in sorted(card.redaction_codes.items())),
        f"Glossary:     {len(card.glossary)} terms",
        f"Six words:    {' '.join(opened.words)}",
    ]
    return "\n".join(lines)
