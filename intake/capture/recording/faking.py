"""Sound without hardware: the whole path of a recording runs on it, in tests and demonstrations.

`count` gives samples that tell their own place; `tone:HZ`; `silence`; `wav:PATH`. What happens to
the device is told by `plays` (frames.Fake).
"""

from __future__ import annotations

import time
import wave
from typing import TYPE_CHECKING, Final

import numpy as np

from intake.capture.recording.frames import PLAYS, Fake, FrameError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from intake.capture.recording.inputs import Sink

_PIECE_MS: Final = 20
_LOUD: Final = 8_000
_PRIME: Final = 7_919
LABEL: Final = "a microphone that is not there"
OTHER_LABEL: Final = "another microphone that is not there"


def counted(first: int, frames: int, channels: int) -> bytes:
    """Return samples of which each is told by its place in the stream."""
    places = np.arange(first, first + frames, dtype=np.int64)
    mono = ((places * _PRIME + (places >> 16)) & 0xFFFF).astype(np.uint16).view(np.int16)
    sides = [mono, np.flip(mono.view(np.int8).reshape(-1, 2), 1).copy().view(np.int16).ravel()]
    return np.stack(sides[:channels], axis=1).astype("<i2").tobytes()


class FakeAudioInput:
    """Gives the sound that a `Fake` names, paced by a clock or as fast as it is taken."""

    def __init__(
        self,
        fake: Fake,
        *,
        rate: int,
        channels: int,
        running_ms: Callable[[], int] = lambda: time.monotonic_ns() // 1_000_000,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate = rate
        self._channels = channels
        self._is_paced = fake.is_paced
        self._running_ms = running_ms
        self._wait = wait
        self._sound = _maker(fake.sound, rate, channels)
        self._plays = _plays(fake.plays)
        self._sink: Sink | None = None
        self._is_lost = False
        self._label = LABEL
        self._given = 0
        self._began_ms = 0
        self.skipped = 0
        """Frames that were spoken while there was no device."""

    @property
    def given(self) -> int:
        """How many frames were given or skipped until now: the place in the sound."""
        return self._given

    def start(self, sink: Sink) -> None:
        """Begin, or go on."""
        self._sink = sink
        self._began_ms = self._running_ms() - self._given * 1000 // self._rate
        if not self._is_lost:
            sink.found(self._label)

    def stop(self) -> None:
        """Give nothing more."""
        self._sink = None

    def choose(self, channel: int, device: str) -> None:
        """Take another label; the sound goes on."""
        del channel
        self._label = device or OTHER_LABEL
        if self._sink is not None:
            self._sink.found(self._label)

    def look_again(self) -> None:
        """Come back from a loss at once, as another device would, unless a time was given."""
        if not any(what == "back" for what, _ in self._plays):
            self._come_back()

    def pump(self, timeout_s: float) -> None:
        """Give what is due, for at most so long."""
        end_ms = self._running_ms() + int(timeout_s * 1000)
        while self._sink is not None:
            self._play()
            size = self._rate * _PIECE_MS // 1000
            if self._is_paced and self._behind_ms() < _PIECE_MS:
                break
            if not self._is_paced and not self._sink.has_room(size * 2 * self._channels):
                break
            self._give(size)
            if self._running_ms() >= end_ms:
                return
        self._wait(max(0.0, min(timeout_s, (end_ms - self._running_ms()) / 1000)))

    def _behind_ms(self) -> int:
        return self._running_ms() - self._began_ms - self._given * 1000 // self._rate

    def _give(self, frames: int) -> None:
        sound = self._sound(self._given, frames)
        self._given += len(sound) // (2 * self._channels)
        if not sound:
            sound = bytes(frames * 2 * self._channels)  # after a file: silence, as in a room
            self._given += frames
        if self._is_lost or self._sink is None:
            self.skipped += len(sound) // (2 * self._channels)
        else:
            self._sink.take(sound)

    def _play(self) -> None:
        at_ms = self._given * 1000 // self._rate
        while self._plays and self._plays[0][1] <= at_ms:
            what, _ = self._plays.pop(0)
            if what == "loss":
                self._is_lost = True
                if self._sink is not None:
                    self._sink.lost()
            else:
                self._come_back()

    def _come_back(self) -> None:
        if self._is_lost:
            self._is_lost = False
            self._label = OTHER_LABEL
            if self._sink is not None:
                self._sink.found(self._label)


def _plays(words: str) -> list[tuple[str, int]]:
    found = []
    for word in filter(None, words.split(",")):
        if not PLAYS.fullmatch(word):
            raise FrameError(word)
        what, _, at = word.partition("@")
        found.append((what, int(at)))
    return sorted(found, key=lambda each: each[1])


def _maker(sound: str, rate: int, channels: int) -> Callable[[int, int], bytes]:
    kind, _, rest = sound.partition(":")
    if kind == "count":
        return lambda first, frames: counted(first, frames, channels)
    if kind == "silence":
        return lambda _first, frames: bytes(frames * 2 * channels)
    if kind == "tone":
        return lambda first, frames: _tone(int(rest), first, frames, rate, channels)
    if kind == "wav":
        samples = _read_wav(rest, rate, channels)
        return lambda first, frames: samples[first : first + frames].tobytes()
    raise FrameError(kind)


def _tone(hz: int, first: int, frames: int, rate: int, channels: int) -> bytes:
    places = np.arange(first, first + frames)
    mono = (_LOUD * np.sin(2 * np.pi * hz * places / rate)).astype("<i2")
    return np.repeat(mono[:, None], channels, axis=1).tobytes()


def _read_wav(path: str, rate: int, channels: int) -> NDArray[np.int16]:
    """Read 16-bit PCM at the recorder's rate; one channel is given to both sides."""
    with wave.open(path, "rb") as file:
        if file.getsampwidth() != 2 or file.getframerate() != rate:  # noqa: PLR2004  # bytes
            raise FrameError("wav")
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        samples = samples.reshape(-1, file.getnchannels())
    return np.ascontiguousarray(np.repeat(samples[:, :1], channels, axis=1))
