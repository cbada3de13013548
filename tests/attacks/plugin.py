"""What pytest does around each row: judge what it said, search for the canaries, pass it on.

``make attacks`` loads this for the whole suite; ``make test`` for tests/attacks alone, through its
conftest. Rows anywhere under tests/ are found by the marker `attack`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.attacks.canaries import search_folders, search_text
from tests.attacks.frame import HAPPENED

if TYPE_CHECKING:
    from collections.abc import Generator

_JUDGED = pytest.StashKey[set[str]]()
OWN = "own"
"""Name of the folder below `tmp_path` for what a person brings or took out; it is not searched."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin a row."""
    if item.get_closest_marker("attack"):
        HAPPENED.clear()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """Fail a row that said nothing, has no twin, or left a canary behind; write its facts down."""
    outcome = yield
    report: pytest.TestReport = outcome.get_result()
    mark = item.get_closest_marker("attack")
    judged = item.stash.setdefault(_JUDGED, set())
    if mark is None or str(report.when) in judged:
        return  # loaded twice under `make attacks`: as a plugin and by the conftest beside it
    judged.add(str(report.when))
    row, what = mark.args
    facts = {"row": row, "what": what, "open": mark.kwargs.get("open", ""), "happened": ""}
    if report.when == "call":
        facts["happened"] = ", ".join(dict.fromkeys(HAPPENED.outcomes))
        if report.passed:
            flaws = [flaw for flaw in [HAPPENED.flaw()] if flaw] + _left_behind(item, report)
            if flaws:
                report.outcome = "failed"
                report.longrepr = f"{row}: " + "; ".join(flaws)
    if report.when == "call" or not report.passed:
        report.user_properties.append(("attack", facts))


def _left_behind(item: pytest.Item, report: pytest.TestReport) -> list[str]:
    """Search all that a row could have left words in."""
    hits = [hit for title, text in report.sections for hit in search_text(title, text)]
    base = Path(item.config._tmp_path_factory.getbasetemp())  # type: ignore[attr-defined]  # pytest gives it no other way
    hits += search_folders([Path.home()])
    hits += search_folders(
        [Path(os.environ["TMPDIR"])], leave_out=[base, base.parents[0], base.parents[1]]
    )
    own = getattr(item, "funcargs", {}).get("tmp_path")
    if isinstance(own, Path):
        hits += search_folders([own], leave_out=[own / OWN])
    return hits
