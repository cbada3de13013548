"""What is seldom said of files that are brought in: dates, clocks, letters, and who says a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRegularExpression, Signal
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from intake.capture.interviews import list_present
from ui.theme import GRID
from ui.widgets.asking import AskDialog
from ui.wording import words_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.capture.interviews import InterviewId, Present
    from ui.context import Context

_CLOCK: Final = QRegularExpression(r"\d{1,5}:[0-5]?\d:[0-5]?\d")


class DetailFields(QWidget):
    """Fields behind a button. `dates_changed`: a person said how a chat writes its dates."""

    dates_changed = Signal()

    def __init__(
        self, context: Context, interview: InterviewId, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.more = QToolButton()
        self.more.setText(self.tr("&More about them"))
        self.more.setCheckable(True)
        self.fields = QWidget()
        self.speaker, self.letters, self.dates = QComboBox(), QComboBox(), QComboBox()
        self.speaker.addItem(self.tr("Nobody said yet"), None)
        for code, words in (
            ("", self.tr("As its content shows")),
            ("utf-8", self.tr("Unicode (UTF-8)")),
            ("utf-16", self.tr("Unicode (UTF-16)")),
            ("cp1252", self.tr("Western (Windows)")),
            ("cp1251", self.tr("Cyrillic (Windows)")),
            ("koi8-r", self.tr("Cyrillic (KOI8-R)")),
            ("cp1256", self.tr("Arabic (Windows)")),
            ("gb18030", self.tr("Chinese, simplified (GB 18030)")),
            ("big5", self.tr("Chinese, traditional (Big5)")),
        ):
            self.letters.addItem(words, code)
        for code, words in (
            ("", self.tr("As the chat shows")),
            ("dmy", self.tr("Day, month, year")),
            ("mdy", self.tr("Month, day, year")),
            ("ymd", self.tr("Year, month, day")),
        ):
            self.dates.addItem(words, code)
        self.clock, self.by = QComboBox(), QLineEdit()
        for code, words in (
            ("", self.tr("Nobody looked")),
            ("right", self.tr("Right")),
            ("ahead", self.tr("Ahead by")),
            ("behind", self.tr("Behind by")),
        ):
            self.clock.addItem(words, code)
        self.by.setPlaceholderText("00:03:20")
        self.by.setAccessibleName(self.tr("By hours, minutes and seconds"))
        self.by.setValidator(QRegularExpressionValidator(_CLOCK, self.by))
        self._lay_out()
        context.desk.ask(self, lambda vault: list_present(vault, interview), self._on_present)

    def _lay_out(self) -> None:
        clock = QHBoxLayout()
        clock.setSpacing(GRID)
        clock.addWidget(self.clock)
        clock.addWidget(self.by, stretch=1)
        form = QFormLayout(self.fields)
        form.setContentsMargins(0, 0, 0, 0)
        for text, field in (
            (self.tr("A statement is said b&y"), self.speaker),
            (self.tr("&Letters of a plain text"), self.letters),
            (self.tr("A chat writes its &dates"), self.dates),
        ):
            label = QLabel(text)
            label.setBuddy(field)
            form.addRow(label, field)
        label = QLabel(self.tr("The device's cloc&k was"))
        label.setBuddy(self.clock)
        form.addRow(label, clock)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(self.more)
        column.addWidget(self.fields)
        self.fields.hide()
        self.by.setEnabled(False)
        self.more.toggled.connect(self.fields.setVisible)
        self.clock.currentIndexChanged.connect(
            lambda _: self.by.setEnabled(self.clock.currentData() in {"ahead", "behind"})
        )
        self.dates.currentIndexChanged.connect(lambda _: self.dates_changed.emit())

    def _on_present(self, present: Sequence[Present]) -> None:
        for person in present:
            self.speaker.addItem(f"{person.code}, {words_for(person.role)}", person.code)

    @property
    def is_complete(self) -> bool:
        """Whether a clock that was wrong has its hours, minutes and seconds."""
        return not self.by.isEnabled() or self.by.hasAcceptableInput()

    @property
    def clock_ahead_s(self) -> int | None:
        """By how many seconds the device's clock was ahead; None where nobody looked."""
        said = self.clock.currentData()
        if said == "right":
            return 0
        if not said:
            return None
        hours, minutes, seconds = (int(part) for part in self.by.text().split(":"))
        ahead = (hours * 60 + minutes) * 60 + seconds
        return ahead if said == "ahead" else -ahead


class OpenReaderDialog(AskDialog):
    """A person's word that files are read although their reader cannot be shut off."""

    wanted = Signal()

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(context, parent, act=self.tr("Read them all the same"))
        self.words.setText(
            self.tr(
                "This computer cannot shut off the program that reads foreign files. A file that "
                "was made to attack it could then reach what your user can reach: your files, and "
                "the network if there is one.\n\n"
                "The safe way is another computer, with a newer Linux. Allow it only for files "
                "whose way to you is known. It counts for these files, this once."
            )
        )

    def on_act(self) -> None:
        """Say so, and close."""
        self.wanted.emit()
        self.accept()
