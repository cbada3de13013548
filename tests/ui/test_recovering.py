"""A lost passphrase: recovery sheets on the lock page, then new keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QAbstractButton

from intake import opening
from intake.errors import UnlockError
from intake.opening import recovering
from tests.support.matter import CHEAP_LOG_N, PASSPHRASE, Matter
from tests.support.window import click, find, picture, press, settle, type_into, wait_for
from ui.screens import recovering as screen
from ui.screens.recovering import RecoverWizard

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ui.conftest import MakeWindow
    from ui.window import Window

NEW = "seven other invented words for a tester"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Recover at the cost of a test: the window asks for the full work."""
    real = recovering.recover

    def recover(*arguments: object) -> object:
        return real(*arguments, log_n=CHEAP_LOG_N)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(screen, "recover", recover)


def with_sheets(folder: Path) -> tuple[Matter, tuple[str, ...]]:
    """Make a vault with recovery sheets."""
    made = recovering.new_shares()
    passphrase = opening.passphrase_from(PASSPHRASE)
    path = folder / "north.vault"
    member = opening.create_vault(path, passphrase, recovery=made.source, log_n=CHEAP_LOG_N)
    return Matter(path, member), made.words


def the_wizard(window: Window) -> RecoverWizard:
    """Open the wizard and return it."""
    settle(window)
    click(window, "Passphrase lost...")
    wait_for(lambda: window.findChildren(RecoverWizard), "the wizard")
    return window.findChildren(RecoverWizard)[0]


def take(wizard: RecoverWizard, words: str) -> None:
    """Type a sheet, and Enter."""
    type_into(wizard.sheets.sheet, words)
    press(wizard.sheets.sheet, "Return")


def test_two_sheets_give_new_keys(tmp_path: Path, make_window: MakeWindow) -> None:
    """By keys alone; the old passphrase opens nothing any more, the new one does."""
    matter, sheets = with_sheets(tmp_path)
    window = make_window(matter.path)
    wizard = the_wizard(window)
    take(wizard, sheets[2])
    assert wizard.sheets.count.text() == "Sheets taken: 1 of 2"
    assert wizard.sheets.sheet.text() == ""
    picture(wizard, "recover-1")
    take(wizard, sheets[0].upper())
    settle(window)
    assert wizard.sheets.said.text() == "These sheets open this vault. Nothing was changed."
    matter.unlock().close()

    click(wizard, "Continue")
    assert wizard.keys.member.currentText() == matter.member[:8]
    assert not find(wizard, QAbstractButton, "Give new keys").isEnabled()
    type_into(wizard.keys.passphrase.first, NEW)
    type_into(wizard.keys.passphrase.second, NEW)
    picture(wizard, "recover-2")
    click(wizard, "Give new keys")
    wait_for(lambda: wizard.currentPage() is wizard.done_page, "the new keys")
    picture(wizard, "recover-3")
    click(wizard, "To the lock page")

    with pytest.raises(UnlockError):
        matter.unlock()
    now = opening.find_member(matter.path)
    assert now != matter.member
    with opening.unlock(matter.path, now, opening.passphrase_from(NEW)) as vault:
        assert vault.is_cleared


def test_a_mistyped_sheet_is_not_taken(tmp_path: Path, make_window: MakeWindow) -> None:
    """The sentence says what is wrong with it; the good ones stay."""
    matter, sheets = with_sheets(tmp_path)
    window = make_window(matter.path)
    wizard = the_wizard(window)
    take(wizard, sheets[0])

    take(wizard, sheets[1].rpartition(" ")[0])

    assert wizard.sheets.said.text().startswith("This is no whole share: it has 32 words")
    assert wizard.sheets.sheet.text() == sheets[1].rpartition(" ")[0]  # to be mended, not retyped
    assert wizard.sheets.count.text() == "Sheets taken: 1 of 2"
    assert not find(wizard, QAbstractButton, "Continue").isEnabled()
    take(wizard, sheets[1])
    settle(window)
    assert find(wizard, QAbstractButton, "Continue").isEnabled()
    wizard.reject()


def test_sheets_of_another_vault_are_refused(tmp_path: Path, make_window: MakeWindow) -> None:
    """They are good sheets, and open something else: one begins again."""
    matter, _ = with_sheets(tmp_path / "here")
    _, others = with_sheets(tmp_path / "elsewhere")
    window = make_window(matter.path)
    wizard = the_wizard(window)

    take(wizard, others[0])
    take(wizard, others[1])
    settle(window)

    assert "open" in wizard.sheets.said.text()
    assert not find(wizard, QAbstractButton, "Continue").isEnabled()
    assert wizard.sheets.gathered.texts == []
    assert wizard.sheets.sheet.isEnabled()
    wizard.reject()
    matter.unlock().close()
