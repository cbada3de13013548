"""Between the translation page and the desk: what is typed goes out, what was held comes in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from intake.errors import IntakeError
from intake.translation.typed_rows import read_rows, warnings_of
from ui.models.translating import BATCH, Kept, Typed, Unsaved, is_unread, keep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.capture.interviews import InterviewId
    from intake.opening import Vault
    from intake.translation.typed_rows import RowId, RowLine
    from ui.context import Context


class RowKeeper(QObject):
    """Hands typed rows to the desk, and keeps each until it is known to be on the disk.

    `kept` = (Typed, Kept); `refused` = (Typed, Exception), which was said above the screen.
    """

    kept = Signal(object, object)
    refused = Signal(object, object)

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.unsaved = Unsaved()

    def take(self, typed: Typed) -> None:
        """Hand over what was typed for a row."""
        self.unsaved.put(typed)
        self._send(typed, mending=False)

    def take_all(self, typed: Typed | None) -> None:
        """Hand over all that is not known to be saved, so that no damaged mark stops it."""
        if typed is not None:
            self.unsaved.put(typed)
        for one in self.unsaved.all():
            self._send(one, mending=True)

    def _send(self, typed: Typed, *, mending: bool) -> None:
        def work(vault: Vault) -> Kept | IntakeError:
            try:
                return keep(vault, typed, mending=mending)
            except IntakeError as error:
                if mending:
                    raise  # to the window, which does not lock then
                return error  # no last word: it is handed over again before the window locks

        def came(result: Kept | IntakeError) -> None:
            if isinstance(result, IntakeError):
                refused(result)
                return
            self.unsaved.kept(typed)
            if not self.unsaved:
                self._context.saved()
            if result.was_mended:
                self._context.notices.say(
                    self.tr(
                        "(!) A damaged name mark in row {number} was kept as plain signs. "
                        "Put the mark in anew."
                    ).format(number=result.line.number)
                )
            self.kept.emit(typed, result)

        def refused(error: Exception) -> None:
            self.unsaved.refused(typed, error)
            self.refused.emit(typed, error)
            self._context.notices.refuse(error)

        self._context.desk.ask(self, work, came, failed=refused)


class HeldReader(QObject):
    """Opens the held texts of a grid after its rows are shown. `read` = the rows, with their text.

    Half a millisecond each: in batches, so that what a person does in between is not kept waiting.
    """

    read = Signal(object)

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._interview: InterviewId | None = None
        self._lang = ""
        self._unread: dict[RowId, None] = {}

    def start(self, interview: InterviewId | None, lang: str, lines: Sequence[RowLine]) -> None:
        """Take another grid; what comes back of the one before is dropped."""
        who = self._context.who
        self._interview, self._lang = interview, lang
        self._unread = {
            line.id: None
            for line in lines
            if not line.is_readable and is_unread(line, who.id, is_cleared=who.is_cleared)
        }

    def is_unread(self, row: str) -> bool:
        """Whether the text of a row is still to be opened."""
        return row in self._unread

    def done(self, row: RowId) -> None:
        """Note that a row came by another way."""
        self._unread.pop(row, None)

    def open_one(self, row: RowId) -> None:
        """Open the text of the row that is current, before the others."""
        self._ask([row], key="")

    def open_rest(self) -> None:
        """Open what is left, batch by batch."""
        if self._unread:
            self._ask(list(self._unread)[:BATCH], key="rest")

    def _ask(self, rows: list[RowId], key: str) -> None:
        interview, lang = self._interview, self._lang
        if interview is None:
            return

        def came(lines: list[RowLine]) -> None:
            if (interview, lang) != (self._interview, self._lang):
                return
            self.read.emit(lines)
            for row in rows:  # also one that went away meanwhile
                self._unread.pop(row, None)
            if key:
                self.open_rest()

        self._context.desk.ask(
            self, lambda vault: read_rows(vault, interview, lang, only=rows), came, key=key
        )


class MarkReader(QObject):
    """Looks at the names in what is being typed.

    `looked` = (the row's id, its warnings, or the error where a mark is damaged).
    """

    looked = Signal(str, object)

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context

    def look(self, line: RowLine, text: str) -> None:
        """Look at a text that is typed for a row; only the newest answer is told."""
        self._context.desk.ask(
            self,
            lambda vault: warnings_of(vault, line, text),
            lambda found: self.looked.emit(line.id, found),
            failed=lambda error: self.looked.emit(line.id, error),
            key="marks",
        )
