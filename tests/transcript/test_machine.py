"""What runs down a battery, and what does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intake.transcript.machine import is_on_battery

if TYPE_CHECKING:
    from pathlib import Path


def supply(power: Path, name: str, **facts: str) -> None:
    """Write what the kernel says of one supply."""
    folder = power / name
    folder.mkdir(parents=True)
    for fact, value in facts.items():
        (folder / fact).write_text(value + "\n")


def test_a_battery_that_runs_down_counts(tmp_path: Path) -> None:
    """Until the mains are at hand again."""
    supply(tmp_path, "BAT0", type="Battery", status="Discharging")
    supply(tmp_path, "AC", type="Mains", online="0")
    assert is_on_battery(tmp_path)

    (tmp_path / "AC" / "online").write_text("1\n")
    assert not is_on_battery(tmp_path)


@pytest.mark.parametrize("status", ["Charging", "Full", "Not charging", "Unknown"])
def test_a_battery_that_does_not_run_down_does_not_count(tmp_path: Path, status: str) -> None:
    """Nor does one of which nothing is known."""
    supply(tmp_path, "BAT0", type="Battery", status=status)
    assert not is_on_battery(tmp_path)


def test_the_battery_of_a_mouse_does_not_count(tmp_path: Path) -> None:
    """Neither does a computer without any, nor a system that tells nothing."""
    supply(tmp_path, "mouse", type="Battery", status="Discharging", scope="Device")
    assert not is_on_battery(tmp_path)
    assert not is_on_battery(tmp_path / "nowhere")
