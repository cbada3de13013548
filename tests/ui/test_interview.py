"""One interview: who was there, consent by letters, what each member may do, and how it looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QWidget

from intake.capture import interviews
from intake.capture.leaving import Field, reason_of
from intake.consent.setting import GRID, answers, set_answer
from intake.errors import DiskRefusedError, NotClearedError, NotYourRoleError
from intake.transcript.parts import list_parts
from tests.support.interview_screen import NOT_ASKED, fresh, grid, notice, open_page, sounds
from tests.support.matter import Matter, add_translator, close, new_interview, store_segments
from tests.support.steps import separated_interview
from tests.support.window import (
    choose,
    click,
    click_row,
    find,
    picture,
    press,
    settle,
    type_into,
    wait_for,
)
from ui.context import InterviewRef, Place
from ui.keys import Act
from ui.preferences import Preferences
from ui.theme import Look, dress
from ui.widgets.closing import ClosingDialog

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.ui.conftest import OpenWindow
    from ui.window import Window

PLACE = "ئويدۇرما ئۆي"


# --- what is shown -------------------------------------------------------------------------------


def test_a_new_interview_says_what_it_is_and_ticks_nothing(
    matter: Matter, open_window: OpenWindow
) -> None:
    """Kind, month, state, exact start and place for a cleared member; ten questions, no answer."""
    with matter.unlock() as vault:
        interview = fresh(vault, place=PLACE)
    window = open_window(matter)

    screen = open_page(window, interview)

    assert screen.facts.text() == (
        f"First account, 2026-03, open. Began 2026-03-09 14:30+05:00. Place: \u2068{PLACE}\u2069."
    )
    assert screen.facts.textFormat() is Qt.TextFormat.PlainText
    assert screen.step.text() == "Next: Record, write or import"
    assert screen.presence.people.text() == "Nobody is entered yet."
    assert grid(screen) == [NOT_ASKED] * 10
    assert screen.consent.title() == "Consent: 0 of 10 answered"
    assert "no end is entered, nobody is entered as the witness" in screen.presence.closing.text()
    assert screen.consent.table.hasFocus(), "the first question comes first"
    assert not screen.recordings.table.isVisible()
    QTest.qWait(50)
    picture(window, "interview-new")


def test_another_interview_shows_nothing_of_the_one_before(
    matter: Matter, open_window: OpenWindow
) -> None:
    """Blank at once, then its own; an answer that comes late changes nothing."""
    with matter.unlock() as vault:
        full, empty = new_interview(vault), fresh(vault)
        store_segments(vault, full.id, ["It was cold."])
    window = open_window(matter)
    screen = open_page(window, full)
    assert "IV-1" in screen.presence.people.text()
    assert screen.transcription.language.code == "en"

    window.go(Place.INTERVIEW, InterviewRef(full.id, full.code))
    window.go(Place.INTERVIEW, InterviewRef(empty.id, empty.code))
    assert screen.presence.people.text() == screen.facts.text() == screen.step.text() == ""
    assert not screen.consent.isEnabled()
    settle(window)

    assert grid(screen) == [NOT_ASKED] * 10
    assert sounds(screen) == []
    assert screen.transcription.language.currentText() == ""
    assert screen.presence.people.text() == "Nobody is entered yet."


def test_the_next_step_has_the_button_that_leads_there(
    matter: Matter, open_window: OpenWindow
) -> None:
    """One primary button at a time; the two ways on open the transcript and the review."""
    with matter.unlock() as vault:
        interview = new_interview(vault)
        store_segments(vault, interview.id, ["It was cold."])
        for part in list_parts(vault, interview.id):
            with vault.change("transcript.finished", media=part.media, count=1) as change:
                change.testimony.update("media", {"id": part.media}, state="transcribed")
    window = open_window(matter)
    screen = open_page(window, interview)

    buttons = (screen.recordings.bring, screen.transcription.start, screen.to_transcript)
    assert screen.step.text() == "Next: Review what points to a person: 1 text(s)"
    assert screen.to_review.property("kind") == "primary"
    assert [one.property("kind") for one in buttons] == [None] * 3
    assert screen.to_review.hasFocus()

    click(window, "Go to the review")
    assert window.place is Place.REVIEW
    click(window, "rail-interview")
    settle(window)
    click(window, "Go to the transcript")
    assert window.place is Place.TRANSCRIPT


# --- people, end, closing ------------------------------------------------------------------------


def test_people_are_entered_by_role(matter: Matter, open_window: OpenWindow) -> None:
    """The witness is proposed first; an interpreter on a call is said to be on one."""
    with matter.unlock() as vault:
        interview = fresh(vault)
    window = open_window(matter)
    screen = open_page(window, interview)

    assert screen.presence.role.currentText() == "Witness"
    click(window, "Add person")
    settle(window)
    assert screen.presence.role.currentText() == "Interviewer"
    choose(screen.presence.role, "Interpreter")
    click(window, "on a call")
    click(window, "Add person")
    settle(window)

    assert screen.presence.people.text() == "W-1 Witness, IN-1 Interpreter (on a call)"
    assert not screen.presence.is_remote.isChecked()
    assert [
        (one.role, one.is_remote)
        for one in interviews.list_present(window.desk.vault, interview.id)
    ] == [("witness", False), ("interpreter", True)]


def test_leaving_is_always_possible_and_closing_asks_for_the_rest(
    matter: Matter, open_window: OpenWindow
) -> None:
    """Nothing entered: it can be left. Then six lines, some done, some not, because: closed."""
    with matter.unlock() as vault:
        interview = fresh(vault)
    window = open_window(matter)
    screen = open_page(window, interview)

    dialog = _closing(window)
    assert not dialog.act.isEnabled()
    click(dialog, "Leave unfinished")
    settle(window)
    assert notice(window) == (
        "The interview is left unfinished. Close it when the rest is entered."
    )
    assert screen.facts.text().startswith("First account, 2026-03, unfinished.")

    click(window, "Add person")
    settle(window)
    assert not screen.presence.end.isEnabled(), "an end of no minutes is no end"
    type_into(screen.presence.minutes, "42")
    click(window, "Enter the end")
    settle(window)
    assert screen.presence.length.text() == "Took 42 minute(s)."
    assert not screen.presence.minutes.isVisible()
    dialog = _closing(window)
    actions = 1
    for name, words in (
        ("All present are entered, in and out", "yes"),
        ("Anything to correct or to add? was asked", "yes"),
        ("It was read back to the witness", "yes, spoken"),
        ("The witness signed", "not done, because"),
    ):
        choose(find(dialog, QComboBox, name), words)
        actions += 1
    assert not dialog.act.isEnabled(), "a reason is missing"
    QTest.keyClicks(
        find(dialog, QLineEdit, "The witness signed - not done, because"), "cannot write"
    )
    picture(dialog, "closing")
    click(dialog, "Close the interview")
    settle(window)
    actions += 2

    assert actions <= 12
    assert notice(window) == "The interview is closed."
    assert interviews.find_by_id(window.desk.vault, interview.id).state == "closed"
    assert interviews.session_length_ms(window.desk.vault, interview.id) == 42 * 60_000
    assert reason_of(window.desk.vault, interview.id, Field.SIGNATURE) == "cannot write"
    for name in ("Add person", "Close the interview..."):
        assert not find(window, QAbstractButton, name).isEnabled()
    assert screen.consent.buttons["yes"].isEnabled(), "consent can change after the interview"


def _closing(window: Window) -> ClosingDialog:
    click(window, "Close the interview...")
    settle(window)
    (dialog,) = (one for one in window.findChildren(ClosingDialog) if one.isVisible())
    wait_for(dialog.grid.count, "the six lines")
    return dialog


def test_minutes_that_were_typed_wait_for_their_button(
    matter: Matter, open_window: OpenWindow
) -> None:
    """Another screen, then back: they stand there still. An end cannot be taken back."""
    with matter.unlock() as vault:
        interview = fresh(vault)
    window = open_window(matter)
    screen = open_page(window, interview)
    type_into(screen.presence.minutes, "35")

    click(window, "Go to the transcript")
    click(window, "rail-interview")
    settle(window)

    assert screen.presence.minutes.value() == 35
    assert interviews.session_length_ms(window.desk.vault, interview.id) is None


def test_what_the_commands_refuse_is_refused_in_their_words(
    matter: Matter, open_window: OpenWindow
) -> None:
    """The interview was closed meanwhile, elsewhere."""
    with matter.unlock() as vault:
        interview = new_interview(vault)
    window = open_window(matter)
    screen = open_page(window, interview)
    close(window.desk.vault, interview.id)

    click(window, "Add person")
    settle(window)

    assert "This interview is closed. Nothing was changed" in notice(window)
    assert not screen.presence.add.isEnabled()


# --- consent -------------------------------------------------------------------------------------


def test_letters_answer_and_move_on(matter: Matter, open_window: OpenWindow) -> None:
    """All ten in ten letters, and the vault has them; up goes back to one and changes it."""
    with matter.unlock() as vault:
        interview = fresh(vault)
    window = open_window(matter)
    screen = open_page(window, interview)

    for letter in "YYNAWWAMNN":
        press(screen.consent.table, letter)
    settle(window)

    yes, none, again = "yes", "no", "ask me again"
    bare, named = "without name", "with name"
    assert grid(screen) == [yes, yes, none, again, bare, bare, again, named, none, none]
    assert screen.consent.title() == "Consent: 10 of 10 answered"
    given = answers(window.desk.vault, interview.id)
    assert list(given) == list(GRID)
    assert given["share", "family_lawyers"] == "with_name"

    press(screen.consent.table, "Up")
    press(screen.consent.table, "W")
    settle(window)
    assert answers(window.desk.vault, interview.id)["share", "public"] == "without_name"
    rows = window.desk.vault.testimony.rows("SELECT answer FROM consent WHERE class='public'")
    assert [row["answer"] for row in rows] == ["no", "without_name"], "added, never changed"
    picture(window, "interview-answered")


@pytest.mark.parametrize("with_mouse", [False, True])
def test_changing_an_answer_takes_two_actions(
    matter: Matter, open_window: OpenWindow, *, with_mouse: bool
) -> None:
    """To the question, and its answer: by key or by button (the budget of the design)."""
    with matter.unlock() as vault:
        interview = new_interview(vault)
    window = open_window(matter)
    screen = open_page(window, interview)
    actions: list[Callable[[], None]] = [
        lambda: click_row(screen.consent.table, 1),
        (lambda: click(window, "answer-no"))
        if with_mouse
        else (lambda: press(screen.consent.table, "N")),
    ]

    for action in actions:
        action()
    settle(window)

    assert len(actions) == 2
    assert answers(window.desk.vault, interview.id)["translate", "none"] == "no"


def test_a_letter_that_does_not_fit_records_nothing_and_says_what_fits(
    matter: Matter, open_window: OpenWindow
) -> None:
    """Sharing is never a bare yes: with or without the name has to be said."""
    with matter.unlock() as vault:
        interview = fresh(vault)
    window = open_window(matter)
    screen = open_page(window, interview)
    click_row(screen.consent.table, 5)

    press(screen.consent.table, "Y")
    settle(window)

    assert answers(window.desk.vault, interview.id) == {}
    assert screen.consent.table.place == 5
    assert screen.consent.hint.text() == (
        "Question 6 takes: with name (M), without name (W), ask me again (A), no (N). "
        "Nothing was recorded."
    )
    assert not screen.consent.buttons["yes"].isEnabled()
    press(screen.consent.table, "Down")
    assert screen.consent.hint.text().startswith("Keys: Y yes")


def test_an_answer_that_was_refused_stays_unasked(
    matter: Matter, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the row shows is what the vault holds; one is taken back to the question."""
    with matter.unlock() as vault:
        interview = fresh(vault)
    window = open_window(matter)
    screen = open_page(window, interview)

    def refuse(*_: object, **__: object) -> None:
        raise DiskRefusedError

    monkeypatch.setattr("ui.screens.interview.set_answer", refuse)
    press(screen.consent.table, "Y")
    settle(window)

    assert notice(window) == f"(!) {DiskRefusedError()}"
    assert grid(screen)[0] == NOT_ASKED
    assert screen.consent.table.place == 0


def test_an_answer_is_kept_when_the_window_locks_at_once(
    matter: Matter, open_window: OpenWindow
) -> None:
    """Given and locked in one breath: it is in the vault."""
    with matter.unlock() as vault:
        interview = fresh(vault)
    window = open_window(matter)
    screen = open_page(window, interview)
    locked: list[bool] = []
    window.locked.connect(lambda: locked.append(True))

    press(screen.consent.table, "Y")
    press(screen.consent.table, "Ctrl+L")
    wait_for(lambda: locked, "the vault closing")

    with matter.unlock() as vault:
        assert answers(vault, interview.id) == {("keep", "none"): "yes"}


def test_the_tooltips_and_the_hint_follow_the_keys(matter: Matter, open_window: OpenWindow) -> None:
    """A key of one's own answers, and is what the screen names."""
    with matter.unlock() as vault:
        interview = fresh(vault)
    window = open_window(matter)
    screen = open_page(window, interview)

    window.keys.use("intake", {Act.ANSWER_YES.name: "J"})

    assert screen.consent.buttons["yes"].toolTip() == "J"
    assert screen.consent.hint.text().startswith("Keys: J yes")
    press(screen.consent.table, "J")
    settle(window)
    assert grid(screen)[0] == "yes"


def test_enter_leads_from_a_question_to_its_answers(
    matter: Matter, open_window: OpenWindow
) -> None:
    """For those who do not know the letters: Enter, then Tab and Space."""
    with matter.unlock() as vault:
        interview = fresh(vault)
    window = open_window(matter)
    screen = open_page(window, interview)

    press(screen.consent.table, "Return")
    assert screen.consent.buttons["yes"].hasFocus()
    press(screen.consent.buttons["yes"], "Tab")
    press(screen.consent.buttons["ask_again"], "Space")
    settle(window)

    assert grid(screen)[0] == "ask me again"


# --- who may what --------------------------------------------------------------------------------


def test_an_uncleared_interviewer_asks_for_consent_and_records_nothing(
    matter: Matter, open_window: OpenWindow
) -> None:
    """No exact time or place; consent, people and end are theirs; sound needs clearance."""
    with matter.unlock() as vault:
        interview = new_interview(vault, consent=False)
        store_segments(vault, interview.id, [])
        member = add_translator(vault, roles="interviewer")
    window = open_window(matter, member=member)

    screen = open_page(window, interview)

    assert screen.facts.text() == "First account, 2026-03, open."
    assert screen.limits.text() == f"To import and to transcribe: {NotClearedError()}"
    for name in ("Import a recording...", "Transcribe", "Another model..."):
        assert not find(window, QAbstractButton, name).isEnabled()
    assert not screen.transcription.language.isEnabled()
    press(screen.consent.table, "Y")
    click(window, "Add person")
    settle(window)
    assert grid(screen)[0] == "yes"
    assert "IN-1 Interpreter" in screen.presence.people.text()
    assert notice(window) == ""
    QTest.qWait(50)
    picture(window, "interview-uncleared")


def test_a_translator_looks_and_changes_nothing(matter: Matter, open_window: OpenWindow) -> None:
    """Greyed out, with the reason; letters on a question do nothing."""
    with matter.unlock() as vault:
        interview = new_interview(vault)
        translator = add_translator(vault)
    window = open_window(matter, member=translator)
    screen = open_page(window, interview)
    assert screen.limits.text() == f"To change something here: {NotYourRoleError()}"

    names = ["Add person", "Close the interview...", "Import a recording...", "Transcribe"]
    names += [f"answer-{answer}" for answer in screen.consent.buttons]
    assert not any(find(window, QAbstractButton, name).isEnabled() for name in names)
    click_row(screen.consent.table, 0)
    press(screen.consent.table, "N")
    settle(window)

    assert grid(screen)[:3] == ["yes", "yes", NOT_ASKED]
    assert notice(window) == ""


# --- how it looks and is reached -----------------------------------------------------------------


def test_everything_fits_at_1280_by_720(matter: Matter, open_window: OpenWindow) -> None:
    """Two columns, and no bar to scroll with while no notice is shown."""
    with matter.unlock() as vault:
        interview = separated_interview(vault)
        for of, answer in (("prosecutor", "without_name"), ("un_body", "ask_again")):
            set_answer(vault, interview.id, act="share", recipient_class=of, answer=answer)
    window = open_window(matter)

    screen = open_page(window, interview)
    QTest.qWait(50)

    assert not screen.area.horizontalScrollBar().isVisible()
    assert not screen.area.verticalScrollBar().isVisible()
    assert screen.consent.x() > screen.presence.x() + screen.presence.width()
    picture(window, "interview")


def test_large_text_stacks_the_columns_and_follows_the_question(
    matter: Matter, open_window: OpenWindow, qapp: QApplication
) -> None:
    """At 16 pt there is one column; the question that one answers stays in sight."""
    with matter.unlock() as vault:
        interview = fresh(vault)
    window = open_window(matter)
    screen = open_page(window, interview)
    try:
        dress(qapp, Look.LIGHT, 16)
        wait_for(lambda: screen.consent.y() > screen.presence.y(), "the columns stacking")
        QTest.qWait(50)
        table = screen.consent.table
        table.setFocus()
        for _ in range(9):
            press(table, "Down")

        row = table.visualRect(table.model().index(9, 0))
        at = table.viewport().mapTo(screen.area.viewport(), row.bottomLeft())
        assert 0 < at.y() < screen.area.viewport().height()
        assert not screen.area.horizontalScrollBar().isVisible()
        picture(window, "interview-large")
    finally:
        dress(qapp, Look.LIGHT, 11)


def test_dark_and_right_to_left(
    matter: Matter, open_window: OpenWindow, qapp: QApplication
) -> None:
    """The consent stands on the left then; answers have the grounds of the dark palette."""
    with matter.unlock() as vault:
        interview = new_interview(vault)
    window = open_window(matter)
    window._preferences = Preferences(look=Look.DARK)
    try:
        dress(qapp, Look.DARK, 11)
        qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        screen = open_page(window, interview)
        QTest.qWait(50)

        assert screen.consent.x() < screen.presence.x()
        ground = screen.consent.rows.index(0, 1).data(Qt.ItemDataRole.BackgroundRole)
        assert ground.color().name() == "#1d4224"
        picture(window, "interview-dark-rtl")
    finally:
        dress(qapp, Look.LIGHT, 11)
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def test_the_wheel_changes_nothing(matter: Matter, open_window: OpenWindow) -> None:
    """Scrolling past a list or a number is no choice."""
    with matter.unlock() as vault:
        interview = fresh(vault)
    window = open_window(matter)
    screen = open_page(window, interview)

    for widget in (
        screen.presence.role,
        screen.presence.minutes,
        screen.transcription.language,
        screen.transcription.model,
    ):
        at = QPointF(widget.rect().center())
        wheel = QWheelEvent(
            at,
            QPointF(widget.mapToGlobal(widget.rect().center())),
            QPoint(),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,  # noqa: FBT003  # Qt takes it by place alone
        )
        QApplication.sendEvent(widget, wheel)

    assert screen.presence.role.currentText() == "Witness"
    assert screen.presence.minutes.value() == 0
    assert screen.transcription.language.code == ""


def test_the_whole_page_is_reached_by_tab_in_reading_order(
    matter: Matter, open_window: OpenWindow
) -> None:
    """People, recordings, transcription, consent, the ways on; each with a name."""
    with matter.unlock() as vault:
        interview = fresh(vault)
        store_segments(vault, interview.id, [])
    window = open_window(matter)
    screen = open_page(window, interview)
    order: list[QWidget] = [
        screen.presence.role,
        screen.presence.is_remote,
        screen.presence.add,
        screen.presence.minutes,
        screen.presence.close_interview,
        screen.recordings.table,
        screen.recordings.more,
        screen.recordings.bring,
        screen.transcription.language,
        screen.transcription.also,
        screen.transcription.model,
        screen.transcription.other,
        screen.transcription.more,
        screen.consent.table,
        screen.consent.buttons["yes"],
        screen.consent.buttons["ask_again"],
        screen.consent.buttons["no"],
        screen.erase,
        screen.voices,
        screen.to_transcript,
        screen.to_review,
    ]
    order[0].setFocus()

    seen = []
    for _ in order:
        focused = QApplication.focusWidget()
        assert focused is not None
        seen.append(focused)
        press(focused, "Tab")

    assert seen == order
