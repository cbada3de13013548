"""What the demo asked the system for: no network socket, and no file but where it was told."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.children import traced

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.xdist_group("engine")]

NETWORK = re.compile(r"AF_INET6?\b")
PATHS = re.compile(r'"((?:[^"\\]|\\.)*)"')
FOLDER = re.compile(r"AT_FDCWD<([^>]*)>|\b\d+<(/[^>]*)>")
WRITING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND")
NAMING = re.compile(r"\b(creat|mkdir|mkdirat|rename\w*|link|linkat|symlink\w*)\(")
MEANT = (
    (re.compile(r"/dev/(null|tty)"), "takes everything, keeps nothing"),
    (re.compile("/dev" + r"/shm/sem\.\S+"), "a counter between threads, made when tqdm is loaded"),
    (re.compile(r"/proc/self/\S+"), "settings of the process itself"),
    (re.compile(r"\S+/__pycache__(/[\w.-]+\.pyc(\.\d+)?)?"), "our own code, compiled at first use"),
)


def network_calls(lines: Iterable[str]) -> list[str]:
    """Return the calls that name a network family."""
    return [line for line in lines if NETWORK.search(line)]


def written(lines: Iterable[str]) -> set[str]:
    """Return the absolute paths that were opened for writing, made or named; not what failed."""
    found: set[str] = set()
    for line in lines:
        call, _, result = line.rpartition(" = ")
        if result.startswith("-1") or not (WRITING.search(call) or NAMING.search(call)):
            continue
        folder = FOLDER.search(call)
        base = (folder.group(1) or folder.group(2)) if folder else "?"
        for name in PATHS.findall(call):
            found.add(name if name.startswith("/") else f"{base}/{name}")
    return found


def strays(paths: Iterable[str], inside: Iterable[Path]) -> list[str]:
    """Return the paths that are neither inside one of these folders nor meant."""
    folders = tuple(f"{folder}/" for folder in inside)
    return sorted(
        path
        for path in paths
        if not f"{path}/".startswith(folders) and not any(p.fullmatch(path) for p, _ in MEANT)
    )


def _lines(demo: Any) -> list[str]:  # noqa: ANN401  # the class stands in a conftest
    if demo.trace is None:
        pytest.skip("strace is not installed: the system calls of the demo were not looked at")
    lines: list[str] = demo.trace.read_text("utf-8", "replace").splitlines()
    assert len(lines) > 1000
    return lines


def test_no_network_socket_is_made_in_the_whole_demo(demo: Any) -> None:  # noqa: ANN401
    """Neither by the program nor by its decoder and its engine."""
    lines = _lines(demo)

    assert network_calls(lines) == []
    assert len({line.split()[0] for line in lines}) >= 3  # the children were followed


def test_nothing_is_written_outside_the_demo_folder(demo: Any) -> None:  # noqa: ANN401
    """No cache, no log, no temp file, by whichever library; the home stays empty."""
    paths = written(_lines(demo))

    assert any(path.endswith("statement.pdf") for path in paths)
    assert strays(paths, [demo.target]) == []
    for name in ("home", "tmp", "cwd"):
        assert list((demo.base / name).iterdir()) == []


PLANTED = """
import os, socket, subprocess, sys
if sys.argv[1] == "child":
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.socket(family, socket.SOCK_STREAM).close()
        except OSError:
            pass
    open("stray", "w").close()
    os.rename("stray", "astray")
    os.mkdir("folder")
else:
    subprocess.run([sys.executable, "-c", sys.argv[2], "child"], check=True)
"""


def test_a_socket_and_a_stray_file_of_a_child_are_seen(demo: Any, tmp_path: Path) -> None:  # noqa: ANN401
    """Twin: the same trace, read the same way, finds what a child of a child does."""
    if demo.trace is None:
        pytest.skip("strace is not installed")
    trace = tmp_path / "trace"
    cwd = tmp_path / "cwd"
    cwd.mkdir()
    command = [sys.executable, "-c", PLANTED, "parent", PLANTED]
    subprocess.run([*traced(trace), *command], cwd=cwd, check=True)
    lines = trace.read_text("utf-8", "replace").splitlines()

    seen = set(strays(written(lines), [tmp_path / "demo"]))
    assert len(network_calls(lines)) >= 2
    assert {f"{cwd}/stray", "?/astray", "?/folder"} <= seen
