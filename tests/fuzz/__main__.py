"""`make fuzz`: coverage-guided fuzzing of each target for FUZZ_SECONDS (20), by atheris.

    python -m tests.fuzz [TARGET ...]

Each target runs in a process of its own, from a corpus under build/fuzz/NAME that starts with the
seeds and grows from run to run. A finding is an error that the target does not state, a run longer
than 10 s or more than 1 GiB; its input stays in build/fuzz/findings. Status 1 if there is one.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
BUILD: Final = ROOT / "build" / "fuzz"
SECONDS: Final = int(os.environ.get("FUZZ_SECONDS", "20"))
_CHILD: Final = "--child"


def names() -> list[str]:
    """Return the names of all targets."""
    from tests.fuzz.targets import TARGETS  # noqa: PLC0415  # the child instruments it first

    return [target.name for target in TARGETS]


def folder_of(name: str) -> Path:
    """Return where the corpus of a target lies."""
    return BUILD / re.sub(r"[^a-z0-9]+", "-", name)


def child(name: str) -> None:
    """Fuzz one target in this process; never returns."""
    atheris = importlib.import_module("atheris")  # only `make fuzz` sets it up

    with atheris.instrument_imports(include=["crypto", "intake", "transcription"]):
        from tests.fuzz.targets import TARGETS  # noqa: PLC0415  # instrumented
    (target,) = [each for each in TARGETS if each.name == name]
    folder = folder_of(name)
    for seed in target.seeds():
        (folder / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    findings = BUILD / "findings"
    options = [
        f"-max_total_time={SECONDS}",
        "-timeout=10",
        "-rss_limit_mb=1024",
        "-max_len=100000",
        f"-artifact_prefix={findings}/{folder.name}-",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *options, str(folder)], target.try_one)
    atheris.Fuzz()


def main(wanted: list[str]) -> int:
    """Fuzz the targets one after another; return the status."""
    known = names()
    if set(wanted) - set(known):
        sys.stderr.write("targets: " + ", ".join(known) + "\n")
        return 2
    (BUILD / "findings").mkdir(parents=True, exist_ok=True)
    failed = 0
    for name in wanted or known:
        folder_of(name).mkdir(exist_ok=True)
        done = subprocess.run(
            [sys.executable, "-m", "tests.fuzz", _CHILD, name],
            cwd=ROOT,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        runs = re.search(r"number_of_executed_units:\s*(\d+)", done.stderr)
        says = f"{int(runs[1]):,} runs" if runs else "no count"
        if done.returncode:
            failed += 1
            (BUILD / "findings" / f"{folder_of(name).name}.log").write_text(done.stderr, "utf-8")
        verdict = "FOUND SOMETHING (build/fuzz/findings)" if done.returncode else "nothing found"
        sys.stdout.write(f"{name}: {says}, {verdict}\n")
        sys.stdout.flush()
    return int(failed > 0)


if __name__ == "__main__":
    if sys.argv[1:2] == [_CHILD]:
        child(sys.argv[2])
    sys.exit(main(sys.argv[1:]))
