"""The keys, each with what it does; another profile, and another key for one act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QKeySequenceEdit,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui.keys import PROFILES, Act, group_of, words_of
from ui.models.rows import Column, RowsModel
from ui.remapping import fitting, key_of, portable, refusal
from ui.theme import GRID
from ui.widgets.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ui.context import Context

_OURS: Final = "intake"


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One act with its key now, and whether a person chose it."""

    act: Act
    label: str
    is_own: bool


class KeysPage(QWidget):
    """Shows and changes the table of `context.keys`; every change counts at once."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.profile = QComboBox()
        for name in PROFILES:
            self.profile.addItem("Intake" if name == _OURS else name, name)
        self.all_back = QPushButton(self.tr("All keys as in this profile"))
        self.rows = RowsModel[KeyRow](self._columns(), lambda row: row.act.name)
        self.table = Table(self.rows, self.tr("Keys"), widths=(16, 0, 22, 16))
        self.label = QLabel()
        self.edit = QKeySequenceEdit()
        self.edit.setMaximumSequenceLength(1)
        self.edit.setAccessibleName(self.tr("Press the new key"))
        self.label.setBuddy(self.edit)
        self.back = QPushButton(self.tr("Back to its default"))
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.said.setAccessibleName(self.tr("What became of the key"))
        self._lay_out()
        self.profile.activated.connect(self._on_profile)
        self.all_back.clicked.connect(self._on_all_back)
        self.table.current_changed.connect(lambda _: self._on_row())
        self.table.opened.connect(lambda _: self.edit.setFocus())
        self.edit.editingFinished.connect(self._on_key)
        self.back.clicked.connect(self._on_back)
        context.keys.changed.connect(self.refresh)
        self.refresh()
        self.table.go_to(0)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setSpacing(GRID)
        top = QHBoxLayout()
        label = QLabel(self.tr("Keys as in"))
        label.setBuddy(self.profile)
        for widget in (label, self.profile, self.all_back):
            top.addWidget(widget)
        top.addStretch(1)
        column.addLayout(top)
        column.addWidget(self.table, stretch=1)
        grid = QGridLayout()
        grid.setHorizontalSpacing(GRID)
        grid.addWidget(self.label, 0, 0)
        grid.addWidget(self.edit, 0, 1)
        grid.addWidget(self.back, 0, 2)
        grid.setColumnStretch(1, 1)
        column.addLayout(grid)
        column.addWidget(self.said)

    def _columns(self) -> list[Column[KeyRow]]:
        return [
            Column(self.tr("Where"), lambda row: group_of(row.act)),
            Column(self.tr("What"), lambda row: words_of(row.act)),
            Column(self.tr("Key"), lambda row: row.label),
            Column("", lambda row: self.tr("your own") if row.is_own else ""),
        ]

    def refresh(self) -> None:
        """Show the keys that count now."""
        preferences, keys = self._context.preferences(), self._context.keys
        own = fitting(preferences.key_profile, preferences.keys)
        self.profile.setCurrentIndex(max(0, self.profile.findData(preferences.key_profile)))
        self.rows.set_rows([KeyRow(act, keys.label(act), act.name in own) for act in Act])
        self.all_back.setEnabled(bool(own))
        self._on_row()

    def _row(self) -> KeyRow | None:
        place = self.table.place
        return None if place is None else self.rows.row(place)

    def _on_row(self) -> None:
        row = self._row()
        if row is not None:
            words = self.tr("New key for “{act}”: press it here")
            self.label.setText(words.format(act=words_of(row.act)))
        self.edit.setEnabled(row is not None)
        self.back.setEnabled(row is not None and row.is_own)

    def _on_key(self) -> None:
        """Take the key that was pressed, or say why not."""
        row, key = self._row(), portable(self.edit.keySequence())
        if row is None or not key:
            return
        self.edit.clear()
        why = refusal(self._context.keys, row.act, key)
        if why:
            self.said.setText("(!) " + why)
            return
        preferences = self._context.preferences()
        own = {name: old for name, old in preferences.keys.items() if name != row.act.name}
        if key != portable(key_of(preferences.key_profile, row.act)):
            own[row.act.name] = key
        self._use(preferences.key_profile, own)
        self.said.setText(
            self.tr("“{act}” is now {key}.").format(
                act=words_of(row.act), key=self._context.keys.label(row.act)
            )
        )

    def _on_back(self) -> None:
        row, preferences = self._row(), self._context.preferences()
        if row is None:
            return
        why = refusal(self._context.keys, row.act, key_of(preferences.key_profile, row.act))
        if why:
            self.said.setText("(!) " + why)
            return
        own = {name: key for name, key in preferences.keys.items() if name != row.act.name}
        self._use(preferences.key_profile, own)
        self.said.clear()

    def _on_all_back(self) -> None:
        self._use(self._context.preferences().key_profile, {})
        self.said.clear()

    def _on_profile(self) -> None:
        """Take another profile; keys of one's own stay, but those that it has for other acts."""
        profile, own = str(self.profile.currentData()), self._context.preferences().keys
        kept = fitting(profile, own)
        self._use(profile, kept)
        lost = [words_of(act) for act in Act if act.name in own and act.name not in kept]
        self.said.setText(
            self.tr("This profile's keys count again for: {acts}.").format(acts=", ".join(lost))
            if lost
            else ""
        )

    def _use(self, profile: str, own: Mapping[str, str]) -> None:
        preferences = self._context.preferences()
        self._context.prefer(
            msgspec.structs.replace(preferences, key_profile=profile, keys=dict(own))
        )
        self.refresh()
