"""The sound on its way to the decoder: taken in beside it, resampled, searched for voices."""

from __future__ import annotations

import os
import queue
import threading
from typing import TYPE_CHECKING, Final

from transcription.errors import ProtocolError
from transcription.frames import Channel, End, Pcm, Start, ToWorker
from transcription.resampling import MODEL_RATE, Samples, ToModelRate
from transcription.voices import Voices

if TYPE_CHECKING:
    from collections.abc import Iterator

_SAMPLES_AHEAD: Final = 660 * MODEL_RATE


class NothingYetError(Exception):
    """No sound came in time; more may come later."""


class Listener:
    """Takes sound from the pipe in a thread of its own, at most eleven minutes ahead.

    What `voices` knows reaches at least as far as the sound that `take` gave.
    """

    def __init__(self, channel: Channel[ToWorker], start: Start) -> None:
        self.voices = Voices()
        self._channel = channel
        self._to_model_rate = ToModelRate(start.rate, start.channels)
        self._pieces: queue.SimpleQueue[Samples | BaseException | None] = queue.SimpleQueue()
        self._ahead = 0
        self._room = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def ahead(self) -> int:
        """How many samples came in that nobody took yet."""
        with self._room:
            return self._ahead

    def take(self, patience_s: float | None = None) -> Samples | None:
        """Give the next sound, None at its end. Raises what went wrong in the thread.

        Raises `NothingYetError` when nothing came for `patience_s` seconds.
        """
        try:
            piece = self._pieces.get(timeout=patience_s)
        except queue.Empty:
            raise NothingYetError from None
        if isinstance(piece, BaseException):
            raise piece
        if piece is not None:
            with self._room:
                self._ahead -= len(piece)
                self._room.notify()
        return piece

    def pieces(self) -> Iterator[Samples]:
        """Give all sound in order until its end."""
        while (piece := self.take()) is not None:
            yield piece

    def _listen(self) -> None:
        try:
            for samples in self._samples():
                self.voices.hear(samples)
                self._put(samples)
            self.voices.finish()
        except Exception as error:  # noqa: BLE001  # handed to the main thread, raised there
            self._pieces.put(error)
        self._pieces.put(None)

    def _put(self, samples: Samples) -> None:
        with self._room:
            self._room.wait_for(lambda: self._ahead < _SAMPLES_AHEAD)
            self._ahead += len(samples)
        self._pieces.put(samples)

    def _samples(self) -> Iterator[Samples]:
        while isinstance(frame := self._channel.receive(), Pcm):
            samples = self._to_model_rate.hear(frame.sound)
            if len(samples):
                yield samples
        if frame is None:
            # The parent is gone: nobody will read another word.
            os._exit(1)
        if not isinstance(frame, End):
            raise ProtocolError
        last = self._to_model_rate.finish()
        if len(last):
            yield last
