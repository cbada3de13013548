"""The parent's side of decoding: foreign bytes in, plain sound out, by way of a child.

Every value that comes from the child is checked here, for the child may have been taken over
by the file it reads. Memory stays bounded (one frame at a time), and so does time.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NoReturn, Protocol, Self

from transcription.errors import (
    EmptyFileError,
    NotAudioError,
    ProtocolError,
    TooLongError,
    TranscriptionError,
)
from transcription.frames import (
    Answer,
    Ask,
    Channel,
    Failed,
    Finished,
    FromDecoder,
    Pcm,
    QuietTooLongError,
    SoundFrame,
    SourceFrame,
)
from transcription.launching import Child, launch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

LONGEST_MS = 24 * 3600 * 1000
NO_PROGRESS_S = 60.0
_SAMPLE_BYTES = 2


class ByteSource(Protocol):
    """The foreign bytes: a fixed number of them, readable at any place.

    `read_at(offset, size)` gives exactly `size` bytes (the caller stays inside `size`).
    """

    @property
    def size(self) -> int:
        """Number of bytes."""
        ...

    def read_at(self, offset: int, size: int) -> bytes:
        """Read `size` bytes from `offset` on."""
        ...


class DecodedAudio:
    """A foreign file as sound: `with DecodedAudio(source) as audio: for chunk in audio: ...`.

    Entering raises `EmptyFileError`, `NotAudioError`, `TooLongError`; so does iterating, when
    the file turns out so later. Chunks are s16le, interleaved, whole frames, at most 128 KiB.
    Iterate once. `damaged_from_ms` is final after the last chunk: None, or where in the sound
    the first part that could not be decoded lies (or the end, when the file is cut off there).
    An error that `source.read_at` raises comes through as it is. The child is gone on exit.
    """

    rate: int
    """Frames a second, 4000 to 48000."""
    channels: int
    """1 or 2."""
    container: str
    """Short name of the container, such as `wav`."""
    codec: str
    """Short name of the codec, such as `pcm_s16le`."""
    declared_ms: int
    """Length by the file's own word, 0 = it does not say. Good for progress, not for truth."""
    damaged_from_ms: int | None = None

    def __init__(
        self,
        source: ByteSource,
        *,
        longest_ms: int = LONGEST_MS,
        no_progress_s: float = NO_PROGRESS_S,
        decoder: str = "transcription.decoder",
    ) -> None:
        self._source = source
        self._longest_ms = longest_ms
        self._no_progress_s = no_progress_s
        self._decoder = decoder
        self._frames_in = 0
        self._child: Child | None = None

    def __enter__(self) -> Self:
        if self._source.size == 0:
            raise EmptyFileError
        self._child = launch(self._decoder, cpu_threads=1)
        self._channel: Channel[FromDecoder] = Channel(
            self._child.read_fd, self._child.write_fd, FromDecoder
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
            # No polite way first: nothing in the child is worth saving, and it may be hostile.
            self._child.kill()
            self._child.stop()

    def __iter__(self) -> Iterator[bytes]:
        while True:
            frame = self._next()
            if isinstance(frame, Pcm):
                yield self._checked(frame.sound)
            elif isinstance(frame, Finished):
                self._finish(frame)
                return
            else:
                raise ProtocolError

    def _begin(self) -> None:
        try:
            self._channel.send(SourceFrame(size=self._source.size, max_ms=self._longest_ms))
        except BrokenPipeError:
            raise ProtocolError from None
        frame = self._next()
        if not isinstance(frame, SoundFrame):
            raise ProtocolError
        self.rate, self.channels = frame.rate, frame.channels
        self.container, self.codec = _plain(frame.container), _plain(frame.codec)
        self.declared_ms = min(frame.declared_ms, self._longest_ms)

    def _next(self) -> SoundFrame | Pcm | Finished:
        """Answer what the child asks until it sends something else; keep it to its time."""
        patience_s = self._no_progress_s
        while True:
            began = time.monotonic()
            try:
                frame = self._channel.receive(max(0.0, patience_s))
            except QuietTooLongError:
                raise NotAudioError from None
            patience_s -= time.monotonic() - began
            if isinstance(frame, Ask):
                self._answer(frame)
            elif isinstance(frame, Failed):
                _give_up(frame)
            elif frame is None:
                # It died: out of memory or time, or a codec crashed. All are the file's doing.
                raise NotAudioError
            else:
                return frame

    def _answer(self, ask: Ask) -> None:
        if ask.offset + ask.size > self._source.size:
            raise ProtocolError
        octets = self._source.read_at(ask.offset, ask.size)
        try:
            self._channel.send(Answer(octets=octets))
        except BrokenPipeError:
            raise NotAudioError from None

    def _checked(self, sound: bytes) -> bytes:
        frame_bytes = self.channels * _SAMPLE_BYTES
        if not sound or len(sound) % frame_bytes:
            raise ProtocolError
        self._frames_in += len(sound) // frame_bytes
        if self._frames_in * 1000 // self.rate > self._longest_ms + 1000:
            raise TooLongError
        return sound

    def _finish(self, frame: Finished) -> None:
        sound_ms = self._frames_in * 1000 // self.rate
        if self._frames_in == 0:
            raise ProtocolError
        if frame.damaged_from_ms is not None:
            self.damaged_from_ms = min(frame.damaged_from_ms, sound_ms)


def _plain(name: str) -> str:
    """Keep letters, digits and low lines of a name that the child chose."""
    return "".join(sign for sign in name if sign.isascii() and (sign.isalnum() or sign == "_"))


def _give_up(frame: Failed) -> NoReturn:
    known: dict[str, type[TranscriptionError]] = {
        "not_audio": NotAudioError,
        "memory": NotAudioError,
        "too_long": TooLongError,
    }
    raise known.get(frame.reason, ProtocolError)
