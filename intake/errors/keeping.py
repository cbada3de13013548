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
