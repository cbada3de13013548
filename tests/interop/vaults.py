"""A small vault with what docs/format.md describes, and what a reader of it must find."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from intake.custody.verifying import read_entries
from intake.review.declaring import Declaration, declare
from intake.text import Kind
from intake.transcript.names import load_register
from tests.support.matter import (
    OTHER_PASSPHRASE,
    PASSPHRASE,
    add_translator,
    make_matter,
    new_interview,
    store_many,
    working_copy,
)

if TYPE_CHECKING:
    from intake.vault.ids import MemberId

READER = Path(__file__).with_name("reader.py")
SOUND = bytes(range(256)) * 700


@dataclass(frozen=True)
class Known:
    """A closed vault, and what Intake itself says of it."""

    path: Path
    member: MemberId
    passphrase_file: Path
    translator: MemberId
    translator_passphrase_file: Path
    facts: dict[str, Any]


def make_known(folder: Path) -> Known:
    """Make the vault: two members, an interview with sound, ten segments, a name."""
    matter = make_matter(folder)
    (folder / "passphrase").write_text(PASSPHRASE + "\n")
    (folder / "other").write_text(OTHER_PASSPHRASE + "\n")
    with matter.unlock() as vault:
        translator = add_translator(vault)
        interview = new_interview(vault)
        sound = working_copy(vault, interview.id, [SOUND])
        declare(vault, [Declaration(Kind.PERSON, ("Amina Testova",))])
        store_many(vault, interview.id, 10, media=sound)
        texts = vault.testimony.rows(
            "SELECT r.sep FROM segment s JOIN segment_rev r ON r.segment=s.id AND r.rev=s.rev "
            "ORDER BY s.interview, s.ord"
        )
        facts = {
            "vault": str(vault.id),
            "epoch": vault.record.epoch,
            "roster": sorted([matter.member, translator]),
            "members_in_testimony": sorted([matter.member, translator]),
            "custody": len(list(read_entries(vault.testimony))),
            "texts": [row["sep"] for row in texts],
            "forms": {
                f"{entity}.{num}": form.verbatim
                for (entity, num), form in load_register(vault).forms.items()
            },
            "cleared": True,
            "media": [
                {
                    "id": str(sound),
                    "role": "working",
                    "rate": 16000,
                    "channels": 1,
                    "sha_plain": hashlib.sha256(SOUND).hexdigest(),
                }
            ],
        }
    return Known(
        matter.path, matter.member, folder / "passphrase", translator, folder / "other", facts
    )


def read_by_page(
    vault: Path, member: str, passphrase_file: Path, age: list[str], folder: Path
) -> subprocess.CompletedProcess[str]:
    """Run the independent reader in `folder`, from where it could not import Intake."""
    words = [str(vault), member, str(passphrase_file), *age]
    return subprocess.run(
        [sys.executable, "-I", str(READER), *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def difference(known: Known, done: subprocess.CompletedProcess[str]) -> str:
    """Return "" if the reader found exactly what Intake says, else what differs."""
    if done.returncode != 0:
        return done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "the reader failed"
    found = json.loads(done.stdout)
    names = [name for name in known.facts | found if found.get(name) != known.facts.get(name)]
    return f"differs in {', '.join(names)}" if names else ""
