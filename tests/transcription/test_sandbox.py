"""The walls around a child that reads foreign bytes: what each stops, and that it is the wall."""

from __future__ import annotations

import errno
import json
import os
import re
import struct
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from transcription import filtering, sandbox
from transcription.confining import ADDRESS_SPACE_BYTES, OPEN_FILES, landlock_abi
from transcription.filtering import MACHINES, call_filter
from transcription.launching import launch

if TYPE_CHECKING:
    from collections.abc import Callable

REFUSED = {"EPERM", "EACCES", "ENOSYS", "ENOMEM", "RuntimeError", "ValueError"}
FORBIDDEN = (
    *("two_gib", "read", "write", "tcp", "udp", "unix", "pair", "fork", "spawn", "exec", "thread"),
    *("own_code", "dumpable", "list", "stat", "chdir", "limits", "kill", "signal_itself"),
    *("io_uring_setup", "bpf", "keyctl", "ptrace", "process_vm_readv", "memfd_create", "unshare"),
    *("mount", "clone3", "userfaultfd", "perf_event_open"),
)


@dataclass(frozen=True)
class Looked:
    """What a hostile child said of itself, and what the system said of it meanwhile."""

    said: dict[str, Any]
    limits: dict[str, str]
    status: dict[str, str]


@cache
def looked(order: bytes) -> Looked:
    """Run the hostile child: `!` enclosed, `t` enclosed with threads, `-` not."""
    child = launch("tests.transcription.hostile_child", cpu_threads=1)
    try:
        os.write(child.write_fd, order)
        got = b""
        while not got.endswith(b"\n") and (piece := os.read(child.read_fd, 65536)):
            got += piece
        about = Path(f"/proc/{child.pid}")
        limits = re.findall(r"^Max (.+?) {2,}(\S+)", (about / "limits").read_text(), re.MULTILINE)
        status = re.findall(r"^(\w+):\s*(.*)$", (about / "status").read_text(), re.MULTILINE)
    finally:
        child.kill()
        child.stop()
    return Looked(json.loads(got), dict(limits), dict(status))


@pytest.mark.parametrize("attempt", FORBIDDEN)
def test_an_enclosed_child_gets_nowhere(attempt: str) -> None:
    """No file, no network, no program, no thread, no memory, no way back."""
    assert looked(b"!").said[attempt] in REFUSED


def test_the_same_child_without_walls_does_all_of_it() -> None:
    """The twin: each attempt reaches the system, so it is the wall that stops it above."""
    said = looked(b"-").said

    refused = {name: said[name] for name in FORBIDDEN if said[name] in REFUSED}
    # Without privileges some of these are refused to anybody, by the kernel and not by a wall.
    assert not refused.keys() - {"bpf", "mount", "userfaultfd", "perf_event_open", "unshare"}
    assert said["exec"] == "ENOENT"
    assert {said[name] for name in ("read", "write", "tcp", "udp", "unix", "fork")} == {"done"}


def test_walls_and_limits_are_seen_from_outside() -> None:
    """The system itself says that they hold, not only the child."""
    inside, outside = looked(b"!"), looked(b"-")

    assert (inside.said["seccomp"], inside.said["landlock"]) == (True, landlock_abi())
    assert (inside.status["Seccomp"], inside.status["NoNewPrivs"]) == ("2", "1")
    assert (outside.status["Seccomp"], outside.status["NoNewPrivs"]) == ("0", "0")
    assert (inside.said["left_open"], outside.said["left_open"]) == ("closed", "open")
    wanted = {
        "address space": ADDRESS_SPACE_BYTES,
        "cpu time": 60,
        "file size": 0,
        "processes": 0,
        "open files": OPEN_FILES,
        "core file size": 0,
    }
    assert {name: inside.limits[name] for name in wanted} == {
        name: str(value) for name, value in wanted.items()
    }
    assert outside.limits["address space"] == "unlimited"


def test_threads_can_be_allowed_and_nothing_else_with_them() -> None:
    """An engine needs threads; a fork stays refused, though the same call makes both."""
    said = looked(b"t").said

    assert said["thread"] == "done"
    assert {said[name] for name in FORBIDDEN if name != "thread"} <= REFUSED


# --- the filter itself, on architectures that these tests do not run on ---------------------------

_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
EPERM = _REFUSE | errno.EPERM
_NUMBERS = Path("/usr/include/asm-generic/unistd.h")


def _answer(program: bytes, audit: int, number: int, *arguments: int) -> int:
    """Run a filter as the kernel does, on one call."""
    padded = (*arguments, *[0] * (6 - len(arguments)))
    data = struct.pack("=IIQ6Q", number & 0xFFFFFFFF, audit, 0, *padded)
    lines = list(struct.iter_unpack("=HBBI", program))
    at = value = 0
    while True:
        code, if_true, if_false, operand = lines[at]
        at += 1
        if code == 0x20:
            (value,) = struct.unpack_from("=I", data, operand)
        elif code == 0x06:
            return int(operand)
        else:
            holds = {0x15: value == operand, 0x35: value >= operand, 0x45: bool(value & operand)}
            at += if_true if holds[code] else if_false


def _filtered(machine: str, **allowed: bool) -> Callable[..., int]:
    program = call_filter(machine, **{"allow_threads": False} | allowed)
    assert program is not None
    return lambda *call: _answer(program, MACHINES[machine].audit, *call)


@pytest.mark.parametrize("machine", filtering.SUPPORTED)
def test_only_the_list_is_answered_with_yes(machine: str) -> None:
    """Of the first two thousand numbers; a call that nobody knows yet is refused too."""
    asked = _filtered(machine)
    listed = {numbers[MACHINES[machine].column] for numbers in filtering._ALLOWED.values()}
    conditional = {9, 10} if machine == "x86_64" else {222, 226}

    said = {number: asked(number) for number in range(2000)}

    assert {n for n, answer in said.items() if answer == _ALLOW} == (listed | conditional) - {-1}
    assert {n for n, answer in said.items() if answer == _REFUSE | errno.ENOSYS} == {435}
    assert set(said.values()) == {_ALLOW, EPERM, _REFUSE | errno.ENOSYS}


@pytest.mark.parametrize("machine", filtering.SUPPORTED)
def test_memory_never_becomes_code_and_processes_never_begin(machine: str) -> None:
    """The two calls whose arguments decide: protection of memory, kind of a clone."""
    mmap, clone = {"x86_64": (9, 56), "aarch64": (222, 220)}[machine]
    plain, threaded = _filtered(machine), _filtered(machine, allow_threads=True)

    assert [plain(mmap, 0, 4096, protection) for protection in (0, 3, 4, 5, 7)] == [
        *[_ALLOW] * 2, *[EPERM] * 3]  # fmt: skip
    thread, fork, hidden = 0x003D0F00, 17, 17 | 1 << 48
    assert [plain(clone, flags) for flags in (thread, fork)] == [EPERM] * 2
    assert [threaded(clone, flags) for flags in (thread, fork, hidden)] == [_ALLOW, EPERM, EPERM]


def test_calls_by_the_numbers_of_another_architecture_end_the_process() -> None:
    """32-bit and x32 calls: other numbers would pass a list by mistake."""
    program = call_filter("x86_64", allow_threads=False)
    assert program is not None

    assert _answer(program, 0x40000003, 1) == _KILL
    assert _answer(program, MACHINES["x86_64"].audit, 0x40000000) == _KILL
    assert call_filter("riscv64", allow_threads=False) is None


@pytest.mark.skipif(
    not _NUMBERS.exists(), reason=f"{_NUMBERS} is not there (apt-get install linux-libc-dev)"
)
def test_the_numbers_are_those_of_the_kernel() -> None:
    """Against the kernel's own tables: the one of 64-bit ARM, and of this computer if x86-64."""
    tables = {1: _NUMBERS, 0: Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")}
    for column, path in tables.items():
        if not path.exists():
            continue
        found = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)\b", path.read_text())
        numbers = {name: int(number) for name, number in found}
        ours = filtering._ALLOWED | filtering._FOR_THREADS
        ours |= {"mmap": filtering._MMAP, "mprotect": filtering._MPROTECT}
        ours |= {"clone": filtering._CLONE, "clone3": filtering._CLONE3}
        assert {name: numbers.get(name, -1) for name in ours} == {
            name: numbers_[column] for name, numbers_ in ours.items()
        }


# --- where the walls are missing ------------------------------------------------------------------


def _without(monkeypatch: pytest.MonkeyPatch, **answers: object) -> sandbox.Enclosure:
    """Enclose with steps that do nothing but answer: this process is not to be shut off."""
    steps: dict[str, object] = {
        "limit_child": None,
        "close_others": None,
        "refuse_privileges": True,
        "shut_off_files": 7,
        "filter_calls": True,
        "refuses_files_and_network": True,
        **answers,
    }
    for name, answer in steps.items():
        monkeypatch.setattr(sandbox, name, lambda *_, answer=answer, **__: answer)
    return sandbox.enclose(keep=(), cpu_s=60)


@pytest.mark.parametrize(
    "missing", ["refuse_privileges", "filter_calls", "refuses_files_and_network"]
)
def test_a_missing_filter_is_never_called_closed(
    monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    """An old kernel, a container that forbids it, and a filter that was taken but does not hold."""
    assert not _without(monkeypatch, **{missing: False}).is_closed


def test_landlock_is_a_second_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the filter still closes all; alone it does not."""
    assert _without(monkeypatch).is_closed
    assert _without(monkeypatch, shut_off_files=0).is_closed
    assert not sandbox.Enclosure(landlock=7, seccomp=False).is_closed
