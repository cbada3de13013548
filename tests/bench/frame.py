"""How a figure is measured, judged and written down. No row lives here.

A row compares two ways of doing one thing, ours and theirs, in the order A B B A, so that a
machine that grows slower or warmer favours neither. Each single time is kept; the figure is the
ratio of the medians, and the ratios within the pairs show how far it can be trusted. Processor
seconds stand beside it: they are steadier where other work runs on the same cores.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import time
import tomllib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

BEGIN: Final = "<!-- bench:begin -->"
END: Final = "<!-- bench:end -->"


class BenchError(Exception):
    """A row or a goal that makes no sense; the text says which."""


@dataclass(frozen=True)
class Side:
    """One way of doing the thing: `prepare` is not timed, `run` is."""

    name: str
    prepare: Callable[[], None]
    run: Callable[[], None]


@dataclass(frozen=True)
class Row:
    """What is compared. `rounds` = how often A B B A is gone through: n = 2 * rounds a side."""

    key: str
    title: str
    ours: Side
    theirs: Side
    rounds: int


@dataclass(frozen=True)
class Goal:
    """`measure` says which way the ratio stands; `limit` is the worst ratio that still passes."""

    measure: Literal["wall", "speed"]
    limit: float

    def ratio(self, ours: float, theirs: float) -> float:
        """Return the ratio of two times in the direction of this goal."""
        return ours / theirs if self.measure == "wall" else theirs / ours

    def is_met(self, ratio: float) -> bool:
        """Judge a ratio: a wall may be at most the limit, a speed must be at least it."""
        return ratio <= self.limit if self.measure == "wall" else ratio >= self.limit

    def __str__(self) -> str:
        sign = "<=" if self.measure == "wall" else ">="
        return f"{self.measure} {sign} {self.limit:g}x"


@dataclass(frozen=True)
class Result:
    """All times of one row in seconds, in the order in which they were taken on each side."""

    key: str
    title: str
    ours_name: str
    theirs_name: str
    ours_s: tuple[float, ...]
    theirs_s: tuple[float, ...]
    ours_cpu_s: tuple[float, ...]
    theirs_cpu_s: tuple[float, ...]
    ratio: float
    pair_ratios: tuple[float, ...]
    goal: str
    is_met: bool


def read_goals(path: Path) -> dict[str, Goal]:
    """Read the goals file. Raises `BenchError` for a goal of another shape than its two."""
    goals = {}
    for key, words in tomllib.loads(path.read_text("utf-8")).items():
        match words:
            case {"measure": "wall", "at_most": int() | float() as limit, **rest} if not rest:
                goals[key] = Goal("wall", float(limit))
            case {"measure": "speed", "at_least": int() | float() as limit, **rest} if not rest:
                goals[key] = Goal("speed", float(limit))
            case {"measure": "limit"}:
                continue  # tests/bench/limits.py
            case _:
                raise BenchError(f"goal {key}: wall has at_most, speed has at_least")
    return goals


def cpu_seconds() -> float:
    """Return the processor time of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def measure(
    row: Row,
    goals: Mapping[str, Goal],
    clock: Callable[[], float] = time.perf_counter,
    cpu_clock: Callable[[], float] = cpu_seconds,
) -> Result:
    """Run the row in the order A B B A, after one untimed run of each side, and judge it.

    Raises `BenchError` where the row has no goal: a figure without one proves nothing.
    """
    if row.key not in goals:
        raise BenchError(f"row {row.key} has no goal in goals.toml")
    goal = goals[row.key]
    times: dict[str, list[tuple[float, float]]] = {"ours": [], "theirs": []}

    def timed(side: Side) -> tuple[float, float]:
        side.prepare()
        started, cpu_started = clock(), cpu_clock()
        side.run()
        return clock() - started, cpu_clock() - cpu_started

    timed(row.ours)
    timed(row.theirs)
    for _ in range(row.rounds):
        for which in ("ours", "theirs", "theirs", "ours"):
            times[which].append(timed(row.ours if which == "ours" else row.theirs))
    ours, ours_cpu = zip(*times["ours"], strict=True)
    theirs, theirs_cpu = zip(*times["theirs"], strict=True)
    ratio = goal.ratio(statistics.median(ours), statistics.median(theirs))
    return Result(
        key=row.key,
        title=row.title,
        ours_name=row.ours.name,
        theirs_name=row.theirs.name,
        ours_s=ours,
        theirs_s=theirs,
        ours_cpu_s=ours_cpu,
        theirs_cpu_s=theirs_cpu,
        ratio=ratio,
        pair_ratios=tuple(goal.ratio(a, b) for a, b in zip(ours, theirs, strict=True)),
        goal=str(goal),
        is_met=goal.is_met(ratio),
    )


def spread(times: Sequence[float]) -> str:
    """Write a median with its smallest and largest time, in seconds."""
    return f"{statistics.median(times):.2f} ({min(times):.2f} to {max(times):.2f})"


def table(results: Sequence[Result]) -> str:
    """Write the results as a Markdown table."""
    head = (
        "| what | ours, s: median (range) | theirs, s: median (range) | CPU s, ours / theirs "
        "| n each | ratio (range of pairs) | goal | |\n" + "| --- " * 8 + "|\n"
    )
    return head + "".join(
        f"| {r.title} | {r.ours_name}: {spread(r.ours_s)} | {r.theirs_name}: {spread(r.theirs_s)} "
        f"| {statistics.median(r.ours_cpu_s):.2f} / {statistics.median(r.theirs_cpu_s):.2f} "
        f"| {len(r.ours_s)} | {r.ratio:.2f} ({min(r.pair_ratios):.2f} to {max(r.pair_ratios):.2f}) "
        f"| {r.goal} | {'met' if r.is_met else '**missed**'} |\n"
        for r in results
    )


def with_table(page: str, new: str) -> str:
    """Put the text between the two markers of the page. Raises `BenchError` where they are not."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise BenchError("the page has no bench markers")
    return f"{before}{BEGIN}\n{new.strip()}\n{END}{after}"


def machine() -> dict[str, str | int]:
    """Say what was measured on: the processor's name, cores that this process may use, load."""
    with open("/proc/cpuinfo", encoding="utf-8") as opened:  # noqa: PTH123  # no real file
        names = [line.partition(":")[2].strip() for line in opened if line.startswith("model name")]
    return {
        "processor": names[0] if names else "unknown",
        "cores": len(os.sched_getaffinity(0)),
        "load_before": f"{os.getloadavg()[0]:.1f}",
        "day": time.strftime("%Y-%m-%d", time.gmtime()),
    }


def as_json(result: Result, about: Mapping[str, str | int]) -> str:
    """Write one result with every single time and the machine."""
    return json.dumps({"machine": dict(about), **asdict(result)}, indent=2) + "\n"
