"""A picture child for tests only that was taken over: what it does is the text of its source."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import msgspec

from transcription.brought_frames import Octets, PictureFrame, PictureSource, ToPictures
from transcription.confining import confine_child
from transcription.frames import Answer, Ask, Channel, Prepared

if TYPE_CHECKING:
    from collections.abc import Callable

_GOOD = PictureFrame(width=4, height=2, source_width=4, source_height=2, pages=1, container="png",
                     is_damaged=False, tags=())  # fmt: skip


def _long_tag() -> bytes:
    odd = msgspec.to_builtins(_GOOD) | {"tags": [["x" * 501, "y"]]}
    body = msgspec.msgpack.encode(odd)
    return len(body).to_bytes(4, "big") + body


def main() -> None:
    """Read the first sixteen bytes of the source and misbehave as they say."""
    read_fd, write_fd = confine_child()
    channel: Channel[ToPictures] = Channel(read_fd, write_fd, ToPictures)
    source = channel.receive()
    if not isinstance(source, PictureSource):
        raise TypeError
    channel.send(Prepared(landlock=0, seccomp=True, tool="a lie"))
    channel.send(Ask(offset=0, size=16))
    answer = channel.receive()
    order = answer.octets.rstrip() if isinstance(answer, Answer) else b""

    def head_and(*sizes: int) -> None:
        channel.send(_GOOD)
        for size in sizes:
            channel.send(Octets(piece=bytes(size)))

    acts: dict[bytes, Callable[[], object]] = {
        b"honest": lambda: head_and(20, 4),
        b"wide": lambda: channel.send(msgspec.structs.replace(_GOOD, width=65)),
        b"few dots": lambda: head_and(20),
        b"many dots": lambda: head_and(20, 20),
        b"no head": lambda: channel.send(Octets(piece=bytes(8))),
        b"garbage": lambda: os.write(write_fd, b"\x00\x00\x00\x05\xff\x00abc"),
        b"asks outside": lambda: channel.send(Ask(offset=source.size, size=1)),
        b"long tag": lambda: os.write(write_fd, _long_tag()),
        b"is quiet": lambda: None,
        b"dies": lambda: os._exit(3),
    }
    acts[order]()
    signal.pause()  # neither ends nor speaks


if __name__ == "__main__":
    main()
