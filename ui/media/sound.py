"""A sealed recording as Qt reads it: bytes of a WAV file that exists nowhere."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QIODevice, QObject, Signal

from intake.errors import MediaDamagedError

if TYPE_CHECKING:
    from intake.capture.playing import OpenSound


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
        self._once = threading.Lock()
        # Qt's own buffer would copy everything once more; the sound keeps its last pieces itself.
        self.open(QIODevice.OpenModeFlag.ReadOnly | QIODevice.OpenModeFlag.Unbuffered)

    def isSequential(self) -> bool:
        """Tell Qt that it may seek."""
        return False

    def size(self) -> int:
        """Return the bytes of header and sound."""
        return self._sound.size

    def readData(self, maxlen: int) -> bytes:
        """Return `maxlen` bytes, less at the end only; silence where something is wrong."""
        offset = self.pos()
        try:
            content = self._sound.read_or_silence(offset, maxlen)
        except Exception as error:  # noqa: BLE001  # nobody above would catch it, see the class
            self._tell(error)
            return bytes(max(0, min(maxlen, self._sound.size - offset)))
        if self._sound.is_damaged:
            self._tell(MediaDamagedError())
        return content

    def writeData(self, data: bytes | bytearray | memoryview, len: int) -> int:  # noqa: A002, ARG002  # Qt's names
        """Refuse: a recording is never written to here."""
        return -1

    def _tell(self, error: Exception) -> None:
        if self._once.acquire(blocking=False):
            self.failed.emit(error)
