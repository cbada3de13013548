"""The interview screen in tests: opening it, reading what it shows, bringing a file in by hand."""

from __future__ import annotations

import datetime as dt
import io
import random
import wave
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QLineEdit

from intake.capture import interviews
from intake.capture.witnesses import new_witness
from tests.support.window import click, press, settle, wait_for
from ui.context import InterviewRef, Place
from ui.screens.base import Screen
from ui.screens.interview import InterviewScreen

if TYPE_CHECKING:
    from pathlib import Path

    from intake.capture.interviews import Interview
    from intake.opening import Vault
    from ui.window import Window

_RATE = 16_000
_OTHERS = (Place.TRANSCRIPT, Place.REVIEW, Place.TRANSLATION, Place.EXPORT)
NOT_ASKED = "not asked (counts as no)"


def sound(seconds: int = 2) -> bytes:
    """Return a WAV of quiet noise."""
    made = io.BytesIO()
    with wave.open(made, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(_RATE)
        writer.writeframes(random.Random(1).randbytes(seconds * _RATE * 2))  # noqa: S311  # noise
    return made.getvalue()


def open_page(window: Window, interview: Interview) -> InterviewScreen:
    """Go to an interview; the screens that it leads to are empty ones here."""
    window._makers = {**window._makers, **dict.fromkeys(_OTHERS, Screen)}
    window.go(Place.INTERVIEW, InterviewRef(interview.id, interview.code))
    settle(window)
    return page_of(window)


def page_of(window: Window) -> InterviewScreen:
    """Return the screen."""
    found = window.screen_at(Place.INTERVIEW)
    assert isinstance(found, InterviewScreen)
    return found


def fresh(vault: Vault, *, place: str = "") -> Interview:
    """Open an interview of which nothing is entered but its start."""
    witness, _ = new_witness(vault)
    start = dt.datetime(2026, 3, 9, 14, 30, tzinfo=dt.timezone(dt.timedelta(hours=5)))
    return interviews.new_interview(vault, witness, start=start, place=place)


def grid(screen: InterviewScreen) -> list[str]:
    """Return what the answers' column says."""
    model = screen.consent.rows
    return [str(model.index(row, 1).data()) for row in range(model.rowCount())]


def sounds(screen: InterviewScreen) -> list[list[str]]:
    """Return what the list of recordings says."""
    model = screen.recordings.rows
    return [
        [str(model.index(row, column).data()) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def notice(window: Window) -> str:
    """Return the sentence above the screen."""
    return window.notices.words.text()


def pick(window: Window, path: Path) -> None:
    """Put a file's or folder's name into the dialog that is open, and take it."""
    (dialog,) = [one for one in window.findChildren(QFileDialog) if one.isVisible()]
    edit = dialog.findChild(QLineEdit, "fileNameEdit")
    assert edit is not None
    edit.setText(str(path))  # typed letters would open a list of the folder's files
    press(edit, "Return")
    wait_for(lambda: not dialog.isVisible(), "the dialog closing")


def import_file(window: Window, path: Path) -> None:
    """Bring a recording in by hand."""
    click(window, "Import a recording...")
    pick(window, path)
    settle(window)
