"""Whatever is changed in a sealed file, it is refused."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import chunks
from crypto.chunks import CHUNK_BYTES, SEALED_CHUNK_BYTES
from crypto.errors import CryptoError, HeaderMacError, PayloadError
from crypto.recipients import HybridIdentity, X25519Identity
from crypto.sealing import OpeningReader, SeekableReader, open_bytes, open_stream, seal_bytes

KEY = X25519Identity.generate()
STEADY = settings(derandomize=True, deadline=None, database=None, max_examples=40)
PLAIN = bytes(range(256)) * (3 * CHUNK_BYTES // 256) + b"end"
SEALED = seal_bytes(PLAIN, [KEY.recipient()])
START = len(SEALED) - 3 * SEALED_CHUNK_BYTES - 19


def open_by_stream(sealed: bytes) -> None:
    """Open with the fast path."""
    open_stream(io.BytesIO(sealed), io.BytesIO(), [KEY])


def open_by_seeking(sealed: bytes) -> None:
    """Open with the seekable reader and read all."""
    reader = SeekableReader(io.BytesIO(sealed), [KEY])
    reader.read_at(0, reader.size)


def open_whole(sealed: bytes) -> None:
    """Open as bytes."""
    open_bytes(sealed, [KEY])


WAYS = pytest.mark.parametrize("way", [open_whole, open_by_stream, open_by_seeking])
Way = Callable[[bytes], None]


def parts() -> list[bytes]:
    """Return the chunks of the sealed file."""
    return [
        SEALED[place : place + SEALED_CHUNK_BYTES]
        for place in range(START, len(SEALED), SEALED_CHUNK_BYTES)
    ]


@WAYS
def test_the_untouched_file_opens(way: Way) -> None:
    """The twin of all refusals here: without a change there is no error."""
    way(SEALED)


@pytest.mark.parametrize("size", [0, 1, 40])
def test_every_flipped_bit_is_refused(size: int) -> None:
    """Each bit of a small file, header and payload, matters."""
    sealed = seal_bytes(b"x" * size, [KEY.recipient()])
    opened = []
    for bit in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        try:
            open_whole(bytes(changed))
        except CryptoError:
            continue
        opened.append(bit)

    assert opened == []


def test_flipped_bits_of_a_hybrid_header_are_refused() -> None:
    """Every byte of a post-quantum header matters."""
    identity = HybridIdentity.generate()
    sealed = seal_bytes(b"x", [identity.recipient()])
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(CryptoError):
            open_bytes(bytes(changed), [identity])


@WAYS
@pytest.mark.parametrize("around", [-1, 0, 1])
@pytest.mark.parametrize("index", range(4))
def test_a_cut_at_every_border_is_refused(way: Way, index: int, around: int) -> None:
    """A file cut before, at or after the border of a chunk does not open."""
    with pytest.raises(CryptoError):
        way(SEALED[: START + index * SEALED_CHUNK_BYTES + around])


@STEADY
@given(length=st.integers(0, len(SEALED) - 1))
def test_a_cut_anywhere_is_refused(length: int) -> None:
    """No prefix of a sealed file is a sealed file."""
    for way in (open_whole, open_by_stream, open_by_seeking):
        with pytest.raises(CryptoError):
            way(SEALED[:length])


@WAYS
def test_swapped_doubled_and_dropped_chunks_are_refused(way: Way) -> None:
    """Chunks are bound to their place."""
    one, two, three, end = parts()
    for order in (
        [two, one, three, end],
        [one, one, two, three, end],
        [one, three, end],
        [one, two, end],
        [one, two, three],
        [one, two, three, end, end],
        [end],
    ):
        with pytest.raises(PayloadError):
            way(SEALED[:START] + b"".join(order))


@WAYS
def test_bytes_after_the_end_are_refused(way: Way) -> None:
    """Neither a byte nor a whole block may follow."""
    for tail in (b"\x00", bytes(SEALED_CHUNK_BYTES), bytes(20 * SEALED_CHUNK_BYTES)):
        with pytest.raises(PayloadError):
            way(SEALED + tail)


def test_bytes_after_a_full_final_chunk_are_refused() -> None:
    """A final chunk of full size ends the file as a short one does."""
    sealed = seal_bytes(bytes(CHUNK_BYTES), [KEY.recipient()])
    open_whole(sealed)
    for way in (open_whole, open_by_stream, open_by_seeking):
        with pytest.raises(PayloadError):
            way(sealed + b"\x00")


@WAYS
def test_a_payload_under_another_header_is_refused(way: Way) -> None:
    """A header fits its own payload only."""
    other = seal_bytes(PLAIN, [KEY.recipient()])
    with pytest.raises(PayloadError):
        way(other[: START - 16] + SEALED[START - 16 :])


@WAYS
def test_an_empty_final_chunk_after_others_is_refused(way: Way) -> None:
    """The form that a hasty writer leaves is not valid."""
    start, cipher = chunks.start_payload([KEY.recipient()])
    body = cipher.seal(0, bytes(CHUNK_BYTES), final=False) + cipher.seal(1, b"", final=True)
    with pytest.raises(PayloadError):
        way(start + body)


def test_a_stanza_added_by_someone_else_is_refused() -> None:
    """Only who has the file key can name recipients."""
    version, rest = SEALED[:22], SEALED[22:]
    with pytest.raises(HeaderMacError):
        open_whole(version + b"-> other\n\n" + rest)


def test_after_an_error_every_read_raises_again() -> None:
    """A caller that goes on after an error gets no bytes, and no false end."""
    changed = bytearray(SEALED)
    changed[START + SEALED_CHUNK_BYTES] ^= 1
    reader = OpeningReader(io.BytesIO(bytes(changed)), [KEY])

    assert reader.read(CHUNK_BYTES) == PLAIN[:CHUNK_BYTES]
    for _ in range(3):
        with pytest.raises(PayloadError):
            reader.read(1)


def test_a_file_cut_after_opening_is_refused_at_that_place() -> None:
    """The seekable reader does not trust its first look for ever."""
    raw = io.BytesIO(SEALED)
    reader = SeekableReader(raw, [KEY])
    raw.truncate(START + 10)
    with pytest.raises(PayloadError):
        reader.read_at(0, 10)


@pytest.mark.usefixtures("untraced")
def test_twin_a_nonce_without_place_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """If chunks were not bound to their place, the swap above would open."""
    monkeypatch.setattr(chunks, "_chunk_nonce", lambda _index, *, final: bytes(11) + bytes([final]))
    sealed = seal_bytes(PLAIN, [KEY.recipient()])
    swapped = (
        sealed[:START]
        + sealed[START + SEALED_CHUNK_BYTES : START + 2 * SEALED_CHUNK_BYTES]
        + sealed[START : START + SEALED_CHUNK_BYTES]
        + sealed[START + 2 * SEALED_CHUNK_BYTES :]
    )

    assert len(open_bytes(swapped, [KEY])) == len(PLAIN)
