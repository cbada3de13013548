"""Figures on telling voices apart (decision 17): errors by file, short answers, speed, memory.

Real speech is read from ../shared/audio where it is present. Samples stand in the order of the
names that are said on standard error. The pairs and the short answers are cut from the readers of
`bench_en_10min`, each with a microphone of their own, which flatters.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from tests.bench.diarising import Spoken, compare, read_rttm
from tests.bench.frame import BenchError
from tests.bench.limits import Figure
from transcription.__main__ import PlainFile
from transcription.decoding import DecodedAudio
from transcription.speakers.diarising import Speakers, diarise

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tests.bench.diarising import Errors

ROOT: Final = Path(__file__).resolve().parents[2]
AUDIO: Final = ROOT.parent / "shared" / "audio"
RATE: Final = 16_000
NEAR: Final = ("dlg_1688_2033", "dlg_1998_3080", "dlg_2609_3331", "pyannote_sample")
FAR: Final = ("ami_dev00", "ami_dev01")
TITLES: Final = {
    "speakers_wrong": "speech of two people near the microphone that the other voice got, by file",
    "speakers_der": "diarisation error rate (collar 0.25 s), two people near the microphone",
    "speakers_wrong_far": "speech that the other voice got, two people far from the microphone",
    "speakers_der_far": "diarisation error rate (collar 0.25 s), far from the microphone",
    "speakers_pairs": "speech that the other voice got, every fifth pair of ten readers",
    "speakers_short": "answers of 0.8 s that the asker's voice got, 0.6 s apart, same pairs",
    "speakers_time": "telling two voices apart, for each minute of sound, start of the child too",
    "speakers_memory": "highest memory of the child, one hour of sound",
}
_PERCENT: Final = 100
_EVERY: Final = 5
_LONG_S: Final = 6.0
_SHORT_S: Final = 0.8
_GAP_S: Final = 0.6
_HOUR_S: Final = 3600


def figures(wanted: list[str]) -> list[Figure]:
    """Measure all of these rows, or those named; none, with the reason, without the audio."""
    ways: dict[str, Callable[[], list[float]]] = {
        "speakers_wrong": lambda: [_PERCENT * e.wrong_rate for e in _errors(NEAR)],
        "speakers_der": lambda: [_PERCENT * e.rate for e in _errors(NEAR)],
        "speakers_wrong_far": lambda: [_PERCENT * e.wrong_rate for e in _errors(FAR)],
        "speakers_der_far": lambda: [_PERCENT * e.rate for e in _errors(FAR)],
        "speakers_pairs": _pairs,
        "speakers_short": _short_answers,
        "speakers_time": _time,
        "speakers_memory": _memory,
    }
    due = [key for key in ways if not wanted or key in wanted]
    if due and not AUDIO.is_dir():
        sys.stderr.write("not measured: voices; ../shared/audio is not there\n")
        return []
    found = []
    for key in due:
        sys.stderr.write(f"measuring: {TITLES[key]}\n")
        found.append(Figure(key, TITLES[key], tuple(ways[key]())))
    return found


def decoded(path: Path) -> tuple[bytes, int, int]:
    """Return PCM, rate and channels of a file."""
    with PlainFile(path) as source, DecodedAudio(source) as audio:
        return b"".join(audio), audio.rate, audio.channels


def told_apart(pcm: bytes, rate: int, channels: int, people: int) -> list[Spoken]:
    """Run the child on one channel or a mix; return the turns."""
    total_ms = len(pcm) // (2 * channels) * 1000 // rate
    found: Speakers | None = None
    for event in diarise(
        lambda: [pcm], rate=rate, channels=channels, total_ms=total_ms, people=[people]
    ):
        if isinstance(event, Speakers):
            found = event
    if found is None or not found.sides:
        raise BenchError("the child heard nobody")
    return [
        Spoken(turn.start_ms / 1000, turn.end_ms / 1000, str(turn.voice))
        for turn in found.sides[0].turns
    ]


def _errors(names: tuple[str, ...]) -> list[Errors]:
    made = []
    for name in names:
        reference = read_rttm(AUDIO / f"{name}.rttm")
        path = next(path for path in AUDIO.glob(f"{name}.*") if path.suffix != ".rttm")
        pcm, rate, channels = decoded(path)
        people = len({turn.who for turn in reference})
        found = told_apart(pcm, rate, channels, people)
        one, strict = compare(reference, found), compare(reference, found, collar_s=0)
        made.append(one)
        sys.stderr.write(
            f"  {name}: DER {one.rate:.1%}, missed {one.missed_s / one.total_s:.1%},"
            f" invented {one.false_s / one.total_s:.1%}, other voice {one.wrong_rate:.1%};"
            f" without collar DER {strict.rate:.1%}\n"
        )
    return made


class _Readers:
    """The sentences of each reader of the ten minutes."""

    def __init__(self) -> None:
        pcm, rate, channels = decoded(AUDIO / "bench_en_10min.flac")
        if (rate, channels) != (RATE, 1):
            raise BenchError("the recording of ten readers is another one")
        self._sound = np.frombuffer(pcm, "<i2")
        self._sentences: dict[str, list[tuple[float, float]]] = {}
        for each in json.loads((AUDIO / "bench_en_10min.json").read_text("utf-8"))["segments"]:
            times = (float(each["start"]), float(each["end"]))
            self._sentences.setdefault(str(each["speaker"]), []).append(times)

    def pairs(self) -> list[tuple[str, str]]:
        """Return every fifth pair of readers."""
        return list(combinations(sorted(self._sentences), 2))[::_EVERY]

    def talk(
        self, pair: tuple[str, str], *, gap_s: float, short_s: float | None = None
    ) -> tuple[NDArray[np.int16], list[Spoken]]:
        """Let two readers take turns; with `short_s`, every second line of the second is that
        long, and the others six seconds.
        """  # noqa: D205  # one sentence
        noise = random.Random(17)  # noqa: S311  # no key: what is between two lines
        pause = [noise.randint(-3, 3) for _ in range(int(gap_s * RATE))]
        parts: list[NDArray[np.int16]] = []
        spans, at = [], 0
        rounds = min(len(self._sentences[who]) for who in pair)
        for number in range(rounds):
            for who in pair:
                start, end = self._sentences[who][number]
                is_short = short_s is not None and who == pair[1] and number % 2 == 1
                if is_short and short_s is not None:
                    start, end = start + 0.2, start + 0.2 + short_s
                elif short_s is not None:
                    end = min(end, start + _LONG_S)
                piece = self._sound[int(start * RATE) : int(end * RATE)]
                spans.append(Spoken(at / RATE, (at + len(piece)) / RATE, who))
                parts += [piece, np.array(pause, np.int16)]
                at += len(piece) + len(pause)
        return np.concatenate(parts), spans


def _pairs() -> list[float]:
    readers, made = _Readers(), []
    for pair in readers.pairs():
        sound, spans = readers.talk(pair, gap_s=0.3)
        found = told_apart(sound.tobytes(), RATE, 1, 2)
        made.append(_PERCENT * compare(spans, found).wrong_rate)
    return made


def _short_answers() -> list[float]:
    readers, made = _Readers(), []
    for pair in readers.pairs():
        sound, spans = readers.talk(pair, gap_s=_GAP_S, short_s=_SHORT_S)
        found = told_apart(sound.tobytes(), RATE, 1, 2)
        long_ones = [span for span in spans if span.end_s - span.start_s > _SHORT_S + 0.1]
        asker = [_voice_of(found, span) for span in long_ones if span.who == pair[0]]
        askers = max(set(asker), key=asker.count)
        answers = [_voice_of(found, span) for span in spans if span not in long_ones]
        made.append(_PERCENT * answers.count(askers) / len(answers))
    return made


def _voice_of(found: list[Spoken], span: Spoken) -> str:
    shares: dict[str, float] = {}
    for turn in found:
        both = min(span.end_s, turn.end_s) - max(span.start_s, turn.start_s)
        if both > 0:
            shares[turn.who] = shares.get(turn.who, 0.0) + both
    return max(shares, key=lambda who: shares[who], default="")


def _time() -> list[float]:
    pcm, rate, channels = decoded(AUDIO / "bench_en_10min.flac")
    minutes = len(pcm) / (2 * channels * rate) / 60
    made = []
    for _ in range(3):
        started = time.perf_counter()
        told_apart(pcm, rate, channels, 2)
        made.append((time.perf_counter() - started) / minutes)
    return made


def _memory() -> list[float]:
    """Let a process of its own listen to an hour, and say what its child had at most."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.speakers", str(_HOUR_S)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [float(done.stdout)]


def _listen_for(seconds: int) -> None:
    import resource  # noqa: PLC0415  # only this child counts its children

    pcm, rate, channels = decoded(AUDIO / "bench_en_10min.flac")
    size = seconds * rate * channels * 2
    told_apart((pcm * (size // len(pcm) + 1))[:size], rate, channels, 2)
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    sys.stdout.write(f"{most / 1000:.0f}\n")


if __name__ == "__main__":
    _listen_for(int(sys.argv[1]))
