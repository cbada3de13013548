"""Refusals around check words, receipts, backups and putting a vault back."""

from __future__ import annotations

from intake.errors.base import IntakeError


class CheckWordsError(IntakeError):
    """What was typed is not six words of the list."""

    sentence = (
        "These are not six words of the list. Type all six as they stand on the paper, "
        "with a blank between."
    )


class NoSuchEntryError(IntakeError):
    """The chain has no entry of that number."""

    sentence = (
        "The record of this vault has no entry of that number. `intake custody show` lists them."
    )


class ReceiptDamagedError(IntakeError):
    """A receipt that is cut, altered, or no receipt at all."""

    sentence = (
        "This file is no receipt, or it was changed. Nothing was compared; "
        "ask whoever keeps it for the file again."
    )


class ReceiptOfAnotherVaultError(IntakeError):
    """A receipt of a vault with another id."""

    sentence = (
        "This receipt belongs to another vault. Nothing was compared; "
        "take the receipt of this vault."
    )


class BackupDamagedError(IntakeError):
    """A backup that is cut, altered, or no backup at all."""

    sentence = (
        "This file is no backup, or it was damaged or changed. Nothing was put back and nothing "
        "was replaced; use another backup."
    )


class BackupNotForYouError(IntakeError):
    """The backup is not sealed to this member."""

    sentence = (
        "This backup is not sealed to you. Nothing was put back; "
        "ask who made it, or a cleared custodian."
    )


class BackupOfAnotherVaultError(IntakeError):
    """Backup files, or a backup and a vault, with different vault ids."""

    sentence = (
        "This backup belongs to another vault. Nothing was put back and nothing was replaced; "
        "take the backup of this vault."
    )


class BackupUnsignedError(IntakeError):
    """Not signed by a member of the vault that it holds."""

    sentence = (
        "This backup was not signed by a member of its vault, or was changed afterwards. "
        "Nothing was put back and nothing was replaced; use another backup."
    )


class ChangedWhileBackingUpError(IntakeError):
    """Keys, members or erasures changed while the backup was being written."""

    sentence = (
        "Members changed, or something was erased, while the backup was being written. "
        "It was discarded; start the backup again."
    )


class BackupRefusedError(IntakeError):
    """The disk or stick did not take the backup."""

    sentence = (
        "The backup could not be written there, and nothing was left under its name. Check that "
        "the place exists, has room and may be written to, then start the backup again."
    )
    at_restore = (
        "The disk refused a step, and nothing that stood there was replaced. Check its space and "
        "rights, and that the backup can be read, then put it back again."
    )


class BackupIncompleteError(IntakeError):
    """Sealed files that neither the backup nor the older ones given hold."""

    sentence = (
        "This backup leaves out recordings that older backups hold. Nothing was put back; "
        "name the older backups after it as well."
    )


class BackupIsOlderError(IntakeError):
    """The vault that stands there is newer than the backup, or nobody can tell."""

    sentence = (
        "The vault that stands there is newer than this backup, or it cannot be seen whether it "
        "is. Nothing was replaced. Take a newer backup; if what came since may be left aside, "
        "say `--older`."
    )


class BackupUnsoundError(IntakeError):
    """What came out of a backup is not as it was signed."""

    def __init__(self, first: str, count: int) -> None:
        super().__init__(
            f"What this backup holds is not as it was signed ({count} findings; first: {first}). "
            "Nothing was put back and nothing was replaced; use another backup, or put this one "
            "into a new place with `--unsound` and show it to your custodian."
        )


class ErasedSinceError(IntakeError):
    """Something was erased after the backup was made, and erasing it again takes two people."""

    sentence = (
        "Something was erased after this backup was made, and must not come back. Nothing was put "
        "back; a cleared custodian restores it, with a second person named by `--with`."
    )
