"""The names register as a list: one line for each who remained, found by any of its spellings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intake.errors import NotClearedError
from intake.review.declaring import Declaration, add_forms, declare, merge, treat
from intake.review.listing import find_names, list_names
from intake.review.treating import Treatment
from intake.text import Kind
from tests.support.matter import add_translator
from tests.support.steps import ACCUSED, VILLAGE, WITNESS, separated_interview

if TYPE_CHECKING:
    from intake.vault.vault import Vault
    from tests.support.matter import Matter

UYGHUR = Declaration(Kind.PERSON, ("تۇرسۇن مەمەت", "Tursun Memet"))


def test_a_line_has_spellings_treatment_and_uses(vault: Vault) -> None:
    """The preferred form first; how often each token stands in the texts that count."""
    separated_interview(vault)
    treat(vault, 3, Treatment("generalise", {"en": "a market town"}, reason="wider_wording"))
    add_forms(vault, 1, ["A. Testova"], lang="en", is_preferred=True)
    add_forms(vault, 1, ["Testova"], is_preferred=True)

    witness, accused, village = list_names(vault, with_uses=True)

    assert [form.verbatim for form in witness.forms] == [
        "Testova",
        "Amina Testova",
        "Testova Amina",
        "A. Testova",
    ]
    assert (witness.shown, witness.seen) == ("Testova", 1)
    assert witness.preferred == {"en": "A. Testova"}
    assert accused.treatment == Treatment("keep", reason="accused")
    assert village.treatment.wordings == {"en": "a market town"}
    assert list_names(vault)[0].seen == 0


def test_two_that_are_one_are_one_line(vault: Vault) -> None:
    """With the forms of both, each spelling once."""
    declare(vault, [WITNESS, UYGHUR, Declaration(Kind.PERSON, ("Tursun Memet", "Tursunjan"))])

    merge(vault, 3, 2)

    _, line = list_names(vault)
    assert (line.number, line.also) == (2, (3,))
    assert [form.verbatim for form in line.forms] == ["تۇرسۇن مەمەت", "Tursun Memet", "Tursunjan"]


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ("", [1, 2, 3, 4]),
        (" - ", [1, 2, 3, 4]),
        ("test", [1]),
        ("TÉSTOVA", [1]),
        ("qarabulaq", [3]),
        ("تۇرسۇن", [4]),
        ("Tursun", [4]),
        ("Tursoon Memet", [4]),
        ("nobody else", []),
    ],
)
def test_any_spelling_finds(vault: Vault, wanted: str, numbers: list[int]) -> None:
    """Letters of any script, and what a name sounds like."""
    declare(vault, [WITNESS, ACCUSED, VILLAGE, Declaration(Kind.PERSON, (UYGHUR.forms[0],))])

    assert [line.number for line in find_names(list_names(vault), wanted)] == numbers


def test_a_line_prints_no_word(vault: Vault) -> None:
    """Neither names nor wordings."""
    declare(vault, [WITNESS])
    treat(vault, 1, Treatment("generalise", {"en": "a woman"}, reason="wider_wording"))

    (line,) = list_names(vault)

    assert "Testova" not in repr(line)
    assert "woman" not in repr(line)


def test_only_cleared_members_read_it(matter: Matter) -> None:
    """The key of identities.db is what is missing."""
    with matter.unlock() as vault:
        translator = add_translator(vault)
    with matter.unlock_as(translator) as vault, pytest.raises(NotClearedError):
        list_names(vault)
