"""What the machine wrote, beside what people made of it: to read, never to change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from ui.theme import GRID
from ui.widgets.text import AccountEdit
from ui.wording import clock, flag_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.transcript.machine_words import MachineWords
    from ui.keys import Keys


class MachineBox(QWidget):
    """Shows raw output, with its marks and the engine that made it."""

    def __init__(self, keys: Keys, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = AccountEdit(keys)
        self.words.setReadOnly(True)
        self.words.setAccessibleName(self.tr("What the machine wrote"))
        self.facts = QLabel()
        self.facts.setWordWrap(True)
        self.facts.setAccessibleName(self.tr("How the machine wrote it"))
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addWidget(self.words, stretch=1)
        column.addWidget(self.facts)

    def show_nothing(self) -> None:
        """Show no segment's."""
        self.words.load("")
        self.facts.clear()

    def show_words(self, found: Sequence[MachineWords]) -> None:
        """Show the output of which a segment was made."""
        if not found:
            self.words.load("")
            self.facts.setText(self.tr("The machine wrote nothing here."))
            return
        self.words.load("\n".join(one.text for one in found))
        lines = []
        for one in found:
            said = [f"{clock(one.start_ms)}-{clock(one.end_ms)}", one.engine]
            said += [flag_words(flag) for flag in one.flags]
            if one.heard_language:
                said.append(self.tr("sounds like {language}").format(language=one.heard_language))
            lines.append(", ".join(said))
        self.facts.setText("\n".join(lines))
