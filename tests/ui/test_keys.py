"""Keys: none has two meanings in one place, each can be changed, Ctrl+Space is never taken."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from ui.keys import PROFILES, Act, Keys, group_of, words_of
from ui.remapping import clashes, fitting, key_of, portable, refusal, works_beside

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


@pytest.fixture
def page(qtbot: QtBot) -> QWidget:
    """Show a window with two fields, the first of which has the focus."""
    page = QWidget()
    column = QVBoxLayout(page)
    for name in ("first", "second"):
        field = QLineEdit()
        field.setObjectName(name)
        column.addWidget(field)
    qtbot.addWidget(page)
    page.show()
    field_of(page, "first").setFocus()
    return page


def field_of(page: QWidget, name: str) -> QLineEdit:
    """Return a field."""
    found = page.findChild(QLineEdit, name)
    assert found is not None
    return found


# --- the table -----------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", PROFILES)
def test_no_two_acts_that_work_in_one_place_share_a_key(profile: str) -> None:
    """In every profile."""
    keys = Keys(profile)

    shared = [
        (one.name, other.name, keys.label(one))
        for one, other in itertools.combinations(Act, 2)
        if works_beside(one, other) and keys.sequence(one) == keys.sequence(other)
    ]

    assert shared == []


@pytest.mark.parametrize("profile", PROFILES)
def test_every_key_of_a_profile_could_be_chosen_by_hand(profile: str) -> None:
    """None takes a letter from typing, Ctrl+Space from input methods, or Esc from leaving."""
    keys = Keys(profile)

    refused = {act.name: why for act in Act if (why := refusal(keys, act, keys.label(act)))}

    assert refused == {}
    assert "Ctrl+Space" not in {portable(keys.sequence(act)) for act in Act}


def test_every_act_has_words_a_group_and_one_key() -> None:
    """The settings, tooltips and help show them; two acts are never one by accident."""
    assert len({words_of(act) for act in Act}) == len(list(Act))
    for act in Act:
        assert group_of(act)
        assert QKeySequence(act.value.key).count() == 1
        assert portable(act.value.key)


def test_an_unknown_profile_is_ours() -> None:
    """A file of another version may name one."""
    keys = Keys("of another version")

    assert all(portable(keys.sequence(act)) == portable(act.value.key) for act in Act)


# --- shortcuts -----------------------------------------------------------------------------------


def test_a_shortcut_follows_its_act_to_another_key(page: QWidget) -> None:
    """The old key does nothing any more, the new one works at once."""
    keys, told = Keys(), list[str]()
    keys.bind(page, Act.PLAY, lambda: told.append("play"))
    field = field_of(page, "first")
    QTest.keyClick(field, Qt.Key.Key_F4)
    assert told == ["play"]

    keys.use("intake", {"PLAY": "F9"})
    QTest.keyClick(field, Qt.Key.Key_F4)
    assert told == ["play"]
    QTest.keyClick(field, Qt.Key.Key_F9)

    assert told == ["play", "play"]
    assert keys.taken_by("F9") == [Act.PLAY]
    assert Act.PLAY not in keys.taken_by("F4")


def test_a_profile_moves_the_shortcuts_that_it_names(page: QWidget) -> None:
    """And leaves the others."""
    keys, told = Keys(), list[str]()
    keys.bind(page, Act.BACK, lambda: told.append("back"))
    keys.bind(page, Act.SAVE, lambda: told.append("save"))

    keys.use("f4", {})
    QTest.keyClick(field_of(page, "first"), Qt.Key.Key_F2)
    QTest.keyClick(field_of(page, "first"), Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)

    assert told == ["back", "save"]


def test_a_key_works_where_it_was_bound_and_nowhere_else(page: QWidget) -> None:
    """While the focus is in that widget or inside it; in a whole window, where that is bound."""
    keys, told = Keys(), list[str]()
    keys.bind(field_of(page, "first"), Act.PLAY, lambda: told.append("first"))
    keys.bind(page, Act.LOCK, lambda: told.append("lock"))
    second = field_of(page, "second")

    second.setFocus()
    QTest.keyClick(second, Qt.Key.Key_F4)
    assert told == []
    QTest.keyClick(second, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert told == ["lock"]
    field_of(page, "first").setFocus()
    QTest.keyClick(field_of(page, "first"), Qt.Key.Key_F4)

    assert told == ["lock", "first"]


def test_a_key_that_is_held_down_counts_once(page: QWidget) -> None:
    """A foot pedal repeats while the foot rests on it."""
    keys = Keys()

    for act in Act:
        assert not keys.bind(page, act, lambda: None).autoRepeat()


def test_a_shortcut_that_is_gone_is_forgotten(page: QWidget) -> None:
    """Changing keys after a screen was closed touches nothing that no longer is."""
    keys = Keys()
    shortcut = keys.bind(page, Act.PLAY, lambda: None)
    assert len(keys._made) == 1

    shortcut.deleteLater()
    QTest.qWait(0)
    QTest.qWait(1)
    keys.use("f4", {})

    assert keys._made == []


def test_whoever_shows_keys_is_told_of_a_change() -> None:
    """Once for each new table."""
    keys, told = Keys(), list[str]()
    keys.changed.connect(lambda: told.append(keys.label(Act.PLAY)))

    keys.use("intake", {"PLAY": "F9"})
    keys.use("oTranscribe", {"PLAY": "Ctrl+P"})

    assert told == ["F9", "Ctrl+P"]


# --- other keys ----------------------------------------------------------------------------------


@pytest.mark.parametrize("act", Act)
def test_ctrl_space_is_never_taken(act: Act) -> None:
    """Input methods need it: neither by hand nor by a file."""
    keys = Keys("intake", {act.name: "Ctrl+Space"})

    assert keys.taken_by("Ctrl+Space") == []
    assert refusal(keys, act, "Ctrl+Space").startswith("Ctrl+Space belongs to input methods")
    assert fitting("intake", {act.name: "Ctrl+Space"}) == {}


def test_one_key_may_mean_two_things_on_two_screens() -> None:
    """Consent and review are never in front together; sound and transcript are."""
    keys = Keys()

    assert keys.label(Act.ANSWER_WITH_NAME) == keys.label(Act.MISSED) == "M"
    assert not clashes(keys, Act.MISSED, "M")
    assert not works_beside(Act.HIDE, Act.COPY_SOURCE)
    assert works_beside(Act.PLAY, Act.SAVE)
    assert works_beside(Act.LOCK, Act.HIDE)
    assert clashes(keys, Act.FIND, "F4") == [Act.PLAY]


@pytest.mark.parametrize(
    ("act", "key"),
    [
        (Act.PLAY, "F9"),
        (Act.PLAY, "Ctrl+P"),
        (Act.PLAY, "Alt+Left"),
        (Act.PLAY, "Ctrl+,"),
        (Act.SAVE, "Ctrl+S"),
        (Act.LARGER, "Ctrl++"),
        (Act.HIDE, "X"),
        (Act.HIDE, "7"),
        (Act.PLAY, "Media Play"),
        (Act.SPLIT, "Return"),
    ],
)
def test_what_disturbs_nothing_is_taken(act: Act, key: str) -> None:
    """F keys, keys with Ctrl or Alt, letters where nothing is typed, and an act's own."""
    assert refusal(Keys(), act, key) == ""


@pytest.mark.parametrize(
    ("act", "key"),
    [
        (Act.PLAY, "X"),
        (Act.PLAY, "Shift+X"),
        (Act.PLAY, "Space"),
        (Act.PLAY, "Left"),
        (Act.PLAY, "Shift+End"),
        (Act.PLAY, "Backspace"),
        (Act.PLAY, "+"),
        (Act.PLAY, "ئ"),
        (Act.HIDE, "Shift+X"),
        (Act.HIDE, "Space"),
        (Act.PLAY, "Esc"),
        (Act.PLAY, "Tab"),
        (Act.PLAY, "Shift+Tab"),
        (Act.PLAY, "Ctrl+Tab"),
        (Act.PLAY, "Ctrl+V"),
        (Act.PLAY, "Ctrl+Shift+Z"),
        (Act.PLAY, "Ctrl+S"),
    ],
)
def test_what_typing_needs_is_refused(act: Act, key: str) -> None:
    """With a sentence that says what to take instead."""
    assert refusal(Keys(), act, key)


def test_own_keys_give_way_to_a_profile() -> None:
    """Those that it has for another act go, also one after the other; unknown names as well."""
    own = {
        "SAVE": "F2",
        "FIND": "F12",
        "UNCLEAR": "F12",
        "OF_LATER": "F11",
        "PLAY": "F4",
        "LOOP": "",
    }

    assert fitting("intake", own) == {"SAVE": "F2", "FIND": "F12"}
    assert fitting("f4", own) == {"FIND": "F12"}
    assert fitting("intake", {"SAVE": "Ctrl+K, Ctrl+S"}) == {}
    assert key_of("f4", Act.BACK) == "F2"
    assert key_of("f4", Act.SAVE) == "Ctrl+S"
