"""The command that says what this computer gives to Intake and what it does not."""

from __future__ import annotations

from pathlib import Path

import typer

from intake.cli.common import JsonOption, globals_of, show


def attach(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.callback()(_group)  # else the library takes one command for the whole program
    app.command("doctor")(doctor)


def _group() -> None:
    """Make a group of the one command."""


def doctor(context: typer.Context, as_json: JsonOption = False) -> None:
    """Say what this computer gives and what it does not.

    And what to do about it. With --vault it looks at the disk below that folder, else below your
    home. Ends with 1 if something serious is not given.
    """
    from intake.doctor import examine, this_computer  # noqa: PLC0415  # the ciphers, not for --help

    lines = examine(this_computer(globals_of(context).vault or Path.home()))
    alarms = sum(line.is_alarm for line in lines)
    facts = {
        "lines": [
            {
                "what": line.what,
                "state": line.state.value,
                "found": line.found,
                "to_do": line.to_do,
                "serious": line.is_alarm,
            }
            for line in lines
        ],
        "serious": alarms,
    }
    words = [
        f"{'!' if line.is_alarm else ' '} {line.what}: {line.state.value}. {line.found}"
        + (f"\n    What to do: {line.to_do}" if line.to_do else "")
        for line in lines
    ]
    words.append(
        f"\n{alarms} serious, marked with `!`." if alarms else "\nNothing serious was found."
    )
    show(as_json, facts, "\n".join(words))
    if alarms:
        raise typer.Exit(1)
