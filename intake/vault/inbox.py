"""The inbox of a vault: what the recorder writes while nobody's key is at hand, as files.

Everything in it is sealed, or says nothing of what was said (a count, a lock, a pipe). Filing gives
a file its place in the vault by a rename. No key is held here; docs/format.md, "Inbox", has the
names and the bytes.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
import stat
import struct
import time
import zlib
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from intake.vault.folder import sync_folder, take_place
from intake.vault.ids import ID_PATTERN, MediaId

if TYPE_CHECKING:
    from io import BufferedReader
    from pathlib import Path

FOLDER: Final = "inbox"
APART: Final = "apart"
SESSION_ENDINGS: Final = ("journal", "lock", "reserve", "ctl")
PART_ENDINGS: Final = ("age", "slot.age", "count")
FILE_NAME: Final = re.compile(
    rf"({ID_PATTERN.pattern})"
    r"\.(journal|lock|reserve|ctl|age|slot\.age|count|reply|item|exhibit|exhibit\.slot)"
)
_PIPES: Final = ("ctl", "reply")
_PRIVATE_FILE: Final = 0o600
_PRIVATE_FOLDER: Final = 0o700
_COUNT: Final = struct.Struct(">QI")
_NO_PIPES: Final = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL})
_LOCK_TRIES: Final = 100
_LOCK_WAIT_S: Final = 0.01
_sync_data = getattr(os, "fdatasync", os.fsync)


@dataclass(frozen=True, slots=True)
class Inbox:
    """Paths in the inbox of one vault. `path` is that of the inbox itself."""

    path: Path

    @property
    def apart(self) -> Path:
        """Where files lie that cannot be filed: altered, or of no known origin."""
        return self.path / APART

    def media(self, media: str) -> Path:
        """Return the sealed sound of one part."""
        return self.path / f"{media}.age"

    def slot(self, media: str) -> Path:
        """Return the key slot of one part."""
        return self.path / f"{media}.slot.age"

    def count(self, media: str) -> Path:
        """Return the file that keeps how many chunks of a part are on the disk."""
        return self.path / f"{media}.count"

    def journal(self, session: str) -> Path:
        """Return what happened in a session, event by event."""
        return self.path / f"{session}.journal"

    def lock(self, session: str) -> Path:
        """Return the file that a living recorder holds locked."""
        return self.path / f"{session}.lock"

    def reserve(self, session: str) -> Path:
        """Return the room that is kept on the disk for the end of a session."""
        return self.path / f"{session}.reserve"

    def sessions(self) -> list[str]:
        """Return the ids of the sessions that have a journal or a lock here, in order."""
        return sorted({name for name, ending in self.names() if ending in ("journal", "lock")})

    def parts(self) -> list[MediaId]:
        """Return the ids of the parts of which a file is here, in order."""
        return sorted({MediaId(name) for name, ending in self.names() if ending in PART_ENDINGS})

    def names(self) -> list[tuple[str, str]]:
        """Return id and ending of each file of ours; nothing where there is no inbox."""
        return sorted((match[1], match[2]) for _, match in self._entries())

    def odd(self) -> list[str]:
        """Return the names of ours that a link, a folder, a pipe or the like has, in order.

        No recorder makes such a thing. Whoever opened it would wait, or read somewhere else.
        """
        return sorted(path.name for path, match in self._entries() if not _is_right(path, match[2]))

    def _entries(self) -> list[tuple[Path, re.Match[str]]]:
        try:
            _require_folder(self.path)
            found = [(path, FILE_NAME.fullmatch(path.name)) for path in self.path.iterdir()]
        except OSError:
            return []
        return [(path, match) for path, match in found if match]


def _is_right(path: Path, ending: str) -> bool:
    try:
        mode = path.lstat().st_mode
    except OSError:
        return True  # it is gone
    return stat.S_ISFIFO(mode) if ending in _PIPES else stat.S_ISREG(mode)


def open_plain(path: Path) -> BufferedReader:
    """Open a plain file to read it; OSError for a link or whatever else has its name.

    Never waits: a pipe that somebody laid there has no writer.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a plain file")
    return os.fdopen(descriptor, "rb")


def inbox_of(folder: Path) -> Inbox:
    """Return the inbox of the vault at `folder`, whether it is there or not."""
    return Inbox(folder / FOLDER)


def make_inbox(folder: Path) -> Inbox:
    """Return the inbox of the vault at `folder`, made where it is missing. Raises OSError.

    A link or a file in its place is refused (NotADirectoryError): nothing is written elsewhere.
    """
    inbox = inbox_of(folder)
    with suppress(FileExistsError):
        inbox.path.mkdir(mode=_PRIVATE_FOLDER)
        sync_folder(folder)
    _require_folder(inbox.path)
    return inbox


def _require_folder(path: Path) -> None:
    if not stat.S_ISDIR(path.lstat().st_mode):
        raise NotADirectoryError


# --- a session's lock -----------------------------------------------------------------------------


class SessionLock:
    """Held while a recorder lives; it ends however the process ends.

    Raises BlockingIOError where another recorder has the session, and OSError.
    """

    def __init__(self, path: Path) -> None:
        for tried in range(_LOCK_TRIES):
            self._descriptor = _opened_lock(path)
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                # Whoever looks for living recorders holds it for a moment.
                os.close(self._descriptor)
                if tried == _LOCK_TRIES - 1:
                    raise
                time.sleep(_LOCK_WAIT_S)
                continue
            if _has_its_name(self._descriptor, path):
                return
            # Filing took a lock away that nobody held yet: this one would hold nothing.
            os.close(self._descriptor)
        raise BlockingIOError

    def release(self) -> None:
        """Let it go; the file stays until the session is filed."""
        os.close(self._descriptor)


def _opened_lock(path: Path) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    descriptor = os.open(path, flags, _PRIVATE_FILE)
    try:
        sync_folder(path.parent)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _has_its_name(descriptor: int, path: Path) -> bool:
    try:
        named = path.lstat()
    except OSError:
        return False
    opened = os.fstat(descriptor)
    return (named.st_dev, named.st_ino) == (opened.st_dev, opened.st_ino)


def is_held(path: Path) -> bool:
    """Tell whether a living process holds a session's lock. A lock that is missing is not held."""
    try:
        file = open_plain(path)
    except OSError:
        return False
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


# --- counts, journals, room -----------------------------------------------------------------------


class CountFile:
    """How many chunks of a part are on the disk, kept outside the part (SECURITY: recording).

    Two places with a check sum each, written by turns: a write that is torn by a loss of power
    leaves the one before.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = _new(path)
        self._turn = 0

    def keep(self, count: int) -> None:
        """Return when the count is on the disk. Raises OSError."""
        body = count.to_bytes(8, "big")
        place = self._turn % 2 * _COUNT.size
        os.pwrite(self._descriptor, body + zlib.crc32(body).to_bytes(4, "big"), place)
        _sync_data(self._descriptor)
        self._turn += 1

    def close(self) -> None:
        """Close the file. Safe to call twice: by then another file may have its number."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def read_count(path: Path) -> int:
    """Return the highest count that was kept whole; 0 where there is none."""
    try:
        with open_plain(path) as file:
            content = file.read(2 * _COUNT.size)
    except OSError:
        return 0
    counts = [0]
    for start in (0, _COUNT.size):
        record = content[start : start + _COUNT.size]
        if len(record) == _COUNT.size:
            count, check = _COUNT.unpack(record)
            if zlib.crc32(record[:8]) == check:
                counts.append(count)
    return max(counts)


class GrowingFile:
    """A new file to which whole records are added, each synced before `add` returns."""

    def __init__(self, path: Path) -> None:
        self._descriptor = _new(path)
        self._length = 0

    def add(self, record: bytes) -> None:
        """Return when the record is on the disk.

        Raises OSError; the file is then as it was before, as far as the disk obeys, and the record
        may be added again: it is sealed on its own, so nothing is sealed twice under one nonce.
        """
        try:
            view = memoryview(record)
            while view:
                view = view[os.write(self._descriptor, view) :]
            _sync_data(self._descriptor)
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._descriptor, self._length)
                os.lseek(self._descriptor, self._length, os.SEEK_SET)
            raise
        self._length += len(record)

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)


def _new(path: Path) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(path, flags, _PRIVATE_FILE)
    try:
        sync_folder(path.parent)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def reserve(path: Path, size: int) -> None:
    """Take room on the disk, to be given back when the end of a session must be written."""
    descriptor = _new(path)
    try:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(descriptor, 0, size)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# --- pipes ----------------------------------------------------------------------------------------


def _pipe_places(inbox: Path) -> list[Path]:
    """Return where pipes may lie: the inbox, or for a disk without pipes the person's own folder.

    A stick with a file system of cameras and phones takes none.
    """
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    return [inbox, inbox.__class__(runtime)] if runtime.startswith("/") else [inbox]


def make_pipe(inbox: Inbox, name: str) -> Path:
    """Make a named pipe for this user alone and return where it lies. Raises OSError."""
    for place in _pipe_places(inbox.path):
        try:
            os.mkfifo(place / name, _PRIVATE_FILE)
        except OSError as error:
            if error.errno not in _NO_PIPES:
                raise
        else:
            return place / name
    raise OSError(errno.EOPNOTSUPP, "no place takes a pipe")


def find_pipe(inbox: Inbox, name: str) -> Path | None:
    """Return where a pipe of that name lies, or None."""
    for place in _pipe_places(inbox.path):
        with suppress(OSError):
            if stat.S_ISFIFO((place / name).lstat().st_mode):
                return place / name
    return None


def open_to_read(path: Path, *, for_ever: bool = False) -> int:
    """Open a pipe of ours for reading, without waiting. Raises OSError for what is no pipe.

    With `for_ever` it never comes to an end when those who write go away.
    """
    mode = os.O_RDWR if for_ever else os.O_RDONLY
    return _opened_pipe(path, mode)


def open_to_write(path: Path) -> int:
    """Open a pipe of ours for writing, without waiting; OSError where nobody reads, or no pipe."""
    return _opened_pipe(path, os.O_WRONLY)


def control_name(session: str) -> str:
    """Return the name of the pipe through which a recorder is steered."""
    return f"{session}.ctl"


def reply_name(name: str) -> str:
    """Return the name of a pipe on which one who steers gets answers."""
    return f"{name}.reply"


def _opened_pipe(path: Path, mode: int) -> int:
    descriptor = os.open(path, mode | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
    if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a pipe")
    return descriptor


# --- leaving the inbox ----------------------------------------------------------------------------


def keep_apart(inbox: Inbox, name: str) -> None:
    """Move a file of the inbox to `apart/`, where it stays for a person to judge. Raises OSError.

    What has its name there already is not overwritten.
    """
    with suppress(FileExistsError):
        inbox.apart.mkdir(mode=_PRIVATE_FOLDER)
        sync_folder(inbox.path)
    _require_folder(inbox.apart)
    target = inbox.apart / name
    while target.exists() or target.is_symlink():
        target = inbox.apart / f"{secrets.token_hex(4)}.{name}"
    take_place(inbox.path / name, target)
    sync_folder(inbox.path)
    sync_folder(inbox.apart)


def clear(inbox: Inbox, paths: list[Path]) -> None:
    """Remove files of the inbox that are filed, and sync it once. Raises OSError."""
    for path in paths:
        path.unlink(missing_ok=True)
    if inbox.path.is_dir():
        sync_folder(inbox.path)


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of one recorded part, or of a file that cannot be filed: `Vault.filed`.

    `state`: `whole` as it was sealed; `recovered` after it was cut short; `nothing`, cut short
    before anything was on the disk; `destroyed` at the witness's wish, a stub remains; `apart`:
    altered, or of no known origin, and kept in the inbox's folder `apart`; `waits`: left in the
    inbox, since its rows fit to none that are in the vault.
    """

    session: str
    state: str
    media: str
    part: int = 0
    end_ms: int = 0
    """Where the part ends, counted from the beginning of the session, for `recovered`."""
    length_ms: int = 0
    missing_ms: int = 0
    """How much may be missing at its end; 0 where nothing is."""
