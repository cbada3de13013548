"""Playing one sealed recording: position, speed, repeating a stretch, stopping at an end."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt, QTimer, QUrl, Signal
from PySide6.QtMultimedia import (
    QAudioBufferOutput,
    QAudioDevice,
    QAudioOutput,
    QMediaDevices,
    QMediaFormat,
    QMediaPlayer,
)

from intake.errors import MediaDamagedError
from ui.media.pacing import Pace
from ui.media.sound import SOUND_NAME, SoundDevice

if TYPE_CHECKING:
    from intake.capture.playing import OpenSound

SLOWEST: Final = 0.5
FASTEST: Final = 2.0
_TICK_MS: Final = 50
_LAST_MS: Final = 60
"""This close to the end is the end: Qt never ends when it is sent to the very end (tried)."""
_SHORTEST_LOOP_MS: Final = 300
_ENDED_S: Final = 1.0
"""So long without a word from Qt at the end is the end too."""
_STUCK_S: Final = 3.0
"""So long without a word anywhere else: the loudspeaker went, and nobody told (tried)."""
_Status = QMediaPlayer.MediaStatus


def warm_up() -> None:
    """Load Qt's sound parts (30 ms and more from a cold disk), in any thread, before a player."""
    QMediaFormat().supportedFileFormats(QMediaFormat.ConversionMode.Decode)


def default_output() -> QAudioDevice:
    """Return the loudspeaker that the system prefers, a null one where there is none.

    Tests put a null one in its place: they make no noise, and hear the same on every machine.
    """
    return QMediaDevices.defaultAudioOutput()


class Player(QObject):
    """Plays an `OpenSound` that was loaded, which it then closes. For the drawing thread.

    `position_ms` is this player's own, not Qt's: Qt reports in uneven steps of 50 to 200 ms.

    The pitch stays at every speed: the FFmpeg part of Qt 6.11 and 6.12 has pitch compensation, and
    it is on unless one asks otherwise (`pitchCompensationAvailability()` says Available). Recorded
    from a sound server, a tone of 440 Hz stayed 440 Hz from 0.5 to 2.0. A part without it would
    play a voice lower and higher.

    Without a loudspeaker time goes on all the same. Where the loudspeaker that was in use
    disappears, the player pauses: what was in somebody's ears must not go on through the room.
    """

    position_changed = Signal(object)
    """Milliseconds (int): about 20 a second while playing, and after each jump."""
    playing_changed = Signal(bool)
    rate_changed = Signal(float)
    failed = Signal(object)
    """What is wrong with the recording (`Exception`), once: a damaged one plays on, in silence."""
    loudspeaker_changed = Signal(bool)
    """Whether there is one, when that changed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sound: OpenSound | None = None
        self._device: SoundDevice | None = None
        self._qt: QMediaPlayer | None = None
        self._output: QAudioOutput | None = None
        self._is_loaded = False
        self._is_playing = False
        self._is_resuming = False
        self._at = 0.0
        self._rate = 1.0
        self._loop: tuple[int, int] | None = None
        self._stop_ms: int | None = None
        self._pace = Pace()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_tick)
        # A window that is thrown away with its player does not unload it first.
        self._opened: list[OpenSound] = []
        self.destroyed.connect(partial(_close, self._opened))

    # --- what it is at -------------------------------------------------------------------------

    @property
    def position_ms(self) -> int:
        """Where it is."""
        return round(self._at)

    @property
    def length_ms(self) -> int:
        """How long the sound is that is loaded, 0 without one."""
        sound = self._sound
        return 0 if sound is None else sound.frames * 1000 // sound.sound.rate

    @property
    def is_playing(self) -> bool:
        """Whether it plays."""
        return self._is_playing

    @property
    def is_loaded(self) -> bool:
        """Whether there is a sound to play."""
        return self._sound is not None

    @property
    def rate(self) -> float:
        """The speed, 1.0 as it was spoken."""
        return self._rate

    @property
    def has_loudspeaker(self) -> bool:
        """Whether anything can be heard; true until a player looked."""
        return self._qt is None or self._output is not None

    # --- loading -------------------------------------------------------------------------------

    def load(self, sound: OpenSound) -> None:
        """Take a sound, at its start and paused; what was loaded before is closed."""
        self.unload()
        player = self._made()
        self._sound = sound
        self._opened.append(sound)
        if not sound.frames:
            return  # Qt would call it damaged
        self._device = SoundDevice(sound, self)
        self._device.failed.connect(self._on_failed, Qt.ConnectionType.QueuedConnection)
        player.setSourceDevice(self._device, QUrl(SOUND_NAME))

    def unload(self) -> None:
        """Stop, and close the sound. Safe at any time, and twice."""
        self.pause()
        device = self._device
        self._device = self._sound = None
        self._is_loaded = self._is_resuming = False
        self._loop = None
        self._at = 0.0
        if self._qt is not None and device is not None:
            self._qt.setSource(QUrl())  # first: Qt's threads read the device until this returns
            device.close()
            device.deleteLater()
        _close(self._opened)

    # --- playing -------------------------------------------------------------------------------

    def play(self) -> None:
        """Play from where it is; from the start where it is at the end."""
        if self._is_playing or not self.length_ms:
            return
        self._is_playing, self._is_resuming = True, False
        if self._is_at_end(self._at):
            self._at = 0.0
        self._go_on()
        self.playing_changed.emit(True)

    def pause(self) -> None:
        """Stop where it is."""
        if self._is_playing:
            self._stop(self._pace.at(time.monotonic()) if self._timer.isActive() else self._at)

    def toggle(self, rewind_ms: int = 0) -> None:
        """Pause, or play; going on after a pause at its place repeats the last `rewind_ms`."""
        if self._is_playing:
            self.pause()
            return
        if self._is_resuming and rewind_ms:
            self.seek(self.position_ms - rewind_ms)
        self.play()

    def seek(self, ms: int) -> None:
        """Go to a place, within the recording; goes on playing there if it played."""
        self._stop_ms, self._is_resuming = None, False
        self._at = float(min(max(ms, 0), self.length_ms))
        if self._is_playing and self._is_at_end(self._at):
            self._stop(self.length_ms)
            return
        if self._is_playing:
            self._go_on()
        self.position_changed.emit(self.position_ms)

    def skip(self, ms: int) -> None:
        """Go back (negative) or forward."""
        self.seek(self.position_ms + ms)

    def set_rate(self, rate: float) -> None:
        """Set the speed, from `SLOWEST` to `FASTEST`."""
        rate = min(max(rate, SLOWEST), FASTEST)
        if rate == self._rate:
            return
        self._rate = rate
        self._pace.set_rate(rate, time.monotonic())
        if self._qt is not None:
            self._qt.setPlaybackRate(rate)
        self.rate_changed.emit(rate)

    def loop(self, start_ms: int, end_ms: int) -> None:
        """Jump from the end of a stretch to its start, whenever it is played through.

        Who goes elsewhere is let go on there. Less than 0.3 s is made so long.
        """
        start = max(0, start_ms)
        self._loop = (start, max(end_ms, start + _SHORTEST_LOOP_MS))

    def end_loop(self) -> None:
        """Repeat nothing."""
        self._loop = None

    def play_stretch(self, start_ms: int, end_ms: int) -> None:
        """Play from `start_ms` and pause at `end_ms`; a pause or jump before that forgets the end.

        A loop of the same stretch is stronger.
        """
        self.seek(start_ms)
        self._stop_ms = max(end_ms, start_ms + 1)
        self.play()

    # --- Qt's player ---------------------------------------------------------------------------

    def _made(self) -> QMediaPlayer:
        """Return Qt's player, made at the first sound: who never plays loads no sound parts."""
        if self._qt is None:
            self._qt = QMediaPlayer(self)
            self._qt.setPlaybackRate(self._rate)
            self._qt.mediaStatusChanged.connect(self._on_status)
            self._qt.positionChanged.connect(self._on_report)
            self._qt.errorOccurred.connect(self._on_refused)
            self._nowhere = QAudioBufferOutput(self)
            self._devices = QMediaDevices(self)
            self._devices.audioOutputsChanged.connect(self._on_outputs)
            self._connect_output()
        return self._qt

    def _connect_output(self) -> None:
        """Send the sound to the loudspeaker, or nowhere.

        Nowhere is a buffer that nobody reads: with no output at all Qt finds no end (tried), and
        an output without a device complains at each start.
        """
        if self._qt is None:
            return
        device = default_output()
        if device.isNull():
            self._qt.setAudioBufferOutput(self._nowhere)
            if self._output is not None:
                self._qt.setAudioOutput(None)  # type: ignore[arg-type]  # the stub knows no None
                self._output.deleteLater()
                self._output = None
        elif self._output is None:
            self._output = QAudioOutput(device, self)
            self._qt.setAudioOutput(self._output)
            self._qt.setAudioBufferOutput(None)  # type: ignore[arg-type]  # the same
        else:
            self._output.setDevice(device)

    def _on_outputs(self) -> None:
        before = self._output.device().id() if self._output is not None else None
        there = [one.id() for one in QMediaDevices.audioOutputs()]
        if before is not None and before not in there:
            self.pause()
        self._connect_output()
        if (self._output is None) != (before is None):
            self.loudspeaker_changed.emit(self.has_loudspeaker)

    def _on_status(self, status: QMediaPlayer.MediaStatus) -> None:
        if status is _Status.LoadedMedia and not self._is_loaded and self._sound is not None:
            self._is_loaded = True
            if self._is_playing:
                self._go_on()
        elif status is _Status.EndOfMedia and self._is_playing:
            self._on_end()

    def _on_report(self, ms: int) -> None:
        if self._is_playing and self._is_loaded:
            self._pace.report(ms, time.monotonic())

    def _on_refused(self, _error: object, _words: str) -> None:
        """End with our own sentence: Qt's could name a device or a file."""
        if self._sound is not None:
            self.unload()
            self.failed.emit(MediaDamagedError())

    def _on_failed(self, error: Exception) -> None:
        if self.sender() is not self._device:
            return  # of a sound that was let go meanwhile
        if not isinstance(error, MediaDamagedError):
            self.unload()
        self.failed.emit(error)

    # --- moving --------------------------------------------------------------------------------

    def _go_on(self) -> None:
        """Let Qt play from where this player is; once it loaded the sound."""
        if self._qt is None or not self._is_loaded:
            return
        self._qt.setPosition(round(self._at))
        self._qt.play()
        self._pace.start(self._at, time.monotonic())
        self._arm()

    def _arm(self) -> None:
        """Come back in a twentieth of a second, or when the end of a stretch is reached."""
        wait = float(_TICK_MS)
        for end in (self._stop_ms, self._loop[1] if self._loop else None):
            if end is not None and end > self._at:
                wait = min(wait, (end - self._at) / self._rate)
        self._timer.start(max(1, round(wait)))

    def _on_tick(self) -> None:
        before, now = self._at, time.monotonic()
        at = min(self._pace.at(now), float(self.length_ms))
        self._at = at
        if self._loop is not None and before < self._loop[1] <= at:
            self._at = float(self._loop[0])
            self._go_on()
        elif self._stop_ms is not None and before < self._stop_ms <= at:
            self._stop(self._stop_ms)
            return
        elif self._is_at_end(at) and self._pace.silent_s(now) > _ENDED_S:
            self._on_end()
            return
        elif self._pace.silent_s(now) > _STUCK_S:
            self._stop(at)
            return
        else:
            self._arm()
        self.position_changed.emit(self.position_ms)

    def _on_end(self) -> None:
        """Stop at the end of the recording, or begin the loop again that ends there."""
        if self._loop is not None and self._loop[0] <= self._at and self._is_at_end(self._loop[1]):
            self._at = float(self._loop[0])
            self._go_on()
            self.position_changed.emit(self.position_ms)
        else:
            self._stop(self.length_ms)

    def _stop(self, at: float) -> None:
        self._timer.stop()
        self._is_playing, self._is_resuming = False, True
        self._stop_ms = None
        self._at = float(at)
        if self._qt is not None:
            self._qt.pause()
        self.position_changed.emit(self.position_ms)
        self.playing_changed.emit(False)

    def _is_at_end(self, ms: float) -> bool:
        return ms >= self.length_ms - _LAST_MS


def _close(sounds: list[OpenSound]) -> None:
    """Close what is open. Knows no player: it is called when that is gone."""
    while sounds:
        sounds.pop().close()
