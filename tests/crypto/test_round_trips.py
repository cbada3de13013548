"""What is sealed comes back, whole or in parts, however it was written."""

from __future__ import annotations

import hashlib
import io
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto.bulk import BLOCK_CHUNKS
from crypto.chunks import CHUNK_BYTES, SEALED_CHUNK_BYTES, BytesLike
from crypto.recipients import (
    HybridIdentity,
    Identity,
    Recipient,
    ScryptIdentity,
    ScryptRecipient,
    X25519Identity,
)
from crypto.sealing import (
    OpeningReader,
    SealingWriter,
    SeekableReader,
    open_bytes,
    open_stream,
    seal_bytes,
    seal_stream,
)

BLOCK = BLOCK_CHUNKS * CHUNK_BYTES
BORDERS = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES]
BLOCK_BORDERS = [BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 2 * BLOCK + CHUNK_BYTES]
STEADY = settings(derandomize=True, deadline=None, database=None, max_examples=40)
KEY = X25519Identity.generate()
TO_KEY: list[Recipient] = [KEY.recipient()]
SOUND = hashlib.shake_256(b"sound").digest(4 * CHUNK_BYTES)


class Trickle:
    """A pipe that gives and takes little at a time."""

    def __init__(self, content: bytes = b"") -> None:
        self._source = io.BytesIO(content)
        self.taken = bytearray()

    def read(self, size: int, /) -> bytes:
        """Give at most a thousand bytes."""
        return self._source.read(min(size, 1000))

    def write(self, content: BytesLike, /) -> int:
        """Take at most thirty thousand bytes."""
        part = bytes(content[:30_000])
        self.taken += part
        return len(part)


@pytest.mark.parametrize("size", BORDERS)
def test_every_kind_of_recipient_gets_the_bytes_back(
    size: int,
    hybrid: HybridIdentity,
    classic: X25519Identity,
    scrypt_recipient: ScryptRecipient,
    scrypt_identity: ScryptIdentity,
) -> None:
    """Hybrid, X25519 and passphrase open what was sealed to them."""
    plain = SOUND[:size]
    pairs: list[tuple[Recipient, Identity]] = [
        (hybrid.recipient(), hybrid),
        (classic.recipient(), classic),
        (scrypt_recipient, scrypt_identity),
    ]
    for recipient, identity in pairs:
        assert open_bytes(seal_bytes(plain, [recipient]), [identity]) == plain


def test_each_of_several_recipients_opens_the_file(hybrid: HybridIdentity) -> None:
    """Every recipient of a header opens it, whatever else the reader tries first."""
    other = HybridIdentity.generate()
    sealed = seal_bytes(b"spoken", [hybrid.recipient(), other.recipient()])

    assert open_bytes(sealed, [hybrid]) == b"spoken"
    assert open_bytes(sealed, [other]) == b"spoken"
    assert open_bytes(sealed, [KEY, HybridIdentity.generate(), other]) == b"spoken"


def test_a_later_x25519_stanza_is_found() -> None:
    """A stanza for someone else before one's own does not end the search."""
    sealed = seal_bytes(b"spoken", [X25519Identity.generate().recipient(), KEY.recipient()])

    assert open_bytes(sealed, [KEY]) == b"spoken"


@STEADY
@given(sizes=st.lists(st.sampled_from([0, 1, 999, 65_535, 65_536, 65_537]), max_size=4))
def test_the_way_of_writing_does_not_show(sizes: list[int]) -> None:
    """Pieces of any size give the payload of their sum, in the fewest chunks."""
    pieces = [SOUND[:size] for size in sizes]
    sealed = io.BytesIO()

    with SealingWriter(sealed, TO_KEY) as writer:
        for piece in pieces:
            assert writer.write(piece) == len(piece)

    plain = b"".join(pieces)
    assert open_bytes(sealed.getvalue(), [KEY]) == plain
    assert writer.chunks_written == max(1, -(-len(plain) // CHUNK_BYTES))
    assert len(sealed.getvalue()) == len(seal_bytes(plain, TO_KEY))


@pytest.mark.parametrize("size", BORDERS + BLOCK_BORDERS)
def test_streams_agree_with_bytes(size: int) -> None:
    """The fast paths read and write the same files as the others."""
    plain = hashlib.shake_256(b"stream").digest(size)
    sealed, opened = io.BytesIO(), io.BytesIO()

    assert seal_stream(io.BytesIO(plain), sealed, TO_KEY) == size
    assert open_stream(io.BytesIO(sealed.getvalue()), opened, [KEY]) == size

    assert opened.getvalue() == plain
    assert open_bytes(sealed.getvalue(), [KEY]) == plain
    assert len(sealed.getvalue()) == len(seal_bytes(plain, TO_KEY))


def test_streams_through_pipes_that_give_little() -> None:
    """Short reads and short writes lose nothing."""
    sealed, opened = Trickle(), Trickle()

    seal_stream(Trickle(SOUND), sealed, TO_KEY)
    open_stream(Trickle(bytes(sealed.taken)), opened, [KEY])

    assert bytes(opened.taken) == SOUND
    assert OpeningReader(Trickle(bytes(sealed.taken)), [KEY]).read() == SOUND


def test_an_empty_pipe_is_an_empty_payload() -> None:
    """A source that ends at once gives one empty final chunk."""
    sealed = Trickle()

    assert seal_stream(Trickle(), sealed, TO_KEY) == 0

    assert open_bytes(bytes(sealed.taken), [KEY]) == b""


class NotReady(io.RawIOBase):
    """A file that would block."""

    def read(self, _size: int = -1) -> None:
        """Have nothing."""

    def readinto(self, _room: object) -> None:
        """Have nothing."""

    def write(self, _content: object) -> None:
        """Take nothing."""


class NotReadyToRead:
    """The same without `readinto`."""

    def read(self, _size: int, /) -> None:
        """Have nothing."""


def test_files_that_would_block_are_an_error_not_an_end() -> None:
    """Nothing there yet must never look like the end of the recording."""
    with pytest.raises(BlockingIOError):
        seal_stream(NotReady(), io.BytesIO(), TO_KEY)
    with pytest.raises(BlockingIOError):
        seal_stream(NotReadyToRead(), io.BytesIO(), TO_KEY)
    with pytest.raises(BlockingIOError):
        OpeningReader(NotReady(), [KEY])
    with pytest.raises(BlockingIOError):
        SealingWriter(NotReady(), TO_KEY)


SEALED = seal_bytes(SOUND[:-5], TO_KEY)


@STEADY
@given(
    offset=st.integers(0, len(SOUND) + 10),
    size=st.integers(0, len(SOUND)) | st.sampled_from([0, 1, CHUNK_BYTES]),
)
def test_reading_at_a_place_equals_a_slice(offset: int, size: int) -> None:
    """Any place and length gives what slicing the plaintext gives."""
    reader = SeekableReader(io.BytesIO(SEALED), [KEY])

    assert reader.size == len(SOUND) - 5
    assert reader.read_at(offset, size) == SOUND[:-5][offset : offset + size]


@STEADY
@given(sizes=st.lists(st.integers(1, 70_000), min_size=1, max_size=6))
def test_reading_in_order_equals_slices(sizes: list[int]) -> None:
    """Reads of any size follow one another without gap; the end is b""."""
    reader = OpeningReader(io.BytesIO(SEALED), [KEY])
    place = 0
    for size in sizes:
        assert reader.read(size) == SOUND[:-5][place : place + size]
        place += size

    assert reader.read() == SOUND[:-5][place:]
    assert reader.read(1) == b""
    assert reader.read(0) == b""


def test_seeking_keeps_few_chunks_and_refuses_negative_places() -> None:
    """The cache is bounded, and arguments are checked."""
    long = bytes(40 * CHUNK_BYTES)
    reader = SeekableReader(io.BytesIO(seal_bytes(long, TO_KEY)), [KEY])

    assert reader.read_at(0, len(long)) == long

    assert len(reader._cache) == 16
    with pytest.raises(ValueError, match="not negative"):
        reader.read_at(-1, 1)
    with pytest.raises(ValueError, match="not negative"):
        reader.read_at(1, -1)


def test_seeking_from_several_threads() -> None:
    """Players read from threads of their own; each gets its own place."""
    reader = SeekableReader(io.BytesIO(SEALED), [KEY])
    wrong: list[int] = []

    def read_many(seed: int) -> None:
        for step in range(100):
            offset = (step * 7919 + seed * 50_021) % (len(SOUND) - 1000)
            if reader.read_at(offset, 900) != SOUND[offset : offset + 900]:
                wrong.append(offset)

    threads = [threading.Thread(target=read_many, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


def test_a_sealed_chunk_has_the_length_of_the_format() -> None:
    """64 KiB and a tag of 16 bytes."""
    assert SEALED_CHUNK_BYTES == 65_552
