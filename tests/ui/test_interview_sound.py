"""Recordings of an interview: sealed, refused, damaged; and turned into text, in one go or two."""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtWidgets import QFileDialog

from intake.capture.importing import Imported
from intake.errors import AlreadyImportedError, CancelledError, ConsentMissingError
from intake.transcript import transcribing
from intake.transcript.parts import list_parts
from intake.transcript.queue import add_to_queue, list_jobs
from tests.support.interview_screen import (
    import_file,
    notice,
    open_page,
    pick,
    sound,
    sounds,
)
from tests.support.matter import (
    Matter,
    new_interview,
    segment_of,
    store_segments,
    working_copy,
)
from tests.support.steps import custody_kinds
from tests.support.window import (
    choose,
    click,
    click_row,
    picture,
    press,
    settle,
    type_into,
    wait_for,
)
from transcription.engine import Position
from transcription.models import Model
from ui.widgets.queue import QueueDialog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from intake.capture.interviews import Interview
    from tests.ui.conftest import OpenWindow


# --- recordings ----------------------------------------------------------------------------------


def test_a_recording_is_sealed_and_its_file_left_alone(
    matter: Matter, open_window: OpenWindow, tmp_path: Path
) -> None:
    """Length in the list, SHA-256 in short, and whose business the file is now."""
    with matter.unlock() as vault:
        interview = new_interview(vault)
    file = tmp_path / "voice.wav"
    file.write_bytes(sound())
    window = open_window(matter)
    screen = open_page(window, interview)
    assert screen.recordings.bring.hasFocus()

    import_file(window, file)

    digest = hashlib.sha256(sound()).hexdigest()
    short = " ".join(digest[at : at + 4] for at in range(0, 16, 4))
    assert notice(window) == (
        f"Sealed unchanged: 00:00:02 of sound, SHA-256 {short}.... The file itself stays where "
        "it was, unsealed: decide what becomes of it."
    )
    assert sounds(screen) == [["1", "00:00:02", "none yet", "no"]]
    assert screen.step.text() == "Next: Transcribe"
    assert file.read_bytes() == sound()
    assert "media.imported" in custody_kinds(window.desk.vault)

    import_file(window, file)
    assert notice(window) == f"(!) {AlreadyImportedError()}"
    assert len(sounds(screen)) == 1


def test_what_is_no_sound_leaves_nothing(
    matter: Matter, open_window: OpenWindow, tmp_path: Path
) -> None:
    """The decoder's own sentence."""
    with matter.unlock() as vault:
        interview = new_interview(vault)
    file = tmp_path / "voice.wav"
    file.write_bytes(b"no sound at all")
    window = open_window(matter)
    screen = open_page(window, interview)

    import_file(window, file)

    assert "This file holds no sound that Intake can read." in notice(window)
    assert sounds(screen) == []


def test_nothing_is_imported_before_keeping_was_agreed(
    matter: Matter, open_window: OpenWindow
) -> None:
    """The commands' sentence, before anybody looks for a file; the question is in front then."""
    with matter.unlock() as vault:
        interview = new_interview(vault, consent=False)
    window = open_window(matter)
    screen = open_page(window, interview)
    assert "First ask whether what is said may be kept" in screen.recordings.note.text()
    click_row(screen.consent.table, 4)

    click(window, "Import a recording...")

    assert notice(window) == f"(!) {ConsentMissingError()}"
    assert window.findChildren(QFileDialog) == []
    assert screen.consent.table.hasFocus()
    assert screen.consent.table.place == 0
    press(screen.consent.table, "Y")
    settle(window)
    assert "stays where it was, unsealed" in screen.recordings.note.text()


def test_a_damaged_recording_says_from_where(
    matter: Matter,
    open_window: OpenWindow,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In the list, and when it is brought in."""
    with matter.unlock() as vault:
        interview = new_interview(vault)
        store_segments(vault, interview.id, [])
        media = list_parts(vault, interview.id)[0].media
        with vault.change("media.working_copy", media=media) as change:
            change.testimony.update("media", {"id": media}, damaged_ms=61_500)
    made = Imported(media, media, "ab" * 32, 5, 62_000, 61_500)
    monkeypatch.setattr("ui.screens.interview_sound.import_recording", lambda *_, **__: made)
    window = open_window(matter)
    screen = open_page(window, interview)

    assert sounds(screen)[0][3] == "from 00:01:01"
    (tmp_path / "any.wav").write_bytes(sound())
    import_file(window, tmp_path / "any.wav")
    assert notice(window).endswith("The recording is damaged from 00:01:01 on.")


def test_a_cancelled_import_says_that_nothing_was_kept(
    matter: Matter,
    open_window: OpenWindow,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Stopped from the status bar, in the middle."""
    with matter.unlock() as vault:
        interview = new_interview(vault)
    begun, asked = threading.Event(), threading.Event()

    def slow(*_: object, token: Any, **__: object) -> None:  # noqa: ANN401  # a CancelToken
        begun.set()
        assert asked.wait(20)
        assert token.is_cancelled
        raise CancelledError("Stopped. Nothing of this recording was kept.")

    monkeypatch.setattr("ui.screens.interview_sound.import_recording", slow)
    window = open_window(matter)
    open_page(window, interview)
    (tmp_path / "any.wav").write_bytes(sound())
    click(window, "Import a recording...")
    pick(window, tmp_path / "any.wav")
    wait_for(begun.is_set, "the import beginning")
    assert "Sealing a recording" in window.status.job.text()

    click(window, "Cancel")
    asked.set()
    settle(window)

    assert notice(window) == "(!) Stopped. Nothing of this recording was kept."


# --- transcription -------------------------------------------------------------------------------


class FakeEngine:
    """Yields a segment a second, and waits before the last until `go_on` is set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *texts: str) -> None:
        self.texts = texts
        self.go_on = threading.Event()
        self.waits = threading.Event()
        self.asked: list[tuple[str, int]] = []
        monkeypatch.setattr(transcribing, "transcribe", self.transcribe)
        monkeypatch.setattr(transcribing, "check_model", self.check)
        monkeypatch.setattr("ui.desk._SHORTEST_REPORT_S", 0.0)
        monkeypatch.setattr("ui.screens.interview._LOOK_AFTER_MS", 1)

    def check(self, folder: Path) -> Model:
        """Take any folder for a model."""
        return Model(name="none", path=folder, digest="0" * 64, files={})

    def transcribe(self, *_: object, settings: Any, **__: object) -> Iterator[Any]:  # noqa: ANN401
        """Give what an engine gives."""
        self.asked.append((settings.language, settings.start_ms))
        whole = 1000 * len(self.texts)
        for number, text in enumerate(self.texts):
            if number == len(self.texts) - 1:
                yield Position(done_ms=1000 * number, total_ms=whole)
                self.waits.set()
                assert self.go_on.wait(20)
            if number * 1000 >= settings.start_ms:
                yield Position(done_ms=1000 * number, total_ms=whole)
                yield segment_of(text, number * 1000)


@pytest.fixture
def recorded(matter: Matter) -> Interview:
    """Return an interview with a recording that nobody transcribed."""
    with matter.unlock() as vault:
        interview = new_interview(vault)
        store_segments(vault, interview.id, [])
    return interview


# Lists that open over a window are not all that Qt's offscreen plugin can.
@pytest.mark.qt_log_ignore("^This plugin does not support (raise|grabbing)", extend=True)
def test_a_language_is_typed_and_the_recording_becomes_text(
    matter: Matter,
    recorded: Interview,
    open_window: OpenWindow,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A part of its name finds it; text arrives while one looks; the review comes next."""
    engine = FakeEngine(monkeypatch, "It was cold.", "We waited.", "Then they came.")
    window = open_window(matter)
    screen = open_page(window, recorded)
    language = screen.transcription.language
    assert language.hasFocus()
    assert not screen.transcription.start.isEnabled(), "no language is chosen for anybody"

    type_into(language.lineEdit(), "nglis")
    popup = language.completer().popup()
    wait_for(popup.isVisible, "the list of languages")
    assert screen.transcription.state.text() == "Choose a language from the list."
    press(popup, "Down")
    press(popup, "Return")
    assert language.code == "en"
    click(window, "Transcribe")
    wait_for(engine.waits.is_set, "two segments")
    wait_for(lambda: "2 segment(s) so far" in screen.transcription.state.text(), "the count")
    assert "Transcribing" in window.status.job.text()
    assert not screen.transcription.start.isEnabled()
    click(window, "Go to the transcript")
    click(window, "rail-interview")
    wait_for(lambda: window.desk.waiting == 0, "the page")
    assert screen.transcription.state.text().startswith("Under way: 2 segment(s) so far.")
    picture(window, "interview-running")
    engine.go_on.set()
    settle(window)

    assert notice(window) == "Transcribed: 3 new segment(s). The account has 3 in all."
    assert sounds(screen)[0][2] == "3 segment(s)"
    assert screen.step.text().startswith("Next: Review")
    assert screen.transcription.state.text() == "Everything is transcribed: 3 segment(s)."
    assert engine.asked == [("en", 0)]


def test_cancelling_keeps_what_is_done_and_the_next_run_goes_on(
    matter: Matter,
    recorded: Interview,
    open_window: OpenWindow,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The window says that it is kept, the screen how much, and where one goes on."""
    engine = FakeEngine(monkeypatch, "It was cold.", "We waited.", "Then they came.")
    window = open_window(matter)
    screen = open_page(window, recorded)
    choose(screen.transcription.language, "French")
    click(window, "Transcribe")
    wait_for(engine.waits.is_set, "two segments")

    click(window, "Cancel")
    engine.go_on.set()
    settle(window)

    assert notice(window) == "(!) Stopped. What was done until now is kept."
    kept = "2 segment(s) are kept. Transcribing goes on after them."
    assert screen.transcription.state.text() == kept
    assert sounds(screen)[0][2] == "until 00:00:01"
    click(window, "Transcribe")
    settle(window)
    assert engine.asked == [("fr", 0), ("fr", 1600)]
    assert notice(window) == "Transcribed: 1 new segment(s). The account has 3 in all."


def test_locking_stops_a_run_and_keeps_what_it_stored(
    matter: Matter,
    recorded: Interview,
    open_window: OpenWindow,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ctrl+L in the middle: two of three segments are in the vault afterwards."""
    engine = FakeEngine(monkeypatch, "It was cold.", "We waited.", "Then they came.")
    window = open_window(matter)
    screen = open_page(window, recorded)
    locked: list[bool] = []
    window.locked.connect(lambda: locked.append(True))
    choose(screen.transcription.language, "English")
    click(window, "Transcribe")
    wait_for(engine.waits.is_set, "two segments")

    press(screen.consent.table, "Ctrl+L")
    engine.go_on.set()
    wait_for(lambda: locked, "the vault closing")

    with matter.unlock() as vault:
        (part,) = list_parts(vault, recorded.id)
        assert (part.segments, part.is_finished) == (2, False)


def test_a_language_that_the_model_lacks_is_written_by_hand(
    matter: Matter,
    recorded: Interview,
    open_window: OpenWindow,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Said as soon as it is chosen: its speech comes as empty lines."""
    engine = FakeEngine(monkeypatch, "")
    engine.go_on.set()
    window = open_window(matter)
    screen = open_page(window, recorded)

    choose(screen.transcription.language, "Uyghur")
    assert "empty lines with their times" in screen.transcription.state.text()
    click(window, "Transcribe")
    settle(window)

    assert engine.asked == [("ug", 0)]
    assert notice(window) == "Transcribed: 1 new segment(s). The account has 1 in all."


def test_how_it_is_done_goes_with_the_recording(
    matter: Matter,
    recorded: Interview,
    open_window: OpenWindow,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Three languages, the thorough way, no names; the next time the languages stand there."""
    engine = FakeEngine(monkeypatch, "It was cold.")
    engine.go_on.set()
    window = open_window(matter)
    screen = open_page(window, recorded)
    choose(screen.transcription.language, "English")
    choose(screen.transcription.also, "Uyghur")
    assert not screen.transcription.profile.isVisible()
    screen.transcription.more.click()
    choose(screen.transcription.third, "Persian")
    choose(screen.transcription.profile, "Thorough: slower")
    screen.transcription.names.setChecked(False)
    picture(window, "interview-transcription")
    click(window, "Transcribe")
    settle(window)

    with window.desk.vault.alone():
        (job,) = list_jobs(window.desk.vault, everything=True)
    assert (job.languages, job.profile, job.names) == (("en", "ug", "fa"), "thorough", False)
    assert job.state == "done"
    screen.transcription.forget()
    screen.transcription.more.setChecked(False)
    assert screen.transcription.choice.languages == ()
    screen.refresh()
    wait_for(lambda: screen.transcription.language.code == "en", "the page")
    settle(window)
    assert screen.transcription.choice.languages == ("en", "ug", "fa")
    assert screen.transcription.third.isVisible()


@pytest.mark.qt_log_ignore("^This plugin does not support raise", extend=True)
def test_what_waits_is_seen_and_put_into_order(
    matter: Matter,
    recorded: Interview,
    open_window: OpenWindow,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Three recordings: the last moves up, one is taken out, the rest is done."""
    engine = FakeEngine(monkeypatch, "It was cold.")
    with matter.unlock() as vault:
        for _ in range(2):
            working_copy(vault, recorded.id)
        add_to_queue(vault, recorded.id, languages=["en"])
    window = open_window(matter)
    wait_for(lambda: window.status.queue.text() == "Queue: 3...", "the count")
    window.status.queue.click()
    box = window.queueing.box
    assert box is not None
    wait_for(lambda: len(box.rows.rows) == 3, "the queue")
    assert not box.up.isEnabled()
    box.table.go_to(2)
    box.up.click()
    wait_for(lambda: [job.number for job in box.rows.rows] == [1, 3, 2], "the new order")
    assert box.table.place == 1
    box.table.go_to(2)
    box.out.click()
    wait_for(lambda: [job.number for job in box.rows.rows] == [1, 3], "one less")
    picture(box, "queue")

    box.run.click()
    wait_for(engine.waits.is_set, "the first")
    assert not box.run.isVisible()
    engine.go_on.set()
    settle(window)
    wait_for(lambda: not box.rows.rows, "the end")
    assert len(engine.asked) == 2
    assert box.words.text() == "Nothing waits to be transcribed."
    wait_for(lambda: not window.status.queue.isVisible(), "no count")
    box.close()


def test_the_queue_says_why_nothing_begins_on_battery(
    matter: Matter, recorded: Interview, open_window: OpenWindow
) -> None:
    """And a person may begin all the same."""
    with matter.unlock() as vault:
        add_to_queue(vault, recorded.id)
    window = open_window(matter)
    open_page(window, recorded)
    box = QueueDialog(window._context, window, on_battery=lambda: True)
    wanted: list[bool] = []
    box.run_wanted.connect(wanted.append)
    box.refresh()
    wait_for(lambda: len(box.rows.rows) == 1, "the queue")

    assert "runs on its battery" in box.words.text()
    box.run.click()
    assert wanted == [True]
    box.close()


def test_another_model_is_checked_before_it_is_used(
    matter: Matter, recorded: Interview, open_window: OpenWindow, tmp_path: Path
) -> None:
    """A folder without a model: the engine's sentence, and nothing was stored."""
    folder = tmp_path / "brought"
    folder.mkdir()
    window = open_window(matter)
    screen = open_page(window, recorded)
    choose(screen.transcription.language, "English")

    click(window, "Another model...")
    pick(window, folder)
    assert screen.transcription.model.currentText() == "Model in the folder brought"
    click(window, "Transcribe")
    settle(window)

    assert "The speech model is not there" in notice(window)
    assert screen.transcription.start.isEnabled()
    choose(screen.transcription.model, "Embedded model (base)")
    assert screen.transcription.model.count() == 2
