"""`make bench`: measures every row, writes build/bench/*.json and the table of docs/benchmarks.md.

    python -m tests.bench [ROW ...]

With row names only those are measured, and the page is left as it is.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.bench import (
    guarded,
    lengths,
    limits,
    live,
    recordings,
    sealing,
    speakers,
    speech,
    vault_rows,
    window,
)
from tests.bench.frame import as_json, machine, measure, read_goals, table, with_table

if TYPE_CHECKING:
    from tests.bench.frame import Result

ROOT: Final = Path(__file__).resolve().parents[2]
GROUPS: Final = (sealing.rows, speech.rows, vault_rows.rows)


def main(names: list[str]) -> int:
    """Measure, print, write. A missed goal is said in the table; it is no failure of the run."""
    goals = read_goals(Path(__file__).with_name("goals.toml"))
    bounds = limits.read_limits(Path(__file__).with_name("goals.toml"))
    if unknown := set(names) - set(goals) - set(bounds):
        sys.stderr.write(f"no such row: {', '.join(sorted(unknown))}\n")
        return 2
    about = machine()
    folder = ROOT / "build" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="work-", dir=folder) as work:
        for group in GROUPS:
            for row in group(Path(work)):
                if not names or row.key in names:
                    sys.stderr.write(f"measuring: {row.title}\n")
                    results.append(measure(row, goals))
                    (folder / f"{row.key}.json").write_text(as_json(results[-1], about), "utf-8")
        figures = [*recordings.figures(Path(work), names), *window.figures(Path(work), names)]
        figures += live.figures(Path(work), names)
        compared, of_words = guarded.measure_guarded(Path(work), names, goals)
    figures += [*of_words, *speakers.figures(names), *lengths.figures(names)]
    results += compared
    for result in compared:
        (folder / f"{result.key}.json").write_text(as_json(result, about), "utf-8")
    for figure in figures:
        content = limits.as_json(figure, bounds[figure.key], about)
        (folder / f"{figure.key}.json").write_text(content, "utf-8")
    measured = (
        f"Measured on {about['day']} on {about['cores']} cores of {about['processor']}; "
        f"load before the first row {about['load_before']}.\n\n{table(results)}\n"
        f"{limits.table(figures, bounds)}"
    )
    sys.stdout.write(measured)
    if not names:
        page = ROOT / "docs" / "benchmarks.md"
        page.write_text(with_table(page.read_text("utf-8"), measured), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
