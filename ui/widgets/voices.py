"""Who speaks: voices are told apart by their sound, and a person says whose each is.

All of it is a proposal. What a voice sounds like is forgotten as soon as it was compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QSpinBox, QWidget

from intake.capture.interviews import list_present
from intake.transcript.parts import list_parts
from intake.transcript.speaking import assign, list_voices, propose_speakers
from ui.theme import GRID
from ui.widgets.asking import AskDialog
from ui.wording import clock, language_name, words_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from intake.capture.interviews import InterviewId, Present
    from intake.jobs import CancelToken, Report
    from intake.opening import Vault
    from intake.transcript.voices import VoiceLine
    from ui.context import Context, InterviewRef

_MOST_PEOPLE = 3
_USUAL_PEOPLE = 2


@dataclass(frozen=True, slots=True)
class _Known:
    """What the dialog shows."""

    voices: list[VoiceLine]
    present: list[Present]


class VoicesDialog(AskDialog):
    """Tells the voices of an interview apart, and takes whose they are. `then` after a change."""

    def __init__(
        self,
        context: Context,
        parent: QWidget,
        interview: InterviewRef,
        then: Callable[[], object],
    ) -> None:
        super().__init__(context, parent, act="")
        self._interview = interview
        self._then = then
        self.act.setText(self.tr("Tell the voices apart"))
        self.words.setText(
            self.tr(
                "Segments that sound alike are put together as one voice, on this computer. What a "
                "voice sounds like is not kept. Listen, then say whose each voice is: until then "
                "it is a proposal."
            )
        )
        self.people = QSpinBox()
        self.people.setRange(0, _MOST_PEOPLE)
        self.people.setSpecialValueText(self.tr("as was said when it was recorded"))
        self.people.setAccessibleName(self.tr("How many people speak"))
        self.people.setValue(_USUAL_PEOPLE)
        label = QLabel(self.tr("How many people &speak"))
        label.setBuddy(self.people)
        row = QHBoxLayout()
        row.addWidget(label)
        row.addWidget(self.people)
        row.addStretch(1)
        self.column.addLayout(row)
        self.grid = QGridLayout()
        self.grid.setHorizontalSpacing(2 * GRID)
        self.grid.setColumnStretch(1, 1)
        self.column.addLayout(self.grid)
        self.boxes: list[QComboBox] = []
        self._read()

    def _read(self) -> None:
        interview = self._interview.id
        self.context.desk.ask(
            self, lambda vault: _known(vault, interview), self._on_known, key="voices"
        )

    def _on_known(self, known: _Known) -> None:
        while (item := self.grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self.boxes = []
        for place, voice in enumerate(known.voices):
            label = QLabel(self._voice_words(voice))
            label.setWordWrap(True)
            box = QComboBox()
            box.setAccessibleName(self.tr("Whose voice {n} is").format(n=voice.number))
            box.addItem(self.tr("nobody said yet"), "")
            for person in known.present:
                box.addItem(f"{person.code} {words_for(person.role)}", person.code)
            if voice.person:
                at = box.findData(voice.person)
                if not voice.is_confirmed and at >= 0:
                    words = self.tr("perhaps {code}").format(code=voice.person)
                    box.setItemText(0, words)
                else:
                    box.setCurrentIndex(max(0, at))
            label.setBuddy(box)
            box.activated.connect(partial(self._on_person, voice, box))
            self.grid.addWidget(label, place, 0, 1, 2)
            self.grid.addWidget(box, place, 2)
            self.boxes.append(box)

    def _voice_words(self, voice: VoiceLine) -> str:
        languages = ", ".join(language_name(code) for code in voice.languages)
        words = self.tr("Voice {n}: {languages}, {segments} segment(s), {time}").format(
            n=voice.number,
            languages=languages,
            segments=voice.segments,
            time=clock(voice.speech_ms),
        )
        if voice.is_perhaps_one:
            words += " " + self.tr("(perhaps the same voice as another)")
        if voice.doubtful:
            words += " " + self.tr("({n} to be heard: who speaks?)").format(n=voice.doubtful)
        return words

    def on_act(self) -> None:
        """Listen through what is transcribed. A run of minutes, which can be cancelled below."""
        interview, count = self._interview.id, self.people.value()

        def work(vault: Vault, token: CancelToken, report: Report) -> int:
            people = (count,) if count else None
            found = 0
            for part in list_parts(vault, interview):
                if part.segments:
                    found += propose_speakers(
                        vault, interview, part.media, people, token=token, report=report
                    ).voices
            return found

        self._busy(is_busy=True, words="")
        self.away.setEnabled(True)  # it goes on while one works elsewhere
        self.context.jobs.start(
            self, self.tr("Telling voices apart"), work, self._on_found, failed=self._on_refused
        )

    def _on_found(self, found: int) -> None:
        self._busy(is_busy=False, words="")
        if not found:
            self.said.setText(self.tr("No voice was found in what is transcribed."))
        self._read()
        self._then()

    def _on_person(self, voice: VoiceLine, box: QComboBox, _index: int) -> None:
        code = str(box.currentData() or "")
        if code:
            self.context.desk.ask(
                self,
                lambda vault: assign(vault, voice.id, code),
                lambda _: self._on_assigned(),
                failed=self._on_refused,
            )

    def _on_assigned(self) -> None:
        self.context.saved()
        self._read()
        self._then()

    def reject(self) -> None:
        """Leave at any time: a run goes on, and Cancel stands below."""
        self.wait.hide()
        super().reject()


def _known(vault: Vault, interview: InterviewId) -> _Known:
    return _Known(list_voices(vault, interview), list_present(vault, interview))
