"""Refusals of what was typed or named at the keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.errors.base import IntakeError
from intake.errors.vault import UnknownMemberError

if TYPE_CHECKING:
    from collections.abc import Sequence


class WhichVaultError(IntakeError):
    """No vault was named."""

    sentence = "Which vault? Name its folder before the command: intake --vault NAME.vault ..."


class NoWindowError(IntakeError):
    """The window could not be started."""

    sentence = (
        "The window could not be started. Nothing was changed; run `make setup` again, "
        "or work with the commands: `intake --help`."
    )


class PassphraseFileError(IntakeError):
    """The passphrase could not be taken from a file, a descriptor or a terminal."""

    sentence = (
        "The passphrase could not be read. Type it at a terminal, or give a readable text file "
        "with --passphrase-file."
    )


class InputFileError(IntakeError):
    """A file given to a command that cannot be read, or is too large for what it should be."""

    sentence = "This file could not be read. Nothing was changed; check the path and try again."


class DemoFolderError(IntakeError):
    """The demo's folder holds something that is no demo, or cannot be written."""

    sentence = (
        "The demo's folder holds other things, or cannot be written. "
        "Nothing was changed; choose an empty folder with --out."
    )


class SeveralMembersError(UnknownMemberError):
    """Nobody said who they are, and the vault has several members."""

    def __init__(self, members: Sequence[str] = ()) -> None:
        self.members = tuple(members)
        super().__init__(
            "This vault has several members. Say who you are: intake --vault ... --member ID. "
            "Its members: " + ", ".join(members)
        )
