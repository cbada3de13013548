"""tools/set_up.py: steps done once, interruptions mended, sentences where root is needed."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]


def load_set_up() -> ModuleType:
    """Load the script as a module; it is no part of a package."""
    spec = importlib.util.spec_from_file_location("set_up", ROOT / "tools" / "set_up.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["set_up"] = module
    spec.loader.exec_module(module)
    return module


set_up = load_set_up()


class Work:
    """Steps that note what they did, and can be told to fail half-way."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.did: list[str] = []
        self.fails: str | None = None
        self.stamps = set_up.Stamps(folder / "stamps")

    def step(self, name: str, key: str) -> Any:  # noqa: ANN401  # a class of the loaded script
        """Make a step whose result is a file of its name."""

        def do() -> None:
            self.did.append(name)
            (self.folder / name).write_text("half", "utf-8")
            if self.fails == name:
                raise set_up.SetUpError("planted")
            (self.folder / name).write_text(key, "utf-8")

        return set_up.Step(name, key, f"doing {name}", (self.folder / name).exists, do)

    def run(self, **keys: str) -> list[str]:
        """Carry out the steps named, in order; return the names of those that were done."""
        self.did = []
        steps = [self.step(name, key) for name, key in keys.items()]
        set_up.carry_out(steps, self.stamps, lambda _: None)
        return self.did


def test_second_run_does_nothing(tmp_path: Path) -> None:
    """A finished step is not done again."""
    work = Work(tmp_path)

    assert work.run(venv="1", packages="a") == ["venv", "packages"]
    assert work.run(venv="1", packages="a") == []


def test_interrupted_step_is_done_again_and_those_before_are_not(tmp_path: Path) -> None:
    """A step that failed half-way left its result but no stamp: the next run goes on there."""
    work = Work(tmp_path)
    work.fails = "packages"
    with pytest.raises(set_up.SetUpError, match="planted"):
        work.run(venv="1", packages="a", model="m")
    assert (tmp_path / "packages").read_text("utf-8") == "half"

    work.fails = None

    assert work.run(venv="1", packages="a", model="m") == ["packages", "model"]


def test_step_interrupted_when_done_again_loses_its_old_stamp(tmp_path: Path) -> None:
    """Twin of the stamp written last: the old stamp must not vouch for a half-done new result."""
    work = Work(tmp_path)
    work.run(packages="a")
    work.fails = "packages"
    with pytest.raises(set_up.SetUpError):
        work.run(packages="b")
    work.fails = None

    assert work.run(packages="a") == ["packages"]


def test_changed_requirements_run_their_step_again(tmp_path: Path) -> None:
    """The key is the hash of the lock files, so one changed byte is seen."""
    lock = tmp_path / "runtime.txt"
    lock.write_text("one==1", "utf-8")
    before = set_up.hash_of(lock)
    lock.write_text("one==2", "utf-8")
    work = Work(tmp_path)
    work.run(venv="1", packages=before)

    assert set_up.hash_of(lock) != before
    assert work.run(venv="1", packages=set_up.hash_of(lock)) == ["packages"]


def test_hash_tells_files_apart_from_their_joined_text(tmp_path: Path) -> None:
    """Moving a line from one lock file to the other is a change."""
    (tmp_path / "a").write_text("xy", "utf-8")
    (tmp_path / "b").write_text("z", "utf-8")
    first = set_up.hash_of(tmp_path / "a", tmp_path / "b")
    (tmp_path / "a").write_text("x", "utf-8")
    (tmp_path / "b").write_text("yz", "utf-8")

    assert set_up.hash_of(tmp_path / "a", tmp_path / "b") != first


def test_removed_result_is_made_again(tmp_path: Path) -> None:
    """A stamp does not vouch for what somebody deleted."""
    work = Work(tmp_path)
    work.run(model="m")
    (tmp_path / "model").unlink()

    assert work.run(model="m") == ["model"]


def test_half_written_stamp_counts_for_nothing(tmp_path: Path) -> None:
    """A crash while the stamp is written leaves only the temporary name."""
    work = Work(tmp_path)
    (tmp_path / "stamps").mkdir()
    (tmp_path / "stamps" / "venv.part").write_text("1", "utf-8")

    assert work.run(venv="1") == ["venv"]


def plant_distribution(site: Path, name: str, *, record: bool = True) -> None:
    """Make an installed package of one module, as pip leaves it."""
    metadata = site / f"{name}-1.dist-info"
    metadata.mkdir(parents=True)
    (site / f"{name}.py").write_text("x = 1\n", "utf-8")
    (metadata / "METADATA").write_text(f"Name: {name}\n", "utf-8")
    if record:
        rows = f"{name}.py,sha256=q,6\n__pycache__/{name}.pyc,,\n{name}-1.dist-info/RECORD,,\n"
        (metadata / "RECORD").write_text(rows, "utf-8")


def test_whole_packages_are_left_alone(tmp_path: Path) -> None:
    """A package whose files all are there in their size is finished; bytecode does not matter."""
    plant_distribution(tmp_path, "whole")

    assert set_up.unfinished_distributions(tmp_path) == []


def test_half_installed_packages_are_found(tmp_path: Path) -> None:
    """Twins: no list of files, an empty one, a missing file, a file cut short."""
    for name in ("whole", "cut", "gone", "empty"):
        plant_distribution(tmp_path, name)
    plant_distribution(tmp_path, "listless", record=False)
    (tmp_path / "cut.py").write_text("x", "utf-8")
    (tmp_path / "gone.py").unlink()
    (tmp_path / "empty-1.dist-info" / "RECORD").write_text("", "utf-8")

    found = [path.name.partition("-")[0] for path in set_up.unfinished_distributions(tmp_path)]

    assert found == ["cut", "empty", "gone", "listless"]


def test_without_root_the_exact_line_is_printed() -> None:
    """Neither root nor sudo: nothing is run, the line to type is shown, set-up may go on."""
    said: list[str] = []
    ran: list[list[str]] = []

    def run(command: list[str]) -> bool:
        ran.append(command)
        return True

    done = set_up.install_debian(["flite", "strace"], prefix=None, run=run, say=said.append)

    assert not done
    assert ran == []
    assert "sudo apt-get update && sudo apt-get install flite strace" in said[0]


def test_with_root_packages_are_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package list is brought up to date only where the first try fails."""
    monkeypatch.setattr(set_up.shutil, "which", lambda name: f"/usr/bin/{name}")
    ran: list[str] = []
    answers = iter([False, True, True])

    def run(command: list[str]) -> bool:
        ran.append(" ".join(command))
        return next(answers)

    done = set_up.install_debian(["flite"], prefix=["sudo", "-n"], run=run, say=lambda _: None)

    assert done
    assert [line.split(" -qq ")[1].split()[0] for line in ran] == ["install", "update", "install"]
    assert all(line.startswith("sudo -n env DEBIAN_FRONTEND=noninteractive") for line in ran)


def test_failed_installation_prints_the_line_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused apt-get is not silent."""
    monkeypatch.setattr(set_up.shutil, "which", lambda name: f"/usr/bin/{name}")
    said: list[str] = []

    assert not set_up.install_debian(["age"], prefix=[], run=lambda _: False, say=said.append)
    assert "sudo apt-get install age" in said[-1]


def test_nothing_missing_says_nothing() -> None:
    """The quick run prints nothing about Debian."""
    said: list[str] = []

    assert set_up.missing_packages({"sh": "dash"}) == []
    assert set_up.install_debian([], prefix=None, run=lambda _: False, say=said.append)
    assert said == []


def test_missing_programs_are_named_by_package() -> None:
    """Two programs of one package make one name."""
    programs = {"no-such-one": "b", "no-such-two": "b", "no-such-three": "a", "sh": "dash"}

    assert set_up.missing_packages(programs) == ["a", "b"]


def plant_python(folder: Path, name: str, status: int) -> None:
    """Make a program that answers every question with this exit status."""
    (folder / name).write_text(f"#!/bin/sh\nexit {status}\n", "utf-8")
    (folder / name).chmod(0o755)


def test_python_that_fits_is_found_behind_one_that_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version manager's shim that exists but does not run is passed over."""
    plant_python(tmp_path, "python3.11", 127)
    plant_python(tmp_path, "python3.12", 0)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert set_up.find_python() == str(tmp_path / "python3.12")


def test_no_fitting_python_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ubuntu 22.04 comes with 3.10: say what to type."""
    plant_python(tmp_path, "python3", 1)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(set_up.SetUpError, match=r"apt-get install python3\.11 python3\.11-venv"):
        set_up.find_python()


def test_intake_command_passes_its_words_on(tmp_path: Path) -> None:
    """The command runs this environment's Python wherever it is called from, spaces kept."""
    folder = tmp_path / "a folder" / "bin"
    folder.mkdir(parents=True)
    set_up.write_whole(folder / "intake", set_up.INTAKE_COMMAND, mode=0o755)
    (folder / "python").write_text('#!/bin/sh\nprintf "%s|" "$@"\n', "utf-8")
    (folder / "python").chmod(0o755)
    (tmp_path / "link").symlink_to(folder / "intake")

    said = subprocess.run(
        [tmp_path / "link", "--vault", "my vault"], capture_output=True, text=True, check=True
    )

    assert said.stdout == "-I|-m|intake|--vault|my vault|"


def test_wrong_call_is_told_how() -> None:
    """No purpose, or an unknown one, is exit status 2."""
    for arguments in ([], ["everything"]):
        with pytest.raises(SystemExit) as ended:
            set_up.main(arguments)
        assert ended.value.code == 2


def test_purposes_share_their_steps(tmp_path: Path) -> None:
    """`make test` after `make demo` adds the checks' packages only."""
    locks = [f"requirements/{name}.txt" for name in ("runtime", "dev", "voices")]
    for name in (*locks, "transcription/models.py", "transcription/speakers/weights.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name, "utf-8")
    environment = set_up.Environment(tmp_path, lambda _: None)

    demo = {(step.name, step.key) for step in environment.steps("demo")}
    test = {(step.name, step.key) for step in environment.steps("test")}

    assert {name for name, _ in test - demo} == {"packages-dev"}
    assert demo < test
