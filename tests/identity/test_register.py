"""The names register: numbers and forms that never change."""

from __future__ import annotations

import copy
import pickle

import pytest

from intake.errors import FormRefusedError, RegisterConflictError, UnknownFormError
from intake.identity.register import AT_PLACES, Entity, Form, FormRegister
from intake.text import MAX_NUMBER, Kind


def two_people() -> FormRegister:
    """Give entity 1 (two forms) and entity 2 (one form)."""
    register, _ = FormRegister().with_entity(Kind.PERSON)
    register, _ = register.with_form(1, "Ablet", lang="en", source="declared")
    register, _ = register.with_form(1, "ئابلەت", lang="ug")
    register, _ = register.with_entity(Kind.PERSON)
    register, _ = register.with_form(2, "Abliz")
    return register


def test_numbers_run_over_all_kinds() -> None:
    """A person and a place never have the same number."""
    register, first = FormRegister().with_entity(Kind.PERSON)
    register, second = register.with_entity(Kind.LOCATION)

    assert (first, second) == (1, 2)
    assert (register.kind(1), register.kind(2)) == (Kind.PERSON, Kind.LOCATION)


def test_same_verbatim_keeps_its_number_and_the_register() -> None:
    """Saying a name again adds nothing."""
    register = two_people()

    again, num = register.with_form(1, "ئابلەت")

    assert num == 2
    assert again is register


def test_forms_are_kept_byte_for_byte() -> None:
    """Blanks, marks and direction controls of a form are part of it."""
    odd = " \u202bZoe\u0308\u202c\n"
    register, num = two_people().with_form(1, odd)

    assert register.form(Kind.PERSON, 1, num).verbatim == odd


def test_older_values_do_not_change() -> None:
    """Each `with_` leaves the register it was called on as it was."""
    before = two_people()

    before.with_form(1, "Abu")
    before.with_merge(1, 2)
    before.with_rejected("x")

    assert before == two_people()


@pytest.mark.parametrize("verbatim", ["", " ", "\u200f", "...", "\n\t"])
def test_form_without_a_letter_is_refused(verbatim: str) -> None:
    """Blanks and invisible characters name nobody."""
    with pytest.raises(FormRefusedError):
        two_people().with_form(1, verbatim)


def test_numbers_end_where_the_token_grammar_ends() -> None:
    """One more than the largest number is refused, not wrapped."""
    full = FormRegister.of({MAX_NUMBER: Entity(Kind.PERSON)}, [])

    with pytest.raises(FormRefusedError):
        full.with_entity(Kind.PERSON)
    with pytest.raises(FormRefusedError):
        Form(1, MAX_NUMBER + 1, "Okoro")


def test_verbatim_of_two_entities_is_nobodys() -> None:
    """A shared name needs a person, until the two are one."""
    register, num = two_people().with_form(2, "Ablet")

    assert register.find_verbatim("Ablet") is None
    assert register.owners("Ablet") == ((1, 1), (2, num))
    assert register.with_merge(1, 2).find_verbatim("Ablet") == (2, num)
    assert register.with_merge(2, 1).find_verbatim("Ablet") == (1, 1)
    assert register.find_verbatim("nobody") is None


@pytest.mark.parametrize(
    ("verbatim", "automatic"),
    [("Ablet", True), ("May", False), ("W", False), ("李", False), ("unknown", False)],
)
def test_everyday_words_and_letters_are_not_automatic(verbatim: str, *, automatic: bool) -> None:
    """They are asked about at each place."""
    register = two_people()
    for name in ("May", "W", "李"):
        register, _ = register.with_form(1, name)

    assert register.is_automatic(verbatim) is automatic


def test_rejected_letters_are_remembered_folded() -> None:
    """Case and accents do not bring a rejected form back."""
    register = two_people().with_rejected("Café  Central")

    assert register.is_rejected("cafe central")
    assert not register.is_rejected("cafe")


def test_letters_rejected_before_they_were_a_name_are_placed_once_they_are() -> None:
    """Finished texts hold them and are asked about by nobody; before that they are no form."""
    register = FormRegister().with_rejected("Ablet")
    assert not register.is_automatic("Ablet")

    register, entity = register.with_entity(Kind.PERSON)
    register, _ = register.with_form(entity, "Ablet")

    assert register.is_automatic("Ablet")
    chosen, _ = register.with_form(1, "Abletjan", source=AT_PLACES)
    assert not chosen.is_automatic("Abletjan")
    assert register.is_rejected("ablet")


def test_preferred_form_goes_by_language_then_general_then_first() -> None:
    """The chain of choices, also through a merge."""
    register = two_people().with_preferred(1, "ug", 2)

    assert register.preferred(1, "ug").num == 2
    assert register.preferred(1, "en").num == 1
    assert register.with_preferred(1, "", 2).preferred(1, "en").num == 2
    assert register.with_merge(1, 2).preferred(1, "ug").verbatim == "Abliz"
    assert register.form(Kind.PERSON, 1, 0) == register.preferred(1)


def test_merged_entity_falls_back_to_its_own_forms() -> None:
    """The remaining entity may have no form yet."""
    register, bare = two_people().with_entity(Kind.PERSON)

    assert register.with_merge(1, bare).preferred(1).verbatim == "Ablet"
    with pytest.raises(UnknownFormError):
        register.preferred(bare)


def test_merge_in_a_circle_is_refused() -> None:
    """Also onto itself, and twice."""
    register = two_people().with_merge(1, 2)

    assert register.root(1) == 2
    for loser, winner in ((2, 1), (2, 2), (1, 2)):
        with pytest.raises(RegisterConflictError):
            register.with_merge(loser, winner)


def test_what_is_not_there_is_refused() -> None:
    """Unknown entity, form, or another kind."""
    register = two_people()

    for call in (
        lambda: register.kind(9),
        lambda: register.forms_of(9),
        lambda: register.form(Kind.LOCATION, 1, 1),
        lambda: register.form(Kind.PERSON, 1, 9),
        lambda: register.with_preferred(1, "", 9),
        lambda: register.with_merge(1, 9),
        lambda: register.with_form(9, "x"),
    ):
        with pytest.raises(UnknownFormError):
            call()


def test_stored_rows_make_the_same_register() -> None:
    """`of` gives what the steps gave."""
    steps = two_people().with_preferred(1, "ug", 2).with_rejected("x")

    rows = FormRegister.of(
        steps.entities, steps.all_forms(), steps.preferred_numbers, steps.rejected
    )

    assert rows == steps
    assert [form.num for form in rows.forms_of(1)] == [1, 2]


@pytest.mark.parametrize(
    ("entities", "forms", "preferred"),
    [
        ({}, [Form(1, 1, "a b")], {}),
        ({1: Entity(Kind.PERSON)}, [Form(1, 1, "Abe"), Form(1, 1, "Bea")], {}),
        ({1: Entity(Kind.PERSON)}, [Form(1, 1, "Abe"), Form(1, 2, "Abe")], {}),
        ({1: Entity(Kind.PERSON)}, [], {(1, ""): 1}),
        ({1: Entity(Kind.PERSON, 1)}, [], {}),
        ({1: Entity(Kind.PERSON, 2)}, [], {}),
        ({1: Entity(Kind.PERSON, 2), 2: Entity(Kind.PERSON, 1)}, [], {}),
    ],
)
def test_rows_that_contradict_each_other_are_refused(
    entities: dict[int, Entity], forms: list[Form], preferred: dict[tuple[int, str], int]
) -> None:
    """Forms of nobody, one number twice, one verbatim twice, lost choices, circles."""
    with pytest.raises(RegisterConflictError):
        FormRegister.of(entities, forms, preferred)


def test_key_of_a_form_must_be_its_number() -> None:
    """A table whose keys lie is refused."""
    with pytest.raises(RegisterConflictError):
        FormRegister({1: Entity(Kind.PERSON)}, {(1, 2): Form(1, 1, "Okoro")})


def test_names_do_not_print_and_cannot_be_pickled() -> None:
    """Neither a form nor a register shows a name."""
    register = two_people()

    for shown in (repr(register), str(register), repr(register.all_forms()), f"{register}"):
        assert "Abl" not in shown
    for value in (register, register.all_forms()[0]):
        with pytest.raises(TypeError):
            pickle.dumps(value)
        with pytest.raises(TypeError):
            copy.deepcopy(value)
