"""The long work of the interview screen: sealing a recording, and turning it into text."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from intake.capture.importing import Imported, import_recording
from intake.errors import CancelledError, NothingQueuedError
from intake.transcript.parts import list_parts
from intake.transcript.queue import Ran, add_to_queue
from intake.transcript.transcribing import checked_model
from transcription.models import default_model_dir
from ui.models.interview_page import as_one_import
from ui.queueing import run_all
from ui.wording import clock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from intake.capture.interviews import InterviewId
    from intake.jobs import CancelToken, Report
    from intake.opening import Vault
    from transcription.models import Model
    from ui.context import Context
    from ui.widgets.recordings import Choice

    _Result = tuple[Ran, int]

_SHA_LETTERS: Final = 16
_SHA_GROUP: Final = 4


class SoundJobs(QObject):
    """Starts the jobs and says how they ended. They go on while other screens are in front."""

    changed = Signal()
    """A job began or ended: what the vault holds may be another."""

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._transcribing: set[InterviewId] = set()

    def is_transcribing(self, interview: InterviewId) -> bool:
        """Whether a run of this interview goes on, or waits for the job before it."""
        return interview in self._transcribing

    def bring(self, interview: InterviewId, path: Path) -> None:
        """Seal a file and make its working copy."""

        def work(vault: Vault, token: CancelToken, report: Report) -> Imported:
            told = as_one_import(report)
            return import_recording(vault, interview, path, token=token, report=told)

        self._context.jobs.start(
            self, self.tr("Sealing a recording"), work, self._on_imported, failed=self._on_stopped
        )

    def transcribe(self, interview: InterviewId, choice: Choice) -> None:
        """Put what is not transcribed yet into the queue, and do what waits there.

        A model that lies elsewhere is checked first. It waits in the queue until its turn comes.
        """

        def add(vault: Vault) -> Model | None:
            is_elsewhere = choice.folder is not None and choice.folder != default_model_dir()
            chosen = checked_model(choice.folder) if is_elsewhere and choice.folder else None
            with suppress(NothingQueuedError):
                add_to_queue(
                    vault,
                    interview,
                    languages=choice.languages,
                    profile=choice.profile,
                    names=choice.names,
                    model=chosen.digest if chosen is not None else choice.model,
                )
            return chosen

        def run(chosen: Model | None) -> None:
            self._context.jobs.start(
                self, self.tr("Transcribing"), work_with(chosen), done, failed=stopped
            )

        def work_with(chosen: Model | None) -> Callable[[Vault, CancelToken, Report], _Result]:
            work = run_all(chosen)

            def both(vault: Vault, token: CancelToken, report: Report) -> _Result:
                ran = work(vault, token, report)
                parts = list_parts(vault, interview)
                return ran, sum(part.segments for part in parts)

            return both

        def done(result: _Result) -> None:
            self._transcribing.discard(interview)
            self._on_transcribed(*result)

        def stopped(error: Exception) -> None:
            self._transcribing.discard(interview)
            self._on_stopped(error)

        self._transcribing.add(interview)
        self.changed.emit()
        self._context.desk.ask(self, add, run, failed=stopped)

    def _on_imported(self, made: Imported) -> None:
        words = self.tr(
            "Sealed unchanged: {length} of sound, SHA-256 {sha}. The file itself stays where it "
            "was, unsealed: decide what becomes of it."
        ).format(length=clock(made.duration_ms), sha=_short(made.sha256))
        if made.damaged_from_ms is not None:
            words += " " + self.tr("The recording is damaged from {time} on.").format(
                time=clock(made.damaged_from_ms)
            )
        self._context.notices.say(words)
        self.changed.emit()

    def _on_transcribed(self, ran: Ran, total: int) -> None:
        if ran.failed:
            self._on_stopped(ran.failed[0].error)
            return
        words = self.tr("No speech was found in what was recorded.")
        if total:
            words = self.tr("Transcribed: %n new segment(s).", "", ran.segments)
            words += " " + self.tr("The account has %n in all.", "", total)
        self._context.notices.say(words)
        self.changed.emit()

    def _on_stopped(self, error: Exception) -> None:
        """Say why a job ended early; that it was cancelled is said by the window already."""
        if not isinstance(error, CancelledError):
            self._context.notices.refuse(error)
        self.changed.emit()


def _short(sha256: str) -> str:
    """Return the beginning of a digest in groups that can be read aloud."""
    groups = [sha256[n : n + _SHA_GROUP] for n in range(0, _SHA_LETTERS, _SHA_GROUP)]
    return " ".join(groups) + "..."
