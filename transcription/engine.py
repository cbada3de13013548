"""Sound to text: the parent's side of the worker, as a generator of typed events."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from transcription.errors import (
    LanguageNotKnownError,
    LanguageUnsureError,
    ModelError,
    ProtocolError,
    TranscriptionError,
    WorkerDiedError,
)
from transcription.frames import (
    CHUNK_BYTES,
    AskLanguage,
    Channel,
    Done,
    End,
    Failed,
    FromWorker,
    Pcm,
    ProgressFrame,
    Ready,
    SegmentFrame,
    Start,
)
from transcription.languages import DETECT, require_offered
from transcription.launching import Child, launch
from transcription.segments import Segment, Word

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from transcription.models import Model

__all__ = [
    "PROFILES",
    "Position",
    "Segment",
    "Settings",
    "Word",
    "byte_position",
    "transcribe",
]

PROFILES = ("guarded", "thorough")
"""The ways of decoding; the first is used unless another is asked for.

*guarded* decodes pieces in batches, checks each against what was heard, and decodes what looks
wrong again; *thorough* is the plain decoder, beam 5, conditioned. Both give word times, and neither
leaves speech out without a mark.
"""

_SAMPLE_BYTES = 2
_WORKER = "transcription.worker"
_OUT_OF_MEMORY = (
    "The transcription needed more memory than this computer has free. "
    "What was transcribed until then is kept: close other programs and start it again."
)


Calling = Callable[[Callable[[], object]], AbstractContextManager[object]]
"""Gives whoever may have to end the work at once the way to do it, for as long as a block runs."""


def _nobody_calls(stop: Callable[[], object]) -> AbstractContextManager[object]:  # noqa: ARG001  # as in `Calling`
    return nullcontext()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to transcribe.

    `model` comes from `transcription.models.check_model`. `language` is the declared language: a
    code of `OFFERED_LANGUAGES`, or `DETECT` alone. Where several are spoken, `languages` names all
    of them and `language` may be left out. `cpu_threads` 0 = all processors. `start_ms` is where in
    the recording the given sound begins: 0, or, to go on, the latest end of all segments kept;
    `prompt` is the text just before it, for context. `hot_words` are names to listen for: they go
    to the worker and nowhere else.
    """

    model: Model
    language: str = ""
    languages: tuple[str, ...] = ()
    profile: str = PROFILES[0]
    cpu_threads: int = 0
    start_ms: int = 0
    prompt: str = ""
    hot_words: tuple[str, ...] = field(default=(), repr=False)
    niceness: int = 0

    @property
    def declared(self) -> tuple[str, ...]:
        """All declared languages, each once, `language` first."""
        named = (self.language, *self.languages) if self.language else self.languages
        return tuple(dict.fromkeys(named))


@dataclass(frozen=True, slots=True)
class Position:
    """Everything before `done_ms` of `total_ms` is decoded; total 0 = not known."""

    done_ms: int
    total_ms: int


def byte_position(ms: int, *, rate: int, channels: int) -> int:
    """Give the byte in s16le sound at which the frame at `ms` begins: where to go on from."""
    return ms * rate // 1000 * channels * _SAMPLE_BYTES


def transcribe(
    pcm: Iterable[bytes],
    *,
    rate: int,
    channels: int,
    total_ms: int,
    settings: Settings,
    calling: Calling = _nobody_calls,
) -> Generator[Segment | Position, None, None]:
    """Transcribe s16le interleaved sound, yielding each segment as it is decoded.

    `pcm` begins at `settings.start_ms`; times in the results count from the start of the
    recording. It is read in a thread of its own, never far ahead of the decoding; what it raises
    is raised here. Segments come in order. Closing the generator ends the worker within seconds.
    The worker may decode for seconds without a word: `calling(stop)` is entered while it lives, and
    whoever may not wait calls `stop`, in any thread; the generator then raises `WorkerDiedError`.

    The call itself raises `LanguageNotKnownError` for what nobody can declare; nothing is started
    before the first `next`. A declared language that the model lacks is no error: its speech comes
    as segments without text, marked *to_be_written*, and never reaches the decoder.

    The generator raises `LanguageUnsureError`, before anything else came, when the language is
    `DETECT` and a person must say it after all; `ModelError`; and `WorkerDiedError`
    when the worker ends too early: what was yielded until then stands, and a second call with
    `start_ms` at its end goes on. Nothing yielded is ever taken back.
    """
    declared = settings.declared
    if declared != (DETECT,):
        if not declared:
            raise LanguageNotKnownError
        for code in declared:
            require_offered(code)
    if settings.profile not in PROFILES:
        message = "There is no such way of transcribing. Choose `guarded` or `thorough`."
        raise TranscriptionError(message)
    threads = settings.cpu_threads or len(os.sched_getaffinity(0))
    start = _start_frame(rate, channels, total_ms, threads, settings)
    return _run(start, pcm, settings.niceness, calling)


def _run(
    start: Start, pcm: Iterable[bytes], niceness: int, calling: Calling
) -> Generator[Segment | Position, None, None]:
    child = launch(_WORKER, cpu_threads=start.cpu_threads, niceness=niceness)
    feeder: _Feeder | None = None
    try:
        channel: Channel[FromWorker] = Channel(child.read_fd, child.write_fd, FromWorker)
        with calling(child.kill):
            feeder = _Feeder(channel, child, start, pcm)
            yield from _events(channel, child, feeder, start.total_ms)
    finally:
        if feeder is not None:
            feeder.stop()
        child.stop()


def _start_frame(
    rate: int, channels: int, total_ms: int, threads: int, settings: Settings
) -> Start:
    return Start(
        model_name=settings.model.name,
        model_dir=str(settings.model.path.resolve()),
        files=dict(settings.model.files),
        languages={code: _own_code(settings.model, code) for code in settings.declared},
        profile="thorough" if settings.profile == "thorough" else "guarded",
        hot_words=settings.hot_words,
        offset_ms=settings.start_ms,
        total_ms=total_ms,
        prompt=settings.prompt,
        cpu_threads=threads,
        rate=rate,
        channels=channels,
    )


def _own_code(model: Model, code: str) -> str:
    """Return the model's code of a declared language, "" for one that it lacks."""
    if code == DETECT:
        return DETECT
    return model.own_code(code) if model.knows(code) else ""


class _Feeder:
    """Writes the sound to the worker in a thread of its own."""

    def __init__(
        self, channel: Channel[FromWorker], child: Child, start: Start, pcm: Iterable[bytes]
    ) -> None:
        self._channel = channel
        self._child = child
        self._start = start
        self._pcm = pcm
        self._is_stopped = threading.Event()
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._feed, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Feed no more and wait for the thread; the worker is of no more use afterwards."""
        self._is_stopped.set()
        if self._thread.is_alive():
            self._child.kill()  # frees a write that waits for a worker that reads no more
        # However long it takes: the pipe's number must not be given away while it is in use.
        self._thread.join()

    def _feed(self) -> None:
        try:
            self._channel.send(self._start)
            for chunk in self._chunks():
                self._channel.send(Pcm(sound=chunk))
            self._channel.send(End())
        except BrokenPipeError:
            pass  # the worker is gone; the reading side finds out why
        except BaseException as error:  # noqa: BLE001  # raised again in the caller's thread
            self.error = error
            self._child.kill()

    def _chunks(self) -> Iterator[bytes]:
        for given in self._pcm:
            for start in range(0, len(given), CHUNK_BYTES):
                if self._is_stopped.is_set():
                    return
                yield bytes(given[start : start + CHUNK_BYTES])


def _events(
    channel: Channel[FromWorker], child: Child, feeder: _Feeder, total_ms: int
) -> Iterator[Segment | Position]:
    """Yield what the worker sends, holding it to the order of the protocol."""
    is_ready = False
    while not isinstance(frame := _receive(channel, child, feeder), Done):
        if isinstance(frame, Ready) is is_ready:
            raise ProtocolError
        is_ready = True
        if isinstance(frame, SegmentFrame):
            yield frame.segment
        elif isinstance(frame, ProgressFrame):
            yield Position(frame.done_ms, total_ms)
    if not is_ready:
        raise ProtocolError


def _receive(
    channel: Channel[FromWorker], child: Child, feeder: _Feeder
) -> Ready | SegmentFrame | ProgressFrame | Done:
    """Give the next frame that is good news; raise what stopped the worker otherwise."""
    try:
        frame = channel.receive()
    except ProtocolError:
        # A worker that was killed while it wrote leaves half a frame: that is no bad grammar.
        if not child.has_ended():
            raise
        frame = None
    if feeder.error is not None:
        raise feeder.error
    if frame is None:
        raise WorkerDiedError(_OUT_OF_MEMORY if child.ran_out_of_memory() else None)
    if isinstance(frame, AskLanguage):
        raise LanguageUnsureError(tuple((one.language, one.chance) for one in frame.candidates))
    if isinstance(frame, Failed):
        _give_up(frame)
    return frame


def _give_up(frame: Failed) -> NoReturn:
    if frame.reason == "memory":
        raise WorkerDiedError(_OUT_OF_MEMORY)
    known: dict[str, type[TranscriptionError]] = {
        "model": ModelError,
        "language": LanguageNotKnownError,
        "protocol": ProtocolError,
    }
    raise known.get(frame.reason, WorkerDiedError)
