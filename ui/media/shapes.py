"""The peaks of recordings, worked out away from the desk and the drawing thread, for all screens.

Three hours take seconds, and nobody should wait behind them. One thread works on one recording at a
time: the last that was asked for. Peaks are kept while the vault is open (36,000 pairs an hour:
loudness, and no word can be heard in it), so that going from the transcript to the review and back
does not read the recording each time.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final, Self

from PySide6.QtCore import QObject, Qt, Signal

from intake.capture.playing import open_sound, peaks
from intake.errors import IntakeError
from intake.jobs import CancelToken

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from intake.capture.playing import MediaId, Sound
    from intake.jobs import Progress
    from intake.opening import Vault
    from ui.desk import Desk

    Shape = NDArray[np.int16]

PER_SECOND: Final = 10
_MOST: Final = 24
_TELL_S: Final = 0.2


class _Work:
    """The one piece of work under way; a token of its own, since threads end when they can."""

    def __init__(self) -> None:
        self.token = CancelToken()
        self.media: MediaId | None = None

    def stop(self) -> None:
        """Ask it to end at its next piece."""
        self.token.cancel()
        self.media = None


class Shapes(QObject):
    """Peaks by recording. Made and used in the drawing thread; one beside each desk."""

    made = Signal(object, object)
    """Recording and its peaks, of shape (n, 2), ten pairs a second."""
    advanced = Signal(object, object)
    """Recording, and how much of it was read, from 0 to 1."""
    _ended = Signal(object, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._found: dict[MediaId, Shape] = {}
        self._work = _Work()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="shapes")
        self._ended.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)
        self.destroyed.connect(partial(_end, self._work, self._thread))

    @classmethod
    def beside(cls, desk: Desk) -> Self:
        """Return the one that all bars share whose desk this is."""
        return desk.findChild(cls) or cls(desk)

    def get(self, media: MediaId) -> Shape | None:
        """Return the peaks of a recording, if they are known."""
        return self._found.get(media)

    def ask(self, vault: Vault, sound: Sound) -> None:
        """Work out the peaks of a recording, in place of the one before; `made` tells when.

        A vault that is locked, or a file that is gone, ends it without a word: playing says so.
        """
        if sound.media == self._work.media:
            return
        self._work.stop()
        self._work.token = token = CancelToken()
        self._work.media = sound.media
        self._thread.submit(self._run, vault, sound, token)

    def _run(self, vault: Vault, sound: Sound, token: CancelToken) -> None:
        found = None
        # A signal of an object that went meanwhile is a RuntimeError; nobody is left to be told.
        with suppress(IntakeError, RuntimeError):
            told = 0.0

            def report(at: Progress) -> None:
                nonlocal told
                if (now := time.monotonic()) - told > _TELL_S:
                    told = now
                    self.advanced.emit(sound.media, at.done / max(1, at.total))

            with open_sound(vault, sound) as opened:
                found = peaks(opened, per_second=PER_SECOND, token=token, report=report)
        with suppress(RuntimeError):
            self._ended.emit(sound.media, found)

    def _on_ended(self, media: MediaId, found: Shape | None) -> None:
        if media == self._work.media:
            self._work.media = None
        if found is None:
            return
        while len(self._found) >= _MOST:
            del self._found[next(iter(self._found))]
        self._found[media] = found
        self.made.emit(media, found)


def _end(work: _Work, thread: ThreadPoolExecutor) -> None:
    """End when the desk is gone. Knows no `Shapes`."""
    work.stop()
    thread.shutdown(wait=False, cancel_futures=True)
