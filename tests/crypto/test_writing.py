"""The growing writer: never two plaintexts under one nonce, never a false end."""

from __future__ import annotations

import io
from collections import Counter

import pytest

from crypto import chunks
from crypto.chunks import CHUNK_BYTES, BytesLike, ChunkCipher
from crypto.errors import CryptoError
from crypto.recipients import Recipient, X25519Identity
from crypto.sealing import SealingWriter, open_bytes, seal_bytes, seal_stream

KEY = X25519Identity.generate()
TO_KEY: list[Recipient] = [KEY.recipient()]


class FailingOnce(io.BytesIO):
    """A disk that refuses one write, then goes on."""

    def __init__(self, failing: int) -> None:
        super().__init__()
        self._left = failing

    def write(self, content: BytesLike, /) -> int:  # type: ignore[override]  # any buffer
        """Write, but for one time."""
        self._left -= 1
        if self._left == 0:
            raise OSError("disk full")
        return super().write(content)


def test_a_chunk_is_written_only_when_more_exists() -> None:
    """Exactly one chunk of payload waits: it may be the final one."""
    seen: list[int] = []
    writer = SealingWriter(io.BytesIO(), TO_KEY, on_chunk=seen.append)

    writer.write(bytes(CHUNK_BYTES))
    assert seen == []
    writer.write(b"x")
    assert seen == [1]
    writer.finish()
    assert seen == [1, 2]


def test_an_exception_leaves_the_file_unfinished() -> None:
    """What was broken off does not pass for whole."""
    raw = io.BytesIO()
    writer = SealingWriter(raw, TO_KEY)

    def break_off() -> None:
        with writer:
            writer.write(b"half a sentence")
            raise KeyError

    with pytest.raises(KeyError):
        break_off()

    with pytest.raises(CryptoError):
        open_bytes(raw.getvalue(), [KEY])
    with pytest.raises(ValueError, match="finished or broken"):
        writer.finish()


def test_leaving_the_block_after_finish_adds_nothing() -> None:
    """`finish` inside the block is enough."""
    raw = io.BytesIO()
    with SealingWriter(raw, TO_KEY) as writer:
        writer.write(b"all")
        writer.finish()

    assert open_bytes(raw.getvalue(), [KEY]) == b"all"


def test_nothing_can_be_written_after_the_end() -> None:
    """There is no appending."""
    writer = SealingWriter(io.BytesIO(), TO_KEY)
    writer.finish()
    with pytest.raises(ValueError, match="finished or broken"):
        writer.write(b"more")
    with pytest.raises(ValueError, match="finished or broken"):
        writer.finish()


def test_after_a_failed_write_the_same_place_is_never_sealed_again() -> None:
    """A second try could put other plaintext under the same nonce."""
    writer = SealingWriter(FailingOnce(2), TO_KEY)
    with pytest.raises(OSError, match="disk full"):
        writer.write(bytes(CHUNK_BYTES + 1))
    with pytest.raises(ValueError, match="finished or broken"):
        writer.write(b"x")


def test_after_a_failed_sync_nothing_more_is_sealed() -> None:
    """The callback that syncs counts as part of the write."""

    def refuse(_count: int) -> None:
        raise OSError("no room")

    writer = SealingWriter(io.BytesIO(), TO_KEY, on_chunk=refuse)
    with pytest.raises(OSError, match="no room"):
        writer.write(bytes(CHUNK_BYTES + 1))
    with pytest.raises(ValueError, match="finished or broken"):
        writer.finish()


def used_nonces(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[int, bytes]]:
    """Count every (payload key, nonce) pair that seals something."""
    pairs: Counter[tuple[int, bytes]] = Counter()
    alive: list[ChunkCipher] = []  # so that no two ciphers share an id
    seal, seal_into = ChunkCipher.seal, ChunkCipher.seal_into

    def count(cipher: ChunkCipher, index: int, *, final: bool) -> None:
        alive.append(cipher)
        pairs[id(cipher), chunks._chunk_nonce(index, final=final)] += 1

    def counting_seal(cipher: ChunkCipher, index: int, plain: BytesLike, *, final: bool) -> bytes:
        count(cipher, index, final=final)
        return seal(cipher, index, plain, final=final)

    def counting_seal_into(
        cipher: ChunkCipher, index: int, plain: BytesLike, out: memoryview, *, final: bool
    ) -> None:
        count(cipher, index, final=final)
        seal_into(cipher, index, plain, out, final=final)

    monkeypatch.setattr(ChunkCipher, "seal", counting_seal)
    monkeypatch.setattr(ChunkCipher, "seal_into", counting_seal_into)
    return pairs


def test_no_nonce_is_used_twice_under_one_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole files, streams, and a writer that broke: every pair occurs once."""
    pairs = used_nonces(monkeypatch)

    for size in (0, 1, CHUNK_BYTES, 3 * CHUNK_BYTES, 20 * CHUNK_BYTES + 1):
        seal_bytes(bytes(size), TO_KEY)
        seal_stream(io.BytesIO(bytes(size)), io.BytesIO(), TO_KEY)
    broken = SealingWriter(FailingOnce(3), TO_KEY)
    for _ in range(4):
        with pytest.raises((OSError, ValueError)):
            broken.write(bytes(3 * CHUNK_BYTES))

    assert len(pairs) > 40
    assert set(pairs.values()) == {1}


@pytest.mark.usefixtures("untraced")
def test_twin_a_writer_that_tries_again_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The count above sees a writer that seals the same place after an error."""
    pairs = used_nonces(monkeypatch)
    broken = SealingWriter(FailingOnce(2), TO_KEY)
    with pytest.raises(OSError, match="disk full"):
        broken.write(bytes(CHUNK_BYTES + 1))

    broken._open = True
    broken.write(b"other words" * CHUNK_BYTES)

    assert max(pairs.values()) > 1


def test_every_file_has_its_own_key_and_nonce() -> None:
    """The same payload to the same recipient never gives the same bytes."""
    one, two = seal_bytes(b"same", TO_KEY), seal_bytes(b"same", TO_KEY)

    assert one[-36:] != two[-36:]
    assert one[:200] != two[:200]
