"""The story of tests/support/story.py by hand: keys and clicks in the real program, nothing else.

    python -m tests.support.window_story first|translator|last BASE

Each part is one sitting: it begins on the lock page and ends with the lock key. Nothing here calls
into `intake`: what is read is what stands on the screen.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from intake.offline import stay_offline

if __name__ == "__main__":
    stay_offline()  # as `python -m ui` does

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QLineEdit,
    QWidget,
    QWizard,
)

import ui.app
from tests.support.window import (
    choose,
    click,
    click_row,
    find,
    picture,
    settle,
    type_into,
    unlock,
    wait_for,
)
from tests.support.window import press as press_where

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.window import Window

PASSPHRASE: Final = "purple lantern over seven quiet rivers"
OTHER: Final = "yellow bicycle under nine silent towers"
JOB_MS: Final = 180_000
NAMES: Final = (
    ("[P] person", "Amina Bello\nAmina\nBello", ""),
    ("[L] place", "Kaduna", "generalise"),
    ("[P] person", "Captain Victor Harding\nVictor Harding", "keep"),
    ("[C] contact", "0803 555 0192", ""),
)


def press(widget: QWidget, key: str) -> None:
    """Press a key, in the window that a person would have clicked into after a dialog."""
    if not widget.isActiveWindow():
        widget.window().activateWindow()
        wait_for(widget.isActiveWindow, "the window being active")
    press_where(widget, key)


class Sitting:
    """Somebody in front of the window."""

    def __init__(self, window: Window, base: Path) -> None:
        self.window = window
        self.base = base

    # --- hands ---------------------------------------------------------------------------------

    def press_button(self, name: str) -> None:
        """Click a button by what it says, and wait until nothing is going on any more."""
        click(self.window, name)
        settle(self.window, JOB_MS)

    def go(self, place: str) -> Any:  # noqa: ANN401  # a screen, by its parts
        """Click a place in the rail; return its page."""
        self.press_button(f"rail-{place}")
        return self.window.findChild(QWidget, f"screen-{place}")

    def said(self) -> str:
        """Return the sentence above the page."""
        return str(self.window.notices.words.text())

    def expect(self, words: str) -> None:
        """Insist on what the sentence above the page says."""
        assert words in self.said(), f"{words!r} is not in {self.said()!r}"

    def dialog(self, kind: type[QDialog]) -> Any:  # noqa: ANN401  # as `go`
        """Return the dialog that is open."""
        open_now: list[QDialog] = []

        def look() -> bool:
            open_now[:] = [one for one in self.window.findChildren(kind) if one.isVisible()]
            return len(open_now) == 1

        wait_for(look, f"a {kind.__name__}")
        return open_now[0]

    def name_file(self, path: Path) -> None:
        """Put a file's whole name into the dialog that asks for one, and press Return.

        The one thing here that is not typed: Qt's dialog completes what is typed from a folder
        that it reads in a thread of its own, and what comes out differs from run to run.
        """
        dialog = self.dialog(QFileDialog)
        edit = find(dialog, QLineEdit, "fileNameEdit")
        edit.setText(str(path))
        press(edit, "Return")
        wait_for(lambda: not dialog.isVisible(), "the dialog closing")
        settle(self.window, JOB_MS)

    def decide_all(self) -> None:
        """Decide each form that is asked: whoever it is like, else new and hidden; then finish."""
        page = self.go("review")
        for _ in range(200):
            if not page.candidates.model.rows:
                break
            table = page.candidates.table
            click_row(table, 0, 1)
            press(table, "H")
            wait_for(lambda: self.window.desk.waiting == 0, "the decision")
        self.finish(page)

    def finish(self, page: Any) -> None:  # noqa: ANN401  # as `go`
        """Press the button that separates what is decided."""
        QTest.mouseClick(page.view.finish, Qt.MouseButton.LeftButton)
        settle(self.window, JOB_MS)

    # --- the first sitting -----------------------------------------------------------------------

    def first(self) -> None:
        """From an empty folder to a file for the translator."""
        self.create()
        self.admit()
        self.interview()
        self.sound()
        self.names()
        page = self.go("review")
        picture(self.window, "story-review")
        self.finish(page)
        self.decide_all()
        self.correct()
        self.send()

    def create(self) -> None:
        """Create the vault on four pages, and copy every recovery sheet."""
        click(self.window, "Create vault")
        wizard = self.dialog(QWizard)
        click(wizard, "Continue")
        type_into(wizard.passphrase.folder, str(self.base / "north"))
        type_into(wizard.passphrase.first, PASSPHRASE)
        type_into(wizard.passphrase.second, PASSPHRASE)
        click(wizard, "Continue")
        click(wizard, "Create the vault")
        wait_for(lambda: wizard.currentPage() is wizard.paper, "the recovery sheets", JOB_MS)
        for _ in range(2):
            click(wizard, "Next sheet")
        sheets = wizard.paper.sheets
        QTest.mouseClick(sheets.copied, Qt.MouseButton.LeftButton, pos=QPoint(10, 10))
        click(wizard, "Open the vault")
        wait_for(lambda: self.window.place is not None, "the new vault", JOB_MS)
        settle(self.window)

    def admit(self) -> None:
        """Admit an uncleared translator, who types their own passphrase."""
        page = self.go("settings")
        tabs = page.tabs.tabBar()
        number = [tabs.tabText(n).replace("&", "") for n in range(tabs.count())].index("People")
        QTest.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=tabs.tabRect(number).center())
        click(page, "Translator")
        type_into(page.people.passphrase.first, OTHER)
        type_into(page.people.passphrase.second, OTHER)
        wait_for(page.people.admit.isEnabled, "two equal passphrases")
        QTest.mouseClick(page.people.admit, Qt.MouseButton.LeftButton)
        settle(self.window, JOB_MS)
        self.expect("was admitted")

    def interview(self) -> None:
        """Enter a witness, an interview, who was there, its length, and two answers."""
        page = self.go("witnesses")
        self.press_button("New witness")
        type_into(page.place, "Quartz Street 17")
        self.press_button("New interview")
        page = self.window.findChild(QWidget, "screen-interview")
        for role in ("Interviewer", "Witness"):
            choose(page.presence.role, role)
            self.press_button("Add person")
        type_into(page.presence.minutes, "20")
        self.press_button("Enter the end")
        table = page.consent.table
        click_row(table, 0)
        press(table, "Y")
        press(table, "Y")
        settle(self.window)
        picture(self.window, "story-interview")

    def sound(self) -> None:
        """Import the recording, transcribe it, and look at what arrives."""
        click(self.window, "Import a recording...")
        self.name_file(self.base / "own" / "voice-of-amina.wav")
        page = self.window.findChild(QWidget, "screen-interview")
        choose(page.transcription.language, "English")
        self.press_button("Transcribe")
        self.expect("Transcribed: ")

    def names(self) -> None:
        """Declare who and what is known, each with its spellings and treatment."""
        page = self.go("names")
        for kind, spellings, treatment in NAMES:
            click(self.window, "New name...")
            panel = page.new_panel
            choose(panel.kind, kind)
            type_into(panel.spellings, spellings)
            if treatment == "keep":
                QTest.mouseClick(panel.treatment.keep, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
                choose(panel.treatment.reason, "accused")
            if treatment == "generalise":
                QTest.mouseClick(
                    panel.treatment.generalise, Qt.MouseButton.LeftButton, pos=QPoint(8, 8)
                )
                self.wording(panel, 0, "English", "a large town")
                click(self.window, "One more language")
                self.wording(panel, 1, "French", "une ville")
            self.press_button("Enter it")
            self.expect("asked for again in Review")

    def wording(self, panel: Any, at: int, language: str, words: str) -> None:  # noqa: ANN401
        """Enter a wider wording in a language."""
        row = panel.treatment.wordings[at]
        choose(row.language, language)
        type_into(row.words, words)

    def correct(self) -> None:
        """Correct a segment and say it was heard, separate again, name the speaker, confirm all."""
        page = self.go("transcript")
        table, edit = page.table, page.editor.edit
        click_row(table, 0)
        settle(self.window)
        QTest.mouseClick(edit.viewport(), Qt.MouseButton.LeftButton)
        press(edit, "Ctrl+End")
        QTest.keyClicks(edit, " Amina Bello said so in Kaduna.")
        press(edit, "Ctrl+S")
        settle(self.window)
        press(table, "Ctrl+Return")
        settle(self.window)
        assert page.lines.row(0).is_heard_draft
        self.decide_all()
        page = self.go("transcript")
        click_row(page.table, 0)
        settle(self.window)
        assert page.lines.row(0).is_verified
        press(page.table, "Ctrl+2")
        settle(self.window)
        picture(self.window, "story-transcript")
        for _ in page.lines.rows:
            press(page.table, "Ctrl+Return")
            settle(self.window)
        assert all(line.is_heard for line in page.lines.rows)
        press(page.table, "F4")
        wait_for(lambda: page.hearing.is_playing, "the sound")
        press(page.table, "F4")
        wait_for(lambda: not page.hearing.is_playing, "the pause")

    def send(self) -> None:
        """Begin a translation and write its file for the translator."""
        page = self.go("translation")
        choose(page.choice.new_language, "French")
        self.press_button("Begin the translation")
        click(self.window, "Write XLIFF for a translator...")
        settle(self.window)
        click(self.dialog(QDialog), "Choose the file...")
        self.name_file(self.base / "cwd" / "for-translator.xlf")
        self.expect("row(s) written")

    # --- the translator's sitting ----------------------------------------------------------------

    def translator(self) -> None:
        """Type each row, with a mark for every name; nobody's name is ever seen."""
        self.go("witnesses")
        self.press_button("Open interview")
        page = self.go("transcript")
        seen = " ".join(line.text for line in page.lines.rows)
        assert "⟦P1." in seen
        assert "Amina" not in seen
        page = self.go("translation")
        picture(self.window, "story-translation")
        for number in range(len(page.lines.rows)):
            click_row(page.table, number)
            settle(self.window)
            target = page.box.target
            type_into(target, "Phrase traduite, brule le marche ")
            for at in range(page.lines.row(number).source_tokens.count("⟦")):
                press(target, f"Ctrl+{at + 1}")
            press(target, "Ctrl+Return")
            settle(self.window)

    # --- the last sitting ----------------------------------------------------------------------

    def last(self) -> None:
        """From the translated rows to a statement outside."""
        self.go("witnesses")
        self.press_button("Open interview")
        page = self.go("translation")
        QTest.mouseClick(page.review, Qt.MouseButton.LeftButton)
        settle(self.window, JOB_MS)
        self.decide_all()
        self.leave()
        self.prove()

    def leave(self) -> None:
        """Be refused, ask the witness, release, export; and never over another file."""
        page = self.go("export")
        if not page.recipients.name.isVisible():
            click(self.window, "New recipient...")
        choose(page.recipients.kind, "Prosecutor at the court")
        type_into(page.recipients.name, "Judge Invented Umar")
        self.press_button("enter-recipient")
        if page.translation.findText("French") >= 0:
            choose(page.translation, "French")
        settle(self.window)
        assert any(line.stop.place.startswith("consent") for line in page.stops.rows)
        picture(self.window, "story-export")
        interview = self.go("interview")
        click_row(interview.consent.table, 5)  # with the prosecutor
        press(interview.consent.table, "W")
        settle(self.window)
        page = self.go("export")
        self.press_button("Release")
        click(self.window, "Export...")
        self.name_file(self.base / "cwd" / "statement.pdf")
        assert "Written: " in page.done.text(), page.done.text()
        click(self.window, "Export...")
        self.name_file_that_is_there(self.base / "cwd" / "statement.pdf")
        self.expect("already something under that name")
        picture(self.window, "story-exported")

    def name_file_that_is_there(self, path: Path) -> None:
        """As `name_file`; the dialog asks nothing, the program refuses."""
        self.name_file(path)

    def prove(self) -> None:
        """Verify the chain, write an extract, verify everything."""
        page = self.go("custody")
        self.press_button("Verify chain")
        assert "all as signed" in page.result.text(), page.result.text()
        click(self.window, "Write an extract...")
        self.name_file(self.base / "cwd" / "custody")
        self.press_button("Verify the whole vault")
        picture(self.window, "story-custody")


def lock(sitting: Sitting) -> None:
    """Press the lock key and wait for the end."""
    press(sitting.window, "Ctrl+L")
    wait_for(lambda: not sitting.window.desk.is_open, "the lock", JOB_MS)


def main(part: str, base: Path) -> None:
    """Start the program as `python -m ui` does, do one sitting, and end where it would exec."""
    done: list[str] = []
    ui.app.replace_process = lambda _: done.append("replaced") or QApplication.exit(0)  # type: ignore[assignment,func-returns-value]
    real = ui.app.Program.start

    def begin(program: ui.app.Program) -> None:
        from PySide6.QtCore import QTimer  # noqa: PLC0415  # here alone

        real(program)
        QTimer.singleShot(0, lambda: sit(program.window))

    def sit(window: Window) -> None:
        sitting = Sitting(window, base)
        try:
            settle(window)
            if part != "first":
                who = _member(window, part)
                window.gate.member.setFocus()
                while window.gate.member.currentIndex() != who:
                    press(window.gate.member, "Down")
                unlock(window, OTHER if part == "translator" else PASSPHRASE)
            act: Callable[[], None] = getattr(sitting, part)
            act()
            lock(sitting)
        except BaseException as error:  # noqa: BLE001  # shown, then the program ends
            import traceback  # noqa: PLC0415  # only then

            picture(window, f"story-failed-{part}")
            traceback.print_exception(error)
            QApplication.exit(3)

    ui.app.Program.start = begin  # type: ignore[method-assign]
    vault = base / "north.vault"
    sys.exit(ui.app.main(["--vault", str(vault)] if part != "first" else []))


def _member(window: Window, part: str) -> int:
    """Return which entry of the lock page is meant: the file names of those who may open it."""
    cleared = {path.name[:8] for path in (window.gate_path / "keys").glob("*.identities.age")}
    shown = [window.gate.member.itemText(n) for n in range(window.gate.member.count())]
    (number,) = [n for n, name in enumerate(shown) if (name in cleared) == (part == "last")]
    return number


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
