"""What the probes look at: the files under a root, and what only the system itself can tell."""

from __future__ import annotations

import os
import resource
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import crypto.versions
import intake.statement
from intake.vault.versions import store_versions
from transcription.confining import is_dumpable
from transcription.errors import TranscriptionError
from transcription.models import check_model, default_model_dir
from transcription.probing import Walls, try_walls

_LARGEST_READ = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What no file tells. Sizes in bytes, times in seconds since 1970."""

    now_s: float
    free_bytes: int | None
    walls: Walls | None
    """What stands around a child that reads foreign bytes, None = could not be tried."""
    is_dumpable: bool
    core_limit: int
    umask: int
    cipher_version: str
    cipher_provider: str
    openssl_version: str
    model: str
    """The model's name, or empty."""
    model_refusal: str
    """The sentence of a model that is missing or wrong, or empty."""
    fonts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A computer: `root` holds proc and sys, `place` is the folder that a vault lies in."""

    root: Path
    place: Path
    facts: Facts

    @classmethod
    def of(cls, place: Path) -> System:
        """Return the running system."""
        resolved = _existing(place)
        stores = store_versions()
        model, refusal = _model()
        umask = os.umask(0o077)
        os.umask(umask)
        facts = Facts(
            now_s=time.time(),
            free_bytes=_free(resolved),
            walls=try_walls(),
            is_dumpable=is_dumpable(),
            core_limit=resource.getrlimit(resource.RLIMIT_CORE)[0],
            umask=umask,
            cipher_version=stores.cipher,
            cipher_provider=stores.provider,
            openssl_version=crypto.versions.openssl_version(),
            model=model,
            model_refusal=refusal,
            fonts=_fonts(),
        )
        return cls(root=Path("/"), place=resolved, facts=facts)

    def read(self, name: str) -> str | None:
        """Return a small file under the root, such as "proc/swaps", or None."""
        try:
            with (self.root / name).open("rb") as opened:
                return opened.read(_LARGEST_READ).decode("utf-8", "replace")
        except OSError:
            return None


def _existing(place: Path) -> Path:
    """Return the folder itself, or the nearest one above it that exists, without links."""
    resolved = place.resolve()
    while not resolved.exists() and resolved != resolved.parent:
        resolved = resolved.parent
    return resolved


def _free(place: Path) -> int | None:
    try:
        return shutil.disk_usage(place).free
    except OSError:
        return None


def _model() -> tuple[str, str]:
    try:
        return check_model(default_model_dir()).name, ""
    except TranscriptionError as error:
        return "", error.sentence


def _fonts() -> tuple[str, ...]:
    folder = Path(str(intake.statement.__file__)).parent / "fonts"
    return tuple(sorted(file.name for file in folder.glob("*.ttf")))
