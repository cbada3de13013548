"""`make kills`: a kill at every point of every operation, two at a time, and one table.

Usage: python -m tests.vault.kills [OPERATION ...]. Exit status 1 where anything was wrong after a
kill, or was acknowledged before it lay on the disk.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.vault.kill_operations import WHERE
from tests.vault.killing import CALLS, Children, Harness, by_call, why_not

if TYPE_CHECKING:
    from collections.abc import Sequence

PARTS = 3
AT_ONCE = 2


@dataclass(slots=True)
class Outcome:
    """What the kills of a part of an operation's points showed."""

    points: Counter[str] = field(default_factory=Counter)
    struck: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Outcome) -> None:
        """Take in another part."""
        self.points += other.points
        self.struck += other.struck
        self.wrong += other.wrong


def kill_part(name: str, part: int) -> Outcome:
    """Kill an operation at every `PARTS`th point, from the given one."""
    with (
        tempfile.TemporaryDirectory(prefix="intake-kills-") as folder,
        Children() as children,
    ):
        harness = Harness(name, Path(folder), children)
        whole = harness.whole()
        points = whole.points[part::PARTS]
        outcome = Outcome(Counter(by_call(points)))
        outcome.wrong += [f"acknowledged before it was synced: {it}" for it in whole.unsynced]
        for point in points:
            run, faults = harness.kill(point)
            outcome.struck += run.was_killed
            outcome.wrong += [f"{point.call} {point.n}: {fault}" for fault in faults]
    return outcome


def _row(name: str, outcome: Outcome) -> str:
    counts = " ".join(f"{outcome.points[call]:>9}" for call in CALLS)
    return (
        f"{name:<22} {counts} {outcome.points.total():>7} {outcome.struck:>7} "
        f"{len(outcome.wrong):>6}"
    )


def main(names: Sequence[str]) -> int:
    """Kill all, print the table, and return the exit status."""
    if reason := why_not():
        _print(f"Nothing was killed: {reason}.")
        return 1
    begun, outcomes, everything = time.monotonic(), {name: Outcome() for name in names}, Outcome()
    _print(
        f"{'operation':<22} {' '.join(f'{call:>9}' for call in CALLS)} "
        f"{'points':>7} {'struck':>7} {'wrong':>6}"
    )
    with ProcessPoolExecutor(AT_ONCE) as pool:
        parts = {
            name: [pool.submit(kill_part, name, part) for part in range(PARTS)] for name in names
        }
        for name, waiting in parts.items():
            for one in waiting:
                outcomes[name].add(one.result())
            _print(_row(name, outcomes[name]))
            everything.add(outcomes[name])
    _print(_row("all", everything))
    for name, outcome in outcomes.items():
        for fault in sorted(set(outcome.wrong)):
            _print(f"wrong, {name}: {fault}")
    _print(f"{time.monotonic() - begun:.0f} s, {AT_ONCE} at a time.")
    return int(bool(everything.wrong))


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(WHERE)))
