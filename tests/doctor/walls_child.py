"""A child for tests only: puts up one wall around itself and tries what that is to stop."""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import struct
import sys

_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_FILTER = 2
_CREATE, _RESTRICT = 444, 446
_READ_FILE = 1 << 2
_CLONE_NEWUSER = 0x10000000
# Load the number of the system call; refuse every one that makes a socket with EPERM.
_NUMBERS_OF_SOCKET = (41, 198)  # x86-64, and what the newer architectures share


def landlock() -> str:
    """Forbid reading files, and read one."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    handled = ctypes.create_string_buffer(struct.pack("=Q", _READ_FILE), 8)
    ruleset = libc.syscall(ctypes.c_long(_CREATE), handled, ctypes.c_size_t(8), ctypes.c_uint32(0))
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if ruleset < 0 or libc.syscall(ctypes.c_long(_RESTRICT), ctypes.c_int(ruleset), 0) != 0:
        return "none"
    try:
        os.close(os.open("/proc/version", os.O_RDONLY))
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "read"


def seccomp() -> str:
    """Forbid sockets, and make one."""
    libc = ctypes.CDLL(None, use_errno=True)
    lines = [(0x20, 0, 0, 0)]
    for number in _NUMBERS_OF_SOCKET:
        lines += [(0x15, 0, 1, number), (0x06, 0, 0, 0x00050000 | errno.EPERM)]
    lines.append((0x06, 0, 0, 0x7FFF0000))
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in lines))
    program = struct.pack("HxxxxxxP", len(lines), ctypes.addressof(code))
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.create_string_buffer(program), 0, 0) != 0:
        return "none"
    try:
        socket.socket(socket.AF_UNIX).close()
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "made"


def namespaces() -> str:
    """Go into a world of its own."""
    return "given" if ctypes.CDLL(None).unshare(_CLONE_NEWUSER) == 0 else "none"


if __name__ == "__main__":
    tried = {"landlock": landlock, "seccomp": seccomp, "namespaces": namespaces}
    print(tried[sys.argv[1]]())  # noqa: T201  # told
