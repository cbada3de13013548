"""Refusals of the place where a vault lies, and of a vault from an older Intake."""

from __future__ import annotations

from intake.errors.base import IntakeError


class OlderFormatError(IntakeError):
    """The stores must be migrated first, which takes a member with both store keys."""

    sentence = (
        "This vault was made by an older version of Intake, and is brought up to date once. "
        "Nothing was changed; a member who is cleared for identities unlocks it first."
    )


class ReadOnlyPlaceError(IntakeError):
    """The vault lies where nothing can be written: a locked card, a disc, another's folder."""

    sentence = (
        "This vault lies where nothing can be written, so it was not opened. "
        "Take away the write protection, or copy the whole folder to a disk of this computer."
    )


class NoRoomError(IntakeError):
    """Too little free space for a file, with what the vault and a running recording need."""

    sentence = (
        "There is not enough free space on the disk where the vault lies, so this file was not "
        "kept; everything else is as it was. Make room, then bring it in again."
    )
