"""A recorder killed at any moment loses at most 64 KiB of what it took, and gives no wrong byte."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crypto import interrupted
from crypto.chunks import CHUNK_BYTES, SEALED_CHUNK_BYTES
from crypto.errors import CryptoError
from crypto.interrupted import Recovery, recover, reseal
from crypto.sealing import SeekableReader, open_bytes
from tests.crypto.kill_child import payload

if TYPE_CHECKING:
    from crypto.x25519 import X25519Identity

ROOT = Path(__file__).resolve().parents[2]
KILLS = 200 if os.environ.get("INTAKE_KILL_ALL") else 40


def killed_writers(folder: Path, identity: X25519Identity, kills: int) -> list[dict[str, int]]:
    """Kill so many writers with SIGKILL; return what each had accepted and acknowledged."""
    command = [sys.executable, "-m", "tests.crypto.kill_child", str(folder)]
    done = subprocess.run(
        [*command, str(identity.recipient()), "20261124", str(kills)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def findings(folder: Path, identity: X25519Identity, said: dict[str, int]) -> list[str]:
    """Check one killed recording against what its writer had said; return what is wrong."""
    path, new = folder / f"{said['number']}.age", folder / f"{said['number']}.new.age"
    wrong = []
    try:
        open_bytes(path.read_bytes(), [identity])
        wrong.append("an ordinary reader takes it")
    except CryptoError:
        pass
    done = reseal(
        path,
        new,
        [identity],
        [identity.recipient()],
        acknowledged=said["acknowledged"],
        check_with=[identity],
    ).recovery
    with new.open("rb") as file:
        reader = SeekableReader(file, [identity])
        kept = reader.read_at(0, reader.size)
    if kept != payload(said["number"], 1 << 20)[: len(kept)]:
        wrong.append("a byte is wrong")
    if said["accepted"] - len(kept) > CHUNK_BYTES:
        wrong.append(f"{said['accepted'] - len(kept)} bytes are lost")
    if done.state != "interrupted" or done.chunks < said["acknowledged"]:
        wrong.append(f"state {done.state}, {done.chunks} of {said['acknowledged']} chunks")
    return wrong


@pytest.mark.slow
def test_no_kill_loses_more_than_one_chunk(tmp_path: Path, classic: X25519Identity) -> None:
    """Real SIGKILLs: 40 here, 200 in `make long`."""
    said = killed_writers(tmp_path, classic, KILLS)
    # One that had finished before the signal came is whole, which other tests are about.
    cut = [one for one in said if one["accepted"] < 1 << 20]

    assert len(said) == KILLS
    assert len(cut) > KILLS * 3 // 4
    assert len({one["acknowledged"] for one in cut}) > 5  # at many places
    assert {one["number"]: wrong for one in cut if (wrong := findings(tmp_path, classic, one))} == (
        {}
    )


def trusting_the_length(path: Path, *_: object) -> Recovery:
    """Count chunks by the length of the file, as a hasty recovery would."""
    chunks = path.stat().st_size // SEALED_CHUNK_BYTES
    return Recovery("interrupted", "end is missing", chunks, chunks * CHUNK_BYTES, 0, 0, "")


def test_twin_a_recovery_that_trusts_the_length_is_caught(
    tmp_path: Path, classic: X25519Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Zeroes that power loss leaves would count as sound, and a lost chunk as a crash."""
    (said,) = killed_writers(tmp_path, classic, 1)
    path = tmp_path / "0.age"
    honest = recover(path, [classic], said["acknowledged"])
    with path.open("ab") as file:
        file.write(bytes(3 * SEALED_CHUNK_BYTES))

    assert recover(path, [classic], said["acknowledged"]).chunks == honest.chunks

    monkeypatch.setattr(interrupted, "recover", trusting_the_length)

    assert interrupted.recover(path, [classic], said["acknowledged"]).chunks > honest.chunks
