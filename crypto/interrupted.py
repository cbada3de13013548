"""What a recording that was cut short still holds, and sealing that into a new file.

Only this module reads an age file without its end; every ordinary reader refuses one. From index 0,
a chunk of full size that opens as non-final counts, and the first that does not ends the count.
Whether that end is a crash or damage is told by the count that was acknowledged outside the file,
never by the length of the file.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final, Literal, cast

from crypto.bulk import BLOCK_CHUNKS, BlockOpener, open_stream
from crypto.chunks import (
    CHUNK_BYTES,
    NONCE_BYTES,
    SEALED_CHUNK_BYTES,
    TAG_BYTES,
    fill,
    read_up_to,
    write_all,
)
from crypto.errors import DamagedRecordingError, HeaderError, HeaderMacError, PayloadError
from crypto.files import whole_file
from crypto.growing import hold
from crypto.reading import SourceBuffer, open_header
from crypto.writing import SealingWriter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from crypto.chunks import ByteReader, BytesLike, ByteWriter, ChunkCipher
    from crypto.keywrap import Identity, Recipient

State = Literal["complete", "interrupted", "damaged"]
Reason = Literal[
    "whole",
    "end is missing",
    "acknowledged chunk is missing",
    "acknowledged chunk does not open",
    "bytes follow the final chunk",
    "header is damaged",
]

_STATES: Final[dict[Reason, State]] = {
    "whole": "complete",
    "end is missing": "interrupted",
    "acknowledged chunk is missing": "damaged",
    "acknowledged chunk does not open": "damaged",
    "bytes follow the final chunk": "damaged",
    "header is damaged": "damaged",
}


@dataclass(frozen=True, slots=True)
class Recovery:
    """What of a file is authentic, and how it ended. Only `complete` is a valid age file.

    `chunks` and `plain_bytes` count what opened, from the start and without a gap, the final chunk
    included; `tail_bytes` is what follows in the file and says nothing. `sha_sealed` is over the
    whole file as it lies there.
    """

    state: State
    reason: Reason
    chunks: int
    plain_bytes: int
    tail_bytes: int
    acknowledged: int
    sha_sealed: str


@dataclass(frozen=True, slots=True)
class Resealed:
    """A recovery that has become a new file, as custody notes it."""

    recovery: Recovery
    sha_sealed: str
    sealed_bytes: int
    sha_plain: str


def recover(path: Path, identities: Sequence[Identity], acknowledged: int) -> Recovery:
    """Read a file to its end and say what of it is authentic; changes nothing.

    `acknowledged` is the count that the writer gave last. An unreadable header is a finding, not an
    error, since a crash can come that early; NoIdentityMatchError says only that the key is another
    one. Raises StillGrowingError, OSError, and ValueError for a negative count.
    """
    with path.open("rb", buffering=0) as file, ThreadPoolExecutor(1) as hasher:
        hold(cast("BinaryIO", file))
        source = _HashingReader(cast("ByteReader", file), hasher)
        return _recover(source, identities, acknowledged, _Nowhere())


def reseal(
    path: Path,
    new_path: Path,
    identities: Sequence[Identity],
    recipients: Sequence[Recipient],
    *,
    acknowledged: int,
    check_with: Sequence[Identity],
    even_damaged: bool = False,
) -> Resealed:
    """Seal what is authentic in `path` into a new age file, under a new file key.

    Streams, in bounded memory. The new file is synced, and read back with `check_with`, before it
    gets its name; until then nothing remains of it after an error. The old file is not touched:
    the caller removes it once custody holds what this returns. Raises DamagedRecordingError for a
    damaged file unless `even_damaged` (a custodian's decision), ValueError for a complete one,
    FileExistsError if anything stands at `new_path`, PayloadError if the new file does not read
    back as it was written, and what `recover` raises.
    """
    with (
        ThreadPoolExecutor(1) as hasher,
        path.open("rb", buffering=0) as file,
        whole_file(new_path, only_new=True) as target,
    ):
        hold(cast("BinaryIO", file))
        writer = SealingWriter(target, recipients)
        plain = _Hashing(writer, hasher)
        source = _HashingReader(cast("ByteReader", file), hasher)
        recovery = _recover(source, identities, acknowledged, plain)
        if recovery.state == "complete":
            raise ValueError("a complete file is not sealed again")
        if recovery.state == "damaged" and not even_damaged:
            raise DamagedRecordingError(recovery.reason)
        writer.finish()
        sealed = _read_back(target, check_with, plain.hexdigest(), hasher)
        sealed_bytes = sealed.read_to_end()
    return Resealed(recovery, sealed.hexdigest(), sealed_bytes, plain.hexdigest())


def _read_back(
    target: BinaryIO, identities: Sequence[Identity], sha_plain: str, hasher: ThreadPoolExecutor
) -> _HashingReader:
    """Read what was just written and see that it holds the same; the digest is of what was read."""
    target.seek(0)
    source = _HashingReader(cast("ByteReader", target), hasher)
    opened = _Hashing(_Nowhere(), hasher)
    open_stream(source, opened, identities)
    source.read_to_end()
    if opened.hexdigest() != sha_plain:
        raise PayloadError("the new file does not read back as it was written")
    return source


def _recover(
    source: _HashingReader, identities: Sequence[Identity], acknowledged: int, target: ByteWriter
) -> Recovery:
    if acknowledged < 0:
        raise ValueError("a count is not negative")
    buffer = SourceBuffer(source)
    chunks, plain_bytes, sealed_end = 0, 0, 0
    try:
        header, cipher = open_header(buffer, identities)
    except HeaderMacError:
        reason: Reason = "header is damaged"
    except HeaderError:
        # Before the first chunk a crash can leave half a header, or zeroes; nothing is lost by it.
        reason = "header is damaged" if acknowledged else "end is missing"
    else:
        opener, plain_bytes = _copy_prefix(buffer, cipher, target)
        chunks = opener.chunks
        sealed_end = header.length + NONCE_BYTES + plain_bytes + chunks * TAG_BYTES
        reason = _reason(opener, acknowledged, source.read_to_end() - sealed_end)
    return Recovery(
        state=_STATES[reason],
        reason=reason,
        chunks=chunks,
        plain_bytes=plain_bytes,
        tail_bytes=source.read_to_end() - sealed_end,
        acknowledged=acknowledged,
        sha_sealed=source.hexdigest(),
    )


def _copy_prefix(
    buffer: SourceBuffer, cipher: ChunkCipher, target: ByteWriter
) -> tuple[BlockOpener, int]:
    """Write what opens, from the start and without a gap; return where it stopped, and how much."""
    sealed = memoryview(bytearray(BLOCK_CHUNKS * SEALED_CHUNK_BYTES))
    plain = memoryview(bytearray(BLOCK_CHUNKS * CHUNK_BYTES))
    opener = BlockOpener(cipher, plain)
    total = 0
    while opener.error is None and (length := buffer.readinto(sealed)):
        opened = opener.open_block(sealed[:length])
        write_all(target, plain[:opened])
        total += opened
    return opener, total


def _reason(opener: BlockOpener, acknowledged: int, tail_bytes: int) -> Reason:
    if opener.chunks < acknowledged:
        is_there = tail_bytes >= SEALED_CHUNK_BYTES
        return "acknowledged chunk does not open" if is_there else "acknowledged chunk is missing"
    if not opener.is_ended:
        return "end is missing"
    return "bytes follow the final chunk" if tail_bytes else "whole"


class _Nowhere:
    """Takes bytes and keeps none."""

    def write(self, content: BytesLike, /) -> int:
        return len(content)


class _Digest:
    """SHA-256 of blocks, in another thread: it takes as long as all the sealing and opening."""

    def __init__(self, hasher: ThreadPoolExecutor) -> None:
        self._hasher = hasher
        self._digest = hashlib.sha256()
        self._waiting: Future[None] | None = None

    def add(self, block: BytesLike) -> None:
        """Begin with a block, which stays as it is until `wait`."""
        self._waiting = self._hasher.submit(self._digest.update, block)

    def wait(self) -> None:
        """Return when the last block is taken."""
        if self._waiting is not None:
            self._waiting.result()
            self._waiting = None

    def hexdigest(self) -> str:
        """Return the digest of all blocks so far."""
        self.wait()
        return self._digest.hexdigest()


class _Hashing(_Digest):
    """Passes bytes on and hashes them meanwhile."""

    def __init__(self, target: ByteWriter, hasher: ThreadPoolExecutor) -> None:
        super().__init__(hasher)
        self._target = target

    def write(self, content: BytesLike, /) -> int:
        self.add(content)
        write_all(self._target, content)
        self.wait()
        return len(content)


class _HashingReader(_Digest):
    """Reads bytes and hashes them while their reader works; one buffer at a time."""

    def __init__(self, source: ByteReader, hasher: ThreadPoolExecutor) -> None:
        super().__init__(hasher)
        self._source = source
        self._length = 0

    def read(self, size: int, /) -> bytes:
        self.wait()
        part = read_up_to(self._source, size)
        self._length += len(part)
        self.add(part)
        return part

    def readinto(self, room: memoryview) -> int:
        self.wait()
        count = fill(self._source, room)
        self._length += count
        self.add(room[:count])
        return count

    def read_to_end(self) -> int:
        """Read what is left and return the length of the whole."""
        room = memoryview(bytearray(BLOCK_CHUNKS * CHUNK_BYTES))
        while self.readinto(room):
            pass
        return self._length
