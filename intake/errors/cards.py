"""Refusals around the organisation card."""

from __future__ import annotations

from intake.errors.base import IntakeError


class CardDamagedError(IntakeError):
    """A file that is no card, was altered, or is not the card that the vault took."""

    sentence = (
        "This is not a whole organisation card, or it was altered. Nothing was changed; "
        "ask the organisation for it again."
    )


class CardContentError(IntakeError):
    """What a custodian wrote cannot become a card; says which field, never what is in it."""

    def __init__(self, why: str = "it cannot be read") -> None:
        super().__init__(
            f"No card was made: {why}. Compare the file with `intake card make --template` "
            "and try again."
        )


class CardKeyError(IntakeError):
    """The organisation's key file: a wrong passphrase or a damaged file, never said which."""

    sentence = (
        "That passphrase did not open the organisation's key file. No card was made; try again, "
        "or take the key file from a backup."
    )
