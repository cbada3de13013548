"""The parent's side of a child that reads foreign bytes: answer what it asks, keep it to its time.

Every value that comes from the child is checked, for the child may have been taken over by the
file it reads. No byte is given away before the child said which walls hold around it.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from transcription.errors import NotEnclosedError, ProtocolError, TranscriptionError
from transcription.frames import Answer, AnyFrame, Ask, Channel, Failed, Prepared, QuietTooLongError

if TYPE_CHECKING:
    from transcription.frames import SourceFrame
    from transcription.launching import Child

_START_S = 120.0  # a cold disk, a slow computer: none of it is the file's doing
NO_PROGRESS_S = 60.0
"""How long a child may go without a message of its own, and without earning more time."""

Got = TypeVar("Got", bound=AnyFrame)


class ByteSource(Protocol):
    """The foreign bytes: a fixed number of them, readable at any place.

    `read_at(offset, size)` gives exactly `size` bytes (the caller stays inside `size`).
    """

    @property
    def size(self) -> int:
        """Number of bytes."""
        ...

    def read_at(self, offset: int, size: int) -> bytes:
        """Read `size` bytes from `offset` on."""
        ...


class Feeding(Generic[Got]):
    """One conversation with a child that reads one foreign file.

    `accepts` is the union of what this child may send; it holds `Ask`, `Prepared` and `Failed`.
    `unreadable` is the error of a file that is the child's undoing: it died, was too slow, or
    says that this is nothing it can read; `reasons` maps what it may say besides to errors.
    """

    def __init__(
        self,
        child: Child,
        source: ByteSource,
        accepts: object,
        *,
        unreadable: type[TranscriptionError],
        reasons: dict[str, type[TranscriptionError]] | None = None,
        no_progress_s: float = NO_PROGRESS_S,
    ) -> None:
        self._channel: Channel[Got | Ask | Prepared | Failed] = Channel(
            child.read_fd, child.write_fd, accepts
        )
        self._source = source
        self._unreadable = unreadable
        self._reasons: dict[str, type[TranscriptionError]] = {
            "not_enclosed": NotEnclosedError,
            "memory": unreadable,
            "unreadable": unreadable,
            **(reasons or {}),
        }
        self._no_progress_s = no_progress_s
        self._left_s = no_progress_s
        self._is_prepared = False

    def begin(self, order: SourceFrame) -> Prepared:
        """Tell the child of the file; returns what it says of itself before its first byte.

        Raises `NotEnclosedError` where no walls hold and the order does not allow that.
        """
        try:
            self._channel.send(order)
        except BrokenPipeError:
            raise ProtocolError from None
        frame = self._receive(_START_S)
        if not isinstance(frame, Prepared):
            raise ProtocolError
        if not frame.seccomp and not order.may_be_open:
            raise NotEnclosedError
        self._is_prepared = True
        return frame

    def earn(self, seconds: float) -> None:
        """Give the child more time in all, for what it has delivered."""
        self._left_s += seconds

    def next(self) -> Got:
        """Answer what the child asks until it sends something else.

        Raises `unreadable` when it died or took too long, `ProtocolError` for a message that it
        may not send now, and what the source raises, as it is.
        """
        patience_s = min(self._no_progress_s, self._left_s)
        while True:
            began = time.monotonic()
            frame = self._receive(max(0.0, patience_s))
            waited_s = time.monotonic() - began
            patience_s -= waited_s
            self._left_s -= waited_s
            if isinstance(frame, Ask):
                self._answer(frame)
            elif isinstance(frame, Prepared):
                raise ProtocolError
            else:
                return frame

    def _receive(self, patience_s: float) -> Got | Ask | Prepared:
        try:
            frame = self._channel.receive(patience_s)
        except QuietTooLongError:
            if self._is_prepared:
                raise self._unreadable from None
            raise
        if frame is None:
            # It died: out of memory or time, or a library crashed. Once it has begun to read,
            # all these are the file's doing.
            if self._is_prepared:
                raise self._unreadable
            raise ProtocolError
        if isinstance(frame, Failed):
            raise self._reasons.get(frame.reason, ProtocolError)
        return frame

    def _answer(self, ask: Ask) -> None:
        if ask.offset + ask.size > self._source.size:
            raise ProtocolError
        octets = self._source.read_at(ask.offset, ask.size)
        try:
            self._channel.send(Answer(octets=octets))
        except BrokenPipeError:
            raise self._unreadable from None
