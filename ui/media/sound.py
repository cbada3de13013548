"""A sealed recording as Qt reads it: a sound file that exists nowhere, and that nothing mistakes.

What is played came from strangers. Qt's FFmpeg looks into a WAV file of 16-bit PCM for other
formats: PCM made for that was taken for MP3, or for a telephone's format, and given to their
decoders (tried; tests/ui/test_sound.py does it again) - in the process that holds the keys. So Qt
is given the samples in the plainest container there is, Sun's .au, behind a head of zeros longer
than what FFmpeg guesses a container from; nothing is guessed about the samples of one. It is also
loaded in 1 ms in place of 40.
"""

from __future__ import annotations

import struct
import threading
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QIODevice, QObject, Signal

from intake.capture.playing import HEADER_BYTES as WAV_HEADER_BYTES
from intake.errors import MediaDamagedError

if TYPE_CHECKING:
    from intake.capture.playing import OpenSound

HEADER_BYTES: Final = 4096
"""Twice what FFmpeg looks at before it chooses a container (2,048 bytes)."""
SOUND_NAME: Final = "sound.au"
"""What Qt is told that it reads."""
_SAMPLE_BYTES: Final = 2
_PCM_16: Final = 3
_LARGEST_SIZE: Final = (1 << 31) - 1
"""FFmpeg reads the size as a signed number, and refuses a file of three hours (tried)."""
_UNKNOWN_SIZE: Final = 0xFFFFFFFF
"""What the head says of more: Qt then takes the length from the device, and can seek as well."""


class SoundDevice(QIODevice):
    """Reads an `OpenSound` for QMediaPlayer, decrypting as it goes. The sound stays its owner's.

    Qt reads from threads of its own, so `readData` is thread-safe. It never raises and never gives
    nothing before the end: either makes Qt ask again without a pause (tried: 50,000 times in 4 s,
    and no error of its own). What cannot be read is silence.
    """

    failed = Signal(object)
    """The first error (`Exception`), once, from the thread that read: connect it queued."""

    def __init__(self, sound: OpenSound, parent: QObject) -> None:
        super().__init__(parent)
        self._sound = sound
        self._size = HEADER_BYTES + sound.size - WAV_HEADER_BYTES
        self._header = _header(sound)
        self._once = threading.Lock()
        # Qt's own buffer would copy everything once more; the sound keeps its last pieces itself.
        self.open(QIODevice.OpenModeFlag.ReadOnly | QIODevice.OpenModeFlag.Unbuffered)

    def isSequential(self) -> bool:
        """Tell Qt that it may seek."""
        return False

    def size(self) -> int:
        """Return the bytes of header and sound."""
        return self._size

    def readData(self, maxlen: int) -> bytes:
        """Return `maxlen` bytes, less at the end only; silence where something is wrong."""
        offset = self.pos()
        end = min(offset + maxlen, self._size)
        try:
            content = self._header[offset:end] + self._samples(max(offset, HEADER_BYTES), end)
        except Exception as error:  # noqa: BLE001  # nobody above would catch it, see the class
            self._tell(error)
            return bytes(max(0, end - offset))
        if self._sound.is_damaged:
            self._tell(MediaDamagedError())
        return content

    def writeData(self, data: bytes | bytearray | memoryview, len: int) -> int:  # noqa: A002, ARG002  # Qt's names
        """Refuse: a recording is never written to here."""
        return -1

    def _samples(self, start: int, end: int) -> bytes:
        """Return bytes of the sound, high byte of each sample first."""
        if start >= end:
            return b""
        odd = (start - HEADER_BYTES) % _SAMPLE_BYTES
        even = end - start + odd + (end - HEADER_BYTES) % _SAMPLE_BYTES
        offset = WAV_HEADER_BYTES + start - HEADER_BYTES - odd
        content = np.frombuffer(self._sound.read_or_silence(offset, even), "<i2")
        return content.byteswap().tobytes()[odd : odd + end - start]

    def _tell(self, error: Exception) -> None:
        if self._once.acquire(blocking=False):
            self.failed.emit(error)


def _header(sound: OpenSound) -> bytes:
    """Return the head of an .au file of 16-bit PCM, filled up with zeros (an empty remark)."""
    size = sound.size - WAV_HEADER_BYTES
    head = struct.pack(
        ">4sIIIII",
        b".snd",
        HEADER_BYTES,
        size if size <= _LARGEST_SIZE else _UNKNOWN_SIZE,
        _PCM_16,
        sound.sound.rate,
        sound.sound.channels,
    )
    return head.ljust(HEADER_BYTES, b"\0")
