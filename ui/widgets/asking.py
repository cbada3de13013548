"""A dialog that says what an act would do, takes what it needs, and shows how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from intake import opening
from ui.messages import sentence
from ui.screens.unlocking import PassphraseEdit
from ui.theme import GRID, primary

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.context import Context

_SHOWN: Final = 8


class SecondPerson(QWidget):
    """Who the second person is, and their own passphrase. `changed` = something was typed."""

    changed = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.member = QComboBox()
        self.member.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.passphrase = PassphraseEdit()
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        who = QLabel(self.tr("&Second person"))
        who.setBuddy(self.member)
        words = QLabel(self.tr("Their own &passphrase"))
        words.setBuddy(self.passphrase)
        form.addRow(who, self.member)
        form.addRow(words, self.passphrase)
        self.passphrase.textChanged.connect(self.changed)
        context.desk.ask(self, opening.list_members, self._on_members, key="members")

    def _on_members(self, members: list[opening.Member]) -> None:
        for member in members:
            if member.id != self._context.who.id and member.is_cleared:
                self.member.addItem(member.id[:_SHOWN], member.id)
        self.changed.emit()

    @property
    def is_complete(self) -> bool:
        """Whether somebody is named and typed something."""
        return self.member.currentIndex() >= 0 and bool(self.passphrase.text())

    def take(self) -> tuple[opening.MemberId, str]:
        """Return the member and what they typed; the field is empty then."""
        return opening.MemberId(str(self.member.currentData())), self.passphrase.take()


class AskDialog(QDialog):
    """Words, fields, one button that acts, one that leaves. Subclasses add fields to `column`."""

    def __init__(self, context: Context, parent: QWidget, *, act: str) -> None:
        super().__init__(parent)
        self.context = context
        self.setWindowTitle("Intake")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumSize(620, 440)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words.setAccessibleName(self.tr("What this does"))
        self.around = around = QScrollArea()
        around.setWidget(self.words)
        around.setWidgetResizable(True)
        around.setFrameShape(QFrame.Shape.NoFrame)
        self.wait = QProgressBar()
        self.wait.setRange(0, 0)
        self.wait.setTextVisible(False)
        self.wait.setAccessibleName(self.tr("Working"))
        self.wait.hide()
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setAccessibleName(self.tr("What happened"))
        self.act = QPushButton(act)
        primary(self.act)
        self.act.setAutoDefault(False)  # Enter in a field never destroys or removes anything
        self.away = QPushButton(self.tr("Close"))
        self.away.setAutoDefault(False)
        self.buttons = QHBoxLayout()
        self.buttons.addWidget(self.act)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.away)
        self.column = QVBoxLayout()
        self.column.setSpacing(GRID)
        whole = QVBoxLayout(self)
        whole.setSpacing(GRID)
        whole.addWidget(around, stretch=1)
        whole.addLayout(self.column)
        whole.addWidget(self.wait)
        whole.addWidget(self.said)
        whole.addLayout(self.buttons)
        self.act.clicked.connect(self.on_act)
        self.away.clicked.connect(self.reject)

    def on_act(self) -> None:
        """Do it."""

    def offer(self) -> None:
        """Enable the button if everything is there."""

    def run(
        self,
        title: str,
        work: Callable[[opening.Vault], object],
        then: Callable[[object], object],
    ) -> None:
        """Do the work as a job; stay open with the sentence where it is refused."""
        self._busy(is_busy=True, words="")
        self.context.jobs.start(
            self,
            title,
            lambda vault, _token, _report: work(vault),
            lambda result: self._on_done(result, then),
            failed=self._on_refused,
        )

    def _on_done(self, result: object, then: Callable[[object], object]) -> None:
        self._busy(is_busy=False, words="")
        then(result)

    def _on_refused(self, error: Exception) -> None:
        self._busy(is_busy=False, words=sentence(error))
        self.offer()

    def _busy(self, *, is_busy: bool, words: str) -> None:
        self.wait.setVisible(is_busy)
        self.act.setEnabled(not is_busy)
        self.away.setEnabled(not is_busy)
        self.said.setText(words)

    def reject(self) -> None:
        """Leave, but not in the middle."""
        if self.wait.isHidden():
            super().reject()
