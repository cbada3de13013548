"""The measured side of tests/bench/window.py: the product's own program, driven by events.

    python -m tests.bench.window_child start|work VAULT

Prints JSON: for `start` the monotonic time of the first paint, for `work` a line a figure.
"""

from __future__ import annotations

import sys
import time

from intake.offline import stay_offline

if __name__ == "__main__":
    stay_offline()  # as `python -m ui` does, before anything else is loaded

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication

from ui.app import Program
from ui.theme import load_fonts
from ui.widgets.choosing import remember_nothing

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from ui.screens.transcript import TranscriptScreen
    from ui.screens.witnesses import WitnessesScreen

KEYSTROKES: Final = 200
PAGES: Final = 60
EDITS: Final = 6
_TOO_LONG_S: Final = 60


class Painted(QObject):
    """Notes when a widget was last painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.at = 0.0
        self.first = 0.0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's name
        """Let the widget paint, then look at the clock."""
        if event.type() == QEvent.Type.Paint:
            watched.event(event)
            self.at = time.monotonic()
            self.first = self.first or self.at
            return True
        return False


def main(mode: str, vault: Path) -> None:
    """Start the program as `ui.app.main` does, then measure."""
    sys.setswitchinterval(0.0005)
    remember_nothing()
    app = QApplication(["intake"])
    load_fonts()
    program = Program(app, vault=vault, preferences=Path("/dev/null/none"))
    if mode == "start":
        page = Painted(program.window.gate)
        program.start()
        _until(lambda: page.first)
        sys.stdout.write(json.dumps({"painted": page.first}) + "\n")
        program.window.desk.close()
        return
    program.start()
    _work(program)


def _until(condition: Callable[[], object]) -> None:
    ends = time.monotonic() + _TOO_LONG_S
    while not condition():
        QApplication.processEvents()
        if time.monotonic() > ends:
            raise SystemExit("nothing happened")


def _tell(key: str, *samples: float) -> None:
    sys.stdout.write(json.dumps({"key": key, "samples": samples}) + "\n")


def _work(program: Program) -> None:
    from PySide6.QtTest import QTest  # noqa: PLC0415  # not for `start`

    from tests.support.matter import PASSPHRASE  # noqa: PLC0415
    from tests.support.window import click, settle  # noqa: PLC0415
    from ui.context import Place  # noqa: PLC0415

    window = program.window
    settle(window)
    QTest.keyClicks(window.gate.passphrase, PASSPHRASE)
    began = time.monotonic()
    QTest.keyClick(window.gate.passphrase, Qt.Key.Key_Return)
    _until(lambda: window.place is not None)
    witnesses: WitnessesScreen = window.screen_at(Place.WITNESSES)  # type: ignore[assignment]
    table = Painted(witnesses.table.viewport())
    _until(lambda: witnesses.witnesses.rows and table.at)
    shown = Painted(witnesses.table.viewport())
    witnesses.table.viewport().update()
    _until(lambda: shown.at)
    _tell("window_unlock", (shown.at - began) * 1000)
    settle(window)

    rows = witnesses.witnesses.rows
    sizes = {row.code: n for n, row in enumerate(rows) if row.interviews[0].total > 5_000}
    (large,) = sizes.values()
    _open(window, witnesses, large)
    transcript: TranscriptScreen = window.screen_at(Place.TRANSCRIPT)  # type: ignore[assignment]
    _keystrokes(transcript)
    settle(window)
    _scrolling(transcript)
    _editing(window, transcript)

    click(window, "rail-witnesses")
    settle(window)
    _open(window, witnesses, next(n for n in range(len(rows)) if n != large), told=False)
    settle(window, 120_000)
    _sound(window, transcript)
    _memory()

    window.is_closing = True  # what comes after the lock is another process: it is not measured
    blank = Painted(window.gate)
    began = time.monotonic()
    QTest.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    _until(lambda: blank.at)
    _tell("window_lock", (blank.first - began) * 1000)
    _until(lambda: not window.desk.is_open)


def _open(window: Any, witnesses: WitnessesScreen, place: int, *, told: bool = True) -> None:  # noqa: ANN401
    """Open the transcript of a witness's interview: from the click to its rows on the screen."""
    from tests.support.window import click, settle  # noqa: PLC0415
    from ui.context import Place  # noqa: PLC0415

    witnesses.table.go_to(place)
    click(window, "Open interview")
    settle(window)
    transcript: TranscriptScreen = window.screen_at(Place.TRANSCRIPT)
    paint = Painted(transcript.table.viewport())
    began = time.monotonic()
    click(window, "rail-transcript")
    _until(lambda: transcript.lines.rows)
    paint.at = 0.0
    _until(lambda: paint.at)
    if told:
        _tell("window_open", (paint.at - began) * 1000)
    settle(window, 120_000)


def _keystrokes(transcript: TranscriptScreen) -> None:
    from PySide6.QtTest import QTest  # noqa: PLC0415

    edit = transcript.editor.edit
    edit.setFocus()
    paint = Painted(edit.viewport())
    samples = []
    for number in range(KEYSTROKES):
        paint.at = 0.0
        began = time.monotonic()
        QTest.keyClick(edit, Qt.Key.Key_A if number % 6 else Qt.Key.Key_Space)
        _until(lambda: paint.at)
        samples.append((paint.at - began) * 1000)
    _tell("window_keystroke", *samples)


def _scrolling(transcript: TranscriptScreen) -> None:
    """Go down page by page, from all over the transcript: from the key to the page painted."""
    from PySide6.QtTest import QTest  # noqa: PLC0415

    table = transcript.table
    paint = Painted(table.viewport())
    samples = []
    for number in range(PAGES):
        table.verticalScrollBar().setValue(number * table.verticalScrollBar().maximum() // PAGES)
        QApplication.processEvents()
        paint.at = 0.0
        began = time.monotonic()
        QTest.keyClick(table, Qt.Key.Key_PageDown)
        _until(lambda: paint.at)
        samples.append((paint.at - began) * 1000)
    _tell("window_scroll", *samples)


def _editing(window: Any, transcript: TranscriptScreen) -> None:  # noqa: ANN401
    """Correct one segment and save: from the key to its row painted, its words on the disk."""
    from PySide6.QtTest import QTest  # noqa: PLC0415

    from tests.support.window import settle  # noqa: PLC0415

    table, edit = transcript.table, transcript.editor.edit
    samples = []
    for place in range(10, 10 + EDITS):
        table.go_to(place)
        settle(window)
        edit.setFocus()
        QTest.keyClicks(edit, "more ")
        paint = Painted(table.viewport())
        began = time.monotonic()
        QTest.keyClick(edit, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
        _until(lambda place=place: transcript.lines.row(place).text.startswith("more "))  # type: ignore[misc]  # bound now
        paint.at = 0.0
        _until(lambda paint=paint: paint.at)  # type: ignore[misc]  # the same
        samples.append((paint.at - began) * 1000)
        table.viewport().removeEventFilter(paint)
    _tell("window_edit", *samples)


def _sound(window: Any, transcript: TranscriptScreen) -> None:  # noqa: ANN401
    from PySide6.QtTest import QTest  # noqa: PLC0415

    from tests.support.window import settle  # noqa: PLC0415

    samples = []
    for place in (3, 900, 1_800):
        transcript.table.go_to(place)
        settle(window)
        moved: list[float] = []
        start = transcript.hearing.position[1]

        def on_moved(_: object, ms: int, start: int = start, moved: list[float] = moved) -> None:
            if ms > start:
                moved.append(time.monotonic())

        transcript.hearing.moved.connect(on_moved)
        began = time.monotonic()
        QTest.keyClick(transcript.table, Qt.Key.Key_F4)
        _until(partial(bool, moved))
        samples.append((moved[0] - began) * 1000)
        transcript.hearing.moved.disconnect(on_moved)
        QTest.keyClick(transcript.table, Qt.Key.Key_F4)
        _until(lambda: not transcript.hearing.is_playing)
    _tell("window_sound", *samples)
    QTest.keyClick(transcript.table, Qt.Key.Key_F4)
    ends = time.monotonic() + 3
    _until(lambda: time.monotonic() > ends)


def _memory() -> None:
    """Tell the resident memory of this process, in MB of 10^6 bytes."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    (kib,) = (line.split()[1] for line in lines if line.startswith("VmRSS:"))
    _tell("window_memory", int(kib) * 1024 / 1e6)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
