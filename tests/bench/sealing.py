"""Rows: sealing and opening 256 MiB, file to file on one disk, against `age` and pyrage.

X25519 on all sides: that `age` does not know the hybrid recipients, and the recipient's kind only
touches the header. Ours and pyrage run inside this process, `age` is started (a few milliseconds).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Final

import pyrage  # type: ignore[import-untyped]  # an oracle and a rival, never in the product

from crypto.sealing import open_stream, seal_stream
from crypto.x25519 import X25519Identity
from tests.bench.frame import BenchError, Row, Side

if TYPE_CHECKING:
    from pathlib import Path

SIZE_BYTES: Final = 256 * 1024 * 1024
PIECE_BYTES: Final = 1024 * 1024
ROUNDS: Final = 5


def rows(work: Path) -> list[Row]:
    """Make the plain file, the key and both sealed files in `work`; return the two rows."""
    age = shutil.which("age")
    if age is None:
        raise BenchError("age is missing: apt-get install age")
    plain, sealed, target = work / "plain", work / "sealed.age", work / "target"
    with plain.open("wb") as opened:
        for _ in range(SIZE_BYTES // PIECE_BYTES):
            opened.write(os.urandom(PIECE_BYTES))
    identity = X25519Identity.generate()
    recipient = identity.recipient()
    key = work / "key"
    key.touch(mode=0o600)
    key.write_bytes(identity.to_text().reveal() + b"\n")

    def forget() -> None:
        target.unlink(missing_ok=True)

    def ours_seal() -> None:
        with plain.open("rb", buffering=0) as source, target.open("wb", buffering=0) as sink:
            seal_stream(source, sink, [recipient])

    def theirs_seal() -> None:
        command = [age, "--encrypt", "-r", str(recipient), "-o", str(target), str(plain)]
        subprocess.run(command, check=True)

    def ours_open() -> None:
        with sealed.open("rb", buffering=0) as source, target.open("wb", buffering=0) as sink:
            open_stream(source, sink, [identity])

    def theirs_open() -> None:
        command = [age, "--decrypt", "-i", str(key), "-o", str(target), str(sealed)]
        subprocess.run(command, check=True)

    their_identity = pyrage.x25519.Identity.from_str(identity.to_text().reveal().decode())

    def pyrage_seal() -> None:
        pyrage.encrypt_file(str(plain), str(target), [their_identity.to_public()])

    def pyrage_open() -> None:
        pyrage.decrypt_file(str(sealed), str(target), [their_identity])

    ours_seal()
    target.rename(sealed)
    return [
        Row(
            "seal",
            "seal 256 MiB",
            Side("Intake", forget, ours_seal),
            Side("age", forget, theirs_seal),
            ROUNDS,
        ),
        Row(
            "open",
            "open 256 MiB",
            Side("Intake", forget, ours_open),
            Side("age", forget, theirs_open),
            ROUNDS,
        ),
        Row(
            "seal_pyrage",
            "seal 256 MiB",
            Side("Intake", forget, ours_seal),
            Side("pyrage", forget, pyrage_seal),
            ROUNDS,
        ),
        Row(
            "open_pyrage",
            "open 256 MiB",
            Side("Intake", forget, ours_open),
            Side("pyrage", forget, pyrage_open),
            ROUNDS,
        ),
    ]
