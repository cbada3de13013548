"""Creating a vault (S1): what it is, where, under which passphrase, and what cannot be undone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
    QWizard,
    QWizardPage,
)

from intake import opening
from intake.opening.cards import open_card_file
from intake.opening.recovering import new_shares
from ui.messages import sentence
from ui.theme import GRID
from ui.widgets.new_passphrase import NewPassphrase
from ui.widgets.share_sheets import ShareSheets

if TYPE_CHECKING:
    from intake.opening.cards import OpenedCard
    from intake.opening.recovering import NewShares
    from ui.context import Chooser
    from ui.desk import Desk

_JUDGE_AFTER_MS: Final = 300
_SUFFIX: Final = ".vault"


class _AboutPage(QWizardPage):
    """What a vault is, who its first member will be, and the organisation's card, if any."""

    def __init__(self, desk: Desk, chooser: Chooser) -> None:
        super().__init__()
        self._desk = desk
        self._chooser = chooser
        self.card: OpenedCard | None = None
        self.setTitle(self.tr("Create a vault"))
        self.take = QPushButton(self.tr("I have an organisation card..."))
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setAccessibleName(self.tr("The organisation card"))
        column = QVBoxLayout(self)
        column.setSpacing(2 * GRID)
        for words in (
            self.tr(
                "A vault is one folder. Everything you record, type or import is stored encrypted "
                "in it, on this computer only. Intake never uses a network."
            ),
            self.tr(
                "You become its first member: interviewer and custodian, cleared to see names. "
                "Translators and lawyers are admitted later, each under a passphrase of their own."
            ),
            self.tr(
                "It can be seen that Intake is on this computer and that a vault is there. "
                "What is in it cannot be read without a passphrase."
            ),
        ):
            label = QLabel(words)
            label.setWordWrap(True)
            column.addWidget(label)
        column.addLayout(_beside(self.take))
        column.addWidget(self.said)
        column.addStretch(1)
        self.take.clicked.connect(self._on_take)

    def _on_take(self) -> None:
        self._chooser.open_file(
            self,
            self.tr("The organisation's card"),
            self.tr("Cards (*.card *.json);;All files (*)"),
            lambda path: self._desk.run(
                self, lambda: open_card_file(path), self._on_card, failed=self._on_refused
            ),
        )

    def _on_card(self, card: OpenedCard) -> None:
        self.card = card
        self.said.setText(
            self.tr(
                "Card of {name}. Its six words: {words}. Have them read to you by somebody of the "
                "organisation whose voice you know; if one differs, do not use this card."
            ).format(name=card.card.organisation, words=" ".join(card.words))
        )

    def _on_refused(self, error: Exception) -> None:
        self.card = None
        self.said.setText(sentence(error))


class _PassphrasePage(QWizardPage):
    """Where the vault lies, and its passphrase, typed twice."""

    def __init__(self, desk: Desk, chooser: Chooser) -> None:
        super().__init__()
        self._chooser = chooser
        self.setTitle(self.tr("Folder and passphrase"))
        self.folder = QLineEdit(str(Path.home() / f"north{_SUFFIX}"))
        self.folder.setAccessibleName(self.tr("Folder of the new vault"))
        self.choose = QPushButton(self.tr("Choose..."))
        self.typed = NewPassphrase(desk, label=self.tr("&Passphrase"))
        self.first, self.second = self.typed.first, self.typed.second
        self.strength = self.typed.strength
        where = QLabel(self.tr("F&older"))
        where.setBuddy(self.folder)
        self.typed.form.insertRow(0, where, _beside(self.folder, self.choose))
        words = QLabel(
            self.tr(
                "Choose six words or more that belong together for nobody else. Whoever has this "
                "folder and time can only try passphrases: length is what stops them."
            )
        )
        words.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setSpacing(2 * GRID)
        column.addWidget(self.typed)
        column.addWidget(words)
        column.addStretch(1)
        self.choose.clicked.connect(self._on_choose)
        self.folder.textChanged.connect(self.completeChanged)
        self.typed.changed.connect(self.completeChanged)

    def isComplete(self) -> bool:
        """Go on once a folder is named and both passphrases are the same."""
        return bool(self.folder.text().strip()) and self.typed.is_complete

    @property
    def path(self) -> Path:
        """The folder as typed, with the ending that marks a vault."""
        typed = Path(self.folder.text().strip()).expanduser()
        return typed if typed.suffix == _SUFFIX else typed.with_name(typed.name + _SUFFIX)

    def _on_choose(self) -> None:
        self._chooser.folder(
            self,
            self.tr("Where the vault's folder should stand"),
            lambda chosen: self.folder.setText(str(chosen / self.path.name)),
        )


class _LossPage(QWizardPage):
    """What happens if the passphrase is lost: sheets of paper, or nothing. Then it is made."""

    def __init__(self) -> None:
        super().__init__()
        self.setTitle(self.tr("If the passphrase is lost"))
        self.setCommitPage(True)
        self.setButtonText(QWizard.WizardButton.CommitButton, self.tr("Create the vault"))
        self._without_card = self.tr(
            "(!) Nobody can reset this passphrase. Recovery sheets are the way back: three "
            "sheets of paper, of which any two together open the vault. Whoever holds two can "
            "read everything, so they go to different people whom you trust."
        )
        self.words = QLabel(self._without_card)
        self.words.setWordWrap(True)
        self.sheets = QRadioButton(self.tr("Make three recovery sheets; any two open the vault"))
        self.sheets.setChecked(True)
        self.none = QRadioButton(
            self.tr("No recovery: if the passphrase is lost, the interviews are lost")
        )
        self.wait = QProgressBar()
        self.wait.setRange(0, 0)
        self.wait.setTextVisible(False)
        self.wait.setAccessibleName(self.tr("Creating"))
        self.wait.hide()
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.said.setAccessibleName(self.tr("What happened"))
        column = QVBoxLayout(self)
        column.setSpacing(2 * GRID)
        for widget in (self.words, self.sheets, self.none, self.wait, self.said):
            column.addWidget(widget)
        column.addStretch(1)

    def isComplete(self) -> bool:
        """Go on while nothing is being made."""
        return self.wait.isHidden()

    def show_card(self, card: OpenedCard | None) -> None:
        """Leave recovery to the organisation where its card says so."""
        by_card = card is not None and card.card.recovery is not None
        self.sheets.setVisible(not by_card)
        self.none.setVisible(not by_card)
        if by_card and card is not None:
            self.words.setText(
                self.tr(
                    "(!) Nobody here can reset this passphrase. {name} can give you new keys: its "
                    "card names the recovery keys that it holds, and they open this vault too."
                ).format(name=card.card.organisation)
            )
        else:
            self.words.setText(self._without_card)

    def busy(self, *, is_busy: bool, words: str = "") -> None:
        """Show that the vault is being made, or why it was not."""
        self.wait.setVisible(is_busy)
        self.sheets.setEnabled(not is_busy)
        self.none.setEnabled(not is_busy)
        self.said.setText(words)
        self.completeChanged.emit()


class _PaperPage(QWizardPage):
    """The sheets, to be copied; or that there are none."""

    def __init__(self) -> None:
        super().__init__()
        self.setTitle(self.tr("The vault was created"))
        self.sheets = ShareSheets()
        self.none = QLabel()
        self.none.setWordWrap(True)
        column = QVBoxLayout(self)
        column.addWidget(self.sheets)
        column.addWidget(self.none)
        self.sheets.changed.connect(self.completeChanged)

    def show_made(self, made: NewShares | None, card: OpenedCard | None) -> None:
        """Show the sheets of a new vault, or where its recovery lies."""
        by_card = card is not None and card.card.recovery is not None
        self.none.setText(
            self.tr("Recovery lies with your organisation. Its card is kept in the vault.")
            if by_card
            else self.tr(
                "There is no recovery. Write the passphrase on paper, and keep the paper where "
                "this laptop is not. Recovery sheets can be made later, in Settings."
            )
        )
        self.sheets.setVisible(made is not None)
        self.none.setVisible(made is None)
        if made is not None:
            self.sheets.show_shares(made)

    def isComplete(self) -> bool:
        """Go on once every sheet is on paper."""
        return self.sheets.isHidden() or self.sheets.is_done


class CreateWizard(QWizard):
    """Makes a vault and opens it. `created` carries the folder and the open vault."""

    created = Signal(object, object)

    def __init__(self, desk: Desk, chooser: Chooser, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._vault: opening.Vault | None = None
        self.setWindowTitle("Intake")
        self.setWizardStyle(QWizard.WizardStyle.ClassicStyle)
        self.setOption(QWizard.WizardOption.NoBackButtonOnStartPage)
        self.about = _AboutPage(desk, chooser)
        self.passphrase = _PassphrasePage(desk, chooser)
        self.loss = _LossPage()
        self.paper = _PaperPage()
        pages = (self.about, self.passphrase, self.loss, self.paper)
        for number, page in enumerate(pages, 1):
            page.setSubTitle(
                self.tr("Step {number} of {count}").format(number=number, count=len(pages))
            )
            self.addPage(page)
        self.setButtonText(QWizard.WizardButton.NextButton, self.tr("Continue"))
        self.setButtonText(QWizard.WizardButton.BackButton, self.tr("Back"))
        self.setButtonText(QWizard.WizardButton.FinishButton, self.tr("Open the vault"))
        self.setButtonText(QWizard.WizardButton.CancelButton, self.tr("Cancel"))
        self.setMinimumSize(680, 560)

    def initializePage(self, page: int) -> None:
        """Say on the page about loss what the card says."""
        super().initializePage(page)
        if self.page(page) is self.loss:
            self.loss.show_card(self.about.card)

    def validateCurrentPage(self) -> bool:
        """Make the vault before the last page; stay, with the sentence, where that is refused."""
        if self.currentPage() is not self.loss or self._vault is not None:
            return super().validateCurrentPage()
        if not self.loss.isComplete():
            return False
        path, words = self.passphrase.path, self.passphrase.first.text()
        with_sheets, card = self.loss.sheets.isChecked(), self.about.card
        self.loss.busy(is_busy=True, words=self.tr("Creating takes about four seconds."))
        self.button(QWizard.WizardButton.BackButton).setEnabled(False)
        self._desk.run(
            self,
            lambda: _create(path, words, card, with_sheets=with_sheets),
            self._on_made,
            failed=self._on_refused,
        )
        return False

    def _on_made(self, made: tuple[opening.Vault, NewShares | None]) -> None:
        self._vault, shares = made
        self.passphrase.typed.forget()
        self.loss.busy(is_busy=False)
        self.paper.show_made(shares, self.about.card)
        self.setOption(QWizard.WizardOption.NoCancelButton)  # what was made is there
        self.next()

    def accept(self) -> None:
        """Go into the new vault."""
        super().accept()
        self._go_in()

    def reject(self) -> None:
        """Leave: before the vault was made nothing is there; afterwards it opens all the same.

        Not in the middle, and not before every sheet is on paper: they are shown once.
        """
        if self.loss.isComplete() and (self._vault is None or self.paper.isComplete()):
            super().reject()
            self._go_in()

    def _go_in(self) -> None:
        vault, self._vault = self._vault, None
        self.paper.sheets.forget()
        if vault is not None:
            self.created.emit(self.passphrase.path, vault)

    def _on_refused(self, error: Exception) -> None:
        self.loss.busy(is_busy=False, words=sentence(error))
        self.button(QWizard.WizardButton.BackButton).setEnabled(True)


def _create(
    path: Path, words: str, card: OpenedCard | None, *, with_sheets: bool
) -> tuple[opening.Vault, NewShares | None]:
    passphrase = opening.passphrase_from(words)
    by_card = card is not None and card.card.recovery is not None
    made = new_shares() if with_sheets and not by_card else None
    member = opening.create_vault(
        path,
        passphrase,
        recovery=None if made is None else made.source,
        card=card,
        no_recovery=not (with_sheets or by_card),
    )
    return opening.unlock(path, member, passphrase), made


def _beside(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    for number, widget in enumerate(widgets):
        row.addWidget(widget, stretch=1 if number == 0 else 0)
    return row
