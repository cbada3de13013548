"""Sealing and opening long streams through fixed buffers: no copy of a chunk outlives its block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from crypto.chunks import (
    CHUNK_BYTES,
    SEALED_CHUNK_BYTES,
    TAG_BYTES,
    ByteReader,
    ByteWriter,
    ChunkCipher,
    fill,
    start_payload,
    write_all,
)
from crypto.errors import PayloadError
from crypto.reading import SourceBuffer, open_header

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crypto.keywrap import Identity, Recipient

BLOCK_CHUNKS: Final = 16
"""One mebibyte at a time: larger blocks were not faster, smaller ones were."""


def seal_stream(source: ByteReader, target: ByteWriter, recipients: Sequence[Recipient]) -> int:
    """Seal all of `source` into `target` and return the count of plain bytes.

    Fastest with unbuffered files. After an exception the target holds no whole age file. Raises
    RecipientMixError, and whatever source and target raise.
    """
    start, cipher = start_payload(recipients)
    write_all(target, start)
    block = memoryview(bytearray(BLOCK_CHUNKS * CHUNK_BYTES))
    ahead = memoryview(bytearray(BLOCK_CHUNKS * CHUNK_BYTES))
    sealed = memoryview(bytearray(BLOCK_CHUNKS * SEALED_CHUNK_BYTES))
    length, index, total = fill(source, block), 0, 0
    is_last = False
    while not is_last:
        # Only what comes next tells whether this block ends the payload.
        length_ahead = fill(source, ahead) if length == len(block) else 0
        is_last = length_ahead == 0
        write_all(target, _seal_block(cipher, index, block[:length], sealed, is_last=is_last))
        index += BLOCK_CHUNKS
        total += length
        block, ahead, length = ahead, block, length_ahead
    return total


def _seal_block(
    cipher: ChunkCipher, index: int, block: memoryview, sealed: memoryview, *, is_last: bool
) -> memoryview:
    count = max(1, -(-len(block) // CHUNK_BYTES))
    end = 0
    for step in range(count):
        plain = block[step * CHUNK_BYTES : (step + 1) * CHUNK_BYTES]
        start, end = end, end + len(plain) + TAG_BYTES
        is_final = is_last and step == count - 1
        cipher.seal_into(index + step, plain, sealed[start:end], final=is_final)
    return sealed[:end]


def open_stream(source: ByteReader, target: ByteWriter, identities: Sequence[Identity]) -> int:
    """Open `source` into `target` and return the count of plain bytes.

    Chunks are written as they prove good. After an exception what was written is only a prefix,
    so the caller gives it no final name. Raises every CryptoError that opening can raise, and
    whatever source and target raise.
    """
    buffer = SourceBuffer(source)
    _, cipher = open_header(buffer, identities)
    sealed = memoryview(bytearray(BLOCK_CHUNKS * SEALED_CHUNK_BYTES))
    plain = memoryview(bytearray(BLOCK_CHUNKS * CHUNK_BYTES))
    opener = BlockOpener(cipher, plain)
    total = 0
    while length := buffer.readinto(sealed):
        opened = opener.open_block(sealed[:length])
        write_all(target, plain[:opened])
        total += opened
        if opener.error is not None:
            raise opener.error
    if not opener.is_ended:
        raise PayloadError("payload is cut")
    return total


class BlockOpener:
    """Opens blocks of chunks into one buffer, up to the final chunk or the first bad one.

    `chunks` counts the good ones, `is_ended` says whether the last of them was the final one.
    """

    def __init__(self, cipher: ChunkCipher, plain: memoryview) -> None:
        self._cipher = cipher
        self._plain = plain
        self.chunks = 0
        self.is_ended = False
        self.error: PayloadError | None = None

    def open_block(self, sealed: memoryview) -> int:
        """Return the count of good plain bytes; `error` says why there are no more."""
        opened = 0
        for start in range(0, len(sealed), SEALED_CHUNK_BYTES):
            chunk = sealed[start : start + SEALED_CHUNK_BYTES]
            room = self._plain[opened : opened + max(0, len(chunk) - TAG_BYTES)]
            if self.is_ended:
                self.error = PayloadError("bytes follow the final chunk")
            elif not self._open_chunk(chunk, room):
                self.error = PayloadError(f"chunk {self.chunks} does not open")
            if self.error is not None:
                break
            self.chunks += 1
            opened += len(room)
        return opened

    def _open_chunk(self, chunk: memoryview, room: memoryview) -> bool:
        is_full = len(chunk) == SEALED_CHUNK_BYTES
        if is_full and self._cipher.open_into(self.chunks, chunk, room, final=False):
            return True
        # The final chunk is empty only when the payload is.
        least = TAG_BYTES + (1 if self.chunks else 0)
        if len(chunk) < least or not self._cipher.open_into(self.chunks, chunk, room, final=True):
            return False
        self.is_ended = True
        return True
