"""A child that encloses itself as the decoder does, and then tries what the walls forbid.

    python -m transcription.probing     (started by `try_walls`, spoken to over its pipes)

So that `intake doctor` says what happens on this computer, not what a kernel of its age should do.
It does no harm where no wall stands: the file it opens is a folder, the socket is given back
unused, the fork ends at once, memory is asked for and not touched. A socket of the internet is
tried only after a local one was refused: on no computer does Intake make one.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from transcription.confining import confine_child
from transcription.errors import ProtocolError
from transcription.frames import AnyFrame, Channel, Prepared
from transcription.launching import launch
from transcription.sandbox import Enclosure, enclose

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ATTEMPTS", "Tried", "Walls", "try_walls"]

Attempt = Literal["open", "connect", "fork", "memory", "exec"]
ATTEMPTS: tuple[Attempt, ...] = ("open", "connect", "fork", "memory", "exec")
"""In the order in which they are tried; after an exec that is not refused nobody can tell."""

_CPU_S = 20
_PATIENCE_S = 20.0
_TWO_GIB = 2 * 1024**3
_AF_UNIX, _AF_INET, _SOCK_STREAM, _SOCK_DGRAM = 1, 2, 1, 2
_SOCKETS = ((_AF_UNIX, _SOCK_STREAM), (_AF_INET, _SOCK_STREAM), (_AF_INET, _SOCK_DGRAM))


class Tried(AnyFrame, frozen=True, tag="tried"):
    """From the probing child: whether an attempt was refused."""

    attempt: Attempt
    is_refused: bool


FromProbe = Prepared | Tried


@dataclass(frozen=True, slots=True)
class Walls:
    """What stands around the children that read foreign bytes on this computer, as tried."""

    enclosure: Enclosure
    open_to: tuple[Attempt, ...]
    """What such a child could do all the same; empty is what it should be."""

    @property
    def are_closed(self) -> bool:
        """Whether they took hold, and held in every attempt."""
        return self.enclosure.is_closed and not self.open_to


def try_walls(module: str = "transcription.probing") -> Walls | None:
    """Run the probing child; None where that was not possible. Takes a tenth of a second."""
    try:
        child = launch(module, cpu_threads=1)
    except OSError:
        return None
    try:
        channel: Channel[FromProbe] = Channel(child.read_fd, child.write_fd, FromProbe)
        prepared = channel.receive(_PATIENCE_S)
        if not isinstance(prepared, Prepared):
            return None
        refused: set[Attempt] = set()
        while isinstance(frame := channel.receive(_PATIENCE_S), Tried):
            refused |= {frame.attempt} if frame.is_refused else set()
    except ProtocolError:
        return None
    finally:
        child.kill()
        child.stop()
    walls = Enclosure(landlock=prepared.landlock, seccomp=prepared.seccomp)
    return Walls(walls, tuple(attempt for attempt in ATTEMPTS if attempt not in refused))


def _opens() -> bool:
    os.close(os.open("/", os.O_RDONLY))
    return True


def _connects() -> bool:
    libc = ctypes.CDLL(None)
    for family, kind in _SOCKETS:
        made: int = libc.socket(family, kind, 0)
        if made >= 0:
            os.close(made)
            return True
    return False


def _forks() -> bool:
    libc = ctypes.CDLL(None)
    child: int = libc.fork()
    if child == 0:
        os._exit(0)
    if child > 0:
        libc.waitpid(child, None, 0)
    return child > 0


def _takes_memory() -> bool:
    mmap.mmap(-1, _TWO_GIB).close()
    return True


def _execs() -> bool:
    words = (ctypes.c_char_p * 5)(sys.executable.encode(), b"-I", b"-c", b"", None)
    ctypes.CDLL(None).execve(words[0], words, (ctypes.c_char_p * 1)(None))
    return False  # here only if it was refused


_TRIED: dict[Attempt, Callable[[], bool]] = {
    "open": _opens,
    "connect": _connects,
    "fork": _forks,
    "memory": _takes_memory,
    "exec": _execs,
}


def _succeeds(attempt: Attempt) -> bool:
    try:
        return _TRIED[attempt]()
    except OSError:
        return False


def main() -> None:
    """Enclose this process and try everything."""
    read_fd, write_fd = confine_child()
    channel: Channel[AnyFrame] = Channel(read_fd, write_fd, FromProbe)
    ctypes.CDLL(None)
    walls = enclose(keep=(read_fd, write_fd), cpu_s=_CPU_S)
    channel.send(Prepared(landlock=walls.landlock, seccomp=walls.seccomp, tool="Intake"))
    for attempt in ATTEMPTS:
        channel.send(Tried(attempt=attempt, is_refused=not _succeeds(attempt)))


if __name__ == "__main__":
    main()
