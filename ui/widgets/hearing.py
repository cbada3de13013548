"""The bar by which one hears an interview: play, back, forward, speed, place, waveform.

The transcript, the review and the translation use it alike. Sound needs a cleared member; for the
others, and where there is no recording, it says so and does nothing.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from intake.capture.playing import Sound, list_sounds, open_sound, peaks
from intake.errors import CancelledError, IntakeError
from intake.jobs import CancelToken
from ui.keys import Act
from ui.media.player import FASTEST, SLOWEST, Player, warm_up
from ui.theme import GRID
from ui.widgets.waveform import Waveform
from ui.wording import clock

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from intake.capture.playing import InterviewId, MediaId, OpenSound
    from intake.opening import Vault
    from ui.context import Context, InterviewRef

_STEP_MS: Final = 3_000
_RATE_STEP: Final = 0.1
_PER_SECOND: Final = 10


class Hearing(QWidget):
    """Plays the recordings of one interview. `moved` carries the recording and the milliseconds."""

    moved = Signal(object, object)
    _peaks_made = Signal(object, object)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._interview: InterviewId | None = None
        self._sounds: list[Sound] = []
        self._loaded: MediaId | None = None
        self._wanted: tuple[MediaId, int, int | None, bool] | None = None
        self._stretch: tuple[MediaId, int, int] | None = None
        self._told: set[MediaId] = set()
        self._known_peaks: dict[MediaId, NDArray[np.int16]] = {}
        self._token = CancelToken()
        self._worker: ThreadPoolExecutor | None = None
        self.player = Player(self)
        self.back = QPushButton("<< " + context.keys.label(Act.BACK))
        self.play_button = QPushButton()
        self.forward = QPushButton(context.keys.label(Act.FORWARD) + " >>")
        self.rate = QLabel()
        self.place = QLabel()
        self.part = QComboBox()
        self.said = QLabel()
        self.waveform = Waveform()
        self._lay_out()
        self._connect()
        self._show_state()
        self._offer()

    def _lay_out(self) -> None:
        self.back.setAccessibleName(self.tr("Back 3 seconds"))
        self.forward.setAccessibleName(self.tr("Forward 3 seconds"))
        self.rate.setAccessibleName(self.tr("Speed"))
        self.place.setAccessibleName(self.tr("Place in the recording"))
        self.part.setAccessibleName(self.tr("Recording"))
        self.said.setWordWrap(True)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        row = QHBoxLayout()
        for widget in (self.back, self.play_button, self.forward, self.rate, self.place, self.part):
            row.addWidget(widget)
        row.addWidget(self.said, stretch=1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addLayout(row)
        column.addWidget(self.waveform)

    def _connect(self) -> None:
        self.play_button.clicked.connect(self.toggle)
        self.back.clicked.connect(lambda: self._skip(-_STEP_MS))
        self.forward.clicked.connect(lambda: self._skip(_STEP_MS))
        self.part.activated.connect(lambda at: self.show_at(self._sounds[at].media, 0))
        self.waveform.sought.connect(self._on_sought)
        self.player.position_changed.connect(self._on_position)
        self.player.playing_changed.connect(lambda _: self._show_state())
        self.player.rate_changed.connect(lambda _: self._show_state())
        self.player.failed.connect(self._context.notices.refuse)
        self.player.loudspeaker_changed.connect(lambda _: self._say())
        self._peaks_made.connect(self._on_peaks, Qt.ConnectionType.QueuedConnection)

    def bind_keys(self, widget: QWidget) -> None:
        """Let the keys of sound work everywhere in a screen."""
        for act, slot in (
            (Act.PLAY, self.toggle),
            (Act.BACK, lambda: self._skip(-_STEP_MS)),
            (Act.FORWARD, lambda: self._skip(_STEP_MS)),
            (Act.LOOP, self._on_loop_key),
            (Act.SLOWER, lambda: self._faster(-_RATE_STEP)),
            (Act.FASTER, lambda: self._faster(_RATE_STEP)),
        ):
            self._context.keys.bind(widget, act, slot)
        for button, act in ((self.back, Act.BACK), (self.forward, Act.FORWARD)):
            button.setToolTip(self._context.keys.label(act))

    # --- which sound -----------------------------------------------------------------------------

    def open_interview(self, interview: InterviewRef) -> None:
        """Take the recordings of an interview; nothing plays yet."""
        if not self._context.who.is_cleared:
            self._offer()
            return
        wanted = interview.id
        if wanted != self._interview:
            self.silence()
            self._interview = wanted

        def read(vault: Vault) -> tuple[InterviewId, list[Sound]]:
            warm_up()
            return wanted, list_sounds(vault, wanted)

        self._context.desk.ask(self, read, self._on_sounds, key="sounds")

    def _on_sounds(self, found: tuple[InterviewId, list[Sound]]) -> None:
        interview, sounds = found
        if interview != self._interview:
            return
        self._sounds = sounds
        self.part.clear()
        for number, sound in enumerate(sounds, 1):
            self.part.addItem(
                self.tr("Recording {number}, {length}").format(
                    number=number, length=clock(sound.duration_ms)
                )
            )
        self._offer()
        if self._wanted is not None:
            self._go(*self._wanted)
        elif sounds and self._loaded is None:
            self._go(sounds[0].media, 0, None, False)

    def _offer(self) -> None:
        has_sound = bool(self._sounds)
        for widget in (self.back, self.play_button, self.forward):
            widget.setEnabled(has_sound)
        self.part.setVisible(len(self._sounds) > 1)
        self.waveform.setVisible(has_sound)
        self._say()

    def _say(self) -> None:
        if not self._context.who.is_cleared:
            words = self.tr("Hearing the recording needs a member who is cleared for identities.")
        elif not self._sounds:
            words = self.tr("This interview has no recording yet.")
        elif not self.player.has_loudspeaker:
            words = self.tr("No loudspeaker or headphones were found.")
        else:
            words = ""
        self.said.setText(words)

    # --- going about -----------------------------------------------------------------------------

    @property
    def position(self) -> tuple[MediaId | None, int]:
        """Which recording one is in, and where, in ms."""
        return self._loaded, self.player.position_ms

    @property
    def is_playing(self) -> bool:
        """Whether something is to be heard."""
        return self.player.is_playing

    def toggle(self) -> None:
        """Play, or pause; playing goes on a little before where it stopped."""
        if self.player.is_loaded:
            self.player.toggle(self._context.preferences().rewind_ms)

    def show_at(self, media: MediaId, ms: int) -> None:
        """Go to a place; what plays goes on from there."""
        self._go(media, ms, None, self.is_playing)

    def play_from(self, media: MediaId, ms: int) -> None:
        """Play from a place on."""
        self._go(media, ms, None, True)

    def play_stretch(self, media: MediaId, start_ms: int, end_ms: int) -> None:
        """Play a stretch and stop at its end."""
        self._go(media, start_ms, end_ms, True)

    def set_stretch(self, media: MediaId, start_ms: int, end_ms: int) -> None:
        """Shade a segment; a loop goes over it."""
        self._stretch = (media, start_ms, end_ms)
        if media == self._loaded:
            self.waveform.set_stretch(start_ms, end_ms)

    def set_loop(self, is_on: bool) -> None:
        """Play the shaded segment over and over, or go on as usual."""
        if not is_on or self._stretch is None:
            self.player.end_loop()
            return
        media, start, end = self._stretch
        self._is_looping = True
        if media == self._loaded:
            self.player.loop(start, end)

    _is_looping = False

    def _on_loop_key(self) -> None:
        self._is_looping = not self._is_looping
        self.set_loop(self._is_looping)

    def silence(self) -> None:
        """Stop, let go of the recording, forget its shape."""
        self._token.cancel()
        self._token = CancelToken()
        self.player.unload()
        self._loaded = self._wanted = self._interview = None
        self._sounds = []
        self._known_peaks.clear()
        self.waveform.set_length(0)
        self._is_looping = False
        self._offer()

    def _skip(self, ms: int) -> None:
        if self.player.is_loaded:
            self.player.skip(ms)

    def _faster(self, by: float) -> None:
        self.player.set_rate(min(FASTEST, max(SLOWEST, round(self.player.rate + by, 1))))

    def _on_sought(self, ms: int) -> None:
        if self.player.is_loaded:
            self.player.seek(ms)

    def _go(self, media: MediaId, ms: int, end_ms: int | None, is_on: bool) -> None:
        sound = next((one for one in self._sounds if one.media == media), None)
        self._wanted = (media, ms, end_ms, is_on)
        if sound is None:
            return
        if media == self._loaded:
            self._wanted = None
            self._play(ms, end_ms, is_on)
            return
        token = self._token

        def work(vault: Vault) -> OpenSound | None:
            opened = open_sound(vault, sound)
            if token.is_cancelled:  # silenced meanwhile, perhaps for good: nobody takes it
                opened.close()
                return None
            return opened

        self._context.desk.ask(self, work, self._on_open)

    def _on_open(self, sound: OpenSound | None) -> None:
        wanted = self._wanted
        if sound is None:
            return
        if wanted is None or sound.sound not in self._sounds or wanted[0] != sound.sound.media:
            sound.close()
            return
        self._wanted = None
        self.player.load(sound)
        self._loaded = media = sound.sound.media
        self.part.setCurrentIndex(self._sounds.index(sound.sound))
        self.waveform.set_length(sound.sound.duration_ms)
        if self._stretch is not None and self._stretch[0] == media:
            self.waveform.set_stretch(*self._stretch[1:])
        self._ask_for_peaks(sound.sound)
        self._tell_damage(sound.sound)
        self._play(*wanted[1:])

    def _play(self, ms: int, end_ms: int | None, is_on: bool) -> None:
        if end_ms is not None:
            self.player.play_stretch(ms, end_ms)
            return
        self.player.seek(ms)
        if is_on and not self.player.is_playing:
            self.player.play()

    def _tell_damage(self, sound: Sound) -> None:
        if sound.damaged_ms is not None and sound.media not in self._told:
            self._told.add(sound.media)
            self._context.notices.say(
                self.tr("The recording is damaged from {time} on; there it is silent.").format(
                    time=clock(sound.damaged_ms)
                )
            )

    # --- showing ---------------------------------------------------------------------------------

    def _on_position(self, ms: int) -> None:
        self._show_place()
        self.waveform.set_position(ms)
        self.moved.emit(self._loaded, ms)

    def _show_place(self) -> None:
        self.place.setText(f"{clock(self.player.position_ms)} / {clock(self.player.length_ms)}")

    def _show_state(self) -> None:
        word = self.tr("Pause") if self.player.is_playing else self.tr("Play")
        self.play_button.setText(f"{word} {self._context.keys.label(Act.PLAY)}")
        self.play_button.setAccessibleName(word)
        self.rate.setText(f"{self.player.rate:.1f}x")
        self._show_place()

    def _ask_for_peaks(self, sound: Sound) -> None:
        """Work the waveform out beside the desk, so that nobody waits behind a long recording."""
        if sound.media in self._known_peaks:
            self.waveform.set_peaks(self._known_peaks[sound.media])
            return
        if self._worker is None:
            self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="peaks")
            self.destroyed.connect(self._worker.shutdown)
        vault, token = self._context.desk.vault, self._token

        def work() -> None:
            try:
                with open_sound(vault, sound) as opened:
                    found = peaks(opened, per_second=_PER_SECOND, token=token)
            except (CancelledError, IntakeError):
                return  # locked or left; a damaged recording says so when it is played
            self._peaks_made.emit(sound.media, found)

        self._worker.submit(work)

    def _on_peaks(self, media: MediaId, found: NDArray[np.int16]) -> None:
        if any(sound.media == media for sound in self._sounds):
            self._known_peaks[media] = found
            if media == self._loaded:
                self.waveform.set_peaks(found)
