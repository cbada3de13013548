"""The translation page: by keyboard, with name marks, held and taken into review; XLIFF beside."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QLineEdit,
    QListWidget,
    QPushButton,
    QWidget,
)

from intake.consent.setting import set_answer
from intake.errors import NotSeparatedYetError, SourceCorrectedError, TypedTokenError
from intake.review.declaring import Declaration, declare
from intake.review.separating import separate_ready
from intake.review.treating import Treatment
from intake.text import DraftText, Kind
from intake.transcript.editing import save_text
from intake.transcript.segments import find_segment
from intake.translation import xliff
from intake.translation.holding import list_held
from intake.translation.rows import begin_translation, list_translations
from intake.translation.typed_rows import RowLine, RowState, hold_row, read_rows
from tests.support.matter import add_translator, new_interview, store_many, store_segments
from tests.support.steps import (
    confirm_all,
    custody_kinds,
    decide_all,
    hear_all,
    places_of_words,
    separated_interview,
)
from tests.support.window import (
    choose,
    click,
    click_row,
    find,
    picture,
    press,
    settle,
    wait_for,
)
from ui.context import InterviewRef, Place
from ui.models import row_keeping
from ui.preferences import Preferences
from ui.screens.base import Screen
from ui.screens.translation import TranslationScreen
from ui.theme import Look, dress
from ui.widgets.xliff_box import OddDialog, StopsDialog, TranslatorDialog
from ui.wording import runs_right_to_left

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from intake.capture.interviews import Interview
    from intake.opening import MemberId, Vault
    from tests.support.matter import Matter
    from tests.ui.conftest import OpenWindow
    from ui.window import Window

WITNESS = Declaration(Kind.PERSON, ("ئامىنە تېستوۋا", "Amina Testova"))
ACCUSED = Declaration(
    Kind.PERSON, ("راخمان ئوسك", "Rahman Osk"), Treatment("keep", reason="accused")
)
VILLAGE = Declaration(Kind.LOCATION, ("قارابۇلاق", "Qarabulaq"))
UYGHUR = (
    "مېنىڭ ئىسمىم ئامىنە تېستوۋا، مەن قارابۇلاق دا ياشىغان.",
    "شۇ كېچىسى راخمان ئوسك نومۇرلىرىمىزنى ئوقۇدى.",
    "ھاۋا بەك سوغۇق ئىدى، 08:30 دا ھېچكىم گەپ قىلمىدى.",
)
ARABIC = "اسمي أمينة، الساعة 08:30 في Camp-3."


class Made:
    """A Uyghur interview of three rows being translated into English, and a translator."""

    def __init__(self, matter: Matter) -> None:
        self.matter = matter
        with matter.unlock() as vault:
            declare(vault, (WITNESS, ACCUSED, VILLAGE))
            self.interview: Interview = new_interview(vault)
            store_segments(vault, self.interview.id, UYGHUR, lang="ug")
            decide_all(vault, self.interview.id)
            hear_all(vault, self.interview.id)
            begin_translation(vault, self.interview.id, "en")
            for row in vault.testimony.rows("SELECT id FROM media"):  # as the engine ends
                with vault.change("transcript.finished", media=row["id"], count=3) as change:
                    change.testimony.update("media", {"id": row["id"]}, state="transcribed")
            self.translator: MemberId = add_translator(vault)

    def rows(self, vault: Vault, lang: str = "en") -> list[RowLine]:
        """Read the grid."""
        return read_rows(vault, self.interview.id, lang)

    def correct_source(self, vault: Vault, number: int) -> None:
        """Correct a segment and separate it again, as a cleared member."""
        segment = find_segment(vault, self.interview.id, number)
        save_text(vault, segment, DraftText(UYGHUR[number - 1] + " شۇ."))
        separate_ready(vault, self.interview.id)


@pytest.fixture
def made(matter: Matter) -> Made:
    """Return the interview."""
    return Made(matter)


@pytest.fixture(autouse=True)
def _dressed_again(qapp: QApplication) -> Iterator[None]:
    yield
    dress(qapp, Look.LIGHT, 11)
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def show(window: Window, interview: Interview) -> TranslationScreen:
    """Open the page for an interview; the review that it leads to is an empty page here."""
    window._makers = {**window._makers, Place.REVIEW: Screen}
    window.go(Place.TRANSLATION, InterviewRef(interview.id, interview.code))
    settle(window)
    found = window.screen_at(Place.TRANSLATION)
    assert isinstance(found, TranslationScreen)
    return found


def keys(screen: TranslationScreen, words: str) -> None:
    """Type where the focus is, which must be the field of the translation.

    Letters that the test's keyboard lacks come from an input method.
    """
    assert QApplication.focusWidget() is screen.box.target
    if words.isascii():
        QTest.keyClicks(screen.box.target, words)
    else:
        compose(screen.box.target, words)


def compose(widget: QWidget, words: str) -> None:
    """Type with an input method, as one types Arabic."""
    event = QInputMethodEvent()
    event.setCommitString(words)
    QApplication.sendEvent(widget, event)


def tab_to(window: Window, wanted: QWidget) -> None:
    """Press Tab until the focus is there."""
    for _ in range(80):
        focus = QApplication.focusWidget()
        if focus is wanted:
            return
        press(focus or window, "Tab")
    raise AssertionError(f"no Tab leads to {wanted.objectName() or wanted}")


def lock(window: Window) -> None:
    """Press the lock's key and wait until everything is on the disk."""
    told: list[str] = []
    window.locked.connect(lambda: told.append("locked"))
    window.activateWindow()
    QTest.qWaitForWindowActive(window)
    press(window, "Ctrl+L")
    wait_for(lambda: told, "the lock")


def looked_at(screen: TranslationScreen, words: str) -> None:
    """Wait until that stands under the field."""
    wait_for(lambda: words in screen.box.odd.text(), f"{words!r} in {screen.box.odd.text()!r}")


def dialog_of(window: Window, kind: type[QDialog]) -> QDialog:
    """Return the one dialog of that sort that is open."""
    (found,) = [one for one in window.findChildren(kind) if one.isVisible()]
    return found


def name_file(window: Window, path: Path) -> None:
    """Put a file's name into the dialog that is open, and take it."""
    dialog = dialog_of(window, QFileDialog)
    edit = dialog.findChild(QLineEdit, "fileNameEdit")
    assert edit is not None
    edit.setText(str(path))
    press(edit, "Return")
    settle(window)


def put_cursor(screen: TranslationScreen, place: int) -> None:
    """Put the cursor to a place in UTF-16 units."""
    cursor = screen.box.target.textCursor()
    cursor.setPosition(place)
    screen.box.target.setTextCursor(cursor)


# --- Beginning -----------------------------------------------------------------------------------


# Lists that open over a window are not all that Qt's offscreen plugin can.
@pytest.mark.qt_log_ignore("^This plugin does not support (raise|grabbing)", extend=True)
def test_a_translation_is_begun_by_typing_its_language(
    matter: Matter, open_window: OpenWindow
) -> None:
    """From an empty page to a row for each segment; then another language beside it."""
    with matter.unlock() as vault:
        interview = separated_interview(vault)
    window = open_window(matter)
    screen = show(window, interview)
    assert screen.choice.why.text().startswith("No translation yet.")
    assert not screen.choice.begin.isEnabled()
    assert QApplication.focusWidget() is screen.choice.new_language
    picture(window, "translation-none")

    choose_language(screen, "arabic")
    click(window, "Begin the translation")
    settle(window)

    assert [line.state for line in screen.lines.rows] == [RowState.EMPTY, RowState.EMPTY]
    assert screen.choice.progress.text() == "0 of 2 confirmed, 0 waiting, 2 empty"
    click(window, "Begin another...")
    choose_language(screen, "French")
    click(window, "Begin the translation")
    settle(window)
    assert list_translations(window.desk.vault, interview.id) == ["ar", "fr"]
    assert screen.choice.code == "fr"
    choose(screen.choice.languages, "Arabic")
    settle(window)
    assert screen.box.target_label.text() == "&Translation: Arabic"


def choose_language(screen: TranslationScreen, words: str) -> None:
    """Type a language's name and take the first that is offered."""
    box = screen.choice.new_language
    QTest.keyClicks(box.lineEdit(), words)
    popup = box.completer().popup()
    wait_for(popup.isVisible, "the list of languages")
    press(popup, "Down")
    press(popup, "Return")


def test_nothing_is_begun_before_everything_is_separated(
    matter: Matter, open_window: OpenWindow
) -> None:
    """The sentence of the command, and no way round it."""
    with matter.unlock() as vault:
        bare = new_interview(vault)
        drafts = new_interview(vault)
        store_segments(vault, drafts.id, ["Amina said it."])
    window = open_window(matter)

    screen = show(window, drafts)
    assert screen.choice.why.text() == str(NotSeparatedYetError())
    assert not screen.choice.begin.isEnabled()
    assert not screen.work.isVisible()
    assert show(window, bare).choice.why.text().startswith("Nothing is transcribed yet")


def test_a_member_who_may_not_begin_is_told_who_does(
    matter: Matter, open_window: OpenWindow
) -> None:
    """An uncleared lawyer reads; typing is for others, and the page says so."""
    with matter.unlock() as vault:
        interview = separated_interview(vault)
        lawyer = add_translator(vault, roles="legal")
    window = open_window(matter, member=lawyer)
    screen = show(window, interview)
    assert "A translator or a cleared member begins it." in screen.choice.why.text()
    assert not screen.choice.new_language.isEnabled()
    begin_translation(window.desk.vault, interview.id, "fr")  # what a translator would do
    window.go(Place.WITNESSES, None)

    show(window, interview)

    assert screen.box.target.isReadOnly()
    assert "Translators and cleared interviewers type here" in screen.box.note.text()
    assert not screen.confirm.isEnabled()
    assert not screen.review.isEnabled()


# --- Translating ---------------------------------------------------------------------------------


def test_a_translator_translates_by_keyboard_alone(made: Made, open_window: OpenWindow) -> None:
    """From the first page to three held rows: no mouse, no name seen, an entry of custody each."""
    with made.matter.unlock() as vault:
        before = len(custody_kinds(vault))
    window = open_window(made.matter, member=made.translator)
    step = find(window, QPushButton, "Go to the next step")
    tab_to(window, step)
    press(step, "Space")
    settle(window)
    assert window.place is Place.TRANSLATION
    screen = window.screen_at(Place.TRANSLATION)
    assert isinstance(screen, TranslationScreen)
    assert "تېستوۋا" not in screen.box.source.words()

    press(screen.box.target, "Ctrl+1")
    keys(screen, " is my name, and I lived in ")
    press(screen.box.target, "Ctrl+2")
    keys(screen, ".")
    picture(window, "translation-typing")
    press(screen.box.target, "Ctrl+Return")
    press(screen.box.target, "Ctrl+1")
    keys(screen, " read our numbers that night.")
    press(screen.box.target, "Ctrl+Return")
    keys(screen, "It was very cold.")
    press(screen.box.target, "Alt+Up")
    assert screen.box.target.words() == "⟦P2.1⟧ read our numbers that night."
    press(screen.box.target, "Alt+Down")
    press(screen.box.target, "Ctrl+Return")
    settle(window)

    assert window.notices.words.text() == "No other row is left to translate."
    assert [line.state for line in screen.lines.rows] == [RowState.HELD] * 3
    lock(window)
    with made.matter.unlock() as vault:
        assert custody_kinds(vault)[before:] == ["translation.held"] * 3
        assert [line.target for line in made.rows(vault)] == [
            "ئامىنە تېستوۋا is my name, and I lived in قارابۇلاق.",
            "راخمان ئوسك read our numbers that night.",
            "It was very cold.",
        ]
        for store in (vault.testimony, vault.identities):
            assert places_of_words(store, ["read our numbers"]) == []


def test_pauses_make_no_entries_and_rest_makes_one(made: Made, open_window: OpenWindow) -> None:
    """One entry for a row that was typed in five goes; one more for what was added later."""
    window = open_window(made.matter, member=made.translator)
    screen = show(window, made.interview)
    before = len(custody_kinds(window.desk.vault))
    for part in ("It ", "was ", "very ", "cold", "."):
        keys(screen, part)
        QTest.qWait(20)
        settle(window)
    assert len(custody_kinds(window.desk.vault)) == before
    assert screen.box._rest.remainingTime() > 20_000

    screen.box._rest.setInterval(1)  # half a minute without a key
    keys(screen, " Very.")
    wait_for(lambda: screen.lines.row(0).state is RowState.HELD, "the row being saved")
    assert len(custody_kinds(window.desk.vault)) == before + 1
    assert screen.box.target.words() == "It was very cold. Very."
    press(screen.box.target, "Ctrl+S")
    press(screen.box.target, "Alt+Down")
    settle(window)
    assert len(custody_kinds(window.desk.vault)) == before + 1
    assert window.status.saved.text().startswith("Saved ")


def test_nothing_typed_is_lost_by_going_elsewhere_or_locking(
    made: Made, open_window: OpenWindow
) -> None:
    """Also what was typed a moment before, with a mark cut in two: every letter is there again."""
    window = open_window(made.matter, member=made.translator)
    screen = show(window, made.interview)
    keys(screen, "First.")
    window.go(Place.WITNESSES, None)
    settle(window)
    assert made.rows(window.desk.vault)[0].target == "First."
    show(window, made.interview)
    assert screen.box.target.words() == "First."
    press(screen.box.target, "Alt+Down")
    keys(screen, "Half a mark: \u27e6P2.")
    press(screen.box.target, "Alt+Down")
    keys(screen, "Third \u27e7.")

    lock(window)

    with made.matter.unlock_as(made.translator) as vault:
        assert [line.target for line in made.rows(vault)] == [
            "First.",
            "Half a mark: ⟦lb⟧P2.",
            "Third ⟦rb⟧.",
        ]


def test_a_damaged_mark_stays_in_front_with_its_sentence(
    made: Made, open_window: OpenWindow
) -> None:
    """Confirming goes nowhere; another way of leaving the row keeps the words and says so."""
    window = open_window(made.matter, member=made.translator)
    screen = show(window, made.interview)
    keys(screen, "I am \u27e6P1.")
    looked_at(screen, str(TypedTokenError()))
    press(screen.box.target, "Ctrl+Return")
    assert screen.table.place == 0
    assert made.rows(window.desk.vault)[0].state is RowState.EMPTY

    press(screen.box.target, "Alt+Down")
    settle(window)
    assert window.notices.words.text() == "(!) " + str(TypedTokenError())
    assert screen.table.state_of(screen.lines.row(0)) == "(!) not saved"
    press(screen.box.target, "Alt+Up")
    assert screen.box.target.words() == "I am \u27e6P1."
    assert screen.box.note.text() == f"(!) Not saved. {TypedTokenError()}"
    picture(window, "translation-refused")
    for _ in range(4):
        press(screen.box.target, "Backspace")
    press(screen.box.target, "Ctrl+1")
    press(screen.box.target, "Ctrl+Return")
    settle(window)
    assert made.rows(window.desk.vault)[0].target == "I am ⟦P1.1⟧"
    assert not screen._unsaved


def test_odd_names_are_named_while_one_types(made: Made, open_window: OpenWindow) -> None:
    """Missing, doubled, of another row; the same words, with the name, for a cleared member."""
    window = open_window(made.matter, member=made.translator)
    screen = show(window, made.interview)
    keys(screen, "I am here.")
    looked_at(screen, "(!) place L3 is missing in the translation.")
    assert "person P1 is missing" in screen.box.odd.text()
    for _ in range(2):
        press(screen.box.target, "Ctrl+1")
    press(screen.box.target, "Ctrl+2")
    compose(screen.box.target, "⟦P2.0⟧")
    looked_at(screen, "person P2 is not in the source of this row.")
    assert "person P1 stands more often than in the source." in screen.box.odd.text()
    assert "L3" not in screen.box.odd.text()
    picture(window, "translation-odd")
    press(screen.box.target, "Ctrl+Return")
    settle(window)
    assert screen.table.state_of(screen.lines.row(0)).endswith("; (!) 2 name(s)")
    assert window.notices.words.text().startswith("(!) Row 1 is saved, with 2 name(s)")
    lock(window)

    window = open_window(made.matter)
    screen = show(window, made.interview)
    keys(screen, "It was Rahman Osk.")
    press(screen.box.target, "Ctrl+A")
    keys(screen, "He read them.")
    looked_at(screen, "راخمان ئوسك is missing in the translation.")


def test_a_mark_is_one_thing_to_keys_and_to_the_clipboard(
    made: Made, open_window: OpenWindow
) -> None:
    """Deleted whole from both sides, never typed into, copied with its brackets."""
    window = open_window(made.matter, member=made.translator)
    screen = show(window, made.interview)
    target = screen.box.target
    press(target, "Ctrl+1")
    keys(screen, "x")
    put_cursor(screen, 3)
    keys(screen, "y")
    assert target.words() == "⟦P1.1⟧yx"
    put_cursor(screen, 6)
    press(target, "Backspace")
    assert target.words() == "yx"
    press(target, "Ctrl+Z")
    put_cursor(screen, 0)
    press(target, "Delete")
    assert target.words() == "yx"
    press(target, "Ctrl+A")
    press(target, "Delete")

    press(target, "Ctrl+Insert")
    assert target.words() == screen.lines.row(0).source_tokens
    press(target, "Ctrl+Z")
    assert target.words() == ""
    screen.box.source.selectAll()
    press(screen.box.source, "Ctrl+C")
    clipboard = QGuiApplication.clipboard()
    assert clipboard.text() == screen.lines.row(0).source_tokens
    assert "⟦P1.1⟧" in clipboard.text()


def test_ctrl_shift_down_passes_what_is_done(made: Made, open_window: OpenWindow) -> None:
    """Round the end, to the row that is left."""
    with made.matter.unlock_as(made.translator) as vault:
        hold_row(vault, made.interview.id, made.rows(vault)[1].id, "Done ⟦P2.1⟧.")
    window = open_window(made.matter, member=made.translator)
    screen = show(window, made.interview)
    places = []
    for _ in range(2):
        press(screen.box.target, "Ctrl+Shift+Down")
        places.append(screen.table.place)

    assert places == [2, 0]


def test_arabic_from_english_runs_from_the_right(matter: Matter, open_window: OpenWindow) -> None:
    """In the field, in the table, with digits and Latin inside; the field's own words are kept."""
    with matter.unlock() as vault:
        interview = separated_interview(vault)
        begin_translation(vault, interview.id, "ar")
    window = open_window(matter)
    screen = show(window, interview)
    compose(screen.box.target, ARABIC)
    layout = screen.box.target.document().firstBlock().layout()
    assert layout.lineAt(0).naturalTextRect().left() > 100
    press(screen.box.target, "Ctrl+Return")
    settle(window)

    index = screen.lines.index(0, 2)
    sides = index.data(Qt.ItemDataRole.TextAlignmentRole)
    assert sides & Qt.AlignmentFlag.AlignRight
    assert sides & Qt.AlignmentFlag.AlignAbsolute
    assert read_rows(window.desk.vault, interview.id, "ar")[0].target == ARABIC
    picture(window, "translation-arabic")


@pytest.mark.parametrize(
    ("text", "language", "is_rtl"),
    [
        ("⟦P1.1⟧ كەلدى", "ug", True),
        ("⟦P1.1⟧", "ug", True),
        ("⟦P1.1⟧ came", "en", False),
        ("راخمان ئوسك read our numbers", "en", False),
        ("Camp-3 كە", "ug", True),
        ("Camp-3", "ug", False),
        ("08:30", "ar", True),
        ("", "en", False),
    ],
)
def test_a_name_at_the_beginning_turns_no_text_round(
    text: str, language: str, *, is_rtl: bool
) -> None:
    """Marks have Latin letters, and names the letters of their own language."""
    assert runs_right_to_left(text, language) is is_rtl


def test_a_source_that_begins_with_a_mark_runs_from_the_right(
    matter: Matter, open_window: OpenWindow
) -> None:
    """On the page as well: the mark alone would put Uyghur to the left."""
    with matter.unlock() as vault:
        declare(vault, [WITNESS])
        interview = new_interview(vault)
        store_segments(vault, interview.id, ["ئامىنە تېستوۋا كەلدى."], lang="ug")
        decide_all(vault, interview.id)
        begin_translation(vault, interview.id, "en")
        translator = add_translator(vault)
    window = open_window(matter, member=translator)
    screen = show(window, interview)
    picture(window, "translation-mark-first")

    assert screen.box.source.words().startswith("⟦P1.1⟧")
    layout = screen.box.source.document().firstBlock().layout()
    assert layout.lineAt(0).naturalTextRect().left() > 100


# --- Rows that are not as others -----------------------------------------------------------------


def test_an_outdated_row_is_closed_until_a_cleared_member_opens_it(
    made: Made, open_window: OpenWindow
) -> None:
    """The sentence of the command, the typed text still there; afterwards it is typed anew."""
    with made.matter.unlock_as(made.translator) as vault:
        hold_row(vault, made.interview.id, made.rows(vault)[1].id, "⟦P2.1⟧ read.")
    with made.matter.unlock() as vault:
        made.correct_source(vault, 2)
    window = open_window(made.matter, member=made.translator)
    screen = show(window, made.interview)
    click_row(screen.table, 1)
    settle(window)
    assert screen.box.note.text() == "(!) " + str(SourceCorrectedError())
    assert screen.box.target.isReadOnly()
    assert screen.box.target.words() == "⟦P2.1⟧ read."
    assert screen.table.state_of(screen.lines.row(1)) == "outdated: the source was corrected"
    picture(window, "translation-outdated")
    lock(window)

    window = open_window(made.matter)
    screen = show(window, made.interview)
    assert screen.lines.row(1).state is RowState.EMPTY
    assert not screen.box.target.isReadOnly()


def test_a_confirmed_row_with_a_new_source_is_confirmed_again(
    made: Made, open_window: OpenWindow
) -> None:
    """Its old words stand there with a sentence; Ctrl+Return holds them for the new source."""
    with made.matter.unlock() as vault:
        hold_row(vault, made.interview.id, made.rows(vault)[2].id, "It was cold.")
        confirm_all(vault, made.interview.id)
        made.correct_source(vault, 3)
    window = open_window(made.matter)
    screen = show(window, made.interview)
    click_row(screen.table, 2)
    settle(window)
    assert screen.lines.row(2).state is RowState.OUTDATED
    assert screen.box.target.words() == "It was cold."
    assert "made from an older source" in screen.box.note.text()

    press(screen.box.target, "Ctrl+Return")
    settle(window)

    line = made.rows(window.desk.vault)[2]
    assert (line.state, line.target) == (RowState.HELD, "It was cold.")


def test_what_a_corrected_source_refuses_stays_in_its_field(
    made: Made, open_window: OpenWindow
) -> None:
    """Corrected under the typing hand: refused with the sentence, the words not gone."""
    window = open_window(made.matter)
    screen = show(window, made.interview)
    click_row(screen.table, 2)
    keys_at_target(screen, "It was cold.")
    made.correct_source(window.desk.vault, 3)
    press(screen.box.target, "Alt+Up")
    settle(window)
    assert window.notices.words.text() == "(!) " + str(SourceCorrectedError())
    press(screen.box.target, "Alt+Down")
    assert screen.box.target.words() == "It was cold."

    window.go(Place.WITNESSES, None)  # refused again, and kept again
    settle(window)
    show(window, made.interview)  # brings the rows up to date
    click_row(screen.table, 2)
    assert screen.box.target.words() == "It was cold."
    assert not screen.box.target.isReadOnly()
    press(screen.box.target, "Ctrl+Return")
    settle(window)
    assert made.rows(window.desk.vault)[2].target == "It was cold."
    assert not screen._unsaved


def keys_at_target(screen: TranslationScreen, words: str) -> None:
    """Go to the field and type."""
    screen.box.target.setFocus()
    keys(screen, words)


def test_a_segment_without_words_has_nothing_to_translate(
    made: Made, open_window: OpenWindow
) -> None:
    """It is passed on the way to the next open row, and says why nothing can be typed."""
    with made.matter.unlock() as vault:
        save_text(vault, find_segment(vault, made.interview.id, 1), DraftText(""))
        separate_ready(vault, made.interview.id)
    window = open_window(made.matter)
    screen = show(window, made.interview)
    assert screen.table.place == 1
    press(screen.box.target, "Alt+Up")

    assert screen.table.state_of(screen.lines.row(0)) == "no words"
    assert "nothing to translate" in screen.box.note.text()
    assert screen.box.target.isReadOnly()


def test_a_row_of_another_translator_is_not_overwritten(
    made: Made, open_window: OpenWindow
) -> None:
    """A colleague without clearance sees that somebody typed, and types nothing over it."""
    with made.matter.unlock_as(made.translator) as vault:
        hold_row(vault, made.interview.id, made.rows(vault)[0].id, "⟦P1.1⟧, ⟦L3.1⟧.")
    with made.matter.unlock() as vault:
        colleague = add_translator(vault, roles="translator,legal")
    window = open_window(made.matter, member=colleague)
    screen = show(window, made.interview)
    assert screen.table.place == 1  # the first row that is open
    click_row(screen.table, 0)
    settle(window)

    assert "Another member typed this row." in screen.box.note.text()
    assert screen.box.target.isReadOnly()
    assert screen.box.target.words() == ""
    press(screen.table, "Ctrl+Return")
    assert screen.table.place == 1


def test_held_texts_come_after_the_rows_in_batches(
    matter: Matter, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All rows at once, the words of the current one first; none is missed."""
    monkeypatch.setattr(row_keeping, "BATCH", 3)
    with matter.unlock() as vault:
        interview = new_interview(vault)
        store_many(vault, interview.id, 10)
        begin_translation(vault, interview.id, "fr")
        for line in read_rows(vault, interview.id, "fr")[:9]:
            hold_row(vault, interview.id, line.id, f"Ligne {line.number}.")
    window = open_window(matter)
    screen = show(window, interview)
    assert screen.table.place == 9
    wait_for(lambda: all(line.is_readable for line in screen.lines.rows), "all texts")

    assert [line.target for line in screen.lines.rows[:9]] == [f"Ligne {n}." for n in range(1, 10)]
    click_row(screen.table, 4)
    assert screen.box.target.words() == "Ligne 5."
    keys_at_target(screen, "Oui. ")
    window.go(Place.WITNESSES, None)
    window.go(Place.TRANSLATION, None)  # typing goes on before the rows are read again
    keys_at_target(screen, "Non. ")
    settle(window)
    assert screen.box.target.words() == "Ligne 5.Oui. Non. "


# --- Cleared members -----------------------------------------------------------------------------


def test_a_cleared_member_types_names_and_takes_them_into_review(
    made: Made, open_window: OpenWindow
) -> None:
    """Names joined, no mark on the page; all that waits goes into review, and the page after it."""
    with made.matter.unlock_as(made.translator) as vault:
        hold_row(vault, made.interview.id, made.rows(vault)[1].id, "⟦P2.1⟧ read our numbers.")
    window = open_window(made.matter)
    screen = show(window, made.interview)
    assert screen.box.source.words() == UYGHUR[0]
    assert screen.lines.row(1).target == "راخمان ئوسك read our numbers."
    assert screen.review.text() == "Take 1 row(s) into review"
    keys_at_target(screen, "I am Amina Testova of Qarabulaq.")
    picture(window, "translation-cleared")
    press(screen.box.target, "Ctrl+Return")
    settle(window)
    assert screen.review.text() == "Take 2 row(s) into review"

    click(window, "take-into-review")
    settle(window)

    assert window.place is Place.REVIEW
    assert list_held(window.desk.vault, made.interview.id) == []
    states = [line.state for line in made.rows(window.desk.vault)]
    assert states[0] is RowState.CONFIRMED  # nothing is left to decide in it: both names are known
    assert states[1] in {RowState.CONFIRMED, RowState.IN_REVIEW}
    assert made.rows(window.desk.vault)[0].target_tokens.startswith("I am ⟦P1.")
    show(window, made.interview)
    assert screen.choice.progress.text().endswith("0 waiting, 1 empty")
    assert not screen.review.isEnabled()


def test_what_waits_in_another_language_is_counted_and_taken(
    made: Made, open_window: OpenWindow
) -> None:
    """The command takes all translations of an interview; so does the button."""
    with made.matter.unlock() as vault:
        begin_translation(vault, made.interview.id, "fr")
    with made.matter.unlock_as(made.translator) as vault:
        hold_row(vault, made.interview.id, made.rows(vault, "fr")[2].id, "Il faisait froid.")
    window = open_window(made.matter)
    screen = show(window, made.interview)
    assert screen.choice.code == "en"
    assert screen.review.text() == "Take 1 row(s) into review"

    click(window, "take-into-review")
    settle(window)

    assert list_held(window.desk.vault, made.interview.id) == []


def test_the_player_follows_the_row(made: Made, open_window: OpenWindow) -> None:
    """The stretch of the current row is shaded; its key works in the field; leaving stops it."""
    window = open_window(made.matter)
    screen = show(window, made.interview)
    hearing = screen.hearing
    assert hearing is not None
    wait_for(lambda: hearing.position[0] is not None, "the recording")
    press(screen.box.target, "Alt+Down")
    segment = screen.lines.row(1).segment
    assert hearing._stretch == (segment.media, segment.start_ms, segment.end_ms)
    press(screen.box.target, "Alt+Up")
    press(screen.box.target, "F4")
    wait_for(lambda: hearing.is_playing, "the sound")

    window.go(Place.WITNESSES, None)

    assert not hearing.is_playing
    assert hearing.position[0] is None


def test_an_uncleared_translator_has_no_player_and_no_way_out(
    made: Made, open_window: OpenWindow
) -> None:
    """One sentence says why; what this member may not do is greyed out."""
    window = open_window(made.matter, member=made.translator)
    screen = show(window, made.interview)

    assert screen.hearing is None
    assert screen.no_sound.isVisible()
    assert not screen.review.isEnabled()
    assert not screen.files.out_button.isEnabled()
    assert screen.files.in_button.isEnabled()


# --- XLIFF ---------------------------------------------------------------------------------------


def write_for_translator(window: Window, path: Path) -> None:
    """Press the button, take the first translator, name the file."""
    click(window, "Write XLIFF for a translator...")
    settle(window)
    dialog = dialog_of(window, TranslatorDialog)
    picture(dialog, "translation-for-whom")
    click(dialog, "Choose the file...")
    name_file(window, path)


def test_a_file_goes_out_to_a_translator_and_comes_back(
    made: Made, open_window: OpenWindow, tmp_path: Path
) -> None:
    """Marks in the place of names; what comes back is held, odd names are listed with their row."""
    path = tmp_path / "for-you.xlf"
    window = open_window(made.matter)
    screen = show(window, made.interview)
    assert not screen.files.in_button.isEnabled()  # not a translator
    write_for_translator(window, path)
    assert window.notices.words.text().startswith("3 row(s) written")
    document = xliff.read(path.read_bytes())
    assert "تېستوۋا" not in path.read_text()
    units = [replace(unit, target=("So.",)) for unit in document.units[:2]]
    path.write_bytes(xliff.write(replace(document, units=(*units, *document.units[2:]))))
    lock(window)

    window = open_window(made.matter, member=made.translator)
    screen = show(window, made.interview)
    click(window, "Take in XLIFF...")
    name_file(window, path)

    assert window.notices.words.text() == (
        "2 row(s) held until a cleared member confirms them. 1 row(s) were empty."
    )
    assert [line.target for line in screen.lines.rows] == ["So.", "So.", ""]
    dialog = dialog_of(window, OddDialog)
    picture(dialog, "translation-odd-file")
    found = dialog.findChild(QListWidget)
    assert found is not None
    assert [found.item(row).text() for row in range(found.count())] == [
        "Row 1: place L3 is missing in the translation.",
        "Row 1: person P1 is missing in the translation.",
        "Row 2: person P2 is missing in the translation.",
    ]
    found.setCurrentRow(2)
    press(found, "Return")
    assert screen.table.place == 1


def test_what_stops_a_file_is_listed_and_near_spellings_are_judged(
    matter: Matter, open_window: OpenWindow, tmp_path: Path
) -> None:
    """Consent first; then each near spelling with its word, one box each, and the file is there."""
    with matter.unlock() as vault:
        texts = ("It was cold.", "We saw lakevarren.")
        interview = separated_interview(vault, texts, declared=())
        declare(vault, [Declaration(Kind.PERSON, ("Lakewaren",))])
        begin_translation(vault, interview.id, "fr")
        add_translator(vault)
        set_answer(vault, interview.id, act="translate", recipient_class="none", answer="no")
    window = open_window(matter)
    screen = show(window, interview)
    path = tmp_path / "out.xlf"
    write_for_translator(window, path)
    dialog = dialog_of(window, StopsDialog)
    assert isinstance(dialog, StopsDialog)
    assert "put into another language" in dialog.list.item(0).text()
    picture(dialog, "translation-stopped")
    dialog.reject()
    assert not path.exists()

    vault = window.desk.vault
    set_answer(vault, interview.id, act="translate", recipient_class="none", answer="yes")
    write_for_translator(window, path)
    dialog = dialog_of(window, StopsDialog)
    assert isinstance(dialog, StopsDialog)
    picture(dialog, "translation-near")
    assert not dialog.again.isEnabled()
    for row in range(dialog.doubtful.topLevelItemCount()):
        dialog.doubtful.setCurrentItem(dialog.doubtful.topLevelItem(row))
        press(dialog.doubtful, "Space")
    click(dialog, "Try again")
    settle(window)

    assert path.exists()
    assert window.notices.words.text().startswith("2 row(s) written")
    assert screen.isVisible()


def test_a_wrong_file_is_refused_in_words(
    made: Made, open_window: OpenWindow, tmp_path: Path
) -> None:
    """The sentence of the command; nothing is held."""
    path = tmp_path / "note.xlf"
    path.write_text("no XLIFF")
    window = open_window(made.matter, member=made.translator)
    show(window, made.interview)
    click(window, "Take in XLIFF...")
    name_file(window, path)

    assert "This is not XLIFF 2.1." in window.notices.words.text()
    assert list_held(window.desk.vault, made.interview.id) == []


def test_dialogs_go_when_the_window_locks(made: Made, open_window: OpenWindow) -> None:
    """A list of near spellings must not stand over a locked window."""
    window = open_window(made.matter)
    show(window, made.interview)
    click(window, "Write XLIFF for a translator...")
    settle(window)
    dialog_of(window, TranslatorDialog)

    told: list[str] = []
    window.locked.connect(lambda: told.append("locked"))
    window.on_idle()  # nobody was here for a while
    wait_for(lambda: told, "the lock")

    assert [one for one in window.findChildren(QDialog) if one.isVisible()] == []


@pytest.mark.parametrize("look", [Look.DARK, Look.CONTRAST])
def test_it_looks_right_in_the_dark_and_from_the_right(
    made: Made, open_window: OpenWindow, qapp: QApplication, look: Look
) -> None:
    """Marks can be read in every look; the words of an account keep their own direction."""
    dress(qapp, look, 11)
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    window = open_window(made.matter, member=made.translator)
    window.prefer(Preferences(look=look))
    screen = show(window, made.interview)
    keys(screen, "He said ")
    press(screen.box.target, "Ctrl+1")
    picture(window, f"translation-{look.name.lower()}")

    layout = screen.box.target.document().firstBlock().layout()
    assert layout.lineAt(0).naturalTextRect().left() < 20
    chips = screen.box.target._chips
    assert chips.ground != chips.letters
