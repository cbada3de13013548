"""The protocol between our processes: what is refused, and before what."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Callable, Iterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcription.errors import ProtocolError
from transcription.frames import (
    MAX_FRAME_BYTES,
    Ask,
    Channel,
    End,
    Pcm,
    ProgressFrame,
    QuietTooLongError,
    ToWorker,
)

Wire = tuple[Channel[ToWorker], Callable[[bytes], None], Callable[[], None]]


def _framed(body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + body


@pytest.fixture
def wire() -> Iterator[Wire]:
    """Give a channel that hears what the test writes raw, the writing, and its end."""
    read_fd, write_fd = os.pipe()
    is_open = [True]

    def close() -> None:
        if is_open.pop():
            os.close(write_fd)
        is_open.append(False)

    yield Channel(read_fd, write_fd, ToWorker), lambda raw: void(os.write(write_fd, raw)), close
    close()
    os.close(read_fd)


def void(_count: int) -> None:
    """Drop a result."""


def test_frame_arrives_as_it_was_sent(wire: Wire) -> None:
    """The untampered twin of every refusal below."""
    channel, _, close = wire

    channel.send(Pcm(sound=b"\x01\x02"))
    channel.send(End())
    close()

    assert channel.receive() == Pcm(sound=b"\x01\x02")
    assert channel.receive() == End()
    assert channel.receive() is None


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(_framed(b"\xc1"), id="no msgpack"),
        pytest.param(_framed(b""), id="empty frame"),
        pytest.param(_framed(msgspec.msgpack.encode({"kind": "pcm"})), id="field missing"),
        pytest.param(
            _framed(msgspec.msgpack.encode({"kind": "pcm", "sound": b"", "more": 1})),
            id="field unknown",
        ),
        pytest.param(_framed(msgspec.msgpack.encode({"kind": "nobody"})), id="kind unknown"),
        pytest.param(_framed(msgspec.msgpack.encode({"kind": "pcm", "sound": 5})), id="wrong type"),
        pytest.param(_framed(msgspec.msgpack.encode(Ask(offset=0, size=1))), id="of another wire"),
        pytest.param(
            _framed(msgspec.msgpack.encode(ProgressFrame(done_ms=1))), id="wrong direction"
        ),
        pytest.param(_framed(msgspec.msgpack.encode(End()) + b"\x00"), id="bytes left over"),
        pytest.param(_framed(b"\x91" * 5000), id="deeply nested"),
        pytest.param(b"\x00\x00", id="ends in the length"),
        pytest.param(b"\x00\x00\x00\x09abc", id="ends in the body"),
    ],
)
def test_malformed_frame_is_refused(wire: Wire, raw: bytes) -> None:
    """One error, without a quotation of what was in the frame."""
    channel, write, close = wire
    write(raw)
    close()

    with pytest.raises(ProtocolError) as caught:
        channel.receive()

    assert caught.value.__cause__ is None


def test_huge_frame_is_refused_before_memory_is_taken(wire: Wire) -> None:
    """A length of 4 GiB costs nothing."""
    channel, write, _ = wire
    write(b"\xff\xff\xff\xff")

    tracemalloc.start()
    with pytest.raises(ProtocolError):
        channel.receive()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < MAX_FRAME_BYTES


def test_too_large_frame_is_never_sent(wire: Wire) -> None:
    """Our own side keeps the bound as well."""
    channel, _, close = wire

    with pytest.raises(ProtocolError):
        channel.send(Pcm(sound=bytes(MAX_FRAME_BYTES)))

    close()
    assert channel.receive() is None


def test_half_a_frame_does_not_hold_the_reader_for_ever(wire: Wire) -> None:
    """The deadline covers the whole frame, not its first byte."""
    channel, write, _ = wire
    write(b"\x00\x00\x00\x09ab")

    with pytest.raises(QuietTooLongError):
        channel.receive(0.05)


@given(st.binary(max_size=200))
def test_any_bytes_give_a_frame_or_the_one_error(raw: bytes) -> None:
    """Nothing but ProtocolError comes out of a stream, whatever is in it."""
    read_fd, write_fd = os.pipe()
    os.write(write_fd, _framed(raw))
    os.close(write_fd)
    channel: Channel[ToWorker] = Channel(read_fd, write_fd, ToWorker)

    try:
        channel.receive()
    except ProtocolError:
        pass
    finally:
        os.close(read_fd)
