"""Planted words, one for each class of data, and the search for them: no row may leave one behind.

The words are invented and stand nowhere else. A search that finds nothing must first find what
was planted: test_frame.py plants each word in each shape and place.
"""

from __future__ import annotations

import base64
import json
import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

CANARIES: Final = {
    "name": "Tamsin Orrelby-Quade",
    "contact": "+44 7700 900461",
    "place": "Vellenwick Causeway",
    "statement": "plumdragged",
    "passphrase": "ochre ladder beneath thirteen idle kestrels",
    "other passphrase": "walnut ferry against eleven slow harbours",
}


def shapes_of(word: str) -> set[bytes]:
    """Return the bytes by which a word could be found again: encodings, JSON, hex, base64."""
    raw = word.encode()
    shapes = {raw, word.encode("utf-16-le"), word.encode("utf-16-be")}
    shapes |= {raw.lower(), raw.upper(), raw.hex().encode(), raw.hex().upper().encode()}
    shapes.add(json.dumps(word)[1:-1].encode())
    for shift in range(3):  # base64 looks different by where in a group of three bytes it begins
        coded = base64.b64encode(bytes(shift) + raw)
        shapes.add(coded[4 if shift else 0 :][: len(raw) * 4 // 3 - 4])
    return shapes


_SHAPES: Final = {kind: sorted(shapes_of(word)) for kind, word in CANARIES.items()}


def found_in(content: bytes) -> list[str]:
    """Return the classes of the canaries that stand in some bytes, in any shape."""
    return [kind for kind, shapes in _SHAPES.items() if any(s in content for s in shapes)]


def search_text(what: str, text: str) -> list[str]:
    """Search what was printed or logged; returns a line for each class found, without the word."""
    return [f"{what} holds the {kind}" for kind in found_in(text.encode("utf-8", "replace"))]


def search_folders(folders: Iterable[Path], *, leave_out: Iterable[Path] = ()) -> list[str]:
    """Search the names and bytes of all files below some folders; links are not followed."""
    apart = {path.resolve() for path in leave_out}
    hits: list[str] = []
    for folder in folders:
        for path in _files_below(folder, apart):
            where = path.relative_to(folder)
            hits += [f"the name of {folder.name}/{n} tells the {k}" for n, k in _in_name(where)]
            hits += [f"{folder.name}/{where} holds the {kind}" for kind in _in_file(path)]
    return hits


def _files_below(folder: Path, apart: set[Path]) -> Iterator[Path]:
    for here, folders, files in os.walk(folder):
        base = folder.__class__(here)
        folders[:] = [name for name in folders if (base / name).resolve() not in apart]
        yield from (base / name for name in (*folders, *files))


def _in_name(where: Path) -> Iterator[tuple[str, str]]:
    for kind in found_in(os.fsencode(where)):
        yield "(not shown)", kind


def _in_file(path: Path) -> list[str]:
    if path.is_symlink():
        return found_in(os.fsencode(path.readlink()))
    if not path.is_file():
        return []
    try:
        return found_in(path.read_bytes())
    except OSError:  # a pipe or a file that a row made unreadable: its name was looked at
        return []
