"""Marking, separating, joining, editing: what a chip survives and what it does not."""

from __future__ import annotations

import pytest

from intake.errors import ChipError, TokenGrammarError, UnknownFormError
from intake.identity.register import FormRegister
from intake.identity.separation import (
    Chip,
    Marked,
    chip_for,
    join,
    mark,
    merge,
    remark,
    separate,
    split,
    with_chips,
)
from intake.text import DraftText, Kind, SeparatedText, Token, separated_by_separation


def register_of(*forms: tuple[Kind, tuple[str, ...]]) -> FormRegister:
    """Build a register; entities are numbered from 1 in this order."""
    register = FormRegister()
    for kind, verbatims in forms:
        register, entity = register.with_entity(kind)
        for verbatim in verbatims:
            register, _ = register.with_form(entity, verbatim)
    return register


PEOPLE = register_of(
    (Kind.PERSON, ("Daniel Okoro", "Okoro", "Daniel")),
    (Kind.LOCATION, ("Kafanchan",)),
    (Kind.PERSON, ("Will", "W")),
)


def sep(text: str, register: FormRegister = PEOPLE) -> str:
    return separate(mark(DraftText(text), register), register).value


def test_longest_form_wins_over_its_parts() -> None:
    """A full name is one token, not two."""
    assert sep("Daniel Okoro and Okoro") == "⟦P1.1⟧ and ⟦P1.2⟧"


def test_forms_are_placed_at_word_borders_only() -> None:
    """A name inside a longer word is another word."""
    assert sep("Okoros, Okoro's, McOkoro, Okoro-Bello") == "Okoros, ⟦P1.2⟧'s, McOkoro, ⟦P1.2⟧-Bello"


def test_case_is_exact() -> None:
    """Only the letters as they were kept are placed without asking."""
    assert sep("OKORO okoro Okoro") == "OKORO okoro ⟦P1.2⟧"


def test_combining_mark_makes_another_word() -> None:
    """A chip never cuts a letter from its accent."""
    assert sep("Okoro\u0301 Okoro") == "Okoro\u0301 ⟦P1.2⟧"


def test_everyday_words_and_single_letters_wait_for_a_person() -> None:
    """Will and W are names here, but at each place a person says so."""
    assert sep("Will W come? Will you?") == "Will W come? Will you?"


def test_decided_place_of_an_everyday_name_is_separated() -> None:
    """A person's chip is honoured at that place and survives an edit elsewhere."""
    marked = mark(DraftText("Will you tell Will?"), PEOPLE)
    chip = chip_for(14, 18, 3, 1, PEOPLE)
    edited = remark(with_chips(marked, [chip]), DraftText("Now will you tell Will?"), PEOPLE)

    assert separate(edited, PEOPLE).value == "Now will you tell ⟦P3.1⟧?"


def test_name_of_two_entities_is_not_applied_by_itself() -> None:
    """Two people called Musa: a person decides at each place."""
    two = register_of((Kind.PERSON, ("Musa",)), (Kind.PERSON, ("Musa",)))

    assert sep("Musa saw Musa", two) == "Musa saw Musa"
    assert sep("Musa saw Musa", two.with_merge(2, 1)) == "⟦P1.1⟧ saw ⟦P1.1⟧"


def test_rejection_ends_where_the_letters_become_a_form() -> None:
    """What was judged not identifying stays in the text, until it is declared as somebody's."""
    rejected = register_of().with_rejected("market road")
    register = register_of((Kind.LOCATION, ("Market Road",))).with_rejected("market road")

    assert sep("in Market Road", rejected) == "in Market Road"
    assert sep("in Market Road", register) == "in ⟦L1.1⟧"


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("ئابلەت", "مەن ئابلەت بىلەن", "مەن ⟦P1.1⟧ بىلەن"),
        ("محمد", "قال محمد لي", "قال ⟦P1.1⟧ لي"),
        ("李明", "我叫李明、他是", "我叫⟦P1.1⟧、他是"),
        ("Ⓐnna", "x Ⓐnna y", "x ⟦P1.1⟧ y"),
        ("\u202bعلي\u202c", "a \u202bعلي\u202c b", "a ⟦P1.1⟧ b"),
    ],
)
def test_every_script_is_placed_exactly(form: str, text: str, expected: str) -> None:
    """Uyghur, Arabic, Chinese, odd letters, and names with direction marks."""
    assert sep(text, register_of((Kind.PERSON, (form,)))) == expected


def test_literal_brackets_in_speech_survive() -> None:
    """Speech cannot forge a token."""
    draft = "⟦P1.1⟧ said ⟦lb⟧ to Okoro ⟧⟦"
    marked = mark(DraftText(draft), PEOPLE)

    separated = separate(marked, PEOPLE)

    assert [token.entity for token in separated.tokens()] == [1]
    assert join(separated, PEOPLE).text.value == draft


def test_changed_word_dissolves_its_chip_and_others_stay() -> None:
    """An edit inside a name makes it bare text again; the rest keeps its chips."""
    old = mark(DraftText("Okoro left Kafanchan with Daniel"), PEOPLE)

    new = remark(old, DraftText("Okoro left Kafanchon with old Daniel"), PEOPLE)

    assert separate(new, PEOPLE).value == "⟦P1.2⟧ left Kafanchon with old ⟦P1.3⟧"


def test_letters_added_to_a_name_dissolve_its_chip() -> None:
    """Ann and Annabel are two names."""
    register = register_of((Kind.PERSON, ("Ann",)), (Kind.PERSON, ("Annabel",)))
    old = mark(DraftText("so Ann spoke"), register)

    new = remark(old, DraftText("so Annabel spoke"), register)

    assert separate(new, register).value == "so ⟦P2.1⟧ spoke"


def test_bare_names_typed_in_the_gaps_are_marked() -> None:
    """Held text with names in it gets its tokens."""
    old = mark(DraftText("He left."), PEOPLE)

    new = remark(old, DraftText("He left Kafanchan with Okoro."), PEOPLE)

    assert separate(new, PEOPLE).value == "He left ⟦L2.1⟧ with ⟦P1.2⟧."


def test_split_through_a_chip_dissolves_it() -> None:
    """A cut name is not a name; the halves keep every letter."""
    left, right = split(mark(DraftText("to Okoro now"), PEOPLE), 5)

    assert (left.text.value, right.text.value) == ("to Ok", "oro now")
    assert not left.chips
    assert not right.chips


def test_split_at_an_edge_keeps_the_chip_and_merge_restores() -> None:
    """Splitting beside a name and merging again changes nothing."""
    marked = mark(DraftText("to Okoro now, Daniel"), PEOPLE)

    assert merge(*split(marked, 8), between="") == marked


@pytest.mark.parametrize("at", [-1, 99])
def test_split_outside_the_text_is_refused(at: int) -> None:
    """There is no such place."""
    with pytest.raises(ChipError):
        split(mark(DraftText("Okoro"), PEOPLE), at)


def test_chip_over_other_letters_is_refused() -> None:
    """The register must hold the form before it can be a token."""
    wrong = Marked(DraftText("okoro"), (Chip(0, 5, Token(Kind.PERSON, 1, 2)),))

    with pytest.raises(ChipError):
        separate(wrong, PEOPLE)


def test_chip_of_form_zero_is_refused() -> None:
    """In a draft each token names the very form that was written."""
    wrong = Marked(DraftText("Daniel Okoro"), (Chip(0, 12, Token(Kind.PERSON, 1, 0)),))

    with pytest.raises(ChipError):
        separate(wrong, PEOPLE)


@pytest.mark.parametrize("chips", [((3, 3),), ((0, 2), (1, 3)), ((2, 3), (0, 1)), ((0, 9),)])
def test_chips_out_of_order_are_refused(chips: tuple[tuple[int, int], ...]) -> None:
    """Empty, overlapping, unsorted, outside."""
    token = Token(Kind.PERSON, 1, 1)

    with pytest.raises(ChipError):
        Marked(DraftText("abcd"), tuple(Chip(a, b, token) for a, b in chips))


@pytest.mark.parametrize("text", ["⟦P9.1⟧", "⟦P1.9⟧", "⟦L1.1⟧", "⟦L1.0⟧", "⟦P9.0⟧"])
def test_join_refuses_tokens_that_the_register_lacks(text: str) -> None:
    """No entity, no form, another kind."""
    with pytest.raises(UnknownFormError):
        join(separated_by_separation(text), PEOPLE)


def test_chip_for_an_unknown_form_is_refused() -> None:
    """A decision needs a form to point to."""
    with pytest.raises(UnknownFormError):
        chip_for(0, 1, 1, 9, PEOPLE)


def test_new_chip_replaces_the_one_under_it() -> None:
    """Widening a name takes the place of the narrow chip; two new ones may not meet."""
    marked = mark(DraftText("Daniel Okoro"), register_of((Kind.PERSON, ("Okoro",))))
    wide = Chip(0, 12, Token(Kind.PERSON, 1, 1))

    assert with_chips(marked, [wide]).chips == (wide,)
    with pytest.raises(ChipError):
        with_chips(marked, [wide, Chip(1, 2, wide.token)])


def test_form_zero_joins_as_the_preferred_form_of_the_language() -> None:
    """By language, then in general, then the first; a merged entity as what it became."""
    register = register_of((Kind.PERSON, ("Ablet", "ئابلەت")), (Kind.PERSON, ("Abliz",)))
    zero = separated_by_separation("⟦P1.0⟧")
    assert join(zero, register, "ug").text.value == "Ablet"

    chosen = register.with_preferred(1, "ug", 2)
    assert join(zero, chosen, "ug").text.value == "ئابلەت"
    assert join(zero, chosen, "en").text.value == "Ablet"

    merged = chosen.with_merge(1, 2)
    assert separate(join(zero, merged, "ug"), merged).value == "⟦P2.1⟧"


def test_separated_text_cannot_be_made_by_hand() -> None:
    """Only separation and the store make one, and both read its grammar."""
    with pytest.raises(TypeError):
        SeparatedText("x")
    with pytest.raises(TokenGrammarError):
        separated_by_separation("⟦P1⟧")


def test_a_chip_keeps_its_place_in_a_long_text() -> None:
    """Decided places far from an edit stay, and the edit takes no time to speak of."""
    words = " ".join(f"Will{number} Will ran" for number in range(2_000))
    old = Marked(DraftText(words), (Chip(6, 10, Token(Kind.PERSON, 3, 1)),))

    new = remark(old, DraftText("So " + words.replace("Will1000", "Bill")), PEOPLE)

    assert new.chips == (Chip(9, 13, Token(Kind.PERSON, 3, 1)),)


def test_blanks_changed_inside_a_name_dissolve_its_chip() -> None:
    """The letters under a chip are the form's, blanks included."""
    old = mark(DraftText("so Daniel Okoro went"), PEOPLE)

    new = remark(old, DraftText("so Daniel  Okoro went"), PEOPLE)

    assert separate(new, PEOPLE).value == "so ⟦P1.3⟧  ⟦P1.2⟧ went"


def test_a_name_doubled_beside_a_decided_one_keeps_the_decision() -> None:
    """The words of the chip are still there, side by side."""
    old = Marked(DraftText("Will Will come"), (Chip(0, 4, Token(Kind.PERSON, 3, 1)),))

    new = remark(old, DraftText("Will Will Will come"), PEOPLE)

    assert len(new.chips) == 1
