"""The headless doors: every step of Intake as a command (docs/architecture.md, "Doors").

Exit status: 0 done, 1 refused or failed with one sentence on standard error, 2 wrong call. With
--json, standard output holds one object, or one a line; everything else goes to standard error.
"""

from __future__ import annotations

import sys

import typer

from intake.cli import account, leaving, matter, names, vaults
from intake.cli.common import Globals, sentence_for

app = typer.Typer(
    name="intake",
    help="Takes testimony safely: who is kept apart from what was said. Works without a network.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _globals(
    context: typer.Context,
    vault: Globals.VaultOption = None,
    member: Globals.MemberOption = "",
    passphrase_file: Globals.FileOption = None,
    passphrase_fd: Globals.DescriptorOption = None,
) -> None:
    context.obj = Globals(vault, member, passphrase_file, passphrase_fd)


for part in (vaults, matter, names, account, leaving):
    part.attach(app)


def main() -> None:
    """Run one command; never a traceback, never a word of testimony on standard error."""
    try:
        app(standalone_mode=True)
    except Exception as error:  # noqa: BLE001  # the last line of defence: one sentence, always
        print(sentence_for(error), file=sys.stderr)  # noqa: T201  # this is the terminal
        sys.exit(1)
    except KeyboardInterrupt:
        print("Stopped. What was done until now is kept.", file=sys.stderr)  # noqa: T201
        sys.exit(1)
