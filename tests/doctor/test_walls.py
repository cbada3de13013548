"""What the doctor says of the kernel is what a child can really do here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from intake.doctor import State, examine, this_computer
from tests.starting.looking import as_anybody

CHILD = Path(__file__).parent / "walls_child.py"


def _tried(wall: str) -> str:
    done = subprocess.run(
        [*as_anybody(), sys.executable, "-I", str(CHILD), wall],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def _said(what: str, tmp_path: Path) -> State:
    return next(line.state for line in examine(this_computer(tmp_path)) if line.what == what)


def test_landlock_is_there_if_a_child_can_shut_itself_off_from_files(tmp_path: Path) -> None:
    """Offered: reading is refused afterwards. Not offered: no rules can be made."""
    expected = {State.NOT_USED_YET: "EACCES", State.NOT_GIVEN: "none"}

    assert _tried("landlock") == expected[_said("Landlock", tmp_path)]


def test_seccomp_is_there_if_a_child_can_give_up_sockets(tmp_path: Path) -> None:
    """Offered: making one is refused afterwards."""
    expected = {State.NOT_USED_YET: "EPERM", State.NOT_GIVEN: "none"}

    assert _tried("seccomp") == expected[_said("Seccomp", tmp_path)]


def test_namespaces_are_there_if_a_child_gets_one(tmp_path: Path) -> None:
    """A container may refuse them by a filter that no file tells of: then nothing is said here."""
    got = _tried("namespaces")
    if _said("User namespaces", tmp_path) is State.NOT_GIVEN:
        assert got == "none"
    elif got == "none" and os.geteuid() == 0:
        pytest.skip("a child of root without privileges gets no user namespace here")
    else:
        assert got == "given"
