"""What the memory of the program holds, read from outside: before, covered, and after locking.

The program is the real one, as a process; somebody inside types as a person does. Its memory is
read through /proc/PID/mem. A locked program is closed to others, so reading it takes root; without
root the test's own launcher runs the locked program with that closing left out, and says so.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crypto.secrets import StoreKey
from intake.review.declaring import Declaration, declare
from intake.text import Kind
from tests.support.children import own_environment
from tests.support.matter import PASSPHRASE, new_interview, store_segments
from tests.support.memory import children_of, count_in_memory, forms_of, open_below

if TYPE_CHECKING:
    from collections.abc import Iterator

    from intake.capture.interviews import Interview
    from tests.support.matter import Matter

pytestmark = [pytest.mark.xdist_group("window"), pytest.mark.slow]

STATEMENT_WORD = "Zwiebelturmuhr"
NAME = "Quillona Vastergren"
AS_ROOT = os.geteuid() == 0
TYPIST = r'''
import os, sys
from intake import starting
from intake.offline import stay_offline
if not {as_root}:
    starting.close_to_others = lambda: True
starting.keep_to_itself()
stay_offline()
from PySide6.QtCore import QSocketNotifier, QTimer, Qt
from PySide6.QtTest import QTest
import ui.app
from ui.app import Program
from ui.context import InterviewRef, Place
from ui.widgets.text import AccountEdit

LOCKED = len(sys.argv) > 1 and sys.argv[1] == "locked"
if LOCKED:
    del sys.argv[1]

def say(words):
    print(words, flush=True)

class Hands:
    """Does what it is told, a line at a time."""

    def __init__(self, program):
        self.window = program.window
        self.told = QSocketNotifier(0, QSocketNotifier.Type.Read, self.window)
        self.told.activated.connect(self.act)
        self.rest = b""

    def act(self):
        self.rest += os.read(0, 65536)
        while b"\n" in self.rest:
            line, _, self.rest = self.rest.partition(b"\n")
            word, *values = line.decode().split("\t")
            getattr(self, word)(*values)

    def type(self, words):
        QTest.keyClicks(self.window.gate.passphrase, words)
        say("typed")

    def unlock(self, *values):
        QTest.keyClick(self.window.gate.passphrase, Qt.Key.Key_Return)
        self.later(lambda: self.window.place is not None, lambda: self.show(*values))

    def show(self, interview, code, word):
        self.window.go(Place.TRANSCRIPT, InterviewRef(interview, code))
        screen = self.window.screen_at(Place.TRANSCRIPT)
        def texts():
            return [edit for edit in screen.findChildren(AccountEdit)
                    if edit.isVisible() and word in edit.toPlainText()]
        def copied():
            edit = texts()[0]
            edit.selectAll()
            edit.copy()
            say("shown")
        self.later(lambda: self.window.desk.waiting == 0 and texts(), copied)

    def cover(self):
        def work(vault, token, report):
            while True:
                token.raise_if_cancelled()
        self.window.jobs.start(self.window, "Counting", work)
        self.window.on_idle()
        say("covered")

    def lock(self):
        self.window.lock()

    def later(self, condition, then):
        timer = QTimer(self.window)
        def look():
            if condition():
                timer.stop()
                then()
        timer.timeout.connect(look)
        timer.start(10)

start = Program.start
def started(self):
    start(self)
    self.hands = None if LOCKED else Hands(self)
    say("page")
Program.start = started
if not {as_root}:  # the program that comes after must be readable too
    ui.app.replace_process = lambda words: os.execv(
        sys.executable, [sys.executable, __file__, "locked", *words])
if {broken}:
    ui.app.replace_process = lambda words: say("page")
sys.exit(ui.app.main(sys.argv[1:]))
'''


class Running:
    """The program with somebody who types in it."""

    def __init__(self, process: subprocess.Popen[bytes], errors: Path) -> None:
        self.process = process
        self.errors = errors
        self.pid = process.pid

    def hears(self, line: str) -> None:
        """Wait for a line that the typist says."""
        assert self.process.stdout is not None
        said = self.process.stdout.readline().decode().strip()
        assert said == line, (said, self.errors.read_text())

    def told(self, *words: str) -> None:
        """Tell the typist what to do."""
        assert self.process.stdin is not None
        self.process.stdin.write("\t".join(words).encode() + b"\n")
        self.process.stdin.flush()


@contextmanager
def running(folder: Path, matter: Matter, *, broken: bool = False) -> Iterator[Running]:
    """Start it on the lock page; with `broken` locking replaces nothing."""
    script = folder / "typist.py"
    text = TYPIST.replace("{as_root}", str(AS_ROOT)).replace("{broken}", str(broken))
    script.write_text(text)
    environment = own_environment(folder / "own") | {"QT_QPA_PLATFORM": "offscreen"}
    with (folder / "errors").open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, str(script), "--vault", str(matter.path)],
            env=environment,
            cwd=folder / "own" / "cwd",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
    try:
        made = Running(process, folder / "errors")
        made.hears("page")
        yield made
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def planted(matter: Matter, monkeypatch: pytest.MonkeyPatch) -> tuple[Interview, dict[str, bytes]]:
    """Put words into a vault; return the interview and everything that memory must not keep."""
    keys: list[StoreKey] = []
    hex_literal = StoreKey.hex_literal
    monkeypatch.setattr(
        StoreKey, "hex_literal", lambda self: (keys.append(self), hex_literal(self))[1]
    )
    with matter.unlock() as vault:
        interview = new_interview(vault)
        declare(vault, [Declaration(Kind.PERSON, (NAME,))])
        store_segments(vault, interview.id, [f"{NAME} heard the {STATEMENT_WORD} from the yard."])
        member = vault.keys
        secrets = {
            "the member's age identity": member.identity.to_text().reveal(),
            "the member's signing seed": member.signing.to_secret().reveal(),
        }
    for number, key in enumerate(dict.fromkeys(key.reveal() for key in keys)):
        secrets |= {f"store key {number}": key, f"store key {number}, hex": key.hex().encode()}
    for name, words in (("statement", STATEMENT_WORD), ("name", NAME), ("passphrase", PASSPHRASE)):
        secrets |= {f"{name}, {how}": octets for how, octets in forms_of(words).items()}
    return interview, secrets


def _wait_for_a_new_program(pid: int, patience_s: float = 60) -> None:
    """Wait until the process with this number shows the lock page of a new program, and rests."""
    ends = time.monotonic() + patience_s
    words, maps = Path(f"/proc/{pid}/cmdline"), Path(f"/proc/{pid}/maps")
    while b"\0ui\0" not in words.read_bytes() and b"\0locked\0" not in words.read_bytes():
        assert time.monotonic() < ends, "the process was not replaced"
    while "libqoffscreen" not in maps.read_text():
        assert time.monotonic() < ends, "the new program shows no window"


def test_locking_leaves_nothing_in_memory(
    tmp_path: Path, matter: Matter, planted: tuple[Interview, dict[str, bytes]]
) -> None:
    """Each thing is found before; after the lock none is, in the same process by number.

    Nor is anything of the vault open, nor has it a child that might have kept something.
    """
    interview, secrets = planted
    with running(tmp_path, matter) as program:
        program.told("type", PASSPHRASE)
        program.hears("typed")
        typed = count_in_memory(program.pid, secrets)
        program.told("unlock", interview.id, interview.code, STATEMENT_WORD)
        program.hears("shown")
        shown = count_in_memory(program.pid, secrets)
        opened = open_below(program.pid, matter.path.name)
        program.told("lock")
        _wait_for_a_new_program(program.pid)
        locked = count_in_memory(program.pid, secrets)

        assert children_of(program.pid) == []
        assert open_below(program.pid, matter.path.name) == []
        assert program.process.poll() is None
    before = {name: max(typed[name], shown[name]) for name in secrets}
    print("copies before locking:", before)  # noqa: T201  # the record, shown with -s
    print("copies after locking:", locked)  # noqa: T201  # the record, shown with -s
    # The age identity is taken apart when the vault is opened; its text is free memory soon after,
    # and may be written over. The signing seed came out of the same file, and stays.
    things = {name.partition(",")[0] for name in secrets} - {"the member's age identity"}
    assert things <= {name.partition(",")[0] for name, copies in before.items() if copies}
    for words in ("statement, UTF-8", "statement, UTF-16", "name, UTF-8", "name, UTF-16"):
        assert before[words], words
    assert before["passphrase, UTF-16"]
    assert len(opened) >= 3
    assert {name: copies for name, copies in locked.items() if copies} == {}


def test_a_lock_that_replaces_nothing_is_caught(
    tmp_path: Path, matter: Matter, planted: tuple[Interview, dict[str, bytes]]
) -> None:
    """Twin: the vault is closed and the lock page shown, but the process goes on."""
    interview, secrets = planted
    with running(tmp_path, matter, broken=True) as program:
        program.told("type", PASSPHRASE)
        program.hears("typed")
        program.told("unlock", interview.id, interview.code, STATEMENT_WORD)
        program.hears("shown")
        program.told("lock")
        program.hears("page")
        found = count_in_memory(program.pid, secrets)

        assert open_below(program.pid, matter.path.name) == []  # closed, as a real lock does
    kept = {name for name, copies in found.items() if copies}
    assert {"statement, UTF-16", "name, UTF-16"} <= kept
    assert any("key" in name or "identity" in name for name in kept)


def test_a_covered_window_keeps_what_it_needs_to_go_on(
    tmp_path: Path, matter: Matter, planted: tuple[Interview, dict[str, bytes]]
) -> None:
    """Covered is not locked, and the documents say so: words and keys stay while a job runs."""
    interview, secrets = planted
    with running(tmp_path, matter) as program:
        program.told("type", PASSPHRASE)
        program.hears("typed")
        program.told("unlock", interview.id, interview.code, STATEMENT_WORD)
        program.hears("shown")
        program.told("cover")
        program.hears("covered")
        covered = count_in_memory(program.pid, secrets)
        program.told("lock")
        _wait_for_a_new_program(program.pid)
        locked = count_in_memory(program.pid, secrets)

    assert covered["statement, UTF-16"]
    assert covered["store key 0, hex"]
    assert {name: copies for name, copies in locked.items() if copies} == {}


def test_the_search_counts_what_is_there() -> None:
    """Twin of the search: words in another process, once in each form, and none that are not."""
    words = "Unmistakable-" + os.urandom(8).hex()
    code = (
        "import sys; a = sys.stdin.readline().strip(); b = a.encode('utf-16-le')\n"
        "print('kept', flush=True); sys.stdin.readline()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(words.encode() + b"\n")
        process.stdout.readline()
        found = count_in_memory(process.pid, forms_of(words) | {"other": b"Unmistakable-0" * 3})
        process.stdin.write(b"\n")

    assert found["UTF-8"] >= 1
    assert found["UTF-16"] == 1
    assert found["other"] == 0
