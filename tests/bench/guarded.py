"""Rows: the guarded profile against plain faster-whisper with its own defaults.

The words are those of bench_en_10min (CC BY 4.0, read where it lies and never copied): seventy-five
sentences of hard speech. One file says little about word errors, since a detail of the settings
moves them by a tenth; so the sentences are heard in four arrangements, the file's own and three
with other neighbours and pauses, each once by either side: ours, theirs, theirs, ours, and again.
Both sides start a new Python, load the model and read the same sound.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import time
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.bench.frame import Result, cpu_seconds
from tests.bench.limits import Figure
from transcription.__main__ import PlainFile
from transcription.decoding import DecodedAudio
from transcription.engine import Segment, Settings, transcribe
from transcription.models import check_model, default_model_dir

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.bench.frame import Goal
    from transcription.models import Model

AUDIO: Final = Path(__file__).resolve().parents[3] / "shared" / "audio"
NAME: Final = "bench_en_10min"
ROWS: Final = {
    "guarded": "transcribe 75 sentences of hard speech, four arrangements, own defaults",
    "guarded_words": "word errors of the same, above those of plain faster-whisper",
    "guarded_lost": "sentences of the same that were left out without a mark",
}
_ARRANGEMENTS: Final = 4
_PAUSES_S: Final = (0.3, 0.6, 0.6, 1.0, 1.5)
_RATE: Final = 16_000
_WORD: Final = re.compile(r"[a-z0-9']+")
_MOST: Final = 0.7
_HALF: Final = 0.5
_PLAIN: Final = (
    "import sys, json\n"
    "from faster_whisper import WhisperModel\n"
    "model = WhisperModel(sys.argv[1], device='cpu', compute_type='int8',"
    " cpu_threads=int(sys.argv[3]))\n"
    "found, _ = model.transcribe(sys.argv[2], language='en')\n"
    "print(json.dumps([[s.start, s.end, s.text] for s in found]))\n"
)

Heard = list[tuple[float, float, str, tuple[str, ...]]]


@dataclass(frozen=True)
class Arrangement:
    """A sound file, and its sentences with their times in seconds."""

    sound: Path
    sentences: list[dict[str, Any]]

    @property
    def said(self) -> list[str]:
        """All words, in order."""
        return words(" ".join(str(one["text"]) for one in self.sentences))


def measure_guarded(
    work: Path, wanted: list[str], goals: Mapping[str, Goal]
) -> tuple[list[Result], list[Figure]]:
    """Measure the three rows at once, unless others are wanted or the speech is not there."""
    if (wanted and not set(ROWS) & set(wanted)) or not AUDIO.exists():
        return [], []
    sys.stderr.write(f"measuring: {ROWS['guarded']}\n")
    model, threads = check_model(default_model_dir()), len(os.sched_getaffinity(0))
    times: dict[str, list[tuple[float, float]]] = {"ours": [], "theirs": []}
    errors, unmarked, count = {"ours": 0, "theirs": 0}, {"ours": 0, "theirs": 0}, 0
    for number, one in enumerate(arrangements(work)):
        count += len(one.said)
        for side in ("ours", "theirs") if number % 2 == 0 else ("theirs", "ours"):
            began, began_cpu = time.perf_counter(), cpu_seconds()
            heard = (ours if side == "ours" else theirs)(one.sound, model, threads)
            times[side].append((time.perf_counter() - began, cpu_seconds() - began_cpu))
            errors[side] += word_errors(one.said, words(" ".join(line[2] for line in heard)))
            unmarked[side] += sum(not is_marked for _, is_marked in lost(one.sentences, heard))
            sys.stderr.write(f"  {side} {times[side][-1][0]:.1f} s\n")
    rates = {side: 100 * wrong / count for side, wrong in errors.items()}
    sys.stderr.write(f"  word errors {rates['ours']:.2f} % and {rates['theirs']:.2f} %\n")
    figures = [
        Figure(
            "guarded_words",
            f"{ROWS['guarded_words']} ({rates['ours']:.2f} and {rates['theirs']:.2f} %)",
            (rates["ours"] - rates["theirs"],),
        ),
        Figure(
            "guarded_lost",
            f"{ROWS['guarded_lost']} (plain: {unmarked['theirs']})",
            (float(unmarked["ours"]),),
        ),
    ]
    return [_result(times, goals["guarded"])], figures


def arrangements(work: Path) -> list[Arrangement]:
    """Write the sound files: the speech as it is, then its sentences in other orders."""
    told = json.loads((AUDIO / f"{NAME}.json").read_text())["segments"]
    with PlainFile(AUDIO / f"{NAME}.flac") as source, DecodedAudio(source) as audio:
        if (audio.rate, audio.channels) != (_RATE, 1):
            raise ValueError("the speech is 16 kHz mono")
        pcm = b"".join(audio)
    found = [Arrangement(_written(work / "as_it_is.wav", pcm), told)]
    for seed in range(1, _ARRANGEMENTS):
        order = random.Random(seed)  # noqa: S311  # the same arrangement each time
        parts, sentences = [_silence(order.uniform(0, 1))], []
        for one in order.sample(told, len(told)):
            start = sum(map(len, parts)) / (2 * _RATE)
            spoken = pcm[2 * int(one["start"] * _RATE) : 2 * int(one["end"] * _RATE)]
            end = start + len(spoken) / (2 * _RATE)
            sentences.append({"start": start, "end": end, "text": one["text"]})
            parts += [spoken, _silence(order.choice(_PAUSES_S))]
        found.append(Arrangement(_written(work / f"other_{seed}.wav", b"".join(parts)), sentences))
    return found


def ours(sound: Path, model: Model, threads: int) -> Heard:
    """Decode by the product's own way in, its default profile."""
    settings = Settings(model=model, language="en", cpu_threads=threads)
    with PlainFile(sound) as source, DecodedAudio(source) as audio:
        events = transcribe(
            audio,
            rate=audio.rate,
            channels=audio.channels,
            total_ms=audio.declared_ms,
            settings=settings,
        )
        return [
            (one.start_ms / 1000, one.end_ms / 1000, one.text, one.flags)
            for one in events
            if isinstance(one, Segment)
        ]


def theirs(sound: Path, model: Model, threads: int) -> Heard:
    """Decode by faster-whisper with its own defaults, in a process of its own."""
    command = [sys.executable, "-c", _PLAIN, str(model.path), str(sound), str(threads)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [(start, end, text, ()) for start, end, text in json.loads(done.stdout)]


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
    """Return the sentences that were left out, and whether a mark lies over each.

    Left out: most words are not there, and less than half as many letters stand over its time. A
    sentence whose words were all misheard is not left out: whoever reads it sees that it is wrong.
    """
    found = []
    for number, sentence in enumerate(sentences):
        start, end = float(sentence["start"]), float(sentence["end"])
        near = [one for one in heard if one[1] > start - 1 and one[0] < end + 1]
        there = set(words(" ".join(one[2] for one in near)))
        wanted = words(str(sentence["text"]))
        missing = sum(word not in there for word in wanted)
        letters = sum(map(len, wanted))
        if missing >= _MOST * len(wanted) and _letters(heard, start, end) < _HALF * letters:
            found.append((number, any(one[3] for one in near)))
    return found


def _letters(heard: Heard, start: float, end: float) -> float:
    """Return how many letters stand over a time, each line's spread evenly over its own."""
    return sum(
        len("".join(words(text))) * max(0.0, min(end, until) - max(start, since)) / (until - since)
        for since, until, text, _ in heard
        if until > since
    )


def _result(times: Mapping[str, list[tuple[float, float]]], goal: Goal) -> Result:
    """Judge the sums of all arrangements, which are of different length."""
    (ours_s, ours_cpu), (theirs_s, theirs_cpu) = (
        zip(*times[side], strict=True) for side in ("ours", "theirs")
    )
    ratio = goal.ratio(sum(ours_s), sum(theirs_s))
    return Result(
        key="guarded",
        title=ROWS["guarded"],
        ours_name="guarded",
        theirs_name="faster-whisper",
        ours_s=ours_s,
        theirs_s=theirs_s,
        ours_cpu_s=ours_cpu,
        theirs_cpu_s=theirs_cpu,
        ratio=ratio,
        pair_ratios=tuple(
            goal.ratio(one, other) for one, other in zip(ours_s, theirs_s, strict=True)
        ),
        goal=str(goal),
        is_met=goal.is_met(ratio),
    )


def _silence(seconds: float) -> bytes:
    return bytes(2 * int(seconds * _RATE))


def _written(path: Path, pcm: bytes) -> Path:
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(_RATE)
        sound.writeframes(pcm)
    return path
