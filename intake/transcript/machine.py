"""What transcription owes the rest of the computer: last in turn, and not on battery."""

from __future__ import annotations

from pathlib import Path
from typing import Final

NICENESS: Final = 10
"""How far the engine steps back for everything else: a recorder that wakes up has the processor."""
POWER: Final = Path("/sys/class/power_supply")


def is_on_battery(power: Path = POWER) -> bool:
    """Tell whether the computer runs down a battery of its own, with no mains at hand.

    A computer without a battery, or one that says nothing, is on mains. Batteries of mice and
    headsets do not count.
    """
    try:
        supplies = sorted(power.iterdir())
    except OSError:
        return False
    kinds = [(_read(one / "type"), one) for one in supplies]
    if any(kind in {"Mains", "USB"} and _read(one / "online") == "1" for kind, one in kinds):
        return False
    return any(
        kind == "Battery"
        and _read(one / "scope") != "Device"
        and _read(one / "status") == "Discharging"
        for kind, one in kinds
    )


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
