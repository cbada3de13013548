"""Starting the program as a child with a home of its own, and under a trace of system calls."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CALLS = "socket,connect,bind,open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2,"
CALLS += "link,linkat,symlink,symlinkat"


def own_environment(base: Path) -> dict[str, str]:
    """Make a home, a temp folder and a current folder; return the whole environment."""
    for name in ("home", "tmp", "cwd"):
        (base / name).mkdir(parents=True)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(base / "home"),
        "TMPDIR": str(base / "tmp"),
        "XDG_CACHE_HOME": str(base / "home" / ".cache"),
        "XDG_CONFIG_HOME": str(base / "home" / ".config"),
        "XDG_DATA_HOME": str(base / "home" / ".local" / "share"),
        "XDG_STATE_HOME": str(base / "home" / ".local" / "state"),
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "LC_ALL": "C.UTF-8",
    }


def traced(trace: Path) -> list[str]:
    """Return what stands before a command to trace it and all its children; empty without."""
    strace = shutil.which("strace")
    if strace is None:
        return []
    return [strace, "--seccomp-bpf", "-f", "-qq", "-y", "-e", f"trace={CALLS}", "-o", str(trace)]
