"""The program itself, as processes: it starts on the lock page, and locking replaces it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.children import own_environment
from tests.support.matter import PASSPHRASE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.matter import Matter

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.xdist_group("window")
# The real program, with somebody who types: unlock, then whatever the test wants, printed line by
# line. It runs inside the process as a person's keys do, and knows nothing of what is below.
TYPIST = """
import os, sys
from intake.offline import stay_offline
stay_offline()
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
import ui.app
from ui.app import Program

def say(words):
    print(words, flush=True)

def later(program):
    window = program.window
    def look():
        if window.place is None:
            return
        timer.stop()
        say("open " + str(os.getpid()))
        {then}
    timer = QTimer(window)
    timer.timeout.connect(look)
    timer.start(20)
    QTest.keyClicks(window.gate.passphrase, {passphrase!r})
    QTest.keyClick(window.gate.passphrase, Qt.Key.Key_Return)

start = Program.start
def started(self):
    start(self)
    say("page " + str(os.getpid()) + " " + self.window.gate.title.text())
    if "--typist-done" not in os.environ.get("TYPIST", ""):
        os.environ["TYPIST"] = "--typist-done"
        QTimer.singleShot(200, lambda: later(self))
    else:
        say("words " + repr(self.window.gate.passphrase.text()))
        QTimer.singleShot(1000, self.window.close)
Program.start = started
if {replaced}:
    import ui.locking
    def replace(arguments):
        os.execv(sys.executable, [sys.executable, {script!r}, *arguments])
    ui.app.replace_process = replace
sys.exit(ui.app.main(sys.argv[1:]))
"""


@contextmanager
def program(folder: Path, matter: Matter, then: str) -> Iterator[subprocess.Popen[str]]:
    """Start the window over a vault with a typist in it."""
    script = folder / "typist.py"
    script.write_text(
        TYPIST.format(then=then, passphrase=PASSPHRASE, replaced=True, script=str(script))
    )
    environment = own_environment(folder / "own") | {
        "QT_QPA_PLATFORM": "offscreen",
        "INTAKE_QT_MESSAGES": "1",
    }
    child = subprocess.Popen(
        [sys.executable, str(script), "--vault", str(matter.path)],
        env=environment,
        cwd=folder / "own" / "cwd",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield child
    finally:
        if child.poll() is None:
            child.kill()
            child.communicate()


def _quiet(errors: str) -> str:
    """Return what the program said on standard error, apart from the platform's one remark."""
    return "\n".join(line for line in errors.splitlines() if "propagateSizeHints" not in line)


def test_locking_puts_a_new_program_in_the_place_of_the_old_one(
    tmp_path: Path, matter: Matter
) -> None:
    """The same process id, the lock page of the same vault, nothing typed; no Qt warning."""
    with program(tmp_path, matter, then="window.lock()") as child:
        out, errors = child.communicate(timeout=60)

    lines = out.splitlines()
    pid = lines[0].split()[1]
    assert lines == [
        f"page {pid} Vault: north",
        f"open {pid}",
        f"page {pid} Vault: north",
        "words ''",
    ]
    assert child.returncode == 0
    assert _quiet(errors) == ""
    assert PASSPHRASE not in out + errors


def _open_in_vault(pid: int) -> list[str]:
    """Return which files of the vault a process has open; a new one may be reading its folder."""
    folder = Path(f"/proc/{pid}/fd")
    return [
        place for name in folder.iterdir() if "north.vault" in (place := os.path.realpath(name))
    ]


def test_nothing_that_was_open_goes_along(tmp_path: Path, matter: Matter) -> None:
    """The new program holds no descriptor of the vault, so another one can open it."""
    with program(tmp_path, matter, then="QTimer.singleShot(700, window.lock)") as child:
        assert child.stdout is not None
        before: list[str] = []
        while not (line := child.stdout.readline()).startswith("words"):
            if line.startswith("open"):
                before = _open_in_vault(child.pid)
        ends = time.monotonic() + 10
        while (after := _open_in_vault(child.pid)) and time.monotonic() < ends:
            pass
        with matter.unlock():
            pass
        child.communicate(timeout=60)

    assert len(before) >= 3  # twin: the lock file and both stores were open before
    assert after == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_the_system_asking_to_end_closes_the_vault_first(
    tmp_path: Path, matter: Matter, number: signal.Signals
) -> None:
    """As closing the window does; the head is written and the vault opens again."""
    with program(tmp_path, matter, then="say('ready')") as child:
        assert child.stdout is not None
        while child.stdout.readline().strip() != "ready":
            pass
        child.send_signal(number)
        child.communicate(timeout=60)

    assert child.returncode == 0
    with matter.unlock() as vault:
        assert vault.stale_parts() == []


def test_the_command_starts_the_window(tmp_path: Path, matter: Matter) -> None:
    """`intake app` becomes `python -m ui`, in Python's isolated mode."""
    environment = own_environment(tmp_path / "own") | {"QT_QPA_PLATFORM": "offscreen"}
    child = subprocess.Popen(
        [sys.executable, "-m", "intake", "--vault", str(matter.path), "app"],
        env=environment,
        cwd=tmp_path / "own" / "cwd",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    command = Path(f"/proc/{child.pid}/cmdline")
    while b"\0ui\0--vault" not in command.read_bytes():
        assert child.poll() is None
    assert command.read_bytes().split(b"\0")[1] == b"-I"
    child.kill()
    child.communicate()


def test_the_command_takes_no_passphrase_and_no_member(tmp_path: Path, matter: Matter) -> None:
    """They would stand on a screen that everybody sees, or be forgotten."""
    done = subprocess.run(
        [sys.executable, "-m", "intake", "--vault", str(matter.path), "--member", "x", "app"],
        env=own_environment(tmp_path / "own"),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "asks who you are" in done.stderr
