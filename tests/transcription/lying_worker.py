"""A worker for tests only that breaks the protocol: how, is said by the prompt it is given."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from transcription.confining import confine_child
from transcription.frames import (
    Channel,
    Done,
    Failed,
    ProgressFrame,
    Ready,
    SegmentFrame,
    Start,
    ToWorker,
)
from transcription.segments import Segment

if TYPE_CHECKING:
    from collections.abc import Callable

_SEGMENT = SegmentFrame(
    segment=Segment(
        start_ms=0, end_ms=900, text="One.", words=(), avg_logprob=-0.1, no_speech_prob=0.0,
        compression_ratio=1.0, temperature=0.0, flags=(),
    )
)  # fmt: skip


def main() -> None:
    """Misbehave once, then end."""
    read_fd, write_fd = confine_child()
    channel: Channel[ToWorker] = Channel(read_fd, write_fd, ToWorker)
    start = channel.receive()
    if not isinstance(start, Start):
        raise TypeError
    acts: dict[str, Callable[[], object]] = {
        "segment before ready": lambda: channel.send(_SEGMENT),
        "done before ready": lambda: channel.send(Done()),
        "ready twice": lambda: (channel.send(Ready()), channel.send(Ready())),
        "garbage": lambda: (channel.send(Ready()), os.write(write_fd, b"\x00\x00\x00\x01\xc1")),
        "huge": lambda: (channel.send(Ready()), os.write(write_fd, b"\xff\xff\xff\xff")),
        "ends in silence": lambda: (channel.send(Ready()), channel.send(_SEGMENT)),
        "out of memory": lambda: (channel.send(Ready()), sys.stderr.write("MemoryError\n")),
        "fails": lambda: channel.send(Failed(reason="other")),
        "is well": lambda: (
            channel.send(Ready()),
            channel.send(_SEGMENT),
            channel.send(ProgressFrame(done_ms=900)),
            channel.send(Done()),
        ),
    }
    acts[start.prompt]()
    if start.prompt in {"garbage", "huge", "ready twice"}:
        channel.receive()
        while channel.receive() is not None:
            pass


if __name__ == "__main__":
    main()
