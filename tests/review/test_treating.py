"""How an entity appears: hidden unless a person says otherwise, with a reason, in wide words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intake.errors import (
    FormRefusedError,
    KeepNeedsReasonError,
    NotClearedError,
    TreatmentDetailError,
    WordingNamesSomebodyError,
)
from intake.review.declaring import Declaration, declare, treat
from intake.review.treating import Treatment, treatments
from intake.text import Kind
from intake.transcript.names import load_register, register_version
from tests.support.matter import Matter, add_translator, new_interview, store_segments
from tests.support.steps import ACCUSED, VILLAGE, WITNESS, contents, places_of_words

if TYPE_CHECKING:
    from intake.vault.vault import Vault

PROFILE = "without_names"
REGION = Treatment("generalise", {"en": "a village in the north"}, reason="wider_wording")


def test_nobody_is_kept_without_being_decided(vault: Vault) -> None:
    """No treatment means hidden; keeping the accused is a row with member and reason."""
    declare(vault, [WITNESS, ACCUSED])

    found = treatments(vault, PROFILE)

    assert set(found) == {2}
    assert (found[2].choice, found[2].reason, found[2].member) == ("keep", "accused", vault.member)


def test_keeping_needs_a_reason(vault: Vault) -> None:
    """Twin: with one it is kept."""
    declare(vault, [WITNESS])
    with pytest.raises(KeepNeedsReasonError):
        treat(vault, 1, Treatment("keep"))
    assert treatments(vault, PROFILE) == {}

    treat(vault, 1, Treatment("keep", reason="official"))

    assert treatments(vault, PROFILE)[1].choice == "keep"


@pytest.mark.parametrize(
    "wording",
    ["near Qarabulaq", "NEAR QARA-BULAQ", "a village by Karabulaq", "the house of Testova", "   "],
    ids=["the name", "written otherwise", "near to it", "a part of a name", "nothing"],
)
def test_a_wording_with_a_name_in_it_is_refused(vault: Vault, wording: str) -> None:
    """A wider wording that still names somebody would print the name; nothing is changed."""
    declare(vault, [WITNESS, VILLAGE])
    before = contents(vault.testimony)

    with pytest.raises(WordingNamesSomebodyError) as refused:
        treat(vault, 2, Treatment("generalise", {"en": wording}, reason="wider_wording"))

    assert contents(vault.testimony) == before
    assert "Qara" not in str(refused.value)


def test_a_wider_wording_is_kept(vault: Vault) -> None:
    """Twin of the refusals: the words stand in T, the name does not."""
    declare(vault, [WITNESS, VILLAGE])

    treat(vault, 2, REGION)

    wordings = treatments(vault, PROFILE)[2].wordings
    assert {lang: text.value for lang, text in wordings.items()} == REGION.wordings
    assert places_of_words(vault.testimony, ["Qarabulaq"]) == []
    assert places_of_words(vault.testimony, ["in the north"]) == ["wording.sep"]


def test_a_treatment_takes_the_place_of_the_one_before(vault: Vault) -> None:
    """One row for each entity and profile; older wordings go."""
    declare(vault, [VILLAGE])
    treat(vault, 1, REGION)

    treat(vault, 1, Treatment("hide"))

    assert treatments(vault, PROFILE)[1].choice == "hide"
    assert vault.testimony.rows("SELECT * FROM wording") == []


def test_every_change_of_the_register_moves_its_version(vault: Vault) -> None:
    """A name, a form, a treatment: an output checked before is known to be older."""
    seen = [register_version(vault)]
    declare(vault, [WITNESS])
    seen.append(register_version(vault))
    treat(vault, 1, Treatment("hide"))
    seen.append(register_version(vault))
    treat(vault, 1, Treatment("hide", code="B.1"))
    seen.append(register_version(vault))

    assert seen == sorted(set(seen))


def test_the_version_stays_while_the_register_stays(vault: Vault) -> None:
    """Twin: anything else that is written does not move it."""
    declare(vault, [WITNESS])
    before = register_version(vault)

    store_segments(vault, new_interview(vault).id, ["It was cold."])

    assert register_version(vault) == before


@pytest.mark.parametrize(
    "treatment",
    [
        Treatment("hide", code="C.1"),
        Treatment("keep", reason="because"),
        Treatment("generalise", {"English": "a place"}, reason="wider_wording"),
    ],
)
def test_a_detail_that_there_is_not_is_refused(vault: Vault, treatment: Treatment) -> None:
    """With a sentence about the detail, not about what may enter the store."""
    declare(vault, [VILLAGE])

    with pytest.raises(TreatmentDetailError, match="Nothing was changed"):
        treat(vault, 1, treatment)


@pytest.mark.parametrize("forms", [(), ("...",), ("  ",), ("Fine", "—")])
def test_a_declaration_without_a_name_enters_nothing(vault: Vault, forms: tuple[str, ...]) -> None:
    """Nor does a good one beside it: all or none."""
    with pytest.raises(FormRefusedError):
        declare(vault, [WITNESS, Declaration(Kind.PERSON, forms)])

    assert load_register(vault).entities == {}


def test_an_uncleared_member_treats_nothing(matter: Matter) -> None:
    """The register is not theirs to read or to change."""
    with matter.unlock() as vault:
        declare(vault, [WITNESS])
        member = add_translator(vault)

    with matter.unlock_as(member) as vault:
        with pytest.raises(NotClearedError):
            treat(vault, 1, Treatment("keep", reason="accused"))
        assert treatments(vault, PROFILE) == {}
