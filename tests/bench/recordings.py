"""Figures on recordings and on opening a vault that have a limit and no rival (decision 15)."""

from __future__ import annotations

import os
import random
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crypto.bulk import seal_stream
from crypto.growing import GrowingWriter
from crypto.hybrid import HybridIdentity
from crypto.interrupted import reseal
from crypto.sealing import SeekableReader
from tests.bench.frame import BenchError
from tests.bench.limits import Figure
from tests.support.matter import make_matter, new_interview, store_many

if TYPE_CHECKING:
    from collections.abc import Callable

GIB: Final = 1 << 30
SEEKS: Final = 3_000
READ_BYTES: Final = 4096
HOUR_BYTES: Final = 3600 * 48_000 * 2
GROWN_BYTES: Final = 64 << 20
PIECE_BYTES: Final = 4_800
SEGMENTS: Final = 2_000
TITLES: Final = {
    "recording_seek": "random read in a sealed recording of 2 GiB, file in the page cache",
    "recording_recover": "an interrupted hour of 48 kHz mono sealed anew, synced and read back",
    "recording_growth": "bytes written to the disk for each byte recorded, synced every 64 KiB",
    "unlock_less_kdf": f"unlock less the passphrase KDF, {SEGMENTS:,} segments",
}


def figures(work: Path, wanted: list[str]) -> list[Figure]:
    """Measure all of these rows, or those named."""
    ways: dict[str, Callable[[Path], list[float]]] = {
        "recording_seek": _seek,
        "recording_recover": _recover,
        "recording_growth": _growth,
        "unlock_less_kdf": _unlock,
    }
    found = []
    for key, way in ways.items():
        if not wanted or key in wanted:
            sys.stderr.write(f"measuring: {TITLES[key]}\n")
            folder = work / key
            folder.mkdir()
            found.append(Figure(key, TITLES[key], tuple(way(folder))))
            for path in folder.glob("*.age"):
                path.unlink()
    return found


class _Noise:
    """So many random bytes: a mebibyte again and again, since nothing here compresses."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._block = os.urandom(1 << 20)

    def read(self, size: int, /) -> bytes:
        """Return at most a mebibyte."""
        part = self._block[: min(size, self._left)]
        self._left -= len(part)
        return part


def _seek(folder: Path) -> list[float]:
    identity = HybridIdentity.generate()
    path = folder / "long.age"
    with path.open("wb", buffering=0) as file:
        seal_stream(_Noise(2 * GIB), file, [identity.recipient()])
    with path.open("rb", buffering=0) as file:
        while file.read(1 << 20):
            pass
        reader = SeekableReader(file, [identity])
        choice = random.Random(15)  # noqa: S311  # places in a file, no key
        samples = []
        for _ in range(SEEKS):
            place = choice.randrange(2 * GIB - READ_BYTES)
            started = time.perf_counter()
            found = reader.read_at(place, READ_BYTES)
            samples.append((time.perf_counter() - started) * 1000)
            if len(found) != READ_BYTES:
                raise BenchError("a read came short")
    return samples


def _grow(path: Path, identity: HybridIdentity, size: int) -> int:
    """Record so many bytes and stop without an end; return the acknowledged count."""
    counts: list[int] = []
    writer = GrowingWriter(path, [identity.recipient()], acknowledge=counts.append)
    piece, left = os.urandom(PIECE_BYTES), size
    while left > 0:
        left -= writer.write(piece[:left])
    writer.abandon()
    return counts[-1]


def _recover(folder: Path) -> list[float]:
    old, new = HybridIdentity.generate(), HybridIdentity.generate()
    acknowledged = _grow(folder / "cut.age", old, HOUR_BYTES)
    samples = []
    for number in range(6):
        target = folder / f"{number}.age"
        started = time.perf_counter()
        done = reseal(
            folder / "cut.age",
            target,
            [old],
            [new.recipient()],
            acknowledged=acknowledged,
            check_with=[new],
        )
        samples.append(time.perf_counter() - started)
        target.unlink()
        if done.recovery.state != "interrupted" or done.recovery.chunks != acknowledged:
            raise BenchError("another recovery was expected")
    return samples[1:]  # the first one read the file from the disk


def _written() -> int:
    for line in Path("/proc/self/io").read_text("ascii").splitlines():
        if line.startswith("write_bytes:"):
            return int(line.partition(":")[2])
    raise BenchError("this system does not count what is written")


def _growth(folder: Path) -> list[float]:
    samples = []
    for number in range(3):
        before = _written()
        _grow(folder / f"{number}.age", HybridIdentity.generate(), GROWN_BYTES)
        samples.append((_written() - before) / GROWN_BYTES)
    return samples


def _unlock(folder: Path) -> list[float]:
    matter = make_matter(folder)
    with matter.unlock() as vault:
        store_many(vault, new_interview(vault).id, SEGMENTS)
    samples = []
    for _ in range(10):
        started = time.perf_counter()
        vault = matter.unlock()
        samples.append((time.perf_counter() - started) * 1000)
        vault.close()
    return samples[1:]
