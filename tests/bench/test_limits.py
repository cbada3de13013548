"""Figures with a limit: what is judged, and that a missed one says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench import guarded, lengths, limits, live, recordings, speakers, window
from tests.bench.frame import BenchError, read_goals

GOALS = Path(__file__).with_name("goals.toml")


def test_each_row_on_the_window_has_its_limit() -> None:
    """No row without a limit, no limit without a row; the rivals' goals stay apart."""
    assert set(limits.read_limits(GOALS)) == {
        *(*window.TITLES, *recordings.TITLES, *speakers.TITLES, *live.TITLES),
        *(*lengths.TITLES, *set(guarded.ROWS) - {"guarded"}),
    }
    assert not set(limits.read_limits(GOALS)) & set(read_goals(GOALS))


@pytest.mark.parametrize(
    ("judged", "value"), [("median", 50.5), ("p95", 95.0), ("p99", 99.0), ("highest", 100.0)]
)
def test_the_sample_that_counts_is_the_one_that_was_said(judged: str, value: float) -> None:
    """Of 1 to 100."""
    figure = limits.Figure("x", "a thing", tuple(float(n) for n in range(100, 0, -1)))

    assert figure.judged(limits.Limit(1, "ms", judged)) == value  # type: ignore[arg-type]


def test_a_missed_limit_is_said_in_the_table() -> None:
    """And one that is met, with every number a reader needs."""
    found = limits.Figure("x", "a thing", (1.0, 2.0, 9.0))

    met = limits.table([found], {"x": limits.Limit(3, "ms", "median")})
    missed = limits.table([found], {"x": limits.Limit(3, "ms", "highest")})

    assert met.splitlines()[-1] == "| a thing | 2 (1 to 9) ms | 2 ms | 3 | < 3 ms (median) | met |"
    assert "**missed**" in missed


def test_a_figure_without_a_limit_proves_nothing() -> None:
    """Refused, as a row without a goal is."""
    with pytest.raises(BenchError, match="no limit"):
        limits.table([limits.Figure("y", "a thing", (1.0,))], {})


@pytest.mark.parametrize(
    "words",
    [
        'measure = "limit"\nat_most = 1',
        'measure = "limit"\nat_most = 1\nunit = "s"\njudged = "best"',
        'measure = "limit"\nat_most = "1"\nunit = "s"\njudged = "median"',
        'measure = "limit"\nat_most = 1\nunit = "s"\njudged = "median"\nmore = 2',
    ],
)
def test_a_limit_of_another_shape_is_refused(tmp_path: Path, words: str) -> None:
    """The best of many is no way to judge."""
    path = tmp_path / "goals.toml"
    path.write_text(f"[x]\n{words}\n")

    with pytest.raises(BenchError, match="limit x"):
        limits.read_limits(path)
