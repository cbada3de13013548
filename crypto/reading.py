"""Opening a payload: as a stream, or at any place."""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from crypto.chunks import (
    CHUNK_BYTES,
    NONCE_BYTES,
    SEALED_CHUNK_BYTES,
    TAG_BYTES,
    ByteReader,
    ChunkCipher,
    fill,
    read_up_to,
    unwrap_file_key,
)
from crypto.errors import CryptoError, HeaderError, PayloadError
from crypto.header import Header, parse_header

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crypto.keywrap import Identity

_HEADER_BLOCK_BYTES: Final = 4096
_CACHED_CHUNKS: Final = 16
"""One mebibyte of plain chunks: a few seconds of sound around the place that plays."""


class SourceBuffer:
    """Gives header lines, then the rest, of a source that need not be seekable."""

    def __init__(self, source: ByteReader) -> None:
        self._source = source
        self._held = b""

    def readline(self, limit: int) -> bytes:
        """Return a line with its line feed, or less at the end or the limit."""
        parts: list[bytes] = []
        room = limit
        while room:
            held = self.peek()
            end = held.find(b"\n", 0, room) + 1
            part = held[: end or room]
            self._held = self._held[len(part) :]
            parts.append(part)
            room -= len(part)
            if end or not part:
                break
        return b"".join(parts)

    def read(self, size: int, /) -> bytes:
        """Return `size` bytes, or less only at the end."""
        part = self._held[:size]
        self._held = self._held[len(part) :]
        if len(part) == size:
            return part
        return part + read_up_to(self._source, size - len(part))

    def peek(self) -> bytes:
        """Return some bytes that come next without taking them, b"" at the end."""
        if not self._held:
            self._held = read_up_to(self._source, _HEADER_BLOCK_BYTES)
        return self._held

    def readinto(self, room: memoryview) -> int:
        """Fill `room` and return the count of bytes put there, less only at the end."""
        part = self._held[: len(room)]
        self._held = self._held[len(part) :]
        room[: len(part)] = part
        return len(part) + fill(self._source, room[len(part) :])


def open_header(source: SourceBuffer, identities: Sequence[Identity]) -> tuple[Header, ChunkCipher]:
    """Read header and nonce; raises as `parse_header` and `unwrap_file_key`."""
    header = parse_header(source)
    file_key = unwrap_file_key(header, identities)
    nonce = source.read(NONCE_BYTES)
    if len(nonce) != NONCE_BYTES:
        raise HeaderError("file ends before its payload")
    return header, ChunkCipher(file_key, nonce)


class ChunkReader:
    """Opens chunks in order; after any error it opens no more."""

    def __init__(self, source: SourceBuffer, cipher: ChunkCipher) -> None:
        self._source = source
        self._cipher = cipher
        self._index = 0
        self._ended = False

    def next_chunk(self) -> bytes:
        """Return the next plain chunk, b"" after the final one; raises PayloadError."""
        if self._ended:
            if self._source.read(1):
                raise PayloadError("bytes follow the final chunk")
            return b""
        sealed = self._source.read(SEALED_CHUNK_BYTES)
        plain, self._ended = open_next(self._cipher, self._index, sealed)
        self._index += 1
        return plain


def open_next(cipher: ChunkCipher, index: int, sealed: bytes) -> tuple[bytes, bool]:
    """Open a chunk read in order and tell whether it is the final one; raises PayloadError."""
    if len(sealed) < TAG_BYTES:
        raise PayloadError("payload is cut")
    if len(sealed) == SEALED_CHUNK_BYTES:
        try:
            return cipher.open(index, sealed, final=False), False
        except PayloadError:
            pass  # a chunk of full size may be the final one
    plain = cipher.open(index, sealed, final=True)
    if not plain and index > 0:
        raise PayloadError("final chunk is empty")
    return plain, True


class OpeningReader:
    """Reads the plaintext of one age file in order; for one thread.

    Bytes are released chunk by chunk, each authentic and in its place; that the whole is there is
    known only when `read` returns b"". After an error every further call raises it again.
    """

    def __init__(self, raw: ByteReader, identities: Sequence[Identity]) -> None:
        source = SourceBuffer(raw)
        _, cipher = open_header(source, identities)
        self._chunks = ChunkReader(source, cipher)
        self._plain = memoryview(b"")
        self._error: CryptoError | None = None

    def read(self, size: int = -1) -> bytes:
        """Return `size` bytes, less only at the end, all when negative; raises PayloadError."""
        parts: list[bytes] = []
        missing = size
        while missing:
            if not self._plain and not self._load():
                break
            part = bytes(self._plain if missing < 0 else self._plain[:missing])
            self._plain = self._plain[len(part) :]
            parts.append(part)
            missing -= len(part) if missing > 0 else 0
        return b"".join(parts)

    def _load(self) -> bool:
        if self._error is not None:
            raise self._error
        try:
            chunk = self._chunks.next_chunk()
        except CryptoError as error:  # of the payload, or of the armor that it comes in
            self._error = error
            raise
        self._plain = memoryview(chunk)
        return bool(chunk)


class SeekableReader:
    """Reads the plaintext of one age file at any place; safe in several threads.

    The final chunk is opened first, so `size` is authentic. The raw file must be seekable, is not
    closed, and nobody else may move its position meanwhile.
    """

    def __init__(self, raw: BinaryIO, identities: Sequence[Identity]) -> None:
        self._raw = raw
        self._lock = threading.Lock()
        self._cache: OrderedDict[int, bytes] = OrderedDict()
        total = raw.seek(0, io.SEEK_END)
        raw.seek(0)
        header, self._cipher = open_header(SourceBuffer(cast("ByteReader", raw)), identities)
        self._start = header.length + NONCE_BYTES
        self._sealed_size = total - self._start
        self._last = max(0, (self._sealed_size - 1) // SEALED_CHUNK_BYTES)
        self._size = self._last * CHUNK_BYTES + len(self._open_last())

    @property
    def size(self) -> int:
        """Length of the plaintext in bytes."""
        return self._size

    def read_at(self, offset: int, size: int) -> bytes:
        """Return `size` bytes from `offset`, less only at the end of the plaintext.

        Raises PayloadError for a bad chunk and ValueError for a negative argument.
        """
        if offset < 0 or size < 0:
            raise ValueError("offset and size are not negative")
        end = min(offset + size, self._size)
        if offset >= end:
            return b""
        first, last = offset // CHUNK_BYTES, (end - 1) // CHUNK_BYTES
        with self._lock:
            plain = b"".join(self._chunk(index) for index in range(first, last + 1))
        start = offset - first * CHUNK_BYTES
        return plain[start : start + end - offset]

    def _open_last(self) -> bytes:
        sealed = self._read_sealed(self._last)
        if len(sealed) < TAG_BYTES:
            raise PayloadError("payload is cut")
        plain = self._cipher.open(self._last, sealed, final=True)
        if not plain and self._last > 0:
            raise PayloadError("final chunk is empty")
        self._cache[self._last] = plain
        return plain

    def _chunk(self, index: int) -> bytes:
        plain = self._cache.get(index)
        if plain is None:
            is_final = index == self._last
            plain = self._cipher.open(index, self._read_sealed(index), final=is_final)
            self._cache[index] = plain
            if len(self._cache) > _CACHED_CHUNKS:
                self._cache.popitem(last=False)
        self._cache.move_to_end(index)
        return plain

    def _read_sealed(self, index: int) -> bytes:
        place = index * SEALED_CHUNK_BYTES
        self._raw.seek(self._start + place)
        length = min(SEALED_CHUNK_BYTES, self._sealed_size - place)
        return read_up_to(cast("ByteReader", self._raw), length)
