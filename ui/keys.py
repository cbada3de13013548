"""Every key of the window, once: what it does, where it works. Tooltips and settings read this.

The map is what most people bring (oTranscribe, f4, ELAN, memoQ). No Ctrl+Space: input methods need
it. Esc stays "leave the field". A foot pedal sends one of these keys; its repeats are ignored.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut

from ui.marking import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtWidgets import QWidget


@dataclass(frozen=True, slots=True)
class Binding:
    """A default key, what it does, and the group under which the settings show it."""

    key: str
    words: str
    group: str


_INPUT_METHODS: Final = QKeySequence("Ctrl+Space")
_ANY: Final = QT_TRANSLATE_NOOP("keys", "Everywhere")
_SOUND: Final = QT_TRANSLATE_NOOP("keys", "Sound")
_RECORDING: Final = QT_TRANSLATE_NOOP("keys", "While recording")
_CONSENT: Final = QT_TRANSLATE_NOOP("keys", "Consent")
_TEXT: Final = QT_TRANSLATE_NOOP("keys", "Transcript")
_REVIEW: Final = QT_TRANSLATE_NOOP("keys", "Review")
_ROWS: Final = QT_TRANSLATE_NOOP("keys", "Translation")


class Act(Enum):
    """What a key can do."""

    LOCK = Binding("Ctrl+L", QT_TRANSLATE_NOOP("keys", "Lock now"), _ANY)
    LARGER = Binding("Ctrl++", QT_TRANSLATE_NOOP("keys", "Larger text"), _ANY)
    SMALLER = Binding("Ctrl+-", QT_TRANSLATE_NOOP("keys", "Smaller text"), _ANY)
    PLAY = Binding("F4", QT_TRANSLATE_NOOP("keys", "Play or pause"), _SOUND)
    PLAY_HERE = Binding("Shift+F4", QT_TRANSLATE_NOOP("keys", "Play from the cursor"), _SOUND)
    BACK = Binding("F3", QT_TRANSLATE_NOOP("keys", "Back 3 seconds"), _SOUND)
    FORWARD = Binding("F5", QT_TRANSLATE_NOOP("keys", "Forward 3 seconds"), _SOUND)
    LOOP = Binding("F6", QT_TRANSLATE_NOOP("keys", "Repeat this segment"), _SOUND)
    SLOWER = Binding("F7", QT_TRANSLATE_NOOP("keys", "Slower"), _SOUND)
    FASTER = Binding("F8", QT_TRANSLATE_NOOP("keys", "Faster"), _SOUND)
    MARK_MOMENT = Binding("Ctrl+J", QT_TRANSLATE_NOOP("keys", "Mark this moment"), _RECORDING)
    DISTRESS = Binding("F8", QT_TRANSLATE_NOOP("keys", "Mark distress"), _RECORDING)
    TAKE_BACK = Binding("F7", QT_TRANSLATE_NOOP("keys", "Take back what was said"), _RECORDING)
    PAUSE = Binding("F4", QT_TRANSLATE_NOOP("keys", "Pause or go on"), _RECORDING)
    ASK_CONSENT = Binding("F2", QT_TRANSLATE_NOOP("keys", "Change what was agreed"), _RECORDING)
    QUIET_VIEW = Binding("F11", QT_TRANSLATE_NOOP("keys", "Quiet view"), _RECORDING)
    LINE_LOST = Binding("F12", QT_TRANSLATE_NOOP("keys", "The line is lost, or back"), _RECORDING)
    ANSWER_YES = Binding("Y", QT_TRANSLATE_NOOP("keys", "Yes"), _CONSENT)
    ANSWER_WITHOUT_NAME = Binding("W", QT_TRANSLATE_NOOP("keys", "Without name"), _CONSENT)
    ANSWER_WITH_NAME = Binding("M", QT_TRANSLATE_NOOP("keys", "With name"), _CONSENT)
    ANSWER_ASK_AGAIN = Binding("A", QT_TRANSLATE_NOOP("keys", "Ask me again"), _CONSENT)
    ANSWER_NO = Binding("N", QT_TRANSLATE_NOOP("keys", "No"), _CONSENT)
    SPLIT = Binding("Return", QT_TRANSLATE_NOOP("keys", "Split at the cursor"), _TEXT)
    MERGE = Binding("Ctrl+Shift+Up", QT_TRANSLATE_NOOP("keys", "Merge with the one before"), _TEXT)
    PREVIOUS = Binding("Alt+Up", QT_TRANSLATE_NOOP("keys", "Segment or row before"), _TEXT)
    NEXT = Binding("Alt+Down", QT_TRANSLATE_NOOP("keys", "Next segment or row"), _TEXT)
    CONFIRM = Binding("Ctrl+Return", QT_TRANSLATE_NOOP("keys", "Confirm and go on"), _TEXT)
    UNCONFIRM = Binding(
        "Ctrl+Shift+Return", QT_TRANSLATE_NOOP("keys", "Take the confirmation back"), _TEXT
    )
    TIME_MARK = Binding("Ctrl+J", QT_TRANSLATE_NOOP("keys", "Insert the time"), _TEXT)
    UNCLEAR = Binding("Ctrl+U", QT_TRANSLATE_NOOP("keys", "Mark as unclear"), _TEXT)
    MARK = Binding("Ctrl+M", QT_TRANSLATE_NOOP("keys", "Insert a mark, such as [pause]"), _TEXT)
    INSERT = Binding("Alt+Ins", QT_TRANSLATE_NOOP("keys", "Insert an empty segment"), _TEXT)
    BEGINS_HERE = Binding("Alt+Home", QT_TRANSLATE_NOOP("keys", "Segment begins here"), _TEXT)
    ENDS_HERE = Binding("Alt+End", QT_TRANSLATE_NOOP("keys", "Segment ends here"), _TEXT)
    MACHINE = Binding("Ctrl+Shift+O", QT_TRANSLATE_NOOP("keys", "What the machine wrote"), _TEXT)
    FIND = Binding("Ctrl+F", QT_TRANSLATE_NOOP("keys", "Find"), _TEXT)
    REPLACE = Binding("Ctrl+H", QT_TRANSLATE_NOOP("keys", "Find and replace"), _TEXT)
    SAVE = Binding("Ctrl+S", QT_TRANSLATE_NOOP("keys", "Save now"), _TEXT)
    SPEAKER_1 = Binding("Ctrl+1", QT_TRANSLATE_NOOP("keys", "First speaker, or first name"), _TEXT)
    SPEAKER_2 = Binding(
        "Ctrl+2", QT_TRANSLATE_NOOP("keys", "Second speaker, or second name"), _TEXT
    )
    SPEAKER_3 = Binding("Ctrl+3", QT_TRANSLATE_NOOP("keys", "Third speaker, or third name"), _TEXT)
    SPEAKER_4 = Binding(
        "Ctrl+4", QT_TRANSLATE_NOOP("keys", "Fourth speaker, or fourth name"), _TEXT
    )
    SPEAKER_5 = Binding("Ctrl+5", QT_TRANSLATE_NOOP("keys", "Fifth speaker, or fifth name"), _TEXT)
    SPEAKER_6 = Binding("Ctrl+6", QT_TRANSLATE_NOOP("keys", "Sixth speaker"), _TEXT)
    SPEAKER_7 = Binding("Ctrl+7", QT_TRANSLATE_NOOP("keys", "Seventh speaker"), _TEXT)
    SPEAKER_8 = Binding("Ctrl+8", QT_TRANSLATE_NOOP("keys", "Eighth speaker"), _TEXT)
    SPEAKER_9 = Binding("Ctrl+9", QT_TRANSLATE_NOOP("keys", "Ninth speaker"), _TEXT)
    AS_PROPOSED = Binding("Y", QT_TRANSLATE_NOOP("keys", "Yes, it is the one proposed"), _REVIEW)
    HIDE = Binding("H", QT_TRANSLATE_NOOP("keys", "Hide"), _REVIEW)
    GENERALISE = Binding("G", QT_TRANSLATE_NOOP("keys", "Generalise"), _REVIEW)
    KEEP = Binding("K", QT_TRANSLATE_NOOP("keys", "Keep by name"), _REVIEW)
    NOT_IDENTIFYING = Binding("R", QT_TRANSLATE_NOOP("keys", "Not identifying"), _REVIEW)
    OTHER_ENTITY = Binding("P", QT_TRANSLATE_NOOP("keys", "Another person or thing"), _REVIEW)
    MISSED = Binding("M", QT_TRANSLATE_NOOP("keys", "Missed something"), _REVIEW)
    UNDO = Binding("U", QT_TRANSLATE_NOOP("keys", "Undo the last decision"), _REVIEW)
    COPY_SOURCE = Binding("Ctrl+Insert", QT_TRANSLATE_NOOP("keys", "Copy the source"), _ROWS)
    NEXT_OPEN = Binding(
        "Ctrl+Shift+Down", QT_TRANSLATE_NOOP("keys", "Next open segment or row"), _ROWS
    )


NAMES: Final = (Act.SPEAKER_1, Act.SPEAKER_2, Act.SPEAKER_3, Act.SPEAKER_4, Act.SPEAKER_5)
SPEAKERS: Final = (*NAMES, Act.SPEAKER_6, Act.SPEAKER_7, Act.SPEAKER_8, Act.SPEAKER_9)

PROFILES: Final[Mapping[str, Mapping[Act, str]]] = {
    "intake": {},
    "f4": {
        Act.BACK: "F2",
        Act.FORWARD: "F3",
        Act.PLAY: "F4",
        Act.TIME_MARK: "F8",
        Act.FASTER: "F7",
        Act.SLOWER: "F6",
        Act.LOOP: "F9",
    },
    "oTranscribe": {
        Act.PLAY: "F9",
        Act.BACK: "F1",
        Act.FORWARD: "F2",
        Act.SLOWER: "F3",
        Act.FASTER: "F4",
    },
    "ELAN": {Act.PLAY: "F4", Act.NEXT: "Alt+Right", Act.PREVIOUS: "Alt+Left"},
}
"""Keys of other programs, for their users' fingers; an act that is not named keeps ours."""


def words_of(act: Act) -> str:
    """Return what an act is called, in the language of the window."""
    return QCoreApplication.translate("keys", act.value.words)


def group_of(act: Act) -> str:
    """Return the heading under which an act is shown."""
    return QCoreApplication.translate("keys", act.value.group)


class Keys(QObject):
    """Which key does what, now. Shortcuts made here follow when the table changes."""

    changed = Signal()

    def __init__(
        self,
        profile: str = "intake",
        own: Mapping[str, str] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._table: dict[Act, str] = {}
        self._made: list[tuple[Act, QShortcut]] = []
        self.use(profile, own or {})

    def use(self, profile: str, own: Mapping[str, str]) -> None:
        """Take a profile, with single keys of a person's own (act name to key).

        Ctrl+Space is never taken, whatever a file says: some languages cannot be typed without it.
        """
        base = PROFILES.get(profile, {})
        own = {name: key for name, key in own.items() if QKeySequence(key) != _INPUT_METHODS}
        self._table = {act: own.get(act.name, base.get(act, act.value.key)) for act in Act}
        for act, shortcut in self._made:
            shortcut.setKey(self.sequence(act))
        self.changed.emit()

    def sequence(self, act: Act) -> QKeySequence:
        """Return the key of an act."""
        return QKeySequence(self._table[act])

    def label(self, act: Act) -> str:
        """Return the key as a person reads it on a button."""
        return self.sequence(act).toString(QKeySequence.SequenceFormat.NativeText)

    def taken_by(self, key: str) -> list[Act]:
        """Return the acts that a key has now."""
        wanted = QKeySequence(key)
        return [act for act in Act if self.sequence(act) == wanted]

    def bind(self, widget: QWidget, act: Act, slot: Callable[[], object]) -> QShortcut:
        """Let the key of an act call `slot` while `widget` or something in it has the focus.

        A key that is held down, or a pedal that repeats, counts once.
        """
        shortcut = QShortcut(self.sequence(act), widget)
        shortcut.setContext(
            Qt.ShortcutContext.WindowShortcut
            if widget.isWindow()
            else Qt.ShortcutContext.WidgetWithChildrenShortcut
        )
        shortcut.setAutoRepeat(False)
        shortcut.activated.connect(slot)
        self._made.append((act, shortcut))
        shortcut.destroyed.connect(lambda: self._forget(shortcut))
        return shortcut

    def _forget(self, shortcut: QShortcut) -> None:
        self._made = [(act, one) for act, one in self._made if one is not shortcut]
