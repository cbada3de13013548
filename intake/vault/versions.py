"""Which SQLCipher this Python carries, without opening any store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import sqlcipher3

CIPHER_FLOOR: Final = (4, 6)
"""The oldest SQLCipher whose behaviour was measured (docs/format.md); stores refuse older ones."""


@dataclass(frozen=True, slots=True)
class StoreVersions:
    """SQLCipher, such as "4.19.0 community", and what does its ciphers, such as "OpenSSL 3.6.0"."""

    cipher: str
    provider: str


def store_versions() -> StoreVersions:
    """Ask SQLCipher in memory; nothing is written. Empty words where it does not say."""
    connection = sqlcipher3.connect(":memory:")
    try:
        # The provider is loaded with the first key; this one opens nothing.
        connection.execute("PRAGMA key = 'asked for its version'")
        return StoreVersions(_told(connection, "version"), _told(connection, "provider_version"))
    finally:
        connection.close()


def _told(connection: sqlcipher3.Connection, what: str) -> str:
    row = connection.execute(f"PRAGMA cipher_{what}").fetchone()
    return str(row[0]) if row else ""
