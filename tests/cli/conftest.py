"""Commands run in this process as a person would type them, and the same as a child."""

from __future__ import annotations

import json
import shutil
import signal
import sys
import threading
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from intake import cli, starting
from tests.support.matter import PASSPHRASE, Matter, make_matter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended and what it printed."""

    status: int
    out: str
    err: str

    def objects(self) -> list[dict[str, Any]]:
        """Return standard output as JSON, one object a line."""
        found = [json.loads(line) for line in self.out.splitlines()]
        assert all(isinstance(each, dict) for each in found)
        return found


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Ended]]:
    """Run one command of `intake` in this process."""
    numbers = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    handlers = {number: signal.getsignal(number) for number in numbers}
    # The suite has guards of its own; these could never be taken off again.
    monkeypatch.setattr(cli, "stay_offline", lambda: None)
    monkeypatch.setattr(starting, "close_to_others", lambda: True)
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)

    def one(*words: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["intake", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        return Ended(int(ended.value.code or 0), printed.out, printed.err)

    yield one
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Matter:
    return make_matter(tmp_path_factory.mktemp("made"))


@pytest.fixture
def matter(_made: Matter, tmp_path: Path) -> Matter:
    """Copy a vault with one member: making one takes longer than most of these tests."""
    path = tmp_path / _made.path.name
    shutil.copytree(_made.path, path)
    return Matter(path, _made.member)


@pytest.fixture
def passphrase_file(tmp_path: Path) -> Path:
    """Write a file with the first member's passphrase."""
    file = tmp_path / "words"
    file.write_text(PASSPHRASE + "\n", "utf-8")
    return file


@pytest.fixture
def at(run: Callable[..., Ended], matter: Matter, passphrase_file: Path) -> Callable[..., Ended]:
    """Run one command on the vault as its first member."""

    def one(*words: object) -> Ended:
        options = ("--vault", matter.path, "--member", matter.member[:8])
        return run(*options, "--passphrase-file", passphrase_file, *words)

    return one
