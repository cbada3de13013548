"""Whose turn it is to transcribe on this computer: one at a time, a running recording first.

Of one vault, one thread transcribes at a time: it holds a lock on a file that every vault has. And
of one person's vaults, one: by an empty file in the folder that the system gives a session (on a
disk that lives in memory). The second lock only keeps two from slowing each other down, so where
there is no such folder it is left out.

An interview that goes on is followed in stretches of seconds; a queue works for hours. Who follows
holds a second door shut from when they want a turn until they had it: whoever has the turn looks at
that door now and then, and gives way.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from intake.jobs import CancelToken

_OF_VAULT: Final = "vault.toml"
_LOCK: Final = "intake-transcription.lock"
_FIRST_OF_VAULT: Final = "public.toml"
_FIRST: Final = "intake-transcription-first.lock"
_LOOK_S: Final = 0.2
_PRIVATE: Final = 0o600


class Turn:
    """A turn that is held. Of one thread."""

    def __init__(self, token: CancelToken, vault: Path) -> None:
        self._token = token
        self._doors = _doors(vault, _OF_VAULT, _LOCK)
        self._first = _doors(vault, _FIRST_OF_VAULT, _FIRST)

    @property
    def is_awaited(self) -> bool:
        """Whether somebody who goes first waits for it. Two calls of the system."""
        return not all(map(_is_free, self._first))

    def give_way(self) -> None:
        """Leave the turn to who goes first, and take it again after them (`CancelledError`)."""
        self.leave()
        self.take()

    def take(self, *, first: bool = False) -> None:
        """Wait for the turn, behind everybody who goes first unless one of them asks."""
        for door in self._first:
            self._wait_until(_held if first else _is_free, door)
        for door in self._doors:
            self._wait_until(_held, door)

    def leave(self) -> None:
        """Let others have it; safe twice."""
        for door in (*self._doors, *self._first):
            fcntl.flock(door, fcntl.LOCK_UN)

    def close(self) -> None:
        """Leave it, for good."""
        for door in (*self._doors, *self._first):
            os.close(door)

    def _wait_until(self, is_so: Callable[[int], bool], door: int) -> None:
        while not is_so(door):
            self._token.wait(_LOOK_S)
            self._token.raise_if_cancelled()


@contextmanager
def one_at_a_time(token: CancelToken, vault: Path, *, first: bool = False) -> Iterator[Turn]:
    """Wait until nobody else transcribes here, and hold others off for the block.

    `vault` is the vault's folder. With `first` whoever has the turn is asked to give way, and
    nobody else gets it before. Raises `CancelledError` while it waits.
    """
    turn = Turn(token, vault)
    try:
        turn.take(first=first)
        yield turn
    finally:
        turn.close()


def _doors(vault: Path, of_vault: str, of_person: str) -> tuple[int, ...]:
    """Open what is locked: a file of the vault, and one of the person, where they can be."""
    found = [_opened(vault / of_vault, os.O_RDONLY)]
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    if folder.startswith("/"):
        found.append(_opened(Path(folder) / of_person, os.O_RDWR | os.O_CREAT))
    return tuple(one for one in found if one is not None)


def _opened(path: Path, how: int) -> int | None:
    try:
        return os.open(path, how | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, _PRIVATE)
    except OSError:
        return None


def _held(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks: nothing is held
    return True


def _is_free(descriptor: int) -> bool:
    """Shared: looking must not make another who looks believe that somebody waits."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
