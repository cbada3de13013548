"""Settings: each counts at once and is kept; keys, models, people, and where the vault lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLineEdit

from intake import opening
from intake.doctor import examine, this_computer
from tests.support.matter import add_translator
from tests.support.window import (
    choose,
    click,
    find,
    picture,
    press,
    settle,
    type_into,
    wait_for,
)
from tests.transcription.test_bringing import make_model, with_sums
from transcription.trying import Tried
from ui.context import Place
from ui.keys import Act
from ui.preferences import Preferences
from ui.screens.settings import SettingsScreen
from ui.theme import COLOURS, Look, dress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.matter import Matter
    from tests.ui.conftest import OpenWindow
    from ui.window import Window

    OpenSettings = Callable[..., SettingsScreen]

NEW_PASSPHRASE = "six invented words for a tester"


@pytest.fixture
def open_settings(qapp: QApplication, open_window: OpenWindow) -> Iterator[OpenSettings]:
    """Open a window on its settings, in which preferences count as they do in the program."""

    def open_one(matter: Matter, **member: object) -> SettingsScreen:
        window = open_window(matter, **member)

        def prefer(preferences: Preferences) -> None:
            dress(qapp, preferences.look, preferences.text_pt)
            window.keys.use(preferences.key_profile, preferences.keys)

        window._prefer = prefer
        click(window, "rail-settings")
        settle(window)
        found = window.screen_at(Place.SETTINGS)
        assert isinstance(found, SettingsScreen)
        return found

    yield open_one
    dress(qapp, Look.LIGHT, 11)
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def window_of(screen: SettingsScreen) -> Window:
    """Return the window that a screen is in."""
    found = screen.window()
    assert hasattr(found, "desk")
    return found  # type: ignore[return-value]  # checked by what it has


def show_tab(screen: SettingsScreen, title: str) -> None:
    """Click a tab."""
    bar = screen.tabs.tabBar()
    (number,) = [n for n in range(bar.count()) if bar.tabText(n) == title]
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(number).center())


def select(screen: SettingsScreen, act: Act) -> None:
    """Make the row of an act current."""
    place = screen.keys.rows.place_of(act.name)
    assert place is not None
    screen.keys.table.go_to(place)


def press_new_key(screen: SettingsScreen, key: str) -> None:
    """Press a key in the field for it."""
    screen.keys.edit.setFocus()
    press(screen.keys.edit, key)


def preferences(screen: SettingsScreen) -> Preferences:
    """Return what is set."""
    return screen.context.preferences()


# --- look ----------------------------------------------------------------------------------------


def test_a_look_counts_at_once(
    matter: Matter, open_settings: OpenSettings, qapp: QApplication
) -> None:
    """The palette of the whole program changes with the click."""
    screen = open_settings(matter)
    picture(window_of(screen), "settings-look")

    for look in (Look.DARK, Look.CONTRAST, Look.LIGHT):
        click(screen, str(look))
        assert preferences(screen).look is look
        assert qapp.palette().window().color().name() == COLOURS[look].window
        QTest.qWait(1)
        picture(window_of(screen), f"settings-look-{look.name.lower()}")


def test_text_size_lock_and_rewind_are_kept(
    matter: Matter, open_settings: OpenSettings, qapp: QApplication
) -> None:
    """Typed, chosen, stepped with the keys; showing the page again changes nothing."""
    screen = open_settings(matter)
    look = screen.look

    type_into(look.text_size.lineEdit(), "16")
    press(look.text_size, "Return")
    choose(look.lock_after, "10 min")
    look.rewind.setFocus()
    press(look.rewind, "Up")
    look.lock_after.setFocus()

    assert preferences(screen) == Preferences(text_pt=16, lock_after_min=10, rewind_ms=2500)
    assert qapp.font().pointSize() == 16
    window_of(screen).go(Place.WITNESSES, None)
    window_of(screen).go(Place.SETTINGS, None)
    settle(window_of(screen))
    assert preferences(screen) == Preferences(text_pt=16, lock_after_min=10, rewind_ms=2500)
    assert look.text_size.value() == 16
    picture(window_of(screen), "settings-large")


def test_there_is_one_language_and_the_page_says_so(
    matter: Matter, open_settings: OpenSettings
) -> None:
    """Nothing is offered that does not exist."""
    screen = open_settings(matter)

    assert [screen.look.language.itemText(0)] == ["English"]
    assert screen.look.language.count() == 1


# --- keys ----------------------------------------------------------------------------------------


def test_a_key_is_given_to_an_act_by_pressing_it(
    matter: Matter, open_settings: OpenSettings
) -> None:
    """The table and the shortcuts have it at once; it is kept by the act's name."""
    screen = open_settings(matter)
    show_tab(screen, "Keys")
    select(screen, Act.PLAY)
    press(screen.keys.table, "Return")
    assert screen.keys.edit.hasFocus() or screen.keys.edit.isAncestorOf(QApplication.focusWidget())

    press_new_key(screen, "F9")

    assert preferences(screen).keys == {"PLAY": "F9"}
    assert screen.context.keys.label(Act.PLAY) == "F9"
    assert screen.keys.said.text() == "“Play or pause” is now F9."
    place = screen.keys.rows.place_of("PLAY")
    assert place is not None
    assert screen.keys.rows.index(place, 2).data() == "F9"
    assert screen.keys.rows.index(place, 3).data() == "your own"
    QTest.qWait(1)
    picture(window_of(screen), "settings-keys")

    click(screen, "Back to its default")
    assert preferences(screen).keys == {}
    assert screen.context.keys.label(Act.PLAY) == "F4"


@pytest.mark.parametrize(
    ("act", "key", "why"),
    [
        (Act.LOOP, "F4", "(!) F4 is already Play or pause."),
        (Act.LOOP, "Ctrl+Space", "(!) Ctrl+Space belongs to input methods, which some languages"),
        (Act.LOOP, "X", "(!) X is needed for typing."),
        (Act.LOOP, "Ctrl+S", "(!) Ctrl+S only ever saves."),
        (Act.LOOP, "Ctrl+C", "(!) Ctrl+C copies, pastes, selects or undoes"),
        (Act.LOOP, "Esc", "(!) Esc leaves a field"),
        (Act.HIDE, "G", "(!) G is already Generalise."),
    ],
)
def test_a_key_that_cannot_be_had_is_refused(
    matter: Matter, open_settings: OpenSettings, act: Act, key: str, why: str
) -> None:
    """With the reason; nothing changes."""
    screen = open_settings(matter)
    show_tab(screen, "Keys")
    select(screen, act)

    press_new_key(screen, key)

    assert screen.keys.said.text().startswith(why)
    assert preferences(screen).keys == {}
    assert screen.context.keys.label(act) == act.value.key


def test_a_profile_brings_its_keys_and_leaves_ones_own(
    matter: Matter, open_settings: OpenSettings
) -> None:
    """What the profile has for something else is given back, and said."""
    screen = open_settings(matter)
    show_tab(screen, "Keys")
    for act, key in ((Act.SAVE, "F2"), (Act.FIND, "F12")):
        select(screen, act)
        press_new_key(screen, key)
    assert preferences(screen).keys == {"SAVE": "F2", "FIND": "F12"}

    choose(screen.keys.profile, "f4")

    assert preferences(screen).key_profile == "f4"
    assert preferences(screen).keys == {"FIND": "F12"}
    assert screen.keys.said.text() == "This profile's keys count again for: Save now."
    assert screen.context.keys.label(Act.BACK) == "F2"
    click(screen, "All keys as in this profile")
    assert preferences(screen).keys == {}


# --- speech models -------------------------------------------------------------------------------


def test_the_embedded_model_is_checked(matter: Matter, open_settings: OpenSettings) -> None:
    """Name, size and digest; its state in words."""
    screen = open_settings(matter)
    show_tab(screen, "Speech models")

    (line,) = screen.models.models.rows
    assert (line.name, line.why) == ("base", "")
    assert line.digest.startswith("d01c3014881c9c6f")
    cells = [screen.models.models.index(0, column).data() for column in range(4)]
    assert cells == ["base (embedded)", "148 MB", "d01c3014881c9c6f", "as on Intake's list"]
    picture(window_of(screen), "settings-models")


def test_a_model_is_brought_with_its_own_list(
    matter: Matter, open_settings: OpenSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Copied from the folder that one chooses; a damaged one is refused with its sentence."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    stick = with_sums(make_model(tmp_path / "stick"))
    screen = open_settings(matter)
    window = window_of(screen)
    show_tab(screen, "Speech models")

    click(screen, "Import from a folder...")
    (dialog,) = [one for one in window.findChildren(QFileDialog) if one.isVisible()]
    edit = dialog.findChild(QLineEdit, "fileNameEdit")
    assert edit is not None
    edit.setText(str(stick))
    press(edit, "Return")
    settle(window)
    wait_for(lambda: len(screen.models.models.rows) == 2, "the model")
    line = screen.models.models.rows[1]
    assert screen.models._name(line) == f"model-{line.digest[:8]} (brought)"
    assert screen.models.models.index(1, 3).data() == "as on its own list"
    (stick / "config.json").write_text("{} ")
    screen.models.import_from(stick, "again")
    settle(window)
    assert "differs from the list of digests" in window.notices.words.text()


def test_a_model_on_no_list_is_asked_about(
    matter: Matter, open_settings: OpenSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name, what it was taught, and a person's word: only then the button can be pressed."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    stick = make_model(tmp_path / "stick")
    screen = open_settings(matter)
    window = window_of(screen)
    show_tab(screen, "Speech models")
    screen.models.import_from(stick)
    settle(window)
    dialog = screen.models.dialog
    assert dialog is not None
    assert not dialog.act.isEnabled()
    dialog.name.setText("ours")
    dialog.languages.setText("ug=uz, fr")
    assert not dialog.act.isEnabled()
    dialog.ours.setChecked(True)
    picture(dialog, "settings-model-of-ours")
    dialog.act.click()
    settle(window)
    wait_for(lambda: len(screen.models.models.rows) == 2, "the model")

    state = screen.models.models.index(1, 3).data()
    assert state == "(!) only its bringer vouches for it; for Uyghur, French"
    picture(window, "settings-models-brought")


def test_a_model_is_tried(
    matter: Matter, open_settings: OpenSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each way of decoding, in minutes for an hour."""
    tried = [Tried("guarded", 30, 3, 1, 60), Tried("thorough", 30, 6, 1, 60)]
    monkeypatch.setattr("ui.widgets.speech_models.try_profiles", lambda *_: tried)
    screen = open_settings(matter)
    show_tab(screen, "Speech models")
    assert screen.models.models.index(0, 4).data() == "not tested"
    click(screen, "Test on 30 s")
    settle(window_of(screen))

    assert screen.models.models.index(0, 4).data() == (
        "guarded: an hour takes about 6 min\nthorough: an hour takes about 12 min"
    )


def test_a_missing_embedded_model_is_said_in_its_row(
    matter: Matter, open_settings: OpenSettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With what to do about it."""
    monkeypatch.setattr("intake.transcript.models.default_model_dir", lambda: tmp_path)
    screen = open_settings(matter)
    show_tab(screen, "Speech models")

    state = screen.models.models.index(0, 3).data()
    assert state.startswith("(!) The speech model is not there")
    assert not screen.models.test.isEnabled()


# --- people --------------------------------------------------------------------------------------


def test_members_are_listed_with_roles_and_clearance(
    matter: Matter, open_settings: OpenSettings
) -> None:
    """By the first letters of their ids: the vault has no names of theirs."""
    with matter.unlock() as vault:
        translator = add_translator(vault)
    screen = open_settings(matter)
    show_tab(screen, "People")

    model = screen.people.members
    cells = [[model.index(row, column).data() for column in range(3)] for row in range(2)]
    assert cells == [
        [f"{matter.member[:8]} (you)", "Interviewer, Custodian", "cleared"],
        [translator[:8], "Translator", "not cleared"],
    ]


def test_a_cleared_custodian_admits_a_member(matter: Matter, open_settings: OpenSettings) -> None:
    """The new member types twice; nothing is ticked beforehand; they can open the vault then."""
    screen = open_settings(matter)
    window = window_of(screen)
    show_tab(screen, "People")
    people = screen.people
    assert not people.cleared.isChecked()
    assert not find(screen, QAbstractButton, "Admit member").isEnabled()

    click(screen, "Translator")
    type_into(people.passphrase.first, NEW_PASSPHRASE)
    assert not find(screen, QAbstractButton, "Admit member").isEnabled()
    type_into(people.passphrase.second, "six other words")
    assert not find(screen, QAbstractButton, "Admit member").isEnabled()
    wait_for(
        lambda: people.passphrase.strength.text() == "These two differ.", "saying that they differ"
    )
    type_into(people.passphrase.second, NEW_PASSPHRASE)
    wait_for(
        lambda: people.passphrase.strength.text().startswith("Strength: "), "judging the passphrase"
    )
    picture(window, "settings-people")
    click(screen, "Admit member")
    settle(window)
    settle(window)

    members = opening.list_members(window.desk.vault)
    assert [(one.roles, one.is_cleared) for one in members][1:] == [(("translator",), False)]
    assert len(people.members.rows) == 2
    assert people.passphrase.words() == ""
    assert not any(box.isChecked() for box in people.roles.values())
    assert window.notices.words.text() == f"Member {members[1].id[:8]} was admitted."
    window.jobs.close()
    window.desk.close()
    new, typed = members[1].id, opening.passphrase_from(NEW_PASSPHRASE)
    with opening.unlock(matter.path, new, typed) as vault:
        assert not vault.is_cleared


def test_a_passphrase_that_protects_nobody_is_refused(
    matter: Matter, open_settings: OpenSettings
) -> None:
    """What was typed stays until it is mended, or the page is left."""
    screen = open_settings(matter)
    window = window_of(screen)
    show_tab(screen, "People")
    people = screen.people
    click(screen, "Legal")
    type_into(people.passphrase.first, "short")
    type_into(people.passphrase.second, "short")

    click(screen, "Admit member")
    settle(window)

    assert "This passphrase is too short to protect anybody." in window.notices.words.text()
    assert people.passphrase.words() == "short"
    assert len(opening.list_members(window.desk.vault)) == 1
    window.go(Place.WITNESSES, None)
    assert people.passphrase.words() == ""


def test_six_words_are_suggested_and_shown(matter: Matter, open_settings: OpenSettings) -> None:
    """To be typed again by whoever will need them."""
    screen = open_settings(matter)
    show_tab(screen, "People")
    people = screen.people

    click(screen, "Suggest six words")

    assert len(people.passphrase.words().split()) == 6
    assert people.passphrase.first.echoMode() is QLineEdit.EchoMode.Normal
    assert people.passphrase.second.hasFocus()
    click(screen, "Hide")
    assert people.passphrase.first.echoMode() is QLineEdit.EchoMode.Password


@pytest.mark.parametrize(("roles", "cleared"), [("custodian", False), ("legal", True)])
def test_others_look_and_admit_nobody(
    matter: Matter, open_settings: OpenSettings, roles: str, cleared: bool
) -> None:
    """A custodian who is not cleared, a cleared member who is no custodian: greyed out."""
    with matter.unlock() as vault:
        member = add_translator(vault, roles=roles, cleared=cleared)
    screen = open_settings(matter, member=member)
    show_tab(screen, "People")

    assert len(screen.people.members.rows) == 2
    assert not find(screen, QAbstractButton, "Admit member").isEnabled()
    assert not screen.people.passphrase.first.isEnabled()


# --- the vault -----------------------------------------------------------------------------------


def test_where_the_vault_lies_stands_on_this_page_alone(
    matter: Matter, open_settings: OpenSettings
) -> None:
    """And leads to its checks."""
    screen = open_settings(matter)
    window = window_of(screen)
    show_tab(screen, "This vault")

    assert screen.vault.place.text() == str(matter.path)
    assert screen.vault.member.text() == f"{matter.member[:8]}: Custodian, Interviewer; cleared"
    assert str(matter.path) not in window.windowTitle()
    picture(window, "settings-vault")

    click(screen, "Verify...")
    assert window.place is Place.CUSTODY


def test_the_keyboard_alone_walks_the_tabs(matter: Matter, open_settings: OpenSettings) -> None:
    """The arrows on the tabs change the page, Tab goes into it."""
    screen = open_settings(matter)
    screen.tabs.tabBar().setFocus()

    press(screen.tabs.tabBar(), "Right")
    assert screen.tabs.currentWidget() is screen.keys
    press(screen.tabs.tabBar(), "Tab")
    assert screen.keys.profile.hasFocus()


def test_it_looks_right_in_dark_and_right_to_left(
    matter: Matter, open_settings: OpenSettings, qapp: QApplication
) -> None:
    """Every page, for the eye; nothing warns."""
    screen = open_settings(matter)
    click(screen, "dark")
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    for number in range(screen.tabs.count()):
        title = screen.tabs.tabText(number)
        show_tab(screen, title)
        QTest.qWait(5)
        picture(window_of(screen), f"settings-dark-rtl-{number}")
        assert screen.tabs.currentIndex() == number


# --- this computer -------------------------------------------------------------------------------


def test_what_this_computer_does_not_give_is_said_with_what_to_do(
    matter: Matter, open_settings: OpenSettings
) -> None:
    """The same lines as the command's; what is serious is marked and counted."""
    screen = open_settings(matter)
    show_tab(screen, "This computer")
    lines = screen.computer.lines.rows
    assert [line.what for line in lines] == [
        line.what for line in examine(this_computer(matter.path))
    ]
    alarms = sum(line.is_alarm for line in lines)
    shown = [screen.computer.lines.index(row, 0).data() for row in range(len(lines))]
    assert sum(name.startswith("(!) ") for name in shown) == alarms
    assert (f"Serious: {alarms}," in screen.computer.summary.text()) == bool(alarms)
    (place, *_) = [place for place, line in enumerate(lines) if line.to_do]

    screen.computer.table.go_to(place)

    assert screen.computer.to_do.text() == f"{lines[place].found}\n{lines[place].to_do}"
    picture(window_of(screen), "settings-computer")
