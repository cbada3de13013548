"""Changing one's own passphrase."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from intake.errors import ShortPassphraseError
from intake.vault import members, rewrapping

if TYPE_CHECKING:
    from crypto.secrets import Passphrase
    from intake.vault.vault import Vault

__all__ = ["AFTER_A_CHANGE", "SHORTEST_NEW_BYTES", "change_passphrase", "refuse_short"]

SHORTEST_NEW_BYTES: Final = 12
"""Of a new passphrase, in UTF-8. Six words have more than twice that."""
AFTER_A_CHANGE: Final = (
    "Your passphrase was changed. A copy of your old key file, in a backup or on a stolen disk, "
    "still opens with the old passphrase, and gives your keys. If somebody may have both, ask a "
    "custodian to admit you anew and then to remove this membership: the vault gets new keys."
)
"""What is true after a change, for whoever made it."""


def refuse_short(passphrase: Passphrase) -> None:
    """Refuse what a machine guesses in minutes (`ShortPassphraseError`)."""
    if len(passphrase.reveal()) < SHORTEST_NEW_BYTES:
        raise ShortPassphraseError


def change_passphrase(
    vault: Vault,
    old: Passphrase,
    new: Passphrase,
    *,
    log_n: int = members.SCRYPT_LOG_N,
) -> None:
    """Put the key file of the member at the keyboard under a new passphrase.

    Whole or not at all: a crash leaves the old or the new one. `AFTER_A_CHANGE` says what it does
    not reach. Takes about four seconds (two scrypts of 2^18); may be called in any thread. Raises
    `UnlockError` (the old one is wrong), `ShortPassphraseError`, `SamePassphraseError`,
    `NotEnteredError`, `VaultClosedError`.
    """
    refuse_short(new)
    rewrapping.change_passphrase(vault, old, new, log_n=log_n)
