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
