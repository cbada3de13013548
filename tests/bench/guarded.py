"""`python -m tests.bench.guarded AUDIO_DIR`: the guarded decoder against plain faster-whisper.

Ten minutes of hard speech with known words (bench_en_10min, CC BY 4.0, read where it lies and never
copied): wall time, word error rate, sentences that lost most of their words, and how many of those
carry no mark. Both in one run, turn by turn: ours, theirs, theirs, ours.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

from transcription.__main__ import PlainFile
from transcription.decoding import DecodedAudio
from transcription.engine import Segment, Settings, transcribe
from transcription.models import Model, check_model, default_model_dir

NAME: Final = "bench_en_10min"
_WORD: Final = re.compile(r"[a-z0-9']+")
_MOST: Final = 0.7
_PLAIN: Final = (
    "import sys, json\n"
    "from faster_whisper import WhisperModel\n"
    "model = WhisperModel(sys.argv[1], device='cpu', compute_type='int8',"
    " cpu_threads=int(sys.argv[3]))\n"
    "found, _ = model.transcribe(sys.argv[2], language='en')\n"
    "print(json.dumps([[s.start, s.end, s.text] for s in found]))\n"
)

Heard = list[tuple[float, float, str, tuple[str, ...]]]


def words(text: str) -> list[str]:
    """Return the words that are compared: lower case, letters and digits."""
    return _WORD.findall(text.lower())


def word_errors(said: list[str], heard: list[str]) -> int:
    """Return the least number of words to change, add and drop (Levenshtein)."""
    row = list(range(len(heard) + 1))
    for at, one in enumerate(said, 1):
        last, row[0] = row[0], at
        for place, other in enumerate(heard, 1):
            last, row[place] = (
                row[place],
                min(row[place] + 1, row[place - 1] + 1, last + (one != other)),
            )
    return row[-1]


def lost(sentences: list[dict[str, Any]], heard: Heard) -> list[tuple[int, bool]]:
    """Return the sentences that lost most of their words, and whether a mark lies over each."""
    found = []
    for number, sentence in enumerate(sentences):
        start, end = float(sentence["start"]), float(sentence["end"])
        near = [one for one in heard if one[1] > start - 1 and one[0] < end + 1]
        there = set(words(" ".join(one[2] for one in near)))
        wanted = words(str(sentence["text"]))
        missing = sum(word not in there for word in wanted)
        if wanted and missing >= _MOST * len(wanted):
            found.append((number, any(one[3] for one in near)))
    return found


def ours(audio: Path, model: Model, threads: int) -> Heard:
    """Decode by the product's own way in, its default profile."""
    settings = Settings(model=model, language="en", cpu_threads=threads)
    with PlainFile(audio) as source, DecodedAudio(source) as sound:
        events = transcribe(
            sound,
            rate=sound.rate,
            channels=sound.channels,
            total_ms=sound.declared_ms,
            settings=settings,
        )
        return [
            (one.start_ms / 1000, one.end_ms / 1000, one.text, one.flags)
            for one in events
            if isinstance(one, Segment)
        ]


def theirs(audio: Path, model: Model, threads: int) -> Heard:
    """Decode by faster-whisper with its own defaults, in a process of its own."""
    command = [sys.executable, "-c", _PLAIN, str(model.path), str(audio), str(threads)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [(start, end, text, ()) for start, end, text in json.loads(done.stdout)]


def main(folder: Path) -> None:
    """Print one line a run, then the ratio."""
    audio, told = folder / f"{NAME}.flac", json.loads((folder / f"{NAME}.json").read_text())
    sentences = told["segments"]
    said = words(" ".join(str(one["text"]) for one in sentences))
    model, threads = check_model(default_model_dir()), len(os.sched_getaffinity(0))
    took: dict[str, list[float]] = {"guarded": [], "plain": []}
    for name in ("guarded", "plain", "plain", "guarded"):
        began = time.monotonic()
        heard = (ours if name == "guarded" else theirs)(audio, model, threads)
        took[name].append(time.monotonic() - began)
        rate = word_errors(said, words(" ".join(one[2] for one in heard))) / len(said)
        gone = lost(sentences, heard)
        unmarked = [number for number, is_marked in gone if not is_marked]
        print(  # noqa: T201  # the table
            f"{name:8} {took[name][-1]:6.1f} s  word errors {rate:.4f}  "
            f"lost {len(gone)}, without a mark {len(unmarked)}",
            flush=True,
        )
    ratio = sum(took["plain"]) / sum(took["guarded"])
    print(f"guarded is {ratio:.2f} times as fast")  # noqa: T201  # the table


if __name__ == "__main__":
    main(Path(sys.argv[1]))
