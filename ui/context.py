"""What every screen is given, and where one can go. Only `ui/window.py` makes these."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QCoreApplication

from ui.marking import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from intake.capture.interviews import InterviewId
    from intake.opening import MemberId
    from ui.capturing import Capture
    from ui.desk import Desk, Jobs
    from ui.keys import Keys
    from ui.preferences import Preferences


class Place(Enum):
    """The screens, in the order of the rail; those of one interview come after the witnesses."""

    WITNESSES = QT_TRANSLATE_NOOP("places", "Witnesses")
    INTERVIEW = QT_TRANSLATE_NOOP("places", "Interview")
    RECORDING = QT_TRANSLATE_NOOP("places", "Recording")
    TRANSCRIPT = QT_TRANSLATE_NOOP("places", "Transcript")
    REVIEW = QT_TRANSLATE_NOOP("places", "Review")
    TRANSLATION = QT_TRANSLATE_NOOP("places", "Translation")
    EXPORT = QT_TRANSLATE_NOOP("places", "Export")
    NAMES = QT_TRANSLATE_NOOP("places", "Names")
    CUSTODY = QT_TRANSLATE_NOOP("places", "Custody")
    SETTINGS = QT_TRANSLATE_NOOP("places", "Settings")

    @property
    def words(self) -> str:
        """What the rail calls it, in the language of the window."""
        return QCoreApplication.translate("places", self.value)

    @property
    def is_of_interview(self) -> bool:
        """Whether it shows one interview, and needs one to be open."""
        return self in _OF_INTERVIEW


_OF_INTERVIEW = frozenset(
    {
        Place.INTERVIEW,
        Place.RECORDING,
        Place.TRANSCRIPT,
        Place.REVIEW,
        Place.TRANSLATION,
        Place.EXPORT,
    }
)


@dataclass(frozen=True, slots=True)
class InterviewRef:
    """The interview that is open in the window: its id, and the code that the top bar shows."""

    id: InterviewId
    code: str


@dataclass(frozen=True, slots=True)
class Who:
    """The member at the keyboard, as the signed key record says."""

    id: MemberId
    roles: frozenset[str]
    is_cleared: bool


class Chooser(Protocol):
    """Asks for a place on the disk without waiting; `then` gets it, and is not called on cancel."""

    def open_file(
        self, parent: QWidget, title: str, patterns: str, then: Callable[[Path], object]
    ) -> None:
        """Ask for one existing file."""

    def new_file(
        self, parent: QWidget, title: str, suggested: str, then: Callable[[Path], object]
    ) -> None:
        """Ask for a file that does not exist yet."""

    def folder(self, parent: QWidget, title: str, then: Callable[[Path], object]) -> None:
        """Ask for an existing folder."""


class Notices(Protocol):
    """Where a sentence for the person is shown: above the screen, never in a box that blocks."""

    def say(self, words: str) -> None:
        """Show that something was done."""

    def refuse(self, error: Exception) -> None:
        """Show the sentence of an error; it stays until it is put away."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a screen may use. `go(place, interview)` opens a screen; None keeps the interview."""

    desk: Desk
    jobs: Jobs
    capture: Capture
    keys: Keys
    who: Who
    notices: Notices
    chooser: Chooser
    go: Callable[[Place, InterviewRef | None], None]
    preferences: Callable[[], Preferences]
    prefer: Callable[[Preferences], None]
    """Takes, applies and keeps new preferences."""
    lock_departed: Callable[[], None]
    """Locks a window whose vault was closed already: its keys went travelling."""
    saved: Callable[[], None]
    """Says in the status bar that everything typed is on the disk."""
