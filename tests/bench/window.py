"""Rows on the window: how long a person waits. Each sample is a process of its own, offscreen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from tests.bench.frame import BenchError
from tests.bench.limits import Figure
from tests.support.matter import Matter, make_matter, new_interview, store_many, working_copy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from intake.vault.vault import Vault

ROOT: Final = Path(__file__).resolve().parents[2]
SEGMENTS: Final = 10_000
STARTS: Final = 9
ROUNDS: Final = 5
HOURS: Final = 3
RATE: Final = 48_000
TITLES: Final = {
    "window_start": "cold start to the lock page (new process, files in the page cache)",
    "window_unlock": "unlock to witnesses, cheap passphrase instead of the KDF",
    "window_open": f"a transcript of {SEGMENTS:,} segments opens",
    "window_keystroke": f"keystroke to its letter painted, transcript of {SEGMENTS:,} segments",
    "window_scroll": f"a page further in a transcript of {SEGMENTS:,} segments",
    "window_edit": f"one of {SEGMENTS:,} segments corrected, saved and shown",
    "window_sound": f"play pressed to sound running, recording of {HOURS} h",
    "window_memory": f"memory with an interview of {HOURS} h open and playing",
    "window_lock": "lock key to blank window",
}


def figures(work: Path, wanted: list[str]) -> list[Figure]:
    """Measure all rows on the window, or those named."""
    keys = [key for key in TITLES if not wanted or key in wanted]
    if not keys:
        return []
    sys.stderr.write("making a large vault for the window\n")
    folder = work / "window"
    folder.mkdir()
    matter = make_matter(folder)
    with matter.unlock() as vault:
        store_many(vault, new_interview(vault).id, SEGMENTS)
        _store_hours(vault)
    samples: dict[str, list[float]] = defaultdict(list)
    for number in range(STARTS):
        sys.stderr.write(f"measuring: the window starts, {number + 1} of {STARTS}\n")
        samples["window_start"].append(_start(matter))
    for number in range(ROUNDS):
        sys.stderr.write(f"measuring: the window at work, {number + 1} of {ROUNDS}\n")
        for key, found in _work(matter):
            samples[key] += found
    return [Figure(key, TITLES[key], tuple(samples[key])) for key in keys]


def _store_hours(vault: Vault) -> None:
    """Make an interview of three hours, two channels, about 2,400 segments."""
    interview = new_interview(vault).id
    beep = (8000 * np.sin(np.arange(RATE * 2) * 0.02)).astype("<i2").tobytes()
    media = working_copy(
        vault,
        interview,
        (beep for _ in range(HOURS * 3600)),
        rate=RATE,
        channels=2,
        duration_ms=HOURS * 3_600_000,
    )
    store_many(vault, interview, 2_400, media=media)


def _environment() -> dict[str, str]:
    return os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "QT_LOGGING_RULES": "qt.multimedia.*=false",
    }


def _start(matter: Matter) -> float:
    """Return the seconds from starting the process to its painted lock page."""
    began = time.monotonic()
    done = _child("start", matter)
    return float(json.loads(done)["painted"]) - began


def _work(matter: Matter) -> Iterator[tuple[str, list[float]]]:
    for line in _child("work", matter).splitlines():
        found = json.loads(line)
        yield str(found["key"]), [float(sample) for sample in found["samples"]]


def _child(mode: str, matter: Matter) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.window_child", mode, str(matter.path)],
        cwd=ROOT,
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BenchError(f"the window's part of the bench failed: {done.stderr[-600:]}")
    return done.stdout
