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


class RecoveryRefusedError(IntakeError):
    """The shares are good ones, and not of this vault as it is now."""

    sentence = (
        "These shares do not open this vault. They belong to another vault, or newer ones were "
        "made since. Nothing was changed; look for the sheets with the latest date."
    )


class NoRecoveryError(IntakeError):
    """The vault has no recovery keys at all."""

    sentence = (
        "This vault was made without recovery, so no shares can open it. "
        "A custodian who can still open it makes shares with `intake vault shares`."
    )


class SharesError(IntakeError):
    """Shares that cannot be used; the sentence names them by their place and tells no word."""


class ShareFileError(IntakeError):
    """A file with a share cannot be read."""

    sentence = (
        "A file with a share could not be read. Nothing was changed; "
        "check the path, or type the words at the terminal."
    )


class ShareNumbersError(IntakeError):
    """Such shares cannot be made."""

    sentence = (
        "Shares look like 2of3: between 2 and 16 of them, of which at least 2 are needed. "
        "Nothing was created; choose other numbers."
    )


class SharesNeedTerminalError(IntakeError):
    """Shares would be written where somebody may keep the output."""

    sentence = (
        "Recovery shares are shown at a terminal only, to be written on paper. Nothing was "
        "created; run this at a terminal, or with --json, or with --no-recovery."
    )
