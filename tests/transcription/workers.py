"""The inside of the worker, run in this process, for tests that look into it."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from transcription.frames import Channel, End, FromWorker, Pcm, SegmentFrame, Start, ToWorker
from transcription.hearing import Listener
from transcription.models import read_model_files
from transcription.worker import decode, load_model

if TYPE_CHECKING:
    from transcription.models import Model
    from transcription.segments import Segment


def start_frame(
    model: Model,
    *,
    languages: dict[str, str] | None = None,
    profile: str = "guarded",
    offset_ms: int = 0,
    hot_words: tuple[str, ...] = (),
) -> Start:
    """Say what is sent: sound at 16 kHz, one channel."""
    return Start(
        model_name=model.name,
        model_dir=str(model.path),
        files=dict(model.files),
        languages=languages or {"en": "en"},
        profile="thorough" if profile == "thorough" else "guarded",
        hot_words=hot_words,
        offset_ms=offset_ms,
        total_ms=0,
        prompt="",
        cpu_threads=1,
        rate=16000,
        channels=1,
    )


def read_here(
    model: Model,
    sound: bytes,
    *,
    languages: dict[str, str] | None = None,
    profile: str = "guarded",
    offset_ms: int = 0,
) -> list[Segment]:
    """Transcribe in this process; only the pipes are real."""
    start = start_frame(model, languages=languages, profile=profile, offset_ms=offset_ms)
    loaded = load_model(start, read_model_files(model.path, start.files))
    in_read, in_write = os.pipe()
    out_read, out_write = os.pipe()
    to_worker: Channel[ToWorker] = Channel(in_read, in_write, ToWorker)
    from_worker: Channel[FromWorker] = Channel(out_read, out_write, FromWorker)
    found: list[Segment] = []

    def feed() -> None:
        for at in range(0, len(sound), 100_000):
            to_worker.send(Pcm(sound=sound[at : at + 100_000]))
        to_worker.send(End())

    def collect() -> None:
        while (frame := from_worker.receive()) is not None:
            if isinstance(frame, SegmentFrame):
                found.append(frame.segment)

    threads = [threading.Thread(target=one, daemon=True) for one in (feed, collect)]
    for thread in threads:
        thread.start()
    worker: Channel[ToWorker] = Channel(in_read, out_write, ToWorker)
    decode(start, Listener(worker, start), worker, loaded)
    os.close(out_write)
    for thread in threads:
        thread.join()
    for one in (in_read, in_write, out_read):
        os.close(one)
    return found
