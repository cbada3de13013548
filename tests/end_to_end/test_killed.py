"""Transcription that is killed: what was stored stays as it was, and the next run goes on."""

from __future__ import annotations

import itertools
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from intake.capture.importing import import_recording
from intake.demo.script import load_script, sound_path
from tests.support.children import ROOT, own_environment
from tests.support.matter import PASSPHRASE, Matter, make_matter, new_interview

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.xdist_group("engine")]

# The plain command, which also tells its test when a segment is in the stores.
TELLING = """
import functools, sys
from intake import cli
from intake.transcript import queue, transcribing
store = transcribing.store_segment
def told(*given, **named):
    store(*given, **named)
    print("stored", flush=True)
transcribing.store_segment = told
queue.Runner = functools.partial(queue.Runner, cpu_threads=1)
sys.argv = ["intake", *sys.argv[1:]]
cli.main()
"""
PATIENCE_S = 60


class Work:
    """A vault with the sample recording imported, and the command that transcribes it."""

    def __init__(self, base: Path) -> None:
        self.environment = own_environment(base)
        self.matter: Matter = make_matter(base)
        (base / "words").write_text(PASSPHRASE)
        with self.matter.unlock() as vault:
            interview = new_interview(vault)
            import_recording(vault, interview.id, sound_path(load_script()))
        self.command = [
            *(sys.executable, "-c", TELLING, "--vault", str(self.matter.path)),
            *("--passphrase-file", str(base / "words")),
            *("transcribe", interview.code, "--language", "en"),
        ]

    def start(self, stored: int) -> subprocess.Popen[str]:
        """Start the command and return when it has stored so many segments."""
        child = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        for _ in range(stored):
            assert child.stdout.readline() == "stored\n"
        return child

    def raw(self) -> list[dict[str, Any]]:
        """Return what the engine gave, as stored, with row numbers."""
        with self.matter.unlock() as vault:
            return vault.identities.rows("SELECT rowid AS n, * FROM raw ORDER BY rowid")

    def times(self) -> list[tuple[int, int]]:
        """Return start and end of each segment, in order."""
        with self.matter.unlock() as vault:
            rows = vault.testimony.rows("SELECT start_ms, end_ms FROM segment ORDER BY ord")
        return [(int(row["start_ms"] or 0), int(row["end_ms"] or 0)) for row in rows]


def workers_of(parent: int) -> list[int]:
    """Return the ids of the engine processes of a command."""
    found = []
    for task in Path(f"/proc/{parent}/task").iterdir():
        for child in (task / "children").read_text().split():
            words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
            if b"transcription.worker" in words:
                found.append(int(child))
    return found


def ends(process: int) -> bool:
    """Wait until a process that is no child of ours has ended."""
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], PATIENCE_S)[0])
    finally:
        os.close(handle)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Work:
    """Prepare the vault once; the tests of this file go on from one another."""
    return Work(tmp_path_factory.mktemp("killed"))


@pytest.fixture(scope="module")
def first(work: Work) -> list[dict[str, Any]]:
    """Kill the worker in the middle; return the raw rows that were stored until then."""
    child = work.start(stored=2)
    (worker,) = workers_of(child.pid)
    os.kill(worker, signal.SIGKILL)
    _, err = child.communicate(timeout=PATIENCE_S)
    rows = work.raw()

    assert child.returncode == 1
    *warned, _said = err.splitlines()
    assert [line[:27] for line in warned] in ([], ["Warning: your key file was "])  # a cheap one
    assert err.endswith(".\n")
    assert "Traceback" not in err
    assert 2 <= len(rows) < len(load_script().lines)
    return rows


@pytest.fixture(scope="module")
def second(work: Work, first: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Run again and kill the command itself; its worker ends with it."""
    assert first
    child = work.start(stored=1)
    (worker,) = workers_of(child.pid)
    child.send_signal(signal.SIGKILL)
    child.communicate(timeout=PATIENCE_S)

    assert child.returncode == -signal.SIGKILL
    assert ends(worker)
    return work.raw()


def test_a_killed_worker_leaves_what_was_stored(first: list[dict[str, Any]]) -> None:
    """A sentence, status 1, and the segments until then."""
    assert len(first) >= 2


def test_the_next_run_goes_on_and_touches_nothing_before(
    first: list[dict[str, Any]], second: list[dict[str, Any]]
) -> None:
    """Same row numbers, same bytes; at least one more."""
    assert second[: len(first)] == first
    assert len(second) > len(first)


def test_a_changed_row_would_be_seen(first: list[dict[str, Any]]) -> None:
    """Twin: starting again gives new row numbers or ids, which the comparison tells apart."""
    again = [row | {"n": row["n"] + len(first)} for row in first]

    assert again != first


def test_after_both_the_work_is_finished_and_nothing_is_twice(
    work: Work, second: list[dict[str, Any]]
) -> None:
    """The last run ends well; segments reach the end of the sound; a further run adds none."""
    child = work.start(stored=0)
    out, err = child.communicate(timeout=PATIENCE_S)
    rows, times = work.raw(), work.times()

    assert child.returncode == 0, err
    assert rows[: len(second)] == second
    assert len(rows) == len(second) + out.count("stored\n") == len(times)
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(times))
    assert times[-1][1] > load_script().duration_ms - 5000

    further = work.start(stored=0)
    out, _ = further.communicate(timeout=PATIENCE_S)
    assert further.returncode == 0
    assert "stored\n" not in out
    assert work.raw() == rows
