"""The headless doors: every step of Intake as a command (docs/architecture.md, "Doors").

Exit status: 0 done, 1 refused or failed with one sentence on standard error, 2 wrong call. With
--json, standard output holds one object, or one a line; everything else goes to standard error.
"""

from __future__ import annotations

import signal
import sys
import threading
from typing import Any

import typer
from typer.core import TyperGroup

from intake.cli import account, leaving, matter, names, vaults
from intake.cli.common import Globals, sentence_for
from intake.errors import CancelledError, WhichVaultError

# As the work goes, from an empty folder to a statement that left it.
_ORDER = (
    "demo vault member witness interview consent import transcribe transcript person separate "
    "review translate held recipient release export custody models"
).split()


class _Doors(TyperGroup):
    """The group of all commands; a stop by a person or the system ends in a sentence."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002  # as the library has it
        return sorted(self.commands, key=_ORDER.index)

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401  # the signature of the library
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, typer.Abort):
            raise CancelledError from None


app = typer.Typer(
    name="intake",
    cls=_Doors,
    help="Takes testimony safely: who is kept apart from what was said. Works without a network.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain lines: quick to make, and good for screen readers
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
    _keep_quiet()
    try:
        _stop_politely()
        app(prog_name="intake", standalone_mode=True)
    except Exception as error:  # noqa: BLE001  # the last line of defence: one sentence, always
        _end(sentence_for(error), 2 if isinstance(error, WhichVaultError) else 1)
    except KeyboardInterrupt:
        _end(CancelledError.sentence, 1)


def _end(sentence: str, status: int) -> None:
    print(sentence, file=sys.stderr)  # noqa: T201  # this is the terminal
    sys.exit(status)


def _stop_politely() -> None:
    """Take the system's asking to end, and a closed terminal, like Ctrl-C: close the vault."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)


def _keep_quiet() -> None:
    """Show no traceback of a thread or a finaliser either: it could quote what it worked on."""
    threading.excepthook = _say_nothing
    sys.unraisablehook = _say_nothing


def _say_nothing(what: object) -> None:
    """Take what Python would print as a traceback; the command itself says how it ended."""
