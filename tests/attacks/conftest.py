"""The sealed vault, made once for all workers; a command run as a person types it."""

from __future__ import annotations

import fcntl
import signal
import sys
import threading
import warnings
from typing import TYPE_CHECKING

import pytest

from intake import cli, starting
from tests.attacks.plugin import OWN, pytest_runtest_makereport, pytest_runtest_setup
from tests.attacks.sealed import PASSPHRASE, Scene, copy_sealed, make_sealed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Ended = tuple[int, str, str]

__all__ = ["pytest_runtest_makereport", "pytest_runtest_setup"]


@pytest.fixture(scope="session")
def _sealed(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Make the vault, in whichever worker comes first."""
    base = tmp_path_factory.getbasetemp()
    made = (base if worker_id == "master" else base.parent) / "sealed"
    with (made.parent / "sealed.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (made / "ids.json").exists():
            made.mkdir()
            make_sealed(made)
    return made


@pytest.fixture
def scene(_sealed: Path, tmp_path: Path) -> Scene:
    """Return this row's own copy of the sealed vault, closed."""
    assert OWN == "own"
    return copy_sealed(_sealed, tmp_path)


@pytest.fixture
def command(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Ended]]:
    """Run one command of `intake` on the scene's vault, as its first member."""
    numbers = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    handlers = {number: signal.getsignal(number) for number in numbers}
    # The suite has guards of its own; these could never be taken off again.
    monkeypatch.setattr(cli, "stay_offline", lambda: None)
    monkeypatch.setattr(starting, "close_to_others", lambda: True)
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)

    def run(*words: object, passphrase: str | bytes = PASSPHRASE, member: str = "") -> Ended:
        file = scene.own / "words"
        content = passphrase if isinstance(passphrase, bytes) else f"{passphrase}\n".encode()
        file.write_bytes(content)
        who = ("--vault", scene.path, "--member", (member or scene.member)[:8])
        line = ["intake", *who, "--passphrase-file", file, *words]
        monkeypatch.setattr(sys, "argv", [str(word) for word in line])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    yield run
    for number, handler in handlers.items():
        signal.signal(number, handler)
