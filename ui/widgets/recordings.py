"""What was recorded, bringing in more, and turning it into text: parts of the interview screen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from transcription.engine import PROFILES
from transcription.languages import is_known_to_model
from ui.models.interview_page import Recording
from ui.models.rows import Column, RowsModel
from ui.theme import GRID
from ui.widgets.languages import LanguageBox
from ui.widgets.table import Table
from ui.widgets.wheel import leave_wheel_to_page
from ui.wording import clock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.transcript.models import SpeechModel

_LETTERS: Final = 8
_MOST_ROWS: Final = 4
"""Of the list; more of them scroll."""


class Recordings(QGroupBox):
    """The list of recordings, and the buttons that bring in another, or other things."""

    import_wanted = Signal()
    more_wanted = Signal()
    exhibits_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setTitle(self.tr("Recordings"))
        self._numbers: dict[str, int] = {}
        self.rows = RowsModel[Recording](
            [
                Column(self.tr("No."), lambda row: str(self._numbers[row.sound.media])),
                Column(self.tr("Length"), lambda row: clock(row.sound.duration_ms)),
                Column(self.tr("Transcript"), self._transcript),
                Column(self.tr("Damaged"), self._damage),
            ],
            lambda row: row.sound.media,
        )
        self.table = Table(self.rows, self.tr("Recordings"), widths=(5, 10, 0, 16))
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.setAccessibleName(self.tr("About the recordings"))
        self.bring = QPushButton(self.tr("Import a recording..."))
        self.more = QPushButton(self.tr("More"))
        self.more.setAccessibleName(self.tr("Other files, a folder, a chat, exhibits"))
        choices = QMenu(self.more)
        self.others = choices.addAction(self.tr("Import other files, a folder or a chat..."))
        self.exhibits = choices.addAction(self.tr("Exhibits..."))
        self.more.setMenu(choices)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, GRID, GRID, GRID)
        column.setSpacing(GRID)
        column.addWidget(self.table)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self.note, stretch=1)
        row.addWidget(self.more, alignment=Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.bring, alignment=Qt.AlignmentFlag.AlignTop)
        column.addLayout(row)
        self.bring.clicked.connect(self.import_wanted)
        self.others.triggered.connect(self.more_wanted)
        self.exhibits.triggered.connect(self.exhibits_wanted)
        self.show_recordings(())

    def show_recordings(self, recordings: Sequence[Recording]) -> None:
        """Show what there is; an empty list is not shown at all."""
        self._numbers = {one.sound.media: number for number, one in enumerate(recordings, 1)}
        self.rows.set_rows(recordings)
        self.table.setVisible(bool(recordings))
        self.fit_height()

    def fit_height(self) -> None:
        """Give the list the height of its rows, up to a few."""
        rows = min(_MOST_ROWS, max(1, len(self.rows.rows)))
        header = self.table.horizontalHeader().sizeHint().height()
        height = header + rows * self.table.verticalHeader().defaultSectionSize()
        self.table.setFixedHeight(height + 2 * self.table.frameWidth())

    def _transcript(self, row: Recording) -> str:
        if row.part.is_finished:
            return self.tr("%n segment(s)", "", row.part.segments)
        if not row.part.segments:
            return self.tr("none yet")
        return self.tr("until {time}").format(time=clock(row.part.done_ms))

    def _damage(self, row: Recording) -> str:
        if row.sound.damaged_ms is None:
            return self.tr("no")
        return self.tr("from {time}").format(time=clock(row.sound.damaged_ms))


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """How a person wants it: languages as codes, the main one first."""

    languages: tuple[str, ...]
    profile: str
    names: bool
    model: str | None
    """SHA-256 of a brought model's weights; None for the embedded one, or one in `folder`."""
    folder: Path | None


class Transcription(QGroupBox):
    """What is spoken, how to go about it, and the button that starts."""

    start_wanted = Signal(object)
    """How to transcribe (`Choice`)."""
    model_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setTitle(self.tr("Transcription"))
        self._may = False
        self._is_running = False
        self._recordings: Sequence[Recording] = ()
        self.language = LanguageBox()
        line = self.language.lineEdit()
        if line is not None:
            line.setPlaceholderText(self.tr("What is spoken"))
        self.language_label = QLabel(self.tr("&Language"))
        self.language_label.setBuddy(self.language)
        self.also = LanguageBox()
        line = self.also.lineEdit()
        if line is not None:
            line.setPlaceholderText(self.tr("Nothing else"))
        self.also_label = QLabel(self.tr("&And"))
        self.also_label.setBuddy(self.also)
        self.third = LanguageBox()
        line = self.third.lineEdit()
        if line is not None:
            line.setPlaceholderText(self.tr("Nothing else"))
        self.third_label = QLabel(self.tr("A thir&d language"))
        self.third_label.setBuddy(self.third)
        self.more = QPushButton(self.tr("How..."))
        self.more.setCheckable(True)
        self.more.setToolTip(self.tr("Show more choices"))
        self.how = QWidget()
        self.profile = QComboBox()
        ways = (self.tr("Guarded: fast, doubtful pieces twice"), self.tr("Thorough: slower"))
        for words, profile in zip(ways, PROFILES, strict=True):
            self.profile.addItem(words, profile)
        self.profile_label = QLabel(self.tr("&How"))
        self.profile_label.setBuddy(self.profile)
        self.names = QCheckBox(self.tr("Listen for the &names that were declared"))
        self.names.setChecked(True)
        self.model = QComboBox()
        self.model.addItem(self.tr("Embedded model (base)"), None)
        self._listed = 1
        self.model_label = QLabel(self.tr("&Model"))
        self.model_label.setBuddy(self.model)
        self.other = QPushButton(self.tr("Another model..."))
        self.state = QLabel()
        self.state.setWordWrap(True)
        self.state.setAccessibleName(self.tr("How far the transcription is"))
        self.start = QPushButton(self.tr("Transcribe"))
        for box in (self.language, self.also, self.third, self.profile, self.model):
            # As wide as there is room for, not as its longest line.
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            box.setMinimumContentsLength(_LETTERS)
        leave_wheel_to_page(self.language, self.also, self.third, self.profile, self.model)
        self._lay_out()
        self.how.hide()
        self.more.toggled.connect(self.how.setVisible)
        self.language.changed.connect(self._offer)
        self.model.currentIndexChanged.connect(lambda _: self._offer())
        self.other.clicked.connect(self.model_wanted)
        self.start.clicked.connect(self._on_start)
        self._offer()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, GRID, GRID, GRID)
        column.setSpacing(GRID)
        first = QHBoxLayout()
        first.setSpacing(GRID)
        first.addWidget(self.language_label)
        first.addWidget(self.language, stretch=1)
        first.addWidget(self.also_label)
        first.addWidget(self.also, stretch=1)
        second = QHBoxLayout()
        second.setSpacing(GRID)
        second.addWidget(self.model_label)
        second.addWidget(self.model, stretch=1)
        second.addWidget(self.other)
        second.addWidget(self.more)
        how = QVBoxLayout(self.how)
        how.setContentsMargins(0, 0, 0, 0)
        how.setSpacing(GRID)
        decoding = QHBoxLayout()
        decoding.setSpacing(GRID)
        decoding.addWidget(self.profile_label)
        decoding.addWidget(self.profile, stretch=1)
        spoken = QHBoxLayout()
        spoken.setSpacing(GRID)
        spoken.addWidget(self.third_label)
        spoken.addWidget(self.third, stretch=1)
        how.addLayout(spoken)
        how.addLayout(decoding)
        how.addWidget(self.names)
        last = QHBoxLayout()
        last.setSpacing(GRID)
        last.addWidget(self.state, stretch=1)
        last.addWidget(self.start, alignment=Qt.AlignmentFlag.AlignTop)
        column.addLayout(first)
        column.addLayout(second)
        column.addWidget(self.how)
        column.addLayout(last)

    # --- showing -------------------------------------------------------------------------------

    def allow(self, *, may_start: bool) -> None:
        """Let the member at the keyboard start it, or look only."""
        self._may = may_start
        self._offer()

    def forget(self) -> None:
        """Show no language and no recording: another interview is coming."""
        self.language.choose("")
        self.also.choose("")
        self.third.choose("")
        self._is_running = False
        self.show_recordings(())

    def show_recordings(self, recordings: Sequence[Recording]) -> None:
        """Say how far it is; the language of what is there is proposed, if none stands there."""
        self._recordings = recordings
        spoken = [code for one in recordings for code in one.part.languages]
        if spoken and not self.language.currentText():
            self.language.choose(spoken[-1])
        self._offer()

    def show_models(self, models: Sequence[SpeechModel]) -> None:
        """Offer the models that were brought to this computer, beside the embedded one."""
        for place in range(self._listed - 1, 0, -1):
            self.model.removeItem(place)
        brought = [model for model in models if model.is_brought]
        for place, model in enumerate(brought, 1):
            words = self.tr("{name} (brought)").format(name=model.name)
            self.model.insertItem(place, words, model.digest)
        self._listed = 1 + len(brought)

    def show_spoken(self, codes: Sequence[str]) -> None:
        """Propose what was declared for the interview, where nothing stands there yet."""
        if codes and self.language.code in {"", codes[0]} and not self.also.currentText():
            self.language.choose(codes[0])
            for box, code in zip((self.also, self.third), [*codes[1:], "", ""], strict=False):
                box.choose(code)
            if self.third.code:
                self.more.setChecked(True)  # what counts is in sight
        self._offer()

    @property
    def choice(self) -> Choice:
        """How it is to be done, as it stands there now."""
        chosen = self.model.currentData()
        codes = (self.language.code, self.also.code, self.third.code)
        return Choice(
            languages=tuple(dict.fromkeys(code for code in codes if code)),
            profile=str(self.profile.currentData()),
            names=self.names.isChecked(),
            model=chosen if isinstance(chosen, str) else None,
            folder=chosen if isinstance(chosen, Path) else None,
        )

    def show_running(self, *, is_running: bool) -> None:
        """Say whether a job of this interview runs or waits."""
        self._is_running = is_running
        self._offer()

    def use_model(self, folder: Path) -> None:
        """Offer another model's folder, and choose it; whether it is one is seen when it starts."""
        if self.model.count() > self._listed:
            self.model.removeItem(self._listed)
        self.model.addItem(self.tr("Model in the folder {name}").format(name=folder.name), folder)
        self.model.setCurrentIndex(self._listed)

    def _offer(self) -> None:
        can_start = self._may and not self._is_running
        has_more = any(not one.part.is_finished for one in self._recordings)
        parts = (self.language, self.also, self.how, self.more, self.model, self.other)
        for widget in parts:
            widget.setEnabled(can_start)
        self.start.setEnabled(can_start and has_more and bool(self.language.code))
        self.state.setText(self._words(has_more=has_more))

    def _words(self, *, has_more: bool) -> str:
        """Return the one sentence that helps most now."""
        count = sum(one.part.segments for one in self._recordings)
        if self._is_running:
            return self.tr(
                "Under way: %n segment(s) so far. They can be read on the transcript already.",
                "",
                count,
            )
        if not has_more:
            return self._done_words(count)
        code, typed = self.language.code, self.language.currentText().strip()
        if typed and not code:
            return self.tr("Choose a language from the list.")
        if code and self.model.currentData() is None and not is_known_to_model(code):
            return self.tr(
                "The model does not know this language, and would invent words. Its speech comes "
                "as empty lines with their times, to be written by hand."
            )
        if count:
            return self.tr("%n segment(s) are kept. Transcribing goes on after them.", "", count)
        return self.tr("It takes a while. You can go on working, and stop it at any time.")

    def _done_words(self, count: int) -> str:
        if not self._recordings:
            return self.tr("Import a recording first.")
        if not count:
            return self.tr("No speech was found in what was recorded.")
        return self.tr("Everything is transcribed: %n segment(s).", "", count)

    def _on_start(self) -> None:
        self.start_wanted.emit(self.choice)
