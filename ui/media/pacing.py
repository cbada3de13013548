"""Where the sound is now: a clock between the player's reports. No Qt, no thread."""

from __future__ import annotations

from typing import Final

_AHEAD_S: Final = 0.35
"""How far the clock may run without a report: at half speed one comes each 0.2 s (measured)."""
_JUMP_MS: Final = 250
"""A report that is further off than this, at normal speed, is believed at once."""
_TRUST: Final = 0.25
"""How much of a smaller difference one report mends."""


class Pace:
    """A position that moves evenly, kept in step with reports that come every 50 to 200 ms.

    Positions are milliseconds of sound, `now` is a monotonic time in seconds. Between two `start`
    it never runs backwards, except where a report says that the sound itself jumped.
    """

    def __init__(self) -> None:
        self._rate = 1.0
        self.start(0, 0)

    def start(self, ms: float, now: float) -> None:
        """Begin to move from `ms`."""
        self._base = self._given = self._reported = ms
        self._since = self._reported_at = now

    def report(self, ms: float, now: float) -> None:
        """Take what the player says about itself."""
        guess = self._free(now)
        off = ms - guess
        if abs(off) > _JUMP_MS * max(1.0, self._rate):
            self._base = self._given = ms
        else:
            self._base = guess + off * _TRUST
        self._since = self._reported_at = now
        self._reported = ms

    def set_rate(self, rate: float, now: float) -> None:
        """Move at another speed from now on."""
        self._base, self._since = self._free(now), now
        self._rate = rate

    def at(self, now: float) -> float:
        """Return the position."""
        furthest = self._reported + _AHEAD_S * 1000 * self._rate
        self._given = max(self._given, min(self._free(now), furthest))
        return self._given

    def silent_s(self, now: float) -> float:
        """Return for how long no report has come."""
        return now - self._reported_at

    def _free(self, now: float) -> float:
        return self._base + (now - self._since) * 1000 * self._rate
