"""The names register by hand: who stands in it, how each is written, and what leaves of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from intake.errors import (
    FormRefusedError,
    MergeRefusedError,
    NotClearedError,
    TreatmentDetailError,
)
from intake.review.declaring import Declaration, declare
from intake.review.treating import DEFAULT_PROFILE, Treatment, treatments
from intake.text import Kind
from intake.transcript.names import load_register
from tests.support.matter import add_translator
from tests.support.steps import ACCUSED, VILLAGE, WITNESS, separated_interview
from tests.support.window import (
    choose,
    click,
    click_row,
    picture,
    press,
    settle,
    type_into,
)
from ui.context import Place
from ui.name_words import DOTS
from ui.screens.names import NamesScreen
from ui.theme import Look, dress

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from intake.identity.register import FormRegister
    from tests.support.matter import Matter
    from tests.ui.conftest import OpenWindow
    from ui.window import Window

UYGHUR = Declaration(Kind.PERSON, ("تۇرسۇن مەمەت", "Tursun Memet"))
ARABIC = Declaration(Kind.PERSON, ("عبد الله الكاتب",))
BROTHER = Declaration(Kind.PERSON, ("Daniel Okro", "Okro"))


def names(window: Window) -> NamesScreen:
    """Return the screen."""
    found = window.screen_at(Place.NAMES)
    assert isinstance(found, NamesScreen)
    return found


def to_names(window: Window) -> NamesScreen:
    """Open the register and wait until it is read."""
    click(window, "Names")
    settle(window)
    return names(window)


def with_names(matter: Matter, *declared: Declaration) -> None:
    """Enter names."""
    with matter.unlock() as vault:
        declare(vault, declared or (WITNESS, ACCUSED, VILLAGE, UYGHUR))


def cells(screen: NamesScreen, row: int) -> list[str]:
    """Return what a row of the table says."""
    model = screen.names
    return [str(model.index(row, column).data()) for column in range(model.columnCount())]


def everything_seen(screen: NamesScreen) -> str:
    """Return all words that stand on the screen."""
    rows = [word for row in range(len(screen.names.rows)) for word in cells(screen, row)]
    forms = [screen.forms.item(row).text() for row in range(screen.forms.count())]
    found = screen.same_panel.search.found
    merging = [found.item(row).text() for row in range(found.count())]
    labels = [label.text() for label in screen.findChildren(QLabel)]
    return "\n".join([*rows, *forms, *merging, *labels])


def register(window: Window) -> FormRegister:
    """Return what the vault has now."""
    return load_register(window.desk.vault)


# --- what is seen ------------------------------------------------------------------------------


def test_names_are_dots_until_somebody_shows_them(matter: Matter, open_window: OpenWindow) -> None:
    """The switch is the screen's alone, and off again when one comes back."""
    with matter.unlock() as vault:
        separated_interview(vault)
    window = open_window(matter)
    screen = to_names(window)
    click_row(screen.table, 0)
    picture(window, "names-hidden")

    assert cells(screen, 0) == ["P1", "person", f"{DOTS} (2)", "hide", "1"]
    assert cells(screen, 1)[3] == "keep by name: accused"
    for word in ("Amina", "Osk", "Qarabulaq"):
        assert word not in everything_seen(screen)

    click(window, "Names hidden")
    assert "Amina Testova" in cells(screen, 0)[2]
    assert "Amina Testova" in screen.forms.item(0).text()
    picture(window, "names-shown")
    click(window, "Witnesses")
    settle(window)
    to_names(window)
    assert "Amina" not in everything_seen(screen)


def test_an_empty_register_says_what_goes_here(matter: Matter, open_window: OpenWindow) -> None:
    """And offers the one way to begin."""
    window = open_window(matter)
    screen = to_names(window)

    assert "They come here as you decide them in Review" in screen.note.text()
    assert not screen.table.isVisible()
    assert screen.new.isEnabled()
    picture(window, "names-empty")


def test_an_uncleared_member_reads_one_sentence(matter: Matter, open_window: OpenWindow) -> None:
    """And nothing else."""
    with_names(matter)
    with matter.unlock() as vault:
        translator = add_translator(vault)
    screen = to_names(open_window(matter, member=translator))

    assert screen.note.text() == str(NotClearedError())
    assert not screen.top.isVisible()
    assert not screen.parts.isVisible()


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [("testova", [1]), ("تۇرسۇن", [4]), ("Tursoon Memet", [4]), ("nobody", [])],
)
def test_searching_finds_any_spelling(
    matter: Matter, open_window: OpenWindow, wanted: str, numbers: list[int]
) -> None:
    """While names are hidden too."""
    with_names(matter)
    screen = to_names(open_window(matter))

    type_into(screen.search, wanted)

    assert [line.number for line in screen.names.rows] == numbers
    assert screen.note.isVisible() is (not numbers)


def test_names_from_right_to_left_are_on_the_right(
    matter: Matter, open_window: OpenWindow, qapp: QApplication
) -> None:
    """In the table and in the list of spellings; in a window of either direction."""
    with_names(matter, UYGHUR, ARABIC, WITNESS)
    window = open_window(matter)
    screen = to_names(window)
    click(window, "Names hidden")
    click_row(screen.table, 0)

    sides = [screen.names.index(row, 2).data(Qt.ItemDataRole.TextAlignmentRole) for row in range(3)]
    assert [bool(side & Qt.AlignmentFlag.AlignRight) for side in sides] == [True, True, False]
    picture(window, "names-uyghur")
    dress(qapp, Look.DARK, 11)
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        settle(window)
        picture(window, "names-uyghur-dark-rtl")
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        dress(qapp, Look.LIGHT, 11)


# --- entering ----------------------------------------------------------------------------------


def test_a_name_is_entered_with_its_spellings(matter: Matter, open_window: OpenWindow) -> None:
    """The first is its preferred form; hidden unless something else is chosen."""
    window = open_window(matter)
    screen = to_names(window)
    click(window, "New name...")
    panel = screen.new_panel
    choose(panel.kind, "[L] place")
    type_into(panel.spellings, "قارابۇلاق\nQarabulaq\n\n Qarabulaq ")
    settle(window)
    picture(window, "names-new")
    click(window, "Enter it")
    settle(window)

    found = register(window)
    assert found.kind(1) is Kind.LOCATION
    assert [form.verbatim for form in found.forms_of(1)] == ["قارابۇلاق", "Qarabulaq"]
    assert treatments(window.desk.vault, DEFAULT_PROFILE) == {}
    assert "asked for again in Review" in window.notices.words.text()
    assert cells(screen, 0)[0] == "L1"
    assert not panel.isVisible()


def test_a_refusal_stands_beside_the_field_and_keeps_the_words(
    matter: Matter, open_window: OpenWindow
) -> None:
    """A name without a letter, a wording that names somebody, a language that there is not."""
    with_names(matter, WITNESS)
    window = open_window(matter)
    screen = to_names(window)
    click(window, "New name...")
    panel = screen.new_panel
    type_into(panel.spellings, "- . -")
    click(window, "Enter it")
    settle(window)
    assert panel.refusal.text() == "(!) " + str(FormRefusedError())
    assert panel.spellings.words() == "- . -"
    assert len(register(window).entities) == 1

    type_into(panel.spellings, "Daniel Okro")
    panel.treatment.generalise.click()
    row = panel.treatment.wordings[0]
    type_into(row.words, "a cousin of Testova")
    row.language.choose("en")
    click(window, "Enter it")
    settle(window)
    assert "still holds a name" in panel.refusal.text()
    type_into(row.words, "a relative")
    row.language.choose("")
    click(window, "Enter it")
    settle(window)
    assert panel.refusal.text() == "(!) " + str(TreatmentDetailError())
    picture(window, "names-refused")
    row.language.choose("en")
    click(window, "Enter it")
    settle(window)

    assert [form.verbatim for form in register(window).forms_of(2)] == ["Daniel Okro"]
    stored = treatments(window.desk.vault, DEFAULT_PROFILE)[2]
    assert (stored.choice, stored.wordings["en"].value) == ("generalise", "a relative")
    assert screen.table.place == 1


def test_what_is_typed_stays_when_one_looks_elsewhere(
    matter: Matter, open_window: OpenWindow
) -> None:
    """The form is as it was left."""
    window = open_window(matter)
    screen = to_names(window)
    click(window, "New name...")
    type_into(screen.new_panel.spellings, "Daniel Ok")

    click(window, "Witnesses")
    settle(window)
    to_names(window)

    assert screen.new_panel.isVisible()
    assert screen.new_panel.spellings.words() == "Daniel Ok"


# --- changing ----------------------------------------------------------------------------------


def test_spellings_are_added_for_a_language(matter: Matter, open_window: OpenWindow) -> None:
    """And the first of them is shown there from now on."""
    with_names(matter, WITNESS, UYGHUR)
    window = open_window(matter)
    screen = to_names(window)
    click_row(screen.table, 1)
    click(window, "Add spellings...")
    panel = screen.spell_panel
    assert "P2" in panel.title.text()
    type_into(panel.spellings, "Toursoun Mémet")
    panel.language.choose("fr")
    panel.preferred.click()
    settle(window)
    picture(window, "names-spellings")
    click(window, "Add them")
    settle(window)

    found = register(window)
    assert found.preferred(2, "fr").verbatim == "Toursoun Mémet"
    assert found.preferred(2).verbatim == "تۇرسۇن مەمەت"
    assert "asked for again in Review" in window.notices.words.text()
    assert screen.table.place == 1
    assert any("preferred in French" in screen.forms.item(row).text() for row in range(3))


def test_a_language_that_there_is_not_is_refused(matter: Matter, open_window: OpenWindow) -> None:
    """Typed words that are no language are never taken for none."""
    with_names(matter, WITNESS)
    window = open_window(matter)
    screen = to_names(window)
    click_row(screen.table, 0)
    click(window, "Add spellings...")
    type_into(screen.spell_panel.spellings, "Amine")
    edit = screen.spell_panel.language.lineEdit()
    assert edit is not None
    edit.setText("Klingon")  # typing opens a list, which offscreen has no window for
    click(window, "Add them")
    settle(window)

    assert screen.spell_panel.refusal.text() == "(!) " + str(TreatmentDetailError())
    assert len(register(window).forms) == 2


def test_a_treatment_is_changed(matter: Matter, open_window: OpenWindow) -> None:
    """Keep with a reason, wider words in two languages, and back to hidden."""
    with_names(matter, WITNESS)
    window = open_window(matter)
    screen = to_names(window)
    click_row(screen.table, 0)

    click(window, "Change treatment...")
    box = screen.change_panel.box
    box.keep.click()
    choose(box.reason, "official")
    click(window, "Change it")
    settle(window)
    stored = treatments(window.desk.vault, DEFAULT_PROFILE)[1]
    assert (stored.choice, stored.reason) == ("keep", "official")
    assert cells(screen, 0)[3] == "keep by name: official"
    assert "release is to be made again" in window.notices.words.text()

    click(window, "Change treatment...")
    assert box.keep.isChecked()
    assert box.reason.currentData() == "official"
    box.generalise.click()
    for at, (lang, words) in enumerate((("en", "a woman"), ("ug", "بىر ئايال"))):
        if at:
            click(window, "One more language")
        type_into(box.wordings[at].words, words)
        box.wordings[at].language.choose(lang)
    settle(window)
    picture(window, "names-treatment")
    click(window, "Change it")
    settle(window)
    stored = treatments(window.desk.vault, DEFAULT_PROFILE)[1]
    assert {lang: text.value for lang, text in stored.wordings.items()} == {
        "en": "a woman",
        "ug": "بىر ئايال",
    }

    click(window, "Change treatment...")
    assert [row.words.text() for row in box.wordings] == ["a woman", "بىر ئايال"]
    box.hide_it.click()
    click(window, "Change it")
    settle(window)
    assert treatments(window.desk.vault, DEFAULT_PROFILE)[1].choice == "hide"


def test_two_wordings_in_one_language_are_refused(matter: Matter, open_window: OpenWindow) -> None:
    """One of them would be lost."""
    with_names(matter, WITNESS)
    window = open_window(matter)
    screen = to_names(window)
    click_row(screen.table, 0)
    click(window, "Change treatment...")
    box = screen.change_panel.box
    box.generalise.click()
    click(window, "One more language")
    for row, words in zip(box.wordings, ("a woman", "a person"), strict=True):
        type_into(row.words, words)
        row.language.choose("en")

    click(window, "Change it")

    assert screen.change_panel.refusal.text() == "(!) " + str(TreatmentDetailError())
    assert treatments(window.desk.vault, DEFAULT_PROFILE) == {}


def test_two_that_are_one_are_merged_by_a_button_that_names_both(
    matter: Matter, open_window: OpenWindow
) -> None:
    """It says that it is for ever; no box stands in the way."""
    with_names(matter, WITNESS, VILLAGE, UYGHUR, BROTHER)
    window = open_window(matter)
    screen = to_names(window)
    click_row(screen.table, 2)
    click(window, "Same as another...")
    panel = screen.same_panel
    settle(window)
    assert "cannot be taken back" in panel.warning.text()
    assert "Amina" not in everything_seen(screen)
    picture(window, "names-merge")
    assert panel.search.found.count() == 2  # persons only, and not itself
    type_into(panel.search.field, "okro")

    click(window, "Yes, P3 is P4: merge them")
    settle(window)

    assert register(window).root(3) == 4
    assert [line.number for line in screen.names.rows] == [1, 2, 4]
    assert screen.table.place == 2
    assert "also P3" in screen.who.text()
    assert screen.forms.count() == 4


def test_a_merge_that_would_show_somebody_is_refused(
    matter: Matter, open_window: OpenWindow
) -> None:
    """Two that are treated differently; the register is as it was."""
    with_names(matter, WITNESS, ACCUSED)
    window = open_window(matter)
    screen = to_names(window)
    click_row(screen.table, 0)
    click(window, "Same as another...")

    click(window, "Yes, P1 is P2: merge them")
    settle(window)

    assert screen.same_panel.refusal.text() == "(!) " + str(MergeRefusedError())
    assert register(window).root(1) == 1


def test_the_keyboard_alone_changes_a_treatment(matter: Matter, open_window: OpenWindow) -> None:
    """From the table to the form and back; Esc leaves everything as it was."""
    with matter.unlock() as vault:
        declare(vault, [WITNESS, Declaration(Kind.LOCATION, ("Belek",), Treatment())])
    window = open_window(matter)
    screen = to_names(window)
    press(screen.search, "Tab")
    screen.table.setFocus()
    press(screen.table, "Down")
    press(screen.table, "Return")
    assert window.focusWidget() is screen.spell
    press(screen.spell, "Tab")
    press(screen.change, "Space")
    assert screen.change_panel.isVisible()
    press(window.focusWidget(), "Down")
    assert screen.change_panel.box.generalise.isChecked()
    press(window.focusWidget(), "Esc")

    assert not screen.change_panel.isVisible()
    assert screen.table.hasFocus()
    assert screen.table.place == 1
