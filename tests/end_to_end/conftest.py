"""The demo, run once by its real door in a home of its own, with every system call of interest.

One run serves all tests of this folder: what it printed, what it left, what it asked the system.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.children import own_environment, traced
from tests.support.story import tell

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.story import Story

# The same door with a cheap passphrase and one core: the work of scrypt is tested elsewhere.
DRIVER = """
import functools, sys
from intake.cli import main
from intake.demo import running
running.run_demo = functools.partial(running.run_demo, cpu_threads=1, log_n=4)
sys.argv = ["intake", *sys.argv[1:]]
main()
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """A finished demo: its folder, what it said and counted, and the folders around it."""

    base: Path
    said: list[str]
    facts: dict[str, Any]
    trace: Path | None

    @property
    def target(self) -> Path:
        """The demo's folder."""
        return self.base / "demo"

    @property
    def vault(self) -> Path:
        """The demo's vault."""
        return self.target / "demo.vault"


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Run `intake demo --json` over an earlier demo, traced where strace is there."""
    base = tmp_path_factory.mktemp("demo")
    environment = own_environment(base)
    target = base / "demo"
    _leave_an_earlier_demo(target)
    before = traced(base / "trace")
    done = subprocess.run(
        [*before, sys.executable, "-c", DRIVER, "demo", "--json", "--out", str(target)],
        cwd=base / "cwd",
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    (base / "stdout").write_text(done.stdout)
    (base / "stderr").write_text(done.stderr)
    return Ran(
        base, done.stderr.splitlines(), json.loads(line), (base / "trace") if before else None
    )


def _leave_an_earlier_demo(target: Path) -> None:
    from intake.demo import running  # noqa: PLC0415  # loads the finders, only where it runs

    running._make_room(target)
    (target / running.VAULT_NAME).mkdir()
    (target / running.VAULT_NAME / "older").write_text("an earlier demo")
    (target / "statement.pdf").write_text("an earlier statement")


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Do the whole work once, from an empty folder to a statement outside."""
    if shutil.which("flite") is None:
        pytest.skip("flite is not installed: nobody to speak the account")
    return tell(tmp_path_factory.mktemp("story"))
