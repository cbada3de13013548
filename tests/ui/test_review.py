"""Review by hand: each form once, in its places, with a way back; and nothing lost."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from intake.errors import DiskRefusedError, NameOfSomebodyError, NotClearedError
from intake.review import answering
from intake.review.answering import Refused, Taken
from intake.review.declaring import Declaration, declare
from intake.review.treating import DEFAULT_PROFILE, treatments
from intake.text import Kind, Token
from intake.transcript.names import load_register
from intake.transcript.segments import list_segments
from tests.support.matter import PASSPHRASE, add_translator, new_interview, store_segments
from tests.support.steps import (
    ACCUSED,
    TRANSLATED,
    VILLAGE,
    WITNESS,
    separated_interview,
    translate_all,
)
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
from ui.models import reviewing
from ui.screens.review import ReviewScreen
from ui.theme import Look, dress

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

    from intake.capture.interviews import Interview
    from intake.identity.register import FormRegister
    from tests.support.matter import Matter
    from tests.ui.conftest import OpenWindow
    from ui.window import Window

TEXTS = (
    "My name is Amina Testova, and they took Okro away, said Marek Lindqvist of Tartu.",
    "Then Ingrid Novak came to the gate with Okro, on the 12th of March 2018.",
    "Okro told me that a man called Teztova was there. We called +44 20 7946 0958.",
    "It was cold, and nobody spoke for an hour.",
)
UYGHUR = (
    "ئۇلار تۇرسۇن مەمەتنى قارابۇلاقتىن ئېلىپ كەتتى.",
    "تۇرسۇن مەمەت 08:30 دا كەلدى.",
)
AMINA = Declaration(Kind.PERSON, ("Amina Testova",))


def review(window: Window) -> ReviewScreen:
    """Return the screen."""
    found = window.screen_at(Place.REVIEW)
    assert isinstance(found, ReviewScreen)
    return found


def to_review(window: Window, interview: Interview) -> ReviewScreen:
    """Open the review of an interview and wait until it is read."""
    window.go(Place.REVIEW, InterviewRef(interview.id, interview.code))
    settle(window)
    return review(window)


def drafts(matter: Matter, *texts: str, lang: str = "en") -> Interview:
    """Make an interview with one person declared, and drafts."""
    with matter.unlock() as vault:
        declare(vault, [AMINA])
        interview = new_interview(vault)
        store_segments(vault, interview.id, texts or TEXTS, lang=lang)
    return interview


def forms(screen: ReviewScreen) -> list[str]:
    """Return the forms in the list, in order."""
    return [one.form for one in screen.candidates.model.rows]


def go_to(screen: ReviewScreen, form: str) -> None:
    """Click a form in the list."""
    click_row(screen.candidates.table, forms(screen).index(form), 1)


def known(window: Window) -> dict[str, tuple[int, str]]:
    """Return what the vault has now: each form with its entity and how that is treated."""
    vault = window.desk.vault
    register, decided = load_register(vault), treatments(vault, DEFAULT_PROFILE)
    found = {}
    for form in register.all_forms():
        root = register.root(form.entity)
        found[form.verbatim] = root, decided[root].choice if root in decided else "hide"
    return found


def rejected(window: Window) -> frozenset[str]:
    """Return what the vault holds to be nobody's."""
    return load_register(window.desk.vault).rejected


# --- what is seen ------------------------------------------------------------------------------


def test_each_form_is_listed_once_with_its_places(matter: Matter, open_window: OpenWindow) -> None:
    """Kind, form, places, reason, who it may be; and the form marked in each place."""
    interview = drafts(matter)
    screen = to_review(open_window(matter), interview)

    rows = {
        str(screen.candidates.model.index(row, 1).data()): [
            str(screen.candidates.model.index(row, column).data()) for column in (0, 2, 3, 4)
        ]
        for row in range(len(forms(screen)))
    }

    assert rows["Okro"] == ["[O]", "3", "looks like an organisation", ""]
    assert rows["Teztova"][:3] == ["[P]", "1", "written almost like this name"]
    assert "Amina Testova" in rows["Teztova"][3]
    assert screen.candidates.count.text() == f"{len(rows)} left"
    assert screen.view.finish.text() == f"Finish: {len(rows)} undecided"
    go_to(screen, "Okro")
    text = screen.contexts.text
    assert text.toPlainText().count("\u2068Okro\u2069") == 3
    assert "Segment 2 · 00:00:" in text.toPlainText()
    cursor = text.document().find("Okro")
    assert cursor.charFormat().font().bold()
    assert cursor.charFormat().font().underline()
    assert not text.document().find("took").charFormat().font().bold()
    picture(screen.window(), "review")


def test_words_from_right_to_left_are_on_the_right(
    matter: Matter, open_window: OpenWindow, qapp: QApplication
) -> None:
    """In the list, in the context, and in a window that runs from right to left itself."""
    with matter.unlock() as vault:
        declare(vault, [Declaration(Kind.PERSON, ("تۇرسۇن مەمەتجان",))])
        interview = new_interview(vault)
        store_segments(vault, interview.id, UYGHUR, lang="ug")
    window = open_window(matter)
    screen = to_review(window, interview)

    block = screen.contexts.text.document().begin().next()
    assert block.text().startswith("ئۇلار")
    assert block.textDirection() == Qt.LayoutDirection.RightToLeft
    line = block.layout().lineAt(0)
    assert line.naturalTextRect().right() > screen.contexts.text.viewport().width() / 2
    side = screen.candidates.model.index(0, 1).data(Qt.ItemDataRole.TextAlignmentRole)
    assert side & Qt.AlignmentFlag.AlignRight
    picture(window, "review-uyghur")
    dress(qapp, Look.DARK, 11)
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        to_review(window, interview)
        picture(window, "review-uyghur-dark-rtl")
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        dress(qapp, Look.LIGHT, 11)


def test_kinds_can_be_left_out_of_the_list(matter: Matter, open_window: OpenWindow) -> None:
    """What is left out is still left to decide."""
    interview = drafts(matter)
    screen = to_review(open_window(matter), interview)
    every = len(forms(screen))

    screen.candidates.boxes["names"].click()

    shown = len(forms(screen))
    assert 0 < shown < every
    assert "Okro" not in forms(screen)
    assert screen.candidates.count.text() == f"{shown} of {every} left"
    assert screen.view.finish.text() == f"Finish: {every} undecided"


def test_an_uncleared_member_reads_one_sentence(matter: Matter, open_window: OpenWindow) -> None:
    """And nothing else."""
    interview = drafts(matter)
    with matter.unlock() as vault:
        translator = add_translator(vault)
    screen = to_review(open_window(matter, member=translator), interview)

    assert screen.view.note.text() == str(NotClearedError())
    assert not screen.view.parts.isVisible()
    assert not any(button.isVisible() for button in screen.findChildren(QPushButton))


def test_without_a_transcript_it_says_what_goes_here(
    matter: Matter, open_window: OpenWindow
) -> None:
    """And leads to where a recording is imported."""
    with matter.unlock() as vault:
        interview = new_interview(vault)
    window = open_window(matter)
    screen = to_review(window, interview)
    assert "each form once" in screen.view.note.text()
    assert not screen.view.finish.isVisible()
    picture(window, "review-empty")

    click(window, "Go to the interview")
    settle(window)

    assert window.place is Place.INTERVIEW


# --- deciding ----------------------------------------------------------------------------------


def test_a_decision_waits_until_the_next_and_can_be_taken_back(
    matter: Matter, open_window: OpenWindow
) -> None:
    """Undo is real: nothing of it ever was in the vault."""
    interview = drafts(matter)
    window = open_window(matter)
    screen = to_review(window, interview)
    go_to(screen, "Okro")
    at = screen.candidates.place

    press(screen.candidates.table, "H")
    settle(window)

    assert "Okro" not in forms(screen)
    assert screen.candidates.place == at
    assert "Okro" in screen.view.last.text()
    assert "hide" in screen.view.last.text()
    assert "Okro" not in known(window)
    press(screen.candidates.table, "U")
    settle(window)
    assert screen.candidates.current is not None
    assert screen.candidates.current.form == "Okro"
    assert "Okro" not in known(window)
    assert screen.view.last.text() == ""


def test_the_decision_before_is_saved_at_once(matter: Matter, open_window: OpenWindow) -> None:
    """Only the newest waits; what was saved cannot be undone, and it says so."""
    interview = drafts(matter)
    window = open_window(matter)
    screen = to_review(window, interview)

    go_to(screen, "Okro")
    press(screen.candidates.table, "H")
    go_to(screen, "Marek Lindqvist")
    press(screen.candidates.table, "R")
    settle(window)

    assert known(window)["Okro"] == (2, "hide")
    assert "marek lindqvist" not in rejected(window)
    press(screen.candidates.table, "U")
    press(screen.candidates.table, "U")
    settle(window)
    assert "marek lindqvist" not in rejected(window)
    assert "is saved" in window.notices.words.text()
    assert "Okro" in known(window)


def test_after_a_while_it_is_saved_by_itself(
    matter: Matter, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten seconds; here at once."""
    monkeypatch.setattr("ui.screens.review._UNDO_MS", 1)
    interview = drafts(matter)
    window = open_window(matter)
    screen = to_review(window, interview)
    go_to(screen, "Okro")

    press(screen.candidates.table, "H")
    wait_for(lambda: "Okro" in known(window), "the decision being saved")
    settle(window)

    assert screen.view.last.text() == ""
    assert window.status.saved.text().startswith("Saved")


@pytest.mark.parametrize("away", ["Witnesses", "Lock now"])
def test_leaving_and_locking_save_the_last_one(
    matter: Matter, open_window: OpenWindow, qtbot: QtBot, away: str
) -> None:
    """The decision that could still be taken back, and those before it."""
    interview = drafts(matter)
    window = open_window(matter)
    screen = to_review(window, interview)
    for form in ("Okro", "Ingrid Novak"):
        go_to(screen, form)
        press(screen.candidates.table, "H")

    if away == "Lock now":
        with qtbot.waitSignal(window.locked, timeout=20_000):
            click(window, away)
    else:
        click(window, away)
        settle(window)
        window.desk.close()

    with matter.unlock() as vault:
        register = load_register(vault)
    assert {form.verbatim for form in register.all_forms()} >= {"Okro", "Ingrid Novak"}


def test_the_proposed_one_can_be_said_yes_to(matter: Matter, open_window: OpenWindow) -> None:
    """Its treatment stays; hiding it says more."""
    with matter.unlock() as vault:
        declare(vault, [ACCUSED])
        interview = new_interview(vault)
        store_segments(vault, interview.id, ["Captain Rahmann Osk came.", "Kapitan Rahman Osk."])
    window = open_window(matter)
    screen = to_review(window, interview)
    first, second = forms(screen)
    assert "keep by name" in screen.view.about.text()

    press(screen.candidates.table, "Y")
    window.screen_at(Place.REVIEW).leave()
    settle(window)
    assert known(window)[first] == (1, "keep")
    assert forms(screen) == [second]

    press(screen.candidates.table, "H")
    screen.leave()
    settle(window)
    assert known(window)[second] == (1, "hide")


def test_generalising_asks_for_a_wording(matter: Matter, open_window: OpenWindow) -> None:
    """In the language of the text; a wording that holds a name is refused beside its field."""
    interview = drafts(matter)
    window = open_window(matter)
    screen = to_review(window, interview)
    go_to(screen, "Marek Lindqvist")
    press(screen.candidates.table, "G")
    settle(window)
    (field,) = screen.acts.wording.fields.values()
    assert field.hasFocus()
    picture(window, "review-generalise")

    type_into(field, "a friend of Testova")
    press(field, "Return")
    assert "still holds a name" in screen.acts.wording.refusal.text()
    assert field.text() == "a friend of Testova"
    picture(window, "review-refused")
    type_into(field, "")
    press(field, "Return")
    assert "Give one" in screen.acts.wording.refusal.text()
    type_into(field, "a man whom she knew")
    press(field, "Return")
    screen.leave()
    settle(window)

    entity, how = known(window)["Marek Lindqvist"]
    assert how == "generalise"
    stored = treatments(window.desk.vault, DEFAULT_PROFILE)[entity]
    assert {lang: text.value for lang, text in stored.wordings.items()} == {
        "en": "a man whom she knew"
    }
    assert stored.reason == "wider_wording"


def test_keeping_asks_for_a_reason(matter: Matter, open_window: OpenWindow) -> None:
    """By keyboard alone; no letter of the list acts meanwhile."""
    interview = drafts(matter)
    window = open_window(matter)
    screen = to_review(window, interview)
    go_to(screen, "Marek Lindqvist")
    press(screen.candidates.table, "K")
    settle(window)
    picture(window, "review-keep")
    press(window.focusWidget(), "H")
    assert screen.acts.question is screen.acts.reason
    press(window.focusWidget(), "Right")
    press(window.focusWidget(), "Return")

    assert screen.acts.question is None
    assert screen.candidates.table.hasFocus()
    screen.leave()
    settle(window)
    entity, how = known(window)["Marek Lindqvist"]
    assert (how, treatments(window.desk.vault, DEFAULT_PROFILE)[entity].reason) == (
        "keep",
        "official",
    )


def test_a_name_cannot_be_judged_nobodys(matter: Matter, open_window: OpenWindow) -> None:
    """The vault's own sentence, at once; the form stays in the list."""
    with matter.unlock() as vault:
        declare(vault, [Declaration(Kind.PERSON, ("May",))])
        interview = new_interview(vault)
        store_segments(vault, interview.id, ["I saw May there.", "They took Okro away."])
    window = open_window(matter)
    screen = to_review(window, interview)
    go_to(screen, "May")

    press(screen.candidates.table, "R")

    assert str(NameOfSomebodyError()) in window.notices.words.text()
    assert "May" in forms(screen)


def test_somebody_of_the_register_is_found_by_any_spelling(
    matter: Matter, open_window: OpenWindow
) -> None:
    """One that was entered a moment ago as well."""
    interview = drafts(matter)
    window = open_window(matter)
    screen = to_review(window, interview)
    go_to(screen, "Okro")
    press(screen.candidates.table, "H")
    go_to(screen, "Ingrid Novak")
    press(screen.candidates.table, "P")
    settle(window)
    search = screen.acts.who.search
    assert search.field.hasFocus()
    picture(window, "review-other")

    type_into(search.field, "oko")
    assert search.found.count() == 0
    type_into(search.field, "okro")
    assert search.chosen == 2
    press(search.field, "Return")
    screen.leave()
    settle(window)

    assert known(window)["Ingrid Novak"] == known(window)["Okro"] == (2, "hide")


def test_a_new_one_can_be_of_another_kind(matter: Matter, open_window: OpenWindow) -> None:
    """The finder's guess is a guess."""
    interview = drafts(matter)
    window = open_window(matter)
    screen = to_review(window, interview)
    go_to(screen, "Okro")

    choose(screen.acts.kind, "[P] person")
    press(screen.acts.kind, "H")
    screen.leave()
    settle(window)

    register = load_register(window.desk.vault)
    assert register.kind(known(window)["Okro"][0]) is Kind.PERSON


def select(screen: ReviewScreen, words: str) -> None:
    """Select words in the context, as the mouse does."""
    cursor = screen.contexts.text.document().find(words)
    assert not cursor.isNull(), words
    screen.contexts.text.setTextCursor(cursor)


def test_what_was_missed_is_selected_and_entered(matter: Matter, open_window: OpenWindow) -> None:
    """As somebody new, or as a form of one that is known; to be undone like a decision."""
    interview = drafts(matter)
    window = open_window(matter)
    screen = to_review(window, interview)
    go_to(screen, "Teztova")
    select(screen, "a man called")
    press(screen.contexts.text, "M")
    settle(window)
    assert screen.acts.missed.form.text() == "a man called"
    picture(window, "review-missed")
    choose(screen.acts.missed.kind, "[R] role")
    click(window, "Enter as new, hidden")
    assert "a man called" in screen.view.last.text()
    press(screen.candidates.table, "U")
    select(screen, "was there.")
    press(screen.contexts.text, "M")
    settle(window)
    type_into(screen.acts.missed.search.field, "testova")
    press(screen.acts.missed.search.field, "Return")
    screen.leave()
    settle(window)

    assert known(window)["was there"] == (1, "hide")
    assert "a man called" not in known(window)
    assert load_register(window.desk.vault).find_verbatim("was there") == (1, 2)


def test_a_form_can_be_decided_for_some_places_only(
    matter: Matter, open_window: OpenWindow
) -> None:
    """One person here, another there: the rest stays in the list."""
    interview = drafts(matter)
    window = open_window(matter)
    screen = to_review(window, interview)
    go_to(screen, "Okro")
    segments = screen.contexts.segments
    segments.setFocus()
    press(segments, "Space")
    assert screen.contexts.numbers == [2, 3]

    press(segments, "H")
    assert screen.candidates.current is not None
    assert screen.candidates.current.numbers == [1]
    press(screen.candidates.table, "R")  # somebody's letters now: refused
    press(screen.candidates.table, "K")
    press(window.focusWidget(), "Return")
    assert "Okro" not in forms(screen)
    screen.leave()
    settle(window)

    owners = load_register(window.desk.vault).owners("Okro")
    decided = treatments(window.desk.vault, DEFAULT_PROFILE)
    assert [entity for entity, _ in owners] == [2, 3]
    assert decided[3].choice == "keep"
    assert 2 not in decided


def test_no_place_is_no_answer(matter: Matter, open_window: OpenWindow) -> None:
    """It says what to do."""
    interview = drafts(matter)
    window = open_window(matter)
    screen = to_review(window, interview)
    go_to(screen, "Marek Lindqvist")
    screen.contexts.segments.setFocus()
    press(screen.contexts.segments, "Space")

    press(screen.contexts.segments, "H")

    assert "Mark a segment first" in window.notices.words.text()
    assert "Marek Lindqvist" in forms(screen)


def test_the_keyboard_alone_goes_through_the_list(matter: Matter, open_window: OpenWindow) -> None:
    """Down, decide, Enter into the context and back."""
    interview = drafts(matter)
    window = open_window(matter)
    screen = to_review(window, interview)
    table = screen.candidates.table
    assert table.hasFocus()
    every = forms(screen)

    press(table, "Down")
    assert screen.candidates.current is not None
    assert screen.candidates.current.form == every[1]
    press(table, "Return")
    assert screen.contexts.text.hasFocus()
    press(screen.contexts.text, "H")
    press(screen.contexts.text, "Alt+Up")
    press(screen.contexts.text, "G")
    settle(window)
    press(window.focusWidget(), "Esc")

    assert forms(screen) == [every[0], *every[2:]]
    assert screen.candidates.current.form == every[0]
    assert table.hasFocus()


def test_the_play_key_is_at_the_word(matter: Matter, open_window: OpenWindow) -> None:
    """Of the segment that one looks at; Shift plays the word alone; leaving is silent."""
    interview = drafts(matter, "They took Okro away.", "Nobody came, but Okro did.")
    window = open_window(matter)
    screen = to_review(window, interview)
    media = list_segments(window.desk.vault, interview.id)[0].media
    go_to(screen, "Okro")
    settle(window)
    assert screen.hearing.position == (media, 600)
    assert not screen.hearing.is_playing

    press(screen.candidates.table, "F4")
    wait_for(lambda: screen.hearing.is_playing, "the sound")
    press(screen.candidates.table, "F4")
    assert not screen.hearing.is_playing
    press(screen.candidates.table, "Shift+F4")
    wait_for(lambda: screen.hearing.is_playing, "the word")
    click(window, "Witnesses")
    assert not screen.hearing.is_playing


# --- saving ------------------------------------------------------------------------------------


def test_the_list_goes_on_while_the_vault_is_busy(matter: Matter, open_window: OpenWindow) -> None:
    """Decisions gather, keep their order, and are saved in one operation when it is their turn."""
    interview = drafts(matter)
    window = open_window(matter)
    screen = to_review(window, interview)
    entries = window.desk.vault.testimony.value("SELECT count(*) FROM custody")
    busy = threading.Event()
    window.desk.ask(screen, lambda _: busy.wait(20))

    for form in ("Okro", "Marek Lindqvist", "Ingrid Novak", "12th of March 2018"):
        go_to(screen, form)
        press(screen.candidates.table, "H")
    assert not {"Okro", "Ingrid Novak"} & set(forms(screen))
    busy.set()
    settle(window)

    now = known(window)
    assert [now[form][0] for form in ("Okro", "Marek Lindqvist", "Ingrid Novak")] == [2, 3, 4]
    assert "12th of March 2018" not in now
    assert not {*now, "12th of March 2018"} & set(forms(screen))
    assert window.desk.vault.testimony.value("SELECT count(*) FROM custody") == int(entries) + 2


def test_what_the_vault_refuses_comes_back(
    matter: Matter, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the sentence, and with nothing else lost."""
    interview = drafts(matter)
    window = open_window(matter)
    screen = to_review(window, interview)

    def refuse_second(*args: object) -> Taken:
        answers = args[2]
        assert isinstance(answers, list)
        taken = answering.take_answers(args[0], args[1], [answers[0]])  # type: ignore[arg-type]
        return Taken(taken.count + 1, (Refused(1, NameOfSomebodyError()),))

    monkeypatch.setattr(reviewing, "take_answers", refuse_second)
    for form in ("Okro", "Marek Lindqvist"):
        go_to(screen, form)
        press(screen.candidates.table, "H")
        monkeypatch.setattr(screen, "_send", lambda **_: None)
    monkeypatch.undo()
    monkeypatch.setattr(reviewing, "take_answers", refuse_second)
    screen.leave()
    settle(window)

    assert str(NameOfSomebodyError()) in window.notices.words.text()
    assert screen.candidates.current is not None
    assert screen.candidates.current.form == "Marek Lindqvist"
    assert "Okro" in known(window)


def test_a_full_disk_loses_no_decision(
    matter: Matter, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They wait, and are given again when the screen is left the next time."""
    interview = drafts(matter)
    window = open_window(matter)
    screen = to_review(window, interview)

    def full(*_: object) -> Taken:
        return Taken(0, (), DiskRefusedError())

    monkeypatch.setattr(reviewing, "take_answers", full)
    for form in ("Okro", "Ingrid Novak"):
        go_to(screen, form)
        press(screen.candidates.table, "H")
    click(window, "Witnesses")
    settle(window)
    assert str(DiskRefusedError()) in window.notices.words.text()
    assert "Okro" not in known(window)

    monkeypatch.undo()
    to_review(window, interview)
    assert "Okro" not in forms(screen)
    click(window, "Witnesses")
    settle(window)
    assert {"Okro", "Ingrid Novak"} <= set(known(window))


def test_a_lock_that_cannot_save_keeps_the_decisions(
    matter: Matter, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The window stays, covered; after the passphrase they are still there to be saved."""
    interview = drafts(matter)
    window = open_window(matter)
    screen = to_review(window, interview)
    go_to(screen, "Okro")
    press(screen.candidates.table, "H")
    monkeypatch.setattr(reviewing, "take_answers", lambda *_: Taken(0, (), DiskRefusedError()))
    press(window, "Ctrl+L")
    wait_for(window.gate.isEnabled, "the lock page")
    monkeypatch.undo()
    type_into(window.gate.passphrase, PASSPHRASE)
    press(window.gate.passphrase, "Return")
    wait_for(screen.isVisible, "the review coming back")
    settle(window)

    assert "Okro" in screen.view.last.text()
    click(window, "Witnesses")
    settle(window)
    assert "Okro" in known(window)


def test_covered_and_uncovered_it_goes_on(matter: Matter, open_window: OpenWindow) -> None:
    """Idle beside a job: the decision is saved, and the list is still there."""
    interview = drafts(matter)
    window = open_window(matter)
    screen = to_review(window, interview)
    go_to(screen, "Okro")
    press(screen.candidates.table, "H")
    going = threading.Event()
    window.jobs.start(window, "A job", lambda *_: going.wait(20))
    window.on_idle()
    wait_for(lambda: window.desk.waiting == 0, "the decision being saved")
    type_into(window.gate.passphrase, PASSPHRASE)
    press(window.gate.passphrase, "Return")
    wait_for(screen.isVisible, "the review coming back")
    going.set()
    settle(window)

    assert "Okro" in known(window)
    assert "Okro" not in forms(screen)
    assert forms(screen)


# --- finishing ---------------------------------------------------------------------------------


def test_finishing_separates_what_is_decided(matter: Matter, open_window: OpenWindow) -> None:
    """With forms left it says how many; at the end it leads to listening."""
    interview = drafts(matter)
    window = open_window(matter)
    screen = to_review(window, interview)
    go_to(screen, "Okro")
    press(screen.candidates.table, "H")
    click(window, "finish")
    settle(window)
    assert "Texts separated: 1." in window.notices.words.text()  # the one that names nobody
    while forms(screen):
        press(screen.candidates.table, "H")
        settle(window)
    assert screen.view.finish.text() == "Finish: 0 undecided"

    click(window, "finish")
    settle(window)

    segments = list_segments(window.desk.vault, interview.id)
    assert [segment.status for segment in segments] == ["separated"] * len(TEXTS)
    assert "Nothing is left to decide" in screen.view.note.text()
    picture(window, "review-done")
    click(window, "Go to the transcript")
    settle(window)
    assert window.place is Place.TRANSCRIPT


def test_a_name_entered_since_is_looked_for(matter: Matter, open_window: OpenWindow) -> None:
    """Texts that were separated come back as questions."""
    with matter.unlock() as vault:
        interview = separated_interview(vault)
        declare(vault, [Declaration(Kind.PERSON, ("Nambers",))])
    window = open_window(matter)
    screen = to_review(window, interview)
    assert forms(screen) == []

    click(window, "Look for names entered since")
    settle(window)

    assert forms(screen) == ["numbers"]


def test_translated_rows_are_taken_into_review(matter: Matter, open_window: OpenWindow) -> None:
    """What translators handed in is offered here, and asked in its language."""
    with matter.unlock() as vault:
        translator = add_translator(vault)
        interview = separated_interview(vault)
        register = load_register(vault)
        targets = [
            tuple(
                piece if isinstance(piece, str) else _token(register, piece.forms[0])
                for piece in row
            )
            for row in TRANSLATED
        ]
        targets[1] = (*targets[1], " Kelvora Brandt l'a vu.")
        translate_all(vault, lambda: matter.unlock_as(translator), interview.id, targets)
    window = open_window(matter)
    screen = to_review(window, interview)
    picture(window, "review-held")

    click(window, "Take translated rows into review (2)")
    settle(window)

    assert forms(screen) == ["Kelvora Brandt"]
    assert "in French" in screen.contexts.text.toPlainText()
    assert not screen.view.held.isVisible()


def _token(register: FormRegister, form: str) -> Token:
    entity, num = register.owners(form)[0]
    return Token(register.kind(entity), entity, num)


def test_a_big_interview_keeps_the_window_alive(matter: Matter, open_window: OpenWindow) -> None:
    """Reading goes in turns, and says how far it is."""
    with matter.unlock() as vault:
        declare(vault, [WITNESS, VILLAGE])
        interview = new_interview(vault)
        store_segments(
            vault, interview.id, [f"{text} Number {n}." for n in range(8) for text in TEXTS]
        )
    window = open_window(matter)
    window.go(Place.REVIEW, InterviewRef(interview.id, interview.code))
    said = set()

    def is_read() -> bool:
        said.add(review(window).view.note.text())
        return bool(forms(review(window)))

    wait_for(is_read, "the interview being read")

    assert "Reading the interview." in said
