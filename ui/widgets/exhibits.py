"""The exhibits of an interview: a list, the picture of one, words about it, when it was shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from intake.capture import exhibits
from ui.messages import sentence
from ui.models.rows import Column, RowsModel
from ui.theme import GRID
from ui.widgets.bringing import ArrivalFields
from ui.widgets.table import Table
from ui.wording import clock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from intake.capture.exhibits import Exhibit, ShownPicture
    from intake.capture.interviews import InterviewId
    from intake.opening import Vault
    from ui.context import Context

_LONGEST_PX: Final = 1600
_RGB: Final = 3
_PARTS: Final = 3


class PictureView(QLabel):
    """A picture made of plain dots, as large as there is room, or why there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = QPixmap()
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setMinimumSize(320, 240)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.setAccessibleName(self.tr("The exhibit's picture"))

    def show_dots(self, shown: ShownPicture) -> None:
        """Show a picture: the child gives width times height times three bytes, and no more."""
        image = QImage(
            shown.rgb, shown.width, shown.height, shown.width * _RGB, QImage.Format.Format_RGB888
        )
        self._whole = QPixmap.fromImage(image.copy())  # its own memory: the bytes go away
        self._fit()

    def say(self, words: str) -> None:
        """Show words in the place of a picture."""
        self._whole = QPixmap()
        self.setText(words)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the picture to the room that there is now."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if self._whole.isNull():
            return
        room = self.size() - QSize(2, 2)
        self.setPixmap(
            self._whole.scaled(
                room.boundedTo(self._whole.size()),
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        )


class ExhibitsDialog(QDialog):
    """All exhibits of one interview, and adding to them."""

    def __init__(self, context: Context, parent: QWidget, interview: InterviewId) -> None:
        super().__init__(parent)
        self.setWindowTitle("Intake")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumSize(900, 600)
        self._context = context
        self._interview = interview
        self._chosen: Exhibit | None = None
        self._kinds = {
            "picture": self.tr("picture"),
            "document": self.tr("document"),
            "sound": self.tr("sound"),
            "video": self.tr("video"),
            "file": self.tr("file"),
            "described": self.tr("thing, described"),
        }
        self.rows = RowsModel[exhibits.Exhibit](
            [
                Column(self.tr("No."), lambda row: row.code),
                Column(self.tr("Kind"), lambda row: self._kinds.get(row.kind, row.kind)),
                Column(self.tr("Shown at"), self._shown),
            ],
            lambda row: row.id,
        )
        self.table = Table(self.rows, self.tr("Exhibits"), widths=(6, 16, 0))
        self.view = PictureView()
        self.page = QSpinBox()
        self.page.setRange(1, 1)
        self.page.setPrefix(self.tr("Page "))
        self.page.setAccessibleName(self.tr("Page of the document"))
        self.description = QPlainTextEdit()
        self.description.setTabChangesFocus(True)
        self.description.setMaximumHeight(90)
        self.description.setPlaceholderText(self.tr("What it is, and who showed it"))
        self.description.setAccessibleName(self.tr("Description"))
        self.save = QPushButton(self.tr("Keep the &description"))
        self.at = QLineEdit()
        self.at.setPlaceholderText("00:40:50")
        self.at.setAccessibleName(self.tr("When it was shown, from the interview's start"))
        self.mark = QPushButton(self.tr("&Mark as shown"))
        self.arrival = ArrivalFields()
        self.add_file = QPushButton(self.tr("Add a &file..."))
        self.add_thing = QPushButton(self.tr("Add a &thing without a file"))
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setAccessibleName(self.tr("What happened"))
        self.away = QPushButton(self.tr("Close"))
        self._lay_out()
        self._wire()
        self._show_none()
        self.refresh()

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(GRID)
        left.addWidget(self.table, stretch=1)
        left.addWidget(self.arrival)
        adding = QHBoxLayout()
        adding.addWidget(self.add_file)
        adding.addWidget(self.add_thing)
        left.addLayout(adding)
        right = QVBoxLayout()
        right.setSpacing(GRID)
        right.addWidget(self.view, stretch=1)
        right.addWidget(self.page, alignment=Qt.AlignmentFlag.AlignLeft)
        right.addWidget(self.description)
        row = QHBoxLayout()
        row.addWidget(self.save)
        row.addStretch(1)
        row.addWidget(self.at)
        row.addWidget(self.mark)
        right.addLayout(row)
        both = QHBoxLayout()
        both.setSpacing(2 * GRID)
        both.addLayout(left, stretch=2)
        both.addLayout(right, stretch=3)
        whole = QVBoxLayout(self)
        whole.setSpacing(GRID)
        whole.addLayout(both, stretch=1)
        last = QHBoxLayout()
        last.addWidget(self.said, stretch=1)
        last.addWidget(self.away)
        whole.addLayout(last)
        for button in (self.save, self.mark, self.add_file, self.add_thing, self.away):
            button.setAutoDefault(False)

    def _wire(self) -> None:
        self.table.current_changed.connect(self._on_current)
        self.page.valueChanged.connect(lambda _: self._look())
        self.save.clicked.connect(self._on_save)
        self.mark.clicked.connect(self._on_mark)
        self.add_file.clicked.connect(self._on_add_file)
        self.add_thing.clicked.connect(self._on_add_thing)
        self.away.clicked.connect(self.accept)

    def refresh(self) -> None:
        """Read the list again."""
        self._ask(lambda vault: exhibits.list_exhibits(vault, self._interview), self._on_list)

    def _ask(self, read: Callable[[Vault], object], then: Callable[..., object]) -> None:
        self._context.desk.ask(self, read, then, failed=self._on_refused)

    def _on_refused(self, error: Exception) -> None:
        self.said.setText(sentence(error))

    def _on_list(self, found: list[Exhibit]) -> None:
        before = None if self._chosen is None else self._chosen.id
        self.rows.set_rows(found)
        place = next((n for n, one in enumerate(found) if one.id == before), len(found) - 1)
        if found:
            self.table.selectRow(place)
            self._on_current(place)
        else:
            self._show_none()

    def _show_none(self) -> None:
        self._chosen = None
        self.view.say(
            self.tr("No exhibit yet. Add a picture, a document, any file, or a thing in words.")
        )
        for widget in (self.save, self.mark, self.at, self.page):
            widget.setEnabled(False)

    def _on_current(self, place: int) -> None:
        if not 0 <= place < len(self.rows.rows):
            return
        chosen = self.rows.rows[place]
        is_another = self._chosen is None or self._chosen.id != chosen.id
        self._chosen = chosen
        for widget in (self.save, self.mark, self.at):
            widget.setEnabled(True)
        if not is_another:
            return
        self.page.blockSignals(True)
        self.page.setRange(1, 1)
        self.page.blockSignals(False)
        self.page.setEnabled(False)
        self.description.clear()
        self._ask(lambda vault: exhibits.exhibit_facts(vault, chosen), self._on_facts)
        self._look()

    def _on_facts(self, facts: dict[str, str]) -> None:
        self.description.setPlainText(facts.get("description", ""))

    def _look(self) -> None:
        """Have the child show the chosen exhibit: a second or two, in a job's thread."""
        chosen, page = self._chosen, self.page.value() - 1
        if chosen is None:
            return
        self.view.say(self.tr("Looking..."))
        self._context.desk.ask(
            self,
            lambda vault: exhibits.picture(vault, chosen, _LONGEST_PX, page=page),
            lambda shown: self._on_picture(chosen, shown),
            failed=lambda error: self._on_no_picture(chosen, error),
            key="picture",
        )

    def _on_picture(self, of: Exhibit, shown: ShownPicture) -> None:
        if self._chosen is None or self._chosen.id != of.id:
            return
        self.view.show_dots(shown)
        self.said.setText(
            self.tr("The file is cut off; a part is missing.") if shown.is_damaged else ""
        )
        if shown.pages > 1 and self.page.maximum() == 1:
            self.page.blockSignals(True)
            self.page.setRange(1, shown.pages)
            self.page.blockSignals(False)
            self.page.setEnabled(True)

    def _on_no_picture(self, of: Exhibit, error: Exception) -> None:
        if self._chosen is not None and self._chosen.id == of.id:
            self.view.say(sentence(error))

    def _shown(self, row: Exhibit) -> str:
        return ", ".join(clock(at_ms) for _, at_ms in row.shown) or self.tr("not marked")

    def _on_save(self) -> None:
        chosen, words = self._chosen, self.description.toPlainText()
        if chosen is not None:
            self._ask(
                lambda vault: exhibits.set_description(vault, chosen, words),
                lambda _: self.said.setText(self.tr("Kept.")),
            )

    def _on_mark(self) -> None:
        chosen, at_ms = self._chosen, _ms_of(self.at.text())
        if chosen is None:
            return
        if at_ms is None:
            self.said.setText(self.tr("Type the time like 00:40:50."))
            return
        self._ask(lambda vault: exhibits.mark_shown(vault, chosen, at_ms), lambda _: self.refresh())

    def _on_add_file(self) -> None:
        self._context.chooser.open_file(
            self, self.tr("Choose the exhibit's file"), self.tr("All files (*)"), self.bring
        )

    def bring(self, path: Path) -> None:
        """Seal a file as the next exhibit, as a job."""
        arrival = self.arrival.said()
        self._context.jobs.start(
            self,
            self.tr("Sealing an exhibit"),
            lambda vault, token, report: exhibits.add_exhibit(
                vault, self._interview, path, arrival=arrival, token=token, report=report
            ),
            self._on_added,
            failed=self._on_refused,
        )

    def _on_add_thing(self) -> None:
        arrival, words = self.arrival.said(), self.description.toPlainText()
        self._ask(
            lambda vault: exhibits.add_described(vault, self._interview, words, arrival=arrival),
            self._on_added,
        )

    def _on_added(self, made: Exhibit) -> None:
        self.said.setText(self.tr("{code} is sealed.").format(code=made.code))
        self._chosen = None
        self.refresh()


def _ms_of(text: str) -> int | None:
    """Return a time such as 00:40:50 or 40:50 in ms; None for anything else."""
    parts = text.strip().split(":")
    if not 1 < len(parts) <= _PARTS or not all(part.isdecimal() for part in parts):
        return None
    seconds = 0
    for part in parts:
        seconds = seconds * 60 + int(part)
    return seconds * 1000
