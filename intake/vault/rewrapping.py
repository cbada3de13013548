"""Putting a member's key file under another passphrase, or under more work.

The keys inside stay the same: whoever kept a copy of the old file still opens it with the old
passphrase. Only new store keys (rotation) shut such a copy out.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from crypto.errors import CryptoError
from crypto.workfactor import work_factor
from intake.errors import NotEnteredError, SamePassphraseError, UnlockError
from intake.vault.members import SCRYPT_LOG_N, open_member_file, write_member_file
from intake.vault.unlocking_delay import guarded

if TYPE_CHECKING:
    from crypto.secrets import Passphrase
    from intake.vault.members import MemberKeys
    from intake.vault.vault import Vault

FLOOR_LOG_N = SCRYPT_LOG_N
"""An own key file with less work is wrapped again at unlock. Tests with cheap files set less."""

KIND: Final = "member.passphrase"
_ENTERED: Final = (
    "SELECT n FROM custody WHERE n>? AND member=? AND instr(bytes, ?)>0 ORDER BY n LIMIT 1"
)


def change_passphrase(vault: Vault, old: Passphrase, new: Passphrase, *, log_n: int) -> None:
    """Wrap the own key file anew, whole or not at all, and enter it in custody.

    The file comes first and remembers how far the chain was: after a crash `complete_passphrase`
    makes the missing entry. Takes two scrypts; no turn is held meanwhile, so jobs go on. Raises
    `UnlockError` (the old passphrase is wrong), `TooManyTriesError`, `SamePassphraseError`,
    `VaultClosedError`, and
    `NotEnteredError` where the file is new and the store refused the entry.
    """
    keys = _own_keys(vault, old)
    if old == new:
        raise SamePassphraseError
    reached = int(vault.testimony.fact("head_n") or 0)
    _write(vault, replace(keys, passphrase_n=reached), new, log_n=log_n)
    try:
        _enter(vault)
    except Exception as error:  # whatever it was, the passphrase is another one now
        raise NotEnteredError from error


def complete_passphrase(vault: Vault) -> None:
    """Enter a change of the own passphrase that a crash, or the disk, kept out of custody."""
    since = vault.keys.passphrase_n
    if since is None:
        return
    needle = f'"type":"{KIND}"'.encode("ascii")
    if vault.testimony.value(_ENTERED, since, vault.member, needle) is None:
        _enter(vault)


def strengthen(vault: Vault, passphrase: Passphrase) -> bool:
    """Wrap the own key file with the full work where it has less; tell whether it had less.

    Called after the file was opened with that passphrase. A disk that refuses leaves it as it is:
    the vault opens all the same.
    """
    try:
        path = vault.folder.member_file(vault.member)
        if work_factor(path.read_bytes()) >= FLOOR_LOG_N:
            return False
        _write(vault, vault.keys, passphrase, log_n=SCRYPT_LOG_N)
    except (CryptoError, OSError):
        return False
    return True


def _own_keys(vault: Vault, passphrase: Passphrase) -> MemberKeys:
    vault.require_open()
    with guarded(vault.folder, vault.member):
        found = open_member_file(vault.folder, vault.id, vault.member, passphrase)
    if found.roster_row("", cleared=False) != vault.keys.roster_row("", cleared=False):
        raise UnlockError  # another file was put in its place since the vault was opened
    vault.require_open()
    return found


def _write(vault: Vault, keys: MemberKeys, passphrase: Passphrase, *, log_n: int) -> None:
    write_member_file(vault.folder, vault.id, keys, passphrase, log_n=log_n)


def _enter(vault: Vault) -> None:
    with vault.change(KIND, member=vault.member):
        pass
