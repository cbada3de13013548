"""The headless doors: every step of Intake as a command (docs/architecture.md, "Doors").

Exit status: 0 done, 1 refused or failed with one sentence on standard error, 2 wrong call. With
--json, standard output holds one object, or one a line; everything else goes to standard error.
"""

from __future__ import annotations

import signal
import sys
from importlib import import_module
from typing import Any, Final

import typer
import typer.main
from typer.core import TyperGroup

from intake.cli.common import Globals
from intake.errors import CancelledError, WhichVaultError, sentence_for
from intake.offline import stay_offline
from intake.starting import keep_to_itself

# Name, module, one line; as the work goes, from an empty folder to a statement that left it. A
# module is loaded for its own commands only: building all of them costs more than bare Python.
_DOORS: Final = {
    "demo": ("leaving", "Do the whole work on a sample interview."),
    "app": ("leaving", "Open the window."),
    "card": ("cards", "The organisation's signed card."),
    "vault": ("vaults", "Create and verify vaults."),
    "member": ("members", "The people of a vault."),
    "witness": ("matter", "Witnesses, under random codes."),
    "interview": ("matter", "Interviews of a witness."),
    "consent": ("matter", "What a witness allows."),
    "travel": ("travelling", "A laptop that cannot read what it takes."),
    "record": ("recording", "Record an interview; steer a recording that goes on."),
    "write": ("writing", "Write an account down: Q: and A: lines, each with its time."),
    "note": ("notes", "Notes beside an interview."),
    "take-back": ("notes", "Strike out a stretch at the witness's wish."),
    "import": ("bringing", "Bring in recordings, statements, chats or folders, unchanged."),
    "exhibit": ("bringing", "Things that a witness shows or gives."),
    "brought": ("bringing", "How what was brought in came."),
    "transcribe": ("speech", "Turn recordings into a draft; goes on where it stopped."),
    "queue": ("speech", "Recordings that wait to be transcribed, in your order."),
    "transcript": ("transcript", "Read, correct and confirm segments."),
    "person": ("names", "The names register."),
    "separate": ("names", "Find what points to a person; separate what is decided."),
    "review": ("names", "Decide what points to a person."),
    "translate": ("account", "XLIFF out to a translator and back."),
    "held": ("account", "Text of uncleared members, held."),
    "recipient": ("matter", "Who may get something."),
    "release": ("leaving", "Make the statement without names and keep it sealed."),
    "export": ("leaving", "Write a released statement outside the vault."),
    "custody": ("vaults", "The signed record of what was done."),
    "models": ("speech", "Speech models on this computer."),
    "doctor": ("doctor", "Say what this computer gives and what it does not."),
}


class _Doors(TyperGroup):
    """The group of all commands; a stop by a person or the system ends in a sentence."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002  # as the library has it
        return list(_DOORS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401, ARG002  # the same
        if cmd_name in _DOORS and cmd_name not in self.commands:
            part = typer.Typer(add_completion=False, rich_markup_mode=None)
            import_module(f"intake.cli.{_DOORS[cmd_name][0]}").attach(part)
            self.commands.update(vars(typer.main.get_command(part))["commands"])
        return self.commands.get(cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401, ARG002  # the same
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in _DOORS.items()])

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401  # the signature of the library
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, EOFError, typer.Abort):
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


def main() -> None:
    """Run one command; never a traceback, never a word of testimony on standard error."""
    keep_to_itself()
    stay_offline()
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
