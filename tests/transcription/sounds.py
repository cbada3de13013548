"""Sound made at run time, and small stand-ins, for the tests of this folder."""

from __future__ import annotations

import difflib
import io
import re
import shutil
import struct
import wave
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""


class Octets:
    """Bytes in memory as a `ByteSource`; remembers whether anybody read."""

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        self.size = len(octets)
        self.reads = 0

    def read_at(self, offset: int, size: int) -> bytes:
        """Give the bytes, as every `ByteSource` does."""
        self.reads += 1
        return self.octets[offset : offset + size]


def tone(ms: int, *, rate: int = 16000, channels: int = 1) -> bytes:
    """Make a square wave of 250 Hz as s16le."""
    half = rate // 500
    one = struct.pack("<h", 8000) * channels * half + struct.pack("<h", -8000) * channels * half
    size = rate * ms // 1000 * channels * 2
    return (one * (size // len(one) + 1))[:size]


def wav(sound: bytes, *, rate: int = 16000, channels: int = 1) -> bytes:
    """Put s16le sound into a WAV file."""
    out = io.BytesIO()
    with wave.open(out, "wb") as written:
        written.setnchannels(channels)
        written.setsampwidth(2)
        written.setframerate(rate)
        written.writeframes(sound)
    return out.getvalue()


def encoded(sound: bytes, container: str, codec: str, *, rate: int = 16000) -> bytes:
    """Encode mono s16le sound in memory."""
    import av  # noqa: PLC0415  # only these tests write sound; the product never does

    out = io.BytesIO()
    with av.open(out, "w", format=container) as written:
        stream = written.add_stream(codec, rate=rate, layout="mono")
        if not isinstance(stream, av.AudioStream):
            raise TypeError(codec)
        frame = av.AudioFrame(format="s16", layout="mono", samples=len(sound) // 2, align=1)
        frame.sample_rate = rate
        frame.planes[0].update(sound)
        for packet in (*stream.encode(frame), *stream.encode(None)):
            written.mux(packet)
    return out.getvalue()


def sound_of(octets: bytes) -> bytes:
    """Take the samples out of a WAV file of ours."""
    with wave.open(io.BytesIO(octets)) as read:
        return bytes(read.readframes(read.getnframes()))


def likeness(spoken: str, heard: str) -> float:
    """Compare two texts by their words, 0 to 1. Machines differ in single words; bounds hold."""
    said, found = (re.findall(r"[a-z]+", text.casefold()) for text in (spoken, heard))
    return difflib.SequenceMatcher(None, said, found, autojunk=False).ratio()


def strace_or_skip() -> str:
    """Find strace, or skip with the reason."""
    found = shutil.which("strace")
    if found is None:
        pytest.skip("strace is not installed: system calls cannot be seen (apt-get install strace)")
    return found
