"""Putting a vault back from a backup, by hand on the lock page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QAbstractButton, QFileDialog, QLineEdit

from intake.errors import BackupDamagedError
from intake.opening.backing_up import back_up
from tests.support.matter import PASSPHRASE, new_interview
from tests.support.window import (
    click,
    find,
    picture,
    press,
    settle,
    type_into,
    unlock,
    wait_for,
)
from ui.context import Place
from ui.screens.restoring import RestoreDialog

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.matter import Matter
    from tests.ui.conftest import MakeWindow
    from ui.window import Window


def the_dialog(window: Window) -> RestoreDialog:
    """Open the dialog and return it."""
    settle(window)
    click(window, "Put back a backup...")
    wait_for(lambda: window.findChildren(RestoreDialog), "the dialog")
    return window.findChildren(RestoreDialog)[0]


def choose_file(window: Window, dialog: RestoreDialog, file: Path) -> None:
    """Choose a backup in the file dialog."""
    dialog.add.click()
    (chooser,) = [one for one in window.findChildren(QFileDialog) if one.isVisible()]
    edit = chooser.findChild(QLineEdit, "fileNameEdit")
    assert edit is not None
    edit.setText(str(file))
    press(edit, "Return")
    settle(window)


def test_a_vault_is_put_back_and_opens(
    matter: Matter, make_window: MakeWindow, tmp_path: Path
) -> None:
    """From one file into a new folder; its lock page comes up, and the passphrase opens it."""
    with matter.unlock() as vault:
        code = new_interview(vault).code
        back_up(vault, tmp_path / "of-the-day.backup")
    window = make_window(None)
    dialog = the_dialog(window)
    assert not find(dialog, QAbstractButton, "Put back").isEnabled()
    choose_file(window, dialog, tmp_path / "of-the-day.backup")
    type_into(dialog.folder, str(tmp_path / "again"))
    type_into(dialog.passphrase, "not this one at all")
    click(dialog, "Put back")
    settle(window)
    assert dialog.said.text() != ""
    assert not (tmp_path / "again.vault").exists()

    type_into(dialog.passphrase, PASSPHRASE)
    picture(dialog, "restore")
    click(dialog, "Put back")
    wait_for((tmp_path / "again.vault").exists, "the vault being put back")
    settle(window)
    assert window.gate.path == tmp_path / "again.vault"
    picture(window, "lock-page")
    unlock(window, PASSPHRASE)

    assert window.place is Place.WITNESSES
    assert window.desk.vault.testimony.value("SELECT code FROM interview") == code


def test_a_file_that_is_no_backup_is_not_taken(make_window: MakeWindow, tmp_path: Path) -> None:
    """The sentence says so, and nothing is offered."""
    (tmp_path / "letter.txt").write_text("Dear all", "utf-8")
    window = make_window(None)
    dialog = the_dialog(window)

    choose_file(window, dialog, tmp_path / "letter.txt")

    assert dialog.said.text() == BackupDamagedError.sentence
    assert dialog.files.text() == "No backup was chosen yet."
    dialog.reject()
