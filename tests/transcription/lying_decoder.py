"""A decoder for tests only that was taken over: what it does is the text of its source."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

import msgspec

from transcription.confining import confine_child
from transcription.frames import (
    Answer,
    Ask,
    Channel,
    Pcm,
    Prepared,
    SoundFrame,
    SourceFrame,
    ToDecoder,
)
from transcription.sandbox import enclose

if TYPE_CHECKING:
    from collections.abc import Callable

_GOOD = SoundFrame(rate=16000, channels=2, container="wav", codec="x", declared_ms=0,
                   source_rate=16000, source_channels=2)  # fmt: skip


_NOT_ENCLOSED = 17  # a source of this size is told that no walls hold


def _odd_sound() -> bytes:
    odd = msgspec.msgpack.encode({**msgspec.to_builtins(_GOOD), "rate": 10**9})
    return len(odd).to_bytes(4, "big") + odd


def _ask_for_ever(channel: Channel[ToDecoder]) -> None:
    while True:
        channel.send(Ask(offset=0, size=1))
        channel.receive()


def _send_half_a_frame(channel: Channel[ToDecoder]) -> None:
    channel.send(_GOOD)
    channel.send(Pcm(sound=bytes(3)))


def _send_for_ever(channel: Channel[ToDecoder]) -> None:
    channel.send(_GOOD)
    while True:
        channel.send(Pcm(sound=bytes(64000)))


def _trickle(channel: Channel[ToDecoder]) -> None:
    channel.send(_GOOD)
    while True:
        channel.send(Pcm(sound=bytes(4)))
        threading.Event().wait(0.05)


def _spin() -> None:
    while True:
        pass


def _eat_memory(keep: tuple[int, int]) -> None:
    enclose(keep=keep, cpu_s=60)
    eaten = bytearray(1 << 20)
    while True:
        eaten += eaten


def main() -> None:
    """Read the first sixteen bytes of the source and misbehave as they say."""
    read_fd, write_fd = confine_child()
    channel: Channel[ToDecoder] = Channel(read_fd, write_fd, ToDecoder)
    source = channel.receive()
    if not isinstance(source, SourceFrame):
        raise TypeError
    is_open = source.size == _NOT_ENCLOSED
    channel.send(Prepared(landlock=0, seccomp=not is_open, tool="a lie"))
    channel.send(Ask(offset=0, size=16))
    answer = channel.receive()
    order = answer.octets.rstrip() if isinstance(answer, Answer) else b""
    acts: dict[bytes, Callable[[], int | None]] = {
        b"huge": lambda: os.write(write_fd, (2**31).to_bytes(4, "big")),
        b"garbage": lambda: os.write(write_fd, b"\x00\x00\x00\x05\xff\x00abc"),
        b"outside": lambda: channel.send(Ask(offset=source.size, size=1)),
        b"early": lambda: channel.send(Pcm(sound=bytes(4))),
        b"wrong rate": lambda: os.write(write_fd, _odd_sound()),
        b"half frame": lambda: _send_half_a_frame(channel),
        b"asks for ever": lambda: _ask_for_ever(channel),
        b"endless": lambda: _send_for_ever(channel),
        b"is quiet": lambda: None,
        b"segv": lambda: os.kill(os.getpid(), signal.SIGSEGV),
        b"sigsys": lambda: os.kill(os.getpid(), signal.SIGSYS),
        b"abort": os.abort,
        b"exit": lambda: os._exit(3),
        b"spins": _spin,
        b"eats memory": lambda: _eat_memory((read_fd, write_fd)),
        b"trickles": lambda: _trickle(channel),
    }
    acts[order]()
    signal.pause()  # neither ends nor speaks


if __name__ == "__main__":
    main()
