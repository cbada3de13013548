"""Messages between our processes: four bytes of length (big endian), then MessagePack.

Each message is a tagged, frozen struct; an unknown tag, an unknown or missing field, a wrong
type, a frame over `MAX_FRAME_BYTES` and a stream that ends inside a frame are all
`ProtocolError`. The length is checked before anything is allocated. The other side of a
decoder's pipe may be in hostile hands: whoever receives must also check the values.
"""

from __future__ import annotations

import os
import select
import time
from typing import Annotated, Generic, Literal, TypeVar

import msgspec

from transcription.errors import ProtocolError
from transcription.segments import Segment  # noqa: TC001  # msgspec reads it at run time

MAX_FRAME_BYTES = 1024 * 1024
"""No frame is larger. Sound travels in chunks of `CHUNK_BYTES`, far below it."""

CHUNK_BYTES = 128 * 1024
"""The most sound or file bytes that our own code puts into one frame."""

_HEADER_BYTES = 4

Count = Annotated[int, msgspec.Meta(ge=0)]
ShortText = Annotated[str, msgspec.Meta(max_length=40)]
ToolText = Annotated[str, msgspec.Meta(max_length=200)]


class _Frame(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """Base of all messages; never sent itself."""


class Start(_Frame, frozen=True, tag="start"):
    """To the worker, first: what to load and what the sound that follows is like."""

    model_name: str
    model_dir: str
    files: dict[str, str]  # file name -> SHA-256 in hexadecimal; nothing else is loaded
    # declared code -> the engine's own, "" where the model lacks it; "detect" alone = not declared
    languages: Annotated[dict[str, str], msgspec.Meta(min_length=1, max_length=100)]
    profile: Literal["guarded", "thorough"]
    hot_words: tuple[str, ...]  # names to expect; they end here
    offset_ms: Count  # where in the recording the first sample lies
    total_ms: Count  # length of the recording, 0 = not known
    prompt: str  # text just before, "" at the start
    cpu_threads: Annotated[int, msgspec.Meta(ge=1, le=1024)]
    rate: Annotated[int, msgspec.Meta(ge=4000, le=192000)]
    channels: Annotated[int, msgspec.Meta(ge=1, le=2)]


class Pcm(_Frame, frozen=True, tag="pcm"):
    """Sound, s16le interleaved; to the worker, and from the decoder."""

    sound: bytes


class End(_Frame, frozen=True, tag="end"):
    """To the worker: no more sound comes."""


class Ready(_Frame, frozen=True, tag="ready"):
    """From the worker: the model is checked and loaded."""


class SegmentFrame(_Frame, frozen=True, tag="segment"):
    """From the worker: one segment, as soon as it is decoded."""

    segment: Segment


class Candidate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A language that a recording may be in."""

    language: ShortText
    chance: Annotated[float, msgspec.Meta(ge=0, le=1)]


class AskLanguage(_Frame, frozen=True, tag="ask_language"):
    """From the worker, last: the language was left open and cannot be told; nothing was decoded."""

    candidates: Annotated[tuple[Candidate, ...], msgspec.Meta(max_length=100)]


class ProgressFrame(_Frame, frozen=True, tag="progress"):
    """From the worker: everything before `done_ms` of the recording is decoded."""

    done_ms: Count


class Done(_Frame, frozen=True, tag="done"):
    """From the worker, last: all sound is decoded."""


class Failed(_Frame, frozen=True, tag="failed"):
    """From a child, last: why it gives up. No text of an exception ever travels."""

    reason: Literal[
        "not_audio", "too_long", "model", "language", "protocol", "memory", "other",
        "not_enclosed", "unreadable",
    ]  # fmt: skip


class SourceFrame(_Frame, frozen=True, tag="source"):
    """To a child that reads foreign bytes, first: how many bytes the file has.

    `may_be_open`: a person allowed that it is read without walls around the child.
    """

    size: Count
    max_ms: Count = 0  # the most sound that is wanted; of no meaning to other children
    may_be_open: bool = False


class Prepared(_Frame, frozen=True, tag="prepared"):
    """From a child that reads foreign bytes, before it asks for the first of them.

    Which walls took hold (`transcription.sandbox.Enclosure`), and what will do the reading.
    """

    landlock: Count
    seccomp: bool
    tool: ToolText


class Ask(_Frame, frozen=True, tag="ask"):
    """From the decoder: send me `size` bytes of the file from `offset` on."""

    offset: Count
    size: Annotated[int, msgspec.Meta(ge=1, le=CHUNK_BYTES)]


class Answer(_Frame, frozen=True, tag="answer"):
    """To the decoder: exactly the bytes that it asked for."""

    octets: bytes


class SoundFrame(_Frame, frozen=True, tag="sound"):
    """From the decoder: what the sound that follows is like. `declared_ms` 0 = not said."""

    rate: Annotated[int, msgspec.Meta(ge=4000, le=48000)]
    channels: Annotated[int, msgspec.Meta(ge=1, le=2)]
    container: ShortText
    codec: ShortText
    declared_ms: Count
    source_rate: Count
    source_channels: Count


class Finished(_Frame, frozen=True, tag="finished"):
    """From the decoder, last: all sound was sent; where the first damage lies, if any."""

    damaged_from_ms: Count | None


ToWorker = Start | Pcm | End
FromWorker = Ready | SegmentFrame | ProgressFrame | AskLanguage | Done | Failed
ToDecoder = SourceFrame | Answer
FromDecoder = Ask | Prepared | SoundFrame | Pcm | Finished | Failed
AnyFrame = _Frame
"""What a channel can send: any of these, and the messages that another child has of its own."""

Received = TypeVar("Received")


class QuietTooLongError(ProtocolError):
    """No whole frame came before the deadline."""


class Channel(Generic[Received]):
    """One end of two pipes. One thread may send while another receives, not more.

    `accepts` is a union of frame types; everything else that arrives is a `ProtocolError`.
    """

    def __init__(self, read_fd: int, write_fd: int, accepts: object) -> None:
        self._read_fd = read_fd
        self._write_fd = write_fd
        self._decoder: msgspec.msgpack.Decoder[Received] = msgspec.msgpack.Decoder(accepts)
        self._encoder = msgspec.msgpack.Encoder()

    def send(self, frame: AnyFrame) -> None:
        """Write one frame whole. Raises BrokenPipeError when nobody reads any more."""
        body = self._encoder.encode(frame)
        if len(body) > MAX_FRAME_BYTES:
            raise ProtocolError
        view = memoryview(len(body).to_bytes(_HEADER_BYTES, "big") + body)
        while view:
            view = view[os.write(self._write_fd, view) :]

    def receive(self, timeout_s: float | None = None) -> Received | None:
        """Read one frame; None when the other side closed the pipe between two frames.

        Raises `ProtocolError` for anything that is no whole frame of an accepted kind, and
        `QuietTooLongError` when the frame is not whole after `timeout_s` seconds.
        """
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        header = self._read(_HEADER_BYTES, deadline)
        if not header:
            return None
        size = int.from_bytes(header, "big")
        if len(header) < _HEADER_BYTES or not 0 < size <= MAX_FRAME_BYTES:
            raise ProtocolError
        body = self._read(size, deadline)
        if len(body) < size:
            raise ProtocolError
        try:
            return self._decoder.decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            # The cause would quote what was in the frame.
            raise ProtocolError from None

    def _read(self, size: int, deadline: float | None) -> bytes:
        """Read `size` bytes, fewer only at the end of the stream."""
        got = bytearray(size)
        filled = 0
        while filled < size:
            if deadline is not None:
                self._wait(deadline)
            count = os.readv(self._read_fd, [memoryview(got)[filled:]])
            if count == 0:
                break
            filled += count
        return bytes(got[:filled])

    def _wait(self, deadline: float) -> None:
        poll = select.poll()
        poll.register(self._read_fd, select.POLLIN)
        left_ms = max(0, int((deadline - time.monotonic()) * 1000))
        if not poll.poll(left_ms):
            raise QuietTooLongError
