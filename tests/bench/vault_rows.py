"""Rows: verifying a large vault against `sha256sum` of the same files, in one run.

A vault with 2 GiB of sealed sound and 20,000 segments. `verify_media` hashes the sealed files as
verify does; `verify` is all of `intake vault verify`: signatures, rows, pages, files, names.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Final

from intake.custody.files import verify_folder
from intake.egress.inspecting import verify_vault
from tests.bench.frame import BenchError, Row, Side
from tests.support.matter import make_matter, new_interview, store_many
from tests.vault.tools import insert_media

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from intake.custody.verifying import Finding
    from intake.vault.vault import Vault
    from tests.support.matter import Matter

SOUNDS: Final = 8
PIECES: Final = 256
PIECE_BYTES: Final = 1024 * 1024
INTERVIEWS: Final = 8
SEGMENTS: Final = 2500
ROUNDS: Final = 3


def rows(work: Path) -> list[Row]:
    """Make the vault in `work` (about a minute); return the two rows."""
    program = shutil.which("sha256sum")
    if program is None:
        raise BenchError("sha256sum is missing: apt-get install coreutils")
    matter = _large(work)
    media = sorted((matter.path / "media").glob("*.age"))
    everything = sorted(path for path in matter.path.rglob("*") if path.is_file())
    return [
        Row(
            "verify_media",
            "verify 2 GiB of sealed sound",
            Side("Intake", _nothing, _verifying(matter, verify_folder)),
            Side("sha256sum", _nothing, _hashing(program, media)),
            ROUNDS,
        ),
        Row(
            "verify",
            "verify all of a vault: 2 GiB of sound, 20,000 segments",
            Side("Intake", _nothing, _verifying(matter, verify_vault)),
            Side("sha256sum", _nothing, _hashing(program, everything)),
            ROUNDS,
        ),
    ]


def _large(work: Path) -> Matter:
    matter = make_matter(work)
    piece = os.urandom(PIECE_BYTES)
    with matter.unlock() as vault:
        for _ in range(SOUNDS):
            sealed = vault.seal_sound(piece for _ in range(PIECES))
            with vault.change("media.imported", media=sealed.media) as change:
                insert_media(change, sealed)
        for _ in range(INTERVIEWS):
            store_many(vault, new_interview(vault).id, SEGMENTS)
    return matter


def _verifying(matter: Matter, check: Callable[[Vault], list[Finding]]) -> Callable[[], None]:
    def run() -> None:
        with matter.unlock() as vault:
            if found := check(vault):
                raise BenchError(f"verify found {len(found)} things in an untouched vault")

    return run


def _hashing(program: str, files: list[Path]) -> Callable[[], None]:
    def run() -> None:
        command = [program, *map(str, files)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    return run


def _nothing() -> None:
    """Nothing is to be made ready."""
