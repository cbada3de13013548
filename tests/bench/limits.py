"""Figures that must stay below a limit that a person feels: no other program does the same thing.

A figure has samples, each from a process of its own or one of many in a process; what is judged is
their median, a percentile (keystrokes, seeks) or the highest. All samples are kept.
"""

from __future__ import annotations

import json
import statistics
import tomllib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final, Literal

from tests.bench.frame import BenchError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_PERCENT: Final = 100


@dataclass(frozen=True)
class Limit:
    """The most that a figure may be, in its unit."""

    at_most: float
    unit: str
    judged: Literal["median", "p95", "p99", "highest"]

    def __str__(self) -> str:
        return f"< {self.at_most:g} {self.unit} ({self.judged})"


@dataclass(frozen=True)
class Figure:
    """What was measured: every sample, in the unit of its limit."""

    key: str
    title: str
    samples: tuple[float, ...]

    def judged(self, limit: Limit) -> float:
        """Return the value that the limit is about."""
        if limit.judged == "median":
            return statistics.median(self.samples)
        if limit.judged == "highest":
            return max(self.samples)
        return percentile(self.samples, 99 if limit.judged == "p99" else 95)


def percentile(samples: Sequence[float], percent: int) -> float:
    """Return the smallest sample that so many percent of all are not above (nearest rank)."""
    ordered = sorted(samples)
    rank = -(-len(ordered) * percent // _PERCENT)
    return ordered[max(0, rank - 1)]


def read_limits(path: Path) -> dict[str, Limit]:
    """Read the limits of the goals file (`BenchError` for one of another shape)."""
    limits = {}
    for key, words in tomllib.loads(path.read_text("utf-8")).items():
        if words.get("measure") != "limit":
            continue
        match words:
            case {
                "measure": "limit",
                "at_most": int() | float() as most,
                "unit": str() as unit,
                "judged": "median" | "p95" | "p99" | "highest" as judged,
                **rest,
            } if not rest:
                limits[key] = Limit(float(most), unit, judged)
            case _:
                raise BenchError(f"limit {key}: it has at_most, unit and judged")
    return limits


def table(figures: Sequence[Figure], limits: Mapping[str, Limit]) -> str:
    """Write the figures as a Markdown table (`BenchError` for one without a limit)."""
    lines = ["| what | median (range) | judged | n | limit | |", "| --- " * 6 + "|"]
    for figure in figures:
        if figure.key not in limits:
            raise BenchError(f"figure {figure.key} has no limit in goals.toml")
        limit = limits[figure.key]
        value = figure.judged(limit)
        spread = f"{statistics.median(figure.samples):.3g} ({min(figure.samples):.3g} to "
        spread += f"{max(figure.samples):.3g}) {limit.unit}"
        met = "met" if value < limit.at_most else "**missed**"
        lines.append(
            f"| {figure.title} | {spread} | {value:.3g} {limit.unit} | {len(figure.samples)} "
            f"| {limit} | {met} |"
        )
    return "\n".join(lines) + "\n"


def as_json(figure: Figure, limit: Limit, about: Mapping[str, str | int]) -> str:
    """Write one figure with every sample and the machine."""
    facts = {"machine": dict(about), **asdict(figure), "limit": str(limit)}
    return json.dumps(facts, indent=2) + "\n"
