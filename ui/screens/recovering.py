"""When a passphrase is lost: recovery sheets, then new keys under a new passphrase.

The sheets are tried before anything is asked; trying them changes nothing, so that a rehearsal is
the first half of the real thing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
    QWizard,
    QWizardPage,
)

from intake import opening
from intake.opening.recovering import Gathering, Recovered, Rehearsed, recover, rehearse
from ui.messages import sentence
from ui.theme import GRID
from ui.widgets.new_passphrase import NewPassphrase

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtGui import QKeyEvent

    from ui.desk import Desk

_SHOWN = 8


class _Waiting(QWizardPage):
    """A page with a bar while something is done, and a line for what happened."""

    def __init__(self) -> None:
        super().__init__()
        self.wait = QProgressBar()
        self.wait.setRange(0, 0)
        self.wait.setTextVisible(False)
        self.wait.setAccessibleName(self.tr("Working"))
        self.wait.hide()
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setAccessibleName(self.tr("What happened"))

    def busy(self, *, is_busy: bool, words: str = "") -> None:
        """Show that something is done, or how it ended."""
        self.wait.setVisible(is_busy)
        self.said.setText(words)
        self.completeChanged.emit()


class _SheetsPage(_Waiting):
    """Takes the words of one sheet after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.gathered = Gathering()
        self.tried: Rehearsed | None = None
        self.setTitle(self.tr("Recovery sheets"))
        note = QLabel(
            self.tr(
                "Type the 33 words of one sheet, with a blank between them, then press Enter. Four "
                "letters of a word are enough. Trying the sheets changes nothing."
            )
        )
        note.setWordWrap(True)
        self.sheet = QLineEdit()
        self.sheet.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText
        )
        self.label = QLabel(self.tr("&Words of the sheet"))
        self.label.setBuddy(self.sheet)
        self.add = QPushButton(self.tr("Take this sheet"))
        self.count = QLabel()
        self.count.setAccessibleName(self.tr("How many sheets were taken"))
        row = QHBoxLayout()
        row.addWidget(self.sheet, stretch=1)
        row.addWidget(self.add)
        column = QVBoxLayout(self)
        column.setSpacing(2 * GRID)
        column.addWidget(note)
        column.addWidget(self.label)
        column.addLayout(row)
        for widget in (self.count, self.wait, self.said):
            column.addWidget(widget)
        column.addStretch(1)
        self.add.clicked.connect(self._on_add)
        self.show_count()

    def show_count(self) -> None:
        """Say how many sheets are there, and how many are needed."""
        taken = len(self.gathered.texts)
        needed = self.gathered.needed
        words = (
            self.tr("Sheets taken: {taken} of {needed}") if needed else self.tr("None taken yet")
        )
        self.count.setText(words.format(taken=taken, needed=needed))

    def isComplete(self) -> bool:
        """Go on once the sheets were tried and open this vault."""
        return self.tried is not None

    def _on_add(self) -> None:
        if not self.sheet.text().strip():
            return
        before = len(self.gathered.texts)
        try:
            self.gathered.add(self.sheet.text())
        except Exception as error:  # noqa: BLE001  # whatever it is, it is said here
            self.busy(is_busy=False, words=sentence(error))
        else:
            self.busy(is_busy=False)
        if len(self.gathered.texts) > before:  # a refused one stays, to be mended
            self.sheet.clear()
        self.show_count()
        if self.gathered.is_enough:
            self.sheet.setEnabled(False)
            self.add.setEnabled(False)
            self.enough.emit()

    enough = Signal()


class _KeysPage(_Waiting):
    """Who gets new keys, and their new passphrase."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setTitle(self.tr("New keys"))
        self.setCommitPage(True)
        self.setButtonText(QWizard.WizardButton.CommitButton, self.tr("Give new keys"))
        note = QLabel(
            self.tr(
                "The member gets new keys under a new passphrase, with the same roles. Their old "
                "passphrase will open this vault no more; older copies of the folder it still does."
            )
        )
        note.setWordWrap(True)
        self.member = QComboBox()
        self.member.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        label = QLabel(self.tr("&Member who gets new keys"))
        label.setBuddy(self.member)
        self.passphrase = NewPassphrase(desk, label=self.tr("New &passphrase"))
        form = QFormLayout()
        form.addRow(label, self.member)
        column = QVBoxLayout(self)
        column.setSpacing(2 * GRID)
        column.addWidget(note)
        column.addLayout(form)
        for widget in (self.passphrase, self.wait, self.said):
            column.addWidget(widget)
        column.addStretch(1)
        self.passphrase.changed.connect(self.completeChanged)

    def isComplete(self) -> bool:
        """Go on once a passphrase was typed twice."""
        return self.passphrase.is_complete and self.wait.isHidden()


class _DonePage(QWizardPage):
    """What to do next."""

    def __init__(self) -> None:
        super().__init__()
        self.setTitle(self.tr("New keys were given"))
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        QVBoxLayout(self).addWidget(self.said)

    def show_recovered(self, found: Recovered) -> None:
        """Say who the member is now."""
        self.said.setText(
            self.tr(
                "Member {was} is now member {member}. Unlock with the new passphrase, verify the "
                "vault in Custody, and make new recovery sheets in Settings: these were typed on "
                "this computer."
            ).format(was=found.was[:_SHOWN], member=found.member[:_SHOWN])
        )


def open_recovering(
    desk: Desk, path: Path, parent: QWidget, *, then: Callable[[Path], object]
) -> None:
    """Open the wizard over the lock page; `then` gets the folder once new keys were given."""
    wizard = RecoverWizard(desk, path, parent)
    wizard.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    wizard.recovered.connect(then)
    wizard.open()


class RecoverWizard(QWizard):
    """Gives a member new keys by recovery sheets. `recovered` carries the vault's folder."""

    recovered = Signal(object)

    def __init__(self, desk: Desk, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._path = path
        self._is_done = False
        self.setWindowTitle("Intake")
        self.setWizardStyle(QWizard.WizardStyle.ClassicStyle)
        self.setOption(QWizard.WizardOption.NoBackButtonOnStartPage)
        self.setOption(QWizard.WizardOption.NoDefaultButton)  # Enter takes a sheet
        self.sheets = _SheetsPage()
        self.keys = _KeysPage(desk)
        self.done_page = _DonePage()
        pages = (self.sheets, self.keys, self.done_page)
        for number, page in enumerate(pages, 1):
            page.setSubTitle(
                self.tr("Step {number} of {count}").format(number=number, count=len(pages))
            )
            self.addPage(page)
        self.setButtonText(QWizard.WizardButton.NextButton, self.tr("Continue"))
        self.setButtonText(QWizard.WizardButton.BackButton, self.tr("Back"))
        self.setButtonText(QWizard.WizardButton.FinishButton, self.tr("To the lock page"))
        self.setButtonText(QWizard.WizardButton.CancelButton, self.tr("Cancel"))
        self.setMinimumSize(680, 480)
        self.sheets.enough.connect(self._on_enough)
        self.sheets.sheet.returnPressed.connect(self.sheets.add.click)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Enter take a sheet and press no button: it would leave with the last sheet."""
        is_enter = event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
        if not (is_enter and self.currentPage() is self.sheets):
            super().keyPressEvent(event)

    def _on_enough(self) -> None:
        texts = list(self.sheets.gathered.texts)
        self.sheets.busy(is_busy=True, words=self.tr("Trying the sheets on this vault."))
        self._desk.run(
            self, lambda: rehearse(self._path, texts), self._on_tried, failed=self._on_not_opened
        )

    def _on_tried(self, found: Rehearsed) -> None:
        self.sheets.tried = found
        self.keys.member.clear()
        for member in found.members:
            self.keys.member.addItem(member, member)
        words = self.tr("These sheets open this vault. Nothing was changed.")
        self.sheets.busy(is_busy=False, words=" ".join([*found.bad, words]))

    def _on_not_opened(self, error: Exception) -> None:
        self._begin_again()
        self.sheets.busy(is_busy=False, words=sentence(error))

    def _begin_again(self) -> None:
        self.sheets.gathered = Gathering()
        self.sheets.tried = None
        self.sheets.sheet.setEnabled(True)
        self.sheets.add.setEnabled(True)
        self.sheets.show_count()

    def validateCurrentPage(self) -> bool:
        """Give the new keys before the last page; stay where that is refused."""
        if self.currentPage() is not self.keys or self._is_done:
            return super().validateCurrentPage()
        if not self.keys.isComplete():
            return False
        texts = list(self.sheets.gathered.texts)
        wanted, words = str(self.keys.member.currentData()), self.keys.passphrase.words()
        self.keys.busy(is_busy=True, words=self.tr("This takes about two seconds."))
        self.button(QWizard.WizardButton.BackButton).setEnabled(False)
        self._desk.run(
            self,
            lambda: recover(self._path, texts, wanted, opening.passphrase_from(words)),
            self._on_recovered,
            failed=self._on_refused,
        )
        return False

    def _on_recovered(self, found: Recovered) -> None:
        self._is_done = True
        self.keys.passphrase.forget()
        self.sheets.gathered = Gathering()
        self.keys.busy(is_busy=False)
        self.done_page.show_recovered(found)
        self.setOption(QWizard.WizardOption.NoCancelButton)
        self.next()

    def _on_refused(self, error: Exception) -> None:
        self.keys.busy(is_busy=False, words=sentence(error))
        self.button(QWizard.WizardButton.BackButton).setEnabled(True)

    def accept(self) -> None:
        """Go back to the lock page."""
        super().accept()
        self.recovered.emit(self._path)

    def reject(self) -> None:
        """Leave, but not in the middle; what was typed goes."""
        if not self.keys.wait.isHidden():
            return
        self.sheets.gathered = Gathering()
        self.sheets.sheet.clear()
        self.keys.passphrase.forget()
        super().reject()
        if self._is_done:
            self.recovered.emit(self._path)
