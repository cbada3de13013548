"""Who speaks when: the parent's side of the child that tells voices apart."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NoReturn

from transcription.engine import Position
from transcription.errors import ProtocolError, TranscriptionError, WorkerDiedError
from transcription.frames import CHUNK_BYTES, Channel, Done, End, Pcm, ProgressFrame
from transcription.launching import Child, launch
from transcription.speakers.errors import (
    PeopleCountError,
    SampleOfManyError,
    SampleTooShortError,
    VoiceModelError,
)
from transcription.speakers.frames import (
    FromVoices,
    RelatedFrame,
    SampleFrame,
    SideFrame,
    StartVoices,
    TurnFrame,
    VoiceFrame,
    VoicesFailed,
)
from transcription.speakers.weights import default_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    from transcription.frames import _Frame as Frame

__all__ = [
    "MOST_PEOPLE",
    "PERHAPS_ONE",
    "Position",
    "Side",
    "Speakers",
    "Turn",
    "Voice",
    "diarise",
    "take_sample",
]

MOST_PEOPLE: Final = 3
PERHAPS_ONE: Final = 0.80
"""Two voices of a channel nearer than this are perhaps one person."""

_RELATED: Final = 0.3
_WORKER: Final = "transcription.speakers.worker"
_TWO_SIDES: Final = 2
_OUT_OF_MEMORY: Final = (
    "Telling the voices apart needed more memory than this computer has free. "
    "Close other programs and start it again."
)
_DIED: Final = (
    "Telling the voices apart stopped before its end. Nothing was proposed: start it again."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One voice without a break, in ms from the start of the recording.

    `is_sure` is False where another voice fits nearly as well: a very short answer, or two people
    at once.
    """

    start_ms: int
    end_ms: int
    voice: int
    is_sure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A voice of a channel: its number, from 1, and how long it speaks.

    `likeness` is to the sample that was given (cosine), None without one.
    """

    number: int
    speech_ms: int
    likeness: float | None


@dataclass(slots=True)
class Side:
    """One channel, or the whole recording where the channels were mixed (then it is channel 0)."""

    channel: int
    nearness: float
    voices: list[Voice] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)

    @property
    def is_perhaps_one(self) -> bool:
        """Whether two of its voices are so near that they may be one person."""
        return self.nearness > PERHAPS_ONE


@dataclass(slots=True)
class Speakers:
    """What was found. `correlation` is that of the two channels, None where it was not asked."""

    sides: list[Side] = field(default_factory=list)
    correlation: float | None = None

    @property
    def is_mixed(self) -> bool:
        """Whether two channels, meant as two sides, hear the same people and so were mixed."""
        return self.correlation is not None and abs(self.correlation) >= _RELATED


def diarise(
    sound: Callable[[], Iterable[bytes]],
    *,
    rate: int,
    channels: int,
    total_ms: int,
    people: Sequence[int],
    sample: Sequence[float] | None = None,
    threads: int = 0,
) -> Generator[Position | Speakers, None, None]:
    """Tell apart the voices of s16le interleaved sound; yields how far it is, then `Speakers`.

    `people` is how many speak in the whole recording, or two numbers: on each of its two channels.
    `sound` is called once for each pass: twice for two sides. `sample` is a member's own voice
    from `take_sample`, to be compared with. `threads` 0 = all processors. Memory does not grow with
    the sound but for 15 MB an hour. Closing the generator ends the child within seconds.

    The call itself raises `PeopleCountError`; the generator raises `VoiceModelError`,
    `WorkerDiedError`, and what `sound` raises.
    """
    if not _is_possible(people, channels):
        raise PeopleCountError
    start = StartVoices(
        weights=str(default_weights()),
        rate=rate,
        channels=channels,
        people=tuple(people),
        threads=threads or len(os.sched_getaffinity(0)),
        likened_to=None if sample is None else tuple(sample),
        is_sample=False,
    )
    passes = _TWO_SIDES if len(people) == _TWO_SIDES else 1
    return _diarise(start, sound, passes, total_ms)


def take_sample(
    sound: Callable[[], Iterable[bytes]], *, rate: int, channels: int, threads: int = 0
) -> tuple[float, ...]:
    """Return what the one voice in this sound is like: 256 numbers. For a member's own voice only.

    Raises `SampleTooShortError`, `SampleOfManyError`, and what `diarise` raises.
    """
    start = StartVoices(
        weights=str(default_weights()),
        rate=rate,
        channels=channels,
        people=(1,),
        threads=threads or len(os.sched_getaffinity(0)),
        likened_to=None,
        is_sample=True,
    )
    found: tuple[float, ...] | None = None
    for frame in _frames_from(start, sound, 1):
        if isinstance(frame, SampleFrame):
            found = frame.voice
    if found is None:
        raise ProtocolError
    return found


def _is_possible(people: Sequence[int], channels: int) -> bool:
    return len(people) in {1, channels} and all(1 <= count <= MOST_PEOPLE for count in people)


def _diarise(
    start: StartVoices, sound: Callable[[], Iterable[bytes]], passes: int, total_ms: int
) -> Generator[Position | Speakers, None, None]:
    found = Speakers()
    passed = 0
    for frame in _frames_from(start, sound, passes):
        match frame:
            case ProgressFrame(done_ms=done_ms):
                yield Position(passed + done_ms, total_ms * passes)
            case RelatedFrame(correlation=correlation):
                found.correlation = correlation
                passed = total_ms
            case SideFrame():
                found.sides.append(Side(frame.channel, frame.nearness))
            case VoiceFrame() if found.sides:
                found.sides[-1].voices.append(
                    Voice(number=frame.voice, speech_ms=frame.speech_ms, likeness=frame.likeness)
                )
            case TurnFrame() if found.sides:
                found.sides[-1].turns.append(
                    Turn(
                        start_ms=frame.start_ms,
                        end_ms=frame.end_ms,
                        voice=frame.voice,
                        is_sure=frame.is_sure,
                    )
                )
            case _:
                raise ProtocolError
    yield found


def _frames_from(
    start: StartVoices, sound: Callable[[], Iterable[bytes]], passes: int
) -> Iterator[FromVoices]:
    """Yield what the child sends, until it is done."""
    child = launch(_WORKER, cpu_threads=1)
    feeder: _Feeder | None = None
    try:
        channel: Channel[FromVoices] = Channel(child.read_fd, child.write_fd, FromVoices)
        feeder = _Feeder(channel, child, start, sound, passes)
        while not isinstance(frame := _receive(channel, child, feeder), Done):
            yield frame
    finally:
        if feeder is not None:
            feeder.stop()
        child.stop()


class _Feeder:
    """Writes the sound to the child in a thread of its own, once for each pass."""

    def __init__(
        self,
        channel: Channel[FromVoices],
        child: Child,
        start: StartVoices,
        sound: Callable[[], Iterable[bytes]],
        passes: int,
    ) -> None:
        self._channel = channel
        self._child = child
        self._is_stopped = threading.Event()
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._feed, args=(start, sound, passes), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Feed no more and wait for the thread; the child is of no more use afterwards."""
        self._is_stopped.set()
        if self._thread.is_alive():
            self._child.kill()
        # However long it takes: the pipe's number must not be given away while it is in use.
        self._thread.join()

    def _feed(self, start: StartVoices, sound: Callable[[], Iterable[bytes]], passes: int) -> None:
        try:
            self._channel.send(start)
            for _ in range(passes):
                for frame in self._frames(sound()):
                    self._channel.send(frame)
        except BrokenPipeError:
            pass  # the child is gone; the reading side finds out why
        except BaseException as error:  # noqa: BLE001  # raised again in the caller's thread
            self.error = error
            self._child.kill()

    def _frames(self, pieces: Iterable[bytes]) -> Iterator[Frame]:
        for given in pieces:
            for start in range(0, len(given), CHUNK_BYTES):
                if self._is_stopped.is_set():
                    return
                yield Pcm(sound=bytes(given[start : start + CHUNK_BYTES]))
        yield End()


def _receive(channel: Channel[FromVoices], child: Child, feeder: _Feeder) -> FromVoices:
    """Give the next frame that is good news; raise what stopped the child otherwise."""
    try:
        frame = channel.receive()
    except ProtocolError:
        if not child.has_ended():
            raise
        frame = None
    if feeder.error is not None:
        raise feeder.error
    if frame is None:
        raise WorkerDiedError(_OUT_OF_MEMORY if child.ran_out_of_memory() else _DIED)
    if isinstance(frame, VoicesFailed):
        _give_up(frame)
    return frame


def _give_up(frame: VoicesFailed) -> NoReturn:
    known: dict[str, TranscriptionError] = {
        "model": VoiceModelError(),
        "protocol": ProtocolError(),
        "memory": WorkerDiedError(_OUT_OF_MEMORY),
        "too_short": SampleTooShortError(),
        "many_voices": SampleOfManyError(),
    }
    raise known.get(frame.reason, WorkerDiedError(_DIED))
