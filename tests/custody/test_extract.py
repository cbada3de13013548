"""Custody extracts: files that other programs check, and that tell two recipients nothing."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from intake.custody.extracting import extract
from intake.vault.ids import new_id
from tests.support.matter import Matter, make_matter, new_interview

if TYPE_CHECKING:
    from pathlib import Path


def _write_extract(matter: Matter, folder: Path) -> list[int]:
    with matter.unlock() as vault:
        files = extract(vault)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return sorted(int(p.stem) for p in (folder / "entries").glob("*.bin"))


@pytest.mark.skipif(
    not (shutil.which("openssl") and shutil.which("sha256sum")),
    reason="openssl or sha256sum is missing",
)
def test_an_extract_checks_with_openssl_and_sha256sum_alone(matter: Matter, tmp_path: Path) -> None:
    """The commands that the extract's README gives; twin: one flipped byte fails them."""
    numbers = _write_extract(matter, tmp_path)
    key = next((tmp_path / "keys").glob("*.pem")).relative_to(tmp_path)

    def is_good(n: int) -> bool:
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", str(key), "-rawin"]
        files = ["-in", f"entries/{n}.bin", "-sigfile", f"entries/{n}.sig"]
        done = subprocess.run([*command, *files], cwd=tmp_path, capture_output=True, check=False)
        return done.returncode == 0

    assert all(is_good(n) for n in numbers[:3])
    sums = subprocess.run(  # the README's second command
        ["sha256sum", *(f"entries/{n}.json" for n in numbers)],  # noqa: S607  # from PATH
        cwd=tmp_path,
        capture_output=True,
        check=True,
        text=True,
    ).stdout.splitlines()
    for n, line in zip(numbers[1:], sums, strict=False):
        content = json.loads((tmp_path / f"entries/{n}.json").read_bytes())
        assert content["previous"] == line.split()[0]
    flipped = bytearray((tmp_path / "entries/2.bin").read_bytes())
    flipped[40] ^= 1
    (tmp_path / "entries/2.bin").write_bytes(flipped)
    assert not is_good(2)


def test_extracts_of_two_matters_share_no_hash_of_the_same_object(tmp_path: Path) -> None:
    """The same recording in two vaults: nothing in the extracts is equal but fixed words."""
    found = []
    for name in ("one", "two"):
        matter = make_matter(tmp_path / name)
        with matter.unlock() as vault:
            interview = new_interview(vault)
            with vault.change("media.imported", interview=interview.id) as change:
                change.vouch("original", new_id(), hashlib.sha256(b"the same bytes").digest())
            contents = [json.loads(v) for k, v in extract(vault).items() if k.endswith(".json")]
        text = json.dumps(contents)
        assert hashlib.sha256(b"the same bytes").hexdigest() not in text
        words = set(text.replace('"', " ").replace(",", " ").split())
        found.append({word for word in words if len(word) >= 26})
    shared = found[0] & found[1]
    assert shared <= {"0" * 64}
