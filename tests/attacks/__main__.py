"""`make attacks`: try every row, print one table, and say what was not tried.

    python -m tests.attacks [WORDS FOR PYTEST ...]

Exit status 1 if a row fails, an id stands at two tests, or there are fewer rows than `FEWEST`;
with words for pytest (a file, ``-k``) the number of rows is not asked for.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.attacks.table import FEWEST, Table

ROOT: Final = Path(__file__).resolve().parents[2]


def main(words: list[str]) -> int:
    """Run the rows on all cores and print the table."""
    os.environ.setdefault("INTAKE_ATTACK_ALL", "1")
    os.chdir(ROOT)
    table = Table()
    options = ["-p", "tests.attacks.plugin", "-m", "attack", "-n", str(os.cpu_count() or 2)]
    quiet = ["--dist", "loadgroup", "-q", "--no-header", "--tb=short"]
    ended = pytest.main([*options, *quiet, *(words or ["tests"])], plugins=[table])
    sys.stdout.write(table.text())
    flaws = table.flaws(fewest=0 if words else FEWEST)
    sys.stdout.write("".join(f"{flaw}\n" for flaw in flaws))
    return 1 if flaws or ended not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED} else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
