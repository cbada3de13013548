"""Refusals around passphrases, waiting, and recovery."""

from __future__ import annotations

from intake.errors.base import IntakeError


class SamePassphraseError(IntakeError):
    """The new passphrase is the old one."""

    sentence = "This is the passphrase that you have now. Nothing was changed; choose another one."


class NotEnteredError(IntakeError):
    """The key file is under the new passphrase, and custody could not take the entry."""

    sentence = (
        "Your passphrase was changed, but the disk refused the entry in custody. "
        "From now on use the new one; the entry is made at the next unlock."
    )


class TooManyTriesError(IntakeError):
    """Several wrong passphrases in a row; `wait_s` whole seconds are left."""

    def __init__(self, wait_s: int = 1) -> None:
        self.wait_s = wait_s
        seconds = "1 second" if wait_s == 1 else f"{wait_s} seconds"
        super().__init__(
            f"Several wrong passphrases were tried. Nothing is lost; wait {seconds}, "
            "then try again."
        )
