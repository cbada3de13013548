"""Speech models that somebody brings in a folder: looked at, copied whole, and checked ever after.

Only files of a CTranslate2 Whisper model are taken, by name, each a plain file of a bounded size;
nothing in them is run, and no pickle is one of them. What is on Intake's list is checked against
it; other models against a list of digests that comes with them (`SHA256SUMS`), or not at all: then
a person has said that it is a model of their own, and which languages it was taught. A small file
beside the copy keeps what was found, and every later use is checked against that.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import stat
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Final, Literal

import msgspec

from transcription.errors import ModelError
from transcription.languages import MODEL_LANGUAGES, is_offered
from transcription.models import (
    UNREADABLE,
    WEIGHTS,
    Model,
    known_models,
    open_plain,
    pinned_name,
    sync,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Origin = Literal["listed", "own_list", "custom"]
MANIFEST: Final = "intake-model.json"
SUMS: Final = "SHA256SUMS"
_MIB: Final = 1 << 20
LARGEST: Final[Mapping[str, int]] = MappingProxyType(
    {
        WEIGHTS: 8192 * _MIB,
        "config.json": _MIB,
        "tokenizer.json": 32 * _MIB,
        "vocabulary.txt": 16 * _MIB,
        "vocabulary.json": 16 * _MIB,
        "preprocessor_config.json": _MIB,
    }
)
"""The files that are taken, and the most bytes that each may have. Everything else is left."""
_NEEDED: Final = (WEIGHTS, "config.json", "tokenizer.json")
_VOCABULARIES: Final = ("vocabulary.txt", "vocabulary.json")
_LARGEST_SUMS: Final = 64 << 10
_PIECE: Final = 4 * _MIB
_HEAD: Final = re.compile(rb"[\x01-\x20]\x00\x00\x00\x0c\x00WhisperSpec\x00", re.DOTALL)
_HEAD_BYTES: Final = 18
_SUM: Final = re.compile(r"([0-9a-f]{64}) [ *](?:\./)?([^/\\]{1,100})")
_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,38}[a-z0-9])?")
_STATED: Final = re.compile(r"([a-z]{2,3})(?:=([a-z]{2,3}))?")
_PRIVATE_FILE: Final = 0o600
_PRIVATE_FOLDER: Final = 0o700
_UNFINISHED: Final = ".bringing-"
_ROOM: Final = 64 * _MIB

NOT_A_MODEL: Final = (
    "This folder holds no speech model that Intake can use. It needs model.bin, config.json, "
    "tokenizer.json and a vocabulary, as CTranslate2 writes them; nothing was copied."
)
TOO_LARGE: Final = (
    "A file of this model is larger than any speech model's, or it grew while it was read. Nothing "
    "was copied; take the model from its source again."
)
NOT_AS_LISTED: Final = (
    "A file of this model differs from the list of digests that is known for it: it is damaged or "
    "was changed. Nothing was copied; take the model from its source again."
)
UNKNOWN: Final = (
    "This model is not on Intake's list and brings no list of digests (SHA256SUMS). Nothing was "
    "copied. If it is your organisation's own model, say so, and which languages it was taught."
)
NO_ROOM: Final = (
    "The disk has not enough room for this model, or refused it. Nothing was copied; make room and "
    "bring it again."
)
ODD_NAME: Final = (
    "A model's name has small letters, digits, dots and hyphens, forty at most, and is not one of "
    "Intake's own. Nothing was copied; choose another name."
)
ODD_LANGUAGE: Final = (
    "A language of the model is given as a code of Intake's list, such as `fr`, or with the code "
    "that the model itself has for it, such as `ug=uz`. Nothing was copied."
)
HERE_ALREADY: Final = (
    "This computer has a model of that name, or these very weights. Nothing was copied; choose "
    "another name, or use the model that is here."
)


class _Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was found when a model was brought."""

    v: Literal[1]
    name: str
    origin: Origin
    files: dict[str, str]
    languages: dict[str, str]


@dataclass(frozen=True, slots=True)
class Brought:
    """A model that was brought: what is written beside it. Its files are not read for this."""

    name: str
    path: Path
    origin: Origin
    digest: str
    languages: Mapping[str, str]


def brought_dir() -> Path:
    """Return where this user's models lie: $XDG_DATA_HOME/intake/models, or ~/.local/share/..."""
    base = os.environ.get("XDG_DATA_HOME", "")
    place = Path(base) if base.startswith("/") else Path.home() / ".local" / "share"
    return place / "intake" / "models"


def stated_languages(stated: list[str]) -> dict[str, str]:
    """Read `fr` and `ug=uz`: the declared code, and the model's own. `ModelError` for others."""
    languages: dict[str, str] = {}
    for word in stated:
        found = _STATED.fullmatch(word)
        own = found and (found[2] or found[1])
        if not found or not is_offered(found[1]) or own not in MODEL_LANGUAGES:
            raise ModelError(ODD_LANGUAGE)
        languages[found[1]] = str(own)
    return languages


def bring_model(
    source: Path,
    place: Path,
    *,
    name: str = "",
    languages: Mapping[str, str] | None = None,
    is_custom: bool = False,
    report: Callable[[int, int], None] = lambda done, total: None,  # noqa: ARG005  # to nobody
) -> Brought:
    """Copy a model out of `source` into a folder of its own below `place`; return what it is.

    `name` is what it is called here, needed where no list names it. `languages` are those that
    its bringer states (`stated_languages`); `is_custom` says that no list of digests is expected.
    `report` gets bytes done and in all. Raises `ModelError` with its sentence; the folder appears
    whole or not at all, and what an interrupted call left is cleared by the next.
    """
    wanted = _found(source)
    sums = _own_sums(source, wanted)
    total = sum(wanted.values())
    try:
        place.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
        _clear(place)
        if shutil.disk_usage(place).free < total + _ROOM:
            raise ModelError(NO_ROOM)
        fresh = place / f"{_UNFINISHED}{secrets.token_hex(4)}"
        fresh.mkdir(mode=_PRIVATE_FOLDER)
        try:
            files = _copied(source, fresh, wanted, report)
            found = _judged(files, sums, name, languages or {}, is_custom=is_custom)
            _finish(fresh, place, found)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    except OSError:
        raise ModelError(NO_ROOM) from None
    return _brought(place / found.name, found)


def list_brought(place: Path) -> list[Brought]:
    """Return the models that were brought, by name; a folder that is not whole is left out."""
    try:
        folders = sorted(path for path in place.iterdir() if not path.name.startswith("."))
    except OSError:
        return []
    return [_brought(path, found) for path in folders if (found := _manifest(path)) is not None]


def check_brought(folder: Path, digest: str) -> Model:
    """Read every file of a brought model and compare it with what was found when it came.

    `digest` is that of the weights as `list_brought` told it. Raises `ModelError`.
    """
    found = _manifest(folder)
    if found is None or found.files.get(WEIGHTS) != digest:
        raise ModelError(NOT_AS_LISTED)
    try:
        for name, known in found.files.items():
            with open_plain(folder / name) as opened:
                if hashlib.file_digest(opened, "sha256").hexdigest() != known:
                    raise ModelError(NOT_AS_LISTED)
    except OSError:
        raise ModelError(NOT_AS_LISTED) from None
    return Model(
        name=found.name,
        path=folder,
        digest=found.files[WEIGHTS],
        files=MappingProxyType(found.files),
        languages=MappingProxyType(found.languages),
    )


# --- looking ------------------------------------------------------------------------------------


def _found(source: Path) -> dict[str, int]:
    """Return the files to be taken with their sizes, after a look at each."""
    wanted: dict[str, int] = {}
    for name, largest in LARGEST.items():
        try:
            with open_plain(source / name) as opened:
                size = os.fstat(opened.fileno()).st_size
                if not 0 < size <= largest:
                    raise ModelError(TOO_LARGE if size else NOT_A_MODEL)
                if name == WEIGHTS:
                    _require_weights(opened)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            raise ModelError(UNREADABLE) from None
        wanted[name] = size
    has_words = any(name in wanted for name in _VOCABULARIES)
    if not has_words or any(name not in wanted for name in _NEEDED):
        raise ModelError(NOT_A_MODEL)
    return wanted


def _own_sums(source: Path, wanted: Mapping[str, int]) -> dict[str, str] | None:
    """Return the digests that came with the model, or None; a list that misses a file is none."""
    try:
        with open_plain(source / SUMS) as opened:
            content = opened.read(_LARGEST_SUMS + 1)
        lines = content.decode("ascii").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError):
        raise ModelError(NOT_AS_LISTED) from None
    if len(content) > _LARGEST_SUMS:
        raise ModelError(TOO_LARGE)
    matches = [_SUM.fullmatch(line) for line in lines if line.strip()]
    sums = {match[2]: match[1] for match in matches if match}
    if len(sums) != len(matches) or not set(wanted) <= set(sums):
        raise ModelError(NOT_AS_LISTED)
    return sums


def _judged(
    files: dict[str, str],
    sums: dict[str, str] | None,
    name: str,
    languages: Mapping[str, str],
    *,
    is_custom: bool,
) -> _Manifest:
    """Say what the copied files are, by their digests."""
    if sums is not None and any(files[one] != sums[one] for one in files):
        raise ModelError(NOT_AS_LISTED)
    pinned = pinned_name(files)
    if pinned:
        return _Manifest(1, name or pinned, "listed", files, {})
    if sums is None and not is_custom:
        raise ModelError(UNKNOWN)
    if not languages and is_custom:
        raise ModelError(UNKNOWN)
    if sums is None:
        return _Manifest(1, name, "custom", files, dict(languages))
    called = name or f"model-{files[WEIGHTS][:8]}"
    return _Manifest(1, called, "own_list", files, dict(languages))


# --- copying ------------------------------------------------------------------------------------


def _copied(
    source: Path, fresh: Path, wanted: Mapping[str, int], report: Callable[[int, int], None]
) -> dict[str, str]:
    """Copy the files and return the digest of each, as it was written."""
    done, total = 0, sum(wanted.values())
    digests: dict[str, str] = {}
    for name, size in wanted.items():
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        descriptor = os.open(fresh / name, flags, _PRIVATE_FILE)
        with os.fdopen(descriptor, "wb") as target, open_plain(source / name) as opened:
            digests[name] = _copy(opened, target, size, partial(_tell, report, done, total))
            target.flush()
            os.fsync(target.fileno())
        # Of the copy: the source may have been exchanged since it was looked at.
        if name == WEIGHTS:
            with open_plain(fresh / name) as copied:
                _require_weights(copied)
        elif name.endswith(".json"):
            _require_json(fresh / name)
        done += size
    return digests


def _tell(report: Callable[[int, int], None], before: int, total: int, more: int) -> None:
    report(before + more, total)


def _copy(opened: IO[bytes], target: IO[bytes], size: int, report: Callable[[int], None]) -> str:
    """Copy exactly `size` bytes; one that has fewer or more by now is refused."""
    digest, left = hashlib.sha256(), size
    while left:
        piece = opened.read(min(_PIECE, left))
        if not piece:
            raise ModelError(TOO_LARGE)
        digest.update(piece)
        target.write(piece)
        left -= len(piece)
        report(size - left)
    if opened.read(1):
        raise ModelError(TOO_LARGE)
    return digest.hexdigest()


def _require_weights(opened: IO[bytes]) -> None:
    """Refuse what does not begin as CTranslate2 begins a Whisper model: a pickle, an archive."""
    if not _HEAD.fullmatch(opened.read(_HEAD_BYTES)):
        raise ModelError(NOT_A_MODEL)


def _require_json(path: Path) -> None:
    try:
        msgspec.json.decode(path.read_bytes())
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise ModelError(NOT_A_MODEL) from None


def _finish(fresh: Path, place: Path, found: _Manifest) -> None:
    """Write the manifest, sync, and give the folder its name."""
    is_taken = found.origin != "listed" and found.name in known_models()
    if not _NAME.fullmatch(found.name) or is_taken:
        raise ModelError(ODD_NAME)
    same = [one for one in list_brought(place) if one.digest == found.files[WEIGHTS]]
    target = place / found.name
    if same or target.exists() or target.is_symlink():
        raise ModelError(HERE_ALREADY)
    descriptor = os.open(
        fresh / MANIFEST, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _PRIVATE_FILE
    )
    with os.fdopen(descriptor, "wb") as written:
        written.write(msgspec.json.encode(found))
        written.flush()
        os.fsync(written.fileno())
    sync(fresh)
    fresh.rename(target)
    sync(place)


def _clear(place: Path) -> None:
    """Remove what an interrupted import left; a link in its place is removed, not followed."""
    for left in place.glob(f"{_UNFINISHED}*"):
        if stat.S_ISDIR(left.lstat().st_mode):
            shutil.rmtree(left, ignore_errors=True)
        else:
            with suppress(OSError):
                left.unlink()


def _manifest(folder: Path) -> _Manifest | None:
    """Return what is written beside a model, or None where it is not of the known shape."""
    try:
        with open_plain(folder / MANIFEST) as opened:
            found = msgspec.json.decode(opened.read(_MIB), type=_Manifest)
        languages = stated_languages([f"{a}={b}" for a, b in found.languages.items()])
    except (OSError, ModelError, msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None
    known = set(found.files) <= set(LARGEST) and WEIGHTS in found.files
    is_odd = found.origin == "listed" and not pinned_name(found.files)
    return found if known and not is_odd and languages == found.languages else None


def _brought(path: Path, found: _Manifest) -> Brought:
    return Brought(
        found.name, path, found.origin, found.files[WEIGHTS], MappingProxyType(found.languages)
    )
