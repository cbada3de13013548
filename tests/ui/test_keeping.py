"""Backing up, removing a member, new recovery sheets and erasing, by hand in the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QDialog, QLabel

from intake import opening
from intake.errors import IdentitiesOfOthersError, UnlockError
from intake.opening.erasing import set_two_people
from intake.opening.recovering import rehearse
from intake.opening.restoring import ByPassphrase, restore
from tests.support.matter import (
    OTHER_PASSPHRASE,
    PASSPHRASE,
    add_translator,
    new_interview,
    store_segments,
)
from tests.support.window import click, find, picture, save_as, settle, type_into, wait_for
from ui.context import InterviewRef, Place
from ui.screens.settings import SettingsScreen
from ui.screens.witnesses import WitnessesScreen
from ui.widgets.erasing import EraseDialog
from ui.widgets.removing import RemoveDialog
from ui.widgets.second import SecondDialog
from ui.widgets.vault_page import SheetsDialog

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TypeVar

    from tests.support.matter import Matter
    from tests.ui.conftest import OpenWindow
    from ui.window import Window

    _Dialog = TypeVar("_Dialog", bound=QDialog)


def settings(window: Window) -> SettingsScreen:
    """Open the settings."""
    click(window, "rail-settings")
    settle(window)
    screen = window.screen_at(Place.SETTINGS)
    assert isinstance(screen, SettingsScreen)
    return screen


def dialog_of(window: Window, kind: type[_Dialog]) -> _Dialog:
    """Return the dialog of that kind once it is open and has read what it shows."""
    wait_for(lambda: window.findChildren(kind), "the dialog")
    settle(window)
    return window.findChildren(kind)[0]


def test_a_backup_that_the_window_made_is_restored(
    matter: Matter, open_window: OpenWindow, tmp_path: Path
) -> None:
    """One file; the restored vault holds the same witness."""
    window = open_window(matter)
    click(window, "New witness")
    settle(window)
    screen = settings(window)
    screen.tabs.setCurrentWidget(screen.vault)
    picture(window, "settings-vault")

    click(screen.vault, "Back up...")
    save_as(window, tmp_path / "elsewhere.backup")

    assert window.notices.words.text().startswith("Backed up: 1 MB in one sealed file.")
    code = window.desk.vault.testimony.value("SELECT code FROM witness")
    way = ByPassphrase(matter.member, opening.passphrase_from(PASSPHRASE))
    restore([tmp_path / "elsewhere.backup"], tmp_path / "again.vault", way)
    with opening.unlock(
        tmp_path / "again.vault", matter.member, opening.passphrase_from(PASSPHRASE)
    ) as again:
        assert again.testimony.value("SELECT code FROM witness") == code


def test_a_backup_is_not_written_over_a_file(
    matter: Matter, open_window: OpenWindow, tmp_path: Path
) -> None:
    """The file that stands there stays; the sentence says to choose another name."""
    (tmp_path / "there").write_bytes(b"something")
    window = open_window(matter)
    screen = settings(window)
    screen.tabs.setCurrentWidget(screen.vault)

    click(screen.vault, "Back up...")
    save_as(window, tmp_path / "there")

    assert window.notices.words.text().startswith("(!) There is already something")
    assert (tmp_path / "there").read_bytes() == b"something"


def test_a_member_is_removed_after_one_reads_what_they_could_open(
    matter: Matter, open_window: OpenWindow, tmp_path: Path
) -> None:
    """Their passphrase opens nothing any more; the notice for other vaults is one file."""
    with matter.unlock() as vault:
        code = new_interview(vault).code
        gone = add_translator(vault)
    window = open_window(matter)
    screen = settings(window)
    screen.tabs.setCurrentWidget(screen.people)
    places = {member.id: place for place, member in enumerate(screen.people.members.rows)}
    screen.people.table.go_to(places[matter.member])
    assert not screen.people.remove.isEnabled()  # nobody removes themselves
    screen.people.table.go_to(places[gone])

    click(screen.people, "Remove member...")
    dialog = dialog_of(window, RemoveDialog)
    assert f"- interviews: {code}" in dialog.words.text()
    assert "no name, no recording" in dialog.words.text()
    picture(dialog, "remove-member")
    click(dialog, "Remove this member")
    settle(window)
    picture(dialog, "remove-member-done")
    click(dialog, "Save the notice for other vaults...")
    save_as(window, tmp_path / "notice.json")
    assert dialog.said.text() == "The notice was written."
    click(dialog, "Close")

    assert (tmp_path / "notice.json").stat().st_size > 100
    assert [member.id for member in screen.people.members.rows] == [matter.member]
    window.desk.vault.close()
    with pytest.raises((UnlockError, opening.UnknownMemberError)):
        matter.unlock_as(gone)
    matter.unlock().close()


def test_new_sheets_count_and_are_left_once_they_are_on_paper(
    matter: Matter, open_window: OpenWindow
) -> None:
    """Esc does not lose them: they are shown once."""
    window = open_window(matter)
    screen = settings(window)
    screen.tabs.setCurrentWidget(screen.vault)
    click(screen.vault, "New recovery sheets...")
    dialog = dialog_of(window, SheetsDialog)
    click(dialog, "Make new sheets")
    settle(window)
    picture(dialog, "new-sheets")
    sheets = []
    for _ in range(2):
        sheets.append(_words_on(dialog))
        dialog.reject()
        assert dialog.isVisible()
        click(dialog, "Next sheet")
    QTest.mouseClick(dialog.sheets.copied, Qt.MouseButton.LeftButton, pos=QPoint(10, 10))
    click(dialog, "Close")

    window.desk.vault.close()
    assert rehearse(matter.path, sheets).needed == 2


def _words_on(dialog: SheetsDialog) -> str:
    labels = dialog.sheets.words.findChildren(QLabel)
    shown = [label.text().split() for label in labels if label.text()]
    return " ".join(word for _, word in sorted(shown, key=lambda pair: int(pair[0])))


def test_identities_of_anothers_interview_are_seen_together(
    matter: Matter, open_window: OpenWindow
) -> None:
    """The rule is on: the transcript is refused, then both sign, then it opens."""
    with matter.unlock() as vault:
        interview = new_interview(vault)
        store_segments(vault, interview.id, ["We waited at the well until it was dark."])
        other = add_translator(vault, cleared=True, roles="interviewer,custodian")
        set_two_people(vault, other, opening.passphrase_from(OTHER_PASSPHRASE), on=True)
    window = open_window(matter, member=other)
    window.go(Place.INTERVIEW, InterviewRef(interview.id, interview.code))
    settle(window)
    picture(window, "second-person-interview")
    click(window, "Go to the transcript")
    settle(window)
    assert window.notices.words.text() == f"(!) {IdentitiesOfOthersError.sentence}"
    click(window, "rail-interview")
    settle(window)

    click(window, "Look with a second person...")
    dialog = dialog_of(window, SecondDialog)
    type_into(dialog.second.passphrase, PASSPHRASE)
    picture(dialog, "second-person")
    click(dialog, "Agree until midnight")
    settle(window)

    assert not find_all(window, "Look with a second person...")
    click(window, "Go to the transcript")
    settle(window)
    assert window.place is Place.TRANSCRIPT
    assert window.notices.words.text() == ""


def find_all(window: Window, name: str) -> list[QAbstractButton]:
    """Return the visible buttons of that name."""
    return [
        button
        for button in window.findChildren(QAbstractButton)
        if button.text() == name and button.isVisible()
    ]


def test_two_people_erase_an_interview(matter: Matter, open_window: OpenWindow) -> None:
    """The code typed out, the second person's own passphrase; then it is in no list."""
    with matter.unlock() as vault:
        interview = new_interview(vault)
        store_segments(vault, interview.id, ["We waited at the well until it was dark."])
        second = add_translator(vault, cleared=True, roles="custodian")
    window = open_window(matter)
    window.go(Place.INTERVIEW, InterviewRef(interview.id, interview.code))
    settle(window)
    click(window, "Erase this interview...")
    dialog = dialog_of(window, EraseDialog)
    assert f"To destroy of {interview.code}: segments: 1, sealed files: 1" in dialog.words.text()
    assert "This cannot reach: backups" in dialog.words.text()
    button = find(dialog, QAbstractButton, "Erase for good")
    assert dialog.second.member.currentData() == second

    type_into(dialog.code, interview.code)
    assert not button.isEnabled()  # one person is not enough
    type_into(dialog.second.passphrase, "not theirs at all")
    click(dialog, "Erase for good")
    settle(window)
    assert dialog.said.text() == UnlockError.sentence
    type_into(dialog.second.passphrase, OTHER_PASSPHRASE)
    picture(dialog, "erase")
    click(dialog, "Erase for good")
    wait_for(lambda: window.place is Place.WITNESSES, "the erasure")
    settle(window)

    assert window.notices.words.text().startswith(f"{interview.code} was erased.")
    witnesses = window.screen_at(Place.WITNESSES)
    assert isinstance(witnesses, WitnessesScreen)
    assert "erased" in [witnesses.witnesses.index(0, column).data() for column in range(5)]
    vault = window.desk.vault
    assert vault.testimony.value("SELECT count(*) FROM segment") == 0
    assert vault.identities.value("SELECT count(*) FROM raw") == 0
