"""Bringing in what is there already: what, how it came, and what came of each file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from intake.capture.arrival import GENERATIONS, HOW, Arrival
from intake.capture.chats import look_at_chat
from intake.capture.folders import Plan
from intake.capture.outcomes import Outcome
from ui.models.rows import Column, RowsModel
from ui.theme import GRID, primary
from ui.widgets.asking import AskDialog
from ui.widgets.languages import LanguageBox
from ui.widgets.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from intake.capture.chats import Chat
    from intake.capture.folders import Brought
    from ui.context import Context

_SHOWN: Final = 60


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

    def said(self) -> Arrival:
        """Return what a person said."""
        return Arrival(
            how=str(self.how.currentData()),
            generation=str(self.generation.currentData()),
            words=self.words.text().strip(),
        )


class BringDialog(AskDialog):
    """Files, a folder or a phone's chat: chosen, how they came, and then they are brought in."""

    wanted = Signal(object, object)
    """The paths that were chosen, and the plan."""

    def __init__(self, context: Context, parent: QWidget) -> None:
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
        self._lay_out()
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
        self.witness.setEnabled(False)

    def offer(self) -> None:
        """Enable the button once something is chosen."""
        self.act.setEnabled(bool(self._paths))
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
        is_chat = len(self._paths) == 1 and path.suffix.casefold() == ".zip"
        if is_chat:
            self.context.desk.ask(
                self,
                lambda vault: look_at_chat(vault, path),
                self._on_chat,
                failed=self._on_refused,
            )
        elif self.witness.count() > 1:
            while self.witness.count() > 1:
                self.witness.removeItem(1)
            self.witness.setEnabled(False)

    def _on_chat(self, chat: Chat) -> None:
        for sender, count in chat.senders.items():
            # The isolates keep a name in another script from turning the words around it.
            words = self.tr("{sender} (%n message(s))", "", count).format(
                sender=f"\u2068{sender}\u2069"
            )
            self.witness.addItem(words, sender)
        self.witness.setEnabled(True)

    def _on_file(self) -> None:
        self.context.chooser.open_file(
            self, self.tr("Choose a file"), self.tr("All files (*)"), self.choose
        )

    def _on_folder(self) -> None:
        self.context.chooser.folder(self, self.tr("Choose a folder"), self.choose)

    def on_act(self) -> None:
        """Hand over what was chosen, and close: the work goes on in the window."""
        if not self._paths:
            return
        plan = Plan(
            as_what=self.as_what.currentData(),
            language=self.language.code,
            witness=str(self.witness.currentData() or ""),
            arrival=self.arrival.said(),
        )
        self.wanted.emit(list(self._paths), plan)
        self.accept()


class OutcomesDialog(QDialog):
    """What came of each file: the bad ones first, each with its reason."""

    def __init__(self, parent: QWidget, brought: Brought) -> None:
        super().__init__(parent)
        self.setWindowTitle("Intake")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumSize(720, 420)
        ranks = {"failed": 0, "passed_over": 1, "here": 2}
        rows = sorted(brought.outcomes, key=lambda one: ranks.get(one.what, 3))
        places = {id(row): number for number, row in enumerate(rows)}
        self.words = QLabel(self._summary(brought))
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setAccessibleName(self.tr("What came of it"))
        self.rows = RowsModel[Outcome](
            [
                Column(self.tr("File"), lambda row: row.name),
                Column(self.tr("Brought in as"), self._what),
                Column(self.tr("Why not"), lambda row: row.why),
            ],
            lambda row: places[id(row)],
        )
        self.rows.set_rows(rows)
        self.table = Table(self.rows, self.tr("Files"), widths=(24, 20, 0), lines=2)
        self.away = QPushButton(self.tr("Close"))
        primary(self.away)
        column = QVBoxLayout(self)
        column.setSpacing(GRID)
        column.addWidget(self.words)
        column.addWidget(self.table, stretch=1)
        column.addWidget(self.away, alignment=Qt.AlignmentFlag.AlignRight)
        self.away.clicked.connect(self.accept)

    def _summary(self, brought: Brought) -> str:
        words = self.tr("%n file(s) brought in.", "", len(brought.kept))
        if brought.bad:
            words += " " + self.tr("%n could not be, each with its reason.", "", len(brought.bad))
        if brought.stopped:
            words += " " + brought.stopped
        if brought.senders and brought.order is None:
            words += " " + self.tr(
                "Day and month of the chat could not be told apart: its dates are kept as written."
            )
        return words

    def _what(self, row: Outcome) -> str:
        words = {
            "recording": self.tr("recording"),
            "exhibit": self.tr("exhibit E-{number}").format(number=row.exhibit or ""),
            "statement": self.tr("statement, %n paragraph(s)", "", row.lines),
            "account": self.tr("words of the chat, %n line(s)", "", row.lines),
            "here": self.tr("here already"),
            "failed": self.tr("not brought in"),
            "passed_over": self.tr("passed over"),
        }
        return words[row.what]


def open_bring(
    context: Context, parent: QWidget, then: Callable[[list[Path], Plan], object]
) -> BringDialog:
    """Open the dialog; `then` gets what was chosen."""
    dialog = BringDialog(context, parent)
    dialog.wanted.connect(then)
    dialog.open()
    return dialog
