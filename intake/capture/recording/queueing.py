"""Between the device, which never waits, and the disk, which may: a bounded queue of sound.

What does not fit is dropped and counted to the sample, and a marker in its place says how much is
missing. Orders to whoever seals stand in the same line and are never dropped, so a mark or the end
of a part has its exact place in the sound.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import Generic, TypeVar

_Order = TypeVar("_Order")


@dataclass(frozen=True, slots=True)
class Dropped:
    """So many frames are missing here."""

    frames: int


class SoundQueue(Generic[_Order]):
    """One thread puts sound in, any thread orders, one thread takes out."""

    def __init__(self, *, frame_bytes: int, most_bytes: int) -> None:
        self._frame_bytes = frame_bytes
        self._most = most_bytes - most_bytes % frame_bytes
        self._line: deque[bytes | Dropped | _Order] = deque()
        self._waiting_bytes = 0
        self._dropping = 0
        self._changed = threading.Condition()
        self.taken_frames = 0
        """Frames that came from the device, dropped ones included."""
        self.dropped_frames = 0
        """Frames that did not fit, since the beginning."""

    def put(self, sound: bytes) -> None:
        """Take whole frames; drop what does not fit. Never waits for the disk."""
        with self._changed:
            self.taken_frames += len(sound) // self._frame_bytes
            room = self._most - self._waiting_bytes
            kept = sound[: min(room, len(sound))]
            if kept:
                self._mark_dropped()
                self._line.append(kept)
                self._waiting_bytes += len(kept)
            lost = (len(sound) - len(kept)) // self._frame_bytes
            self._dropping += lost
            self.dropped_frames += lost
            self._changed.notify_all()

    def order(self, order: _Order) -> None:
        """Put an order behind the sound that is there already."""
        with self._changed:
            self._mark_dropped()
            self._line.append(order)
            self._changed.notify_all()

    def take(self, timeout_s: float) -> bytes | Dropped | _Order | None:
        """Return what is first in the line, waiting for it; None after `timeout_s`."""
        with self._changed:
            if not self._line and not self._changed.wait_for(lambda: self._line, timeout_s):
                return None
            first = self._line.popleft()
            if isinstance(first, bytes):
                self._waiting_bytes -= len(first)
            self._changed.notify_all()
            return first

    def has_room(self, size: int) -> bool:
        """Whether so many bytes would fit now: for sound that can wait, as that of a test."""
        with self._changed:
            return self._most - self._waiting_bytes >= size

    def _mark_dropped(self) -> None:
        if self._dropping:
            self._line.append(Dropped(self._dropping))
            self._dropping = 0
