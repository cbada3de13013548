"""The program: the only place that wires. Starts on the lock page, ends in a locked vault."""

from __future__ import annotations

import argparse
import gc
import os
import signal
import sys
import threading
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import (
    QLoggingCategory,
    QMessageLogContext,
    QObject,
    QSocketNotifier,
    Qt,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication

from ui.context import Place
from ui.keys import Keys
from ui.locking import IdleWatch, replace_process
from ui.preferences import Preferences, load_preferences, preferences_path, save_preferences
from ui.recorders import OwnRecorders
from ui.theme import direction_of, dress, load_fonts
from ui.widgets.choosing import FileChooser, remember_nothing
from ui.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from ui.capturing import Recorders
    from ui.context import Chooser, Context
    from ui.screens.base import Screen

_SWITCH_S: Final = 0.0001
"""How long another thread may keep the one that draws waiting for Python, at most."""
_SIZE: Final = (1280, 720)

# Screen, module and class. A module is loaded when its screen is first opened, or by `preload`.
SCREENS: Final[Mapping[Place, tuple[str, str]]] = {
    Place.WITNESSES: ("ui.screens.witnesses", "WitnessesScreen"),
    Place.INTERVIEW: ("ui.screens.interview", "InterviewScreen"),
    Place.RECORDING: ("ui.screens.recording", "RecordingScreen"),
    Place.TRANSCRIPT: ("ui.screens.transcript", "TranscriptScreen"),
    Place.REVIEW: ("ui.screens.review", "ReviewScreen"),
    Place.TRANSLATION: ("ui.screens.translation", "TranslationScreen"),
    Place.EXPORT: ("ui.screens.exporting", "ExportScreen"),
    Place.NAMES: ("ui.screens.names", "NamesScreen"),
    Place.CUSTODY: ("ui.screens.custody", "CustodyScreen"),
    Place.SETTINGS: ("ui.screens.settings", "SettingsScreen"),
}


def makers() -> dict[Place, Callable[[Context], Screen]]:
    """Return what makes each screen."""

    def made(place: Place, context: Context) -> Screen:
        module, name = SCREENS[place]
        screen: Screen = getattr(import_module(module), name)(context)
        return screen

    return {place: partial(made, place) for place in SCREENS}


def preload() -> None:
    """Load the screens' modules, in any thread: while somebody types a passphrase."""
    for module, _ in SCREENS.values():
        import_module(module)


class Program(QObject):
    """The window with everything that it is wired to. Made in the drawing thread."""

    def __init__(
        self,
        app: QApplication,
        *,
        vault: Path | None,
        preferences: Path,
        chooser: Chooser | None = None,
        recorders: Recorders | None = None,
    ) -> None:
        super().__init__(app)
        QLoggingCategory.setFilterRules("qt.multimedia.*=false")  # no sound card: no news
        self._app = app
        self._preferences_path = preferences
        chosen = load_preferences(preferences)
        self._vault = vault
        self.is_closing = False
        self._dress(chosen)
        self.keys = Keys(chosen.key_profile, chosen.keys, self)
        self.idle = IdleWatch(app, chosen.lock_after_min, self.keys)
        self.window = Window(
            makers=makers(),
            chooser=chooser or FileChooser(),
            preferences=chosen,
            prefer=self._prefer,
            keys=self.keys,
            recorders=recorders or OwnRecorders(),
        )
        self.idle.idle.connect(self.window.on_idle)
        self.idle.woke.connect(self.window.lock)
        self.idle.lock_pressed.connect(self.window.lock)
        self.window.locked.connect(self._on_locked)
        self.window.resize(*_SIZE)

    def start(self) -> None:
        """Show the lock page; load the rest meanwhile."""
        self.window.show_gate(self._vault)
        self.window.show()
        self.window.desk.run(self.window, preload, lambda _: _settle_memory())

    def refuse(
        self, _kind: type[BaseException], error: BaseException, _trace: TracebackType | None
    ) -> None:
        """Say that something went wrong; never print a traceback, which could quote testimony."""
        if isinstance(error, Exception):
            self.window.refuse(error)

    def _prefer(self, preferences: Preferences) -> None:
        save_preferences(self._preferences_path, preferences)
        self._dress(preferences)
        self.keys.use(preferences.key_profile, preferences.keys)
        self.idle.wait_for(preferences.lock_after_min)

    def _dress(self, preferences: Preferences) -> None:
        dress(self._app, preferences.look, preferences.text_pt)
        self._app.setLayoutDirection(direction_of(preferences.language))

    def _on_locked(self) -> None:
        """Give the memory up: end, or come back on the lock page as a new process."""
        path = self.window.gate_path
        if self.window.is_closing:
            self._app.quit()
            return
        replace_process(["--vault", str(path)] if path is not None else [])


def _settle_memory() -> None:
    """Leave what was loaded to itself: looking through all of it again stalls the window (60 ms).

    Called while the lock page waits for a passphrase.
    """
    gc.collect()
    gc.freeze()


def _say_no_more(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    """Keep Qt's own messages out of a desktop's log file: they can hold a file's name."""
    category = context.category or "default"
    words = message if os.environ.get("INTAKE_QT_MESSAGES") else "(not shown)"
    sys.stderr.write(f"Qt {kind.name} {category}: {words}\n")


def _end_politely(window: Window) -> QSocketNotifier:
    """Take the system's asking to end like closing the window: everything is saved first.

    Python runs its handlers only between two of its own steps; the pipe makes one when a signal
    comes while Qt waits.
    """
    reading, writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: window.close())
    notifier = QSocketNotifier(reading, QSocketNotifier.Type.Read, window)
    notifier.activated.connect(lambda *_: os.read(reading, 64))
    return notifier


def main(arguments: list[str]) -> int:
    """Run the window; returns the exit status. `intake.offline` was called before."""
    parser = argparse.ArgumentParser(prog="intake app", description="Open the window of Intake.")
    parser.add_argument("--vault", type=Path, default=None, help="The vault's folder.")
    options = parser.parse_args(arguments)
    sys.setswitchinterval(_SWITCH_S)
    qInstallMessageHandler(_say_no_more)
    remember_nothing()
    QApplication.setApplicationName("Intake")
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeMenuBar)
    app = QApplication(["intake"])
    load_fonts()
    program = Program(app, vault=options.vault, preferences=preferences_path())
    sys.excepthook = program.refuse
    threading.excepthook = lambda _: None
    _end_politely(program.window)
    program.start()
    return app.exec()
