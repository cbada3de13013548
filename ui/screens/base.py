"""What the window expects of a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.theme import GRID

if TYPE_CHECKING:
    from ui.context import Context, InterviewRef


class Screen(QWidget):
    """One page of the window.

    The window calls `open` each time the screen comes to the front, `leave` when it goes (also
    before locking) and `silence` when nothing may be heard any more. All three return at once; what
    they need from the vault they ask of the desk.
    """

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.interview: InterviewRef | None = None
        self.page = QVBoxLayout(self)
        self.page.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        self.page.setSpacing(GRID)

    def open(self, interview: InterviewRef | None) -> None:
        """Come to the front for this interview (None on screens of the whole matter)."""
        self.interview = interview

    def refresh(self) -> None:
        """Read again what is shown: something came in meanwhile."""

    def leave(self) -> None:
        """Go to the back: hand everything that was typed to the desk, now."""

    def silence(self) -> None:
        """Stop all sound and let go of it."""
