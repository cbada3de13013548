"""Refusals where two people are asked for, and of erasure."""

from __future__ import annotations

from intake.errors.base import IntakeError


class SamePersonError(IntakeError):
    """The second person is the first one: by id, or by a key under two ids."""

    sentence = (
        "This takes two people, and the second one is you. Nothing was changed; "
        "ask another member to come and type their own passphrase."
    )


class SecondNotEntitledError(IntakeError):
    """The second person is no member, or has no right to sign such an act."""

    sentence = (
        "The second person may not sign this: they are no member here, or not cleared for it. "
        "Nothing was changed; ask a cleared member, or your custodian."
    )


class SecondNeededError(IntakeError):
    """An act for two people was begun by one."""

    sentence = (
        "This takes two people. Nothing was changed; ask another member to come, "
        "and name them as the second person with `--with`."
    )


class IdentitiesOfOthersError(IntakeError):
    """The vault keeps the rule of two for identities, and another member took this interview."""

    sentence = (
        "Another member took this interview, and in this vault two people open its identities "
        "together. Ask a second cleared member to agree with `intake member second`; "
        "it is good until the end of the day."
    )


class ErasedError(IntakeError):
    """What was asked for was erased, and whatever lies in its place counts for nothing."""

    sentence = (
        "This was erased, as two people signed. It cannot be opened again here. "
        "Custody shows when it was done."
    )


class ErasureUnfinishedError(IntakeError):
    """An erasure was begun and not finished."""

    sentence = (
        "An erasure was begun in this vault and is not finished. "
        "A cleared custodian unlocks the vault, and it is completed."
    )


class ConfirmationDiffersError(IntakeError):
    """The code that was typed to confirm is not that of what would be erased."""

    sentence = "The code that was typed is another one. Nothing was erased; begin again."
