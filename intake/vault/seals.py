"""Row seals: what an entry commits to of the rows that its operation wrote (docs/format.md)."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.vault.domains import Value
    from intake.vault.store import Row

UNSEALED: Final = frozenset({"store", "op_done", "outbox", "custody", "row_seal", "opening"})
"""Tables without row seals: bookkeeping that verify recomputes by other means."""

FORGOTTEN: Final = b""
"""In the place of an operation's salt: its rows were erased, and a guess at them proves nothing."""


def row_name(key: Sequence[Value]) -> str:
    """Return the primary key of a row as one string; no two keys of a table have the same."""
    return "|".join(str(part).replace("\\", "\\\\").replace("|", "\\|") for part in key)


def split_name(name: str) -> list[str]:
    """Return the parts of a primary key from the string that `row_name` made."""
    parts = re.findall(r"((?:\\.|[^\\|])*)(?:\||$)", name, re.DOTALL)
    return [re.sub(r"\\(.)", r"\1", part, flags=re.DOTALL) for part in parts[: _count(name)]]


def _count(name: str) -> int:
    return len(re.sub(r"\\.", "", name, flags=re.DOTALL).split("|"))


def rows_digest(salt: bytes, leaves: Sequence[bytes]) -> str:
    """Return what an entry commits to for one store: the leaves of its operation, in order."""
    return hashlib.sha256(b"intake/rows/v1\0" + salt + b"".join(leaves)).hexdigest()


def row_leaf(salt: bytes, table: str, name: str, row: Row | None) -> bytes:
    """Return the salted hash over a whole row, or over its absence (None)."""
    content = msgspec.msgpack.encode(sorted(row.items()) if row is not None else None)
    head = f"intake/row/v1\0{table}\0{name}\0".encode()
    return hashlib.sha256(head + salt + content).digest()
