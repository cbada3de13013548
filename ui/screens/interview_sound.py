"""The long work of the interview screen: sealing a recording, and turning it into text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from intake.capture.importing import Imported, import_recording
from intake.errors import CancelledError
from intake.transcript.parts import list_parts
from intake.transcript.transcribing import Transcribed, checked_model, transcribe_interview
from ui.models.interview_page import as_one_import, as_one_run
from ui.wording import clock

if TYPE_CHECKING:
    from pathlib import Path

    from intake.capture.interviews import InterviewId
    from intake.jobs import CancelToken, Report
    from intake.opening import Vault
    from ui.context import Context

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

    def transcribe(self, interview: InterviewId, language: str, folder: Path) -> None:
        """Check the model in `folder`, then transcribe what is not transcribed yet."""

        def work(vault: Vault, token: CancelToken, report: Report) -> Transcribed:
            model = checked_model(folder)
            told = as_one_run(list_parts(vault, interview), report)
            return transcribe_interview(
                vault, interview, model, language=language, token=token, report=told
            )

        def done(made: Transcribed) -> None:
            self._transcribing.discard(interview)
            self._on_transcribed(made)

        def stopped(error: Exception) -> None:
            self._transcribing.discard(interview)
            self._on_stopped(error)

        self._transcribing.add(interview)
        self.changed.emit()
        self._context.jobs.start(self, self.tr("Transcribing"), work, done, failed=stopped)

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

    def _on_transcribed(self, made: Transcribed) -> None:
        words = self.tr("No speech was found in what was recorded.")
        if made.total:
            words = self.tr("Transcribed: %n new segment(s).", "", made.new)
            words += " " + self.tr("The account has %n in all.", "", made.total)
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
