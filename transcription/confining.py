"""What a child does to itself before it does anything else.

Every child: no core file, memory not readable by others of the same user, dies with its
parent, ignores Ctrl+C (the parent decides), and keeps standard output for frames alone.
The decoder, which reads foreign bytes, also limits what it may take from the machine.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4

ADDRESS_SPACE_BYTES = 1024 * 1024 * 1024
OPEN_FILES = 16


def confine_child() -> tuple[int, int]:
    """Harden this process and take its standard pipes: returns (read fd, write fd) for frames.

    Afterwards descriptor 0 reads nothing and descriptor 1 is standard error, so that a library
    that prints cannot break the protocol. Raises OSError where the system refuses.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    for option, value in ((_PR_SET_DUMPABLE, 0), (_PR_SET_PDEATHSIG, signal.SIGKILL)):
        if libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl was refused")
    # A parent that went before the death signal was set is noticed by the end of the pipe.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    read_fd, write_fd = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return read_fd, write_fd


def limit_decoder(cpu_s: int) -> None:
    """Set the limits of a process about to read foreign bytes; they cannot be raised again.

    1 GiB of address space, `cpu_s` seconds of processor time, no file may grow, no new process
    or thread (not held against root), few open files, no core.
    """
    for limit, value in (
        (resource.RLIMIT_AS, ADDRESS_SPACE_BYTES),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
