"""I, M: what a process of ours leaves to crash reporters, to swap, and lets in from a session."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from intake.doctor import System, examine, this_computer
from tests.attacks.canaries import CANARIES
from tests.attacks.frame import attack, reports, same, twin
from tests.support.children import ROOT, own_environment

if TYPE_CHECKING:
    from pathlib import Path

_CRASHING = """
import os, resource, sys
words = sys.stdin.readline()
if sys.argv[1] == "ours":
    from intake.starting import keep_to_itself
    keep_to_itself()
os.abort()
"""


def _left_a_core(folder: Path, how: str) -> bool:
    """Let a process abort with a name in its memory; tell whether the kernel dumped it.

    True also where the system hands the dump to a crash reporter instead of writing a file.
    """
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    with subprocess.Popen(
        [sys.executable, "-c", _CRASHING, how],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as child:
        resource.prlimit(child.pid, resource.RLIMIT_CORE, (hard, hard))
        assert child.stdin is not None
        child.stdin.write(CANARIES["name"].encode() + b"\n")
        child.stdin.flush()
        _, status = os.waitpid(child.pid, 0)
        child.returncode = -os.WTERMSIG(status)
    assert os.WTERMSIG(status) == signal.SIGABRT
    return os.WCOREDUMP(status)


@attack("I13", "a process that crashes with a name in its memory: no core file, no report of it")
def test_a_crash_leaves_no_memory(tmp_path: Path) -> None:
    for name in ("ours", "plain"):
        (tmp_path / name).mkdir()
    same(
        (_left_a_core(tmp_path / "ours", "ours"), list((tmp_path / "ours").iterdir())), (False, [])
    )

    def leaves_one() -> None:
        assert _left_a_core(tmp_path / "plain", "plain")
        for core in (tmp_path / "plain").iterdir():  # none where a reporter takes it
            assert CANARIES["name"].encode() in core.read_bytes()
            core.unlink()

    twin(leaves_one)


_HEAD = "Filename Type Size Used Priority\n"


def _computer(root: Path, swap: str) -> System:
    """Make a computer with one disk, plain, and an encrypted one beside it."""
    files = {
        "proc/swaps": _HEAD + f"{swap} partition 8388604 0 -2\n",
        "sys/power/state": "freeze mem disk\n",
        "sys/power/disk": "[platform] shutdown\n",
        "sys/class/block/sda2/partition": "2\n",
        "sys/class/block/dm-0/dm/uuid": "CRYPT-LUKS2-0\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return replace(this_computer(root), root=root)


def _lines(system: System) -> list[str]:
    return [f"{line.what}: {line.state.value}, alarm {line.is_alarm}" for line in examine(system)]


@attack("I18", "swap and hibernation on a disk that is not encrypted: the doctor raises an alarm")
def test_unencrypted_swap_is_an_alarm(tmp_path: Path) -> None:
    expected = ("Swap: not given, alarm True", "Hibernation: not given, alarm True")
    reports(_lines(_computer(tmp_path / "plain", "/dev/sda2")), *expected)
    good = twin(lambda: _lines(_computer(tmp_path / "good", "/dev/dm-0")))
    assert {"Swap: good, alarm False", "Hibernation: good, alarm False"} <= set(good)


_PLANTED = "print('PLANTED', __name__)\n"


@attack("M02", "modules in the current folder and on PYTHONPATH, start-up files, sitecustomize")
def test_a_session_brings_no_code_in(tmp_path: Path) -> None:
    environment = own_environment(tmp_path) | {"QT_QPA_PLATFORM": "offscreen"}
    cwd, elsewhere = tmp_path / "cwd", tmp_path / "elsewhere"
    elsewhere.mkdir()
    for folder, names in (
        (cwd, ("age", "typer", "logging", "msgspec", "PySide6", "argparse", "sitecustomize")),
        (elsewhere, ("usercustomize", "msgspec", "typer")),
    ):
        for name in names:
            (folder / f"{name}.py").write_text(_PLANTED)
    (elsewhere / "startup.py").write_text(_PLANTED)
    planted = {
        "PYTHONPATH": f"{ROOT}{os.pathsep}{elsewhere}",
        "PYTHONSTARTUP": str(elsewhere / "startup.py"),
        "QT_PLUGIN_PATH": str(elsewhere),
    }

    def said(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words],
            cwd=cwd,
            env=environment | planted,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout + done.stderr

    doors = (["intake", "--help"], ["ui", "--help"], ["crypto", "--help"], ["intake", "doctor"])
    for door in doors:
        told = said("-m", *door)
        same(("PLANTED" in told, bool(told)), (False, True))
    # What Python runs before anything of ours: only a start in isolated mode keeps it out, and so
    # starts the command that set-up makes.
    (elsewhere / "sitecustomize.py").write_text(_PLANTED)
    told = said("-I", "-m", "intake", "--help")
    same(("PLANTED" in told, bool(told)), (False, True))
    assert "PLANTED" in twin(lambda: said("-c", "import typer"))
