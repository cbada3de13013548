"""Real SIGKILLs at system calls, over the whole run of an operation, and what a trace proves.

strace kills a child as it enters its nth write, sync, rename, unlink or truncation inside the
folder of the vault, so each gap between two such calls is hit once. A kill is the end of the
process, not of the power: what the system still holds in memory is not lost by it. So a trace of
the whole run is read as well: before each acknowledgement every file that was written in the
folder is synced, and every folder in which a name was given.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Self

import msgspec

from tests.vault.kill_child import Request
from tests.vault.kill_operations import REFUSED, Prepared, load

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ROOT: Final = Path(__file__).parents[2]
CALLS: Final = ("pwrite64", "write", "fsync", "fdatasync", "ftruncate", "rename", "unlink")
_ALSO: Final = ("openat", "mkdir", "renameat2", "link")
_LINE: Final = re.compile(r"(\d+) +([a-z0-9]+)\((.*)")
_RESUMED: Final = re.compile(r"(\d+) +<\.\.\. ([a-z0-9]+) resumed>(.*)")
_DESCRIPTOR: Final = re.compile(r"\d+<([^>]*)>")
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
_PATIENCE_S: Final = 60
_NO_FILE: Final = ("-shm", ".ctl", ".reply")
"""Shared memory and pipes: what is written there is not kept, by intent."""


class Point(NamedTuple):
    """A place where a run can be killed: the call, and its how-manieth."""

    call: str
    n: int


@dataclass(frozen=True, slots=True)
class Run:
    """What a child said before it ended, and whether it was killed."""

    said: list[str]
    was_killed: bool
    ended_well: bool


def why_not() -> str:
    """Return why no process can be killed here, or an empty string."""
    strace = shutil.which("strace")
    if strace is None:
        return "strace is missing"
    probe = subprocess.run(
        [strace, "-qq", "-e", "trace=none", "true"], check=False, capture_output=True
    )
    return "" if probe.returncode == 0 else "this machine does not let strace trace"


class Children:
    """A process that imports what operations need, and makes a child of itself for each run."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.vault.kill_child"],
            cwd=ROOT,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(_PATIENCE_S)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def run(self, name: str, prepared: Prepared, log: Path, *strace: str, planted: str = "") -> Run:
        """Do an operation once in a fresh copy of what was prepared, under strace."""
        said = log.with_name("said")
        said.unlink(missing_ok=True)
        request = Request(
            name, str(prepared.folder), prepared.member, prepared.facts, str(said), planted
        )
        child = int(self._told(msgspec.json.encode(request).decode()))
        command = ["strace", "-f", "-y", "-o", str(log), "-p", str(child), *strace]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
            for line in tracer.stderr or ():
                if "attached" in line:
                    break
            status = int(self._told("go"))
            tracer.communicate(timeout=_PATIENCE_S)
        lines = said.read_text("ascii").split("\n")[:-1] if said.exists() else []
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        return Run(lines, killed, status == 0)

    def _told(self, line: str) -> str:
        if self._process.stdin is None or self._process.stdout is None:
            raise OSError
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()


@dataclass(slots=True)
class Whole:
    """What a trace of a whole run shows."""

    points: list[Point]
    unsynced: list[str]
    binding: list[Point]
    """The syncs on which an acknowledgement rests: up to the last one of testimony.db before it."""


class Harness:
    """One operation in a folder of its own: a template, and copies of it that are killed."""

    def __init__(self, name: str, folder: Path, children: Children) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.name = name
        self._operation = load(name)
        self._run = folder / "run"
        self._log = folder / "trace"
        self._template = self._operation.prepare(folder / "template")
        self._children = children

    def whole(self, planted: str = "") -> Whole:
        """Run to the end; return what the trace shows. What is wrong then raises AssertionError."""
        prepared = self._fresh()
        run, trace = self._traced(prepared, planted=planted)
        if not planted:
            faults = self._operation.faults(prepared, run.said)
            if not run.ended_well or faults:
                raise AssertionError(run, faults)
        return Whole(
            _points(trace, prepared.folder),
            unsynced(trace, prepared.folder),
            _binding(trace, prepared.folder),
        )

    def kill(self, point: Point, planted: str = "") -> tuple[Run, list[str]]:
        """Run until a point; return what was said, and everything that is wrong afterwards."""
        return self._struck(point, f"inject={point.call}:signal=SIGKILL:when={point.n}", planted)

    def fail(
        self, point: Point, error: str, *, until_the_end: bool = False
    ) -> tuple[Run, list[str]]:
        """Let the system refuse a point, or it and all calls like it after; run to the end."""
        after = "+" if until_the_end else ""
        return self._struck(point, f"inject={point.call}:error={error}:when={point.n}{after}", "")

    def _struck(self, point: Point, inject: str, planted: str) -> tuple[Run, list[str]]:
        prepared = self._fresh()
        trace = ("-e", f"trace={point.call}", "-e", inject)
        run = self._children.run(self.name, prepared, self._log, *trace, planted=planted)
        acknowledged = [line for line in run.said if not line.startswith(REFUSED)]
        return run, self._operation.faults(prepared, acknowledged)

    def _traced(self, prepared: Prepared, planted: str) -> tuple[Run, list[Call]]:
        calls = ",".join((*CALLS, *_ALSO))
        run = self._children.run(
            self.name, prepared, self._log, "-s", "256", "-e", f"trace={calls}", planted=planted
        )
        return run, list(_calls(self._log.read_text("utf-8", "replace").splitlines()))

    def _fresh(self) -> Prepared:
        shutil.rmtree(self._run, ignore_errors=True)
        shutil.copytree(self._template.folder, self._run)
        return Prepared(self._run, self._template.member, self._template.facts)


def sample(points: list[Point], size: int, *, phase: int = 0) -> list[Point]:
    """Return so many points, spread over the run; another phase gives others."""
    if len(points) <= size:
        return points
    return [points[(i * len(points) // size + phase) % len(points)] for i in range(size)]


class Call(NamedTuple):
    """One line of a trace: who called what, with which words; the paths among them."""

    pid: int
    name: str
    words: str

    @property
    def paths(self) -> list[str]:
        """The files that the call is about, in order."""
        if self.name in {"openat", "mkdir", "rename", "renameat2", "unlink", "link"}:
            return _QUOTED.findall(self.words)
        found = _DESCRIPTOR.match(self.words)
        return [found[1]] if found else []

    @property
    def succeeded(self) -> bool:
        """Whether the system did it."""
        return re.search(r"= -1 ", self.words[-80:]) is None


def _calls(lines: Iterable[str]) -> Iterator[Call]:
    """Read a trace; a call that another thread interrupted counts where it ended."""
    begun: dict[tuple[int, str], str] = {}
    for line in lines:
        if found := _RESUMED.match(line):
            key = int(found[1]), found[2]
            yield Call(*key, begun.pop(key, "") + found[3])
        elif found := _LINE.match(line):
            if "<unfinished ...>" in found[3]:
                begun[int(found[1]), found[2]] = found[3].replace("<unfinished ...>", "")
            else:
                yield Call(int(found[1]), found[2], found[3])


def _binding(trace: Iterable[Call], folder: Path) -> list[Point]:
    counts: dict[tuple[int, str], int] = {}
    since: list[tuple[Point, str]] = []
    found: list[Point] = []
    for call in trace:
        if _is_said(call):
            last = max((n for n, (_, path) in enumerate(since) if "testimony" in path), default=-1)
            found += [point for point, _ in since[: last + 1]]
            since = []
        key = call.pid, call.name
        counts[key] = counts.get(key, 0) + 1
        if call.name in {"fsync", "fdatasync"} and _is_in(call.paths[0], folder):
            since.append((Point(call.name, counts[key]), call.paths[0]))
    return found


def _is_said(call: Call) -> bool:
    return call.name == "write" and any(Path(path).name == "said" for path in call.paths)


def _points(trace: Iterable[Call], folder: Path) -> list[Point]:
    """Return each place inside the folder, in the order of the run."""
    counts: dict[tuple[int, str], int] = {}
    found: dict[Point, None] = {}
    for call in trace:
        if call.name not in CALLS:
            continue
        key = call.pid, call.name
        counts[key] = counts.get(key, 0) + 1
        if any(_is_in(path, folder) for path in call.paths):
            found[Point(call.name, counts[key])] = None
    return list(found)


def _is_in(path: str, folder: Path) -> bool:
    return path == str(folder) or path.startswith(f"{folder}/")


class _Disk:
    """Which files and folders hold something that a loss of power would take."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.files: set[str] = set()
        self.folders: set[str] = set()

    def take(self, call: Call) -> None:
        """Follow one call that the system did."""
        paths = [path for path in call.paths if _is_in(path, self._folder)]
        if not paths:
            return
        if call.name in {"write", "pwrite64", "ftruncate"} and not paths[0].endswith(_NO_FILE):
            self.files.add(paths[0])
        elif call.name in {"fsync", "fdatasync"}:
            self.files.discard(paths[0])
            self.folders.discard(paths[0])
        elif call.name in {"mkdir", "link"} or (call.name == "openat" and "O_EXCL" in call.words):
            self.folders.add(str(Path(paths[-1]).parent))
        elif call.name == "unlink":
            self.files.discard(paths[0])
        elif call.name in {"rename", "renameat2"}:
            self._rename(*paths[:2])

    def _rename(self, old: str, new: str) -> None:
        self.files = {_moved(path, old, new) for path in self.files}
        self.folders = {_moved(path, old, new) for path in self.folders}
        self.folders.add(str(Path(new).parent))


def _moved(path: str, old: str, new: str) -> str:
    return new + path[len(old) :] if path == old or path.startswith(f"{old}/") else path


def unsynced(trace: Iterable[Call], folder: Path) -> list[str]:
    """Return what was not on the disk when something was acknowledged: its name, once each."""
    disk, found = _Disk(folder), set()
    for call in trace:
        if _is_said(call):
            found |= disk.files | disk.folders
        elif call.succeeded:
            disk.take(call)
    return sorted(str(Path(path).relative_to(folder)) for path in found)


def by_call(points: Iterable[Point]) -> Mapping[str, int]:
    """Count points by system call."""
    counts = dict.fromkeys(CALLS, 0)
    for point in points:
        counts[point.call] += 1
    return counts
