"""The same story in the window, by keys and clicks alone: offscreen, and in a real X window.

Each sitting is a process of its own (tests/support/window_story.py), which ends by the lock key.
What it leaves is looked at by the commands: the record of custody is that of the command line.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.children import ROOT, own_environment
from tests.support.story import PLANTED, bring

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.story import Story

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.xdist_group("engine")]
# What a platform without a window manager, a sound server or a graphics card says of itself.
OF_THE_MACHINE = (
    *("propagateSizeHints", "does not support raise", "grabbing the keyboard"),
    *("pa_context_connect", "XDG_RUNTIME_DIR", "libEGL", "MESA"),
)


class Told:
    """A finished story: the folder around it, and what the program said on its way."""

    def __init__(self, base: Path, environment: dict[str, str], said: list[str]) -> None:
        self.base = base
        self.said = said
        self._environment = environment

    def ask(self, *words: str) -> list[dict[str, Any]]:
        """Run a command on the vault that the window left, as its first member."""
        vault = self.base / "north.vault"
        people = {path.name.removesuffix(".age") for path in (vault / "members").glob("*.age")}
        keys = (vault / "keys").glob("*.identities.age")
        (key,) = (path for path in keys if path.name.split(".")[0] in people)
        done = subprocess.run(
            [
                *(sys.executable, "-m", "intake", "--vault", str(self.base / "north.vault")),
                *("--member", key.name[:8], "--passphrase-file", str(self.base / "own" / "words")),
                *(*words, "--json"),
            ],
            cwd=self.base / "cwd",
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]


def tell(base: Path, platform: str) -> Told:
    """Do the three sittings."""
    environment = own_environment(base) | {"INTAKE_QT_MESSAGES": "1", "QT_QPA_PLATFORM": platform}
    screen = ["xvfb-run", "-a", "-s", "-screen 0 1400x900x24"] if platform == "xcb" else []
    bring(_Own(base))
    said: list[str] = []
    for part in ("first", "translator", "last"):
        done = subprocess.run(
            [*screen, sys.executable, "-m", "tests.support.window_story", part, str(base)],
            cwd=base / "cwd",
            env=environment | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        assert done.returncode == 0, (part, done.stdout, done.stderr)
        said += [*done.stdout.splitlines(), *done.stderr.splitlines()]
    return Told(base, environment, said)


class _Own:
    """Where the person's own things lie, for `bring`."""

    def __init__(self, base: Path) -> None:
        self.own = base / "own"


@pytest.fixture(scope="module", params=["offscreen", "xcb"])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Tell the story once on each kind of screen."""
    if shutil.which("flite") is None:
        pytest.skip("flite is not installed: nobody to speak the account")
    if request.param == "xcb" and shutil.which("xvfb-run") is None:
        pytest.skip("Xvfb is not installed: no screen for a real window")
    return tell(tmp_path_factory.mktemp(f"window-{request.param}"), request.param)


def _steps(entries: list[dict[str, Any]]) -> list[str]:
    """Return the kinds in order; how many of one kind follow each other is a matter of hands."""
    return [kind for kind, _ in groupby(str(entry["type"]) for entry in entries)]


def test_the_record_is_that_of_the_command_line(told: Told, story: Story) -> None:
    """The same kinds of entries in the same order; none by a script here."""
    by_command, _ = story.run("custody", "show")
    by_hand = told.ask("custody", "show")

    assert _steps(by_hand) == _steps(by_command)
    decided = {entry["fields"].get("decided") for entry in by_hand} - {None}
    assert decided == {"person"}


def test_the_vault_is_as_it_was_signed(told: Told) -> None:
    """Every byte, by the command; and the statement is there, without the witness."""
    (verified,) = told.ask("vault", "verify")
    assert verified["findings"] == []
    pdftotext = shutil.which("pdftotext")
    if pdftotext is None:
        pytest.skip("pdftotext is not installed")
    out = told.base / "cwd" / "statement.pdf"
    text = subprocess.run([pdftotext, out, "-"], capture_output=True, check=True).stdout.decode()
    assert "Harding" in text
    for word in ("amina", "bello", "kaduna"):
        assert word not in text.lower()


def test_no_warning_of_qt_and_no_word_of_the_story_is_said(told: Told) -> None:
    """Whatever the program says ends up in a desktop's log file."""
    said = [line for line in told.said if not any(word in line for word in OF_THE_MACHINE)]

    assert said == []
    assert not [word for word in PLANTED if word in "\n".join(told.said)]


def test_nothing_that_was_put_in_is_found_beside_the_vault(told: Told) -> None:
    """Home, temp folder and preferences hold no word of it; nor does the vault in the clear."""
    words = [word for word in PLANTED if word != "Victor Harding"]
    found = {
        (word, file.name)
        for folder in ("home", "tmp", "north.vault")
        for file in (told.base / folder).rglob("*")
        if file.is_file()
        for word in words
        if word.encode() in file.read_bytes() or word in file.name
    }

    assert found == set()
