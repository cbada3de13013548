"""The engine child: `python -m transcription.worker`, spoken to over its pipes.

`Start`, then `Pcm` frames, then `End` come in; `Ready`, `SegmentFrame` and `ProgressFrame` as
the text arises, and `Done` or `Failed` go out. No file is read but the model's, each checked
after reading; no socket is opened. Sound is taken in beside the decoding, at most eleven
minutes ahead, so that memory stays bounded whatever the length.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Protocol

from transcription.blocks import in_blocks
from transcription.confining import confine_child
from transcription.errors import LanguageNotKnownError, ModelError, ProtocolError
from transcription.frames import (
    Channel,
    Done,
    End,
    Failed,
    Pcm,
    ProgressFrame,
    Ready,
    SegmentFrame,
    Start,
    ToWorker,
)
from transcription.languages import require_known
from transcription.models import read_model_files
from transcription.resampling import MODEL_RATE, Samples, ToModelRate
from transcription.segments import Segment, Word, flags_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faster_whisper import WhisperModel

_PIECE_SAMPLES = 10 * MODEL_RATE
_PIECES_AHEAD = 66
_BEAM = 5
# Above this temperature the engine stops conditioning on what it wrote (its own default).
_FORGET_ABOVE = 0.5


class _HeardWord(Protocol):
    """A word as the engine gives it, times in seconds from the start of the block."""

    start: float
    end: float
    word: str
    probability: float


class _HeardSegment(Protocol):
    """A segment as the engine gives it."""

    start: float
    end: float
    text: str
    tokens: list[int]
    words: list[_HeardWord] | None
    avg_logprob: float
    no_speech_prob: float
    compression_ratio: float
    temperature: float


class _Listener:
    """Takes sound from the pipe in a thread of its own, while the model loads and decodes."""

    def __init__(self, channel: Channel[ToWorker], start: Start) -> None:
        self._channel = channel
        self._to_model_rate = ToModelRate(start.rate, start.channels)
        self._pieces: queue.Queue[Samples | BaseException | None] = queue.Queue(_PIECES_AHEAD)
        threading.Thread(target=self._listen, daemon=True).start()

    def pieces(self) -> Iterator[Samples]:
        """Give the sound in order until its end. Raises what went wrong in the thread."""
        while (piece := self._pieces.get()) is not None:
            if isinstance(piece, BaseException):
                raise piece
            yield piece

    def _listen(self) -> None:
        try:
            for samples in self._samples():
                self._pieces.put(samples)
        except Exception as error:  # noqa: BLE001  # handed to the main thread, raised there
            self._pieces.put(error)
        self._pieces.put(None)

    def _samples(self) -> Iterator[Samples]:
        while isinstance(frame := self._channel.receive(), Pcm):
            samples = self._to_model_rate.hear(frame.sound)
            if len(samples):
                yield samples
        if frame is None:
            # The parent is gone: nobody will read another word.
            os._exit(1)
        if not isinstance(frame, End):
            raise ProtocolError
        last = self._to_model_rate.finish()
        if len(last):
            yield last


def load_model(start: Start) -> WhisperModel:
    """Load the model from bytes that were checked, on the processor, in 8-bit numbers."""
    with ThreadPoolExecutor(1) as reading:
        # Reading and hashing leave Python's lock alone, so the import costs no time beside them.
        pending = reading.submit(read_model_files, Path(start.model_dir), start.files)
        from faster_whisper import WhisperModel  # noqa: PLC0415  # see above

        contents = pending.result()
    try:
        return WhisperModel(
            start.model_name,
            device="cpu",
            compute_type="int8",
            cpu_threads=start.cpu_threads,
            files=contents,  # taken apart by the engine
            local_files_only=True,
        )
    except (RuntimeError, ValueError):
        raise ModelError from None


def to_segment(heard: _HeardSegment, offset_ms: int, end_ms: int) -> Segment:
    """Turn the engine's segment into ours: ms from the start, none after `end_ms`, marked."""

    def at(seconds: float) -> int:
        return min(end_ms, offset_ms + max(0, round(seconds * 1000)))

    text = heard.text.strip()
    return Segment(
        start_ms=at(heard.start),
        end_ms=max(at(heard.start), at(heard.end)),
        text=text,
        words=tuple(
            Word(
                start_ms=at(word.start),
                end_ms=max(at(word.start), at(word.end)),
                text=word.word.strip(),
                probability=float(word.probability),
            )
            for word in heard.words or ()
            if word.word.strip()
        ),
        avg_logprob=float(heard.avg_logprob),
        no_speech_prob=float(heard.no_speech_prob),
        compression_ratio=float(heard.compression_ratio),
        temperature=float(heard.temperature),
        flags=flags_for(
            text=text,
            avg_logprob=heard.avg_logprob,
            no_speech_prob=heard.no_speech_prob,
            compression_ratio=heard.compression_ratio,
            temperature=heard.temperature,
        ),
    )


class _Transcriber:
    """Decodes block after block; what was written carries over as the next block's context."""

    def __init__(self, channel: Channel[ToWorker], model: WhisperModel, start: Start) -> None:
        self._channel = channel
        self._model = model
        self._start = start
        self._context: str | list[int] = start.prompt
        self._samples_done = 0

    def run(self, pieces: Iterator[Samples]) -> None:
        """Decode everything, sending as it arises."""
        for block in in_blocks(pieces):
            self._decode(block)
            self._samples_done += len(block)
            self._channel.send(ProgressFrame(done_ms=self._position_ms))

    @property
    def _position_ms(self) -> int:
        return self._start.offset_ms + self._samples_done * 1000 // MODEL_RATE

    def _decode(self, block: Samples) -> None:
        offset_ms = self._position_ms
        end_ms = offset_ms + -(-len(block) * 1000 // MODEL_RATE)
        found, _ = self._model.transcribe(
            block,
            language=self._start.language,
            beam_size=_BEAM,
            condition_on_previous_text=True,
            word_timestamps=True,
            vad_filter=False,
            initial_prompt=self._context or None,
        )
        context: list[int] = []
        for heard in found:
            context = [] if heard.temperature > _FORGET_ABOVE else context + list(heard.tokens)
            segment = to_segment(heard, offset_ms, end_ms)
            self._channel.send(SegmentFrame(segment=segment))
            self._channel.send(ProgressFrame(done_ms=segment.end_ms))
        self._context = context[-self._model.max_length :]


def serve(channel: Channel[ToWorker]) -> NoReturn:
    """Do one transcription and end the process.

    Raises TranscriptionError, BrokenPipeError, MemoryError when it cannot be done.
    """
    start = channel.receive()
    if not isinstance(start, Start):
        raise ProtocolError
    require_known(start.language)
    listener = _Listener(channel, start)
    model = load_model(start)
    channel.send(Ready())
    _Transcriber(channel, model, start).run(listener.pieces())
    channel.send(Done())
    # Taking the model apart would cost a third of a second, and nothing is left to lose.
    os._exit(0)


def main() -> int:
    """Run as a child. Returns only after a failure, whose reason has gone out as a frame."""
    read_fd, write_fd = confine_child()
    channel: Channel[ToWorker] = Channel(read_fd, write_fd, ToWorker)
    try:
        serve(channel)
    except BrokenPipeError:
        return 1
    except ModelError:
        channel.send(Failed(reason="model"))
    except LanguageNotKnownError:
        channel.send(Failed(reason="language"))
    except ProtocolError:
        channel.send(Failed(reason="protocol"))
    except MemoryError:
        channel.send(Failed(reason="memory"))
    except Exception:  # noqa: BLE001  # its text may hold what was said: only the fact goes out
        channel.send(Failed(reason="other"))
    return 1


if __name__ == "__main__":
    sys.exit(main())
