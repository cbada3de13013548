"""A child for tests only: what a decoder could do that a file has taken over.

Hears one byte: `!` and it encloses itself first, as the decoder does; `-` and it does not; `t`
encloses it with threads allowed. Then it tries what it must not, each attempt by Python's own
means, answers with one JSON line on the pipe of frames, and waits to be looked at from outside.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import mmap
import os
import resource
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from transcription.confining import confine_child
from transcription.sandbox import enclose

if TYPE_CHECKING:
    from collections.abc import Callable

_PR_GET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_GET_DUMPABLE = 2, 4, 3
_SYS = {"x86_64": {"io_uring_setup": 425, "bpf": 321, "keyctl": 250, "ptrace": 101,
                   "process_vm_readv": 310, "memfd_create": 319, "unshare": 272, "mount": 165,
                   "clone3": 435, "userfaultfd": 323, "perf_event_open": 298, "kill": 62},
        "aarch64": {"io_uring_setup": 425, "bpf": 280, "keyctl": 219, "ptrace": 117,
                    "process_vm_readv": 270, "memfd_create": 279, "unshare": 97, "mount": 40,
                    "clone3": 435, "userfaultfd": 282, "perf_event_open": 241, "kill": 129},
        }  # fmt: skip


def _two_gib() -> None:
    mmap.mmap(-1, 2 * 1024**3).close()  # asked for and never touched: others need it


def _read_a_file() -> None:
    Path(sys.executable).open("rb").close()


def _write_a_file() -> None:
    path = Path(f"/tmp/intake-hostile-{os.getpid()}")  # noqa: S108  # planted
    try:
        path.write_bytes(b"planted")
    finally:
        path.unlink(missing_ok=True)


def _connect(family: int, kind: int, address: object) -> Callable[[], object]:
    def attempt() -> None:
        # Reached, where nobody listens.
        nobody = contextlib.suppress(ConnectionRefusedError, FileNotFoundError)
        with socket.socket(family, kind) as made, nobody:
            made.connect(address)  # type: ignore[arg-type]  # one for each family

    return attempt


def _fork() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def _exec_elsewhere() -> None:
    # A spawn by the C library: a fork and an exec in one, so that this process goes on.
    os.waitpid(os.posix_spawn(sys.executable, [sys.executable, "-I", "-c", ""], {}), 0)


def _exec_here() -> None:
    os.execv("/nowhere/at/all", ["x"])  # noqa: S606  # not there: EPERM only if it is forbidden


def _thread() -> None:
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()


def _own_code() -> None:
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()


def _call(name: str) -> Callable[[], object]:
    def attempt() -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        number = _SYS[os.uname().machine][name]
        arguments = (ctypes.c_long(0) for _ in range(6))
        if libc.syscall(ctypes.c_long(number), *arguments) < 0:
            raise OSError(ctypes.get_errno(), "refused")

    return attempt


def _stay_dumpable() -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "refused")


ATTEMPTS: dict[str, Callable[[], object]] = {
    "two_gib": _two_gib,
    "read": _read_a_file,
    "write": _write_a_file,
    "tcp": _connect(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 9)),
    "udp": _connect(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 9)),
    "unix": _connect(socket.AF_UNIX, socket.SOCK_STREAM, "/nowhere"),
    "pair": lambda: [one.close() for one in socket.socketpair()],
    "fork": _fork,
    "spawn": _exec_elsewhere,
    "exec": _exec_here,
    "thread": _thread,
    "own_code": _own_code,
    "dumpable": _stay_dumpable,
    "list": lambda: os.listdir("/"),  # noqa: PTH208  # one call
    "stat": lambda: os.stat("/"),  # noqa: PTH116  # one call
    "chdir": lambda: os.chdir("/"),
    "limits": lambda: resource.setrlimit(resource.RLIMIT_CPU, (1, 1)),
    "kill": lambda: os.kill(os.getppid(), 0),
    "signal_itself": lambda: signal.pthread_kill(threading.get_ident(), 0),
    **{name: _call(name) for name in _SYS["x86_64"]},
}


def _outcome(attempt: Callable[[], object]) -> str:
    """Return "done", or how it was refused."""
    try:
        attempt()
    except MemoryError:
        return "MemoryError"
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, type(error).__name__)
    except (RuntimeError, ValueError) as error:  # a thread, a limit: Python tells no number
        return type(error).__name__
    return "done"


def _of_this_process() -> dict[str, object]:
    """Look at what no wall forbids to look at, before any stands."""
    death = ctypes.c_int()
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_GET_PDEATHSIG, ctypes.byref(death), 0, 0, 0)
    return {
        "dumpable_before": libc.prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0),
        "death_signal": death.value,
        "environment": sorted(os.environ),
        "path_has_cwd": "" in sys.path or "/" in sys.path,
        "open_files": sorted(int(name) for name in os.listdir("/proc/self/fd")),  # noqa: PTH208
    }


def _enclosed(order: bytes, keep: tuple[int, int]) -> dict[str, object]:
    left_open = os.open("/", os.O_RDONLY)
    if order == b"-":
        return {"left_open": "open"}
    walls = enclose(keep=keep, cpu_s=60, allow_threads=order == b"t")
    try:
        os.fstat(left_open)
    except OSError:
        return {"landlock": walls.landlock, "seccomp": walls.seccomp, "left_open": "closed"}
    return {"landlock": walls.landlock, "seccomp": walls.seccomp, "left_open": "open"}


def main() -> None:
    """Report, as one JSON object, the limits and what became of each attempt."""
    read_fd, write_fd = confine_child()
    order = os.read(read_fd, 1)
    report = _of_this_process()
    report |= _enclosed(order, (read_fd, write_fd))
    report |= {name: _outcome(attempt) for name, attempt in ATTEMPTS.items()}
    print("a library that prints")  # noqa: T201  # must not reach the pipe of frames
    os.write(write_fd, json.dumps(report).encode() + b"\n")
    os.read(read_fd, 1)  # looked at from outside meanwhile


if __name__ == "__main__":
    main()
