"""Travel mode: the keys leave the laptop, and come back. For the command line and the window.

What a laptop does meanwhile is `intake.capture.travelling`; what the next unlock makes of it,
`intake.capture.filing_cases`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from crypto.signing import SigningKey
from intake.errors import NotTravellingError, TokenRefusedError
from intake.vault.folder import VaultLock, read_folder
from intake.vault.ids import new_id
from intake.vault.travelling import (
    bring_back,
    copy_to_token,
    destroy_copied,
    destroy_parts,
    forget_device,
    key_files,
    public_words,
    travels,
    write_device,
)
from intake.vault.vouching import vouched

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from intake.vault.store import Row
    from intake.vault.vault import Vault

__all__ = [
    "BEYOND_REACH",
    "Departed",
    "come_back",
    "complete_travel",
    "depart",
    "finish_departing",
    "keys_here",
]

BEYOND_REACH: Final = (
    "This cannot reach: copies of the key files elsewhere, such as in backups of this disk, or in "
    "worn cells of a flash drive. Leave backups at home, and the paper shares with other people."
)


@dataclass(frozen=True, slots=True)
class Departed:
    """A vault whose keys are on a token now.

    `six_words` are of its public keys, for paper. `left` counts key files that are still here, 0 as
    a rule. `same_disk` warns that the token is a folder of the same disk.
    """

    six_words: tuple[str, ...]
    left: int
    same_disk: bool

    @property
    def is_unreadable(self) -> bool:
        """Whether this laptop cannot read its interviews any more."""
        return self.left == 0


def depart(vault: Vault, token: Path) -> Departed:
    """Send a vault travelling: all key files go to a token, then the vault is closed and they go.

    All members' files go, or another one's passphrase would still open it here. Needs a cleared
    member. A recording under way goes on. Raises `NotClearedError`, `TokenRefusedError` with
    nothing destroyed; after a crash `finish_departing` or an unlock go on.
    """
    vault.require_cleared()
    folder, vault_id = vault.folder, vault.id
    device, signing = new_id(), SigningKey.generate()
    copy_to_token(folder, vault_id, token)
    with vault.alone(), vault.change("travel.begun") as change:
        change.testimony.insert(
            "device",
            id=device,
            sign_key=signing.verify_key().to_hex(),
            day=change.day,
            state="travelling",
        )
    write_device(folder, vault_id, device, signing)
    same_disk = folder.path.stat().st_dev == token.stat().st_dev
    vault.close()
    left = destroy_copied(folder, vault_id, token)
    return Departed(public_words(folder), len(left), same_disk)


def finish_departing(path: Path, token: Path) -> Departed:
    """Destroy what an interrupted departure left here; needs no passphrase.

    Only files of which the token has the same. Raises `NotTravellingError`, `TokenDamagedError`.
    """
    folder, vault = read_folder(path)
    with VaultLock(folder):
        if not travels(folder):
            raise NotTravellingError
        left = destroy_copied(folder, vault, token)
    same_disk = folder.path.stat().st_dev == token.stat().st_dev
    return Departed(public_words(folder), len(left), same_disk)


def come_back(path: Path, token: Path) -> int:
    """Bring the keys back from a token; returns how many files came.

    The next unlock brings in what was taken on the way. The token keeps its copies: whoever unlocks
    destroys them when all is well. Raises `NotTravellingError`, `TokenDamagedError`,
    `VaultInUseError`, `TokenRefusedError` where the disk refuses.
    """
    folder, vault = read_folder(path)
    with VaultLock(folder):
        if not travels(folder):
            raise NotTravellingError
        try:
            return bring_back(folder, vault, token)
        except OSError:
            raise TokenRefusedError from None


def keys_here(path: Path) -> list[str]:
    """Return the names of key files in the vault's folder; empty: this laptop cannot read it.

    The test before leaving. Needs no key. Raises `NotAVaultError`.
    """
    folder, _ = read_folder(path)
    return [found.relative_to(path).as_posix() for found in key_files(folder)]


def complete_travel(vault: Vault) -> None:
    """End the travelling of a vault that was unlocked: its keys are here, so it travels no more.

    At unlock of a cleared member, after what was taken on the way was brought in. The device's key
    is destroyed; custody says so.
    """
    if not vault.is_cleared:
        return
    if not vault.testimony.row("SELECT id FROM device WHERE state='travelling'"):
        out = []
    else:
        with vault.alone():
            # Only what a cleared member vouches for: this unlock must not sign what others wrote.
            good = vouched(vault.testimony, vault.record, vault.id, "device")
            out = [each.row for each in good if each.row["state"] == "travelling"]
            _enter_back(vault, out)
    if out or travels(vault.folder):
        forget_device(vault.folder)
        destroy_parts(vault.folder)


def _enter_back(vault: Vault, out: Sequence[Row]) -> None:
    if not out:
        return
    with vault.change("travel.ended") as change:
        for row in out:
            change.testimony.update(
                "device", {"id": row["id"]}, {"state": "travelling"}, state="back"
            )
