"""Checking the folder of a vault: every file in it is one that the vault accounts for.

What the key record, the epochs, the rows of sealed files and the fixed names do not account for is
a finding, and so is anything that is no plain file or folder. Sealed files are held to their
digests, and each part to its key slot.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from intake.custody.two_people import verify_erased_files
from intake.custody.verifying import Finding
from intake.errors import CardDamagedError
from intake.vault.card_file import FILE as CARD_FILE
from intake.vault.card_file import has_card, read_card
from intake.vault.folder import SUBFOLDERS
from intake.vault.ids import ID_PATTERN, MediaId, MemberId
from intake.vault.inbox import APART
from intake.vault.inbox import FILE_NAME as INBOX_NAME
from intake.vault.inbox import FOLDER as INBOX
from intake.vault.media import sealed_digest
from intake.vault.members import is_recovery
from intake.vault.store import ROLES
from intake.vault.tombstones import tombstones
from intake.vault.travelling import FILE as DEVICE_FILE
from intake.vault.unlocking_delay import FILE as ATTEMPTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from intake.vault.vault import Vault

_PART: Final = re.compile(r"\..+\.[0-9a-f]{8}\.part(-wal|-shm|-journal)?", re.DOTALL)
_SEALED: Final = re.compile(rf"{ID_PATTERN.pattern}\.age")
_KEY_FILE: Final = re.compile(rf"{ID_PATTERN.pattern}(\.(testimony|identities))?\.age")
_OF_SQLITE: Final = ("", "-wal", "-shm")
_FIXED: Final = ("vault.toml", "vault.lock", "public.toml", "head", ATTEMPTS)


def verify_folder(vault: Vault) -> list[Finding]:
    """Check every file, folder and link in the vault's folder, and each sealed file's digest.

    Reads every byte of the sealed files. Every member can do it.
    """
    root = vault.folder.path
    known: defaultdict[Path, set[str]] = defaultdict(set)
    for path in _accounted(vault):
        known[path.parent].add(path.name)
    stones = tombstones(vault.testimony)
    erased = [
        *(vault.folder.media(MediaId(each)) for each in stones.media),
        *(vault.folder.slot(each) for each in stones.slots),
    ]
    for path in erased:  # the next check names them by what they were
        known[path.parent].add(path.name)
    found = list(_verify_sealed(vault))
    found += [Finding(*each) for each in verify_erased_files(vault.folder, stones)]
    found += _verify_card(vault)
    for place in ("", *SUBFOLDERS):
        folder = root / place
        folders = {Path(name).name for name in SUBFOLDERS if (root / name).parent == folder}
        folders |= set() if place else {INBOX}
        found += _verify_place(folder, place, known[folder], folders)
    if (root / INBOX).is_dir():
        found += _verify_inbox(root / INBOX)
    return found


def _verify_inbox(folder: Path) -> Iterator[Finding]:
    """Name what waits in the inbox and is none of a recorder's files, and what was kept apart.

    A recording that is under way is no finding: its files are whole when it has ended.
    """
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        if entry.name == APART and entry.is_dir(follow_symlinks=False):
            for kept in sorted(Path(entry.path).iterdir()):
                yield Finding(INBOX, f"kept apart, not brought in: {_shown(kept.name)}")
        elif entry.is_symlink():
            yield Finding(INBOX, f"a link, which a vault never holds: {_shown(entry.name)}")
        elif entry.is_dir() or not INBOX_NAME.fullmatch(entry.name):
            yield Finding(INBOX, f"{_odd_file(entry.name, INBOX)}: {_shown(entry.name)}")


def _verify_card(vault: Vault) -> Iterator[Finding]:
    try:
        read_card(vault)
    except CardDamagedError:
        yield Finding("card", "the organisation's card is missing, or not the one that was taken")


def _accounted(vault: Vault) -> Iterator[Path]:
    """Yield every file that may lie in the folder."""
    folder = vault.folder
    yield from (folder.path / name for name in (*_FIXED, DEVICE_FILE))
    if has_card(vault):
        yield folder.path / CARD_FILE
    for store in (folder.testimony, folder.identities):
        yield from (store.with_name(store.name + ending) for ending in _OF_SQLITE)
    yield from (folder.key_record(epoch) for epoch in range(1, vault.record.epoch + 1))
    for row in vault.record.members:
        member = MemberId(row.id)
        yield folder.anchor(member) if is_recovery(row) else folder.member_file(member)
        stores = ROLES if row.cleared else ("testimony",)
        yield from (folder.key_file(member, store) for store in stores)
    for media, (slot, _) in _sealed(vault).items():
        yield folder.media(media)
        if slot is not None:
            yield folder.slot(slot)


def _sealed(vault: Vault) -> Mapping[MediaId, tuple[str | None, str]]:
    """Return slot and digest of each sealed file; ids that are none are for the rows' check."""
    return {
        MediaId(str(row["id"])): (
            None if row["slot"] is None else str(row["slot"]),
            str(row["sha_sealed"]),
        )
        for row in vault.testimony.rows(
            "SELECT id, slot, sha_sealed FROM media WHERE role<>'written' AND state<>'destroyed'"
        )
        if ID_PATTERN.fullmatch(str(row["id"]))
        and (row["slot"] is None or ID_PATTERN.fullmatch(str(row["slot"])))
    }


def _verify_sealed(vault: Vault) -> Iterator[Finding]:
    for media, (slot, digest) in _sealed(vault).items():
        found = sealed_digest(vault.folder, media)
        if found != digest:
            what = "is missing" if found is None else "was changed"
            yield Finding("media", f"a sealed file {what}: {media}")
        if slot is not None and not vault.folder.slot(slot).exists():
            yield Finding("media", f"the key slot of a part is gone: {media}")


def _verify_place(
    folder: Path, place: str, files: AbstractSet[str], folders: AbstractSet[str]
) -> Iterator[Finding]:
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        yield Finding(place or "folder", "it is missing, or cannot be read")
        return
    for entry in found:
        if what := _odd(entry, place, files, folders):
            yield Finding(place or "folder", f"{what}: {_shown(entry.name)}")


def _odd(
    entry: os.DirEntry[str], place: str, files: AbstractSet[str], folders: AbstractSet[str]
) -> str:
    """Say what is odd about an entry of the folder; empty for what is accounted for."""
    is_file = entry.is_file(follow_symlinks=False)
    is_folder = entry.is_dir(follow_symlinks=False)
    if entry.is_symlink():
        return "a link, which a vault never holds"
    if (is_file and entry.name in files) or (is_folder and entry.name in folders):
        return ""
    if is_file:
        return _odd_file(entry.name, place)
    if is_folder:
        return "a folder that the vault does not know; what is in it was not read"
    return "neither a file nor a folder"


def _odd_file(name: str, place: str) -> str:
    if _PART.fullmatch(name):
        return "a part of a file, left by an interrupted step"
    if place.startswith("media") and _SEALED.fullmatch(name):
        return "a file without a row, left by an interrupted step"
    if place in ("members", "keys") and _KEY_FILE.fullmatch(name):
        return "a key file that the list of members does not account for"
    return "a file that the vault does not know"


def _shown(name: str) -> str:
    """Return a file's name, without what could steer a terminal."""
    return name if name.isprintable() else ascii(name)
