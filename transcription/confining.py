"""What a process of ours does to itself before it does anything else.

Every process: no core file, memory not readable by others of the same user, files for this user
alone, no tracebacks of the interpreter. Every child besides: dies with its parent, ignores Ctrl+C
(the parent decides), and keeps standard output for frames alone. The decoder, which reads foreign
bytes, also limits what it may take from the machine.
"""

from __future__ import annotations

import ctypes
import faulthandler
import os
import resource
import signal

_PR_SET_PDEATHSIG = 1
_PR_GET_DUMPABLE = 3
_PR_SET_DUMPABLE = 4
_PRIVATE = 0o077
# The same number on every architecture: it came after they were made alike.
_SYS_LANDLOCK_CREATE_RULESET = 444
_LANDLOCK_CREATE_RULESET_VERSION = 1

ADDRESS_SPACE_BYTES = 1024 * 1024 * 1024
OPEN_FILES = 16


def harden_process() -> bool:
    """Leave nothing of this process's memory to the disk or to others. Lasts until it is replaced.

    No core file, not dumpable (so neither a debugger of the same user nor a crash reporter reads
    its memory), new files for this user alone, no faulthandler. Returns whether the system did
    all of it; where it cannot (not Linux), the rest is done all the same.
    """
    os.umask(_PRIVATE)
    faulthandler.disable()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        _prctl(_PR_SET_DUMPABLE, 0)
    except (OSError, AttributeError):
        return False
    return True


def is_dumpable() -> bool:
    """Tell whether a crash or a debugger of the same user could have this process's memory."""
    try:
        return _prctl(_PR_GET_DUMPABLE, 0) != 0
    except (OSError, AttributeError):
        return True


def landlock_abi() -> int:
    """Return the version of Landlock that the running kernel offers, 0 = none."""
    try:
        call = ctypes.CDLL(None).syscall
        call.restype = ctypes.c_long
        version: int = call(
            ctypes.c_long(_SYS_LANDLOCK_CREATE_RULESET), None, ctypes.c_size_t(0),
            ctypes.c_uint32(_LANDLOCK_CREATE_RULESET_VERSION),
        )  # fmt: skip
    except (OSError, AttributeError):
        return 0
    return max(0, version)


def _prctl(option: int, value: int) -> int:
    """Call prctl. Raises OSError where it is refused, AttributeError where there is none."""
    libc = ctypes.CDLL(None, use_errno=True)
    result: int = libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0)
    if result < 0:
        raise OSError(ctypes.get_errno(), "prctl was refused")
    return result


def confine_child() -> tuple[int, int]:
    """Harden this process and take its standard pipes: returns (read fd, write fd) for frames.

    Afterwards descriptor 0 reads nothing and descriptor 1 is standard error, so that a library
    that prints cannot break the protocol. Raises OSError where the system refuses.
    """
    if not harden_process():
        raise OSError("prctl was refused")
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # A parent that went before the death signal was set is noticed by the end of the pipe.
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
