"""Files that wait beside the old ones while keys are renewed, and how they take their places.

Each is `NAME.R.next`, R being the random id of the rotation. They count once a key record that
names R is on the disk; before that they are leftovers (docs/decisions/0011-rotation.md). No key is
needed: what had to be encrypted was written before.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from intake.vault.folder import sync_folder, take_place
from intake.vault.ids import MemberId

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from intake.vault.folder import Folder
    from intake.vault.members import KeyRecord

_WAITING: Final = re.compile(
    r"(\.?[^.].*)\.([a-z2-7]{26})\.next((?:-wal|-shm|-journal|\.[0-9a-f]{8}\.part)?)"
)
_PLACES: Final = ("media/slots", "keys")
_STORES: Final = ("identities", "testimony")
_OF_SQLITE: Final = ("-wal", "-shm", "-journal")
_ENDINGS: Final = (".next", ".part", *_OF_SQLITE)


def beside(path: Path, rotation: str) -> Path:
    """Return the name under which a file waits to take the place of `path`."""
    return path.with_name(f"{path.name}.{rotation}.next")


def settle(folder: Folder, record: KeyRecord) -> bool:
    """Finish the rotation that the newest key record names, or clear away one that never counted.

    Called with the vault's lock held and both stores closed. Any member can: these are renames.
    Returns whether there was anything to do; looks at one folder only. Raises `OSError`, and may
    be called again then.
    """
    if not any(_waiting(folder.path)):  # testimony.db waits first and leaves last
        return False
    for place in _PLACES:
        _settle_place(folder.path / place, record.rotation)
    _settle_place(folder.path, record.rotation, except_stores=True)
    if _is_there(folder, record.rotation):
        _forget_former(folder, record)
        for store in _STORES:
            _settle_store(folder.path / f"{store}.db", record.rotation)
    discard(folder, except_for=record.rotation)
    return True


def discard(folder: Folder, *, except_for: str = "") -> None:
    """Remove all that waits, but for one rotation; testimony.db last."""
    for place in (*_PLACES, ""):
        left = [
            path
            for path, _, rotation in _waiting(folder.path / place)
            if rotation != except_for or not rotation
        ]
        for path in sorted(left, key=_leaves_last):
            path.unlink(missing_ok=True)
        if left:
            sync_folder(folder.path / place)


def _leaves_last(path: Path) -> tuple[bool, bool]:
    return path.name.startswith("testimony.db"), path.name.endswith(".next")


def _waiting(place: Path) -> Iterator[tuple[Path, str, str]]:
    """Yield each file that waits in a folder: its path, whose place it takes, and its rotation.

    A part of such a file, or what SQLite left beside one, belongs to none: it is always cleared.
    """
    with os.scandir(place) as entries:
        names = [entry.name for entry in entries if entry.name.endswith(_ENDINGS)]
    for name in names:
        if found := _WAITING.fullmatch(name):
            yield place / name, found[1], "" if found[3] else found[2]


def _is_there(folder: Folder, rotation: str) -> bool:
    return any(found == rotation for _, _, found in _waiting(folder.path) if rotation)


def _settle_place(place: Path, rotation: str, *, except_stores: bool = False) -> None:
    for path, name, found in list(_waiting(place)):
        if not rotation or found != rotation or (except_stores and name.endswith(".db")):
            continue
        target = place / name
        if place.name == "slots" and not target.exists():
            path.unlink()  # destroyed meanwhile: it stays destroyed
        else:
            take_place(path, target)
    sync_folder(place)


def _forget_former(folder: Folder, record: KeyRecord) -> None:
    """Remove the key files of members who were removed."""
    for gone in record.former:
        member = MemberId(gone.row.id)
        for path in (
            folder.member_file(member),
            *(folder.key_file(member, store) for store in _STORES),
        ):
            path.unlink(missing_ok=True)
    for place in ("members", "keys"):
        sync_folder(folder.path / place)


def _settle_store(path: Path, rotation: str) -> None:
    """Put the copy of a store in its place; first the old WAL goes, or it would be read into it."""
    copy = beside(path, rotation)
    if not copy.exists():
        return
    for ending in _OF_SQLITE:
        path.with_name(path.name + ending).unlink(missing_ok=True)
    sync_folder(path.parent)
    take_place(copy, path)
    sync_folder(path.parent)
