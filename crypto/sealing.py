"""Sealing and opening whole age files; the functions most callers need.

`seal_bytes` and `open_bytes` for what fits in memory, `seal_stream` and `open_stream` for files,
`SealingWriter` for a payload that grows, `OpeningReader` and `SeekableReader` for one that is read
in parts.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from crypto.bulk import open_stream, seal_stream
from crypto.reading import OpeningReader, SeekableReader
from crypto.writing import SealingWriter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crypto.keywrap import Identity, Recipient

__all__ = [
    "OpeningReader",
    "SealingWriter",
    "SeekableReader",
    "open_bytes",
    "open_stream",
    "seal_bytes",
    "seal_stream",
]


def seal_bytes(plaintext: bytes, recipients: Sequence[Recipient]) -> bytes:
    """Return `plaintext` as an age file; raises RecipientMixError."""
    sealed = io.BytesIO()
    with SealingWriter(sealed, recipients) as writer:
        writer.write(plaintext)
    return sealed.getvalue()


def open_bytes(sealed: bytes, identities: Sequence[Identity]) -> bytes:
    """Return the whole plaintext; raises a CryptoError and releases nothing unless all is good."""
    return OpeningReader(io.BytesIO(sealed), identities).read()
