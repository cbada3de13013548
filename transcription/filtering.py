"""The list of system calls that an enclosed child may still make, as a filter for the kernel.

A list of what is allowed, not of what is forbidden: a call that came with a newer kernel is
refused before anybody here has heard of it. What is not on it is answered with EPERM, so that a
library which only tries goes another way, and a file ends as a sentence; a call by the numbers
of another architecture ends the process. Pure: this module makes the bytes, it sets nothing.
"""

from __future__ import annotations

import errno
import struct
from dataclasses import dataclass
from typing import Final

__all__ = ["MACHINES", "SUPPORTED", "call_filter"]


@dataclass(frozen=True, slots=True)
class _Machine:
    """An architecture: its mark in the kernel, and its column in the tables of numbers."""

    audit: int
    column: int
    above: int
    """Numbers from here on belong to another way of calling (x32), 0 = there is none."""


MACHINES: Final = {
    "x86_64": _Machine(0xC000003E, 0, 0x40000000),
    "aarch64": _Machine(0xC00000B7, 1, 0),
}
"""By the name that `os.uname` gives. Elsewhere there is no filter, and so no enclosure."""

SUPPORTED: Final = tuple(MACHINES)

_NONE: Final = -1
# Memory, time, the pipes that are open already, and the end. Numbers: x86-64, 64-bit ARM.
_ALLOWED: Final = {
    "read": (0, 63),
    "write": (1, 64),
    "readv": (19, 65),
    "writev": (20, 66),
    "futex": (202, 98),
    "munmap": (11, 215),
    "mremap": (25, 216),
    "brk": (12, 214),
    "madvise": (28, 233),
    "poll": (7, _NONE),
    "ppoll": (271, 73),
    "close": (3, 57),
    "fstat": (5, 80),
    "lseek": (8, 62),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101),
    "gettimeofday": (96, 169),
    "getrandom": (318, 278),
    "getpid": (39, 172),
    "gettid": (186, 178),
    "getrusage": (98, 165),
    "sysinfo": (99, 179),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "restart_syscall": (219, 128),
    "exit": (60, 93),
    "exit_group": (231, 94),
}
# What the C library does besides when it makes a thread.
_FOR_THREADS: Final = {
    "set_robust_list": (273, 99),
    "rseq": (334, 293),
    "getcpu": (309, 168),
    "membarrier": (324, 283),
    "sched_setaffinity": (203, 122),
}
_MMAP: Final = (9, 222)
_MPROTECT: Final = (10, 226)
_CLONE: Final = (56, 220)
_CLONE3: Final = (435, 435)

_PROT_EXEC: Final = 4
_CLONE_THREAD: Final = 0x00010000

# struct seccomp_data: number, architecture, instruction pointer, six arguments of 64 bits.
_NUMBER_AT, _MACHINE_AT, _ARGUMENTS_AT = 0, 4, 16
_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050000
_KILL_PROCESS: Final = 0x80000000
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _IF_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_Line = tuple[int, int, int, int]


def call_filter(machine: str, *, allow_threads: bool) -> bytes | None:
    """Make the filter for an architecture; None where its numbers are not known.

    `allow_threads`: further threads of the same process may begin (never a process).
    """
    kind = MACHINES.get(machine)
    if kind is None:
        return None
    lines = _of_this_machine(kind)
    allowed = _ALLOWED | (_FOR_THREADS if allow_threads else {})
    for numbers in allowed.values():
        lines += _answer(numbers[kind.column], _ALLOW)
    # clone3 passes its flags where a filter cannot look; "no such call" makes libc take clone.
    lines += _answer(_CLONE3[kind.column], _REFUSE | errno.ENOSYS)
    for numbers in (_MMAP, _MPROTECT):
        lines += _by_bit(numbers[kind.column], 2, _PROT_EXEC, with_it=False)
    if allow_threads:
        lines += _by_bit(_CLONE[kind.column], 0, _CLONE_THREAD, with_it=True)
    lines.append((_RETURN, 0, 0, _REFUSE | errno.EPERM))
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


def _of_this_machine(kind: _Machine) -> list[_Line]:
    """Load the number of the call; end the process if it is a call of another architecture."""
    lines: list[_Line] = [
        (_LOAD, 0, 0, _MACHINE_AT),
        (_IF_EQUAL, 1, 0, kind.audit),
        (_RETURN, 0, 0, _KILL_PROCESS),
        (_LOAD, 0, 0, _NUMBER_AT),
    ]
    if kind.above:
        lines += [(_IF_AT_LEAST, 0, 1, kind.above), (_RETURN, 0, 0, _KILL_PROCESS)]
    return lines


def _answer(number: int, answer: int) -> list[_Line]:
    """Answer one call, whatever its arguments."""
    return [] if number == _NONE else [(_IF_EQUAL, 0, 1, number), (_RETURN, 0, 0, answer)]


def _by_bit(number: int, argument: int, bit: int, *, with_it: bool) -> list[_Line]:
    """Allow one call with, or without, a bit of an argument's lower half."""
    with_bit, without = (_ALLOW, _REFUSE | errno.EPERM)[:: 1 if with_it else -1]
    return [
        (_IF_EQUAL, 0, 4, number),
        (_LOAD, 0, 0, _ARGUMENTS_AT + 8 * argument),
        (_IF_ANY_BIT, 0, 1, bit),
        (_RETURN, 0, 0, with_bit),
        (_RETURN, 0, 0, without),
    ]
