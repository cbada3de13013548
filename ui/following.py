"""Transcribing beside a recording while the vault is open: the draft grows with the interview.

In a thread of its own, never that of other jobs: an import need not wait for an interview to end.
The recorder is not touched. Locking stops it at the next safe point; what is left then, and what is
left at the stop, goes into the queue.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from intake.capture.beginning import InterviewId
from intake.errors import IntakeError
from intake.jobs import CancelToken
from intake.transcript.live import Listening, LiveTranscript, follow
from intake.transcript.models import find_model
from intake.transcript.transcribing import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from intake.opening import Vault
    from transcription.models import Model
    from ui.capturing import Capture
    from ui.context import Who
    from ui.desk import Desk


class Following(QObject):
    """Follows the recording that goes on. Made and used in the drawing thread.

    `heard` comes once a recording ended of which something was transcribed, with its interview.
    """

    heard = Signal(object)
    _done = Signal(object, int)

    def __init__(
        self,
        capture: Capture,
        desk: Desk,
        who: Who,
        parent: QObject | None = None,
        *,
        find: Callable[[str | None], Model] = find_model,
    ) -> None:
        super().__init__(parent)
        self._capture = capture
        self._desk = desk
        self._find = find
        self._may = who.is_cleared and "interviewer" in who.roles
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="live")
        self._token = CancelToken()
        self._known: set[str] = set()
        self._running: Future[None] | None = None
        self._done.connect(self._on_done, Qt.ConnectionType.QueuedConnection)
        capture.seen.connect(self._on_seen)

    def _on_seen(self, view: object) -> None:
        status = self._capture.status
        is_new = status is not None and status.session not in self._known
        if view is None or status is None or not is_new or not status.interview:
            return
        if not self._may or not self._desk.is_open or self._token.is_cancelled:
            return
        self._known.add(status.session)
        vault, interview = self._desk.vault, InterviewId(status.interview)
        self._running = self._thread.submit(self._follow, vault, status.session, interview)

    def _follow(self, vault: Vault, session: str, interview: InterviewId) -> None:
        """Follow one recording to its end. What goes wrong is said when the rest is done."""
        heard = 0
        try:
            if LiveTranscript.is_living(vault, session):
                listening = Listening(wanted=Wanted(model=self._find(None)))
                heard = follow(vault, session, listening, token=self._token)
        except (IntakeError, OSError):
            return
        self._done.emit(interview, heard)

    def _on_done(self, interview: InterviewId, heard: int) -> None:
        if heard and not self._token.is_cancelled:
            self.heard.emit(interview)

    def begin_closing(self) -> None:
        """Stop at the next safe point, and follow nothing more."""
        self._token.cancel()

    def go_on(self) -> None:
        """Follow again, from where it was: the window was not locked after all."""
        self._token = CancelToken()
        self._known.clear()

    def drain(self) -> None:
        """Wait until it has stopped. Called in another thread than the drawing one."""
        if self._running is not None:
            self._running.exception()
