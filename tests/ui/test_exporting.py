"""Releasing and exporting one statement: what stops it, near spellings, the file, its digest."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit

from intake.consent.setting import set_answer
from intake.review.declaring import Declaration, declare
from intake.review.treating import Treatment
from intake.statement.issued import list_exports, list_releases
from intake.statement.recipients import add_recipient, list_recipients
from intake.statement.releasing import release
from intake.text import DraftText, Kind, Token
from intake.transcript.editing import save_text
from intake.transcript.segments import find_segment
from tests.support.matter import add_translator, new_interview, store_segments
from tests.support.steps import (
    PROFILE,
    a_recipient,
    confirm_all,
    custody_kinds,
    places_of_words,
    separated_interview,
    translate_all,
)
from tests.support.window import (
    choose,
    click,
    click_row,
    find,
    picture,
    press,
    save_as,
    settle,
    type_into,
    wait_for,
)
from ui.context import InterviewRef, Place
from ui.preferences import Preferences
from ui.screens.base import Screen
from ui.screens.exporting import ExportScreen
from ui.theme import Look, dress

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QTreeWidget

    from intake.capture.interviews import Interview
    from intake.opening import Vault
    from tests.support.matter import Matter
    from tests.ui.conftest import OpenWindow
    from ui.window import Window

FRENCH = ((Token(Kind.PERSON, 1, 0), " a parlé."), ("On a lu nos chiffres.",))
_OTHERS = (Place.INTERVIEW, Place.TRANSCRIPT, Place.REVIEW, Place.TRANSLATION, Place.NAMES)
UYGHUR_NAME = "ئويدۇرما سوت"


def transcribed(vault: Vault) -> None:
    """Say of the recording what the transcriber says at its end."""
    for row in vault.testimony.rows("SELECT id FROM media"):
        with vault.change("transcript.finished", media=row["id"], count=1) as change:
            change.testimony.update("media", {"id": row["id"]}, state="transcribed")


def screen_of(window: Window) -> ExportScreen:
    """Return the screen."""
    found = window.screen_at(Place.EXPORT)
    assert isinstance(found, ExportScreen)
    return found


def open_export(window: Window, interview: Interview) -> ExportScreen:
    """Go to the export page of an interview; the screens that it leads to are empty ones here."""
    others = dict.fromkeys(_OTHERS, Screen)
    window._makers = {**window._makers, **others}
    window.go(Place.EXPORT, InterviewRef(interview.id, interview.code))
    settle(window)
    return screen_of(window)


def compose(edit: QLineEdit, words: str) -> None:
    """Type with an input method, as one does where the keyboard has no such letters."""
    edit.setFocus()
    event = QInputMethodEvent()
    event.setCommitString(words)
    QApplication.sendEvent(edit, event)


def stops(screen: ExportScreen) -> list[tuple[str, str]]:
    """Return place and cause of every row that stops something."""
    return [(line.stop.place, line.stop.what) for line in screen.stops.rows]


def tick(tree: QTreeWidget, row: int) -> None:
    """Click the check box of a row."""
    item = tree.topLevelItem(row)
    assert item is not None
    at = tree.visualItemRect(item)
    QTest.mouseClick(
        tree.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(at.left() + 10, at.center().y())
    )


def is_enabled(window: Window, name: str) -> bool:
    """Tell whether a button can be pressed."""
    return find(window, QAbstractButton, name).isEnabled()


def near_interview(matter: Matter) -> Interview:
    """Make an interview whose kept town comes near to a name that was declared later."""
    with matter.unlock() as vault:
        town = Declaration(Kind.LOCATION, ("Lakewarren",), Treatment("keep", reason="city"))
        texts = ["We lived in Lakewarren.", "Back to Lakewarren we came."]
        interview = separated_interview(vault, texts, declared=(town,))
        declare(vault, [Declaration(Kind.PERSON, ("Lakewaren",))])
        a_recipient(vault, interview.id)
    return interview


def test_a_ready_statement_leaves_in_four_actions(
    matter: Matter, open_window: OpenWindow, tmp_path: Path
) -> None:
    """From the first page: next step, release, export, the file's name. Its digest is said."""
    with matter.unlock() as vault:
        interview = separated_interview(vault)
        a_recipient(vault, interview.id)
        transcribed(vault)
    window = open_window(matter)
    target = tmp_path / "statement.pdf"
    actions = 0

    click(window, "Go to the next step")
    actions += 1
    settle(window)
    screen = screen_of(window)
    assert window.place is Place.EXPORT
    assert not screen.stop_table.isVisible()
    assert screen.state.text() == "Nothing stops a release."
    picture(window, "export-ready")
    click(window, "Release")
    actions += 1
    settle(window)
    assert screen.done.text().startswith("Released: statement 1, version 1, 2 paragraph(s), ")
    picture(window, "export-released")
    click(window, "Export...")
    actions += 1
    save_as(window, target)
    actions += 1

    assert actions == 4
    said = screen.done.text()
    assert f"Written: {target} (" in said
    assert hashlib.sha256(target.read_bytes()).hexdigest() in said
    assert "Left out: hidden: 1 person, 1 place; " in said
    assert "Kept by name: 1 person." in said
    assert [line.made.version for line in screen.past.rows.rows] == [1, 1]
    assert list_exports(window.desk.vault, interview.id)[0].state == "done"
    picture(window, "export-done")


def test_everything_that_stops_it_is_listed_and_leads_to_its_place(
    matter: Matter, open_window: OpenWindow
) -> None:
    """Consent, draft, unheard, untranslated; Enter on each row goes where it is mended."""
    with matter.unlock() as vault:
        interview = separated_interview(vault)
        store_segments(vault, interview.id, ["Then Amina Testowa came."])
        save_text(vault, find_segment(vault, interview.id, 1), DraftText("I was there."))
        second = find_segment(vault, interview.id, 2).id
        with vault.change("transcript.confirmed", interview=interview.id, count=0) as change:
            change.testimony.update("segment", {"id": second}, heard_rev=0)
        add_recipient(vault, recipient_class="prosecutor", name="A Court")
    window = open_window(matter)
    screen = open_export(window, interview)

    assert stops(screen) == [
        ("consent: share with prosecutor", "the witness was not asked, and not asked counts as no"),
        ("segment 1", "names are not separated"),
        ("segment 2", "nobody heard it"),
        ("segment 3", "names are not separated"),
    ]
    assert screen.state.text() == "What stops a release (4):"
    assert not is_enabled(window, "Release")
    assert not is_enabled(window, "Export...")
    picture(window, "export-stopped")

    went = []
    for row in range(3):
        screen.stop_table.go_to(row)
        press(screen.stop_table, "Return")
        went.append(window.place)
        open_export(window, interview)

    assert went == [Place.INTERVIEW, Place.REVIEW, Place.TRANSCRIPT]


def test_what_was_mended_elsewhere_is_gone_on_coming_back(
    matter: Matter, open_window: OpenWindow
) -> None:
    """The list is read anew each time the page comes to the front."""
    with matter.unlock() as vault:
        interview = separated_interview(vault)
        add_recipient(vault, recipient_class="prosecutor", name="A Court")
    window = open_window(matter)
    screen = open_export(window, interview)
    assert stops(screen)[0][0] == "consent: share with prosecutor"

    window.go(Place.WITNESSES, None)
    set_answer(
        window.desk.vault,
        interview.id,
        act="share",
        recipient_class="prosecutor",
        answer="without_name",
    )
    click(window, "rail-export")
    settle(window)

    assert screen.state.text() == "Nothing stops a release."
    assert is_enabled(window, "Release")


def test_a_recipient_is_entered_and_chosen(matter: Matter, open_window: OpenWindow) -> None:
    """By class and name, right to left too; the name lies in the identity register alone."""
    with matter.unlock() as vault:
        interview = separated_interview(vault)
    window = open_window(matter)
    screen = open_export(window, interview)
    assert screen.state.text() == "Who will get it? A cleared member enters a recipient."
    assert not is_enabled(window, "Enter")
    picture(window, "export-nobody")

    choose(screen.recipients.kind, "UN body")
    compose(screen.recipients.name, UYGHUR_NAME)
    press(screen.recipients.name, "Return")
    settle(window)

    vault = window.desk.vault
    (listed,) = list_recipients(vault)
    assert (listed.recipient.recipient_class, listed.name) == ("un_body", UYGHUR_NAME)
    assert places_of_words(vault.testimony, [UYGHUR_NAME]) == []
    assert screen.recipients.list.currentText() == f"RC-1 · UN body · \u2068{UYGHUR_NAME}\u2069"
    assert not screen.recipients.form.isVisible()
    assert stops(screen)[0][0] == "consent: share with un body"
    assert UYGHUR_NAME not in window.windowTitle()


def test_choosing_another_recipient_shows_what_stops_that_one(
    matter: Matter, open_window: OpenWindow
) -> None:
    """Consent is asked for each class."""
    with matter.unlock() as vault:
        interview = separated_interview(vault)
        a_recipient(vault, interview.id)
        add_recipient(vault, recipient_class="public", name="A Report")
    window = open_window(matter)
    screen = open_export(window, interview)
    assert is_enabled(window, "Release")

    choose(screen.recipients.list, "RC-2 · Public report · \u2068A Report\u2069")
    settle(window)

    assert (
        "consent: share with public",
        "the witness was not asked, and not asked counts as no",
    ) in (stops(screen))
    assert not is_enabled(window, "Release")


def test_a_whole_translation_is_the_second_column(matter: Matter, open_window: OpenWindow) -> None:
    """Chosen by itself where every row is confirmed; the release says so; none can be chosen."""
    with matter.unlock() as vault:
        interview = separated_interview(vault)
        a_recipient(vault, interview.id)
        translator = add_translator(vault)
        translate_all(vault, lambda: matter.unlock_as(translator), interview.id, FRENCH)
    with matter.unlock() as vault:
        confirm_all(vault, interview.id)
    window = open_window(matter)
    screen = open_export(window, interview)
    assert screen.translation.currentText() == "French"

    click(window, "Release")
    settle(window)
    assert screen.export_state.text().endswith(", with French: can be exported.")
    choose(screen.translation, "none")
    settle(window)
    click(window, "Release")
    settle(window)

    found = list_releases(window.desk.vault, interview.id)
    assert [one.translation for one in found] == ["", "fr"]


def test_near_spellings_are_judged_one_by_one(matter: Matter, open_window: OpenWindow) -> None:
    """Nothing is ticked beforehand; what is not ticked still stops; then it is released."""
    interview = near_interview(matter)
    window = open_window(matter)
    screen = open_export(window, interview)

    click(window, "Release")
    settle(window)
    tree = screen.doubtful
    count = tree.topLevelItemCount()
    words = [tree.topLevelItem(row).text(1) for row in range(count)]  # type: ignore[union-attr]  # rows
    assert set(words) == {"Lakewarren"}
    assert tree.ticked() == ()
    assert list_releases(window.desk.vault, interview.id) == []
    assert "Lakewarren" not in screen.state.text()
    picture(window, "export-doubtful")

    tick(tree, 0)
    assert tree.ticked() == (1,)
    click(window, "Release")
    settle(window)
    assert tree.topLevelItemCount() == count - 1
    assert list_releases(window.desk.vault, interview.id) == []
    while tree.isVisible():
        tree.setFocus()
        press(tree, "Space")
        click(window, "Release")
        settle(window)

    assert "Near spellings judged by a person: " in screen.done.text()
    assert len(list_releases(window.desk.vault, interview.id)) == 1
    assert custody_kinds(window.desk.vault).count("statement.near_judged") == count


def test_leaving_forgets_the_numbers_of_the_last_check(
    matter: Matter, open_window: OpenWindow
) -> None:
    """They hold for what was there then; Enter on one leads to the review."""
    interview = near_interview(matter)
    window = open_window(matter)
    screen = open_export(window, interview)
    click(window, "Release")
    settle(window)
    tick(screen.doubtful, 0)

    press(screen.doubtful, "Return")
    assert window.place is Place.REVIEW
    open_export(window, interview)

    assert not screen.doubtful.isVisible()
    assert screen.state.text() == "Nothing stops a release."


def test_an_exact_form_cannot_be_ticked(matter: Matter, open_window: OpenWindow) -> None:
    """A kept name that holds a hidden one: rows with page and entity, no check box, no word."""
    barracks = Declaration(
        Kind.ORGANISATION, ("Testova Barracks",), Treatment("keep", reason="institution")
    )
    witness = Declaration(Kind.PERSON, ("Amina Testova", "Testova Amina"))
    texts = ["My name is Amina Testova.", "They took us to Testova Barracks."]
    with matter.unlock() as vault:
        interview = separated_interview(vault, texts, declared=(witness, barracks))
        a_recipient(vault, interview.id)
    window = open_window(matter)
    screen = open_export(window, interview)

    click(window, "Release")
    settle(window)

    assert not screen.doubtful.isVisible()
    found = stops(screen)
    assert any(what == "a form of Person 1 is still there" for _, what in found)
    assert "names register, Organisation 2" in [place for place, _ in found]
    assert "Testova" not in str(found)
    assert list_releases(window.desk.vault, interview.id) == []
    assert screen.stop_table.hasFocus()


def test_an_uncleared_member_exports_what_was_released(
    matter: Matter, open_window: OpenWindow, tmp_path: Path
) -> None:
    """They see codes, no names; they release nothing, and write out what a cleared member made."""
    with matter.unlock() as vault:
        interview = separated_interview(vault)
        recipient = a_recipient(vault, interview.id)
        legal = add_translator(vault, roles="legal")
        release(vault, interview.id, recipient, profile=PROFILE)
    window = open_window(matter, member=legal)
    screen = open_export(window, interview)
    assert screen.recipients.list.currentText() == "RC-1 · Prosecutor at the court"
    assert not is_enabled(window, "Release")
    assert not is_enabled(window, "New recipient...")
    assert screen.export_button.hasFocus()

    press(screen.export_button, "Space")
    save_as(window, tmp_path / "statement.pdf")

    assert (tmp_path / "statement.pdf").read_bytes().startswith(b"%PDF")
    assert "Left out: hidden: 1 person, 1 place; " in screen.done.text()


def test_names_found_since_stop_the_export(matter: Matter, open_window: OpenWindow) -> None:
    """The release is there and no longer goes out; the list of the past says why."""
    with matter.unlock() as vault:
        interview = separated_interview(vault)
        recipient = a_recipient(vault, interview.id)
        release(vault, interview.id, recipient, profile=PROFILE)
        declare(vault, [Declaration(Kind.LOCATION, ("Grauweide",))])
    window = open_window(matter)
    screen = open_export(window, interview)

    (line,) = screen.stops.rows
    assert (line.stop.place, line.stops_release, line.stops_export) == (
        "names register",
        False,
        True,
    )
    assert screen.export_state.text().endswith("cannot be exported as it stands.")
    assert not is_enabled(window, "Export...")
    assert screen.past.rows.index(0, 5).data() == "(!) names changed since: release again"
    click_row(screen.stop_table, 0, double=True)
    assert screen.release_button.hasFocus()


@pytest.mark.parametrize("place", ["taken", "vault", "nowhere"])
def test_a_place_that_takes_no_file_is_refused_with_its_sentence(
    matter: Matter, open_window: OpenWindow, tmp_path: Path, place: str
) -> None:
    """Something there already, the vault itself, a folder that is none."""
    with matter.unlock() as vault:
        interview = separated_interview(vault)
        recipient = a_recipient(vault, interview.id)
        release(vault, interview.id, recipient, profile=PROFILE)
    taken = tmp_path / "taken.pdf"
    taken.write_bytes(b"something else")
    target, said = {
        "taken": (taken, "There is already something under that name."),
        "vault": (matter.path / "statement.pdf", "This place is inside the vault's own folder."),
        "nowhere": (tmp_path / "no" / "statement.pdf", "The file could not be written there."),
    }[place]
    window = open_window(matter)
    screen = open_export(window, interview)

    screen._export(interview.id, recipient, target)
    settle(window)

    assert window.notices.words.text().startswith(f"(!) {said}")
    assert taken.read_bytes() == b"something else"
    assert is_enabled(window, "Export...")
    assert not screen.done.isVisible()


def test_a_name_in_the_files_own_name_is_a_row_and_no_check_box(
    matter: Matter, open_window: OpenWindow, tmp_path: Path
) -> None:
    """An exact form and a near one: neither can be judged here, another name mends it."""
    with matter.unlock() as vault:
        interview = separated_interview(vault)
        recipient = a_recipient(vault, interview.id)
        release(vault, interview.id, recipient, profile=PROFILE)
    window = open_window(matter)
    screen = open_export(window, interview)

    for name in ("Qarabulaq.pdf", "Qarabulag.pdf"):
        click(window, "Export...")
        save_as(window, tmp_path / name)
        assert not (tmp_path / name).exists()
        assert [(line.stops_release, line.stops_export) for line in screen.stops.rows] == [
            (False, True)
        ]
        assert not screen.doubtful.isVisible()
        assert window.place is Place.EXPORT

    click(window, "Export...")
    save_as(window, tmp_path / "statement.pdf")
    assert stops(screen) == []
    assert (tmp_path / "statement.pdf").exists()


def test_a_withdrawal_while_the_dialog_is_open_stops_the_export(
    matter: Matter, open_window: OpenWindow, tmp_path: Path
) -> None:
    """The gate asks again; the row appears, and no file does."""
    with matter.unlock() as vault:
        interview = separated_interview(vault)
        recipient = a_recipient(vault, interview.id)
        release(vault, interview.id, recipient, profile=PROFILE)
    window = open_window(matter)
    screen = open_export(window, interview)

    click(window, "Export...")
    set_answer(
        window.desk.vault, interview.id, act="share", recipient_class="prosecutor", answer="no"
    )
    save_as(window, tmp_path / "statement.pdf")

    assert not (tmp_path / "statement.pdf").exists()
    assert ("consent: share with prosecutor") in [place for place, _ in stops(screen)]
    assert not is_enabled(window, "Export...")


def test_a_typed_name_stays_when_one_looks_elsewhere(
    matter: Matter, open_window: OpenWindow
) -> None:
    """A half-entered recipient is nobody yet; what was typed is there on coming back."""
    with matter.unlock() as vault:
        interview = separated_interview(vault)
    window = open_window(matter)
    screen = open_export(window, interview)
    type_into(screen.recipients.name, "An Invented")

    window.go(Place.WITNESSES, None)
    settle(window)
    open_export(window, interview)

    assert screen.recipients.name.text() == "An Invented"
    assert list_recipients(window.desk.vault) == []


def test_an_interview_without_a_transcript_leads_to_its_recording(
    matter: Matter, open_window: OpenWindow
) -> None:
    """There is nothing to release."""
    with matter.unlock() as vault:
        interview = new_interview(vault)
        a_recipient(vault, interview.id)
    window = open_window(matter)
    screen = open_export(window, interview)
    assert ("transcript", "there is none yet") in stops(screen)

    screen.stop_table.go_to(0)
    press(screen.stop_table, "Return")

    assert window.place is Place.INTERVIEW


def test_a_job_that_ends_elsewhere_refreshes_the_page(
    matter: Matter, open_window: OpenWindow
) -> None:
    """Transcription that goes on in the back makes rows that stop a release."""
    with matter.unlock() as vault:
        interview = separated_interview(vault)
        a_recipient(vault, interview.id)
    window = open_window(matter)
    screen = open_export(window, interview)
    assert is_enabled(window, "Release")

    window.jobs.start(
        window,
        "Working",
        lambda vault, _token, _report: store_segments(vault, interview.id, ["More was said."]),
    )
    wait_for(lambda: window.jobs.is_running, "the job")
    settle(window)
    settle(window)

    assert ("segment 3", "names are not separated") in stops(screen)


def test_it_looks_right_in_dark_and_right_to_left(
    matter: Matter, open_window: OpenWindow, qapp: QApplication
) -> None:
    """Both at once, for the eye; nothing warns."""
    interview = near_interview(matter)
    window = open_window(matter)
    screen = open_export(window, interview)
    click(window, "Release")
    settle(window)
    try:
        window.prefer(Preferences(look=Look.DARK))
        dress(qapp, Look.DARK, 11)
        qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        QTest.qWait(10)
        picture(window, "export-dark-rtl")
        assert screen.isRightToLeft()
    finally:
        dress(qapp, Look.LIGHT, 11)
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
