"""Progress and cancelling, for every piece of work over a second. No thread, no terminal, no Qt."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from intake.errors import CancelledError


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is. `done` and `total` count `unit`; total 0 = not known yet."""

    done: int
    total: int
    unit: str


Report = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """Report to nobody."""


class CancelToken:
    """Asked by a job between steps; set from any thread."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """Ask the job to stop at its next safe point."""
        self._cancelled.set()

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody asked."""
        return self._cancelled.is_set()

    def wait(self, seconds: float) -> None:
        """Wait that long, or until somebody asks."""
        self._cancelled.wait(seconds)

    def raise_if_cancelled(self) -> None:
        """Raise `CancelledError` once `cancel` was called; called at safe points only."""
        if self.is_cancelled:
            raise CancelledError
