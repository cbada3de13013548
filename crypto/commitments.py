"""Salted commitments: a digest that says nothing of a low-entropy payload without its salt."""

from __future__ import annotations

import hashlib
import os
from typing import Final

SALT_BYTES: Final = 16

_LABEL: Final = b"intake/commit/v1\x00"
_LENGTH_BYTES: Final = 8


def new_salt() -> bytes:
    """Return a fresh salt, one for each commitment."""
    return os.urandom(SALT_BYTES)


def commit(salt: bytes, kind: str, payload: bytes) -> str:
    """Return 64 hex digits: SHA-256 over the label, then salt, kind (UTF-8) and payload.

    Each of the three is preceded by its length (8 bytes, big-endian), so that no two triples
    give the same bytes. Raises ValueError for a salt of another length than SALT_BYTES.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has exactly {SALT_BYTES} bytes")
    digest = hashlib.sha256(_LABEL)
    for part in (salt, kind.encode(), payload):
        digest.update(len(part).to_bytes(_LENGTH_BYTES, "big"))
        digest.update(part)
    return digest.hexdigest()
