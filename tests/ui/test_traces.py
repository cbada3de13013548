"""What the window leaves in a person's home and temp folder: nothing of any matter (I10).

The real program as a process, with a home of its own. Somebody in it unlocks, reads, asks for a
file, for a new file and for a folder in a place with a name of its own, sets a preference, closes.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from intake.review.declaring import Declaration, declare
from intake.text import Kind
from tests.support.children import own_environment
from tests.support.matter import PASSPHRASE, new_interview, store_segments

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.support.matter import Matter

pytestmark = [pytest.mark.xdist_group("window"), pytest.mark.slow]

FOLDER = "Stick of Quillona"
FILE = "Vastergren-talks"
STATEMENT_WORD = "Zwiebelturmuhr"
NAME = "Amina Testova"
WORDS = (FOLDER, FILE, STATEMENT_WORD, NAME, PASSPHRASE, "north.vault")
TYPIST = r'''
import sys
from pathlib import Path
from intake.offline import stay_offline
from intake.starting import keep_to_itself
keep_to_itself()
stay_offline()
from dataclasses import replace
from PySide6.QtCore import QTimer, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
import msgspec
import ui.app
from ui.app import Program
from ui.context import InterviewRef, Place
if sys.argv.pop(1) == "forgets nothing":
    ui.app.remember_nothing = lambda: None
stick = Path(sys.argv.pop(1))
interview, code, passphrase, name = (sys.stdin.readline().strip() for _ in range(4))

def story(program):
    """Yield conditions to wait for."""
    window = program.window
    QTest.keyClicks(window.gate.passphrase, passphrase)
    QTest.keyClick(window.gate.passphrase, Qt.Key.Key_Return)
    yield lambda: window.place is not None
    window.go(Place.TRANSCRIPT, InterviewRef(interview, code))
    yield lambda: window.desk.waiting == 0
    window.go(Place.NAMES, None)
    yield lambda: window.desk.waiting == 0
    window.prefer(msgspec.structs.replace(window._preferences, lock_after_min=10))
    chooser, chosen = window._chooser, []
    for ask in (
        lambda: chooser.open_file(window, "Open", "All (*)", chosen.append),
        lambda: chooser.new_file(window, "Save", name + ".pdf", chosen.append),
        lambda: chooser.folder(window, "Folder", chosen.append),
    ):
        count = len(chosen)
        ask()
        dialog = next(d for d in window.findChildren(QFileDialog) if d.isVisible())
        dialog.setDirectory(str(stick))
        if dialog.fileMode() != QFileDialog.FileMode.Directory:
            dialog.selectFile(str(stick / (name + ".wav" if count == 0 else name + ".pdf")))
        yield lambda: True
        dialog.accept()
        yield lambda: len(chosen) > count and not window.findChildren(QFileDialog)
    print(*chosen, sep="\n", flush=True)
    window.close()
    yield lambda: False

start = Program.start
def started(self):
    start(self)
    steps = story(self)
    state = [next(steps)]
    def look():
        if state[0]():
            state[0] = next(steps)
    self.timer = QTimer(self.window)
    self.timer.timeout.connect(look)
    self.timer.start(20)
Program.start = started
sys.exit(ui.app.main(sys.argv[1:]))
'''


def left_in(folders: Iterable[Path], words: Iterable[str]) -> set[tuple[str, str]]:
    """Return which words stand in a file or in a name, in any form in which programs keep them."""
    forms = [
        (word, form)
        for word in words
        for form in {
            word.encode(),
            word.encode("utf-16-le"),
            word.encode("utf-16-be"),
            quote(word).encode(),
        }
    ]
    found = set()
    for folder in folders:
        for path in folder.rglob("*"):
            octets = path.name.encode() + b"\n" + (path.read_bytes() if path.is_file() else b"")
            found |= {(word, path.name) for word, form in forms if form in octets}
    return found


def _tell(folder: Path, matter: Matter, how: str) -> list[Path]:
    """Do the story; return the folders in which it could leave something."""
    stick = folder / FOLDER
    stick.mkdir()
    (stick / f"{FILE}.wav").write_bytes(b"RIFF")
    with matter.unlock() as vault:
        interview = new_interview(vault)
        declare(vault, [Declaration(Kind.PERSON, (NAME,))])
        store_segments(vault, interview.id, [f"{NAME} heard the {STATEMENT_WORD}."])
    script = folder / "typist.py"
    script.write_text(TYPIST)
    own = folder / "own"
    done = subprocess.run(
        [sys.executable, str(script), how, str(stick), "--vault", str(matter.path)],
        env=own_environment(own) | {"QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(own)},
        cwd=own / "cwd",
        input=f"{interview.id}\n{interview.code}\n{PASSPHRASE}\n{FILE}\n",
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.splitlines() == [
        str(stick / f"{FILE}.wav"),
        str(stick / f"{FILE}.pdf"),
        str(stick),
    ]
    assert all(word not in done.stderr for word in WORDS)
    return [own]


def test_the_window_leaves_no_word_and_no_folder_name(tmp_path: Path, matter: Matter) -> None:
    """Nothing in home, temp folder, or the folders for settings, caches and state."""
    folders = _tell(tmp_path, matter, "as it is")

    assert left_in(folders, WORDS) == set()
    files = [path.name for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert files == ["window.json"]  # the one preference that was set, and nothing else at all


def test_without_remembering_nothing_the_folder_is_found(tmp_path: Path, matter: Matter) -> None:
    """Twin: the same story with Qt's own memory of its dialogs."""
    folders = _tell(tmp_path, matter, "forgets nothing")

    assert (FOLDER, "QtProject.conf") in left_in(folders, WORDS)


def test_the_search_finds_each_form(tmp_path: Path) -> None:
    """Twin of the search: a file of each kind, and names of files and folders."""
    (tmp_path / "one").write_text(f"[FileDialog]\nhistory=file:///media/{quote(FOLDER)}\n")
    (tmp_path / "two").write_bytes(b"\0\1" + FILE.encode("utf-16-le"))
    (tmp_path / "three").write_bytes(STATEMENT_WORD.encode("utf-16-be"))
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / f"{NAME}.txt").write_bytes(b"")
    (tmp_path / "deep" / "north.vault").mkdir()
    (tmp_path / "four").write_text(f"<bookmark>{PASSPHRASE}</bookmark>")

    assert {word for word, _ in left_in([tmp_path], WORDS)} == set(WORDS)


def test_the_search_over_another_folder_finds_nothing(tmp_path: Path) -> None:
    """And it does not find what is not there."""
    (tmp_path / "one").write_text("nothing of it")

    assert left_in([tmp_path], WORDS) == set()
