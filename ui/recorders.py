"""Where the window's recordings come from: the recorder, a process of its own."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from intake.capture.recording import steering
from intake.capture.recording.frames import Side
from intake.capture.recording.levels import Meter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from intake.capture.interviews import InterviewId
    from intake.capture.recording.frames import Agrees, Device
    from intake.capture.recording.steering import Public
    from intake.opening import Vault
    from ui.capturing import Listening, Recorder

_RATE = 48_000
_SAMPLE_BYTES = 2


class OwnRecorders:
    """The recorder of this program."""

    def devices(self) -> Sequence[Device]:
        """List what gives sound now."""
        # Loading Qt's part for sound says what it misses: only once the program keeps that quiet.
        from ui.recorder.devices import list_devices  # noqa: PLC0415  # see above

        return list_devices()

    def start(
        self, vault: Vault, interview: InterviewId, *, agrees: Agrees, sides: Sequence[Side]
    ) -> Recorder:
        """Start a recorder for an interview."""
        return steering.start(vault, interview, agrees=agrees, sides=sides)

    def start_without_key(
        self, public: Public, *, agrees: Agrees, sides: Sequence[Side]
    ) -> Recorder:
        """Start a recorder for a vault that travels."""
        return steering.start_locked(public, agrees=agrees, sides=sides)

    def find(self, folder: Path) -> Sequence[Recorder]:
        """Find the recorders that are alive for a vault."""
        return steering.find_running(folder)

    def listen(self, device: str, keeps_ms: int = 0) -> Listening:
        """Listen to a microphone; no more is kept than was asked for, and that in memory."""
        return _Heard(device, keeps_ms)


class _Heard:
    """How loud a microphone is; of the sound, only the first is kept, where that is wanted."""

    def __init__(self, device: str, keeps_ms: int) -> None:
        from ui.recorder.devices import QtAudioInput  # noqa: PLC0415  # as above

        self._turn = threading.Lock()
        self._meter = Meter(_RATE)
        self._most = keeps_ms * _RATE // 1000 * _SAMPLE_BYTES
        self._kept = bytearray()
        self._input = QtAudioInput([Side(what="microphone", device=device)], _RATE)
        self._input.start(self)

    @property
    def peak_db(self) -> float:
        """The loudest sample of the last fifth of a second, in dB below full scale."""
        with self._turn:
            return self._meter.peak_db

    @property
    def sound(self) -> bytes:
        """The first of the sound, as much of it as was asked for."""
        with self._turn:
            return bytes(self._kept)

    def take(self, sound: bytes) -> None:
        """Measure what came."""
        with self._turn:
            self._kept += sound[: self._most - len(self._kept)]
            self._meter.feed(np.frombuffer(sound, "<i2"))

    def has_room(self, size: int) -> bool:  # noqa: ARG002  # as every sink is asked
        """Nothing is kept, so nothing is full."""
        return True

    def lost(self) -> None:
        """Begin again: the level falls to nothing."""
        with self._turn:
            self._meter = Meter(_RATE)

    def found(self, label: str) -> None:
        """Listen to whatever there is."""

    def close(self) -> None:
        """Let go of the device."""
        self._input.stop()
