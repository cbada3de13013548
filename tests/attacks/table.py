"""The printed table: one line for each row, whatever its test's parameters, and the totals."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pytest

FEWEST: Final = 120
_OPEN: Final = "OPEN"
_FAILED: Final = "FAILED"


@dataclass(slots=True)
class Line:
    """What came of one row, over all cases of its test."""

    what: str
    tests: set[str] = field(default_factory=set)
    cases: int = 0
    outcomes: list[str] = field(default_factory=list)

    @property
    def outcome(self) -> str:
        """Return the worst of what the cases came to."""
        for bad in (_FAILED, _OPEN):
            for outcome in self.outcomes:
                if outcome.startswith(bad):
                    return outcome
        words = {word for outcome in self.outcomes for word in outcome.split(", ")}
        return ", ".join(sorted(words))


class Table:
    """Collects the reports of all workers; a plugin of the process that prints."""

    def __init__(self) -> None:
        self.lines: dict[str, Line] = {}
        self.strays: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take in one report."""
        facts = next((value for name, value in report.user_properties if name == "attack"), None)
        if not isinstance(facts, dict):
            return
        line = self.lines.setdefault(facts["row"], Line(facts["what"]))
        line.tests.add(report.nodeid.partition("[")[0])
        line.cases += report.when == "call"
        if report.failed:
            line.outcomes.append(_FAILED)
        elif facts["open"]:
            line.outcomes.append(f"{_OPEN}: {facts['open']}")
        elif report.skipped:
            line.outcomes.append(f"{_OPEN}: {_reason(report)}")
        elif report.when == "call":
            line.outcomes.append(facts["happened"])

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember a module that could not be read: its rows are missing."""
        if report.failed:
            self.strays.append(f"could not be read: {report.nodeid}")

    def counts(self) -> dict[str, int]:
        """Return how many rows held, are open and failed."""
        outcomes = [line.outcome for line in self.lines.values()]
        count = {
            "open": sum(outcome.startswith(_OPEN) for outcome in outcomes),
            "failed": outcomes.count(_FAILED),
        }
        return {"held": len(outcomes) - sum(count.values()), **count}

    def text(self) -> str:
        """Return the table, by id, and the totals."""
        rows = sorted(self.lines.items(), key=lambda item: _order(item[0]))
        printed = [f"{'id':5} {'what is done':78} outcome"]
        for row, line in rows:
            cases = f" ({line.cases} cases)" if line.cases > 1 else ""
            printed.append(f"{row:5} {line.what + cases:78} {line.outcome}")
        count = self.counts()
        total = ", ".join(f"{number} {name}" for name, number in count.items())
        return "\n".join(["", *printed, "", f"{len(rows)} rows: {total}.", ""])

    def flaws(self, *, fewest: int) -> list[str]:
        """Return why this run is no success; empty when it is."""
        found = list(self.strays)
        for row, line in sorted(self.lines.items()):
            if len(line.tests) > 1:
                found.append(f"{row} stands at {len(line.tests)} tests: {sorted(line.tests)}")
            if line.outcome == _FAILED:
                found.append(f"{row} failed")
        if len(self.lines) < fewest:
            found.append(f"{len(self.lines)} rows are fewer than {fewest}")
        return found


def _order(row: str) -> tuple[str, int]:
    found = re.fullmatch(r"([A-Z]+)([0-9]+)", row)
    return (found[1], int(found[2])) if found else (row, 0)


def _reason(report: pytest.TestReport) -> str:
    return str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else "skipped"
