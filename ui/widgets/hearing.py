"""The bar by which one hears an interview: play, back, forward, speed, place, waveform.

The transcript, the review and the translation use it alike. Sound needs a cleared member; for the
others, and where there is no recording, it says so and does nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer, Signal

from intake.capture.playing import list_sounds, open_sound
from intake.errors import (
    IdentitiesOfOthersError,
    IntakeError,
    MediaDamagedError,
    SoundClosedError,
    VaultClosedError,
)
from intake.jobs import CancelToken
from ui.keys import Act
from ui.media.player import Player, warm_up
from ui.media.shapes import Shapes
from ui.widgets.hearing_bar import RATES, HearingBar
from ui.wording import clock

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QShowEvent
    from PySide6.QtWidgets import QWidget

    from intake.capture.playing import InterviewId, MediaId, OpenSound, Sound
    from intake.opening import Vault
    from ui.context import Context, InterviewRef
    from ui.media.shapes import Shape

_STEP_MS: Final = 3_000


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Where to go as soon as the recording is open."""

    media: MediaId
    ms: int
    end_ms: int | None = None
    is_on: bool = False


class Hearing(HearingBar):
    """Plays the recordings of one interview.

    Give it an interview with `open_interview`, and the keys of its screen with `bind_keys`. It
    pauses when its screen goes to the back. What was `silence`d comes back by `open_interview`, or
    by itself, paused where it was, when the screen is shown again (a window that was covered).
    """

    moved = Signal(object, object)
    """Recording and milliseconds: about 20 a second while playing, and after each jump or pause."""
    edge_moved = Signal(object, object)
    """Start and end in ms to which somebody dragged the shaded segment (`let_edges_move`)."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context.keys, parent)
        self._context = context
        self._interview: InterviewRef | None = None
        self._before: tuple[InterviewRef, _Wanted | None] | None = None
        self._sounds: list[Sound] = []
        self._loaded: MediaId | None = None
        self._wanted: _Wanted | None = None
        self._opening: MediaId | None = None
        self._opened: list[OpenSound] = []
        self._stretch: tuple[MediaId, int, int] | None = None
        self._told: set[MediaId] = set()
        self._altered: set[MediaId] = set()
        self._broken: set[MediaId] = set()
        self._token = CancelToken()
        self._shapes = Shapes.beside(context.desk)
        self.player = Player(self)
        self._connect()
        self._offer()

    def _connect(self) -> None:
        self.play_button.clicked.connect(self.toggle)
        self.back.clicked.connect(lambda: self._skip(-_STEP_MS))
        self.forward.clicked.connect(lambda: self._skip(_STEP_MS))
        self.loop_button.toggled.connect(self._on_loop)
        self.rate.activated.connect(lambda at: self.player.set_rate(RATES[at]))
        self.part.activated.connect(lambda at: self.show_at(self._sounds[at].media, 0))
        self.waveform.sought.connect(self._on_sought)
        self.waveform.edges_moved.connect(self.edge_moved)
        self.player.position_changed.connect(self._on_position)
        self.player.playing_changed.connect(self.show_playing)
        self.player.rate_changed.connect(self.show_rate)
        self.player.failed.connect(self._on_failed)
        self.player.loudspeaker_changed.connect(lambda _: self._say())
        self._shapes.made.connect(self._on_shape)
        self._shapes.advanced.connect(self._on_shape_advanced)

    def bind_keys(self, widget: QWidget) -> None:
        """Let the keys of sound work everywhere in a screen."""
        for act, slot in (
            (Act.PLAY, self.toggle),
            (Act.BACK, lambda: self._skip(-_STEP_MS)),
            (Act.FORWARD, lambda: self._skip(_STEP_MS)),
            (Act.LOOP, self._on_loop_key),
            (Act.SLOWER, lambda: self._faster(-1)),
            (Act.FASTER, lambda: self._faster(1)),
        ):
            self._context.keys.bind(widget, act, slot)

    # --- which sound -----------------------------------------------------------------------------

    def open_interview(self, interview: InterviewRef) -> None:
        """Take the recordings of an interview, anew if it is the one that is open; nothing plays.

        What `show_at` and the like ask for before the recordings are known is done then.
        """
        if not self._context.who.is_cleared:
            return
        before, self._before = self._before, None
        if self._interview is None or interview.id != self._interview.id:
            self._close()
            self._interview = interview
            self._wanted = before[1] if before and before[0] == interview else None
        wanted = interview.id

        def read(vault: Vault) -> tuple[InterviewId, list[Sound] | IntakeError]:
            try:
                warm_up()
                return wanted, list_sounds(vault, wanted)
            except IntakeError as error:  # a lock waits for nothing that is only to be heard
                return wanted, error

        self._context.desk.ask(self, read, self._on_sounds, key="sounds")

    def _on_sounds(self, found: tuple[InterviewId, list[Sound] | IntakeError]) -> None:
        interview, sounds = found
        if self._interview is None or interview != self._interview.id:
            return
        if isinstance(sounds, IntakeError):
            self._context.notices.refuse(sounds)
            return
        self._sounds = sounds
        self.show_parts([sound.duration_ms for sound in sounds], self._place_of(self._loaded))
        self._offer()
        if self._wanted is not None and self._sound(self._wanted.media):
            self._go(self._wanted)
        elif sounds and self._loaded is None:
            self._go(_Wanted(sounds[0].media, 0))

    def _sound(self, media: MediaId | None) -> Sound | None:
        return next((one for one in self._sounds if one.media == media), None)

    def _place_of(self, media: MediaId | None) -> int:
        return next((n for n, one in enumerate(self._sounds) if one.media == media), 0)

    def silence(self) -> None:
        """Stop, and let go of the recording; at once, and safe at any time."""
        if self._interview is not None:
            at = None if self._loaded is None else _Wanted(self._loaded, self.player.position_ms)
            self._before = (self._interview, at)
        self._close()

    def _close(self) -> None:
        self._token.cancel()
        self._token = CancelToken()
        self.player.unload()
        while self._opened:
            self._opened.pop().close()
        self._loaded = self._opening = self._wanted = self._interview = None
        self._sounds = []
        self._broken.clear()
        self.loop_button.setChecked(False)
        self.waveform.set_length(0)
        self.show_place(0, 0)
        self._offer()

    def _offer(self) -> None:
        self.show_sound(has_sound=bool(self._sounds))
        self._say()

    def _say(self) -> None:
        """Say what is in the way, in a sentence, for as long as it is."""
        words = []
        sound = self._sound(self._loaded)
        if not self._context.who.is_cleared:
            words = [self.tr("Hearing the recording needs a member who is cleared for identities.")]
        elif self._interview is None:
            words = []
        elif not self._sounds:
            words = [self.tr("This interview has no recording yet.")]
        else:
            if sound is not None and sound.damaged_ms is not None:
                words.append(self.tr("Silent from {time} on.").format(time=clock(sound.damaged_ms)))
            if self._loaded in self._altered:
                words.append(self.tr("Silent where it is damaged."))
            if not self.player.has_loudspeaker:
                words.append(self.tr("No loudspeaker found."))
        self.say(" ".join(words))

    # --- going about -----------------------------------------------------------------------------

    @property
    def position(self) -> tuple[MediaId | None, int]:
        """Which recording is open, and where one is in it, in ms."""
        return self._loaded, self.player.position_ms

    @property
    def is_playing(self) -> bool:
        """Whether something is to be heard."""
        return self.player.is_playing

    def toggle(self) -> None:
        """Play, or pause; playing goes on a little before where it paused."""
        if self.player.is_loaded:
            self.player.toggle(self._context.preferences().rewind_ms)
        elif self._sounds:
            at = self._wanted or _Wanted(self._sounds[0].media, 0)
            self._go(_Wanted(at.media, at.ms, at.end_ms, is_on=True))

    def pause(self) -> None:
        """Stop where it is."""
        self.player.pause()

    def show_at(self, media: MediaId, ms: int) -> None:
        """Go to a place; what plays goes on from there."""
        self._go(_Wanted(media, ms, is_on=self.is_playing))

    def play_from(self, media: MediaId, ms: int) -> None:
        """Play from a place on."""
        self._go(_Wanted(media, ms, is_on=True))

    def play_stretch(self, media: MediaId, start_ms: int, end_ms: int) -> None:
        """Play a stretch and stop at its end."""
        self._go(_Wanted(media, start_ms, end_ms, is_on=True))

    def set_stretch(self, media: MediaId, start_ms: int, end_ms: int) -> None:
        """Shade a segment; a loop goes over it."""
        self._stretch = (media, start_ms, end_ms)
        self._show_stretch()

    def let_edges_move(self, *, is_on: bool) -> None:
        """Let the edges of the shaded segment be dragged, or not."""
        self.waveform.are_edges_movable = is_on

    def set_loop(self, is_on: bool) -> None:
        """Play the shaded segment over and over, or go on as usual."""
        self.loop_button.setChecked(is_on)

    def _on_loop_key(self) -> None:
        if self._sounds:
            self.loop_button.toggle()

    def _on_loop(self, _is_on: bool) -> None:
        self._show_stretch()

    def _show_stretch(self) -> None:
        """Let waveform and loop follow the segment, if it is of the recording that is open."""
        self.player.end_loop()
        if self._stretch is None or self._stretch[0] != self._loaded:
            return
        _, start_ms, end_ms = self._stretch
        self.waveform.set_stretch(start_ms, end_ms)
        if self.loop_button.isChecked():
            self.player.loop(start_ms, end_ms)

    def _skip(self, ms: int) -> None:
        if self.player.is_loaded:
            self.player.skip(ms)

    def _faster(self, steps: int) -> None:
        nearest = min(range(len(RATES)), key=lambda n: abs(RATES[n] - self.player.rate))
        self.player.set_rate(RATES[min(max(nearest + steps, 0), len(RATES) - 1)])

    def _on_sought(self, ms: int) -> None:
        if self.player.is_loaded:
            self.player.seek(ms)

    # --- opening recordings ----------------------------------------------------------------------

    def _go(self, wanted: _Wanted) -> None:
        sound = self._sound(wanted.media)
        self._wanted = wanted
        if wanted.media == self._loaded:
            self._wanted = None
            self._play(wanted)
        elif wanted.media in self._broken and wanted.is_on:
            self._context.notices.refuse(MediaDamagedError())
        elif sound is not None and wanted.media not in {self._opening, *self._broken}:
            self._opening = wanted.media
            self._ask_for(sound)

    def _ask_for(self, sound: Sound) -> None:
        """Open a recording on the desk.

        What is opened stands in a list at once, to be closed by `silence` if its answer is lost
        in a lock. Errors come back as answers: one that only a player has must not stop a lock.
        """
        token, opened = self._token, self._opened

        def work(vault: Vault) -> OpenSound | IntakeError:
            try:
                made = open_sound(vault, sound)
            except IntakeError as error:
                return error
            opened.append(made)
            if token.is_cancelled:
                made.close()
            return made

        def then(made: OpenSound | IntakeError) -> None:
            if not token.is_cancelled:
                self._on_open(sound, made)

        self._context.desk.ask(self, work, then)

    def _on_open(self, sound: Sound, made: OpenSound | IntakeError) -> None:
        if self._opening == sound.media:
            self._opening = None
        if isinstance(made, IntakeError):
            if isinstance(made, IdentitiesOfOthersError):  # nothing is damaged; a second may come
                self._context.notices.refuse(made)
                return
            self._broken.add(sound.media)
            self._tell_damage(sound.media)
            return
        self._opened.remove(made)
        wanted = self._wanted
        if wanted is None or wanted.media != sound.media:
            made.close()
            return
        self._wanted = None
        self._loaded = None  # what the player says of the one before is nothing of this one
        self.player.load(made)
        self._loaded = sound.media
        self.part.setCurrentIndex(self._place_of(sound.media))
        self.waveform.set_length(self.player.length_ms)
        self._show_stretch()
        self._show_shape(sound)
        self._say()
        if sound.damaged_ms is not None and sound.media not in self._told:
            self._told.add(sound.media)
            words = self.tr("The recording is damaged from {time} on; there it is silent.")
            self._context.notices.say(words.format(time=clock(sound.damaged_ms)))
        self._play(wanted)

    def _play(self, wanted: _Wanted) -> None:
        if wanted.end_ms is not None:
            self.player.play_stretch(wanted.ms, wanted.end_ms)
            return
        self.player.seek(wanted.ms)
        if wanted.is_on:
            self.player.play()

    def _on_failed(self, error: Exception) -> None:
        """Tell of a damaged recording once; a locked vault ended everything, and tells itself."""
        if isinstance(error, VaultClosedError | SoundClosedError):
            self._loaded = None
        elif self._loaded is not None:
            self._altered.add(self._loaded)
            self._tell_damage(self._loaded)
            if not self.player.is_loaded:
                self._broken.add(self._loaded)
                self._loaded = None
            self._say()

    def _tell_damage(self, media: MediaId) -> None:
        if media not in self._told:
            self._told.add(media)
            self._context.notices.refuse(MediaDamagedError())

    # --- showing ---------------------------------------------------------------------------------

    def _on_position(self, ms: int) -> None:
        if self._loaded is not None:
            self.show_place(ms, self.player.length_ms)
            self.waveform.set_position(ms)
            self.moved.emit(self._loaded, ms)

    def _show_shape(self, sound: Sound) -> None:
        found = self._shapes.get(sound.media)
        self.waveform.set_peaks(found)
        if found is None:
            self._on_shape_advanced(sound.media, 0.0)
            self._shapes.ask(self._context.desk.vault, sound)

    def _on_shape(self, media: MediaId, found: Shape) -> None:
        if media == self._loaded:
            self.waveform.set_peaks(found)

    def _on_shape_advanced(self, media: MediaId, share: float) -> None:
        if media == self._loaded:
            self.waveform.set_words(
                self.tr("Drawing the waveform: {percent} %").format(percent=int(100 * share))
            )

    def hideEvent(self, event: QHideEvent) -> None:
        """Pause: nothing is heard from a screen that is not seen. A window in the bar plays on."""
        super().hideEvent(event)
        if not event.spontaneous():
            self.player.pause()

    def showEvent(self, event: QShowEvent) -> None:
        """Take up what was silenced while the window was covered."""
        super().showEvent(event)
        QTimer.singleShot(0, self, self._take_up)  # after its screen, which may open another

    def _take_up(self) -> None:
        if self._interview is None and self._before is not None and self.isVisible():
            self.open_interview(self._before[0])
