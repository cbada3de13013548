"""One line of the doctor's answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """What was found."""

    GOOD = "good"
    NOT_GIVEN = "not given"
    NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What was looked at, what was found, and what a person can do. No path, no name of anybody.

    `is_serious`: without it a promise of Intake does not hold on this computer.
    """

    what: str
    state: State
    found: str
    to_do: str = ""
    is_serious: bool = False

    @property
    def is_alarm(self) -> bool:
        """Whether a person should act before they take testimony here."""
        return self.is_serious and self.state is State.NOT_GIVEN


def good(what: str, found: str) -> Line:
    """Say that this is as it should be."""
    return Line(what=what, state=State.GOOD, found=found)


def lacking(what: str, found: str, to_do: str, *, is_serious: bool = True) -> Line:
    """Say that this computer does not give it."""
    return Line(what=what, state=State.NOT_GIVEN, found=found, to_do=to_do, is_serious=is_serious)


def unknown(what: str, found: str, to_do: str = "") -> Line:
    """Say that it could not be found out."""
    return Line(what=what, state=State.NOT_KNOWN, found=found, to_do=to_do)
