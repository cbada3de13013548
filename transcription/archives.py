"""The archive child: `python -m transcription.archives`, spoken to over its pipes.

The only place where a foreign zip is walked and unpacked. It shuts itself off first
(`transcription.sandbox`), lists what is inside, and unpacks one file at a time, into its pipe and
nowhere else. What no phone makes is refused as a whole, before a byte of it is unpacked.
"""

from __future__ import annotations

import base64
import io
import stat
import sys
import unicodedata
import zipfile
import zlib
from typing import TYPE_CHECKING, Final

from transcription.brought_errors import LockedArchiveError, NotArchiveError, UnsafeArchiveError
from transcription.brought_frames import (
    LONGEST_NAME,
    MOST_ENTRIES,
    MOST_MEMBER_BYTES,
    MOST_UNPACKED_BYTES,
    EntryFrame,
    Listed,
    Octets,
    Refused,
    ToArchives,
    Unpack,
    Unpacked,
)
from transcription.confining import confine_child
from transcription.errors import NotEnclosedError, ProtocolError
from transcription.foreign import ForeignFile, begin
from transcription.frames import CHUNK_BYTES, Answer, Channel, Failed, SourceFrame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from _typeshed import WriteableBuffer

MEMORY_BYTES: Final = 256 << 20
_END_RECORD: Final = 22
_LONGEST_COMMENT: Final = 0xFFFF
_MOST_DIRECTORY_BYTES: Final = 8 << 20
_MOST_RATIO: Final = 200
"""Of what a member unpacks to, where that is more than a mebibyte. Text of a chat comes to 10."""
_SMALL: Final = 1 << 20
_LOCAL_HEAD: Final = 30
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DEEPEST: Final = 3
_FORBIDDEN: Final = "\\:\x7f"
# Two small files, one of them named in letters that are no ASCII.
_SAMPLE: Final = base64.b64decode(
    "UEsDBBQAAAAIAAAAIVxkenCvBgAAAGQAAAAFAAAAYS50eHRLTKQ9AABQSwMEFAAACAgAAAAhXPnvvnEDAAAAAQAAAAYA"
    "AADDpC50eHRLAgBQSwECFAMUAAAACAAAACFcZHpwrwYAAABkAAAABQAAAAAAAAAAAAAAgAEAAAAAYS50eHRQSwECFAMU"
    "AAAICAAAACFc+e++cQMAAAABAAAABgAAAAAAAAAAAAAAgAEpAAAAw6QudHh0UEsFBgAAAAACAAIAZwAAAFAAAAAAAA=="
)
_RESERVED: Final = frozenset({"con", "prn", "aux", "nul"})


class _Buffered(ForeignFile):
    """The foreign file as a buffered reader wants it."""

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Read into a buffer; returns how much."""
        view = memoryview(buffer).cast("B")
        found = self.read(len(view))
        view[: len(found)] = found
        return len(found)


def opened_archive(
    file: io.BufferedIOBase, size: int
) -> tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]:
    """Open an archive; returns it and the files in it, folders left out.

    Raises `NotArchiveError`, `LockedArchiveError`, `UnsafeArchiveError`.
    """
    _require_short_directory(file, size)
    try:
        archive = zipfile.ZipFile(file)
        found = [one for one in archive.infolist() if not one.is_dir()]
    except (zipfile.BadZipFile, ValueError, OverflowError, EOFError, NotImplementedError):
        raise NotArchiveError from None
    _check(found, archive.start_dir)
    return archive, found


def _require_short_directory(file: io.BufferedIOBase, size: int) -> None:
    """Refuse a list of files that is too long, before anything is made of it."""
    tail = min(size, _END_RECORD + _LONGEST_COMMENT)
    file.seek(size - tail)
    found = file.read(tail)
    at = found.rfind(b"PK\x05\x06")
    if at < 0 or len(found) - at < _END_RECORD:
        raise NotArchiveError
    said = int.from_bytes(found[at + 12 : at + 16], "little")
    if _MOST_DIRECTORY_BYTES < said != 0xFFFFFFFF:  # noqa: PLR2004  # "see the larger record"
        raise UnsafeArchiveError
    file.seek(0)


def _check(entries: Sequence[zipfile.ZipInfo], directory_at: int) -> None:
    if len(entries) > MOST_ENTRIES:
        raise UnsafeArchiveError
    if any(entry.flag_bits & 1 for entry in entries):
        raise LockedArchiveError
    total = 0
    seen: set[str] = set()
    for entry in entries:
        if entry.compress_type not in _METHODS or not is_plain_name(entry.filename):
            raise UnsafeArchiveError
        if stat.S_IFMT(entry.external_attr >> 16) not in {0, stat.S_IFREG}:
            raise UnsafeArchiveError  # a link, a device, a pipe
        folded = unicodedata.normalize("NFC", entry.filename).casefold()
        if folded in seen:
            raise UnsafeArchiveError
        seen.add(folded)
        total += entry.file_size
        most = max(_SMALL, _MOST_RATIO * entry.compress_size)
        if entry.file_size > min(most, MOST_MEMBER_BYTES) or total > MOST_UNPACKED_BYTES:
            raise UnsafeArchiveError
    _require_apart(entries, directory_at)


def _require_apart(entries: Sequence[zipfile.ZipInfo], directory_at: int) -> None:
    """Refuse files that lie over each other, or over the list: what unpacks twice is a bomb."""
    end = 0
    for entry in sorted(entries, key=lambda one: one.header_offset):
        if entry.header_offset < end:
            raise UnsafeArchiveError
        end = entry.header_offset + _LOCAL_HEAD + len(entry.orig_filename) + entry.compress_size
    if end > directory_at:
        raise UnsafeArchiveError


def is_plain_name(name: str) -> bool:
    """Tell whether a name in an archive is one that a phone gives, and stays where it is put."""
    parts = name.split("/")
    return (
        0 < len(name) <= LONGEST_NAME
        and len(parts) <= _DEEPEST
        and all(
            part.strip(" .") and part.split(".")[0].casefold() not in _RESERVED for part in parts
        )
        and not any(
            sign in "\\:\x7f" or sign < " " or "\ud800" <= sign <= "\udfff" for sign in name
        )
    )


def _send_list(channel: Channel[ToArchives], entries: Sequence[zipfile.ZipInfo]) -> None:
    for entry in entries:
        channel.send(EntryFrame(name=entry.filename, size=entry.file_size, made=entry.date_time))
    channel.send(Listed())


def _send_file(
    channel: Channel[ToArchives], archive: zipfile.ZipFile, entry: zipfile.ZipInfo
) -> None:
    try:
        with archive.open(entry) as member:
            while piece := member.read(CHUNK_BYTES):
                channel.send(Octets(piece=piece))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        channel.send(Refused(reason="damaged_member"))
        return
    channel.send(Unpacked())


def _serve(channel: Channel[ToArchives], source: SourceFrame) -> None:
    file = io.BufferedReader(_Buffered(_narrow(channel), source.size), CHUNK_BYTES)
    archive, entries = opened_archive(file, source.size)
    _send_list(channel, entries)
    while (wanted := channel.receive()) is not None:
        if not isinstance(wanted, Unpack) or wanted.number >= len(entries):
            raise ProtocolError
        _send_file(channel, archive, entries[wanted.number])


def warm_up() -> None:
    """Walk and unpack a small archive of our own, so that nothing is imported under the limits."""
    made = io.BytesIO(_SAMPLE)
    opened, entries = opened_archive(io.BufferedReader(made), len(_SAMPLE))
    for entry in entries:
        opened.read(entry)
    "a".encode("cp437")


def tool_text() -> str:
    """Name what unpacks here, with versions."""
    return f"Python {sys.version.split()[0]} zipfile; zlib {zlib.ZLIB_RUNTIME_VERSION}"


def _narrow(channel: Channel[ToArchives]) -> Channel[SourceFrame | Answer]:
    """Take the channel as what `begin` and `ForeignFile` need of it; they refuse all else."""
    return channel  # type: ignore[return-value]  # both check the type of what arrives


def main() -> int:
    """Serve one archive and end. Returns the exit status."""
    read_fd, write_fd = confine_child()
    channel: Channel[ToArchives] = Channel(read_fd, write_fd, ToArchives)
    try:
        warm_up()
        source = begin(
            _narrow(channel), tool=tool_text(), keep=(read_fd, write_fd), memory_bytes=MEMORY_BYTES
        )
        _serve(channel, source)
    except BrokenPipeError:
        return 1
    except NotEnclosedError:
        channel.send(Failed(reason="not_enclosed"))
    except ProtocolError:
        channel.send(Failed(reason="protocol"))
    except LockedArchiveError:
        channel.send(Refused(reason="locked"))
    except (UnsafeArchiveError, MemoryError, RecursionError):
        channel.send(Refused(reason="unsafe"))
    except Exception:  # noqa: BLE001  # whatever the library raises over a hostile archive
        channel.send(Failed(reason="unreadable"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
