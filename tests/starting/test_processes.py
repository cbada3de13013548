"""Every process of ours, looked at from outside while it runs (I07, I13)."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.starting.looking import (
    as_anybody,
    core_limit,
    seen_by_a_peer,
    status,
    wait_until,
    words_of,
)
from tests.support.children import own_environment
from tests.support.matter import PASSPHRASE, make_matter
from transcription.launching import launch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    Running = AbstractContextManager[subprocess.Popen[bytes]]
    Start = Callable[..., Running]

pytestmark = pytest.mark.xdist_group("window")


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Start Python with words and more variables, as a user without privileges; ended after."""

    @contextmanager
    def one(*words: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
        environment = own_environment(tmp_path / "own") | {"QT_QPA_PLATFORM": "offscreen"} | more
        process = subprocess.Popen(
            [*as_anybody(), sys.executable, *words],
            env=environment,
            cwd=tmp_path / "own" / "cwd",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    return one


def _doors(folder: Path) -> dict[str, list[str]]:
    """Return what is typed for each kind of process; each then waits for somebody."""
    vault = str(make_matter(folder).path)
    return {
        "command": ["-m", "intake", "--vault", vault, "--passphrase-fd", "0", "witness", "list"],
        "window": ["-m", "ui", "--vault", vault],
        "crypto": ["-m", "crypto", "encrypt", "--passphrase-file", "/dev/stdin"],
    }


@pytest.mark.parametrize("door", ["command", "window", "crypto"])
def test_a_running_process_is_closed_to_others(door: str, tmp_path: Path, start: Start) -> None:
    """No core, private files, memory and variables out of reach of the same user; no secret word.

    Where the process stands when it is looked at: waiting for a passphrase.
    """
    words = _doors(tmp_path)[door]
    with start(*words, PYTHONSTARTUP="/planted", QT_PLUGIN_PATH="/planted") as process:
        wait_until(lambda: status(process.pid, "Umask") == "0077", process)
        wait_until(lambda: seen_by_a_peer(process.pid) == [], process)

        assert core_limit(process.pid) == ["0", "0"]
        assert PASSPHRASE.encode() not in words_of(process.pid)
        if door != "crypto":  # stands alone; it starts no children and shows no window
            assert b"planted" not in words_of(process.pid)


def test_a_process_that_does_nothing_for_it_is_open(start: Start) -> None:
    """Twin: what the same look finds of a plain Python with a secret in its words."""
    with start("-c", "input()", PASSPHRASE, PYTHONSTARTUP="/planted") as process:
        wait_until(lambda: b"input()" in words_of(process.pid), process)

        assert seen_by_a_peer(process.pid) == ["mem", "environ", "maps"]
        assert status(process.pid, "Umask") != "0077"
        assert core_limit(process.pid) != ["0", "0"]
        assert PASSPHRASE.encode() in words_of(process.pid)
        assert b"planted" in words_of(process.pid)


_PARENT = """
import sys
from transcription.launching import launch
child = launch(sys.argv[1])
print(child.pid, flush=True)
input()
"""


@pytest.mark.parametrize("module", ["transcription.worker", "transcription.decoder"])
def test_a_child_is_closed_to_others(module: str, start: Start) -> None:
    """The same for the engine and the decoder; they get no variable of a person at all."""
    with start("-c", _PARENT, module, HOME="/planted", LD_BIND_NOW="planted") as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        wait_until(lambda: status(pid, "Umask") == "0077", parent)
        wait_until(lambda: seen_by_a_peer(pid) == [], parent)

        assert core_limit(pid) == ["0", "0"]
        assert b"planted" not in words_of(pid)
        assert b"/own/" not in words_of(pid)  # neither home nor temp folder


def test_a_child_is_closed_before_it_loads_anything() -> None:
    """The first line that runs in it, before the module of its own name."""
    child = launch("tests.starting.tells")
    try:
        with open(child.read_fd, closefd=False) as told:  # a descriptor
            assert told.read().split() == ["dumpable", "0", "umask", "77", "core", "0"]
    finally:
        child.stop()
