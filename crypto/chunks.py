"""The payload of an age file: chunks of 64 KiB, each sealed under its place and whether it ends.

The nonce of a chunk is its index (11 bytes, big-endian) and a flag that marks the last one. A
payload key seals one payload only, so no (key, nonce) pair is used twice.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from crypto.errors import HeaderError, NoIdentityMatchError, PayloadError, RecipientMixError
from crypto.header import FILE_KEY_BYTES, Header, build_header, derive_key
from crypto.passphrase import KIND as PASSPHRASE_KIND
from crypto.secrets import Guarded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crypto.keywrap import Identity, Recipient

CHUNK_BYTES: Final = 64 * 1024
TAG_BYTES: Final = 16
SEALED_CHUNK_BYTES: Final = CHUNK_BYTES + TAG_BYTES
NONCE_BYTES: Final = 16
"""Length of the random value between header and chunks, from which the payload key comes."""

_PAYLOAD_LABEL: Final = b"payload"

BytesLike = bytes | bytearray | memoryview


class ByteReader(Protocol):
    """What sealed or plain bytes are read from."""

    def read(self, size: int, /) -> bytes | None:
        """Return at most `size` bytes, b"" at the end."""


class ByteWriter(Protocol):
    """What sealed or plain bytes are written to."""

    def write(self, content: BytesLike, /) -> int | None:
        """Write, and return how many bytes were taken."""


class ChunkCipher(Guarded):
    """Seals and opens single chunks of one payload; holds no position, safe in several threads."""

    __slots__ = ("_aead",)

    def __init__(self, file_key: bytes, nonce: bytes) -> None:
        self._aead = ChaCha20Poly1305(derive_key(file_key, nonce, _PAYLOAD_LABEL))

    def seal_into(self, index: int, plain: BytesLike, out: memoryview, *, final: bool) -> None:
        """Seal `plain` into `out`, which is exactly TAG_BYTES longer."""
        self._aead.encrypt_into(_chunk_nonce(index, final=final), plain, None, out)

    def seal(self, index: int, plain: BytesLike, *, final: bool) -> bytes:
        """Return the sealed chunk."""
        return self._aead.encrypt(_chunk_nonce(index, final=final), plain, None)

    def open(self, index: int, sealed: BytesLike, *, final: bool) -> bytes:
        """Return the plain chunk; raises PayloadError."""
        try:
            return self._aead.decrypt(_chunk_nonce(index, final=final), sealed, None)
        except InvalidTag:
            raise PayloadError(f"chunk {index} does not open") from None

    def open_into(self, index: int, sealed: BytesLike, out: memoryview, *, final: bool) -> bool:
        """Open into `out`, exactly TAG_BYTES shorter; return False if the chunk is not good."""
        try:
            self._aead.decrypt_into(_chunk_nonce(index, final=final), sealed, None, out)
        except InvalidTag:
            return False
        return True


def _chunk_nonce(index: int, *, final: bool) -> bytes:
    return index.to_bytes(11, "big") + (b"\x01" if final else b"\x00")


def start_payload(recipients: Sequence[Recipient]) -> tuple[bytes, ChunkCipher]:
    """Return what stands before the first chunk, and the cipher for it, under a new file key.

    Raises RecipientMixError when the recipients may not share a header.
    """
    families = {recipient.family for recipient in recipients}
    if len(families) != 1:
        raise RecipientMixError("recipients of one header must be of one family")
    if families == {"passphrase"} and len(recipients) > 1:
        raise RecipientMixError("a passphrase stands alone in its header")
    file_key = os.urandom(FILE_KEY_BYTES)
    header = build_header([recipient.wrap(file_key) for recipient in recipients], file_key)
    nonce = os.urandom(NONCE_BYTES)
    return header + nonce, ChunkCipher(file_key, nonce)


def unwrap_file_key(header: Header, identities: Sequence[Identity]) -> bytes:
    """Return the file key, with the header's MAC checked.

    Raises HeaderError, NoIdentityMatchError or HeaderMacError.
    """
    kinds = [stanza.kind for stanza in header.stanzas]
    if PASSPHRASE_KIND in kinds and len(kinds) > 1:
        raise HeaderError("a passphrase stanza does not stand alone")
    for identity in identities:
        file_key = identity.unwrap(header.stanzas)
        if file_key is not None:
            header.check_mac(file_key)
            return file_key
    raise NoIdentityMatchError("no identity opens the file")


def write_all(target: ByteWriter, content: BytesLike) -> None:
    """Write everything, also to an unbuffered file that takes less at a time."""
    view = memoryview(content)
    while view:
        taken = target.write(view)
        if taken is None:
            raise BlockingIOError("target does not take bytes now")
        view = view[taken:]


def read_up_to(source: ByteReader, size: int) -> bytes:
    """Read `size` bytes, or less only at the end of the source."""
    first = _read_some(source, size)
    if len(first) in (0, size):
        return first
    parts = [first]
    missing = size - len(first)
    while missing:
        part = _read_some(source, missing)
        if not part:
            break
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def fill(source: ByteReader, room: memoryview) -> int:
    """Fill `room` and return the count of bytes put there, less only at the end of the source."""
    read_into = getattr(source, "readinto", None)
    taken = 0
    while taken < len(room):
        if read_into is None:
            part = _read_some(source, len(room) - taken)
            count = len(part)
            room[taken : taken + count] = part
        else:
            count = read_into(room[taken:])
            if count is None:
                raise BlockingIOError("source has no bytes now")
        if not count:
            break
        taken += count
    return taken


def _read_some(source: ByteReader, size: int) -> bytes:
    part = source.read(size)
    if part is None:
        raise BlockingIOError("source has no bytes now")
    return part
