"""A translation out to a translator as an XLIFF file, and back in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from intake.errors import EgressStoppedError
from intake.opening import list_members
from intake.statement.handing import export_xliff
from ui.models.translating import TakenFile, take_file
from ui.theme import GRID
from ui.widgets.doubtful import DoubtfulList
from ui.wording import name_flaw, name_mark, words_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from intake.capture.interviews import InterviewId
    from intake.errors import Stop
    from intake.opening import Member, MemberId
    from ui.context import Context

_SHORT: Final = 8
_WIDE: Final = 120
"""Of a dialog with a table, in units of the grid."""
_ROWS: Final = 6


class XliffBox(QWidget):
    """Two buttons, and what they ask. `taken` = a file was taken in (`TakenFile`).

    `before` is called first, so that what is typed is saved; it calls back when that is done.
    """

    taken = Signal(object)
    row_wanted = Signal(str)

    def __init__(
        self,
        context: Context,
        before: Callable[[Callable[[], object]], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._before = before
        self._interview: InterviewId | None = None
        self._lang = ""
        self._members: list[Member] = []
        self.out_button = QPushButton(self.tr("Write XLIFF for a translator..."))
        self.in_button = QPushButton(self.tr("Take in XLIFF..."))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.out_button)
        row.addWidget(self.in_button)
        self.out_button.clicked.connect(self._on_out)
        self.in_button.clicked.connect(self._on_in)
        self.show_translation(None, "")

    def show_translation(self, interview: InterviewId | None, lang: str) -> None:
        """Say which translation it is about; what this member may not do is greyed out."""
        self._interview, self._lang = interview, lang
        who = self._context.who
        self.out_button.setEnabled(who.is_cleared and interview is not None and bool(lang))
        self.in_button.setEnabled("translator" in who.roles and interview is not None)

    # --- out -----------------------------------------------------------------------------------

    def _on_out(self) -> None:
        self._context.desk.ask(self, list_members, self._ask_for_member, key="members")

    def _ask_for_member(self, members: list[Member]) -> None:
        dialog = TranslatorDialog(members, self)
        dialog.chosen.connect(self._ask_for_file)
        dialog.open()

    def _ask_for_file(self, member: MemberId) -> None:
        # No code of ours in the name: whoever sees the stick reads it.
        self._context.chooser.new_file(
            self,
            self.tr("Write XLIFF for a translator"),
            f"interview-{self._lang}.xlf",
            lambda target: self._write(member, target, ()),
        )

    def _write(self, member: MemberId, target: Path, not_this_person: tuple[int, ...]) -> None:
        interview, lang = self._interview, self._lang
        if interview is None:
            return

        def refused(error: Exception) -> None:
            # Near spellings are names: never over a window that is covered or locked.
            if isinstance(error, EgressStoppedError) and self.isVisible():
                self._show_stops(error.stops, member, target)
            else:
                self._context.notices.refuse(error)

        self._before(
            lambda: self._context.jobs.start(
                self,
                self.tr("Writing XLIFF"),
                lambda vault, _token, _report: export_xliff(
                    vault, interview, lang, member, target, not_this_person=not_this_person
                ),
                lambda rows: self._context.notices.say(
                    self.tr(
                        "%n row(s) written, with a mark in the place of every name. "
                        "The file is not encrypted: give it to the translator alone.",
                        "",
                        rows,
                    )
                ),
                failed=refused,
            )
        )

    def _show_stops(self, stops: Sequence[Stop], member: MemberId, target: Path) -> None:
        dialog = StopsDialog(stops, self)
        dialog.judged.connect(lambda numbers: self._write(member, target, numbers))
        dialog.open()

    # --- in ------------------------------------------------------------------------------------

    def _on_in(self) -> None:
        self._context.chooser.open_file(
            self,
            self.tr("Take in XLIFF"),
            self.tr("XLIFF (*.xlf *.xliff);;All files (*)"),
            self._take,
        )

    def _take(self, file: Path) -> None:
        interview = self._interview
        if interview is None:
            return
        self._before(
            lambda: self._context.jobs.start(
                self,
                self.tr("Taking in a translation"),
                lambda vault, _token, _report: take_file(vault, interview, file),
                self._on_taken,
            )
        )

    def _on_taken(self, taken: TakenFile) -> None:
        self._context.notices.say(
            self.tr("%n row(s) held until a cleared member confirms them. ", "", taken.taken.held)
            + self.tr("%n row(s) were empty.", "", taken.taken.empty)
        )
        self.taken.emit(taken)
        if taken.taken.warnings and self.isVisible():
            dialog = OddDialog(taken, self)
            dialog.row_wanted.connect(self.row_wanted)
            dialog.open()


class _Dialog(QDialog):
    """A page over the window, deleted when it is closed."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        self.column.setSpacing(GRID)
        self.buttons = QDialogButtonBox()
        self.buttons.rejected.connect(self.reject)

    def say(self, words: str) -> QLabel:
        """Add a sentence."""
        label = QLabel(words)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        self.column.addWidget(label)
        return label


class TranslatorDialog(_Dialog):
    """Asks for the member who translates; translators come first."""

    chosen = Signal(str)

    def __init__(self, members: Sequence[Member], parent: QWidget) -> None:
        super().__init__(self.tr("Write XLIFF for a translator"), parent)
        self.say(
            self.tr(
                "The file holds the whole interview, with a mark in the place of every name. "
                "It is not encrypted. Who translates it?"
            )
        )
        self.members = QComboBox()
        self.members.setAccessibleName(self.tr("Who translates"))
        for member in sorted(members, key=lambda one: "translator" not in one.roles):
            self.members.addItem(self._words(member), member.id)
        self.column.addWidget(self.members)
        go_on = self.buttons.addButton(
            self.tr("Choose the file..."), QDialogButtonBox.ButtonRole.AcceptRole
        )
        go_on.setDefault(True)
        self.buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        self.buttons.accepted.connect(self._on_accepted)
        self.column.addWidget(self.buttons)

    def _words(self, member: Member) -> str:
        roles = ", ".join(words_for(role) for role in member.roles)
        cleared = self.tr("cleared") if member.is_cleared else self.tr("not cleared")
        return f"{member.id[:_SHORT]}  {roles}, {cleared}"

    def _on_accepted(self) -> None:
        member = str(self.members.currentData())
        self.accept()
        self.chosen.emit(member)


class StopsDialog(_Dialog):
    """Everything that stops a file; near spellings can be judged, and it is tried again."""

    judged = Signal(object)

    def __init__(self, stops: Sequence[Stop], parent: QWidget) -> None:
        super().__init__(self.tr("Nothing was written"), parent)
        self.setMinimumWidth(_WIDE * GRID)
        hard = [stop for stop in stops if not stop.word]
        near = [stop for stop in stops if stop.word]
        self._has_hard = bool(hard)
        if hard:
            self.say(self.tr("This has to be mended first:"))
            self.list = QListWidget()
            self.list.setAccessibleName(self.tr("What stops it"))
            self.list.setWordWrap(True)
            self.list.addItems([str(stop) for stop in hard])
            self.list.setMaximumHeight(min(_ROWS, 2 * len(hard) + 1) * self.fontMetrics().height())
            self.column.addWidget(self.list)
        self.doubtful = DoubtfulList()
        if near:
            self.say(
                self.tr(
                    "These words are near to a name. Correct them in the transcript where they are "
                    "that person; tick what is somebody or something else."
                )
            )
            self.doubtful.set_stops(near)
            self.column.addWidget(self.doubtful)
        self.again = QPushButton(self.tr("Try again"))
        self.again.setEnabled(False)
        self.buttons.addButton(self.again, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.addButton(QDialogButtonBox.StandardButton.Close)
        self.buttons.accepted.connect(self._on_accepted)
        self.doubtful.changed.connect(self._offer)
        self.column.addWidget(self.buttons)

    def _offer(self) -> None:
        self.again.setEnabled(bool(self.doubtful.ticked()) and not self._has_hard)

    def _on_accepted(self) -> None:
        numbers = self.doubtful.ticked()
        self.accept()
        self.judged.emit(numbers)


class OddDialog(_Dialog):
    """The names that a translated file leaves out, doubles or brings in; Enter goes to the row."""

    row_wanted = Signal(str)

    def __init__(self, taken: TakenFile, parent: QWidget) -> None:
        super().__init__(self.tr("Names to look at"), parent)
        self.setMinimumWidth(72 * GRID)
        self.say(
            self.tr(
                "The file was taken in. In these rows a name is missing, doubled, or of another "
                "row; Enter goes there."
            )
        )
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Names to look at"))
        for odd in taken.taken.warnings:
            words = name_flaw(odd.flaw, name_mark(odd.kind, odd.entity))
            item = QListWidgetItem(
                self.tr("Row {number}: {words}").format(
                    number=taken.numbers.get(odd.unit, 0), words=words
                )
            )
            item.setData(Qt.ItemDataRole.UserRole, odd.unit)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.column.addWidget(self.list)
        self.buttons.addButton(QDialogButtonBox.StandardButton.Close)
        self.column.addWidget(self.buttons)
        self.list.itemActivated.connect(self._on_activated)

    def _on_activated(self, item: QListWidgetItem) -> None:
        row = str(item.data(Qt.ItemDataRole.UserRole))
        self.accept()
        self.row_wanted.emit(row)
