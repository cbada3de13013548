"""Reading a recording while it is made: what is acknowledged, and never a false end."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, cast

import pytest

from crypto.chunks import CHUNK_BYTES, SEALED_CHUNK_BYTES, TAG_BYTES
from crypto.errors import DamagedRecordingError, HeaderError, NoIdentityMatchError
from crypto.following import FollowingReader
from crypto.growing import GrowingWriter
from crypto.x25519 import X25519Identity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = X25519Identity.generate()
PLAIN = bytes(range(256)) * (5 * CHUNK_BYTES // 256) + b"end"


class Growing:
    """A recording under way, its acknowledged count, and a reader of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self.writer = GrowingWriter(path, [KEY.recipient()], acknowledge=self._take)
        self.raw = cast("BinaryIO", path.open("rb", buffering=0))
        self.reader = self.follow()

    def _take(self, count: int) -> None:
        self.count = count

    def follow(self) -> FollowingReader:
        """Return another reader of the same file."""
        return FollowingReader(self.raw, [KEY], acknowledged=lambda: self.count)


@pytest.fixture
def growing(tmp_path: Path) -> Iterator[Growing]:
    """Begin a recording."""
    made = Growing(tmp_path / "recording.age")
    yield made
    made.writer.abandon()
    made.raw.close()


def test_what_is_acknowledged_is_read_and_no_more(growing: Growing) -> None:
    """Chunk by chunk, while it is written; then the end is known."""
    assert growing.reader.read_more() == b""
    read = b""
    for start in range(0, len(PLAIN), CHUNK_BYTES // 2):
        growing.writer.write(PLAIN[start : start + CHUNK_BYTES // 2])
        read += growing.reader.read_more()
        assert len(read) == growing.count * CHUNK_BYTES
        assert not growing.reader.is_complete

    growing.writer.finish()
    read += growing.reader.read_more()

    assert read == PLAIN
    assert growing.reader.is_complete
    assert growing.reader.plain_bytes == len(PLAIN)
    assert growing.reader.read_more() == b""


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES, 2 * CHUNK_BYTES, 17 * CHUNK_BYTES])
def test_every_length_comes_to_its_end(growing: Growing, size: int) -> None:
    """A final chunk of full size is the end as well; a long one comes a mebibyte at a time."""
    growing.writer.write(bytes(size))
    growing.writer.finish()

    read, turns = 0, 0
    while not growing.reader.is_complete:
        read += len(growing.reader.read_more())
        turns += 1

    assert (read, turns) == (size, 1 + size // (16 * CHUNK_BYTES + 1))


def test_what_is_written_and_not_acknowledged_is_left_alone(growing: Growing) -> None:
    """The count stays behind the file: those chunks could still be lost."""
    growing.writer.write(PLAIN)
    growing.count = 2

    assert growing.reader.read_more() == PLAIN[: 2 * CHUNK_BYTES]
    assert growing.reader.read_more() == b""
    growing.count = 3
    assert growing.reader.read_more() == PLAIN[2 * CHUNK_BYTES : 3 * CHUNK_BYTES]


def test_twin_a_reader_that_goes_by_the_length_would_read_them(growing: Growing) -> None:
    """The same file, the count taken from its length: the chunk that nobody acknowledged comes."""
    growing.writer.write(PLAIN)
    growing.count = 2
    by_length = FollowingReader(
        growing.raw, [KEY], acknowledged=lambda: growing.path.stat().st_size // SEALED_CHUNK_BYTES
    )

    assert len(by_length.read_more()) > 2 * CHUNK_BYTES


def test_a_recording_that_stops_growing_has_not_ended(growing: Growing) -> None:
    """The writer is killed: what there is was read, and nothing calls it whole."""
    growing.writer.write(PLAIN)
    growing.writer.abandon()

    assert growing.reader.read_more() == PLAIN[: growing.count * CHUNK_BYTES]
    assert growing.reader.read_more() == b""
    assert not growing.reader.is_complete


def test_a_recording_cut_at_a_border_has_not_ended(growing: Growing) -> None:
    """A finished file of which somebody took the end: an acknowledged chunk is missing."""
    growing.writer.write(PLAIN)
    growing.writer.finish()
    size = growing.path.stat().st_size
    with growing.path.open("r+b") as file:
        file.truncate(size - len(b"end") - TAG_BYTES)

    growing.reader.read_more()
    with pytest.raises(DamagedRecordingError):
        growing.reader.read_more()
    assert not growing.reader.is_complete


@pytest.mark.parametrize("what", ["flip", "append", "swap"])
def test_an_altered_recording_is_no_recording(growing: Growing, what: str) -> None:
    """A flipped bit, bytes after the end, two chunks swapped: refused, and again after that."""
    growing.writer.write(PLAIN)
    growing.writer.finish()
    octets = bytearray(growing.path.read_bytes())
    start = len(octets) - 5 * SEALED_CHUNK_BYTES - len(b"end") - TAG_BYTES
    one, two, three = (start + n * SEALED_CHUNK_BYTES for n in range(3))
    if what == "flip":
        octets[start + 100] ^= 1
    elif what == "append":
        octets += b"more"
    else:
        octets[one:three] = octets[two:three] + octets[one:two]
    growing.path.write_bytes(octets)

    for _ in range(3):
        try:
            growing.reader.read_more()
        except DamagedRecordingError:
            break
    with pytest.raises(DamagedRecordingError):
        growing.reader.read_more()
    assert not growing.reader.is_complete


def test_another_key_opens_nothing(growing: Growing) -> None:
    """And neither does a file whose header is not there yet."""
    with pytest.raises(NoIdentityMatchError):
        FollowingReader(growing.raw, [X25519Identity.generate()], acknowledged=lambda: 0)
    growing.path.write_bytes(b"age-encryption.org/v1\n")
    with pytest.raises(HeaderError):
        FollowingReader(growing.raw, [KEY], acknowledged=lambda: 0)
