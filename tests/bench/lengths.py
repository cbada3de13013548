"""Rows: how soon the first text is there, and what memory six hours of sound take.

Six hours are not recorded for this: ten minutes of speech, or the sample, come again and again, as
fast as the engine takes them. Its memory is read from the system, by a thread beside.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from intake.demo.trying import sample_sound
from tests.bench.frame import BenchError
from tests.bench.guarded import AUDIO, NAME
from tests.bench.limits import Figure
from transcription.__main__ import PlainFile
from transcription.decoding import DecodedAudio
from transcription.engine import Position, Segment, Settings, transcribe
from transcription.models import check_model, default_model_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

TITLES: Final = {
    "first_segment": "from starting a transcription to its first text (guarded)",
    "memory_6h": "memory of the engine, once an hour over six hours of speech (guarded)",
    "memory_6h_growth": "the same: the most of the last hour by the most of the second",
}
HOURS: Final = 6
_HOUR_MS: Final = 3_600_000
_STARTS: Final = 5
_PIECE: Final = 1 << 16
_LOOK_S: Final = 0.5
_ENGINE: Final = b"transcription.worker"


def figures(wanted: list[str], hours: int = HOURS) -> list[Figure]:
    """Measure the rows that are wanted, or all."""
    found = []
    pcm, rate = _speech()
    if not wanted or "first_segment" in wanted:
        sys.stderr.write(f"measuring: {TITLES['first_segment']}\n")
        samples = tuple(_first_s(pcm, rate) for _ in range(_STARTS))
        found.append(Figure("first_segment", TITLES["first_segment"], samples))
    if not wanted or {"memory_6h", "memory_6h_growth"} & set(wanted):
        sys.stderr.write(f"measuring: {TITLES['memory_6h']}\n")
        by_hour = _memory(pcm, rate, hours)
        growth = by_hour[-1] / by_hour[1]
        found.append(Figure("memory_6h", TITLES["memory_6h"], tuple(by_hour)))
        found.append(Figure("memory_6h_growth", TITLES["memory_6h_growth"], (growth,)))
    return found


def _speech() -> tuple[bytes, int]:
    if not AUDIO.exists():
        pcm, rate, channels = sample_sound()
    else:
        with PlainFile(AUDIO / f"{NAME}.flac") as source, DecodedAudio(source) as audio:
            rate, channels = audio.rate, audio.channels
            pcm = b"".join(audio)
    if channels != 1:
        raise BenchError("the speech is not mono")
    return pcm, rate


def _settings() -> Settings:
    threads = len(os.sched_getaffinity(0))
    return Settings(model=check_model(default_model_dir()), language="en", cpu_threads=threads)


def _first_s(pcm: bytes, rate: int) -> float:
    """Start anew and return the seconds until the first text came."""
    began = time.perf_counter()
    pieces = (pcm[at : at + _PIECE] for at in range(0, len(pcm), _PIECE))
    total_ms = len(pcm) * 1000 // (2 * rate)
    events = transcribe(pieces, rate=rate, channels=1, total_ms=total_ms, settings=_settings())
    try:
        for event in events:
            if isinstance(event, Segment) and event.text:
                return time.perf_counter() - began
    finally:
        events.close()
    raise BenchError("nothing was heard")


def _memory(pcm: bytes, rate: int, hours: int) -> list[float]:
    """Return for each hour of sound the most that the engine held, in MB."""
    total_ms = hours * _HOUR_MS
    most, hour, is_over = [0.0] * hours, 0, threading.Event()

    def look() -> None:
        while not is_over.wait(_LOOK_S):
            most[hour] = max(most[hour], _resident_mb())

    def pieces() -> Iterator[bytes]:
        left = total_ms * 2 * rate // 1000
        while left:
            for at in range(0, min(len(pcm), left), _PIECE):
                yield pcm[at : min(at + _PIECE, left)]
            left -= min(len(pcm), left)

    watch = threading.Thread(target=look)
    watch.start()
    try:
        for event in transcribe(
            pieces(), rate=rate, channels=1, total_ms=total_ms, settings=_settings()
        ):
            if isinstance(event, Position):
                hour = min(hours - 1, event.done_ms // _HOUR_MS)
                sys.stderr.write(f"  {event.done_ms / _HOUR_MS:.1f} h\r")
    finally:
        is_over.set()
        watch.join()
    sys.stderr.write(f"  by hour: {', '.join(f'{one:.0f}' for one in most)} MB\n")
    return most


def _resident_mb() -> float:
    """Return what our engine child holds now, 0 where there is none."""
    for child in Path(f"/proc/{os.getpid()}/task").glob("*/children"):
        for number in child.read_text().split():
            about = Path("/proc") / number
            try:
                if _ENGINE in (about / "cmdline").read_bytes():
                    pages = int((about / "statm").read_text().split()[1])
                    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
            except OSError:
                continue
    return 0.0
