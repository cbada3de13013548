"""When the window locks, and how its memory is given up.

Locking ends in a new program in the place of this one: nothing that was decrypted survives in the
memory of a process that no longer is (docs/decisions/0008). `exec` keeps the process id, so a
desktop sees the same window come back on its lock page.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, NoReturn

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication

from intake.starting import become
from ui.keys import Act

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ui.keys import Keys

_SIGNS_OF_LIFE: Final = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.InputMethod,
    }
)
_LOOK_EVERY_MS: Final = 5_000
_SLEPT_S: Final = 4.0


class IdleWatch(QObject):
    """Tells when nobody touched the window for a while, and when the laptop had been asleep."""

    idle = Signal()
    woke = Signal()
    lock_pressed = Signal()
    """The lock key, while a dialog keeps it from the window."""

    def __init__(self, app: QApplication, after_min: int, keys: Keys) -> None:
        super().__init__(app)
        self._keys = keys
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.idle)
        self._asleep_s = _asleep_s()
        self._look = QTimer(self)
        self._look.timeout.connect(self._on_look)
        self._look.start(_LOOK_EVERY_MS)
        self.wait_for(after_min)
        app.installEventFilter(self)

    def wait_for(self, minutes: int) -> None:
        """Begin to wait for that many minutes without a sign of life."""
        self._timer.start(minutes * 60_000)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: ARG002  # as Qt calls it
        """Begin anew at each key or movement; never stop an event."""
        if event.type() in _SIGNS_OF_LIFE:
            self._timer.start()
            if isinstance(event, QKeyEvent) and QApplication.activeModalWidget() is not None:
                pressed = QKeySequence(event.keyCombination())
                if pressed == self._keys.sequence(Act.LOCK):
                    self.lock_pressed.emit()
        return False

    def _on_look(self) -> None:
        now = _asleep_s()
        if now - self._asleep_s > _SLEPT_S:
            self.woke.emit()
        self._asleep_s = now


def _asleep_s() -> float:
    """Return how long the machine slept since its start: one clock counts that, one does not."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)


def replace_process(arguments: Sequence[str]) -> NoReturn:
    """Put a new window in the place of this process; `arguments` are those of `python -m ui`."""
    become("ui", arguments)
