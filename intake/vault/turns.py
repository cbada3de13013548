"""Whose turn it is: one lock for an open vault, shared by both stores.

The window reads on one thread and works on another. A reader holds the turn for one SELECT, a
writer for one whole commit over both stores, so nobody ever sees half an operation.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType


class Turns:
    """A re-entrant lock that is given in the order in which threads asked for it.

    The standard library's is given to whoever comes first after a release, which is mostly the
    thread that released it: a job that writes without a pause would keep a reader waiting for ever.
    Here a reader waits for those who asked before, which is one commit.
    """

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._waiting: deque[tuple[int, threading.Lock]] = deque()
        self._owner: int | None = None
        self._depth = 0

    @property
    def is_mine(self) -> bool:
        """Whether the calling thread has the turn."""
        return self._owner == threading.get_ident()

    @property
    def waiting(self) -> int:
        """How many threads wait for their turn."""
        with self._mutex:
            return len(self._waiting)

    def __enter__(self) -> Self:
        me = threading.get_ident()
        if self._owner == me:
            self._depth += 1
            return self
        with self._mutex:
            if self._owner is None:
                self._owner, self._depth = me, 1
                return self
            bell = threading.Lock()
            bell.acquire()
            self._waiting.append((me, bell))
        try:
            bell.acquire()  # the thread before us makes us the owner, then rings
        except BaseException:  # Ctrl+C while waiting
            self._leave_the_queue(me, bell)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._pass_on()

    def _pass_on(self) -> None:
        with self._mutex:
            if not self._waiting:
                self._owner = None
                return
            self._owner, bell = self._waiting.popleft()
            self._depth = 1
            bell.release()

    def _leave_the_queue(self, me: int, bell: threading.Lock) -> None:
        with self._mutex:
            is_waiting = (me, bell) in self._waiting
            if is_waiting:
                self._waiting.remove((me, bell))
        if not is_waiting:  # the turn came in the same moment
            self._depth = 0
            self._pass_on()
