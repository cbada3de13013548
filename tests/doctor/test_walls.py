"""What the doctor says of the walls is what a child behind them meets, tried by other means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intake.doctor import State, examine, this_computer
from intake.doctor import system as doctor_system
from tests.transcription.test_sandbox import REFUSED, looked
from transcription.probing import ATTEMPTS, Walls, try_walls

if TYPE_CHECKING:
    from pathlib import Path

# What the doctor's child tries, and the attempts of the hostile child (Python's own sockets,
# processes and files) that are the same thing.
SAME = {
    "open": ("read", "write", "list"),
    "connect": ("tcp", "udp", "unix"),
    "fork": ("fork",),
    "exec": ("spawn", "exec"),
    "memory": ("two_gib",),
}
OPEN = "tests.doctor.open_probe"


def _states(tmp_path: Path) -> dict[str, State]:
    return {line.what: line.state for line in examine(this_computer(tmp_path))}


def test_the_lines_are_what_the_hostile_child_meets(tmp_path: Path) -> None:
    """Both children stand behind the same walls; neither knows of the other."""
    held = looked(b"!").said
    refused = {attempt for attempt in ATTEMPTS if {held[one] for one in SAME[attempt]} <= REFUSED}
    walls = try_walls()
    assert walls is not None

    assert set(ATTEMPTS) - set(walls.open_to) == refused
    assert (walls.enclosure.landlock, walls.enclosure.seccomp) == (
        held["landlock"],
        held["seccomp"],
    )
    states = _states(tmp_path)
    is_good = refused == set(ATTEMPTS) and held["seccomp"]
    assert (states["Foreign files"] is State.GOOD) == is_good
    assert (states["Landlock"] is State.GOOD) == bool(held["landlock"])
    assert (states["Seccomp"] is State.GOOD) == held["seccomp"]


def test_twin_without_walls_the_probe_gets_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same attempts on a computer that gives none: each is done, and the doctor says so."""
    walls = try_walls(OPEN)

    assert walls == Walls(walls.enclosure, ("open", "connect", "fork", "exec")) if walls else False
    monkeypatch.setattr(doctor_system, "try_walls", lambda: walls)
    (line,) = [one for one in examine(this_computer(tmp_path)) if one.what == "Foreign files"]
    assert line.is_alarm
    assert "It can open your files, reach the network, start processes, start other" in line.found


@pytest.mark.parametrize(
    "module", ["tests.doctor.no_such_probe", "tests.transcription.lying_worker"]
)
def test_a_probe_that_does_not_answer_is_not_known(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It could not be started, or says nothing of sense: never called good."""
    walls = try_walls(module)

    assert walls is None
    monkeypatch.setattr(doctor_system, "try_walls", lambda: walls)
    assert _states(tmp_path)["Foreign files"] is State.NOT_KNOWN
