"""A worker for tests only that breaks the protocol: how, is said by the prompt it is given."""

from __future__ import annotations

import os
import sys

from transcription.confining import confine_child
from transcription.frames import (
    AnyFrame,
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
    acts: dict[str, tuple[AnyFrame | bytes, ...]] = {
        "segment before ready": (_SEGMENT,),
        "done before ready": (Done(),),
        "ready twice": (Ready(), Ready()),
        "garbage": (Ready(), b"\x00\x00\x00\x01\xc1"),
        "huge": (Ready(), b"\xff\xff\xff\xff"),
        "ends in silence": (Ready(), _SEGMENT),
        "out of memory": (Ready(),),
        "fails": (Failed(reason="other"),),
        "says no more": (Ready(), _SEGMENT),
        "": (Ready(), ProgressFrame(done_ms=900)),
        "is well": (Ready(), _SEGMENT, ProgressFrame(done_ms=900), Done()),
    }
    for act in acts[start.prompt]:
        if isinstance(act, bytes):
            os.write(write_fd, act)
        else:
            channel.send(act)
    if start.prompt == "out of memory":
        sys.stderr.write("MemoryError\n")
    if start.prompt in {"", "garbage", "huge", "ready twice", "says no more"}:
        while channel.receive() is not None:
            pass


if __name__ == "__main__":
    main()
