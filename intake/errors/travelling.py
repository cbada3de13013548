"""Refusals of a laptop that travels without its keys, and of the token that has them."""

from __future__ import annotations

from intake.errors.base import IntakeError


class TravellingError(IntakeError):
    """Somebody tries to unlock a vault whose keys are on a token."""

    sentence = (
        "This vault travels without its keys: what it holds cannot be read on this computer. "
        "Recording, writing, notes and answers go on, sealed. Bring the keys back with "
        "`intake travel end --token FOLDER`."
    )


class NotTravellingError(IntakeError):
    """Something for a vault that travels was asked of one that does not."""

    sentence = (
        "This vault does not travel: its keys are here, or were never taken away. "
        "Unlock it, or begin with `intake travel start --token FOLDER`."
    )


class TokenRefusedError(IntakeError):
    """The token did not take the keys whole, or is no place for them."""

    sentence = (
        "The keys could not be written to this token and read back as they are. Nothing was taken "
        "away here; try again with another token, outside the vault's folder."
    )


class TokenDamagedError(IntakeError):
    """A folder without the keys of this vault, or with damaged ones."""

    sentence = (
        "This folder does not hold the keys of this vault, or they are damaged. Nothing was "
        "changed; name the token that they went to, or recover a member with the paper shares."
    )


class PublicKeysChangedError(IntakeError):
    """public.toml, or the file of the device, is not as it was when the vault was sent travelling.

    Whoever changed the public keys could read what is recorded from now on.
    """

    sentence = (
        "The public keys of this vault are not those that it was sent travelling with. Nothing was "
        "recorded or written: somebody else could read it. Do not use this computer; "
        "show it to who keeps the vault."
    )


class WordsDifferError(IntakeError):
    """The six words of the public keys are not those on the paper."""

    sentence = (
        "The six words of this vault's public keys are not those on your paper. Record nothing "
        "with this computer: somebody else could read it. Compare them once more, letter by letter."
    )


class UnknownCaseError(IntakeError):
    """Two words that no interview on this computer has."""

    sentence = (
        "No interview that waits on this computer has these two words. Type them as they stand on "
        "your paper, such as heron-cedar, or begin a new one."
    )


class InboxItemError(IntakeError):
    """The disk refused an item of the inbox."""

    sentence = "The disk did not take this. Nothing of it was kept; make room, and do it once more."
