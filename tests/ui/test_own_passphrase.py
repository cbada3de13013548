"""Changing one's own passphrase in the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intake import opening
from intake.errors import UnlockError
from intake.opening.passphrases import AFTER_A_CHANGE
from intake.vault import rewrapping
from tests.support.matter import CHEAP_LOG_N, PASSPHRASE
from tests.support.window import click, picture, settle, type_into
from ui.context import Place
from ui.screens.settings import SettingsScreen

if TYPE_CHECKING:
    from tests.support.matter import Matter
    from tests.ui.conftest import OpenWindow
    from ui.window import Window

NEW = "seven other invented words for a tester"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Change at the cost of a test: the window asks for the full work."""
    real = rewrapping.change_passphrase

    def change(*arguments: object, log_n: int) -> None:
        assert log_n == 18
        real(*arguments, log_n=CHEAP_LOG_N)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(rewrapping, "change_passphrase", change)


def _open(window: Window) -> SettingsScreen:
    click(window, "rail-settings")
    settle(window)
    screen = window.screen_at(Place.SETTINGS)
    assert isinstance(screen, SettingsScreen)
    screen.tabs.setCurrentWidget(screen.own)
    return screen


def _change(screen: SettingsScreen, old: str, new: str) -> None:
    type_into(screen.own.old, old)
    type_into(screen.own.new.first, new)
    type_into(screen.own.new.second, new)
    click(screen.own, "Change my passphrase")


def test_the_new_passphrase_opens_and_the_old_one_does_not(
    matter: Matter, open_window: OpenWindow
) -> None:
    """The window says what the change does not reach, and keeps nothing that was typed."""
    window = open_window(matter)
    screen = _open(window)
    picture(window, "settings-passphrase")

    _change(screen, PASSPHRASE, NEW)
    settle(window)

    assert window.notices.words.text() == AFTER_A_CHANGE
    picture(window, "settings-passphrase-changed")
    fields = (screen.own.old, screen.own.new.first, screen.own.new.second)
    assert [field.text() for field in fields] == ["", "", ""]
    window.desk.vault.close()
    with pytest.raises(UnlockError):
        matter.unlock()
    opening.unlock(matter.path, matter.member, opening.passphrase_from(NEW)).close()


def test_a_wrong_old_passphrase_changes_nothing(matter: Matter, open_window: OpenWindow) -> None:
    """The sentence is that of unlocking, and the new words may be used again."""
    window = open_window(matter)
    screen = _open(window)

    _change(screen, "not this one at all", NEW)
    settle(window)

    assert window.notices.words.text() == f"(!) {UnlockError.sentence}"
    assert screen.own.old.text() == ""
    assert not screen.own.change.isEnabled()
    assert screen.own.new.is_complete
    window.desk.vault.close()
    matter.unlock().close()


def test_what_was_typed_goes_when_the_page_is_left(matter: Matter, open_window: OpenWindow) -> None:
    """A passphrase does not stand in a field that nobody looks at."""
    window = open_window(matter)
    screen = _open(window)
    type_into(screen.own.old, PASSPHRASE)
    type_into(screen.own.new.first, NEW)

    click(window, "rail-custody")

    assert (screen.own.old.text(), screen.own.new.first.text()) == ("", "")
