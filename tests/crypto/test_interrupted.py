"""What recovery says of every way in which a recording can be cut or damaged."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import pytest

from crypto import bulk, interrupted
from crypto.chunks import CHUNK_BYTES, SEALED_CHUNK_BYTES, ByteWriter, start_payload
from crypto.errors import CryptoError, DamagedRecordingError, NoIdentityMatchError, PayloadError
from crypto.hybrid import HybridIdentity
from crypto.interrupted import Recovery, recover, reseal
from crypto.sealing import OpeningReader, SeekableReader, open_bytes, open_stream, seal_bytes
from crypto.x25519 import X25519Identity

if TYPE_CHECKING:
    from pathlib import Path

    from crypto.reading import SourceBuffer

KEY = X25519Identity.generate()
NEW = HybridIdentity.generate()
CHUNKS = [bytes([65 + index]) * CHUNK_BYTES for index in range(4)]
ENDING = b"the end"
START, CIPHER = start_payload([KEY.recipient()])
SEALED = [CIPHER.seal(index, plain, final=False) for index, plain in enumerate(CHUNKS)]
FINAL = CIPHER.seal(4, ENDING, final=True)
WHOLE = START + b"".join(SEALED) + FINAL


def found(folder: Path, content: bytes, acknowledged: int) -> Recovery:
    """Recover a file of this content, and see that nothing of it was changed."""
    path = folder / "cut.age"
    path.write_bytes(content)
    recovery = recover(path, [KEY], acknowledged)
    assert path.read_bytes() == content
    assert recovery.sha_sealed == hashlib.sha256(content).hexdigest()
    assert recovery.acknowledged == acknowledged
    return recovery


def refused_by_readers(content: bytes) -> bool:
    """Whether no ordinary reader takes the file."""

    def by_stream() -> None:
        open_stream(io.BytesIO(content), io.BytesIO(), [KEY])

    def by_seeking() -> None:
        SeekableReader(io.BytesIO(content), [KEY])

    def in_order() -> None:
        OpeningReader(io.BytesIO(content), [KEY]).read()

    for way in (by_stream, by_seeking, in_order):
        try:
            way()
        except CryptoError:
            continue
        return False
    return True


def test_a_whole_file_is_complete(tmp_path: Path) -> None:
    """The twin of all the cuts: the untouched file, whose final chunk counts too."""
    recovery = found(tmp_path, WHOLE, 5)

    assert (recovery.state, recovery.reason) == ("complete", "whole")
    assert (recovery.chunks, recovery.tail_bytes) == (5, 0)
    assert recovery.plain_bytes == 4 * CHUNK_BYTES + len(ENDING)
    assert not refused_by_readers(WHOLE)


@pytest.mark.parametrize("around", [-40_000, -17, -1, 0, 1, 15, 16, 17, 22])
@pytest.mark.parametrize("index", range(1, 5))
def test_a_cut_anywhere_is_interrupted(tmp_path: Path, index: int, around: int) -> None:
    """At each border and inside chunks: all whole chunks before it count, no reader takes it."""
    content = WHOLE[: len(START) + index * SEALED_CHUNK_BYTES + around]
    whole = index if around >= 0 else index - 1
    recovery = found(tmp_path, content, whole)

    assert (recovery.state, recovery.reason) == ("interrupted", "end is missing")
    assert (recovery.chunks, recovery.plain_bytes) == (whole, whole * CHUNK_BYTES)
    assert refused_by_readers(content)


@pytest.mark.parametrize("index", range(1, 5))
def test_a_file_shorter_than_acknowledged_is_damaged(tmp_path: Path, index: int) -> None:
    """A crash does not take back what was synced, so this is never called one."""
    content = WHOLE[: len(START) + index * SEALED_CHUNK_BYTES]
    for short in (content, content[:-1], content[:-SEALED_CHUNK_BYTES]):
        recovery = found(tmp_path, short, index + 1)
        assert (recovery.state, recovery.reason) == ("damaged", "acknowledged chunk is missing")


@pytest.mark.parametrize("length", [100, SEALED_CHUNK_BYTES, 3_000_000])
def test_zeroes_after_a_power_loss_are_a_crash(tmp_path: Path, length: int) -> None:
    """Blocks that were never acknowledged can hold anything."""
    content = START + SEALED[0] + SEALED[1] + bytes(length)
    recovery = found(tmp_path, content, 2)

    assert (recovery.state, recovery.chunks) == ("interrupted", 2)
    assert recovery.tail_bytes == length
    assert refused_by_readers(content)


def test_a_torn_chunk_is_a_crash_if_it_was_not_acknowledged(tmp_path: Path) -> None:
    """Its first half is new and its second half zeroes, or older blocks."""
    torn = SEALED[2][:30_000] + bytes(SEALED_CHUNK_BYTES - 30_000)
    recovery = found(tmp_path, START + SEALED[0] + SEALED[1] + torn, 2)

    assert (recovery.state, recovery.chunks) == ("interrupted", 2)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_acknowledged_chunk_that_does_not_open_is_damage(tmp_path: Path, place: int) -> None:
    """One flipped bit in what was synced: never `interrupted`."""
    content = bytearray(WHOLE[: len(START) + 3 * SEALED_CHUNK_BYTES])
    content[len(START) + place * SEALED_CHUNK_BYTES + 77] ^= 1
    recovery = found(tmp_path, bytes(content), 3)

    assert (recovery.state, recovery.chunks) == ("damaged", place)
    assert recovery.reason == "acknowledged chunk does not open"
    assert refused_by_readers(bytes(content))


def test_chunks_in_another_order_are_damage(tmp_path: Path) -> None:
    """Swapped, doubled, left out."""
    for order in ([1, 0, 2], [0, 0, 1], [0, 2, 3]):
        content = START + b"".join(SEALED[place] for place in order)
        assert found(tmp_path, content, 3).state == "damaged"


def test_more_than_was_acknowledged_is_kept(tmp_path: Path) -> None:
    """A chunk can lie on the disk whose acknowledgement was lost."""
    recovery = found(tmp_path, START + b"".join(SEALED), 2)

    assert (recovery.state, recovery.chunks) == ("interrupted", 4)


@pytest.mark.usefixtures("untraced")
def test_bytes_after_the_final_chunk_are_damage(tmp_path: Path) -> None:
    """After an end of full size they are seen as such; after a short one the end does not open."""
    full = START + SEALED[0] + CIPHER.seal(1, CHUNKS[1], final=True)
    for tail in (b"\x00", bytes(SEALED_CHUNK_BYTES)):
        recovery = found(tmp_path, full + tail, 2)
        assert (recovery.state, recovery.reason) == ("damaged", "bytes follow the final chunk")
        assert recovery.chunks == 2

    for tail in (b"\x00", bytes(SEALED_CHUNK_BYTES)):
        recovery = found(tmp_path, WHOLE + tail, 5)
        assert (recovery.state, recovery.chunks) == ("damaged", 4)
        assert refused_by_readers(WHOLE + tail)


@pytest.mark.usefixtures("untraced")
def test_an_end_before_what_was_acknowledged_is_damage(tmp_path: Path) -> None:
    """Somebody put a shorter whole file in its place."""
    recovery = found(tmp_path, START + SEALED[0] + CIPHER.seal(1, ENDING, final=True), 4)

    assert (recovery.state, recovery.reason) == ("damaged", "acknowledged chunk is missing")


@pytest.mark.parametrize("length", [0, 1, 50, len(START) - 16, len(START) - 1])
def test_a_header_cut_by_a_crash_holds_nothing(tmp_path: Path, length: int) -> None:
    """Before the first acknowledgement that is a crash, after it damage."""
    early, late = found(tmp_path, START[:length], 0), found(tmp_path, START[:length], 1)

    assert (early.state, early.chunks) == ("interrupted", 0)
    assert (late.state, late.reason) == ("damaged", "header is damaged")


def test_zeroes_in_place_of_a_header(tmp_path: Path) -> None:
    """As power loss can leave them."""
    assert found(tmp_path, bytes(4096), 0).state == "interrupted"


def test_an_altered_header_is_damage(tmp_path: Path) -> None:
    """Its code does not fit: no crash does that."""
    version, rest = WHOLE[:22], WHOLE[22:]
    recovery = found(tmp_path, version + b"-> other\n\n" + rest, 0)

    assert (recovery.state, recovery.reason, recovery.chunks) == (
        "damaged",
        "header is damaged",
        0,
    )


def test_another_key_says_nothing_of_the_file(tmp_path: Path) -> None:
    """It is no finding: who has the key is asked again."""
    path = tmp_path / "cut.age"
    path.write_bytes(WHOLE)
    with pytest.raises(NoIdentityMatchError):
        recover(path, [X25519Identity.generate()], 0)
    with pytest.raises(ValueError, match="negative"):
        recover(path, [KEY], -1)


def resealed(folder: Path, content: bytes, acknowledged: int, **more: bool) -> Path:
    """Write the cut file, seal it anew and return the new path."""
    (folder / "cut.age").write_bytes(content)
    new = folder / "new.age"
    done = reseal(
        folder / "cut.age",
        new,
        [KEY],
        [NEW.recipient()],
        acknowledged=acknowledged,
        check_with=[NEW],
        **more,
    )
    assert done.sha_sealed == hashlib.sha256(new.read_bytes()).hexdigest()
    assert done.sealed_bytes == new.stat().st_size
    assert done.recovery == recover(folder / "cut.age", [KEY], acknowledged)
    assert done.sha_plain == hashlib.sha256(open_bytes(new.read_bytes(), [NEW])).hexdigest()
    return new


@pytest.mark.parametrize("chunks", range(4))
def test_what_is_authentic_becomes_a_new_file_under_a_new_key(tmp_path: Path, chunks: int) -> None:
    """Same words, other key, other bytes; the old file stays until its caller removes it."""
    content = START + b"".join(SEALED[:chunks]) + SEALED[chunks][:99]
    new = resealed(tmp_path, content, chunks)

    assert open_bytes(new.read_bytes(), [NEW]) == b"".join(CHUNKS[:chunks])
    with pytest.raises(NoIdentityMatchError):
        open_bytes(new.read_bytes(), [KEY])
    for sealed in SEALED[:chunks]:
        assert sealed[:64] not in new.read_bytes()
    assert (tmp_path / "cut.age").read_bytes() == content
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut.age", "new.age"]


def test_a_damaged_recording_is_sealed_anew_only_by_decision(tmp_path: Path) -> None:
    """Refused, with nothing written; then what is good of it, when a custodian says so."""
    content = bytearray(START + b"".join(SEALED))
    content[len(START) + 2 * SEALED_CHUNK_BYTES] ^= 1
    with pytest.raises(DamagedRecordingError):
        resealed(tmp_path, bytes(content), 4)
    assert [path.name for path in tmp_path.iterdir()] == ["cut.age"]

    new = resealed(tmp_path, bytes(content), 4, even_damaged=True)

    assert open_bytes(new.read_bytes(), [NEW]) == CHUNKS[0] + CHUNKS[1]


def test_a_complete_file_is_not_sealed_again(tmp_path: Path) -> None:
    """Nor is anything written over."""
    with pytest.raises(ValueError, match="complete"):
        resealed(tmp_path, WHOLE, 5)
    assert [path.name for path in tmp_path.iterdir()] == ["cut.age"]
    (tmp_path / "new.age").write_bytes(b"stands here")
    with pytest.raises(FileExistsError):
        resealed(tmp_path, WHOLE[:-1], 4)
    assert (tmp_path / "new.age").read_bytes() == b"stands here"


def test_a_new_file_that_does_not_read_back_gets_no_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that returns other bytes than it took."""
    read_back = interrupted._read_back

    def check(_target: BinaryIO, *more: Any) -> object:  # noqa: ANN401  # passed on as they came
        other = io.BytesIO(seal_bytes(b"other words", [NEW.recipient()]))
        return read_back(cast("BinaryIO", other), *more)

    monkeypatch.setattr(interrupted, "_read_back", check)
    with pytest.raises(PayloadError, match="read back"):
        resealed(tmp_path, WHOLE[:-1], 4)
    assert [path.name for path in tmp_path.iterdir()] == ["cut.age"]


def test_recovery_reads_in_bounded_memory(tmp_path: Path) -> None:
    """Two buffers of a mebibyte, whatever the length; 24 MiB here."""
    import tracemalloc  # noqa: PLC0415  # only here

    start, cipher = start_payload([KEY.recipient()])
    path = tmp_path / "cut.age"
    with path.open("wb") as file:
        file.write(start)
        for index in range(24 * 16):
            file.write(cipher.seal(index, CHUNKS[0], final=False))
    tracemalloc.start()
    try:
        done = reseal(
            path,
            tmp_path / "new.age",
            [KEY],
            [NEW.recipient()],
            acknowledged=24 * 16,
            check_with=[NEW],
        )
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert done.recovery.plain_bytes == 24 << 20
    assert peak < 10 << 20


def test_twin_a_recovery_that_trusts_the_length_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would count a flipped chunk, and zeroes, as sound."""

    def copy_all(
        buffer: SourceBuffer, cipher: object, target: ByteWriter
    ) -> tuple[bulk.BlockOpener, int]:
        opener = bulk.BlockOpener(cipher, memoryview(b""))  # type: ignore[arg-type]  # never used
        while len(sealed := buffer.read(SEALED_CHUNK_BYTES)) == SEALED_CHUNK_BYTES:
            target.write(sealed[:-16])
            opener.chunks += 1
        return opener, opener.chunks * CHUNK_BYTES

    monkeypatch.setattr(interrupted, "_copy_prefix", copy_all)

    with pytest.raises(AssertionError):
        test_an_acknowledged_chunk_that_does_not_open_is_damage(tmp_path, 1)
    with pytest.raises(AssertionError):
        test_zeroes_after_a_power_loss_are_a_crash(tmp_path, SEALED_CHUNK_BYTES)
