"""What the system tells about a running process: its limits, its words, and who may look inside."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

_PATIENCE_S = 60


def as_anybody() -> list[str]:
    """Return what stands before a command to run it as a user without privileges.

    Root may look into every process. So both sides run as the same user without any capability:
    root's own number, since a test's folders belong to it.
    """
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("setpriv is not installed, and root may look into every process")
    return [setpriv, "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all"]


def wait_until(condition: Callable[[], object], process: subprocess.Popen[bytes]) -> None:
    """Look until it holds; fail when the process ends first, or after a minute."""
    ends = time.monotonic() + _PATIENCE_S
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < ends, Path(f"/proc/{process.pid}/status").read_text()


def status(pid: int, name: str) -> str:
    """Return a line of /proc/PID/status."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return line.partition(":")[2].strip()
    return ""


def core_limit(pid: int) -> list[str]:
    """Return the soft and hard limit of core files."""
    for line in Path(f"/proc/{pid}/limits").read_text().splitlines():
        if line.startswith("Max core file size"):
            return line.split()[4:6]
    return []


def words_of(pid: int) -> bytes:
    """Return everything of a process that other programs of the same machine can list."""
    parts = [_read(Path(f"/proc/{pid}/{name}")) for name in ("cmdline", "environ", "comm")]
    threads = Path(f"/proc/{pid}/task").glob("*/comm")
    return b"\0".join([*parts, *(file.read_bytes() for file in threads)])


def _read(file: Path) -> bytes:
    """Read it, once more where the process was just being replaced."""
    try:
        return file.read_bytes()
    except ProcessLookupError:
        return file.read_bytes()


_PEER = """
import sys
for name in ("mem", "environ", "maps"):
    try:
        open(f"/proc/{sys.argv[1]}/{name}", "rb").close()
    except PermissionError:
        continue
    print(name)
"""


def seen_by_a_peer(pid: int) -> list[str]:
    """Return what another process of the same user, without privileges, could open of this one."""
    done = subprocess.run(
        [*as_anybody(), sys.executable, "-I", "-c", _PEER, str(pid)],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()
