"""The recording that goes on beside the window: looked at, and steered, from whatever is in front.

The recorder is a process of its own. This object finds it by the vault's folder, with or without a
key, asks it how it is in a thread of its own, and tells it what a person wants. It lives as long as
the window, over locking and unlocking.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Protocol, TypedDict

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from intake.capture.beginning import MediaId
from ui.models.recording import Running, view_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from intake.capture.interviews import InterviewId
    from intake.capture.recording.frames import Agrees, Device, MomentKind, Noted, Side, Status
    from intake.capture.recording.steering import Public
    from intake.opening import Vault
    from ui.models.recording import RunningView

_CLOSE_MS: Final = 200
"""How often one looks at a recording that is in front."""
_FAR_MS: Final = 1_000
"""And how often at one that is not, or for one that somebody else began."""


class InTheSound(TypedDict):
    """Where in a recording something was said: the part, and ms from its start."""

    media: MediaId | None
    at_ms: int | None


def place_of(status: Status | None, interview: str = "") -> InTheSound:
    """Return where the recording is now; nowhere where it is another interview's, or paused."""
    growing = None if status is None else status.growing
    if status is None or growing is None or (interview and status.interview != interview):
        return {"media": None, "at_ms": None}
    return {"media": MediaId(growing.media), "at_ms": growing.position_ms}


class Recorder(Protocol):
    """One recording that goes on. Each call waits for the recorder, a fraction of a second."""

    def status(self) -> Status:
        """Ask how it is. Raises `IntakeError` where it is gone."""

    def stop(self) -> Status:
        """End it; what it has is on the disk when this returns."""

    def pause(self) -> Status:
        """End the part."""

    def go_on(self) -> Status:
        """Begin the next part."""

    def mark(self, kind: MomentKind) -> Noted:
        """Mark this moment."""

    def note(self, text: str) -> Noted:
        """Seal a note at this moment."""

    def destroy_part(self, part: int) -> Status:
        """Make a part unreadable, also the one that runs."""

    def close(self) -> None:
        """Let go of it; the recording goes on."""


class Listening(Protocol):
    """A microphone that is tried out; of its sound, no more is kept than was asked for."""

    @property
    def peak_db(self) -> float:
        """How loud it is now, in dB below full scale; -96 for nothing."""

    @property
    def sound(self) -> bytes:
        """The first of the sound, in memory: s16le, mono, 48 kHz. Safe in any thread."""

    def close(self) -> None:
        """Let go of it."""


class Recorders(Protocol):
    """Where recordings come from: the process in the program, something small in a test."""

    def devices(self) -> Sequence[Device]:
        """List what gives sound now, the system's own choice first. In the drawing thread."""

    def start(
        self, vault: Vault, interview: InterviewId, *, agrees: Agrees, sides: Sequence[Side]
    ) -> Recorder:
        """Start a recorder; it takes sound when this returns. On the desk."""

    def start_without_key(
        self, public: Public, *, agrees: Agrees, sides: Sequence[Side]
    ) -> Recorder:
        """Start a recorder for a vault that travels, with public keys alone. On the desk."""

    def find(self, folder: Path) -> Sequence[Recorder]:
        """Find the recorders that are alive for a vault. Needs no key."""

    def listen(self, device: str, keeps_ms: int = 0) -> Listening:
        """Try a microphone, and keep so much of its sound in memory. In the drawing thread.

        Raises OSError where it cannot be opened.
        """


class Capture(QObject):
    """Watches and steers the recording of the vault whose folder it was told. Drawing thread."""

    seen = Signal(object)
    """A `RunningView`, each time somebody looked; None where nothing runs."""
    ended = Signal(object)
    """The last `RunningView` of a recording that ended."""
    failed = Signal(object)
    _looked = Signal(object, object)
    _told = Signal(object, object, object)

    def __init__(self, recorders: Recorders, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.recorders = recorders
        self.wants_writing: InterviewId | None = None
        """Set by the page that sends a person to write; taken by the page on which they do."""
        self._folder: Path | None = None
        self._recorder: Recorder | None = None
        self._status: Status | None = None
        self._is_looking = False
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="recorder")
        self._timer = QTimer(self)
        self._timer.setInterval(_FAR_MS)
        self._timer.timeout.connect(self.look)
        queued = Qt.ConnectionType.QueuedConnection
        self._looked.connect(self._on_looked, queued)
        self._told.connect(self._on_told, queued)

    # --- looking -------------------------------------------------------------------------------

    @property
    def view(self) -> RunningView | None:
        """What was seen last; None where nothing runs."""
        return view_of(self._status) if self._status is not None else None

    @property
    def status(self) -> Status | None:
        """The recorder's last answer."""
        return self._status

    @property
    def is_running(self) -> bool:
        """Whether a recorder is alive, as far as is known."""
        return self._recorder is not None

    def watch(self, folder: Path | None) -> None:
        """Look for recordings of this vault from now on; of none."""
        if folder != self._folder:
            if self._recorder is not None:
                self._thread.submit(self._recorder.close)
            self._folder, self._recorder, self._status = folder, None, None
        if folder is None:
            self._timer.stop()
            self.seen.emit(None)
            return
        self._timer.start()
        self.look()

    def come_close(self, *, is_close: bool) -> None:
        """Look more often while the recording is in front."""
        self._timer.setInterval(_CLOSE_MS if is_close else _FAR_MS)

    def look(self) -> None:
        """Ask once, unless somebody asks already; the answer comes as `seen`."""
        folder, recorder = self._folder, self._recorder
        if folder is None or self._is_looking:
            return
        self._is_looking = True

        def task() -> None:
            found, status = recorder, None
            with suppress(Exception):  # it is gone: that is what one sees
                if found is None:
                    found = next(iter(self.recorders.find(folder)), None)
                if found is not None:
                    status = found.status()
            self._looked.emit(found if status is not None else None, status)

        self._thread.submit(task)

    def take(self, recorder: Recorder) -> None:
        """Steer this recorder from now on: it was just started."""
        self._recorder = recorder
        self.look()

    def _on_looked(self, recorder: Recorder | None, status: Status | None) -> None:
        self._is_looking = False
        before = self._status
        if recorder is None and self._recorder is not None and before is None:
            return  # the answer of a look that began before this recorder was taken
        has_ended = status is not None and status.state == Running.ENDED.value
        if self._recorder is not None and (has_ended or recorder is not self._recorder):
            self._thread.submit(self._recorder.close)
        self._recorder = None if has_ended else recorder
        self._status = None if has_ended else status
        self.seen.emit(self.view)
        last = status if has_ended else before
        if self._recorder is None and (has_ended or before is not None) and last is not None:
            self.ended.emit(view_of(last))

    # --- steering ------------------------------------------------------------------------------

    def tell(
        self,
        what: Callable[[Recorder], Any],
        then: Callable[[Any], object] | None = None,
        failed: Callable[[Exception], object] | None = None,
    ) -> None:
        """Tell the recorder something; `then` gets its answer. Order is kept."""
        recorder = self._recorder
        if recorder is None:
            return

        def task() -> None:
            try:
                answer = what(recorder)
            except Exception as error:  # noqa: BLE001  # its sentence is shown
                self._told.emit(failed or self.failed.emit, error, None)
            else:
                self._told.emit(then, None, answer)

        self._thread.submit(task)

    def pause_or_go_on(self) -> None:
        """Pause, or go on in a new part."""
        view = self.view
        if view is not None and view.running is Running.PAUSED:
            self.tell(lambda recorder: recorder.go_on())
        else:
            self.tell(lambda recorder: recorder.pause())

    def _on_told(
        self, then: Callable[[Any], object] | None, error: Exception | None, answer: object
    ) -> None:
        if then is not None:
            then(error if error is not None else answer)
        self.look()

    def close(self) -> None:
        """Look no more. The recorder goes on."""
        self._timer.stop()
        self._folder = None
        self._thread.shutdown(wait=True)
