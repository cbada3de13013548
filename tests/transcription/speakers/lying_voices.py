"""A child for tests only that breaks the protocol: how, is said by the place of its weights."""

from __future__ import annotations

import os
import sys

from transcription.confining import confine_child
from transcription.frames import Channel, Done, End
from transcription.speakers.frames import (
    RelatedFrame,
    SideFrame,
    StartVoices,
    ToVoices,
    TurnFrame,
    VoiceFrame,
    VoicesFailed,
)

_TURN = TurnFrame(channel=0, start_ms=0, end_ms=900, voice=1, is_sure=True)
_SIDE = SideFrame(channel=0, nearness=-1.0)
_VOICE = VoiceFrame(channel=0, voice=1, speech_ms=900, likeness=None)


def main() -> None:
    """Misbehave once, then end."""
    read_fd, write_fd = confine_child()
    channel: Channel[ToVoices] = Channel(read_fd, write_fd, ToVoices)
    start = channel.receive()
    if not isinstance(start, StartVoices):
        raise TypeError
    acts = {
        "turn before its side": (_TURN,),
        "voice before its side": (_VOICE,),
        "garbage": (b"\x00\x00\x00\x01\xc1",),
        "huge": (b"\xff\xff\xff\xff",),
        "ends in silence": (_SIDE, _VOICE),
        "out of memory": (),
        "fails": (VoicesFailed(reason="other"),),
        "memory": (VoicesFailed(reason="memory"),),
        "protocol": (VoicesFailed(reason="protocol"),),
        "wrong words": (End(),),
        "is well": (RelatedFrame(correlation=0.5), _SIDE, _VOICE, _TURN, Done()),
        "says nothing": (Done(),),
    }
    for act in acts[start.weights]:
        if isinstance(act, bytes):
            os.write(write_fd, act)
        else:
            channel.send(act)
    if start.weights == "out of memory":
        sys.stderr.write("MemoryError\n")
    if start.weights in {"garbage", "huge", "turn before its side", "wrong words"}:
        while channel.receive() is not None:
            pass


if __name__ == "__main__":
    main()
