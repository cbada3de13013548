"""Commands of travel mode: the keys to a token and back, and what has no command at home."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from intake.cli import away
from intake.cli.common import JsonOption, say, show, unlocked, vault_path
from intake.errors import NotTravellingError

travel_app = typer.Typer(help="A laptop that cannot read what it takes.", no_args_is_help=True)
TokenOption = Annotated[
    Path, typer.Option("--token", help="The folder of a stick that stays with somebody.")
]
_Words = Annotated[str, typer.Argument(help="The interview's two words, such as heron-cedar.")]


def attach(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(travel_app, name="travel")


@travel_app.command("start")
def travel_start(context: typer.Context, token: TokenOption, as_json: JsonOption = False) -> None:
    """Take all keys to a token; this laptop then records and reads nothing.

    Again, without a passphrase, where it was interrupted.
    """
    from intake.opening import travelling  # noqa: PLC0415  # as in `unlocked`

    path = vault_path(context)
    if _is_half_gone(path):
        departed = travelling.finish_departing(path, token)
    else:
        with unlocked(context) as vault:
            departed = travelling.depart(vault, token)
    if departed.same_disk:
        say("Warning: this folder lies on the same disk as the vault. Take it away from here.")
    facts = {
        "unreadable": departed.is_unreadable,
        "left": departed.left,
        "six_words": list(departed.six_words),
    }
    said = (
        "This laptop cannot read its interviews."
        if departed.is_unreadable
        else f"{departed.left} key file(s) are still here, and not on the token as they are."
    )
    words = " ".join(departed.six_words)
    show(as_json, facts, f"{said}\nNote on paper: {words}\n{travelling.BEYOND_REACH}")
    if not departed.is_unreadable:
        raise typer.Exit(1)


def _is_half_gone(path: Path) -> bool:
    """Whether a departure was interrupted after the first key went: then nobody can unlock."""
    from intake.capture.travelling import is_travelling  # noqa: PLC0415  # as in `unlocked`
    from intake.opening.travelling import keys_here  # noqa: PLC0415

    if not is_travelling(path):
        return False
    here = keys_here(path)
    members = {name for name in here if name.startswith("members/")}
    return not here or any(f"keys/{Path(name).stem}.testimony.age" not in here for name in members)


@travel_app.command("end")
def travel_end(context: typer.Context, token: TokenOption, as_json: JsonOption = False) -> None:
    """Bring the keys back; the next unlock brings in what was taken on the way."""
    from intake.opening import travelling  # noqa: PLC0415  # as in `unlocked`

    count = travelling.come_back(vault_path(context), token)
    words = (
        f"{count} key file(s) came back. Unlock the vault now: it brings in what waits. "
        "Then destroy the copies on the token, or lock it away."
    )
    show(as_json, {"came_back": count}, words)


@travel_app.command("check")
def travel_check(
    context: typer.Context,
    words: Annotated[
        str, typer.Option(help="The six words on your paper, to compare.", show_default=False)
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Test that this laptop cannot read its interviews, and compare its public keys."""
    from intake.capture.travelling import is_travelling, travel  # noqa: PLC0415  # as in `unlocked`
    from intake.opening.travelling import keys_here  # noqa: PLC0415

    path = vault_path(context)
    here = keys_here(path)
    if not is_travelling(path):
        raise NotTravellingError
    six = travel(path, words).six_words
    facts = {"unreadable": not here, "keys_here": here, "six_words": list(six)}
    said = (
        "This laptop cannot read its interviews."
        if not here
        else "Key files are still here: " + ", ".join(here)
    )
    compared = "They are those on your paper." if words else "Compare with your paper:"
    show(as_json, facts, f"{said}\n{compared} {' '.join(six)}")
    if here:
        raise typer.Exit(1)


@travel_app.command("exhibit")
def travel_exhibit(
    context: typer.Context,
    words: _Words,
    file: Annotated[Path, typer.Argument(help="A photo, a letter, a voice message.")],
    as_json: JsonOption = False,
) -> None:
    """Seal what a witness shows. The file itself stays where it is."""
    traveller = away.traveller_of(context)
    if traveller is None:
        raise NotTravellingError
    traveller.show(words, file)
    away.show_sealed(as_json, words)
