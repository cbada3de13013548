"""The folder of a vault: where things lie, files that appear whole or not at all, the lock file.

Only ciphertext, public keys and version numbers ever get a name here (docs/format.md, "Folder").
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
import shutil
import tomllib
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final, Self

from intake.errors import (
    NewerFormatError,
    NoRoomError,
    NotAVaultError,
    ReadOnlyPlaceError,
    VaultExistsError,
    VaultInUseError,
)
from intake.vault.ids import ID_PATTERN, MediaId, MemberId, VaultId, new_id

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

FORMAT: Final = 1
_PRIVATE_FILE: Final = 0o600
_PRIVATE_FOLDER: Final = 0o700
_HEAD_BYTES: Final = 1 << 16
"""More than the header of any sealed file: 1.6 kB a recipient."""
LEAST_LEFT: Final = 64 << 20
"""Bytes that a large file leaves free: a recording that runs ends by itself at 8 MiB."""
_NOT_WRITABLE: Final = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
SUBFOLDERS: Final = ("keyrecord", "members", "keys", "media", "media/slots")


@dataclass(frozen=True, slots=True)
class Folder:
    """Paths inside one vault. Holds no key and opens nothing."""

    path: Path

    @property
    def testimony(self) -> Path:
        """What was said."""
        return self.path / "testimony.db"

    @property
    def identities(self) -> Path:
        """Who."""
        return self.path / "identities.db"

    @property
    def head(self) -> Path:
        """Signed custody counter and head."""
        return self.path / "head"

    @property
    def public(self) -> Path:
        """Public keys for recording without a passphrase."""
        return self.path / "public.toml"

    def member_file(self, member: MemberId) -> Path:
        """Return the member's private keys, under their passphrase."""
        return self.path / "members" / f"{member}.age"

    def key_file(self, member: MemberId, store: str) -> Path:
        """Return the key of a store (`testimony` or `identities`), sealed to the member."""
        return self.path / "keys" / f"{member}.{store}.age"

    def anchor(self, recovery: MemberId) -> Path:
        """Return what recovery keys trust in: the custodian who was there when they were made."""
        return self.path / "keys" / f"{recovery}.anchor.age"

    def anchors(self) -> list[MemberId]:
        """Return the recovery keys that have an anchor here."""
        names = (p.name.removesuffix(".anchor.age") for p in self.path.glob("keys/*.anchor.age"))
        return sorted(MemberId(name) for name in names if ID_PATTERN.fullmatch(name))

    def key_record(self, epoch: int) -> Path:
        """Return the signed roster of that epoch."""
        return self.path / "keyrecord" / f"{epoch}.age"

    def epochs(self) -> list[int]:
        """Return the epochs of the key records that lie in the folder, in order."""
        names = (p.name for p in (self.path / "keyrecord").glob("*.age"))
        found = (re.fullmatch(r"([1-9][0-9]{0,8})\.age", name) for name in names)
        return sorted(int(match[1]) for match in found if match)

    def member_ids(self) -> list[MemberId]:
        """Return the members who have a key file here (the signed roster says who counts)."""
        names = (p.stem for p in (self.path / "members").glob("*.age"))
        return sorted(MemberId(name) for name in names if ID_PATTERN.fullmatch(name))

    def media(self, media: MediaId) -> Path:
        """Return the sealed sound, exhibit or output."""
        return self.path / "media" / f"{media}.age"

    def slot(self, slot: str) -> Path:
        """Return the key slot of one recorded part or import."""
        return self.path / "media" / "slots" / f"{slot}.age"


def make_folder(path: Path) -> tuple[Folder, VaultId]:
    """Lay out an empty vault under a temporary name; `finish_folder` gives it its own.

    Raises `VaultExistsError` if anything stands at `path`.
    """
    if path.exists() or path.is_symlink():
        raise VaultExistsError
    new = [folder for folder in path.parents if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    for folder in new:
        _sync_folder(folder.parent)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    vault = VaultId(new_id())
    try:
        part.mkdir(mode=_PRIVATE_FOLDER)
        for name in SUBFOLDERS:
            (part / name).mkdir(mode=_PRIVATE_FOLDER)
            _sync_folder((part / name).parent)
        write_whole(part / "vault.toml", f'format = {FORMAT}\nvault = "{vault}"\n'.encode())
        write_whole(part / "vault.lock", b"")
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return Folder(part), vault


def finish_folder(part: Folder, path: Path) -> Folder:
    """Give the finished folder its name, so that a vault exists whole or not at all."""
    try:
        part.path.rename(path)
    except OSError:
        raise VaultExistsError from None
    _sync_folder(path.parent)
    return Folder(path)


def read_folder(path: Path) -> tuple[Folder, VaultId]:
    """Check that `path` is a vault of a format this Intake knows.

    Raises `NotAVaultError` or `NewerFormatError`; writes nothing.
    """
    try:
        facts = tomllib.loads((path / "vault.toml").read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        raise NotAVaultError from None
    version, vault = facts.get("format"), facts.get("vault")
    if type(version) is not int:  # TOML's `true` equals 1
        raise NotAVaultError
    if version > FORMAT:
        raise NewerFormatError
    if version != FORMAT or not (isinstance(vault, str) and ID_PATTERN.fullmatch(vault)):
        raise NotAVaultError
    return Folder(path), VaultId(vault)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: temporary name, fsync, rename, fsync of the folder."""
    with WholeFile(path) as file:
        file.write(content)


def take_place(path: Path, target: Path) -> None:
    """Give a finished file the name of another one, which goes. The caller syncs the folder."""
    path.replace(target)


class WholeFile:
    """A file that gets its name when the block ends well, and leaves nothing when it does not."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
        self._file: IO[bytes] | None = None

    def __enter__(self) -> IO[bytes]:
        descriptor = os.open(self._part, os.O_RDWR | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE)
        self._file = os.fdopen(descriptor, "w+b")
        return self._file

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        file = self._file
        if file is None:
            return
        try:
            if kind is None:
                file.flush()
                os.fsync(file.fileno())
                file.close()
                self._part.replace(self._path)
                _sync_folder(self._path.parent)
        finally:
            # A full disk refuses what the buffer still holds, and with it the closing.
            with suppress(OSError):
                file.close()
            self._part.unlink(missing_ok=True)


def free_bytes(path: Path) -> int:
    """Return how many bytes this user may still write where `path` lies. Raises OSError."""
    facts = os.statvfs(path)
    return facts.f_bavail * facts.f_frsize


def require_room(path: Path, more: int = 0) -> None:
    """Pass where `more` bytes leave the stores and a running recording their room (`NoRoomError`).

    A disk that does not say how much is free is tried.
    """
    try:
        free = free_bytes(path)
    except OSError:
        return
    if free < more + LEAST_LEFT:
        raise NoRoomError


def destroy(path: Path) -> None:
    """Overwrite the head of a file with random bytes, sync it, take its name away, sync the folder.

    Of a slot that is the whole; of a sealed file it is the header with the wrapped file key,
    without which the rest opens for nobody. A link is removed, not followed; nothing there is no
    error. As far as the device obeys: worn flash cells, snapshots and copies are out of reach.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    except OSError:
        path.unlink(missing_ok=True)
        _sync_folder(path.parent)
        return
    try:
        size = min(os.fstat(descriptor).st_size, _HEAD_BYTES)
        os.pwrite(descriptor, secrets.token_bytes(size), 0)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    path.unlink(missing_ok=True)
    _sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Return when the names in a folder are on the disk."""
    _sync_folder(path)


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class VaultLock:
    """flock on `vault.lock`: one process holds the vault; it ends however the process ends."""

    def __init__(self, folder: Folder) -> None:
        try:
            self._descriptor = os.open(folder.path / "vault.lock", os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            if error.errno in _NOT_WRITABLE:
                raise ReadOnlyPlaceError from None
            raise NotAVaultError from None
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._descriptor)
            raise VaultInUseError from None

    def release(self) -> None:
        """Let others open the vault. Called once."""
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
