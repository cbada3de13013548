"""The devices of this computer, through Qt's own loop, which here serves nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication, QObject, QTimer
from PySide6.QtMultimedia import (
    QAudio,
    QAudioDevice,
    QAudioFormat,
    QAudioSource,
    QMediaDevices,
    QtAudio,
)

from intake.capture.recording.engine import TICK_S, Recorder
from intake.capture.recording.frames import (
    Device,
    Devices,
    ListDevices,
    Listen,
    Setup,
)
from intake.capture.recording.listening import Listener
from intake.capture.recording.mixing import Mixer
from ui.recorder.computer import ComputerSound, has_computer_sound
from ui.recorder.inhibiting import hold_off_suspending
from ui.recorder.process import answer, begin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QIODevice

    from intake.capture.recording.frames import Begins, Side
    from intake.capture.recording.inputs import Sink

_BUFFER_MS: Final = 2_000
_MONITOR: Final = ".monitor"


def list_devices() -> list[Device]:
    """Return microphones, then the computer's outputs as sources. Needs a QCoreApplication."""
    default = QMediaDevices.defaultAudioInput().id()
    found = [
        Device(_id_of(each), each.description(), each.id() == default, False)
        for each in QMediaDevices.audioInputs()
    ]
    if has_computer_sound():
        default = QMediaDevices.defaultAudioOutput().id()
        found += [
            Device(_id_of(each) + _MONITOR, each.description(), each.id() == default, True)
            for each in QMediaDevices.audioOutputs()
        ]
    return found


def _id_of(device: QAudioDevice) -> str:
    return bytes(device.id().data()).decode("utf-8", "surrogateescape")


class _Microphone(QObject):
    """One microphone, mono at the recorder's rate, pulled as it gives. Lives in Qt's thread."""

    def __init__(self, input_: QtAudioInput, channel: int, rate: int) -> None:
        super().__init__()
        self._input = input_
        self._channel = channel
        self._format = QAudioFormat()
        self._format.setSampleRate(rate)
        self._format.setChannelCount(1)
        self._format.setSampleFormat(QAudioFormat.SampleFormat.Int16)
        self._source: QAudioSource | None = None
        self._stream: QIODevice | None = None
        self._rest = b""
        self.id = ""
        self.label = ""

    def open(self, wanted: str) -> bool:
        """Open the device that is wanted, or the default, or any other; False where none gives."""
        self.close()
        for device in self._in_order(wanted):
            if not device.isFormatSupported(self._format):
                continue
            source = QAudioSource(device, self._format)
            source.setBufferSize(self._format.bytesForDuration(_BUFFER_MS * 1000))
            stream = source.start()
            if stream is None or source.error() != QtAudio.Error.NoError:
                continue
            self._source, self._stream = source, stream
            self.id, self.label = _id_of(device), device.description()
            stream.readyRead.connect(self._read)
            source.stateChanged.connect(self._on_state)
            return True
        return False

    @staticmethod
    def _in_order(wanted: str) -> Sequence[QAudioDevice]:
        there = list(QMediaDevices.audioInputs())
        default = QMediaDevices.defaultAudioInput().id()
        return sorted(there, key=lambda each: (_id_of(each) != wanted, each.id() != default))

    def is_there(self) -> bool:
        """Whether the device that was opened is still listed."""
        return self._source is not None and any(
            _id_of(each) == self.id for each in QMediaDevices.audioInputs()
        )

    def close(self) -> None:
        """Give what is there already, then nothing more."""
        source, self._source = self._source, None
        if source is None:
            return
        self._read()
        self._stream = None
        self._rest = b""
        source.stateChanged.disconnect(self._on_state)
        source.stop()
        source.deleteLater()

    def _read(self) -> None:
        if self._stream is None:
            return
        sound = self._rest + bytes(self._stream.readAll().data())
        whole = len(sound) - len(sound) % 2
        self._rest = sound[whole:]
        if whole:
            self._input.took(self._channel, sound[:whole])

    def _on_state(self, state: QAudio.State) -> None:
        if state == QAudio.State.StoppedState and self._source is not None:
            self._input.check_devices()


class QtAudioInput(QObject):
    """Microphone, and the computer's sound where the setup asks for it, as one stream."""

    def __init__(self, sides: Sequence[Side], rate: int) -> None:
        super().__init__()
        self._rate = rate
        self._wanted = [side.device for side in sides]
        self._whats = [side.what for side in sides]
        self._sink: Sink | None = None
        self._mixer: Mixer | None = None
        self._microphones = {
            channel: _Microphone(self, channel, rate)
            for channel, what in enumerate(self._whats)
            if what == "microphone"
        }
        self._computers: dict[int, ComputerSound] = {}
        self._devices = QMediaDevices(self)
        self._devices.audioInputsChanged.connect(self.check_devices)

    def start(self, sink: Sink) -> None:
        """Open what there is; tell the sink when there is something."""
        self._sink = sink
        self._open()

    def stop(self) -> None:
        """Give what is there already, then nothing more."""
        self._close()
        self._sink = None

    def choose(self, channel: int, device: str) -> None:
        """Take another device for a channel; the others are opened anew with it."""
        if channel < len(self._wanted):
            self._wanted[channel] = device
            self._open()

    def look_again(self) -> None:
        """Open anew."""
        self._open()

    def pump(self, timeout_s: float) -> None:
        """Do nothing: Qt's loop does."""

    def took(self, channel: int, sound: bytes) -> None:
        """Take what one device gave. Any thread."""
        mixer = self._mixer
        if mixer is not None:
            mixer.put(channel, sound)

    def check_devices(self) -> None:
        """Look whether a device that is in use went away; go on with another at once."""
        if self._sink is None:
            return
        gone = [each for each in self._microphones.values() if not each.is_there()]
        if gone and self._mixer is not None:
            self._sink.lost()
            self._open()

    def _open(self) -> None:
        sink = self._sink
        if sink is None:
            return
        self._close()
        self._mixer = Mixer(len(self._whats), self._rate, sink.take)
        labels = []
        for channel, microphone in self._microphones.items():
            if microphone.open(self._wanted[channel]):
                labels.append(microphone.label)
        for channel, what in enumerate(self._whats):
            if what == "computer" and self._open_computer(channel):
                labels.append("computer sound")
        if labels:
            sink.found(", ".join(labels))
        else:
            self._mixer = None

    def _open_computer(self, channel: int) -> bool:
        try:
            self._computers[channel] = ComputerSound(
                self._wanted[channel],
                self._rate,
                lambda sound: self.took(channel, sound),
                lambda: None,  # the other side goes on; its channel shows that it is silent
            )
        except OSError:
            return False
        return True

    def _close(self) -> None:
        for microphone in self._microphones.values():
            microphone.close()
        for computer in self._computers.values():
            computer.close()
        self._computers.clear()
        mixer, self._mixer = self._mixer, None
        if mixer is not None:
            mixer.flush()


def run(begins: Begins) -> int:
    """Record from real devices, or answer what is asked about them; returns the exit status."""
    application = QCoreApplication(["intake-recorder"])
    match begins:
        case ListDevices():
            return answer(Devices(list_devices()))
        case Listen():
            return _listen(application, begins)
        case Setup():
            return _record(application, begins)


def _listen(application: QCoreApplication, listen: Listen) -> int:
    listener = Listener(listen.sides, listen.rate)
    audio = QtAudioInput(listen.sides, listen.rate)
    audio.start(listener)
    QTimer.singleShot(listen.length_ms, application.quit)
    application.exec()
    audio.stop()
    return answer(listener.heard())


def _record(application: QCoreApplication, setup: Setup) -> int:
    audio = QtAudioInput(setup.sides, setup.rate)
    recorder = Recorder(setup, audio)
    if (status := begin(recorder)) is not None:
        return status
    held = hold_off_suspending()
    recorder.is_suspend_held = held is not None
    timer = QTimer()
    timer.setInterval(int(TICK_S * 1000))
    timer.timeout.connect(lambda: None if recorder.tick() else application.quit())
    timer.start()
    return application.exec()
