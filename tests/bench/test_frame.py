"""The bench frame: order, figures, goals and the page, on a clock that does as it is told."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from tests.bench import frame

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

WALL = {"x": frame.Goal("wall", 1.05)}
SPEED = {"x": frame.Goal("speed", 0.9)}


class Bench:
    """Two sides that take the times given (the first of each is the untimed run)."""

    def __init__(self, ours: Sequence[float], theirs: Sequence[float], rounds: int = 1) -> None:
        self.now = 0.0
        self.order = ""
        self.prepared = ""
        self._times = {"A": iter(ours), "B": iter(theirs)}
        self.row = frame.Row("x", "a thing", self._side("A"), self._side("B"), rounds)

    def _side(self, name: str) -> frame.Side:
        def prepare() -> None:
            self.prepared += name
            self.now += 100

        def run() -> None:
            self.order += name
            self.now += next(self._times[name])

        return frame.Side(name, prepare, run)

    def measure(self, goals: dict[str, frame.Goal]) -> frame.Result:
        """Measure on the clock of this object."""
        return frame.measure(
            self.row, goals, clock=lambda: self.now, cpu_clock=lambda: self.now / 2
        )


def test_order_is_a_b_b_a_after_one_untimed_run_each() -> None:
    """A machine that slows down steadily favours neither side."""
    bench = Bench([9, *[1] * 4], [9, *[1] * 4], rounds=2)

    bench.measure(WALL)

    assert bench.order == "AB" + "ABBA" * 2
    assert bench.prepared == bench.order


def test_preparing_is_not_timed_and_the_warm_run_not_counted() -> None:
    """Only what `run` takes counts, and only from the second run on."""
    result = Bench([50, 1, 3], [50, 2, 2]).measure(WALL)

    assert list(result.ours_s) == [1, 3]
    assert list(result.theirs_s) == [2, 2]
    assert result.ratio == 1
    assert list(result.pair_ratios) == [0.5, 1.5]


def test_figure_is_the_ratio_of_medians() -> None:
    """One stray time does not decide, and the best of many is not chosen."""
    result = Bench([0, 1, 1, 1, 9], [0, 2, 2, 2, 2], rounds=2).measure(SPEED)

    assert result.ratio == 2
    assert result.is_met


@pytest.mark.parametrize(
    ("goals", "ours", "theirs", "met"),
    [
        (WALL, 105, 100, True),
        (WALL, 106, 100, False),
        (SPEED, 100, 90, True),
        (SPEED, 100, 89, False),
    ],
)
def test_goal_is_judged(goals: dict[str, frame.Goal], ours: int, theirs: int, *, met: bool) -> None:
    """Twins on both sides of each limit; a missed goal stands in the table in bold."""
    result = Bench([0, ours, ours], [0, theirs, theirs]).measure(goals)

    assert result.is_met is met
    assert ("**missed**" in frame.table([result])) is not met


def test_row_without_a_goal_is_refused() -> None:
    """A figure without a goal proves nothing."""
    with pytest.raises(frame.BenchError, match="row x has no goal"):
        Bench([], []).measure({})


@pytest.mark.parametrize(
    "text",
    [
        '[x]\nmeasure = "wall"\nat_least = 1.0\n',
        '[x]\nmeasure = "speed"\nat_most = 1.0\n',
        '[x]\nmeasure = "luck"\nat_most = 1.0\n',
        '[x]\nmeasure = "wall"\nat_most = "1"\n',
        '[x]\nmeasure = "wall"\nat_most = 1.0\nunless = "tired"\n',
    ],
)
def test_goal_of_another_shape_is_refused(tmp_path: Path, text: str) -> None:
    """A goal whose direction is wrong would be met by being slow."""
    (tmp_path / "goals.toml").write_text(text, "utf-8")

    with pytest.raises(frame.BenchError, match="goal x"):
        frame.read_goals(tmp_path / "goals.toml")


def test_table_is_put_between_the_markers() -> None:
    """What people wrote around the table stays, and a second run replaces the first."""
    page = f"before\n{frame.BEGIN}\nold\n{frame.END}\nafter\n"

    once = frame.with_table(page, "new\n")

    assert once == f"before\n{frame.BEGIN}\nnew\n{frame.END}\nafter\n"
    assert frame.with_table(once, "new") == once


def test_page_without_markers_is_refused() -> None:
    """Nothing is written over."""
    with pytest.raises(frame.BenchError, match="no bench markers"):
        frame.with_table("a page", "new")


def test_every_single_time_is_kept() -> None:
    """The JSON holds what the table leaves out."""
    kept = json.loads(frame.as_json(Bench([0, 1, 3], [0, 2, 2]).measure(WALL), frame.machine()))

    assert kept["ours_s"] == [1, 3]
    assert kept["theirs_cpu_s"] == [1, 1]
    assert kept["machine"]["cores"] >= 1
    assert kept["goal"] == "wall <= 1.05x"


def test_columns_of_the_table_agree() -> None:
    """Head, rule and row have the same number of columns."""
    lines = frame.table([Bench([0, 1, 3], [0, 2, 2]).measure(WALL)]).splitlines()

    assert all(a.count("|") == b.count("|") for a, b in pairwise(lines))


def test_processor_time_counts_ended_children() -> None:
    """A worker process costs what it costs, in whichever process."""
    before = frame.cpu_seconds()

    subprocess.run([sys.executable, "-c", "sum(range(3_000_000))"], check=True)

    assert frame.cpu_seconds() > before
