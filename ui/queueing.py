"""The queue in the window: what runs it, how many wait, and the box that shows it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from intake.errors import CancelledError, NothingQueuedError
from intake.jobs import Progress
from intake.transcript.models import find_model
from intake.transcript.queue import Runner, add_to_queue, list_jobs, run_queue
from intake.transcript.transcribing import checked_model
from transcription.models import default_model_dir
from ui.widgets.queue import QueueDialog

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from intake.capture.interviews import InterviewId
    from intake.jobs import CancelToken, Report
    from intake.opening import Vault
    from intake.transcript.queue import Job, Ran
    from transcription.models import Model
    from ui.context import Context
    from ui.desk import JobState
    from ui.following import Following
    from ui.widgets.frame import StatusLine


class QueueScale:
    """One scale for all that waits, from where the run began: so that the time left is true.

    What was stored of a recording earlier does not count: the speed of this run is what tells.
    """

    def __init__(self, vault: Vault, report: Report) -> None:
        self._vault = vault
        self._report = report
        self._done_ms = 0
        self._left_ms = 0
        self._here_ms = 0
        self._start_ms: int | None = None

    def begin(self, job: Job) -> None:
        """Begin with a job; what waits behind it may be another than before."""
        self._done_ms += self._here_ms
        self._here_ms, self._start_ms = 0, None
        waiting = [one for one in list_jobs(self._vault) if one.id != job.id]
        self._left_ms = sum(one.duration_ms for one in waiting)

    def told(self, at: Progress) -> None:
        """Take the position in the recording under way."""
        if not at.done:
            return
        if self._start_ms is None:
            self._start_ms = at.done
        self._here_ms = max(0, at.done - self._start_ms)
        rest = max(0, at.total - at.done)
        done = self._done_ms + self._here_ms
        self._report(Progress(done, done + rest + self._left_ms, at.unit))


def run_all(
    chosen: Model | None = None, *, even_on_battery: bool = False
) -> Callable[[Vault, CancelToken, Report], Ran]:
    """Return the work of a job that does what waits; `chosen` is a model that lies elsewhere."""

    def find(digest: str | None) -> Model:
        if chosen is not None and digest == chosen.digest:
            return chosen
        return checked_model(default_model_dir()) if digest is None else find_model(digest)

    def work(vault: Vault, token: CancelToken, report: Report) -> Ran:
        scale = QueueScale(vault, report)
        runner = Runner(find_model=find, on_job=scale.begin, even_on_battery=even_on_battery)
        return run_queue(vault, runner, token=token, report=scale.told)

    return work


class Queueing(QObject):
    """Lives as long as one vault is open: counts what waits, and opens the box on it."""

    def __init__(
        self, context: Context, status: StatusLine, following: Following, window: QWidget
    ) -> None:
        super().__init__(window)
        self._context = context
        self._status = status
        self._window = window
        self._is_running = False
        self.box: QueueDialog | None = None
        status.queue_wanted.connect(self.show)
        context.jobs.changed.connect(self._on_job)
        following.heard.connect(self._on_heard)
        self.count()

    def count(self) -> None:
        """Say in the status line how many wait."""
        if self._context.desk.is_open:
            self._context.desk.ask(
                self,
                lambda vault: len(list_jobs(vault)),
                self._status.show_waiting,
                failed=lambda _: None,  # a count is no reason to interrupt anybody
                key="waiting",
            )

    def show(self) -> None:
        """Open the box, or bring it to the front."""
        if self.box is None:
            self.box = QueueDialog(self._context, self._window)
            self.box.run_wanted.connect(self._on_run)
        self.box.refresh()
        self.box.show()
        self.box.raise_()

    def _on_job(self, state: JobState | None) -> None:
        if self._is_running != (state is not None):
            self._is_running = state is not None
            self.count()

    def _on_run(self, even_on_battery: bool) -> None:
        self._context.jobs.start(
            self,
            self.tr("Transcribing"),
            run_all(even_on_battery=even_on_battery),
            self._on_ran,
            failed=self._on_stopped,
        )

    def _on_heard(self, interview: InterviewId) -> None:
        """Do the rest of a recording that ended, of which most is transcribed."""

        def add(vault: Vault) -> None:
            with suppress(NothingQueuedError):
                add_to_queue(vault, interview)

        self._context.desk.ask(
            self, add, lambda _: self._on_run(even_on_battery=False), failed=self._on_stopped
        )

    def _on_ran(self, ran: Ran) -> None:
        if ran.failed:
            self._context.notices.refuse(ran.failed[0].error)
        elif ran.segments:
            self._context.notices.say(self.tr("Transcribed: %n new segment(s).", "", ran.segments))

    def _on_stopped(self, error: Exception) -> None:
        if not isinstance(error, CancelledError):
            self._context.notices.refuse(error)
