"""The walls around a child that reads foreign bytes: no file, no network, no other program.

`enclose` is called once, after everything was loaded that the work needs (a module that is
imported later is a file that is opened) and before the first hostile byte:

    read_fd, write_fd = confine_child()          # not dumpable, dies with its parent
    warm_up()                                    # the same work on harmless bytes of our own
    walls = enclose(keep=(read_fd, write_fd), cpu_s=60)
    if not walls.is_closed and not allowed: ...  # say so, and read nothing

The order inside: limits, descriptors, no new privileges, Landlock without a rule, seccomp.
Everything holds until the process ends; nothing can take it back.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transcription.confining import (
    ADDRESS_SPACE_BYTES,
    close_others,
    filter_calls,
    limit_child,
    refuse_privileges,
    refuses_files_and_network,
    shut_off_files,
)
from transcription.filtering import call_filter

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["Enclosure", "enclose"]


@dataclass(frozen=True, slots=True)
class Enclosure:
    """Which walls took hold."""

    landlock: int
    """Version of Landlock that keeps this process from all files, 0 = it does not."""
    seccomp: bool
    """Whether the filter of system calls holds: it was set, and then it was tried."""

    @property
    def is_closed(self) -> bool:
        """Whether no file, no network and no other program can be reached.

        The filter alone gives all three. Landlock is a second wall before the files; alone it
        would leave UDP, local sockets and new processes.
        """
        return self.seccomp


def enclose(
    *,
    keep: Collection[int],
    cpu_s: int,
    memory_bytes: int = ADDRESS_SPACE_BYTES,
    allow_threads: bool = False,
) -> Enclosure:
    """Shut this process off, for good. Returns what took hold; never raises for a missing wall.

    `keep`: descriptors that stay open besides 0, 1 and 2. `cpu_s`: processor time until it is
    killed, counted from its start. `memory_bytes`: address space. Without `allow_threads` no
    thread can begin either: start those that are needed first.

    The limits are set in any case (OSError where even that is refused). The caller must look at
    `is_closed` and must not read a foreign byte without it, unless a person allowed just that.
    """
    limit_child(cpu_s, memory_bytes=memory_bytes, allow_threads=allow_threads)
    close_others(keep)
    wanted = call_filter(os.uname().machine, allow_threads=allow_threads)
    if not refuse_privileges():
        return Enclosure(landlock=0, seccomp=False)
    landlock = shut_off_files()
    is_set = wanted is not None and filter_calls(wanted)
    return Enclosure(landlock=landlock, seccomp=is_set and refuses_files_and_network())
