"""Where the window's work is done: never in the thread that draws.

Two threads of one program share the open vault (`intake.vault` serialises them): the *desk* for
reads and for what a person just did, in order; the *job* thread for work that takes long, one at a
time, with progress, time left and a way to stop. Results come back into the drawing thread by a
queued signal; a result for something that no longer exists is dropped.
"""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from shiboken6 import isValid

from intake.errors import CancelledError, VaultClosedError
from intake.jobs import CancelToken, Progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from intake.jobs import Report
    from intake.opening import Vault

_Result = TypeVar("_Result")
_SHORTEST_REPORT_S: Final = 0.1
_SURE_SHARE: Final = 0.02
"""From where on the time left is more than a guess."""


@dataclass(frozen=True, slots=True)
class _Ended:
    """What a thread brings back: the owner of the question, and what to do with it."""

    owner: QObject
    key: str
    number: int
    deliver: Callable[[], object]
    error: Exception | None


class Desk(QObject):
    """The open vault, and the thread in which it is asked. Made and used in the drawing thread."""

    failed = Signal(object)
    """An error that nobody who asked took care of (`Exception`)."""
    busy_changed = Signal(bool)
    """Whether something is under way; for a sign of life, never for logic."""
    _ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._vault: Vault | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="desk")
        self._newest: dict[tuple[int, str], int] = {}
        self._number = 0
        self._waiting = 0
        self._is_closing = False
        self._is_closed = False
        self._ended.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)

    @property
    def vault(self) -> Vault:
        """The open vault, to be handed on to `intake` and used nowhere in the drawing thread."""
        if self._vault is None:
            raise VaultClosedError
        return self._vault

    @property
    def is_open(self) -> bool:
        """Whether a vault is open."""
        return self._vault is not None

    @property
    def waiting(self) -> int:
        """How many questions have no answer yet."""
        return self._waiting

    def take(self, vault: Vault) -> None:
        """Take a vault that was unlocked."""
        self._vault = vault

    def ask(
        self,
        owner: QObject,
        work: Callable[[Vault], _Result],
        then: Callable[[_Result], object] | None = None,
        *,
        failed: Callable[[Exception], object] | None = None,
        key: str = "",
    ) -> None:
        """Run `work(vault)` on the desk thread; `then(result)` in the drawing thread.

        Everything asked is done in the order in which it was asked. An error goes to `failed`, or
        to the signal of that name. Of several questions with one `key` only the newest answer is
        delivered (all are done). Nothing is delivered once `owner` is gone.
        """
        self.run(owner, lambda: work(self.vault), then, failed=failed, key=key)

    def run(
        self,
        owner: QObject,
        work: Callable[[], _Result],
        then: Callable[[_Result], object] | None = None,
        *,
        failed: Callable[[Exception], object] | None = None,
        key: str = "",
    ) -> None:
        """Run work that needs no open vault, such as unlocking one; else like `ask`."""
        if self._is_closing or self._is_closed:
            return  # everything typed was handed over before; what comes now is for showing
        self._number += 1
        number = self._number
        if key:
            self._newest[id(owner), key] = number
        self._waiting += 1
        if self._waiting == 1:
            self.busy_changed.emit(True)

        def task() -> None:
            problem: Exception | None = None
            try:
                result = work()
            except Exception as error:  # noqa: BLE001  # every error is somebody's to tell
                problem = error
                deliver = _with(failed or self.failed.emit, error)
            else:
                deliver = _with(then, result) if then is not None else _nothing
            self._ended.emit(_Ended(owner, key, number, deliver, problem))

        self._thread.submit(task)

    def begin_closing(self) -> None:
        """Take no more questions and give no more answers; every error goes to `failed` now.

        Called when locking begins, after the screens handed over what was typed.
        """
        self._is_closing = True

    def go_on(self) -> None:
        """Answer again: something could not be saved, and its owner has to see it."""
        self._is_closing = False

    def drain(self) -> None:
        """Wait until everything asked was done. Called in another thread than the drawing one."""
        self._thread.submit(_nothing).result()

    def close(self) -> None:
        """Finish what was asked, close the vault, end the thread: blocks until all is saved.

        What a timer still asks afterwards is nobody's any more.
        """
        self._is_closed = True
        self._thread.shutdown(wait=True)
        if self._vault is not None:
            self._vault.close()
            self._vault = None

    def _on_ended(self, ended: _Ended) -> None:
        self._waiting -= 1
        if self._waiting == 0:
            self.busy_changed.emit(False)
        if self._is_closing:
            if ended.error is not None:
                self.failed.emit(ended.error)
            return
        if not isValid(ended.owner):
            return
        if ended.key and self._newest.get((id(ended.owner), ended.key)) != ended.number:
            return
        ended.deliver()


def _with(call: Callable[[Any], object], value: object) -> Callable[[], object]:
    """Bind a value now, so that a loop's next round cannot change it."""
    return lambda: call(value)


def _nothing() -> None:
    """Do nothing with a result that nobody wants."""


@dataclass(frozen=True, slots=True)
class JobState:
    """What the status bar shows of a job. Seconds are wall-clock time."""

    title: str
    progress: Progress
    elapsed_s: float

    @property
    def share(self) -> float | None:
        """How much is done, 0 to 1, or None where nobody knows yet."""
        total = self.progress.total
        return min(1.0, self.progress.done / total) if total else None

    @property
    def left_s(self) -> float | None:
        """Seconds that are left at the speed until now, or None where it is too early to say."""
        share = self.share
        if share is None or share < _SURE_SHARE or self.elapsed_s < 1:
            return None
        return self.elapsed_s * (1 - share) / share


@dataclass(slots=True)
class _Job:
    owner: QObject
    title: str
    work: Callable[[Vault, CancelToken, Report], Any]
    then: Callable[[Any], object] | None
    failed: Callable[[Exception], object] | None
    token: CancelToken


class Jobs(QObject):
    """Long work, one at a time, in its own thread; the rest waits in order."""

    changed = Signal(object)
    """The running `JobState`, or None when nothing runs."""
    failed = Signal(object)
    stopped = Signal(object)
    """A job was cancelled; the `CancelledError` says what was kept."""
    advanced = Signal(object)
    """The owner of the running job, each time it reports: a screen may look for new rows."""
    _reported = Signal(object, object)
    _finished = Signal(object, object, object)

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="job")
        self._running: _Job | None = None
        self._queue: deque[_Job] = deque()
        self._began = 0.0
        self._told = 0.0
        self._is_closing = False
        queued = Qt.ConnectionType.QueuedConnection
        self._reported.connect(self._on_reported, queued)
        self._finished.connect(self._on_finished, queued)

    @property
    def is_running(self) -> bool:
        """Whether a job runs."""
        return self._running is not None

    def start(
        self,
        owner: QObject,
        title: str,
        work: Callable[[Vault, CancelToken, Report], _Result],
        then: Callable[[_Result], object] | None = None,
        *,
        failed: Callable[[Exception], object] | None = None,
    ) -> None:
        """Run `work(vault, token, report)` when the jobs before it are done.

        `title` is for the status bar: no code of a witness, no name, no file. A cancelled job ends
        in `stopped`; what it kept is in the sentence of its `CancelledError`.
        """
        if not self._is_closing:
            self._queue.append(_Job(owner, title, work, then, failed, CancelToken()))
            self._next()

    def cancel(self) -> None:
        """Ask the running job to stop at its next safe point."""
        if self._running is not None:
            self._running.token.cancel()

    def begin_closing(self) -> None:
        """Stop the running job at its next safe point, and begin no other."""
        self._is_closing = True
        self._queue.clear()
        self.cancel()

    def go_on(self) -> None:
        """Take jobs again."""
        self._is_closing = False

    def drain(self) -> None:
        """Wait until the running job has stopped. Called in another thread than the drawing one."""
        self._thread.submit(_nothing).result()

    def close(self) -> None:
        """Stop everything at a safe point and wait for it. What was done is kept."""
        self.begin_closing()
        self._thread.shutdown(wait=True)

    def _next(self) -> None:
        if self._running is not None or not self._queue:
            return
        job = self._running = self._queue.popleft()
        self._began = self._told = time.monotonic()
        self.changed.emit(JobState(job.title, Progress(0, 0, ""), 0.0))
        vault = self._desk.vault
        self._thread.submit(self._run, job, vault)

    def _run(self, job: _Job, vault: Vault) -> None:
        try:
            result = job.work(vault, job.token, lambda at: self._report(job, at))
        except Exception as error:  # noqa: BLE001  # every error is somebody's to tell
            self._finished.emit(job, None, error)
        else:
            self._finished.emit(job, result, None)

    def _report(self, job: _Job, progress: Progress) -> None:
        """Hand a report on, ten a second at most: the thread that draws has other work."""
        now = time.monotonic()
        if now - self._told >= _SHORTEST_REPORT_S:
            self._told = now
            self._reported.emit(job, progress)

    def _on_reported(self, job: _Job, progress: Progress) -> None:
        if job is self._running:
            self.changed.emit(JobState(job.title, progress, time.monotonic() - self._began))
            self.advanced.emit(job.owner)

    def _on_finished(self, job: _Job, result: object, error: Exception | None) -> None:
        self._running = None
        self.changed.emit(None)
        if self._is_closing:
            if error is not None and not isinstance(error, CancelledError):
                self.failed.emit(error)
        elif isValid(job.owner):
            self._deliver(job, result, error)
        elif error is not None:
            self.failed.emit(error)
        self._next()

    def _deliver(self, job: _Job, result: object, error: Exception | None) -> None:
        if isinstance(error, CancelledError):
            self.stopped.emit(error)
        if error is None:
            if job.then is not None:
                job.then(result)
        elif job.failed is not None:
            job.failed(error)
        elif not isinstance(error, CancelledError):
            self.failed.emit(error)
