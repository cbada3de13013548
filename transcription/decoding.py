"""The parent's side of decoding: foreign bytes in, plain sound out, by way of a child.

Every value that comes from the child is checked here, for the child may have been taken over
by the file it reads. Memory stays bounded (one frame at a time), and so does time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from transcription.errors import EmptyFileError, NotAudioError, ProtocolError, TooLongError
from transcription.feeding import NO_PROGRESS_S, ByteSource, Feeding
from transcription.frames import Finished, FromDecoder, Pcm, SoundFrame, SourceFrame
from transcription.launching import Child, launch
from transcription.sandbox import Enclosure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

__all__ = ["LONGEST_MS", "ByteSource", "DecodedAudio"]

LONGEST_MS = 24 * 3600 * 1000
_SAMPLE_BYTES = 2
# The child earns time by what it sends: nothing real decodes slower than half as fast as it plays.
_SECONDS_EARNED = 2.0


class DecodedAudio:
    """A foreign file as sound: `with DecodedAudio(source) as audio: for chunk in audio: ...`.

    Entering raises `EmptyFileError`, `NotAudioError`, `TooLongError`; so does iterating, when
    the file turns out so later. Entering raises `NotEnclosedError`, with nothing read, where the
    child cannot be shut off from files and network, unless `without_walls`: pass that only when
    a person, told so, allowed it for this file. Chunks are s16le, interleaved, whole frames, at
    most 128 KiB. Iterate once. `damaged_from_ms` is final after the last chunk: None, or where in
    the sound the first part that could not be decoded lies (or the end, when it is cut off there).
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
    enclosure: Enclosure
    """The walls that held around the child."""
    tool: str
    """What decoded, with versions, such as `PyAV 18.1.0; libavformat 62.12.102; ...`."""
    settings: str
    """How the sound was changed: what the file held, and what came out; always in this order."""
    damaged_from_ms: int | None = None

    def __init__(
        self,
        source: ByteSource,
        *,
        longest_ms: int = LONGEST_MS,
        no_progress_s: float = NO_PROGRESS_S,
        without_walls: bool = False,
        decoder: str = "transcription.decoder",
    ) -> None:
        self._source = source
        self._longest_ms = longest_ms
        self._no_progress_s = no_progress_s
        self._without_walls = without_walls
        self._decoder = decoder
        self._frames_in = 0
        self._child: Child | None = None

    def __enter__(self) -> Self:
        if self._source.size == 0:
            raise EmptyFileError
        self._child = launch(self._decoder, cpu_threads=1)
        self._feeding: Feeding[SoundFrame | Pcm | Finished] = Feeding(
            self._child,
            self._source,
            FromDecoder,
            unreadable=NotAudioError,
            reasons={"not_audio": NotAudioError, "too_long": TooLongError},
            no_progress_s=self._no_progress_s,
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
            frame = self._feeding.next()
            if isinstance(frame, Pcm):
                yield self._checked(frame.sound)
            elif isinstance(frame, Finished):
                self._finish(frame)
                return
            else:
                raise ProtocolError

    def _begin(self) -> None:
        prepared = self._feeding.begin(
            SourceFrame(
                size=self._source.size,
                max_ms=self._longest_ms,
                may_be_open=self._without_walls,
            )
        )
        self.enclosure = Enclosure(landlock=prepared.landlock, seccomp=prepared.seccomp)
        self.tool = _printable(prepared.tool)
        frame = self._feeding.next()
        if not isinstance(frame, SoundFrame):
            raise ProtocolError
        self.rate, self.channels = frame.rate, frame.channels
        self.container, self.codec = _plain(frame.container), _plain(frame.codec)
        self.declared_ms = min(frame.declared_ms, self._longest_ms)
        self.settings = (
            f"from {self.container}/{self.codec}, {frame.source_rate} Hz, "
            f"{frame.source_channels} ch; to s16le, {self.rate} Hz, {self.channels} ch; "
            "libswresample defaults; lost stretches are silence"
        )

    def _checked(self, sound: bytes) -> bytes:
        frame_bytes = self.channels * _SAMPLE_BYTES
        if not sound or len(sound) % frame_bytes:
            raise ProtocolError
        self._frames_in += len(sound) // frame_bytes
        self._feeding.earn(_SECONDS_EARNED * (len(sound) // frame_bytes) / self.rate)
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


def _printable(text: str) -> str:
    """Keep what a version can hold of a text that a child chose."""
    return "".join(sign for sign in text if sign.isascii() and (sign.isalnum() or sign in " .;_-"))
