"""Variables of the session and files of the current folder bring no code into Intake (M02)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from intake import starting
from tests.support.children import own_environment

if TYPE_CHECKING:
    from collections.abc import Callable

    Ran = Callable[..., subprocess.CompletedProcess[str]]

# Modules that Intake or a library loads, and the name that the attack table gives.
NAMES = (
    "age",
    "logging",
    "typer",
    "signal",
    "sitecustomize",
    "usercustomize",
    "argparse",
    "string",
)
DOORS = {
    "command": ["-m", "intake", "--help"],
    "the file that set-up makes": ["-I", "-m", "intake", "--help"],
    "window": ["-m", "ui", "--help"],
    "crypto": ["-m", "crypto", "keygen", "--help"],
    "engine": ["-m", "transcription", "--help"],
}


@pytest.fixture
def ran(tmp_path: Path) -> Ran:
    """Run Python in a folder where each module of `NAMES` says that it was loaded."""
    environment = own_environment(tmp_path)
    for name in NAMES:
        (tmp_path / "cwd" / f"{name}.py").write_text("print('PLANTED ' + __name__)\n")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "msgspec.py").write_text("print('PLANTED by PYTHONPATH')\n")

    def one(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *words],
            env=environment | more,
            cwd=tmp_path / "cwd",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return one


@pytest.mark.parametrize("door", DOORS)
def test_a_module_in_the_current_folder_is_not_loaded(door: str, ran: Ran) -> None:
    """Such as `age.py` or `logging.py` beside the recordings that somebody brought."""
    done = ran(*DOORS[door])

    assert done.returncode == 0, done.stderr
    assert "usage" in done.stdout.lower()
    assert "PLANTED" not in done.stdout + done.stderr


def test_the_search_sees_one_that_is_loaded(ran: Ran) -> None:
    """Twin: Python by itself looks in the current folder first."""
    assert "PLANTED signal" in ran("-c", "import signal").stdout


def test_the_path_of_the_session_does_not_reach_a_command(ran: Ran, tmp_path: Path) -> None:
    """PYTHONPATH is dropped with the whole process; without that it would have been used."""
    path = str(tmp_path / "elsewhere")
    plain = ran("-P", "-c", "import msgspec", PYTHONPATH=path)
    done = ran("-m", "intake", "models", "list", PYTHONPATH=path)

    assert "PLANTED" in plain.stdout
    assert "PLANTED" not in done.stdout + done.stderr


_TELLING = """
import os, sys
from pathlib import Path
sys.argv = ["planted", "one", "two words"]
if os.environ.get("ROUND") != "2":
    os.environ["ROUND"] = "2"
    from intake.starting import become
    become("tests.starting.told", sys.argv[1:])
"""


def test_a_new_process_has_none_of_what_loads_code(tmp_path: Path) -> None:
    """Neither the variables, nor the library that one of them had loaded into the old process."""
    library = _spare_library()
    environment = own_environment(tmp_path) | {
        "LD_PRELOAD": library,
        "PYTHONSTARTUP": "/planted",
        "PYTHONINSPECT": "",
        "QT_PLUGIN_PATH": "/planted",
        "LANG": "fr_FR.UTF-8",
    }
    done = subprocess.run(
        [sys.executable, "-c", _TELLING],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    names, arguments, mapped, number = done.stdout.splitlines()
    assert starting.unwanted(names.split()) == []
    assert {"HOME", "LANG", "TMPDIR"} <= set(names.split())
    assert arguments == "['one', 'two words']"
    assert Path(library).name not in mapped
    assert starting.unwanted(environment) == [  # twin
        *("LD_PRELOAD", "PYTHONDONTWRITEBYTECODE", "PYTHONINSPECT", "PYTHONPATH", "PYTHONSTARTUP"),
        "QT_PLUGIN_PATH",
    ]
    assert int(number) > 0
    before = subprocess.run(
        [sys.executable, "-c", "print(open('/proc/self/maps').read())"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(library).name in before.stdout  # twin


def _spare_library() -> str:
    """Return a library of the system that Python does not load by itself."""
    folders = [Path("/lib"), Path("/lib64"), *Path("/lib").glob("*-linux-gnu")]
    found = [path for folder in folders for path in folder.glob("libBrokenLocale.so.1")]
    if not found:
        pytest.skip("no library is known here that could be loaded by LD_PRELOAD without effect")
    return str(found[0])


def test_a_clean_process_is_not_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Isolated and without such variables: the same process goes on; one variable changes that."""
    begun: list[list[str]] = []
    monkeypatch.setattr(starting, "become", lambda module, words: begun.append([module, *words]))
    monkeypatch.setattr(sys, "flags", _Isolated())
    monkeypatch.setattr(sys, "argv", ["intake", "--help"])
    for name in starting.unwanted(os.environ):
        monkeypatch.delenv(name)
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")  # without effect in isolated mode
    starting.start_clean("intake")
    assert begun == []
    monkeypatch.setenv("LD_PRELOAD", "/planted")
    starting.start_clean("intake")

    assert begun == [["intake", "--help"]]


class _Isolated:
    isolated = 1
