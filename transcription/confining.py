"""What a process of ours does to itself before it does anything else.

Every process: no core file, memory not readable by others of the same user, files for this user
alone, no tracebacks of the interpreter. Every child besides: dies with its parent, ignores Ctrl+C
(the parent decides), and keeps standard output for frames alone. A child that reads foreign bytes
besides limits what it may take from the machine, and shuts itself off from files, network and
programs: `transcription.sandbox` puts these steps in order.
"""

from __future__ import annotations

import ctypes
import errno
import faulthandler
import os
import resource
import signal
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

_PR_SET_PDEATHSIG = 1
_PR_GET_DUMPABLE = 3
_PR_SET_DUMPABLE = 4
_PRIVATE = 0o077
# The same number on every architecture: it came after they were made alike.
_SYS_LANDLOCK_CREATE_RULESET = 444
_SYS_LANDLOCK_RESTRICT_SELF = 446
_LANDLOCK_CREATE_RULESET_VERSION = 1
# Rights over files: 13 at first; refer, truncate and ioctl on devices came with these versions.
_FS_BITS_SINCE = (2, 3, 5)
_ABI_NET = 4
_ABI_SCOPES = 6
_NET_RIGHTS = 3  # bind and connect, TCP
_SCOPES = 3  # abstract local sockets, signals to others
_PR_SET_NO_NEW_PRIVS = 38
_SYS_SECCOMP = {"x86_64": 317, "aarch64": 277}
_SECCOMP_SET_MODE_FILTER = 1
_SECCOMP_FLAG_TSYNC = 1
_AF_UNIX, _SOCK_STREAM = 1, 1
_PAST_ALL = 1 << 20

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


def limit_child(
    cpu_s: int, *, memory_bytes: int = ADDRESS_SPACE_BYTES, allow_threads: bool = False
) -> None:
    """Set the limits of a process about to read foreign bytes; they cannot be raised again.

    `memory_bytes` of address space, `cpu_s` seconds of processor time, no file
    may grow, no new process (nor thread, unless allowed; not held against root), few open files,
    no core.
    """
    limits = {
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_CPU: cpu_s,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    if not allow_threads:
        limits[resource.RLIMIT_NPROC] = 0
    for limit, value in limits.items():
        # A limit that somebody set lower before stays: it can only be lowered.
        most = resource.getrlimit(limit)[1]
        lower = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(limit, (lower, lower))


def close_others(keep: Collection[int]) -> None:
    """Close every descriptor but 0, 1, 2 and those to keep."""
    start = 3
    for descriptor in sorted({*keep, _PAST_ALL}):
        if descriptor > start:
            os.closerange(start, descriptor)
        start = max(start, descriptor + 1)


def refuse_privileges() -> bool:
    """Never gain a privilege again, by whatever program; what the walls below need first."""
    try:
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    except (OSError, AttributeError):
        return False
    return True


def shut_off_files() -> int:
    """Give up all files by Landlock without a rule, and what else its version can take away.

    Returns that version, 0 where it did not take hold of the whole process: it binds the thread
    that calls and those that begin later, so a process that has several already gets none.
    Descriptors that are open stay as they are.
    """
    version = landlock_abi()
    if version == 0 or len(os.listdir("/proc/self/task")) != 1:  # noqa: PTH208  # one call, no objects
        return 0
    handled = struct.pack("=QQQ", _fs_rights(version), _NET_RIGHTS, _SCOPES)
    size = 24 if version >= _ABI_SCOPES else 16 if version >= _ABI_NET else 8
    asked = ctypes.create_string_buffer(handled[:size], size)
    try:
        ruleset = _syscall(_SYS_LANDLOCK_CREATE_RULESET, ctypes.addressof(asked), size, 0)
        try:
            _syscall(_SYS_LANDLOCK_RESTRICT_SELF, ruleset, 0)
        finally:
            os.close(ruleset)
    except (OSError, AttributeError):
        return 0
    return version


def _fs_rights(version: int) -> int:
    """Return every right over files that this version of Landlock knows."""
    bits = 13
    for since in _FS_BITS_SINCE:
        bits += version >= since
    return (1 << bits) - 1


def filter_calls(program: bytes) -> bool:
    """Set a filter of system calls on every thread of this process; tell whether it was taken."""
    number = _SYS_SECCOMP.get(os.uname().machine)
    if number is None:
        return False
    code = ctypes.create_string_buffer(program, len(program))
    lines = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    asked = ctypes.create_string_buffer(lines, len(lines))
    try:
        return (
            _syscall(number, _SECCOMP_SET_MODE_FILTER, _SECCOMP_FLAG_TSYNC, ctypes.addressof(asked))
            == 0
        )
    except (OSError, AttributeError):
        return False


def refuses_files_and_network() -> bool:
    """Try to open a file and to make a socket; tell whether both were refused with EPERM."""
    try:
        os.close(os.open("/", os.O_RDONLY))
    except PermissionError as error:
        # Landlock says EACCES: then the filter below it did not see the call.
        if error.errno != errno.EPERM:
            return False
    except OSError:
        return False
    else:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    made: int = libc.socket(_AF_UNIX, _SOCK_STREAM, 0)
    return made < 0 and ctypes.get_errno() == errno.EPERM


def _syscall(number: int, *arguments: int) -> int:
    """Make a system call by its number. Raises OSError where it is refused."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    result: int = libc.syscall(*(ctypes.c_long(value) for value in (number, *arguments)))
    if result < 0:
        raise OSError(ctypes.get_errno(), "a system call was refused")
    return result
