"""How the interview page begins a recording or a written account: the gate, and what it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from intake.capture.beginning import Agrees as Agreement
from intake.capture.beginning import answer_agreement
from intake.capture.leaving import reopen
from intake.capture.recording.frames import Agrees, Side
from intake.capture.writing import speaker_of
from ui.context import Place
from ui.widgets.microphone_test import MicrophoneTest

if TYPE_CHECKING:
    from intake.capture.interviews import InterviewId
    from intake.opening import Vault
    from ui.capturing import Recorder
    from ui.context import Context
    from ui.models.recording import RunningView
    from ui.widgets.start_box import StartBox

AGREES: dict[str, Agrees] = {"yes": "yes", "on_recording": "on_the_recording"}


class Beginning(QObject):
    """Between the box and the recorder."""

    refused = Signal()

    def __init__(self, context: Context, box: StartBox, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._box = box
        self._interview: InterviewId | None = None
        self._is_starting = False
        box.record_wanted.connect(self._on_record)
        box.write_wanted.connect(self._on_write)
        box.check_wanted.connect(self.look_for_microphones)
        box.test_wanted.connect(self._on_test)
        context.capture.seen.connect(self._on_seen)

    def open(self, interview: InterviewId) -> None:
        """Begin anew for another interview; nothing is ticked."""
        if interview != self._interview:
            self._interview = interview
            self._box.begin_anew()
        self.look_for_microphones()
        self._on_seen(self._context.capture.view)

    def look_for_microphones(self) -> None:
        """Ask the system what gives sound now."""
        found = self._context.capture.recorders.devices()
        first = sorted(found, key=lambda device: not device.is_default)
        self._box.show_microphones([(d.id, d.label) for d in first if not d.is_computer])
        self._box.offer_call(has_computer=any(device.is_computer for device in found))

    def _on_seen(self, view: RunningView | None) -> None:
        """One recording at a time: while one runs, the way is to it."""
        self._box.show_running(is_running=view is not None or self._is_starting)

    def _on_write(self) -> None:
        """Write: where the witness does not want to be recorded, that is kept first."""
        interview, says_no = self._interview, self._box.answer == "no"
        if interview is None:
            return

        def begin(vault: Vault) -> None:
            reopen(vault, interview)
            if says_no:
                answer_agreement(vault, interview, Agreement.NO)

        self._context.desk.ask(self, begin, lambda _: self._to_writing(), failed=self._on_refused)

    def _to_writing(self) -> None:
        self._context.capture.wants_writing = self._interview
        self._context.go(Place.RECORDING, None)

    def _on_record(self) -> None:
        interview, agrees = self._interview, AGREES.get(self._box.answer)
        if interview is None or agrees is None or self._is_starting:
            return
        self._is_starting = True
        self._box.show_running(is_running=True)
        sides = sides_of(self._box)

        def start(vault: Vault) -> Recorder:
            reopen(vault, interview)
            answer_agreement(vault, interview, Agreement(agrees))
            for role in ("interviewer", "witness"):
                speaker_of(vault, interview, role)  # who speaks is there
            return self._context.capture.recorders.start(
                vault, interview, agrees=agrees, sides=sides
            )

        self._context.desk.ask(self, start, self._on_started, failed=self._on_refused)

    def _on_test(self) -> None:
        box = self._box
        try:
            listening = self._context.capture.recorders.listen(box.device)
        except OSError:
            self.look_for_microphones()
            return
        MicrophoneTest(listening, box.microphone.currentText(), box).open()

    def _on_started(self, recorder: Recorder) -> None:
        self._is_starting = False
        self._context.capture.take(recorder)
        self._context.go(Place.RECORDING, None)

    def _on_refused(self, error: Exception) -> None:
        self._is_starting = False
        self._on_seen(self._context.capture.view)
        self._context.notices.refuse(error)


def sides_of(box: StartBox) -> list[Side]:
    """Return the channels that were asked for: this side, and the other one of a call."""
    here, *there = box.people
    sides = [Side(what="microphone", people=here, device=box.device)]
    return [*sides, *(Side(what="computer", people=people) for people in there)]
