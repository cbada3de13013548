"""A child for tests only: limits itself as the decoder does, then tries what it must not.

Prints nothing; answers each attempt as one JSON line on the pipe of frames.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import sys
from pathlib import Path

from transcription.confining import confine_child, limit_decoder

_LIMITS = ("AS", "CPU", "FSIZE", "NPROC", "NOFILE", "CORE")
_PR_GET_PDEATHSIG = 2
_PR_GET_DUMPABLE = 3


def _take_two_gib() -> str:
    try:
        bytearray(2 * 1024**3)
    except MemoryError:
        return "refused"
    return "taken"


def _write_a_file(path: Path) -> str:
    try:
        path.write_bytes(b"planted")
    except OSError as error:
        return type(error).__name__
    finally:
        path.unlink(missing_ok=True)
    return "written"


def main() -> None:
    """Report, as one JSON object, the limits and what was refused."""
    read_fd, write_fd = confine_child()
    if os.read(read_fd, 1) == b"!":
        limit_decoder(60)
    death = ctypes.c_int()
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_GET_PDEATHSIG, ctypes.byref(death), 0, 0, 0)
    report = {
        "limits": {name: resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))
                   for name in _LIMITS},
        "dumpable": libc.prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0),
        "death_signal": death.value,
        "two_gib": _take_two_gib(),
        "file": _write_a_file(Path(f"/tmp/intake-hostile-{os.getpid()}")),  # noqa: S108  # planted
        "environment": sorted(os.environ),
        "path_has_cwd": "" in sys.path or "/" in sys.path,
        "open_files": sorted(int(name) for name in os.listdir("/proc/self/fd")),  # noqa: PTH208
    }  # fmt: skip
    print("a library that prints")  # noqa: T201  # must not reach the pipe of frames
    os.write(write_fd, json.dumps(report).encode())


if __name__ == "__main__":
    main()
