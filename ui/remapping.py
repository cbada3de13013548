"""Giving an act another key: what is refused, and why; what a profile leaves of one's own keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QKeySequence

from ui.keys import PROFILES, Act, Keys, words_of
from ui.marking import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from collections.abc import Mapping

_RECORDING: Final = Act.PAUSE.value.group
_CONSENT: Final = Act.ANSWER_YES.value.group
_REVIEW: Final = Act.HIDE.value.group
_ROWS: Final = Act.COPY_SOURCE.value.group
_APART: Final = frozenset(
    {
        *(
            frozenset({of, group})
            for of in (_CONSENT, _RECORDING)
            for group in (Act.PLAY.value.group, Act.SPLIT.value.group, _REVIEW, _ROWS)
        ),
        frozenset({_REVIEW, _ROWS}),
    }
)
"""Groups that are never on one screen. Any others are taken to meet somewhere."""

_INPUT_METHODS: Final = QT_TRANSLATE_NOOP(
    "keys", "Ctrl+Space belongs to input methods, which some languages need. Take another key."
)
_LEAVES: Final = QT_TRANSLATE_NOOP(
    "keys", "Esc leaves a field and Tab goes to the next one. Take another key."
)
_TYPED: Final = QT_TRANSLATE_NOOP(
    "keys", "{key} is needed for typing. Take it with Ctrl or Alt, or take an F key."
)
_EDITING: Final = QT_TRANSLATE_NOOP(
    "keys", "{key} copies, pastes, selects or undoes in text fields. Take another key."
)
_SAVES: Final = QT_TRANSLATE_NOOP("keys", "Ctrl+S only ever saves. Take another key.")
_TAKEN: Final = QT_TRANSLATE_NOOP("keys", "{key} is already {act}.")

_LEAVING: Final = frozenset({"Esc", "Tab", "Backtab"})
_MOVING: Final = frozenset(
    {"Backspace", "Del", "Left", "Right", "Up", "Down", "Home", "End", "PgUp", "PgDown", "Space"}
)
_EDITING_KEYS: Final = frozenset(
    {"Ctrl+A", "Ctrl+C", "Ctrl+V", "Ctrl+X", "Ctrl+Y", "Ctrl+Z", "Ctrl+Shift+Z"}
)
_HELD: Final = ("Ctrl+", "Alt+", "Meta+")


def portable(key: str | QKeySequence) -> str:
    """Return a key as the preferences keep it, such as "Ctrl+J"."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)


def works_beside(one: Act, other: Act) -> bool:
    """Tell whether two acts can be wanted on one screen, so that they need different keys."""
    return frozenset({one.value.group, other.value.group}) not in _APART


def clashes(keys: Keys, act: Act, key: str) -> list[Act]:
    """Return the acts that have this key already where `act` works as well."""
    return [other for other in keys.taken_by(key) if other is not act and works_beside(act, other)]


def refusal(keys: Keys, act: Act, key: str) -> str:
    """Return why an act cannot have a key, in the language of the window; empty where it can."""
    key = portable(key)
    words = ""
    if key == "Ctrl+Space":
        words = _INPUT_METHODS
    elif _last(key) in _LEAVING:
        words = _LEAVES
    elif _is_typed(key) and not (_is_letter(key) and _is_letter(act.value.key)):
        words = _TYPED
    elif key in _EDITING_KEYS:
        words = _EDITING
    elif key == "Ctrl+S" and act is not Act.SAVE:
        words = _SAVES
    label = QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
    if words:
        return QCoreApplication.translate("keys", words).format(key=label)
    taken = clashes(keys, act, key)
    if taken:
        words = QCoreApplication.translate("keys", _TAKEN)
        return words.format(key=label, act=words_of(taken[0]))
    return ""


def _last(key: str) -> str:
    """Return a key without what is held down with it; the plus itself is a key, too."""
    return "+" if key.endswith("+") else key.rpartition("+")[2]


def _is_typed(key: str) -> bool:
    """Whether a text field needs this key for itself."""
    return not key.startswith(_HELD) and (len(_last(key)) == 1 or _last(key) in _MOVING)


def _is_letter(key: str) -> bool:
    """Whether it is a letter alone: for acts that work only where nothing is typed."""
    return len(key) == 1


def fitting(profile: str, own: Mapping[str, str]) -> dict[str, str]:
    """Return which keys of a person's own go with a profile: none that it refuses, none of its own.

    Unknown names of acts, from another version, are left out.
    """
    kept: dict[str, str] = {}
    acts = {act.name: act for act in Act}
    for name, key in own.items():
        act, pressed = acts.get(name), portable(key)
        if act is None or not pressed or ", " in pressed:  # of another version, or no single key
            continue
        if pressed != portable(key_of(profile, act)) and not refusal(
            Keys(profile, kept), act, pressed
        ):
            kept[name] = pressed
    return kept


def key_of(profile: str, act: Act) -> str:
    """Return the key that a profile gives an act."""
    return PROFILES.get(profile, {}).get(act, act.value.key)
