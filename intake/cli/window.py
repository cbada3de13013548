"""The command that opens the window. It starts a program of its own and knows nothing of Qt."""

from __future__ import annotations

import typer

from intake.cli.common import globals_of
from intake.errors import NoWindowError
from intake.starting import become


def open_window(context: typer.Context) -> None:
    """Open the window.

    It asks for the passphrase itself. With --vault it asks for that vault's; without, it opens or
    creates one.
    """
    options = globals_of(context)
    if options.member or options.passphrase_file or options.passphrase_fd is not None:
        raise typer.BadParameter("the window asks who you are and for the passphrase itself")
    vault = ["--vault", str(options.vault)] if options.vault is not None else []
    try:
        become("ui", vault)
    except OSError:
        raise NoWindowError from None
