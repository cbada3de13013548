"""The growing writer of recordings: what it acknowledges lies on the disk, and it ends once."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest

from crypto import growing
from crypto.chunks import CHUNK_BYTES, SEALED_CHUNK_BYTES
from crypto.errors import PayloadError, StillGrowingError
from crypto.growing import GrowingWriter
from crypto.interrupted import recover
from crypto.sealing import open_bytes
from crypto.writing import SealingWriter
from crypto.x25519 import X25519Identity

if TYPE_CHECKING:
    from pathlib import Path

KEY = X25519Identity.generate()
PLAIN = bytes(range(256)) * (4 * CHUNK_BYTES // 256) + b"end"


def nothing(_count: int) -> None:
    """Keep no count."""


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, len(PLAIN)])
def test_a_finished_recording_is_an_ordinary_age_file(tmp_path: Path, size: int) -> None:
    """Its digest, length and counts are those of the file on the disk."""
    path, counts = tmp_path / "recording.age", list[int]()
    with GrowingWriter(path, [KEY.recipient()], acknowledge=counts.append) as writer:
        writer.write(PLAIN[:size])
        done = writer.finish()

    sealed = path.read_bytes()
    assert open_bytes(sealed, [KEY]) == PLAIN[:size]
    assert (done.sha_sealed, done.sealed_bytes) == (hashlib.sha256(sealed).hexdigest(), len(sealed))
    assert (done.plain_bytes, done.chunks) == (size, counts[-1])
    assert counts == list(range(done.chunks + 1))
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_final_chunk_is_never_empty(tmp_path: Path) -> None:
    """A payload of whole chunks ends in a full one."""
    with GrowingWriter(tmp_path / "a", [KEY.recipient()], acknowledge=nothing) as writer:
        writer.write(bytes(2 * CHUNK_BYTES))
        done = writer.finish()

    assert done.chunks == 2


def test_a_chunk_is_acknowledged_after_it_lies_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order: written, synced, acknowledged; and the header before the first sound."""
    path, order = tmp_path / "recording.age", list[str]()

    def sync(descriptor: int) -> None:
        order.append(f"sync {os.fstat(descriptor).st_size - start[0]}" if start else "sync header")

    start: list[int] = []
    monkeypatch.setattr(growing, "_sync_data", sync)
    writer = GrowingWriter(
        path, [KEY.recipient()], acknowledge=lambda count: order.append(f"acknowledged {count}")
    )
    start.append(path.stat().st_size)
    writer.write(bytes(2 * CHUNK_BYTES + 1))
    writer.abandon()

    assert order == [
        "sync header",
        "acknowledged 0",
        f"sync {SEALED_CHUNK_BYTES}",
        "acknowledged 1",
        f"sync {2 * SEALED_CHUNK_BYTES}",
        "acknowledged 2",
    ]


def test_twin_an_early_acknowledgement_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer that acknowledges before it syncs shows another order."""

    def hasty(writer: GrowingWriter, count: int) -> None:
        writer._acknowledge(count)
        writer._raw.sync()

    monkeypatch.setattr(GrowingWriter, "_chunk_is_written", hasty)
    with pytest.raises(AssertionError):
        test_a_chunk_is_acknowledged_after_it_lies_on_the_disk(tmp_path, monkeypatch)


def test_there_is_no_way_to_go_on(tmp_path: Path) -> None:
    """Neither after the end, nor over a file that stands there, nor by a second writer."""
    path = tmp_path / "recording.age"
    with GrowingWriter(path, [KEY.recipient()], acknowledge=nothing) as writer:
        writer.write(b"said")
    with pytest.raises(ValueError, match="finished or broken"):
        writer.write(b"more")
    with pytest.raises(ValueError, match="finished or broken"):
        writer.finish()
    with pytest.raises(FileExistsError):
        GrowingWriter(path, [KEY.recipient()], acknowledge=nothing)

    assert open_bytes(path.read_bytes(), [KEY]) == b"said"
    public = {name for name in dir(GrowingWriter) if not name.startswith("_")}
    assert public == {"abandon", "finish", "plain_bytes", "write"}


def test_an_error_ends_the_recording_and_leaves_it_recoverable(tmp_path: Path) -> None:
    """A disk that fails, or a count that cannot be kept: nothing is sealed after it."""
    path, kept = tmp_path / "recording.age", list[int]()

    def keep(count: int) -> None:
        if count == 2:
            raise OSError("no room")
        kept.append(count)

    writer = GrowingWriter(path, [KEY.recipient()], acknowledge=keep)
    with pytest.raises(OSError, match="no room"):
        writer.write(PLAIN)
    with pytest.raises(ValueError, match="finished or broken"):
        writer.write(b"x")
    writer.abandon()
    writer.abandon()

    found = recover(path, [KEY], kept[-1])
    assert (found.state, found.chunks) == ("interrupted", 2)
    with pytest.raises(PayloadError):
        open_bytes(path.read_bytes(), [KEY])


def test_a_block_left_by_an_exception_leaves_no_false_end(tmp_path: Path) -> None:
    """The file is unfinished, as after a crash."""
    path = tmp_path / "recording.age"

    def break_off() -> None:
        with GrowingWriter(path, [KEY.recipient()], acknowledge=nothing) as writer:
            writer.write(PLAIN)
            raise KeyError

    with pytest.raises(KeyError):
        break_off()

    assert recover(path, [KEY], 4).state == "interrupted"


def test_a_recording_in_progress_is_not_recovered_under_its_hands(tmp_path: Path) -> None:
    """Recovery of a file that still grows would call it interrupted."""
    path = tmp_path / "recording.age"
    with GrowingWriter(path, [KEY.recipient()], acknowledge=nothing) as writer:
        writer.write(PLAIN)
        with pytest.raises(StillGrowingError):
            recover(path, [KEY], 0)

    assert recover(path, [KEY], 5).state == "complete"


def test_a_file_system_without_locks_does_not_stop_a_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lost minute is lost for ever."""

    def refuse(_descriptor: int, _how: int) -> None:
        raise OSError(95, "not supported")

    monkeypatch.setattr(growing.fcntl, "flock", refuse)
    with GrowingWriter(tmp_path / "a", [KEY.recipient()], acknowledge=nothing) as writer:
        writer.write(b"said")

    assert open_bytes((tmp_path / "a").read_bytes(), [KEY]) == b"said"


def test_a_recording_that_cannot_begin_leaves_no_open_file(tmp_path: Path) -> None:
    """The error is the caller's to show."""

    def refuse(_count: int) -> None:
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        GrowingWriter(tmp_path / "a", [KEY.recipient()], acknowledge=refuse)

    assert recover(tmp_path / "a", [KEY], 0).state == "interrupted"


def test_abandoning_keeps_what_waits_out_of_the_file() -> None:
    """No partial tail under a nonce that a later version would use again."""
    import io  # noqa: PLC0415  # only here

    raw = io.BytesIO()
    writer = SealingWriter(raw, [KEY.recipient()])
    before = len(raw.getvalue())
    writer.write(b"half a sentence")
    writer.abandon()

    assert len(raw.getvalue()) == before
