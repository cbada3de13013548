"""Tokens as a recipient reads them: hidden by kind and number, in wider words, or by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intake.errors import NotClearedError
from intake.review.declaring import Declaration, declare
from intake.review.treating import Treatment, treatments
from intake.statement.composing import compose
from intake.statement.recipients import add_recipient
from intake.statement.rendering import RecipientNumbers, Renderer
from intake.text import Kind
from intake.transcript.names import load_register
from intake.transcript.segments import current_text, list_segments
from tests.support.matter import Matter, add_translator
from tests.support.steps import ACCUSED, PROFILE, WITNESS, a_recipient, separated_interview

if TYPE_CHECKING:
    from intake.text import SeparatedText
    from intake.vault.vault import Vault

WIDER = Treatment("generalise", {"en": "a village", "fr": "un village"}, "A.1", "wider_wording")
VILLAGE = Declaration(Kind.LOCATION, ("Qarabulaq",), WIDER)
SAID = "Amina Testova left Qarabulaq before Captain Rahman Osk, and Testova Amina never wrote ⟦x⟧."


def rendered(vault: Vault, lang: str = "en") -> tuple[str, Renderer, int]:
    """Render the only segment; returns the words, the renderer and the witness's number."""
    interview = separated_interview(vault, [SAID], declared=(WITNESS, ACCUSED, VILLAGE)).id
    recipient = add_recipient(vault, recipient_class="prosecutor", name="A Court")
    numbers = RecipientNumbers(vault, recipient.id)
    renderer = Renderer(load_register(vault), treatments(vault, PROFILE), numbers)
    (segment,) = list_segments(vault, interview)
    text = current_text(vault, segment.id)
    assert text is not None
    return renderer.render(text, lang), renderer, numbers.number(Kind.PERSON, 1)


@pytest.mark.parametrize(("lang", "wider"), [("en", "a village"), ("fr", "un village")])
def test_each_entity_is_printed_as_it_was_decided(vault: Vault, lang: str, wider: str) -> None:
    """One number for both spellings; the wording of the column's language; brackets as spoken."""
    words, _, number = rendered(vault, lang)

    person = f"[Person {number}]"
    assert words == (
        f"{person} left [{wider}] before Captain Rahman Osk, and {person} never wrote ⟦x⟧."
    )


def test_a_language_without_a_wording_gets_kind_and_number(vault: Vault) -> None:
    """Never the name itself."""
    words, _, _ = rendered(vault, "de")

    assert "[a village]" not in words
    assert "Qarabulaq" not in words


def test_the_legend_counts_what_is_masked_and_not_what_is_kept(vault: Vault) -> None:
    """Hidden and generalised entities with their codes; the accused is in none."""
    _, renderer, _ = rendered(vault)

    assert renderer.masked == {(Kind.PERSON, 1): "none", (Kind.LOCATION, 3): "A.1"}


def test_a_merged_entity_is_printed_as_the_one_that_it_became(vault: Vault) -> None:
    """Its treatment and number are those of the one that stays."""
    register = load_register(vault)
    register, first = register.with_entity(Kind.PERSON)
    register, second = register.with_entity(Kind.PERSON)
    register, _ = register.with_form(first, "Amina Testova")
    register, _ = register.with_form(second, "Madam Testova")
    register = register.with_merge(second, first)
    recipient = add_recipient(vault, recipient_class="prosecutor", name="A Court")
    numbers = RecipientNumbers(vault, recipient.id)
    renderer = Renderer(register, {}, numbers)

    words = renderer.render(_two_tokens(vault), "en")

    assert words == f"[Person {numbers.number(Kind.PERSON, first)}] " * 2 + "came."


def _two_tokens(vault: Vault) -> SeparatedText:
    declared = [Declaration(Kind.PERSON, (name,)) for name in ("Amina Testova", "Madam Testova")]
    text = "Amina Testova Madam Testova came."
    interview = separated_interview(vault, [text], declared=declared).id
    found = current_text(vault, list_segments(vault, interview)[0].id)
    assert found is not None
    return found


def test_a_statement_prints_no_code_of_the_vault(vault: Vault) -> None:
    """Witness and statement bear the recipient's code, in heading and list of those present."""
    interview = separated_interview(vault)
    recipient = a_recipient(vault, interview.id)
    numbers = RecipientNumbers(vault, recipient.id)

    document = compose(
        vault, interview.id, recipient, numbers, profile=PROFILE, translation="", version=1
    ).document

    own = interview.code.split("/")[0]
    assert own.removeprefix("W-") not in f"{document.code} {document.witness} {document.present}"
    assert document.code == f"{document.witness.replace('W-', 'S-')}/1"
    assert document.witness in {person.code for person in document.present}


def test_an_uncleared_member_composes_nothing(matter: Matter) -> None:
    """The forms of kept names lie in I."""
    with matter.unlock() as vault:
        declare(vault, [ACCUSED])
        interview = separated_interview(vault, ["It was cold."], declared=())
        recipient = a_recipient(vault, interview.id)
        member = add_translator(vault)

    with matter.unlock_as(member) as vault, pytest.raises(NotClearedError):
        RecipientNumbers(vault, recipient.id)
