"""Start our own child processes, in one place and one way.

A child is a module of ours, run by this interpreter in isolated mode (`-I`: no PYTHON*
variables, no user site, no current folder on the path) with three pipes and an environment
built from nothing. What it prints as errors goes to a small buffer that nobody shows, since a
library may put a path or a word of testimony there.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

_ROOT = Path(__file__).resolve().parent.parent

# The folder that holds our packages comes first only where it is not on the path already
# (a checkout): isolated mode keeps it away otherwise. Closed to others before a library is loaded.
_BOOT = (
    "import runpy, sys\n"
    "root, module = sys.argv[1:3]\n"
    "del sys.argv[1:3]\n"
    "if root not in sys.path: sys.path.insert(0, root)\n"
    "from transcription.confining import harden_process\n"
    "harden_process()\n"
    "runpy.run_module(module, run_name='__main__', alter_sys=True)\n"
)

_ERROR_BYTES_KEPT = 16 * 1024
_PIPE_BYTES = 1024 * 1024
_PATIENCE_S = 3.0

# What the dynamic linker and Windows need to start the same interpreter again.
_INHERITED = ("LD_LIBRARY_PATH", "SYSTEMROOT")


def clean_environment(cpu_threads: int | None = None) -> dict[str, str]:
    """Build the whole environment of a child: offline switches, threads, nothing of a person."""
    environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    environment |= {
        "LC_ALL": "C.UTF-8",
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "ORT_DISABLE_TELEMETRY": "1",  # the locked version has none; a later one would send
    }
    if cpu_threads is not None:
        environment["OMP_NUM_THREADS"] = str(cpu_threads)
    return environment


class Child:
    """A running child with its pipes. `stop` is safe to call at any time, also twice."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._stdin = _present(process.stdin)
        self._stdout = _present(process.stdout)
        self._complaints = bytearray()
        self._drain = threading.Thread(
            target=self._drain_errors, args=(_present(process.stderr),), daemon=True
        )
        self._drain.start()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def read_fd(self) -> int:
        """What the child sends."""
        return self._stdout.fileno()

    @property
    def write_fd(self) -> int:
        """What the child hears."""
        return self._stdin.fileno()

    def ran_out_of_memory(self) -> bool:
        """Whether the child, now ended, complained about memory. Nothing else is told of it."""
        self._drain.join(_PATIENCE_S)
        return b"MemoryError" in self._complaints or b"bad_alloc" in self._complaints

    def has_ended(self, patience_s: float = 0.5) -> bool:
        """Whether the child has ended, or does so within `patience_s`."""
        try:
            self._process.wait(patience_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """End the child at once. Its pipes stay open, so a reader sees the end of the stream."""
        self._process.kill()

    def stop(self) -> None:
        """End the child politely, after three seconds by force, and close every pipe."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_PATIENCE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()
        self._drain.join(_PATIENCE_S)
        for pipe in (self._stdin, self._stdout):
            with contextlib.suppress(OSError):
                pipe.close()

    def _drain_errors(self, stderr: IO[bytes]) -> None:
        with stderr:
            while piece := stderr.read(4096):
                self._complaints += piece
                del self._complaints[:-_ERROR_BYTES_KEPT]


def _present(pipe: IO[bytes] | None) -> IO[bytes]:
    """Turn the optional pipe of Popen into the pipe that `launch` asked for."""
    if pipe is None:
        msg = "launch() starts every child with three pipes"
        raise RuntimeError(msg)
    return pipe


def launch(module: str, *, cpu_threads: int | None = None, niceness: int = 0) -> Child:
    """Run `module` (a dotted name of ours) as a child; the caller must `stop` it.

    `niceness` over 0 lets everything else go first, on the disk too (its priority there follows).
    The child dies with the *thread* that called this: PR_SET_PDEATHSIG goes by thread, so call
    it from one that lives as long as the work.
    """
    process = subprocess.Popen(
        [sys.executable, "-I", "-X", "utf8", "-c", _BOOT, str(_ROOT), module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        close_fds=True,
        cwd="/",
        env=clean_environment(cpu_threads),
    )
    if niceness > 0:
        # At once, while the child has one thread: those that it starts later are as patient.
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, niceness)
    for pipe in (process.stdin, process.stdout):
        # Fewer changes between the two processes; the system may refuse, then it is slower.
        with contextlib.suppress(OSError, AttributeError):
            fcntl.fcntl(_present(pipe).fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return Child(process)


# A process of our own that outlives whoever began it: in a session of its own, with a parent that
# has gone already, so that it is nobody's child to wait for.
_BOOT_DETACHED = "import os\nif os.fork(): os._exit(0)\n" + _BOOT

# What a sound server, the system's bus and their libraries need in order to be found.
_OF_THE_SESSION = (
    *("HOME", "XDG_RUNTIME_DIR", "DBUS_SYSTEM_BUS_ADDRESS", "PIPEWIRE_RUNTIME_DIR"),
    *("PULSE_SERVER", "PULSE_RUNTIME_PATH", "PULSE_COOKIE"),
)


def launch_detached(module: str, sent: bytes, *, timeout_s: float) -> bytes:
    """Run `module` as a process of its own; send it bytes, and return what it says until it stops.

    It is heard until it closes its standard output; then it is on its own: another session, no
    parent, none of our descriptors. Returns b"" where it could not be started or said nothing in
    time; whether it then lives is for it to know (its output is closed to it).
    """
    environment = clean_environment()
    environment |= {name: os.environ[name] for name in _OF_THE_SESSION if name in os.environ}
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-X", "utf8", "-c", _BOOT_DETACHED, str(_ROOT), module],
            input=sent,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
            close_fds=True,
            cwd="/",
            env=environment,
            start_new_session=True,
            timeout=timeout_s,
        )
    except (OSError, subprocess.TimeoutExpired):
        return b""
    return done.stdout
