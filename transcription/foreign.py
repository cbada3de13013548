"""A child's own side of reading foreign bytes: shut off first, then ask for them one by one.

For every child that reads a file from outside (sound, pictures, documents):

    read_fd, write_fd = confine_child()
    channel: Channel[...] = Channel(read_fd, write_fd, SourceFrame | Answer)
    warm_up()                                             # on bytes of our own, no import later
    source = begin(channel, tool="Name 1.2", keep=(read_fd, write_fd), cpu_s=cpu_allowance_s)
    file = ForeignFile(channel, source.size)              # what a library takes for a file
    ...

`transcription.feeding` is the parent's side.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from transcription.confining import ADDRESS_SPACE_BYTES
from transcription.errors import NotEnclosedError, ProtocolError
from transcription.frames import CHUNK_BYTES, Answer, Ask, Prepared, SourceFrame
from transcription.sandbox import enclose

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from transcription.frames import Channel

_MIB = 1024 * 1024


def cpu_allowance_s(size_bytes: int) -> int:
    """Give the processor time for a file: a minute, and 30 s for each MiB, at most four hours.

    Measured need of sound: under 5 s for a MiB even of 6 kbit/s speech.
    """
    return min(4 * 3600, 60 + 30 * (size_bytes // _MIB))


def begin(
    channel: Channel[SourceFrame | Answer],
    *,
    tool: str,
    keep: Collection[int],
    cpu_s: Callable[[int], int] = cpu_allowance_s,
    memory_bytes: int = ADDRESS_SPACE_BYTES,
    allow_threads: bool = False,
) -> SourceFrame:
    """Hear of the file, shut this process off, and tell the parent which walls hold.

    `allow_threads`: the library that reads begins threads of its own (never processes).
    Raises `NotEnclosedError` where they do not and nobody allowed to go on all the same (answer
    it with `Failed("not_enclosed")`), `ProtocolError` for another first message.
    """
    source = channel.receive()
    if not isinstance(source, SourceFrame):
        raise ProtocolError
    walls = enclose(
        keep=keep,
        cpu_s=cpu_s(source.size),
        memory_bytes=memory_bytes,
        allow_threads=allow_threads,
    )
    if not walls.is_closed and not source.may_be_open:
        raise NotEnclosedError
    channel.send(Prepared(landlock=walls.landlock, seccomp=walls.seccomp, tool=tool))
    return source


class ForeignFile(io.RawIOBase):
    """The foreign bytes, read through the parent; what a library takes for a file.

    Raises `ProtocolError` when the parent answers anything but the bytes asked for. One thread.
    """

    def __init__(self, channel: Channel[SourceFrame | Answer], size: int) -> None:
        super().__init__()
        self._channel = channel
        self.size = size
        self._position = 0

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that every place can be read."""
        return True

    def tell(self) -> int:
        """Return the place of the next byte."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place; one past the end gives no bytes."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def read(self, size: int = -1) -> bytes:
        """Read at most `size` bytes, and at most 128 KiB; none at the end."""
        left = max(0, self.size - self._position)
        wanted = min(left, CHUNK_BYTES, left if size < 0 else size)
        if wanted == 0:
            return b""
        self._channel.send(Ask(offset=self._position, size=wanted))
        answer = self._channel.receive()
        if not isinstance(answer, Answer) or len(answer.octets) != wanted:
            raise ProtocolError
        self._position += wanted
        return answer.octets

    def readall(self) -> bytes:
        """Read from here to the end, in one piece: only for files that fit into memory."""
        return b"".join(iter(self.read, b""))
