"""Decode hostile files in a process of its own, so that its children's memory can be measured.

`python -m tests.transcription.hostile_run KIND LONGEST_MS NO_PROGRESS_S`: one JSON line for each
file (its name, what came of it, milliseconds of sound, seconds), then one with the most memory
that any child took and that this process took, in KiB.
"""

from __future__ import annotations

import json
import resource
import sys
import time

from tests.transcription import hostile_files
from transcription.decoding import DecodedAudio
from transcription.errors import TranscriptionError


def _decode(source: hostile_files.Octets | hostile_files.Endless, longest_ms: int,
            no_progress_s: float) -> tuple[str, float]:  # fmt: skip
    sound_ms = 0.0
    audio = DecodedAudio(source, longest_ms=longest_ms, no_progress_s=no_progress_s)
    try:
        with audio:
            for chunk in audio:
                sound_ms += len(chunk) / 2 / audio.channels * 1000 / audio.rate
    except TranscriptionError as error:
        return str(error), sound_ms
    return "sound", sound_ms


def main() -> None:
    """Decode all files of one kind."""
    kind, longest_ms, no_progress_s = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    made = hostile_files.endless() if kind == "endless" else hostile_files.KINDS[kind]()
    before = _peak_kib(resource.RUSAGE_SELF)
    for name, octets in made.items():
        began = time.monotonic()
        came, sound_ms = _decode(hostile_files.source_of(octets), longest_ms, no_progress_s)
        taken_s = time.monotonic() - began
        print(json.dumps([name, came, round(sound_ms), round(taken_s, 2)]), flush=True)  # noqa: T201  # read by the test
    peaks = [_peak_kib(resource.RUSAGE_CHILDREN), _peak_kib(resource.RUSAGE_SELF) - before]
    print(json.dumps(peaks))  # noqa: T201  # read by the test


def _peak_kib(who: int) -> int:
    return resource.getrusage(who).ru_maxrss


if __name__ == "__main__":
    main()
