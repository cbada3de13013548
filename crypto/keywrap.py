"""What every kind of recipient shares: the seams, and the sealing of a file key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from crypto.errors import HeaderError
from crypto.header import FILE_KEY_BYTES, Stanza

if TYPE_CHECKING:
    from collections.abc import Sequence

Family = Literal["postquantum", "classic", "passphrase"]
"""Families never stand in one header: the weakest would decide for all."""

WRAPPED_FILE_KEY_BYTES: Final = FILE_KEY_BYTES + 16

# A wrapping key seals one file key only, so the nonce is fixed by the format.
_ZERO_NONCE: Final = bytes(12)


class Recipient(Protocol):
    """Someone a file can be sealed to."""

    @property
    def family(self) -> Family:
        """The family that all recipients of one header must share."""

    def wrap(self, file_key: bytes) -> Stanza:
        """Return the stanza that gives this recipient the file key."""


class Identity(Protocol):
    """Someone who can open files."""

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """Return the file key, or None when no stanza is for this identity.

        Raises HeaderError when a stanza of this identity's kind is malformed: that is final, no
        other identity is tried.
        """


def seal_file_key(wrapping_key: bytes, file_key: bytes) -> bytes:
    """Seal a file key under a key used for nothing else."""
    return ChaCha20Poly1305(wrapping_key).encrypt(_ZERO_NONCE, file_key, None)


def open_file_key(wrapping_key: bytes, body: bytes) -> bytes | None:
    """Open a file key, or return None when the wrapping key is another one."""
    check_wrapped_length(body)
    try:
        return ChaCha20Poly1305(wrapping_key).decrypt(_ZERO_NONCE, body, None)
    except InvalidTag:
        return None


def check_wrapped_length(body: bytes) -> None:
    """Refuse a body of another size before any decryption.

    A longer body could be made to open under several keys (the cipher does not commit to its
    key), which would tell an attacker which key a reader holds.
    """
    if len(body) != WRAPPED_FILE_KEY_BYTES:
        raise HeaderError("wrapped file key has a wrong length")
