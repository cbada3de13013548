"""What may end a recording from outside: the disk, the battery, a suspended computer."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

_MS: Final = 1_000_000
_SUPPLIES: Final = Path("/sys/class/power_supply")
_BOOTTIME: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
_SMALLEST_JUMP_MS: Final = 300


class Clocks(Protocol):
    """The clocks that a recorder reads; tests have their own."""

    def running_ms(self) -> int:
        """Return the time in which the computer ran."""

    def passed_ms(self) -> int:
        """Return the same with the time in which it was suspended."""

    def now(self) -> str:
        """Return the time of day, UTC, ISO 8601 in ms."""


class SystemClocks:
    """The clocks of this computer."""

    def running_ms(self) -> int:
        """Return the time in which the computer ran (CLOCK_MONOTONIC)."""
        return time.monotonic_ns() // _MS

    def passed_ms(self) -> int:
        """Return the same with the time in which it was suspended (CLOCK_BOOTTIME)."""
        return time.clock_gettime_ns(_BOOTTIME) // _MS

    def now(self) -> str:
        """Return the time of day, UTC."""
        return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")


class SuspendWatch:
    """Tells how long the computer was suspended: one clock went on, the other stood still."""

    def __init__(self, clocks: Clocks) -> None:
        self._clocks = clocks
        self._apart_ms = clocks.passed_ms() - clocks.running_ms()

    def slept_ms(self) -> int:
        """Return for how long it slept since the last call; 0 if it did not."""
        apart = self._clocks.passed_ms() - self._clocks.running_ms()
        slept = apart - self._apart_ms
        if slept < _SMALLEST_JUMP_MS:
            return 0
        self._apart_ms = apart
        return slept


@dataclass(frozen=True, slots=True)
class Power:
    """The battery as the system tells it; None for what it does not tell."""

    percent: int | None = None
    left_ms: int | None = None
    is_draining: bool = False


def read_power(supplies: Path = _SUPPLIES) -> Power:
    """Return how the first battery is; a computer without one is never draining."""
    try:
        places = sorted(supplies.iterdir())
    except OSError:
        return Power()
    for place in places:
        if _word(place / "type") != "Battery" or _word(place / "scope") == "Device":
            continue  # a mouse has a battery too
        percent = _number(place / "capacity")
        is_draining = _word(place / "status") == "Discharging"
        return Power(percent, _left_ms(place) if is_draining else None, is_draining)
    return Power()


def _left_ms(place: Path) -> int | None:
    for stock, use in (("energy_now", "power_now"), ("charge_now", "current_now")):
        left, rate = _number(place / stock), _number(place / use)
        if left is not None and rate:
            return left * 3_600_000 // rate
    return None


def _word(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except (OSError, ValueError):
        return ""


def _number(path: Path) -> int | None:
    word = _word(path)
    return int(word) if word.isdecimal() else None
