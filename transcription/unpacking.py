"""The parent's side of a zip archive: what is inside, and each file's bytes, by way of a child.

Nothing is written anywhere: the bytes of a file come as pieces. Every value from the child is
checked, for the child may have been taken over by the archive it reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from transcription.brought_errors import LockedArchiveError, NotArchiveError, UnsafeArchiveError
from transcription.brought_frames import (
    MOST_ENTRIES,
    MOST_UNPACKED_BYTES,
    EntryFrame,
    FromArchives,
    Listed,
    Octets,
    Refused,
    Unpack,
    Unpacked,
)
from transcription.errors import EmptyFileError, ProtocolError
from transcription.feeding import ByteSource, Feeding
from transcription.frames import Channel, SourceFrame
from transcription.launching import Child, launch
from transcription.picturing import plain_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

__all__ = ["Archive", "ByteSource", "Entry"]

_PATIENCE_S: Final = 60.0
_BYTES_A_SECOND: Final = 1 << 20
_REFUSALS: Final = {"locked": LockedArchiveError, "unsafe": UnsafeArchiveError}


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in an archive: its place, its name, its size unpacked, and when it says it was made.

    `made` is year, month, day, hour, minute, second on the clock of whatever made the archive.
    """

    number: int
    name: str
    size: int
    made: tuple[int, int, int, int, int, int]


class Archive:
    """An archive open for reading: `with Archive(source) as archive: for e in archive.entries`.

    Entering raises `EmptyFileError`, `NotArchiveError`, `UnsafeArchiveError`,
    `LockedArchiveError`; `NotEnclosedError` as `show_picture` does. One thread.
    """

    entries: tuple[Entry, ...]
    tool: str

    def __init__(
        self,
        source: ByteSource,
        *,
        without_walls: bool = False,
        child: str = "transcription.archives",
        patience_s: float = _PATIENCE_S,
    ) -> None:
        self._source = source
        self._without_walls = without_walls
        self._module = child
        self._patience_s = patience_s
        self._child: Child | None = None

    def __enter__(self) -> Self:
        if self._source.size == 0:
            raise EmptyFileError
        self._child = launch(self._module, cpu_threads=1)
        self._feeding: Feeding[EntryFrame | Listed | Octets | Unpacked | Refused] = Feeding(
            self._child,
            self._source,
            FromArchives,
            unreadable=NotArchiveError,
            no_progress_s=self._patience_s,
        )
        try:
            self._begin()
        except BaseException:
            self._child.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.stop()

    def pieces(self, entry: Entry) -> Iterator[bytes]:
        """Yield the bytes of a file, in order, to its end.

        Raises `NotArchiveError` where it is damaged (what came before is not to be trusted),
        and what reading the source raises. To be used up before the next file is asked for.
        """
        if self._child is None or self.entries[entry.number] != entry:
            raise ProtocolError
        try:
            orders: Channel[object] = Channel(self._child.read_fd, self._child.write_fd, object)
            orders.send(Unpack(number=entry.number))
        except BrokenPipeError:
            raise NotArchiveError from None
        left = entry.size
        while not isinstance(frame := self._feeding.next(), Unpacked):
            if isinstance(frame, Refused) and frame.reason == "damaged_member":
                raise NotArchiveError
            if not isinstance(frame, Octets) or len(frame.piece) > left:
                raise ProtocolError
            left -= len(frame.piece)
            self._feeding.earn(len(frame.piece) / _BYTES_A_SECOND)
            yield frame.piece
        if left:
            raise ProtocolError

    def _begin(self) -> None:
        prepared = self._feeding.begin(
            SourceFrame(size=self._source.size, may_be_open=self._without_walls)
        )
        self.tool = plain_line(prepared.tool)
        found: list[Entry] = []
        total = 0
        while not isinstance(frame := self._feeding.next(), Listed):
            if isinstance(frame, Refused):
                raise _REFUSALS.get(frame.reason, ProtocolError)
            total += frame.size if isinstance(frame, EntryFrame) else 0
            if not isinstance(frame, EntryFrame) or len(found) >= MOST_ENTRIES:
                raise ProtocolError
            if total > MOST_UNPACKED_BYTES:
                raise UnsafeArchiveError
            found.append(Entry(len(found), frame.name, frame.size, frame.made))
        self.entries = tuple(found)
