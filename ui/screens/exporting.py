"""Release and export of one interview's statement (S8): what stops it, then the file.

A release is made by a cleared member for one recipient; any member writes out what was released.
Everything that stops either is listed while one chooses, and asked again by the gate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
)

from intake.errors import EgressStoppedError
from intake.statement.releasing import release
from ui.models.leaving import (
    PROFILE,
    LeavingView,
    StopLine,
    Wanted,
    export,
    mended_at,
    read,
    stop_lines,
)
from ui.models.rows import Column, RowsModel
from ui.screens.base import Screen
from ui.theme import COLOURS, GRID, heading
from ui.widgets.doubtful import DoubtfulList
from ui.widgets.issued import DoneLabel, IssuedBox
from ui.widgets.recipients import RecipientBox, fill
from ui.widgets.table import Table
from ui.wording import language_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from intake.capture.interviews import InterviewId
    from intake.errors import Stop
    from intake.statement.recipients import Recipient
    from intake.statement.releasing import Released
    from ui.context import Context, InterviewRef
    from ui.models.leaving import Written

_SUGGESTED = "statement.pdf"
"""No code of ours, no recipient: a file's name is read by whoever sees the stick."""


class ExportScreen(Screen):
    """Choices on top, what stops them below, then two buttons, what came of it, and the past."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._view: LeavingView | None = None
        self._wanted = Wanted()
        self._found: tuple[Stop, ...] = ()
        self._refused: tuple[Stop, ...] = ()
        self._doubts: list[Stop] = []
        self.recipients = RecipientBox(context)
        self.profile = QLabel(self.tr("without names (the only one so far)"))
        self.translation = QComboBox()
        self.state = QLabel()
        self.export_state = QLabel()
        self.stops = RowsModel[StopLine](self._stop_columns(), lambda line: line.id)
        self.stop_table = Table(
            self.stops, self.tr("What stops it"), widths=(11, 26, 0, 36), lines=2
        )
        self.doubtful = DoubtfulList()
        self.release_button = QPushButton(self.tr("Release"))
        self.export_button = QPushButton(self.tr("Export..."))
        self.done = DoneLabel()
        self.past = IssuedBox()
        self._lay_out()
        self.recipients.chosen.connect(self._on_recipient)
        self.translation.activated.connect(self._on_translation)
        self.stop_table.opened.connect(self._on_stop)
        self.doubtful.opened.connect(self._on_doubt)
        self.doubtful.changed.connect(self._offer)
        self.release_button.clicked.connect(self._on_release)
        self.export_button.clicked.connect(self._on_export)
        context.jobs.changed.connect(self._on_job)

    def _lay_out(self) -> None:
        top = QGridLayout()
        top.setHorizontalSpacing(2 * GRID)
        top.setVerticalSpacing(GRID)
        top.addWidget(self.recipients.label, 0, 0)
        top.addWidget(self.recipients, 0, 1, 1, 4)
        top.addWidget(self.recipients.form, 1, 1, 1, 4)
        top.addWidget(QLabel(self.tr("Profile")), 2, 0)
        top.addWidget(self.profile, 2, 1)
        label = QLabel(self.tr("&Second column"))
        label.setBuddy(self.translation)
        top.addWidget(label, 2, 2)
        top.addWidget(self.translation, 2, 3)
        top.setColumnStretch(4, 1)
        self.page.addLayout(top)
        for words in (self.state, self.export_state):
            words.setWordWrap(True)
            words.setTextFormat(Qt.TextFormat.PlainText)
        self.state.setAccessibleName(self.tr("Whether it can be released"))
        self.export_state.setAccessibleName(self.tr("Whether it can be exported"))
        heading(self.state)
        self.page.addWidget(self.state)
        self.page.addWidget(self.export_state)
        self.page.addWidget(self.stop_table, stretch=3)
        self.page.addWidget(self.doubtful)
        buttons = QHBoxLayout()
        buttons.addWidget(self.release_button)
        buttons.addWidget(self.export_button)
        buttons.addStretch(1)
        self.page.addLayout(buttons)
        self.page.addWidget(self.done)
        self.page.addWidget(self.past, stretch=2)
        self.page.addStretch(0)
        self.stop_table.hide()
        self.doubtful.hide()

    def _stop_columns(self) -> list[Column[StopLine]]:
        return [
            Column(self.tr("Stops"), self._stopped, ground=self._ground),
            Column(self.tr("Where"), lambda line: line.stop.place),
            Column(self.tr("What"), lambda line: line.stop.what),
            Column(self.tr("Who can mend it"), lambda line: line.stop.who),
        ]

    def _stopped(self, line: StopLine) -> str:
        if line.stops_release and line.stops_export:
            return self.tr("(!) both")
        return self.tr("(!) release") if line.stops_release else self.tr("(!) export")

    def _ground(self, _line: StopLine) -> str:
        return COLOURS[self.context.preferences().look].pending

    # --- showing -------------------------------------------------------------------------------

    def open(self, interview: InterviewRef | None) -> None:
        """Read everything anew: what stops it was perhaps mended on another screen."""
        is_other = self.interview is None or interview is None or self.interview.id != interview.id
        super().open(interview)
        if is_other:
            self._wanted = Wanted()
            self._view = None
            self.done.hide()
        self._forget()
        self._show()
        self.refresh()

    def leave(self) -> None:
        """Forget what the last leak check found: its numbers hold for what was there then."""
        self._forget()

    def _forget(self) -> None:
        self._found = self._refused = ()

    def refresh(self) -> None:
        """Read the page again for what is chosen now."""
        interview = self.interview
        if interview is not None:
            wanted = self._wanted
            self.context.desk.ask(
                self, lambda vault: read(vault, interview.id, wanted), self._on_read, key="read"
            )

    def _on_read(self, view: LeavingView) -> None:
        if self.interview is None or view.interview != self.interview.id:
            return
        is_first = self._view is None
        self._view = view
        self.recipients.show_recipients(view.recipients, view.recipient)
        choices = [("", self.tr("none"))]
        choices += [(lang, language_name(lang)) for lang in view.translations]
        fill(self.translation, choices)
        self.translation.setCurrentIndex(max(0, self.translation.findData(view.translation)))
        self.past.show_issued(view.issued)
        self._show()
        if is_first:
            self._focus()

    def _show(self) -> None:
        view = self._view
        lines: list[StopLine] = []
        if view is not None:
            found = [stop for stop in self._found if not stop.word]
            out = [*view.export_stops, *self._refused]
            lines = stop_lines([*view.release_stops, *found], out)
        doubtful = [stop for stop in self._found if stop.word]
        self.stops.set_rows(lines)
        self.stop_table.setVisible(bool(lines))
        if doubtful != self._doubts:
            self.doubtful.set_stops(doubtful)
            self._doubts = doubtful
        self.doubtful.setVisible(bool(doubtful))
        self.state.setText(self._release_words(lines, len(doubtful)))
        self.export_state.setText(self._export_words())
        self.export_state.setVisible(bool(self.export_state.text()))
        self._offer()

    def _release_words(self, lines: Sequence[StopLine], doubtful: int) -> str:
        if self._view is None:
            return self.tr("Reading.")
        if self._view.recipient is None:
            return self.tr("Who will get it? A cleared member enters a recipient.")
        if doubtful:
            return self.tr(
                "Nothing was released. Near spellings to judge: {count}. Tick what is somebody or "
                "something else, one place at a time, then release again."
            ).format(count=doubtful)
        stops = sum(line.stops_release for line in lines)
        if stops:
            return self.tr("What stops a release ({count}):").format(count=stops)
        if not self.context.who.is_cleared:
            return self.tr("Nothing stops a release; a cleared member makes it.")
        return self.tr("Nothing stops a release.")

    def _export_words(self) -> str:
        view = self._view
        if view is None or view.recipient is None:
            return ""
        if view.newest is None:
            return self.tr("Nothing was released for this recipient yet.")
        words = self.tr("Statement {number}, version {version}, released {day}").format(
            number=view.newest.statement, version=view.newest.version, day=view.newest.day
        )
        if view.newest.translation:
            words += self.tr(", with {language}").format(
                language=language_name(view.newest.translation)
            )
        if view.export_stops:
            return words + self.tr(": cannot be exported as it stands.")
        return words + self.tr(": can be exported.")

    def _offer(self) -> None:
        """Grey out what would be refused; make the step that comes next the primary one."""
        view = self._view
        has_recipient = view is not None and view.recipient is not None
        is_clean = has_recipient and view is not None and not view.release_stops
        may_export = (
            has_recipient and view is not None and view.newest is not None and not view.export_stops
        )
        self.release_button.setEnabled(bool(is_clean and self.context.who.is_cleared))
        self.export_button.setEnabled(bool(may_export))
        _emphasise(self.export_button, is_on=bool(may_export) and not self._found)
        _emphasise(self.release_button, is_on=not may_export or bool(self._found))

    def _focus(self) -> None:
        """Put the keyboard where the next step is."""
        for widget in (self.export_button, self.release_button, self.stop_table):
            if widget.isEnabled() and widget.isVisible():
                widget.setFocus()
                self.stop_table.go_to(0)
                return
        self.recipients.setFocus()

    def _on_job(self, state: object) -> None:
        if state is None and self.isVisible():
            self.refresh()

    # --- choosing ------------------------------------------------------------------------------

    def _on_recipient(self, recipient: str) -> None:
        self._choose(Wanted(recipient, self._wanted.translation))

    def _on_translation(self) -> None:
        recipient = self._view.recipient.id if self._view and self._view.recipient else None
        self._choose(Wanted(recipient, str(self.translation.currentData())))

    def _choose(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._forget()
        self.done.hide()
        self.refresh()

    def _on_stop(self, row: int) -> None:
        self._go(self.stops.row(row).stop)

    def _on_doubt(self) -> None:
        if self._doubts:
            self._go(self._doubts[0])

    def _go(self, stop: Stop) -> None:
        place = mended_at(stop)
        if place is not None:
            self.context.go(place, None)
        else:
            is_ready = self.export_button.isEnabled()
            (self.export_button if is_ready else self.release_button).setFocus()

    # --- releasing and exporting ---------------------------------------------------------------

    def _on_release(self) -> None:
        chosen = self._chosen()
        if chosen is None:
            return
        interview, recipient, translation = chosen
        judged = self.doubtful.ticked() if self._found else ()
        self.release_button.setEnabled(False)
        self.done.hide()
        self.context.jobs.start(
            self,
            self.tr("Releasing a statement"),
            lambda vault, _token, _report: release(
                vault,
                interview,
                recipient,
                profile=PROFILE,
                translation=translation,
                not_this_person=judged,
            ),
            lambda made: self._on_released(interview, made),
            failed=lambda error: self._on_stopped(interview, recipient, error, is_release=True),
        )

    def _chosen(self) -> tuple[InterviewId, Recipient, str] | None:
        view = self._view
        if view is None or view.recipient is None:
            return None
        return view.interview, view.recipient, view.translation

    def _on_released(self, interview: InterviewId, made: Released) -> None:
        self._forget()
        if self.interview is None or self.interview.id != interview:
            self.context.notices.say(self.tr("The statement was released."))
            return
        self.done.show_released(made)
        self.refresh()

    def _on_stopped(
        self, interview: InterviewId, recipient: Recipient, error: Exception, *, is_release: bool
    ) -> None:
        """List what the gate found; whatever else went wrong is said above the screen."""
        view = self._view
        is_here = (
            self.isVisible()
            and view is not None
            and view.interview == interview
            and view.recipient == recipient
        )
        if isinstance(error, EgressStoppedError) and is_here:
            # Only a release takes judgements; what stops an export is mended, never ticked.
            self._found = error.stops if is_release else ()
            self._refused = () if is_release else error.stops
            self._show()
            (self.doubtful if self.doubtful.isVisible() else self.stop_table).setFocus()
        else:
            self.context.notices.refuse(error)
        self._offer()

    def _on_export(self) -> None:
        chosen = self._chosen()
        if chosen is None:
            return
        interview, recipient, _ = chosen
        self.context.chooser.new_file(
            self,
            self.tr("Export the statement"),
            _SUGGESTED,
            lambda target: self._export(interview, recipient, target),
        )

    def _export(self, interview: InterviewId, recipient: Recipient, target: Path) -> None:
        self.export_button.setEnabled(False)
        self.done.hide()
        self.context.jobs.start(
            self,
            self.tr("Exporting a statement"),
            lambda vault, _token, _report: export(vault, interview, recipient, target),
            lambda written: self._on_written(interview, written),
            failed=lambda error: self._on_stopped(interview, recipient, error, is_release=False),
        )

    def _on_written(self, interview: InterviewId, written: Written) -> None:
        self._forget()
        if self.interview is None or self.interview.id != interview:
            self.context.notices.say(self.tr("The statement was exported."))
            return
        self.done.show_written(written)
        self.refresh()


def _emphasise(button: QPushButton, *, is_on: bool) -> None:
    """Make a button the primary one of the screen, or not; the style sheet has to be asked anew."""
    wanted = "primary" if is_on else ""
    if button.property("kind") != wanted:
        button.setProperty("kind", wanted)
        button.setDefault(is_on)
        button.style().unpolish(button)
        button.style().polish(button)
