"""Making and pruning backups. For commands and the window."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from intake.capture.recording.filing import file_inbox
from intake.egress.writing import new_file
from intake.errors import BackupRefusedError, IntakeError, TargetRefusedError
from intake.jobs import Report, silent
from intake.opening.freshness import require_outside
from intake.vault.backing_up import Made, write_backup
from intake.vault.container import Backup
from intake.vault.pruning import write_pruned

if TYPE_CHECKING:
    from pathlib import Path

    from intake.vault.vault import Vault

__all__ = ["Made", "back_up", "prune"]


def back_up(
    vault: Vault, target: Path, *, since: Path | None = None, report: Report = silent
) -> Made:
    """Write a backup of an open vault into a new file; an entry in custody says so afterwards.

    `since` is an older backup: recordings that it holds are left out. What waits in the inbox is
    brought in first; a recording that goes on is in the next backup. Takes as long as reading the
    vault; others work on meanwhile. Raises `NotClearedError`, `TargetInVaultError`,
    `TargetExistsError`, `BackupRefusedError` (disk full, unplugged: nothing has the name then),
    and for `since` what `Backup` raises.
    """
    vault.require_cleared()
    require_outside(vault, target)
    with suppress(IntakeError, OSError):  # what cannot be brought in now is not in the backup
        file_inbox(vault)
    older = None
    if since is not None:
        older = _opened(vault, since)
        older.close()
    try:
        with new_file(target) as file:
            made = write_backup(vault, file, older.manifest if older else None, report)
    except TargetRefusedError:
        raise BackupRefusedError from None
    with vault.change("vault.backed_up", bytes=made.size_bytes, count=made.files, until=made.n):
        pass
    return made


def prune(vault: Vault, file: Path, *, report: Report = silent) -> int:
    """Write a backup anew without what this vault erased since; returns how many files went.

    It takes the place of the old file, whole or not at all. Words that stood in the stores stay in
    them: only a new backup is without those. Raises `NotClearedError`, `BackupRefusedError` and
    what `Backup` raises.
    """
    vault.require_cleared()
    require_outside(vault, file)
    backup = _opened(vault, file)
    try:
        with new_file(file, replacing=True) as target:
            gone = write_pruned(vault, backup, target, report)
    except TargetRefusedError:
        raise BackupRefusedError from None
    finally:
        backup.close()
    with vault.change("vault.backup_pruned", count=gone):
        pass
    return gone


def _opened(vault: Vault, file: Path) -> Backup:
    """Open a backup of this vault as the member at the keyboard."""
    backup = Backup(file)
    try:
        backup.open([vault.keys.identity])
        backup.check(vault.record)
    except BaseException:
        backup.close()
        raise
    return backup
