"""Taking a vault out of its backups into a hidden folder, and giving that folder its name.

Nothing that stands is touched until the new vault lies whole beside it. What a backup says is
believed only as far as its signature goes, by a member of the key record that the custodian whom
the member knows leads to.
"""

from __future__ import annotations

import re
import secrets
import shutil
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from crypto.recovering import Kind, recovery_keys
from intake.errors import (
    BackupDamagedError,
    BackupIncompleteError,
    BackupOfAnotherVaultError,
    UnknownMemberError,
    VaultExistsError,
    VaultInUseError,
)
from intake.jobs import Progress, Report, silent
from intake.vault.container import SMALL, Backup, FileRow, Place
from intake.vault.folder import (
    SUBFOLDERS,
    Folder,
    VaultLock,
    WholeFile,
    finish_folder,
    read_folder,
    sync_folder,
    write_whole,
)
from intake.vault.members import open_key_record, open_member_file
from intake.vault.recovery import open_with_secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from crypto.keywrap import Identity
    from crypto.secrets import Passphrase, Secret
    from intake.vault.ids import MemberId
    from intake.vault.members import KeyRecord

_MOST_REPLACED: Final = 1000


def new_folder(target: Path) -> Folder:
    """Lay out an empty vault beside `target` under a hidden name, for `put_in_place`.

    What a crash left there of earlier tries goes; the caller holds the lock of the new one.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(target)
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.restored.part")
    part.mkdir(mode=0o700)
    with discarded_on_error(Folder(part)):
        for name in SUBFOLDERS:
            (part / name).mkdir(mode=0o700)
        write_whole(part / "vault.lock", b"")
    return Folder(part)


@dataclass(frozen=True, slots=True)
class ByPassphrase:
    """A member opens a backup with the passphrase that they had when it was made."""

    member: MemberId
    passphrase: Passphrase


def open_backups(
    backups: Sequence[Backup], folder: Folder, way: ByPassphrase | Secret
) -> KeyRecord:
    """Open the first backup and the others, and check who signed each; returns the key record.

    `way` is a member's passphrase, or the secret that recovery shares gave. Writes the first one's
    member files, key records and key files into the new folder. Takes one scrypt. Raises
    `UnknownMemberError`, `UnlockError`, `RecoveryRefusedError`, `KeyRecordError`,
    `NewerFormatError`, `BackupNotForYouError`, `BackupOfAnotherVaultError`, `BackupUnsignedError`,
    `BackupDamagedError`.
    """
    first = backups[0]
    if any(each.vault != first.vault for each in backups):
        raise BackupOfAnotherVaultError
    for each, content in first.members.items():
        write_whole(folder.member_file(each), content)
    if isinstance(way, ByPassphrase):
        if way.member not in first.members:
            raise UnknownMemberError
        keys = open_member_file(folder, first.vault, way.member, way.passphrase)
        _open_all(backups, folder, [keys.identity])
        record = open_key_record(folder, first.vault, keys)
    else:
        _open_all(backups, folder, identities_of(way))
        record = open_with_secret(folder, first.vault, way).record
    for backup in backups:
        backup.check(record)
    if record.epoch != first.manifest.epoch:
        raise BackupDamagedError
    if read_folder(folder.path)[1] != first.vault:
        raise BackupOfAnotherVaultError
    return record


def _open_all(backups: Sequence[Backup], folder: Folder, identities: Sequence[Identity]) -> None:
    """Open every seal, and write the small files of the first backup."""
    for backup in backups:
        backup.open(identities)
    for place in backups[0].places():
        if SMALL.fullmatch(place.row.name):
            content = b"".join(backups[0].pieces(place))
            write_whole(folder.path / place.row.name, content)


def identities_of(secret: Secret) -> list[Identity]:
    """Return the identities that a recovery secret may open a backup with."""
    kinds: tuple[Kind, ...] = ("vault", "organisation")
    return [recovery_keys(secret, kind).identity for kind in kinds]


def extract(
    backups: Sequence[Backup],
    folder: Folder,
    erased: AbstractSet[str],
    report: Report = silent,
) -> None:
    """Write stores and sealed files of the first backup into the new folder.

    `erased` are names of sealed files and slots that do not come back. Raises
    `BackupIncompleteError` before anything is written, `BackupDamagedError`, and OSError.
    """
    wanted = list(_sources(backups, erased))
    total, done = sum(place.row.size for _, place in wanted), 0
    for backup, place in wanted:
        with WholeFile(folder.path / place.row.name) as file:
            for piece in backup.pieces(place):
                file.write(piece)
                done += len(piece)
                report(Progress(done, total, "bytes"))
    for name in erased:
        if SMALL.fullmatch(name):  # a slot, written before anybody knew
            (folder.path / name).unlink(missing_ok=True)
    for name in ("media/slots", "media"):
        sync_folder(folder.path / name)


def _sources(backups: Sequence[Backup], erased: AbstractSet[str]) -> Iterator[tuple[Backup, Place]]:
    """Yield which backup holds each file that is wanted, and where (`BackupIncompleteError`)."""
    first = backups[0]
    for place in first.places():
        if not SMALL.fullmatch(place.row.name) and place.row.name not in erased:
            yield first, place
    held: dict[FileRow, tuple[Backup, Place]] = {}
    for backup in backups[1:]:
        for place in backup.places():
            held.setdefault(place.row, (backup, place))
    for row in first.manifest.elsewhere:
        if row.name in erased:
            continue
        if row not in held:
            raise BackupIncompleteError
        yield held[row]


def erased_names(backups: Iterable[Backup]) -> set[str]:
    """Return the names of all files that any of these backups knows to be erased."""
    return {name for backup in backups for name in backup.manifest.erased}


def erased_scopes(backups: Iterable[Backup]) -> set[tuple[str, str]]:
    """Return what any of these backups knows to be erased: (interview or part, id)."""
    return {(kind, of) for backup in backups for kind, of in backup.manifest.scopes}


@contextmanager
def discarded_on_error(folder: Folder) -> Iterator[None]:
    """Remove the new folder where the block does not end well."""
    try:
        yield
    except BaseException:
        shutil.rmtree(folder.path, ignore_errors=True)
        raise


def put_in_place(part: Folder, target: Path) -> Path | None:
    """Give the new vault its name; a vault that stands there gets another one, which is returned.

    Between the two renames nothing stands at `target`: `undo_half_done` gives it back after a
    crash there. The caller holds the lock of the old vault.
    """
    replaced = None
    if target.exists() or target.is_symlink():
        replaced = _free_name(target)
        finish_folder(Folder(target), replaced)
    try:
        finish_folder(part, target)
    except VaultExistsError:
        if replaced is not None:
            finish_folder(Folder(replaced), target)
        raise
    return replaced


def undo_half_done(target: Path) -> None:
    """Give a vault back the name that a crash in `put_in_place` took from it."""
    if target.exists() or target.is_symlink():
        return
    found = sorted(_replaced(target), key=lambda each: int(each.name.rsplit("-", 1)[1]))
    if found:
        finish_folder(Folder(found[-1]), target)


def _free_name(target: Path) -> Path:
    taken = {path.name for path in _replaced(target)}
    for number in range(1, _MOST_REPLACED):
        path = target.with_name(f"{target.name}.replaced-{number}")
        if path.name not in taken:
            return path
    raise VaultExistsError


def _replaced(target: Path) -> list[Path]:
    name = re.compile(re.escape(target.name) + r"\.replaced-[1-9][0-9]{0,3}")
    return [path for path in target.parent.iterdir() if name.fullmatch(path.name)]


def _remove_leftovers(target: Path) -> None:
    name = re.compile(rf"\.{re.escape(target.name)}\.[0-9a-f]{{8}}\.restored\.part")
    for path in target.parent.iterdir():
        if name.fullmatch(path.name) and path.is_dir() and not path.is_symlink():
            # Without a lock file a crash came before it was written: nobody is at work there.
            is_lockable = (path / "vault.lock").exists()
            lock = VaultLock if is_lockable else nullcontext
            with suppress(VaultInUseError), lock(Folder(path)):
                shutil.rmtree(path, ignore_errors=True)
