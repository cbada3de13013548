"""Settings (S10): look, keys, speech models, the people of this vault, and where it lies.

What is set here counts at once. It is kept on this computer and names nothing of any matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QSpinBox,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from ui.preferences import LOCK_MINUTES
from ui.screens.base import Screen
from ui.theme import GRID, LARGEST_TEXT_PT, SMALLEST_TEXT_PT, Look
from ui.widgets.computer_page import ComputerPage
from ui.widgets.key_table import KeysPage
from ui.widgets.own_passphrase import OwnPassphrase
from ui.widgets.own_voice import OwnVoice
from ui.widgets.people import PeoplePage
from ui.widgets.speech_models import ModelsPage
from ui.widgets.vault_page import VaultPage

if TYPE_CHECKING:
    from ui.context import Context, InterviewRef

_SHOWN: Final = 8
_MS: Final = 1000
_LONGEST_REWIND_S: Final = 10.0


class SettingsScreen(Screen):
    """One page for each thing to set."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.look = LookPage(context)
        self.keys = KeysPage(context)
        self.models = ModelsPage(context)
        self.people = PeoplePage(context)
        self.own = OwnPassphrase(context)
        self.voice = OwnVoice(context)
        self.vault = VaultPage(context)
        self.computer = ComputerPage(context)
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName(self.tr("Settings"))
        self.tabs.setDocumentMode(True)
        for page, title in (
            (self.look, self.tr("Look and sound")),
            (self.keys, self.tr("Keys")),
            (self.models, self.tr("Speech models")),
            (self.people, self.tr("People")),
            (self.own, self.tr("Your passphrase")),
            (self.voice, self.tr("Your voice")),
            (self.vault, self.tr("This vault")),
            (self.computer, self.tr("This computer")),
        ):
            self.tabs.addTab(page, title)
        self.page.addWidget(self.tabs)

    def open(self, interview: InterviewRef | None) -> None:
        """Read everything anew."""
        super().open(interview)
        self.look.refresh()
        self.keys.refresh()
        self.models.refresh()
        self.people.refresh()
        self.voice.refresh()
        self.vault.refresh()
        self.computer.refresh()

    def leave(self) -> None:
        """Let go of a passphrase that was typed and not used; everything else counts already."""
        self.people.forget()
        self.own.forget()
        self.voice.stop()


class LookPage(QWidget):
    """How the window looks, when it locks, and how far the sound goes back."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.looks = {
            Look.LIGHT: QRadioButton(self.tr("light")),
            Look.DARK: QRadioButton(self.tr("dark")),
            Look.CONTRAST: QRadioButton(self.tr("high contrast")),
        }
        self._group = QButtonGroup(self)
        self.text_size = QSpinBox()
        self.text_size.setRange(SMALLEST_TEXT_PT, LARGEST_TEXT_PT)
        self.text_size.setSuffix(self.tr(" pt"))
        self.text_size.setKeyboardTracking(False)
        self.lock_after = QComboBox()
        for minutes in LOCK_MINUTES:
            self.lock_after.addItem(self.tr("{count} min").format(count=minutes), minutes)
        self.rewind = QDoubleSpinBox()
        self.rewind.setRange(0.0, _LONGEST_REWIND_S)
        self.rewind.setSingleStep(0.5)
        self.rewind.setDecimals(1)
        self.rewind.setSuffix(self.tr(" s"))
        self.rewind.setKeyboardTracking(False)
        self.language = QComboBox()
        self.language.addItem("English", "en")
        self._lay_out()
        for look, button in self.looks.items():
            button.clicked.connect(lambda _=False, look=look: self._prefer(look=look))
        self.text_size.valueChanged.connect(lambda points: self._prefer(text_pt=points))
        self.lock_after.activated.connect(
            lambda _: self._prefer(lock_after_min=self.lock_after.currentData())
        )
        self.rewind.valueChanged.connect(
            lambda seconds: self._prefer(rewind_ms=round(seconds * _MS))
        )

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        form = QFormLayout()
        form.setVerticalSpacing(2 * GRID)
        form.setHorizontalSpacing(2 * GRID)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        row = QHBoxLayout()
        row.setSpacing(2 * GRID)
        for button in self.looks.values():
            self._group.addButton(button)
            row.addWidget(button)
        row.addStretch(1)
        form.addRow(self.tr("Look"), row)
        form.addRow(self.tr("&Text size"), self.text_size)
        form.addRow(self.tr("&Lock when nobody touched it for"), self.lock_after)
        form.addRow(self.tr("Go back this far when the sound goes &on"), self.rewind)
        form.addRow(self.tr("Language of the &window"), self.language)
        column.addLayout(form)
        note = QLabel(
            self.tr(
                "There is no other language of the window yet. The languages of accounts and "
                "translations do not depend on it."
            )
        )
        note.setWordWrap(True)
        column.addWidget(note)
        column.addStretch(1)

    def refresh(self) -> None:
        """Show what is set now."""
        preferences = self._context.preferences()
        self.looks[preferences.look].setChecked(True)
        self.text_size.setValue(preferences.text_pt)
        self.lock_after.setCurrentIndex(self.lock_after.findData(preferences.lock_after_min))
        self.rewind.setValue(preferences.rewind_ms / _MS)

    def _prefer(self, **changes: object) -> None:
        """Take what was set, unless it is what is set already (as while it is being shown)."""
        old = self._context.preferences()
        new = msgspec.structs.replace(old, **changes)
        if new != old:
            self._context.prefer(new)
