"""Shaping a transcript in the window: empty segments, times, marks, replacing, undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox

from intake.capture.taking_back import list_taken_back, take_back
from intake.errors import (
    NothingVerifiedError,
    TakenBackForGoodError,
    TimesRefusedError,
    TimeUnreadableError,
)
from intake.transcript import editing, reshaping
from intake.transcript.reading import read_lines
from intake.transcript.segments import find_segment, list_segments
from tests.support.matter import (
    add_translator,
    close,
    new_interview,
    segment_of,
    store_many,
    store_segments,
    working_copy,
)
from tests.support.steps import WITNESS, custody_kinds, separated_interview
from tests.support.window import (
    choose,
    click,
    click_row,
    picture,
    press,
    save_as,
    settle,
    type_into,
    wait_for,
)
from tests.ui.test_transcript import at, texts, transcript
from ui.widgets.certificate import CertificateDialog
from ui.widgets.taken_back import TakenBackDialog

if TYPE_CHECKING:
    from pathlib import Path

    from intake.capture.interviews import Interview
    from intake.vault.vault import Vault
    from tests.support.matter import Matter
    from tests.ui.conftest import OpenWindow
    from ui.screens.transcript import TranscriptScreen
    from ui.window import Window

WORDS = ["It was cold that night.", "They counted us.", "The gate was grey. The gate fell."]


@pytest.fixture
def drafts(matter: Matter) -> Interview:
    """Return an interview of three drafts in a recording of a minute, a second apart."""
    with matter.unlock() as vault:
        interview = new_interview(vault)
        media = working_copy(vault, interview.id, [b"\1\0" * 16_000] * 60, duration_ms=60_000)
        begin = 0
        for words in WORDS:
            _store(vault, interview, media, words, begin)
            begin += 4_000
    return interview


def _store(vault: Vault, interview: Interview, media: object, words: str, begin: int) -> None:
    from intake.transcript import transcribing  # noqa: PLC0415
    from transcription.engine import Settings  # noqa: PLC0415
    from transcription.models import Model  # noqa: PLC0415

    model = Model(name="none", path=vault.folder.path, digest="0" * 64, files={})
    settings = Settings(model=model, language="en")
    segment = segment_of(words, begin)
    transcribing.store_segment(vault, interview.id, media, segment, settings)  # type: ignore[arg-type]


def times(screen: TranscriptScreen) -> list[tuple[int, int]]:
    """Return the times that the table knows."""
    return [(line.start_ms, line.end_ms) for line in screen.lines.rows]


def undo(window: Window, screen: TranscriptScreen) -> None:
    """Take the last step back from the table."""
    screen.table.setFocus()
    press(screen.table, "Ctrl+Z")
    settle(window)


# --- inserting and times --------------------------------------------------------------------------


def test_an_empty_segment_is_inserted_written_and_found_as_open(
    matter: Matter, open_window: OpenWindow, drafts: Interview
) -> None:
    """By key, behind this one; counted, reached by key, and taken away by undo."""
    window = open_window(matter)
    screen = transcript(window, drafts)
    press(screen.table, "Alt+Ins")
    settle(window)
    assert texts(window, drafts) == [WORDS[0], "", *WORDS[1:]]
    assert screen.table.place == 1
    assert times(screen)[1] == (1_500, 4_000)
    assert screen.count.text() == "0 of 4 verified, 1 empty"
    assert screen.lines.index(1, 4).data() == "empty"

    undo(window, screen)
    assert texts(window, drafts) == WORDS
    press(screen.table, "Ctrl+Shift+Z")
    settle(window)
    assert texts(window, drafts) == [WORDS[0], "", *WORDS[1:]]


def test_open_segments_are_reached_one_after_the_other(
    matter: Matter, open_window: OpenWindow, drafts: Interview
) -> None:
    """What was heard is passed over; when all are, that is said."""
    window = open_window(matter)
    screen = transcript(window, drafts)
    screen.table.go_to(1)
    settle(window)
    press(screen.table, "Ctrl+Return")
    settle(window)
    assert screen.table.place == 2
    press(screen.table, "Ctrl+Shift+Down")
    assert screen.table.place == 0
    press(screen.table, "Ctrl+Shift+Down")
    assert screen.table.place == 2
    for place in (0, 2):
        screen.table.go_to(place)
        settle(window)
        press(screen.table, "Ctrl+Return")
        settle(window)
    press(screen.table, "Ctrl+Shift+Down")

    assert not screen.next_open.isEnabled()
    assert "was heard" in window.notices.words.text()


def test_times_are_typed_stepped_and_taken_back(
    matter: Matter, open_window: OpenWindow, drafts: Interview
) -> None:
    """A time that is none, or that does not fit, is refused in a sentence and put back."""
    window = open_window(matter)
    screen = transcript(window, drafts)
    screen.table.go_to(1)
    settle(window)
    field = screen.box.times.end
    assert field.text() == "00:00:04.900"
    type_into(field, "0:06.5")
    press(field, "Return")
    settle(window)
    assert times(screen)[1] == (4_000, 6_500)
    press(field, "Up")
    press(field, "Return")
    settle(window)
    assert times(screen)[1] == (4_000, 6_600)
    type_into(field, "soon")
    press(field, "Return")
    assert str(TimeUnreadableError()) in window.notices.words.text()
    assert field.text() == "00:00:06.600"
    type_into(field, "0:01")
    press(field, "Return")
    settle(window)
    assert str(TimesRefusedError()) in window.notices.words.text()
    assert field.text() == "00:00:06.600"

    undo(window, screen)
    undo(window, screen)

    assert times(screen)[1] == (4_000, 4_900)


def test_edges_follow_the_sound_by_key_and_the_mouse(
    matter: Matter, open_window: OpenWindow, drafts: Interview
) -> None:
    """Alt+End: it ends where the sound is. Dragging an edge does the same; a click goes there."""
    window = open_window(matter)
    screen = transcript(window, drafts)
    wait_for(lambda: screen.hearing.position[0] is not None, "the recording")
    screen.hearing.player.seek(3_000)
    press(screen.table, "Alt+End")
    settle(window)
    assert times(screen)[0] == (0, 3_000)

    wave = screen.hearing.waveform
    x = wave._x(3_000)
    by = wave._x(10_000) - x
    middle = wave.height() // 2
    QTest.mousePress(wave, Qt.MouseButton.LeftButton, pos=QPoint(x, middle))
    QTest.mouseMove(wave, QPoint(x + by, middle))
    QTest.mouseRelease(wave, Qt.MouseButton.LeftButton, pos=QPoint(x + by, middle))
    settle(window)
    assert abs(times(screen)[0][1] - 10_000) < 200
    moved = times(screen)
    QTest.mouseClick(wave, Qt.MouseButton.LeftButton, pos=QPoint(wave._x(moved[0][1]), middle))
    settle(window)

    assert times(screen) == moved
    assert abs(screen.hearing.position[1] - moved[0][1]) < 200


# --- undo over everything -------------------------------------------------------------------------


def test_every_act_is_taken_back_and_done_again(
    matter: Matter, open_window: OpenWindow, drafts: Interview
) -> None:
    """Typing, splitting, merging, speakers, hearing, in one row; no revision is lost by it."""
    window = open_window(matter)
    screen = transcript(window, drafts)
    type_into(screen.editor.edit, "It was very cold that night.")
    at(screen, len("It was very cold "))
    press(screen.editor.edit, "Return")
    settle(window)
    press(screen.table, "Ctrl+2")
    settle(window)
    screen.table.go_to(2)
    settle(window)
    press(screen.table, "Ctrl+Shift+Up")
    settle(window)
    press(screen.table, "Ctrl+Return")
    settle(window)
    done = texts(window, drafts)
    assert done == ["It was very cold", "that night. They counted us.", WORDS[2]]
    before = len(custody_kinds(window.desk.vault))

    for _ in range(5):
        undo(window, screen)
    assert texts(window, drafts) == WORDS
    assert [line.speaker for line in screen.lines.rows] == [None] * 3
    assert not screen.undo.isEnabled()
    for _ in range(5):
        screen.table.setFocus()
        press(screen.table, "Ctrl+Shift+Z")
        settle(window)

    assert texts(window, drafts) == done
    assert [line.is_heard_draft for line in screen.lines.rows] == [False, True, False]
    assert [line.speaker for line in screen.lines.rows] == [None, "W-1", None]
    assert not screen.redo.isEnabled()
    assert len(custody_kinds(window.desk.vault)) > before


def test_undo_takes_typing_back_before_steps(
    matter: Matter, open_window: OpenWindow, drafts: Interview
) -> None:
    """In the field letter by letter; from another segment as one step; the button says which."""
    window = open_window(matter)
    screen = transcript(window, drafts)
    at(screen, 0)
    QTest.keyClicks(screen.editor.edit, "So ")
    press(screen.editor.edit, "Ctrl+Z")
    assert screen.editor.words() == WORDS[0]
    QTest.keyClicks(screen.editor.edit, "So ")
    press(screen.editor.edit, "Alt+Down")
    settle(window)
    assert "typing in segment 1" in screen.undo.toolTip()
    press(screen.editor.edit, "Ctrl+Z")  # nothing was typed in this segment
    settle(window)

    assert texts(window, drafts) == WORDS
    assert screen.table.place == 0


def test_a_step_that_somebody_elses_work_stops_is_said(
    matter: Matter, open_window: OpenWindow, drafts: Interview
) -> None:
    """The halves were merged elsewhere: the sentence, and nothing more can be taken back."""
    window = open_window(matter)
    screen = transcript(window, drafts)
    at(screen, 7)
    press(screen.editor.edit, "Return")
    settle(window)
    vault = window.desk.vault
    reshaping.merge_segments(vault, *list_segments(vault, drafts.id)[:2])
    undo(window, screen)

    assert window.notices.words.text().startswith("(!) ")
    assert not screen.undo.isEnabled()
    assert texts(window, drafts) == WORDS


def test_a_merge_with_an_empty_segment_is_taken_back(
    matter: Matter, open_window: OpenWindow, drafts: Interview
) -> None:
    """There is nothing to cut between: the empty one is put in again."""
    window = open_window(matter)
    screen = transcript(window, drafts)
    press(screen.table, "Alt+Ins")
    settle(window)
    before = times(screen)
    press(screen.table, "Ctrl+Shift+Up")
    settle(window)
    assert texts(window, drafts) == WORDS
    undo(window, screen)

    assert texts(window, drafts) == [WORDS[0], "", *WORDS[1:]]
    assert times(screen) == before


# --- finding, replacing, marks --------------------------------------------------------------------


def test_words_are_replaced_at_one_place_and_at_all(
    matter: Matter, open_window: OpenWindow, drafts: Interview
) -> None:
    """Every place is listed before; a replacement is one step."""
    window = open_window(matter)
    screen = transcript(window, drafts)
    press(screen.table, "Ctrl+H")
    type_into(screen.search, "the")
    screen.finder.whole.setChecked(True)
    press(screen.search, "Return")
    settle(window)
    rows = [(one.found.number, one.nth) for one in screen.finder.places.rows]
    assert rows == [(3, 0), (3, 1)]
    assert screen.table.place == 2
    assert screen.editor.edit.textCursor().selectedText() == "The"
    picture(window, "transcript-replace")
    click_row(screen.finder.table, 1)
    settle(window)
    type_into(screen.finder.new, "Another")
    click(window, "Replace this place")
    settle(window)
    assert texts(window, drafts)[2] == "The gate was grey. Another gate fell."
    type_into(screen.search, "gate")
    type_into(screen.finder.new, "door")
    screen.finder.look()
    click(window, "Replace all")
    settle(window)
    assert texts(window, drafts)[2] == "The door was grey. Another door fell."
    assert "2 place(s) replaced" in window.notices.words.text()

    undo(window, screen)
    undo(window, screen)

    assert texts(window, drafts) == WORDS


def test_what_is_typed_counts_before_it_is_replaced(
    matter: Matter, open_window: OpenWindow, drafts: Interview
) -> None:
    """Words that nobody saved yet are saved, and are there to be replaced."""
    window = open_window(matter)
    screen = transcript(window, drafts)
    type_into(screen.editor.edit, "It was cold, a cold night.")
    press(screen.editor.edit, "Ctrl+H")
    screen.search.setText("cold")
    screen.finder.look()
    screen.finder.new.setText("warm")
    click(window, "Replace all")
    settle(window)

    assert texts(window, drafts)[0] == "It was warm, a warm night."


def test_marks_are_inserted_from_the_list_and_odd_ones_pointed_out(
    matter: Matter, open_window: OpenWindow, drafts: Interview
) -> None:
    """Chosen words go into a mark that takes words; a pause takes nobody's place."""
    window = open_window(matter)
    screen = transcript(window, drafts)
    at(screen, len("It was"))
    screen.box.mark_chosen.emit("[pause]")
    assert screen.editor.words() == "It was [pause] cold that night."
    at(screen, 0)
    screen.box.mark_chosen.emit("[gesture: {words}]")
    QTest.keyClicks(screen.editor.edit, "points down")
    assert screen.editor.words().startswith("[gesture: points down] It was")
    assert not screen.box.odd.isVisible()
    QTest.keyClicks(screen.editor.edit, "[smiles]")

    assert screen.box.odd.isVisible()
    assert "[smiles]" in screen.box.odd.text()


# --- the machine, links, style --------------------------------------------------------------------


def test_what_the_machine_wrote_stands_beside_the_words(
    matter: Matter, open_window: OpenWindow, drafts: Interview
) -> None:
    """By key; it stays as it was, whatever is typed."""
    window = open_window(matter)
    screen = transcript(window, drafts)
    type_into(screen.editor.edit, "Something else.")
    press(screen.editor.edit, "Ctrl+Shift+O")
    press(screen.editor.edit, "Ctrl+S")
    settle(window)
    picture(window, "transcript-machine")
    assert screen.box.machine.isVisible()
    assert screen.box.machine.words.words() == WORDS[0]
    assert screen.box.machine.words.isReadOnly()
    assert "faster-whisper" in screen.box.machine.facts.text()
    press(screen.table, "Alt+Ins")
    settle(window)

    assert screen.box.machine.words.words() == ""
    assert "nothing here" in screen.box.machine.facts.text()


def test_a_rendition_shows_what_it_renders(
    matter: Matter, open_window: OpenWindow, drafts: Interview
) -> None:
    """Both ways, with the words of the other."""
    with matter.unlock() as vault:
        one, two, _ = list_segments(vault, drafts.id)
        with vault.change("transcript.edited", interview=drafts.id) as change:
            change.testimony.insert(
                "segment_link", rendition=two.id, source=one.id, state="confirmed"
            )
    window = open_window(matter)
    screen = transcript(window, drafts)
    assert "Rendered in segment 2" in screen.box.linked.text()
    assert WORDS[1] in screen.box.linked.text()
    screen.table.go_to(1)
    settle(window)
    assert "Renders segment 1" in screen.box.linked.text()
    screen.table.go_to(2)
    settle(window)

    assert not screen.box.linked.isVisible()


def test_style_is_chosen_and_the_transcript_certified(
    matter: Matter, open_window: OpenWindow, tmp_path: Path
) -> None:
    """Not while something is not verified; a later edit shows that the certificate is older."""
    with matter.unlock() as vault:
        interview = separated_interview(vault, ["one two", "three four"], declared=[WITNESS])
        editing.take_back_heard(vault, interview.id, [find_segment(vault, interview.id, 2)])
    window = open_window(matter)
    screen = transcript(window, interview)
    box = screen.style_box
    assert isinstance(box.style_list, QComboBox)
    assert box.style_list.currentText() == "Strict verbatim"
    click(window, "Certify")
    settle(window)
    assert str(NothingVerifiedError(1)) in window.notices.words.text()
    choose(box.style_list, "Intelligent verbatim, not for evidence")
    box.style_list.activated.emit(box.style_list.currentIndex())
    settle(window)
    screen.table.go_to(1)
    settle(window)
    press(screen.table, "Ctrl+Return")
    settle(window)
    click(window, "Certify")
    settle(window)
    assert box.said.text().startswith("certified ")
    click(window, "Certificate...")
    settle(window)
    (dialog,) = window.findChildren(CertificateDialog)
    assert "every one heard by a person" in dialog.words.toPlainText()
    picture(dialog, "certificate")
    dialog.save.click()
    save_as(window, tmp_path / "certificate.txt")
    assert (tmp_path / "certificate.txt").read_text() == dialog.words.toPlainText() + "\n"
    assert "Print it" in dialog.said.text()
    dialog._save(tmp_path / "certificate.txt")
    settle(window)
    assert "There is already something under that name." in dialog.said.text()
    dialog.away.click()
    type_into(screen.editor.edit, "three five")
    press(screen.editor.edit, "Ctrl+S")
    settle(window)
    transcript(window, interview)
    box.refresh()
    settle(window)

    assert box.said.text().startswith("(!) changed since ")
    kinds = custody_kinds(window.desk.vault)
    assert {"transcript.styled", "transcript.certified"} <= set(kinds)


def test_a_cleared_lawyer_reads_and_shapes_nothing(matter: Matter, open_window: OpenWindow) -> None:
    """No role for it: what would be refused is greyed out."""
    with matter.unlock() as vault:
        interview = new_interview(vault)
        store_segments(vault, interview.id, WORDS)
        lawyer = add_translator(vault, cleared=True, roles="legal")
    window = open_window(matter, member=lawyer)
    screen = transcript(window, interview)

    for button in (screen.box.merge, screen.box.insert, screen.box.confirm):
        assert not button.isEnabled()
    assert screen.box.times.start.isReadOnly()
    assert not screen.style_box.certify.isEnabled()
    press(screen.table, "Alt+Ins")
    press(screen.table, "Ctrl+Shift+Up")
    assert texts(window, interview) == WORDS


def test_finding_in_ten_thousand_segments_takes_a_moment(
    matter: Matter, open_window: OpenWindow
) -> None:
    """Ten times the bound of the bench; and an edit repaints one row."""
    with matter.unlock() as vault:
        interview = new_interview(vault)
        store_many(vault, interview.id, 10_000)
    window = open_window(matter)
    screen = transcript(window, interview)
    screen.search.setText("number 9999")
    screen.finder.go_on()
    settle(window)

    assert screen.editor.words() == screen.lines.row(screen.table.place or 0).text
    assert "number 9999" in screen.editor.words()
    assert [line.number for line in read_lines(window.desk.vault, interview.id, at_most=2)] == [
        1,
        2,
    ]


def test_words_typed_behind_a_closed_vault_are_not_called_saved(
    matter: Matter, open_window: OpenWindow, drafts: Interview
) -> None:
    """The two seconds of rest may end when there is nothing to save into any more."""
    window = open_window(matter)
    screen = transcript(window, drafts)
    type_into(screen.editor.edit, "Typed too late.")
    window.desk.close()
    screen.acting.save()

    assert screen.editor.is_changed


def test_what_a_timer_asks_behind_a_closed_vault_is_nobodys(
    matter: Matter, open_window: OpenWindow, drafts: Interview
) -> None:
    """A look for new segments may be due when the window has closed: nothing is raised."""
    window = open_window(matter)
    screen = transcript(window, drafts)
    window.desk.close()
    screen.refresh()
    screen.table.go_to(2)

    assert window.desk.waiting == 0


def _taken_back(window: Window) -> TakenBackDialog:
    (found,) = [one for one in window.findChildren(TakenBackDialog) if one.isVisible()]
    return found


def test_a_stretch_is_taken_back_afterwards_and_counts_again(
    matter: Matter, open_window: OpenWindow, drafts: Interview
) -> None:
    """From the segment that one is at; it is gone from the page, its number stays in the list."""
    window = open_window(matter)
    screen = transcript(window, drafts)
    screen.table.go_to(1)
    settle(window)
    type_into(screen.editor.edit, "They counted us twice.")
    click(screen, "Taken back...")
    dialog = _taken_back(window)
    assert (dialog.first.value(), dialog.last.value()) == (2, 2)
    assert not dialog.lift.isEnabled()
    dialog.first.setValue(3)
    assert "before the first" in dialog.stretch.text()
    assert not dialog.act.isEnabled()
    dialog.first.setValue(2)
    dialog.last.setValue(3)
    assert dialog.stretch.text().startswith("2 segment(s), 00:00:04")
    picture(dialog, "taken-back")
    click(dialog, "Take back")
    settle(window)
    wait_for(lambda: len(screen.lines.rows) == 1, "two segments gone")

    assert texts(window, drafts) == WORDS[:1]
    assert [each.number for each in list_taken_back(window.desk.vault, drafts.id)] == [1]
    click(screen, "Taken back...")
    dialog = _taken_back(window)
    wait_for(lambda: dialog.rows.rows, "the list")
    click_row(dialog.table, 0)
    picture(screen, "transcript-taken-back")
    click(dialog, "Let it count again")
    settle(window)
    wait_for(lambda: len(screen.lines.rows) == 3, "all three again")
    assert texts(window, drafts) == [WORDS[0], "They counted us twice.", WORDS[2]]
    assert custody_kinds(window.desk.vault)[-2:] == [
        "account.taken_back",
        "account.take_back_lifted",
    ]


def test_a_closed_interview_keeps_what_was_taken_back(
    matter: Matter, open_window: OpenWindow, drafts: Interview
) -> None:
    """The refusal is said in the dialog, which stays."""
    with matter.unlock() as vault:
        (media,) = {row.media for row in list_segments(vault, drafts.id)}
        take_back(vault, drafts.id, media, 0, 3_000)
        close(vault, drafts.id)
    window = open_window(matter)
    screen = transcript(window, drafts)
    click(screen, "Taken back...")
    dialog = _taken_back(window)
    wait_for(lambda: dialog.rows.rows, "the list")
    click_row(dialog.table, 0)
    click(dialog, "Let it count again")
    settle(window)
    assert dialog.said.text() == TakenBackForGoodError.sentence


def test_a_lawyer_sees_what_was_taken_back_and_takes_nothing_back(
    matter: Matter, open_window: OpenWindow, drafts: Interview
) -> None:
    """Twin of the acts above: without the role both buttons are dead."""
    with matter.unlock() as vault:
        (media,) = {row.media for row in list_segments(vault, drafts.id)}
        take_back(vault, drafts.id, media, 0, 3_000)
        lawyer = add_translator(vault, cleared=True, roles="legal")
    window = open_window(matter, member=lawyer)
    screen = transcript(window, drafts)
    click(screen, "Taken back...")
    dialog = _taken_back(window)
    wait_for(lambda: dialog.rows.rows, "the list")
    click_row(dialog.table, 0)
    assert not dialog.lift.isEnabled()
    assert not dialog.act.isEnabled()
