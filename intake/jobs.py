"""Progress and cancelling, for every piece of work over a second. No thread, no terminal, no Qt."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
        self._turn = threading.Lock()
        self._stops: list[Callable[[], object]] = []

    def cancel(self) -> None:
        """Ask the job to stop at its next safe point."""
        with self._turn:
            self._cancelled.set()
            for stop in self._stops:
                stop()

    @contextmanager
    def calling(self, stop: Callable[[], object]) -> Iterator[None]:
        """Have `cancel` call `stop` as long as the block runs; at once where somebody asked before.

        For a job that waits on something which has no safe point for seconds: a child process.
        `stop` is called in the thread of who cancels: it must be quick and raise nothing.
        """
        with self._turn:
            self._stops.append(stop)
            if self.is_cancelled:
                stop()
        try:
            yield
        finally:
            with self._turn:
                self._stops.remove(stop)

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
