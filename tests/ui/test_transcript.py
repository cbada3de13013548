"""The transcript: reading, correcting, splitting, merging, confirming; nothing typed is lost."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest

from intake.errors import ChangedMeanwhileError
from intake.review.separating import separate_ready
from intake.transcript import editing
from intake.transcript.reading import read_lines
from tests.support.matter import (
    add_translator,
    new_interview,
    store_many,
    store_segments,
    working_copy,
)
from tests.support.steps import separated_interview
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
from ui.context import InterviewRef, Place
from ui.screens.transcript import TranscriptScreen

if TYPE_CHECKING:
    from intake.capture.interviews import Interview
    from tests.support.matter import Matter
    from tests.ui.conftest import OpenWindow
    from ui.window import Window

UYGHUR = "ئۇلار بىزنى 08:30 دا يىغدى، ئاندىن Camp-3 كە ئېلىپ باردى."


def transcript(window: Window, interview: Interview) -> TranscriptScreen:
    """Open the transcript of an interview and return its screen."""
    window.go(Place.TRANSCRIPT, InterviewRef(interview.id, interview.code))
    settle(window)
    found = window.screen_at(Place.TRANSCRIPT)
    assert isinstance(found, TranscriptScreen)
    return found


def texts(window: Window, interview: Interview) -> list[str]:
    """Return what the vault holds now."""
    settle(window)
    return [line.text for line in read_lines(window.desk.vault, interview.id)]


def at(screen: TranscriptScreen, place: int) -> None:
    """Put the cursor of the editor to a place, counted as Qt counts."""
    cursor = screen.editor.edit.textCursor()
    cursor.setPosition(place)
    screen.editor.edit.setTextCursor(cursor)
    screen.editor.edit.setFocus()


@pytest.fixture
def drafts(matter: Matter) -> Interview:
    """Return an interview of three drafts."""
    with matter.unlock() as vault:
        interview = new_interview(vault)
        store_segments(vault, interview.id, ["It was cold that night.", "They counted us.", UYGHUR])
    return interview


@pytest.fixture
def separated(matter: Matter) -> Interview:
    """Return an interview of two separated segments that nobody heard."""
    with matter.unlock() as vault:
        interview = separated_interview(vault)
        rows = [line.row for line in read_lines(vault, interview.id)]
        editing.take_back_heard(vault, interview.id, rows)
    return interview


def test_segments_are_shown_with_time_speaker_and_state(
    matter: Matter, open_window: OpenWindow, drafts: Interview
) -> None:
    """A row a segment; the first one's words are in the editor."""
    window = open_window(matter)
    screen = transcript(window, drafts)
    picture(window, "transcript")

    model = screen.lines
    assert [model.index(0, column).data() for column in range(5)] == [
        "1",
        "00:00:00",
        "-",
        "It was cold that night.",
        "machine draft 90 %",
    ]
    assert screen.editor.words() == "It was cold that night."


def test_text_that_runs_right_to_left_stands_right(
    matter: Matter, open_window: OpenWindow, drafts: Interview
) -> None:
    """In the table by its own letters, in the editor by Qt's own rule."""
    window = open_window(matter)
    screen = transcript(window, drafts)
    screen.table.go_to(2)
    settle(window)
    picture(window, "transcript-uyghur")

    right = screen.lines.index(2, 3).data(Qt.ItemDataRole.TextAlignmentRole)
    left = screen.lines.index(0, 3).data(Qt.ItemDataRole.TextAlignmentRole)
    assert right & Qt.AlignmentFlag.AlignRight
    assert left & Qt.AlignmentFlag.AlignLeft
    block = screen.editor.edit.document().firstBlock()
    assert block.textDirection() is Qt.LayoutDirection.RightToLeft


def test_a_correction_is_saved_when_one_goes_on(
    matter: Matter, open_window: OpenWindow, drafts: Interview
) -> None:
    """By key to the next segment; the table shows the new words and what is left to do."""
    window = open_window(matter)
    screen = transcript(window, drafts)
    type_into(screen.editor.edit, "It was very cold.")
    press(screen.editor.edit, "Alt+Down")

    assert texts(window, drafts)[0] == "It was very cold."
    assert screen.lines.index(0, 3).data() == "It was very cold."
    assert screen.lines.index(0, 4).data() == "edited, names to review"
    assert screen.editor.words() == "They counted us."
    assert window.status.saved.text().startswith("Saved ")


def test_a_correction_is_saved_after_two_seconds_of_rest(
    matter: Matter, open_window: OpenWindow, drafts: Interview
) -> None:
    """Nobody has to press anything; the cursor stays where it is."""
    window = open_window(matter)
    screen = transcript(window, drafts)
    at(screen, 6)
    QTest.keyClicks(screen.editor.edit, " so")
    wait_for(window.status.saved.text, "the save", 10_000)

    assert texts(window, drafts)[0] == "It was so cold that night."
    assert screen.editor.edit.textCursor().position() == 9


def test_what_is_being_typed_survives_the_lock(
    matter: Matter, open_window: OpenWindow, drafts: Interview
) -> None:
    """Ctrl+L in the middle of a sentence."""
    window = open_window(matter)
    screen = transcript(window, drafts)
    type_into(screen.editor.edit, "In the middle of")
    press(window, "Ctrl+L")
    wait_for(lambda: not window.desk.is_open, "the lock")

    with matter.unlock() as vault:
        assert read_lines(vault, drafts.id)[0].text == "In the middle of"


def test_a_refused_save_keeps_the_words_in_their_field(
    matter: Matter,
    open_window: OpenWindow,
    drafts: Interview,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The sentence is said; the next save takes them."""
    window = open_window(matter)
    screen = transcript(window, drafts)
    save = editing.save_text

    def refused(*_: object) -> None:
        raise ChangedMeanwhileError

    monkeypatch.setattr(editing, "save_text", refused)
    type_into(screen.editor.edit, "Words that were refused.")
    press(screen.editor.edit, "Ctrl+S")
    settle(window)
    assert window.notices.words.text() == "(!) " + str(ChangedMeanwhileError())
    assert screen.editor.words() == "Words that were refused."

    monkeypatch.setattr(editing, "save_text", save)
    press(screen.editor.edit, "Ctrl+S")

    assert texts(window, drafts)[0] == "Words that were refused."


def test_reading_changes_nothing(
    matter: Matter, open_window: OpenWindow, drafts: Interview
) -> None:
    """Going through all segments and leaving writes no entry."""
    window = open_window(matter)
    before = window.desk.vault.testimony.fact("head_n")
    screen = transcript(window, drafts)
    for _ in range(3):
        press(screen.table, "Alt+Down")
    window.go(Place.WITNESSES, None)
    settle(window)

    assert window.desk.vault.testimony.fact("head_n") == before


def test_enter_splits_at_the_cursor_and_merge_takes_it_back(
    matter: Matter, open_window: OpenWindow, drafts: Interview
) -> None:
    """By key and by button; what was typed before the cut is saved first."""
    window = open_window(matter)
    screen = transcript(window, drafts)
    type_into(screen.editor.edit, "It was cold. Nobody spoke.")
    at(screen, len("It was cold. "))
    press(screen.editor.edit, "Return")

    assert texts(window, drafts)[:2] == ["It was cold.", "Nobody spoke."]
    assert screen.editor.words() == "Nobody spoke."
    click(window, "Merge")
    assert texts(window, drafts)[0] == "It was cold. Nobody spoke."


def test_a_cut_without_words_on_one_side_is_refused(
    matter: Matter, open_window: OpenWindow, drafts: Interview
) -> None:
    """The sentence of the command; the segment stays."""
    window = open_window(matter)
    screen = transcript(window, drafts)
    at(screen, 0)
    press(screen.editor.edit, "Return")

    assert len(texts(window, drafts)) == 3
    assert "split between its words" in window.notices.words.text()


def test_confirming_is_one_key_and_goes_on(
    matter: Matter, open_window: OpenWindow, separated: Interview
) -> None:
    """One action a segment; and it can be taken back."""
    window = open_window(matter)
    screen = transcript(window, separated)
    assert screen.count.text() == "0 of 2 verified"
    press(screen.table, "Ctrl+Return")
    settle(window)
    assert screen.table.place == 1
    press(screen.table, "Ctrl+Return")
    settle(window)
    assert screen.count.text() == "2 of 2 verified"

    click(window, "Not heard after all")
    settle(window)

    assert screen.count.text() == "1 of 2 verified"
    assert [line.is_heard for line in read_lines(window.desk.vault, separated.id)] == [True, False]


def test_a_draft_that_is_heard_is_verified_by_its_review(
    matter: Matter, open_window: OpenWindow, drafts: Interview
) -> None:
    """One hearing is enough; until names are separated the state says what is left."""
    window = open_window(matter)
    screen = transcript(window, drafts)
    press(screen.table, "Ctrl+Return")
    settle(window)
    assert screen.table.place == 1
    assert screen.count.text() == "0 of 3 verified, 1 heard"
    assert screen.lines.index(0, 4).data() == "heard, names to review"
    separate_ready(window.desk.vault, drafts.id)
    screen.refresh()
    settle(window)

    assert screen.count.text() == "1 of 3 verified"
    assert screen.lines.index(0, 4).data() == "verified"


def test_confirming_what_was_heard_before_goes_on(
    matter: Matter, open_window: OpenWindow, separated: Interview
) -> None:
    """One key from the first to the last, whatever somebody heard already; no second entry."""
    with matter.unlock() as vault:
        rows = [line.row for line in read_lines(vault, separated.id)]
        editing.confirm_heard(vault, separated.id, rows[:1])
    window = open_window(matter)
    screen = transcript(window, separated)
    before = window.desk.vault.testimony.fact("head_n")
    press(screen.table, "Ctrl+Return")
    settle(window)

    assert screen.table.place == 1
    assert window.desk.vault.testimony.fact("head_n") == before


def test_a_speaker_is_named_by_key_and_by_list(
    matter: Matter, open_window: OpenWindow, drafts: Interview
) -> None:
    """Those who were there, in the order in which they were entered."""
    window = open_window(matter)
    screen = transcript(window, drafts)
    press(screen.table, "Ctrl+2")
    settle(window)
    screen.table.go_to(1)
    settle(window)
    choose(screen.box.speaker, "IV-1  Interviewer")
    press(screen.box.speaker, "Return")
    screen.box.speaker.activated.emit(screen.box.speaker.currentIndex())
    settle(window)

    speakers = [line.speaker for line in read_lines(window.desk.vault, drafts.id)]
    assert speakers == ["W-1", "IV-1", None]


def test_time_and_unclear_are_marked_by_key(
    matter: Matter, open_window: OpenWindow, drafts: Interview
) -> None:
    """At the cursor; chosen words are kept inside the mark."""
    window = open_window(matter)
    screen = transcript(window, drafts)
    at(screen, 0)
    press(screen.editor.edit, "Ctrl+J")
    edit = screen.editor.edit
    cursor = edit.textCursor()
    start = edit.words().index("cold")
    cursor.setPosition(start)
    cursor.setPosition(start + 4, QTextCursor.MoveMode.KeepAnchor)
    edit.setTextCursor(cursor)
    press(edit, "Ctrl+U")
    press(edit, "Ctrl+S")

    assert texts(window, drafts)[0] == "[00:00:00] It was [unclear: cold] that night."


def test_finding_goes_from_one_place_to_the_next(
    matter: Matter, open_window: OpenWindow, drafts: Interview
) -> None:
    """In any case; round to the beginning; a word that is nowhere is said."""
    window = open_window(matter)
    screen = transcript(window, drafts)
    press(screen.table, "Ctrl+F")
    type_into(screen.search, "COUNTED")
    press(screen.search, "Return")
    assert screen.table.place == 1
    type_into(screen.search, "Camp-3")
    press(screen.search, "Return")
    assert screen.table.place == 2
    type_into(screen.search, "lamp")
    press(screen.search, "Return")

    assert "stand in no segment" in window.notices.words.text()


def test_an_uncleared_translator_reads_and_changes_nothing(
    matter: Matter, open_window: OpenWindow, separated: Interview
) -> None:
    """Tokens in the place of names, and every act greyed out."""
    with matter.unlock() as vault:
        translator = add_translator(vault)
    window = open_window(matter, member=translator)
    screen = transcript(window, separated)
    picture(window, "transcript-uncleared")

    assert "⟦P1." in screen.editor.words()
    assert "Amina" not in screen.editor.words()
    assert screen.editor.edit.isReadOnly()
    for button in (screen.box.split, screen.box.merge, screen.box.confirm, screen.box.speaker):
        assert not button.isEnabled()


def test_segments_arrive_while_one_reads(
    matter: Matter, open_window: OpenWindow, drafts: Interview
) -> None:
    """A job stores more; the table grows, the place and what is being typed stay."""
    window = open_window(matter)
    screen = transcript(window, drafts)
    screen.table.go_to(1)
    settle(window)
    type_into(screen.editor.edit, "They counted us twice")
    go_on = threading.Event()

    def work(vault: object, _token: object, report: object) -> None:
        from intake.jobs import Progress  # noqa: PLC0415  # here alone

        store_segments(vault, drafts.id, ["One more."])  # type: ignore[arg-type]
        report(Progress(1, 2, "segments"))  # type: ignore[operator]
        while not go_on.wait(0.12):
            report(Progress(1, 2, "segments"))  # type: ignore[operator]

    window.jobs.start(screen, "Transcribing", work)
    wait_for(lambda: len(screen.lines.rows) == 4, "the new segment")
    go_on.set()
    settle(window)

    assert screen.table.place == 1
    assert screen.editor.words() == "They counted us twice"


def test_one_comes_back_to_the_segment_that_was_left(
    matter: Matter, open_window: OpenWindow, drafts: Interview
) -> None:
    """After another screen, and after another interview."""
    with matter.unlock() as vault:
        other = new_interview(vault)
        store_segments(vault, other.id, ["Somebody else's words."])
    window = open_window(matter)
    screen = transcript(window, drafts)
    click_row(screen.table, 2)
    settle(window)
    transcript(window, other)
    assert screen.editor.words() == "Somebody else's words."
    transcript(window, drafts)

    assert screen.table.place == 2


def test_ten_thousand_segments_open_and_scroll(matter: Matter, open_window: OpenWindow) -> None:
    """Ten times the bound of the bench, since tests run beside others."""
    with matter.unlock() as vault:
        interview = new_interview(vault)
        store_many(vault, interview.id, 10_000)
    window = open_window(matter)
    screen = transcript(window, interview)
    assert len(screen.lines.rows) == 10_000

    screen.table.go_to(7_000)
    settle(window)

    assert screen.editor.words() == screen.lines.row(7_000).text


def test_what_was_heard_and_then_edited_counts_as_not_heard(
    matter: Matter, open_window: OpenWindow, separated: Interview
) -> None:
    """Somebody heard the words before; these are others."""
    window = open_window(matter)
    screen = transcript(window, separated)
    press(screen.table, "Ctrl+Return")
    settle(window)
    assert screen.count.text() == "1 of 2 verified"
    screen.table.go_to(0)
    settle(window)
    type_into(screen.editor.edit, "Other words.")
    press(screen.editor.edit, "Ctrl+S")
    settle(window)

    assert screen.count.text() == "0 of 2 verified"
    assert screen.lines.index(0, 4).data() == "edited, names to review"


def test_going_to_a_segment_while_it_plays_goes_on_there(
    matter: Matter, open_window: OpenWindow
) -> None:
    """The table follows the sound, and must not pull one back from where one clicked."""
    with matter.unlock() as vault:
        interview = new_interview(vault)
        media = working_copy(vault, interview.id, [b"\1\0" * 16_000] * 60, duration_ms=60_000)
        store_many(vault, interview.id, 12, media=media)
    window = open_window(matter)
    screen = transcript(window, interview)
    wait_for(lambda: screen.hearing.position[0] is not None, "the recording")
    press(screen.table, "F4")
    wait_for(lambda: screen.hearing.position[1] > 300, "the sound")
    click_row(screen.table, 5)
    start = screen.lines.row(5).start_ms
    wait_for(lambda: screen.hearing.position[1] > start + 200, "the sound of that segment")

    assert screen.hearing.is_playing
    assert screen.table.place == 5


def test_a_cut_is_not_made_where_its_words_could_not_be_saved(
    matter: Matter,
    open_window: OpenWindow,
    drafts: Interview,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The place counts in the words that were typed; in the old ones it would be another."""
    window = open_window(matter)
    screen = transcript(window, drafts)

    def refused(*_: object) -> None:
        raise ChangedMeanwhileError

    monkeypatch.setattr(editing, "save_text", refused)
    type_into(screen.editor.edit, "New. It was cold that night.")
    at(screen, 5)
    press(screen.editor.edit, "Return")
    settle(window)

    assert texts(window, drafts)[0] == "It was cold that night."
    assert screen.editor.words() == "New. It was cold that night."
    assert window.notices.words.text() == "(!) " + str(ChangedMeanwhileError())
