"""Playing from the sealed file: a WAV file that exists nowhere, and the peaks of its waveform."""

from __future__ import annotations

import io
import struct
import wave
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from crypto.chunks import ChunkCipher
from intake.capture import playing
from intake.capture.playing import HEADER_BYTES, OpenSound, Sound, list_sounds, open_sound, peaks
from intake.errors import (
    CancelledError,
    MediaDamagedError,
    NotClearedError,
    SoundClosedError,
    VaultClosedError,
)
from intake.jobs import CancelToken, Progress
from tests.support.matter import add_translator, new_interview, working_copy

if TYPE_CHECKING:
    from pathlib import Path

    from intake.vault.vault import Vault
    from tests.support.matter import Matter

CHUNK = 65_536
SEALED_CHUNK = CHUNK + 16
SECONDS = 60
RATE = 48_000


def _pcm(frames: int, channels: int, seed: int = 7) -> bytes:
    made = np.random.default_rng(seed).integers(-30_000, 30_000, (frames, channels))
    return made.astype("<i2").tobytes()


def _store(vault: Vault, pcm: bytes, *, rate: int = RATE, channels: int = 2) -> Sound:
    interview = new_interview(vault).id
    working_copy(
        vault,
        interview,
        [pcm],
        rate=rate,
        channels=channels,
        duration_ms=len(pcm) // (2 * channels) * 1000 // rate,
    )
    [sound] = list_sounds(vault, interview)
    return sound


def _flip(vault: Vault, sound: Sound, chunk: int, size: int) -> None:
    """Alter one bit of one chunk of the sealed file."""
    path = vault.folder.media(sound.media)
    content = bytearray(path.read_bytes())
    chunks = -(-size // CHUNK)
    start = len(content) - (size + 16 * chunks)
    content[start + chunk * SEALED_CHUNK + 9] ^= 1
    path.write_bytes(content)


def test_it_reads_like_a_wav_file(vault: Vault) -> None:
    """The standard library's reader finds format and every frame."""
    pcm = _pcm(RATE, 2)
    sound = _store(vault, pcm)
    assert sound == Sound(sound.media, RATE, 2, 1000, None, len(pcm))

    with open_sound(vault, sound) as opened:
        whole = opened.read_at(0, opened.size + 99)
        with wave.open(io.BytesIO(whole)) as file:
            assert file.getparams()[:4] == (2, 2, RATE, RATE)
            assert file.readframes(RATE) == pcm
        assert len(whole) == opened.size == HEADER_BYTES + len(pcm)
        for offset in (0, 1, 43, 44, 45, CHUNK, CHUNK + HEADER_BYTES, opened.size - 1):
            for size in (0, 1, 44, 100, 2 * CHUNK):
                assert opened.read_at(offset, size) == whole[offset : offset + size]
        assert opened.read_at(opened.size, 10) == b""
        assert opened.read_at(opened.size + 5, 10) == b""
        assert not opened.is_damaged
        with pytest.raises(ValueError, match="negative"):
            opened.read_at(-1, 10)


def test_half_a_frame_at_the_end_is_left_out(vault: Vault) -> None:
    """Players get whole frames, whatever was sealed."""
    with open_sound(vault, _store(vault, _pcm(10, 2) + b"\1\2\3")) as opened:
        assert (opened.frames, opened.size) == (10, HEADER_BYTES + 40)
        assert len(opened.read_at(HEADER_BYTES, 99)) == 40


def test_a_place_in_time_is_the_start_of_a_frame(vault: Vault) -> None:
    """Also at odd rates, before the start and behind the end."""
    with open_sound(vault, _store(vault, _pcm(22_050, 2), rate=11_025)) as opened:
        assert opened.position_of(-5) == opened.position_of(0) == HEADER_BYTES
        assert opened.position_of(1000) == HEADER_BYTES + 11_025 * 4
        assert opened.position_of(10_000) == opened.size
        for ms in range(0, 2000, 7):
            assert (opened.position_of(ms) - HEADER_BYTES) % 4 == 0


@pytest.mark.parametrize("too_large", [False, True])
def test_a_size_beyond_32_bits_does_not_break_the_header(too_large: bool) -> None:
    """Up to the limit the sizes are exact; over it they say that players read to the end."""
    sound = Sound(playing.MediaId("x"), RATE, 2, 0, None, 0)
    size = 0xFFFFFFFF - 36 - 3 + 4 * too_large
    header = playing._header(sound, size - size % 4 + 4 * too_large)
    riff, data = struct.unpack("<4xI32xI", header)
    assert len(header) == HEADER_BYTES
    if too_large:
        assert (riff, data) == (0xFFFFFFFF, 0xFFFFFFFF)
    else:
        assert riff == data + 36 < 0xFFFFFFFF


def _opened_chunks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    opened: list[int] = []
    true_open = ChunkCipher.open

    def counting(cipher: ChunkCipher, index: int, sealed: bytes, *, final: bool) -> bytes:
        opened.append(index)
        return true_open(cipher, index, sealed, final=final)

    monkeypatch.setattr(ChunkCipher, "open", counting)
    return opened


def _read_in_small_pieces(opened: OpenSound) -> None:
    for offset in range(0, opened.size, 4096):
        opened.read_at(offset, 4096)


def test_small_reads_open_each_chunk_once(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what is asked for is opened, and 4 KiB at a time costs no more than all at once."""
    sound = _store(vault, _pcm(5 * CHUNK // 4, 2))
    with open_sound(vault, sound) as opened:
        chunks = _opened_chunks(monkeypatch)
        opened.read_at(HEADER_BYTES + 2 * CHUNK, 10)
        assert chunks == [2]
        _read_in_small_pieces(opened)
        assert sorted(chunks) == [0, 1, 2, 3]  # the last one was opened with the file


def test_without_kept_chunks_each_small_read_opens_one(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: nothing kept, sixteen times the work."""

    class Forgetful(OrderedDict[int, bytes]):
        def get(self, _index: object, _default: object = None) -> None:  # type: ignore[override]
            """Keep nothing."""

    sound = _store(vault, _pcm(5 * CHUNK // 4, 2))
    with open_sound(vault, sound) as opened:
        opened._media._reader._cache = Forgetful()
        chunks = _opened_chunks(monkeypatch)
        _read_in_small_pieces(opened)
    assert len(chunks) > 16 * 5


def test_an_altered_piece_is_refused_or_silent(vault: Vault) -> None:
    """`read_at` raises there and only there; `read_or_silence` gives zeros; it is told once."""
    pcm = _pcm(4 * CHUNK // 4, 2)
    sound = _store(vault, pcm)
    _flip(vault, sound, 1, len(pcm))

    with open_sound(vault, sound) as opened:
        assert opened.read_at(HEADER_BYTES, CHUNK) == pcm[:CHUNK]
        was_damaged = opened.is_damaged
        with pytest.raises(MediaDamagedError):
            opened.read_at(HEADER_BYTES + CHUNK - 1, 2)
        heard = opened.read_or_silence(10, opened.size)
        silent = pcm[:CHUNK] + bytes(CHUNK) + pcm[2 * CHUNK :]
        assert (was_damaged, opened.is_damaged) == (False, True)
        assert heard == (opened.read_at(0, HEADER_BYTES) + silent)[10:]
        assert opened.read_or_silence(opened.size, 10) == b""
        inside = HEADER_BYTES + CHUNK + 5
        assert opened.read_or_silence(inside, 3) == bytes(3)


def test_it_is_read_from_several_threads(vault: Vault) -> None:
    """Each thread gets its own bytes, whatever the others read."""
    pcm = _pcm(40 * CHUNK // 4, 2)
    with open_sound(vault, _store(vault, pcm)) as opened, ThreadPoolExecutor(4) as pool:

        def read(part: int) -> bytes:
            step, start = 5000, part * 10 * CHUNK
            places = range(start, start + 10 * CHUNK, step)
            end = start + 10 * CHUNK
            return b"".join(opened.read_at(HEADER_BYTES + p, min(step, end - p)) for p in places)

        assert b"".join(pool.map(read, range(4), timeout=SECONDS)) == pcm


def test_closed_and_locked_are_said(matter: Matter) -> None:
    """A player that still asks gets a sentence, never an error of the file."""
    with matter.unlock() as vault:
        sound = _store(vault, _pcm(100, 2))
        opened, other = open_sound(vault, sound), open_sound(vault, sound)
        opened.close()
        opened.close()
        with pytest.raises(SoundClosedError, match="Open it again"):
            opened.read_at(HEADER_BYTES, 1)
        with pytest.raises(SoundClosedError):
            opened.read_or_silence(HEADER_BYTES, 1)
    for read in (other.read_at, other.read_or_silence):
        with pytest.raises(VaultClosedError):
            read(0, 1)
    with pytest.raises(VaultClosedError):
        open_sound(vault, sound)
    other.close()


def test_an_uncleared_member_lists_and_does_not_hear(matter: Matter) -> None:
    """The key of the sound is in identities.db."""
    with matter.unlock() as vault:
        sound = _store(vault, _pcm(100, 2))
        member = add_translator(vault)
        interview = vault.testimony.value("SELECT interview FROM media WHERE id=?", sound.media)
    with matter.unlock_as(member) as vault:
        assert list_sounds(vault, playing.InterviewId(str(interview))) == [sound]
        with pytest.raises(NotClearedError):
            open_sound(vault, sound)


def test_a_row_that_is_no_sound_is_refused(vault: Vault) -> None:
    """No rate or no channel: nothing to play."""
    sound = _store(vault, _pcm(100, 2))
    for wrong in (replace(sound, rate=0), replace(sound, channels=0)):
        with pytest.raises(MediaDamagedError):
            open_sound(vault, wrong)


def _plain_files(folder: Path, needle: bytes) -> list[str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return [path.name for path in files if needle in path.read_bytes()]


def test_nothing_plain_is_written(matter: Matter, tmp_path: Path) -> None:
    """The search finds a planted file, and after reading and peaks no other."""
    pcm = _pcm(RATE, 2)
    planted = tmp_path / "planted.wav"
    planted.write_bytes(pcm)
    with matter.unlock() as vault, open_sound(vault, _store(vault, pcm)) as opened:
        _read_in_small_pieces(opened)
        peaks(opened)
        assert _plain_files(tmp_path, pcm[500:532]) == ["planted.wav"]


def _expected(pcm: bytes, rate: int, channels: int, per_second: int) -> list[list[int]]:
    frames = np.frombuffer(pcm, "<i2").reshape(-1, channels)
    found, start, number = [], 0, 1
    while start < len(frames):
        end = min(number * rate // per_second, len(frames))
        found.append([int(frames[start:end].min()), int(frames[start:end].max())])
        start, number = end, number + 1
    return found


@pytest.mark.parametrize(
    ("rate", "channels", "per_second", "frames"),
    [
        (8000, 1, 10, 8000),
        (8000, 2, 10, 8001),
        (11_025, 2, 7, 12_345),
        (44_100, 1, 8, 600_000),
        (48_000, 2, 10, 300_000),
        (8000, 1, 8000, 50),
        (8000, 1, 1, 1),
        (8000, 1, 10, 0),
    ],
)
def test_peaks_are_lowest_and_highest(
    vault: Vault, rate: int, channels: int, per_second: int, frames: int
) -> None:
    """As the plain way of counting gives them, over the borders of pieces, at odd rates too."""
    pcm = _pcm(frames, channels)
    sound = _store(vault, pcm, rate=rate, channels=channels)
    with open_sound(vault, sound) as opened:
        found = peaks(opened, per_second=per_second)
    assert found.dtype == np.dtype(np.int16)
    assert found.shape[1] == 2
    assert found.tolist() == _expected(pcm, rate, channels, per_second)


def test_peaks_of_a_damaged_recording_are_silent_there(vault: Vault) -> None:
    """One altered chunk: its stretches are flat, all others as they were, and it is told."""
    pcm = _pcm(10 * CHUNK // 4, 2)
    sound = _store(vault, pcm)
    _flip(vault, sound, 4, len(pcm))
    silent = pcm[: 4 * CHUNK] + bytes(CHUNK) + pcm[5 * CHUNK :]

    with open_sound(vault, sound) as opened:
        found = peaks(opened, per_second=100)
        assert opened.is_damaged
    assert found.tolist() == _expected(silent, RATE, 2, 100)
    assert [0, 0] in found.tolist()


def test_peaks_report_and_stop_between_pieces(vault: Vault) -> None:
    """One report a mebibyte, up to the whole; cancelled, no further piece is read."""
    sound = _store(vault, _pcm(3 * (1 << 18), 2))
    reports: list[Progress] = []
    with open_sound(vault, sound) as opened:
        peaks(opened, report=reports.append)
    assert len(reports) == 3
    assert (reports[-1].done, reports[-1].total) == (sound.duration_ms, sound.duration_ms)

    token = CancelToken()
    seen: list[int] = []

    def cancel(progress: Progress) -> None:
        seen.append(progress.done)
        token.cancel()

    with open_sound(vault, sound) as opened, pytest.raises(CancelledError):
        peaks(opened, token=token, report=cancel)
    assert len(seen) == 1


@pytest.mark.parametrize("per_second", [0, -1, RATE + 1])
def test_peaks_refuse_a_width_that_is_none(vault: Vault, per_second: int) -> None:
    """A stretch has a frame at least."""
    with (
        open_sound(vault, _store(vault, _pcm(10, 2))) as opened,
        pytest.raises(ValueError, match="per_second"),
    ):
        peaks(opened, per_second=per_second)
