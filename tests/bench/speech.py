"""Row: the sample interview through our worker, against plain faster-whisper, settings equal.

Both start a new Python, load the model and decode the same PCM (the working copy, decoded before
the clock starts); ours also checks the model's digests and passes sound and segments over pipes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import wave
from pathlib import Path
from typing import Final

from tests.bench.frame import BenchError, Row, Side
from transcription.__main__ import PlainFile
from transcription.decoding import DecodedAudio
from transcription.engine import Segment, Settings, transcribe
from transcription.models import check_model, default_model_dir

ROOT: Final = Path(__file__).resolve().parents[2]
SAMPLE: Final = ROOT / "intake" / "demo" / "sample" / "interview.opus"
PIECE_BYTES: Final = 64 * 1024
ROUNDS: Final = 3


def rows(work: Path) -> list[Row]:
    """Decode the sample once; return the row."""
    model = check_model(default_model_dir())
    with PlainFile(SAMPLE) as source, DecodedAudio(source) as audio:
        pcm = b"".join(audio)
        rate, channels = audio.rate, audio.channels
    sound = work / "sample.wav"
    with wave.open(str(sound), "wb") as written:
        written.setnchannels(channels)
        written.setsampwidth(2)
        written.setframerate(rate)
        written.writeframes(pcm)
    total_ms = len(pcm) * 1000 // (2 * channels * rate)
    threads = len(os.sched_getaffinity(0))
    settings = Settings(model=model, language="en", profile="thorough", cpu_threads=threads)

    def ours() -> None:
        pieces = (pcm[at : at + PIECE_BYTES] for at in range(0, len(pcm), PIECE_BYTES))
        events = transcribe(
            pieces, rate=rate, channels=channels, total_ms=total_ms, settings=settings
        )
        if not sum(isinstance(event, Segment) for event in events):
            raise BenchError("our worker heard nothing")

    def theirs() -> None:
        script = Path(__file__).with_name("plain_whisper.py")
        command = [sys.executable, str(script), str(model.path), str(sound), str(threads)]
        if not subprocess.run(command, check=True, capture_output=True).stdout:
            raise BenchError("faster-whisper heard nothing")

    return [
        Row(
            "transcribe",
            f"transcribe the sample ({total_ms / 1000:.0f} s), base, int8, beam 5, word times",
            Side("Intake's worker", _nothing, ours),
            Side("faster-whisper", _nothing, theirs),
            ROUNDS,
        )
    ]


def _nothing() -> None:
    """Leave things as they are before a run."""
