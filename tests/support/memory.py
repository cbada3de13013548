"""Looking for words in the memory of a running process, from outside (Linux)."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_RANGE = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (r...) \S+ \S+ \S+ *(.*)")
_PIECE_BYTES = 16 << 20
_OVERLAP_BYTES = 1 << 10


def forms_of(words: str) -> dict[str, bytes]:
    """Return the bytes of words as Python keeps them and as Qt does."""
    return {"UTF-8": words.encode(), "UTF-16": words.encode("utf-16-le")}


def count_in_memory(pid: int, wanted: Mapping[str, bytes]) -> dict[str, int]:
    """Return how many copies of each a process has; needs root, or a process that is dumpable.

    Everything that is mapped is read: heap, stacks, anonymous memory, files. `OSError` where the
    memory may not be read at all.
    """
    assert all(0 < len(each) < _OVERLAP_BYTES for each in wanted.values())
    found = dict.fromkeys(wanted, 0)
    for piece, is_new_from in _pieces(pid):
        for name, octets in wanted.items():
            at = piece.find(octets)
            while at >= 0:
                found[name] += at + len(octets) > is_new_from
                at = piece.find(octets, at + 1)
    return found


def _pieces(pid: int) -> Iterator[tuple[bytes, int]]:
    """Give the memory in pieces that overlap, each with the length that was in the one before."""
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for start, end in _mapped(pid):
            before = b""
            for begin in range(start, end, _PIECE_BYTES):
                try:
                    read = os.pread(memory.fileno(), min(_PIECE_BYTES, end - begin), begin)
                except OSError:
                    break  # a device, or unmapped meanwhile
                piece = before + read
                yield piece, len(before)
                before = piece[-_OVERLAP_BYTES:]


def _mapped(pid: int) -> list[tuple[int, int]]:
    """Return the ranges of readable memory, apart from what the kernel lends to every process."""
    matches = (_RANGE.match(line) for line in Path(f"/proc/{pid}/maps").read_text().splitlines())
    return [
        (int(match[1], 16), int(match[2], 16))
        for match in matches
        if match and match[4] not in {"[vvar]", "[vsyscall]", "[vvar_vclock]"}
    ]


def open_below(pid: int, name: str) -> list[str]:
    """Return what a process has open whose path holds `name`."""
    places = (os.path.realpath(entry) for entry in Path(f"/proc/{pid}/fd").iterdir())
    return [place for place in places if name in place]


def children_of(pid: int) -> list[int]:
    """Return the processes that any thread of this one started and that still are."""
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(number) for one in lists for number in one.read_text().split()]
