"""The style of a transcript, and its certificate: chosen and shown for each interview."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QWidget

from intake.transcript.certificate import certificate_text
from intake.transcript.certifying import (
    STYLES,
    certificates,
    certify,
    choose_style,
    facts_of,
    style_of,
)
from ui.widgets.certificate import CertificateDialog

if TYPE_CHECKING:
    from intake.opening import Vault
    from intake.transcript.certifying import Certificate, InterviewId, Style
    from ui.context import Context


_LETTERS: Final = 16


@dataclass(frozen=True, slots=True)
class _Read:
    interview: InterviewId
    style: Style
    certificate: Certificate | None


class StyleBox(QWidget):
    """A list of styles, and a button that certifies; what stands in the way is said above."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._interview: InterviewId | None = None
        roles = context.who.roles
        self._may = context.who.is_cleared and bool(roles & {"interviewer", "translator"})
        self.style_list = QComboBox()
        self.style_list.setAccessibleName(self.tr("Style of this transcript"))
        strict, intelligent = STYLES
        self.style_list.addItem(self.tr("Strict verbatim"), strict)
        self.style_list.addItem(self.tr("Intelligent verbatim, not for evidence"), intelligent)
        self.style_list.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.style_list.setMinimumContentsLength(_LETTERS)
        self.certify = QPushButton(self.tr("Certify"))
        self.certify.setToolTip(
            self.tr("You answer for it: every segment was heard, and it is true and complete.")
        )
        self.read = QPushButton(self.tr("Certificate..."))
        self.read.setToolTip(self.tr("Read the last certificate, and save it for printing."))
        self.read.setEnabled(False)
        self.said = QLabel()
        self.said.setAccessibleName(self.tr("Certificate"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        label = QLabel(self.tr("St&yle"))
        label.setBuddy(self.style_list)
        for widget in (label, self.style_list, self.certify, self.said, self.read):
            row.addWidget(widget)
        self.style_list.setEnabled(self._may)
        self.certify.setEnabled(self._may)
        self.style_list.activated.connect(self._on_style)
        self.certify.clicked.connect(self._on_certify)
        self.read.clicked.connect(self._on_read)

    def open(self, interview: InterviewId) -> None:
        """Show the style of an interview's transcript."""
        if interview != self._interview:
            self._say(None)
        self._interview = interview
        self.refresh()

    def refresh(self) -> None:
        """Read style and certificate again."""
        wanted = self._interview
        if wanted is not None:
            self._context.desk.ask(self, lambda vault: _read(vault, wanted), self._show, key="read")

    def _show(self, read: _Read) -> None:
        if read.interview != self._interview:
            return
        self.style_list.setCurrentIndex(self.style_list.findData(read.style.name))
        self._say(read.certificate)

    def _say(self, made: Certificate | None) -> None:
        self.read.setEnabled(made is not None)
        if made is None:
            self.said.clear()
        elif made.is_current:
            self.said.setText(self.tr("certified {day}").format(day=made.day))
        else:
            self.said.setText(self.tr("(!) changed since {day}").format(day=made.day))

    def _on_style(self, at: int) -> None:
        wanted, style = self._interview, str(self.style_list.itemData(at))
        if wanted is None:
            return

        def work(vault: Vault) -> _Read:
            choose_style(vault, wanted, style)
            return _read(vault, wanted)

        self._context.desk.ask(self, work, self._kept, failed=self._refused)

    def _on_certify(self) -> None:
        wanted = self._interview
        if wanted is None:
            return

        def work(vault: Vault) -> _Read:
            certify(vault, wanted)
            return _read(vault, wanted)

        self._context.desk.ask(self, work, self._kept, failed=self._refused)

    def _on_read(self) -> None:
        wanted = self._interview
        if wanted is None:
            return

        def work(vault: Vault) -> tuple[Certificate, str]:
            made = certificates(vault, wanted)[0]
            return made, certificate_text(made, facts_of(vault, wanted))

        self._context.desk.ask(
            self,
            work,
            lambda found: CertificateDialog(self._context, *found, self).open(),
            failed=self._refused,
        )

    def _kept(self, read: _Read) -> None:
        self._context.saved()
        self._show(read)

    def _refused(self, error: Exception) -> None:
        self._context.notices.refuse(error)
        self.refresh()


def _read(vault: Vault, interview: InterviewId) -> _Read:
    made = certificates(vault, interview)
    return _Read(interview, style_of(vault, interview), made[0] if made else None)
