"""Bringing in what is there already: what, and how it came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from intake.capture.arrival import GENERATIONS, HOW, Arrival
from intake.capture.chats import look_at_chat
from intake.capture.folders import Plan
from ui.theme import GRID
from ui.widgets.asking import AskDialog
from ui.widgets.bringing_details import DetailFields
from ui.widgets.languages import LanguageBox

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from intake.capture.chats import Chat
    from intake.capture.interviews import InterviewId
    from ui.context import Context

_SHOWN: Final = 60
_LONGEST: Final = 4_000


class ArrivalFields(QWidget):
    """How it came: which way, original or copy, and words of one's own."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        ways = {
            "cable": self.tr("From the phone, by cable"),
            "card": self.tr("On a memory card"),
            "messenger": self.tr("By a messenger"),
            "email": self.tr("By e-mail"),
            "recorder": self.tr("From a voice recorder"),
            "stick": self.tr("On a stick"),
            "unknown": self.tr("Not known"),
        }
        kinds = {
            "original": self.tr("The original"),
            "copy": self.tr("A copy"),
            "unknown": self.tr("Not known"),
        }
        self.how, self.generation = QComboBox(), QComboBox()
        for box, codes, words in ((self.how, HOW, ways), (self.generation, GENERATIONS, kinds)):
            for code in codes:
                box.addItem(words[code], code)
            box.setCurrentIndex(box.count() - 1)  # nobody said anything yet
        self.words = QLineEdit()
        self.words.setMaxLength(_LONGEST)
        self.words.setPlaceholderText(self.tr("Who gave it, where the original is, which device"))
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        for text, field in (
            (self.tr("&How it came"), self.how),
            (self.tr("&It is"), self.generation),
            (self.tr("In &words"), self.words),
        ):
            label = QLabel(text)
            label.setBuddy(field)
            form.addRow(label, field)

    def said(self, *, clock_ahead_s: int | None = None) -> Arrival:
        """Return what a person said."""
        return Arrival(
            how=str(self.how.currentData()),
            generation=str(self.generation.currentData()),
            words=self.words.text().strip(),
            clock_ahead_s=clock_ahead_s,
        )


class BringDialog(AskDialog):
    """Files, a folder or a phone's chat: chosen, how they came, and then they are brought in."""

    wanted = Signal(object, object)
    """The paths that were chosen, and the plan."""

    def __init__(self, context: Context, parent: QWidget, interview: InterviewId) -> None:
        super().__init__(context, parent, act=self.tr("Bring in"))
        self._paths: list[Path] = []
        self.words.setText(
            self.tr(
                "Recordings, pictures, documents, a chat that a phone exported (zip), or a whole "
                "folder. Each file is sealed unchanged; one that cannot be brought in is named at "
                "the end and costs the others nothing. The files stay where they were, unsealed."
            )
        )
        self.chosen = QLabel(self.tr("Nothing chosen yet."))
        self.chosen.setTextFormat(Qt.TextFormat.PlainText)
        self.chosen.setAccessibleName(self.tr("What was chosen"))
        self.file = QPushButton(self.tr("Choose a &file..."))
        self.folder = QPushButton(self.tr("Choose a f&older..."))
        self.arrival = ArrivalFields()
        self.as_what = QComboBox()
        for code, text in (
            ("auto", self.tr("What it is, by its content")),
            ("recording", self.tr("A recording")),
            ("statement", self.tr("A written statement: its text becomes drafts")),
            ("exhibit", self.tr("An exhibit, sealed as it is")),
            ("chat", self.tr("A chat that a phone exported")),
        ):
            self.as_what.addItem(text, code)
        self.language = LanguageBox()
        self.witness = QComboBox()
        self.witness.addItem(self.tr("Nobody said yet"), "")
        self.details = DetailFields(context, interview)
        self._lay_out()
        self.details.more.toggled.connect(self._make_room)
        self.details.dates_changed.connect(self._look_at_chat)
        for changed in (
            self.details.clock.currentIndexChanged,
            self.details.by.textChanged,
        ):
            changed.connect(lambda _: self.offer())
        self.file.clicked.connect(self._on_file)
        self.folder.clicked.connect(self._on_folder)
        self.offer()

    def _lay_out(self) -> None:
        first = QHBoxLayout()
        first.setSpacing(GRID)
        first.addWidget(self.chosen, stretch=1)
        first.addWidget(self.file)
        first.addWidget(self.folder)
        for button in (self.file, self.folder):
            button.setAutoDefault(False)
        self.column.addLayout(first)
        self.column.addWidget(self.arrival)
        form = QFormLayout()
        for text, field in (
            (self.tr("Bring it in &as"), self.as_what),
            (self.tr("Its &text is in"), self.language),
            (self.tr("The wit&ness is"), self.witness),
        ):
            label = QLabel(text)
            label.setBuddy(field)
            form.addRow(label, field)
        self.column.addLayout(form)
        self.column.addWidget(self.details)
        self.witness.setEnabled(False)

    def _make_room(self, is_shown: bool) -> None:
        """Grow by what is shown now, as far as the screen goes."""
        height = self.details.fields.sizeHint().height()
        self.details.fields.setMinimumHeight(height)
        highest = self.screen().availableGeometry().height()
        self.resize(self.width(), min(self.height() + height * is_shown, highest))

    def offer(self) -> None:
        """Enable the button once something is chosen."""
        self.act.setEnabled(bool(self._paths) and self.details.is_complete)
        count = len(self._paths)
        if count == 1:
            self.chosen.setText(self._paths[0].name[:_SHOWN])
        elif count:
            self.chosen.setText(self.tr("%n file(s) or folder(s)", "", count))

    def choose(self, path: Path) -> None:
        """Take one more file or folder; of a chat, ask who sent something in it."""
        if path not in self._paths:
            self._paths.append(path)
        self.offer()
        self._look_at_chat()

    def _look_at_chat(self) -> None:
        """Ask who sent something, by the dates as they are said; nothing of it is kept."""
        path = self._paths[0] if len(self._paths) == 1 else None
        if path is None or path.suffix.casefold() != ".zip":
            self._forget_senders()
            return
        order = str(self.details.dates.currentData())
        self.context.desk.ask(
            self,
            lambda vault: look_at_chat(vault, path, order=order),
            self._on_chat,
            failed=self._on_no_chat,
            key="chat",
        )

    def _forget_senders(self) -> None:
        while self.witness.count() > 1:
            self.witness.removeItem(1)
        self.witness.setEnabled(False)

    def _on_no_chat(self, error: Exception) -> None:
        self._forget_senders()
        self._on_refused(error)

    def _on_chat(self, chat: Chat) -> None:
        chosen = self.witness.currentData()
        self._forget_senders()
        self.said.clear()
        for sender, count in chat.senders.items():
            # The isolates keep a name in another script from turning the words around it.
            words = self.tr("{sender} (%n message(s))", "", count).format(
                sender=f"\u2068{sender}\u2069"
            )
            self.witness.addItem(words, sender)
        self.witness.setCurrentIndex(max(0, self.witness.findData(chosen)))
        self.witness.setEnabled(True)

    def _on_file(self) -> None:
        self.context.chooser.open_file(
            self, self.tr("Choose a file"), self.tr("All files (*)"), self.choose
        )

    def _on_folder(self) -> None:
        self.context.chooser.folder(self, self.tr("Choose a folder"), self.choose)

    def on_act(self) -> None:
        """Hand over what was chosen, and close: the work goes on in the window."""
        if not self._paths or not self.details.is_complete:
            return
        plan = Plan(
            as_what=self.as_what.currentData(),
            language=self.language.code,
            speaker=self.details.speaker.currentData(),
            encoding=str(self.details.letters.currentData()),
            witness=str(self.witness.currentData() or ""),
            order=str(self.details.dates.currentData()),
            arrival=self.arrival.said(clock_ahead_s=self.details.clock_ahead_s),
        )
        self.wanted.emit(list(self._paths), plan)
        self.accept()


def open_bring(
    context: Context,
    parent: QWidget,
    interview: InterviewId,
    then: Callable[[list[Path], Plan], object],
) -> BringDialog:
    """Open the dialog; `then` gets what was chosen."""
    dialog = BringDialog(context, parent, interview)
    dialog.wanted.connect(then)
    dialog.open()
    return dialog
