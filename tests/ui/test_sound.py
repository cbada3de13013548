"""The device that Qt reads a sealed recording from: in any thread, whatever happens to it."""

from __future__ import annotations

import struct
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt

from intake.capture.playing import HEADER_BYTES as WAV_HEADER_BYTES
from intake.capture.playing import open_sound
from intake.errors import MediaDamagedError, SoundClosedError, VaultClosedError
from tests.support.matter import new_interview
from tests.support.sounds import RATE, damage, steps, store_sound
from tests.support.window import wait_for
from ui.media.sound import HEADER_BYTES, SoundDevice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from intake.capture.playing import OpenSound, Sound
    from intake.opening import Vault
    from tests.support.matter import Matter

CHUNK = 65_536


class Listener(QObject):
    """Notes what failed, and in which thread it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[str, bool]] = []
        self._home = threading.get_ident()

    def note(self, error: Exception) -> None:
        """Take a failure."""
        self.told.append((type(error).__name__, threading.get_ident() == self._home))


@pytest.fixture
def vault(matter: Matter) -> Iterator[Vault]:
    """Return an open vault."""
    with matter.unlock() as opened:
        yield opened


@pytest.fixture
def sound(vault: Vault) -> Sound:
    """Return a recording of ten seconds, five pieces long."""
    return store_sound(vault, new_interview(vault).id, steps(10))


def _device(sound: OpenSound) -> tuple[SoundDevice, Listener]:
    """Return a device, and its parent, which listens to it."""
    listener = Listener()
    device = SoundDevice(sound, listener)
    device.failed.connect(listener.note, Qt.ConnectionType.QueuedConnection)
    return device, listener


def _swapped(pcm: bytes) -> bytes:
    return np.frombuffer(pcm, "<i2").byteswap().tobytes()


def test_qt_reads_a_sound_file(vault: Vault, sound: Sound) -> None:
    """A head that says what comes, every sample that went in, and nothing behind it."""
    with open_sound(vault, sound) as opened:
        device, _listener = _device(opened)
        content = bytes(device.readAll().data())

        head = struct.unpack(">4sIIIII", content[:24])
        assert head == (b".snd", HEADER_BYTES, 10 * RATE * 2, 3, RATE, 1)
        assert content[24:HEADER_BYTES] == bytes(HEADER_BYTES - 24)
        assert content[HEADER_BYTES:] == _swapped(steps(10))
        assert device.size() == len(content) == HEADER_BYTES + 10 * RATE * 2
        assert device.atEnd()
        assert not device.isSequential()


def test_it_seeks(vault: Vault, sound: Sound) -> None:
    """From any place, whatever was read before."""
    with open_sound(vault, sound) as opened:
        device, _listener = _device(opened)
        whole = device.readAll().data()
        for offset in (200_000, 0, 4095, 4096, 65_001, device.size() - 7):
            for size in (1, 6, 1000):
                assert device.seek(offset)
                assert device.read(size).data() == whole[offset : offset + size]


def test_more_than_the_head_can_say(vault: Vault, sound: Sound) -> None:
    """From two gibibytes on the head gives no size: Qt takes the device's."""
    with open_sound(vault, sound) as opened:
        for size, said in (((1 << 31) - 1, (1 << 31) - 1), (1 << 31, 0xFFFFFFFF)):
            opened.size = WAV_HEADER_BYTES + size
            device, _listener = _device(opened)
            assert struct.unpack(">I", device.read(12).data()[8:]) == (said,)
            assert device.size() == HEADER_BYTES + size


def test_it_is_never_written_to(vault: Vault, sound: Sound) -> None:
    """Nothing is written, not even by mistake."""
    with open_sound(vault, sound) as opened:
        device, _listener = _device(opened)
        assert not device.isWritable()
        assert device.writeData(b"x", 1) == -1


def test_a_damaged_piece_is_silence_and_is_told_once(
    qapp: object, vault: Vault, sound: Sound
) -> None:
    """All bytes come, zeros for the altered piece; one word about it, in the drawing thread."""
    assert qapp
    damage(vault, sound, 2)
    with open_sound(vault, sound) as opened:
        device, listener = _device(opened)
        with ThreadPoolExecutor(1) as qt_thread:
            content = qt_thread.submit(lambda: device.readAll().data()).result()
            for _ in range(3):
                device.seek(0)
                qt_thread.submit(lambda: device.readAll().data()).result()

        assert listener.told == []  # queued
        wait_for(lambda: listener.told, "the word about damage")

        pcm = _swapped(steps(10))
        expected = pcm[: 2 * CHUNK] + bytes(CHUNK) + pcm[3 * CHUNK :]
        assert content[HEADER_BYTES:] == expected
        assert listener.told == [(MediaDamagedError.__name__, True)]


def test_after_locking_it_is_silence_to_the_end(qapp: object, vault: Vault, sound: Sound) -> None:
    """Qt gets what it asked for until the end: nothing makes it ask in circles."""
    assert qapp
    opened = open_sound(vault, sound)
    device, listener = _device(opened)
    device.read(1000)
    vault.close()

    rest = device.readAll().data()

    assert rest == bytes(device.size() - 1000)
    assert device.atEnd()
    wait_for(lambda: listener.told, "the word about the lock")
    assert listener.told == [(VaultClosedError.__name__, True)]
    opened.close()


def test_after_closing_it_is_silence(qapp: object, vault: Vault, sound: Sound) -> None:
    """Also where the sound was closed under it."""
    assert qapp
    opened = open_sound(vault, sound)
    device, listener = _device(opened)
    opened.close()

    device.seek(8000)
    assert device.read(5000).data() == bytes(5000)
    wait_for(lambda: listener.told, "the word about closing")
    assert listener.told == [(SoundClosedError.__name__, True)]


def test_a_missing_disk_is_told_of_once(
    qapp: object, vault: Vault, sound: Sound, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error that nobody foresaw is silence too: raising would make Qt spin."""
    assert qapp

    def broken(*_: object) -> bytes:
        raise MemoryError

    with open_sound(vault, sound) as opened:
        device, listener = _device(opened)
        monkeypatch.setattr(type(opened), "read_or_silence", broken)
        for offset in (HEADER_BYTES, 70_000):
            device.seek(offset)
            assert device.read(1000).data() == bytes(1000)
        wait_for(lambda: listener.told, "the word about it")
        assert listener.told == [("MemoryError", True)]
