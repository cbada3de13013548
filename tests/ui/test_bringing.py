"""Bringing in by hand: a folder, a chat with its witness, exhibits that are looked at."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from intake.capture.arrival import list_brought
from intake.capture.exhibits import exhibit_facts, list_exhibits
from intake.capture.writing import speaker_of
from intake.transcript.reading import read_lines
from tests.capture import exported_chat
from tests.capture.test_folders import OPEN_DECODER, phone
from tests.capture.test_importing import sound
from tests.support.interview_screen import open_page, page_of, pick
from tests.support.matter import Matter, new_interview
from tests.support.window import choose, click, picture, settle, type_into, wait_for
from tests.transcription import brought
from transcription.decoding import DecodedAudio
from ui.widgets.bringing import BringDialog
from ui.widgets.bringing_details import OpenReaderDialog
from ui.widgets.brought import OutcomesDialog
from ui.widgets.exhibits import ExhibitsDialog

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from PySide6.QtWidgets import QDialog

    from intake.capture.interviews import Interview
    from tests.ui.conftest import OpenWindow
    from ui.screens.interview import InterviewScreen
    from ui.window import Window


def _page(window: Window) -> InterviewScreen:
    found = page_of(window)
    assert found.recordings.more.isEnabled()
    return found


def _opened(window: Window, kind: type[QDialog]) -> QDialog:
    found = [one for one in window.findChildren(kind) if one.isVisible()]
    assert len(found) == 1, f"{kind.__name__} is not open once"
    return found[0]


def _is_open(window: Window, kind: type[QDialog]) -> bool:
    return any(one.isVisible() for one in window.findChildren(kind))


def _bring_dialog(window: Window) -> BringDialog:
    _page(window).recordings.others.trigger()
    found = _opened(window, BringDialog)
    assert isinstance(found, BringDialog)
    return found


def _outcomes(window: Window) -> list[list[str]]:
    wait_for(lambda: _is_open(window, OutcomesDialog), "the end list")
    found = _opened(window, OutcomesDialog)
    assert isinstance(found, OutcomesDialog)
    picture(found, "brought")
    rows = [
        [str(found.rows.index(row, column).data()) for column in range(3)]
        for row in range(found.rows.rowCount())
    ]
    click(found, "Close")
    return rows


def _an_interview(matter: Matter) -> Interview:
    with matter.unlock() as vault:
        return new_interview(vault)


def test_a_folder_is_brought_in_by_hand(
    matter: Matter, open_window: OpenWindow, tmp_path: Path
) -> None:
    """How it came is said once; the bad ones stand first in the list at the end."""
    interview, folder = _an_interview(matter), phone(tmp_path / "stick")
    window = open_window(matter)
    screen = open_page(window, interview)
    picture(window, "interview-with-import")
    dialog = _bring_dialog(window)
    assert not dialog.act.isEnabled()

    dialog.choose(folder)
    choose(dialog.arrival.how, "From the phone, by cable")
    choose(dialog.arrival.generation, "The original")
    type_into(dialog.arrival.words, "Given by a neighbour")
    picture(dialog, "bring")
    click(dialog, "Bring in")
    settle(window)
    rows = _outcomes(window)

    assert rows[0][:2] == ["rubbish.bin", "not brought in"]
    assert "holds no sound" in rows[0][2]
    assert ["c.jpg", "exhibit E-1", ""] in rows
    assert len(screen.recordings.rows.rows) == 2
    stories = list_brought(window.desk.vault, interview.id)
    assert {one.facts.get("how") for one in stories if one.parent is None} == {"cable"}
    assert stories[0].facts["how_words"] == "Given by a neighbour"


def test_a_chat_is_brought_in_with_its_witness(
    matter: Matter, open_window: OpenWindow, tmp_path: Path
) -> None:
    """Senders are read before anything is kept, and one of them is the witness."""
    interview, file = _an_interview(matter), tmp_path / "chat.zip"
    file.write_bytes(exported_chat.exported())
    window = open_window(matter)
    open_page(window, interview)
    dialog = _bring_dialog(window)

    click(dialog, "Choose a file...")
    pick(window, file)
    settle(window)
    wait_for(lambda: dialog.witness.count() == 3, "the senders")
    assert "Amina Testova" in dialog.witness.itemText(1)
    dialog.witness.setCurrentIndex(1)
    dialog.language.choose("en")
    picture(dialog, "bring-chat")
    click(dialog, "Bring in")
    settle(window)
    rows = _outcomes(window)

    assert sum(row[1] == "recording" for row in rows) == 2
    assert ["_chat.txt", "words of the chat, 8 line(s)", ""] in rows


def test_exhibits_are_added_looked_at_and_described(
    matter: Matter, open_window: OpenWindow, tmp_path: Path
) -> None:
    """A picture is shown from plain dots; a thing needs words; each is marked as shown."""
    interview, file = _an_interview(matter), tmp_path / "photo.jpg"
    file.write_bytes(brought.picture(size=(800, 500)))
    window = open_window(matter)
    open_page(window, interview)
    _page(window).recordings.exhibits.trigger()
    dialog = _opened(window, ExhibitsDialog)
    assert isinstance(dialog, ExhibitsDialog)
    assert "No exhibit yet" in dialog.view.text()

    click(dialog, "Add a file...")
    pick(window, file)
    settle(window)
    wait_for(lambda: not dialog.view.pixmap().isNull(), "the picture")
    image = dialog.view.pixmap().toImage()
    left, right = image.pixelColor(5, 5), image.pixelColor(image.width() - 5, 5)
    assert left.red() > 150 > left.blue()
    assert right.blue() > 150 > right.red()
    dialog.description.setPlainText("The gate of a school")
    click(dialog, "Keep the description")
    settle(window)
    type_into(dialog.at, "00:40:50")
    click(dialog, "Mark as shown")
    settle(window)
    picture(dialog, "exhibits")
    assert dialog.rows.index(0, 2).data() == "00:40:50"
    dialog.description.setPlainText("")
    click(dialog, "Add a thing without a file")
    settle(window)
    assert "needs a description" in dialog.said.text()
    dialog.description.setPlainText("A scar")
    click(dialog, "Add a thing without a file")
    settle(window)
    wait_for(lambda: "no picture of this exhibit" in dialog.view.text(), "the second exhibit")

    first, second = list_exhibits(window.desk.vault, interview.id)
    assert exhibit_facts(window.desk.vault, first)["description"] == "The gate of a school"
    assert (first.shown, second.kind) == (((None, 2_450_000),), "described")


def test_dates_and_senders_are_said_in_the_window(
    matter: Matter, open_window: OpenWindow, tmp_path: Path
) -> None:
    """An order that the chat cannot have is refused at once; the right one brings the senders."""
    interview, file = _an_interview(matter), tmp_path / "chat.zip"
    file.write_bytes(exported_chat.exported())
    window = open_window(matter)
    open_page(window, interview)
    dialog = _bring_dialog(window)
    dialog.choose(file)
    wait_for(lambda: dialog.witness.count() == 3, "the senders")
    dialog.witness.setCurrentIndex(1)
    assert not dialog.details.fields.isVisible()
    click(dialog, "More about them")

    choose(dialog.details.dates, "Month, day, year")
    wait_for(lambda: "cannot be read in that order" in dialog.said.text(), "the refusal")
    assert dialog.witness.count() == 1
    assert not dialog.witness.isEnabled()
    choose(dialog.details.dates, "Day, month, year")
    wait_for(lambda: dialog.witness.count() == 3, "the senders")
    assert dialog.said.text() == ""
    dialog.witness.setCurrentIndex(1)
    dialog.language.choose("en")
    choose(dialog.details.clock, "Behind by")
    assert not dialog.act.isEnabled()
    type_into(dialog.details.by, "0:03:20")
    assert dialog.act.isEnabled()
    picture(dialog, "bring-more")
    for field in (dialog.details.speaker, dialog.details.dates, dialog.details.by, dialog.as_what):
        assert field.height() >= field.minimumSizeHint().height()
    click(dialog, "Bring in")
    settle(window)
    rows = _outcomes(window)

    assert ["_chat.txt", "words of the chat, 8 line(s)", ""] in rows
    stories = list_brought(window.desk.vault, interview.id)
    assert {one.facts.get("clock_ahead_s") for one in stories if one.parent is None} == {"-200"}


def test_a_statement_says_who_says_it_and_how_its_letters_are(
    matter: Matter, open_window: OpenWindow, tmp_path: Path
) -> None:
    """Guessed letters are said at the end; said letters are not guessed."""
    interview = _an_interview(matter)
    with matter.unlock() as vault:
        witness = speaker_of(vault, interview.id, "witness")
    window = open_window(matter)
    open_page(window, interview)
    remarks = []
    for name, letters in (("one.txt", ""), ("two.txt", "Cyrillic (KOI8-R)")):
        text = f"Они пришли ночью. {name}"
        (tmp_path / name).write_bytes(text.encode("koi8-r"))
        dialog = _bring_dialog(window)
        dialog.choose(tmp_path / name)
        choose(dialog.as_what, "A written statement: its text becomes drafts")
        dialog.language.choose("ru")
        click(dialog, "More about them")
        wait_for(lambda box=dialog.details.speaker: box.count() > 1, "the people")
        dialog.details.speaker.setCurrentIndex(dialog.details.speaker.findData(witness))
        if letters:
            choose(dialog.details.letters, letters)
        click(dialog, "Bring in")
        settle(window)
        remarks.append(_outcomes(window)[0][2])

    assert "letters were guessed" in remarks[0]
    assert remarks[1] == ""
    lines = read_lines(window.desk.vault, interview.id)
    said = [(line.text, line.speaker) for line in lines]
    assert ("Они пришли ночью. two.txt", witness) in said
    assert "Они пришли ночью. one.txt" not in [words for words, _ in said]


def test_where_no_walls_hold_a_person_allows_it_in_the_window(
    matter: Matter, open_window: OpenWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One file, or several: refused with the reason, and read after a person's word alone."""
    monkeypatch.setattr(
        "intake.capture.importing.DecodedAudio", partial(DecodedAudio, decoder=OPEN_DECODER)
    )
    files = [tmp_path / name for name in ("a.wav", "b.wav", "c.wav")]
    for seed, file in enumerate(files):
        file.write_bytes(sound(1, seed=seed))
    interview = _an_interview(matter)
    window = open_window(matter)
    screen = open_page(window, interview)

    def bring(*paths: Path) -> None:
        dialog = _bring_dialog(window)
        for path in paths:
            dialog.choose(path)
        click(dialog, "Bring in")
        settle(window)

    def asked() -> OpenReaderDialog:
        wait_for(lambda: _is_open(window, OpenReaderDialog), "the question")
        found = _opened(window, OpenReaderDialog)
        assert isinstance(found, OpenReaderDialog)
        return found

    bring(files[0])
    question = asked()
    picture(question, "bring-without-walls")
    click(question, "Close")
    settle(window)
    assert screen.recordings.rows.rows == []
    bring(*files[1:])
    wait_for(lambda: _is_open(window, OutcomesDialog), "the end list")
    ended = _opened(window, OutcomesDialog)
    assert isinstance(ended, OutcomesDialog)
    assert "cannot shut off the program" in str(ended.rows.index(0, 2).data())
    click(ended, "Read them all the same...")
    click(asked(), "Read them all the same")
    settle(window)
    rows = _outcomes(window)

    assert rows == [["b.wav", "recording", ""], ["c.wav", "recording", ""]]
    assert len(screen.recordings.rows.rows) == 2


def test_twin_with_walls_nobody_is_asked(
    matter: Matter, open_window: OpenWindow, tmp_path: Path
) -> None:
    """Another reason does not offer it."""
    interview, file = _an_interview(matter), tmp_path / "a.bin"
    file.write_bytes(b"\x00\x01rubbish" * 90)
    (tmp_path / "a.wav").write_bytes(sound(1))
    window = open_window(matter)
    open_page(window, interview)
    dialog = _bring_dialog(window)
    for path in (file, tmp_path / "a.wav"):
        dialog.choose(path)
    click(dialog, "Bring in")
    settle(window)
    wait_for(lambda: _is_open(window, OutcomesDialog), "the end list")
    ended = _opened(window, OutcomesDialog)
    assert isinstance(ended, OutcomesDialog)

    assert not ended.open_reader.isVisible()
    assert "holds no sound" in str(ended.rows.index(0, 2).data())
