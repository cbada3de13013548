"""`intake doctor`: in words and as one object, without a vault, quickly."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from intake import doctor
from intake.doctor.lines import good, lacking, unknown

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
FINE = good("Swap", "Memory is not written to a disk.")
SMALL = lacking("Fonts", "A font is missing.", "Run set-up.", is_serious=False)
BAD = lacking("Clock", "The clock is wrong.", "Set it.")
OPEN = unknown("Microphone", "Nobody looked.")


@pytest.mark.parametrize(
    ("lines", "status", "last"),
    [
        ([FINE, SMALL, OPEN], 0, "Nothing serious was found."),
        ([FINE, BAD, SMALL], 1, "1 serious, marked with `!`."),
    ],
)
def test_the_status_says_whether_somebody_must_act(
    lines: list[doctor.Line],
    status: int,
    last: str,
    run: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """1 if something serious is not given; small things and unknown ones are only told."""
    monkeypatch.setattr(doctor, "examine", lambda _: lines)
    ended = run("doctor")

    assert (ended.status, ended.err) == (status, "")
    assert ended.out.splitlines()[-1] == last
    assert ("! Clock: not given. The clock is wrong.\n    What to do: Set it." in ended.out) == (
        status == 1
    )
    assert "  Swap: good. Memory is not written to a disk.\n" in ended.out


def test_as_json_it_is_one_object(run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every line with its state, and how many are serious."""
    monkeypatch.setattr(doctor, "examine", lambda _: [FINE, BAD])
    ended = run("doctor", "--json")
    (told,) = ended.objects()

    assert ended.status == 1
    assert told["serious"] == 1
    assert told["lines"][1] == {
        "what": "Clock",
        "state": "not given",
        "found": "The clock is wrong.",
        "to_do": "Set it.",
        "serious": True,
    }


def test_it_looks_at_the_disk_of_the_vault(
    run: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the folder that --vault names, which need not exist yet."""
    asked: list[Path] = []
    real = doctor.this_computer(tmp_path)
    monkeypatch.setattr(
        doctor, "this_computer", lambda place: (asked.append(place), replace(real, place=place))[1]
    )
    run("--vault", tmp_path / "north.vault", "doctor")
    run("doctor")

    assert asked == [tmp_path / "north.vault", Path.home()]


def test_it_loads_neither_finders_nor_window_and_takes_little_time() -> None:
    """Ten times what it takes here fits in the bound of two seconds of processor time."""
    code = (
        "import resource, sys\nsys.argv = ['intake', 'doctor', '--json']\n"
        "from intake.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "used = resource.getrusage(resource.RUSAGE_SELF)\n"
        "print(used.ru_utime + used.ru_stime)\n"
        "print('LOADED', *[n for n in ('spacy', 'PySide6', 'av', 'typst') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    *_, used, loaded = done.stdout.splitlines()

    assert loaded == "LOADED"
    assert float(used) < 2
