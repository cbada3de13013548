"""A round of review without a window: what is left, what is checked, what is handed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intake.errors import (
    DiskRefusedError,
    FormRefusedError,
    NameOfSomebodyError,
    UnknownEntityError,
    WordingNamesSomebodyError,
)
from intake.review.answering import Refused, Taken
from intake.review.asking import questions
from intake.review.declaring import Declaration, declare, treat
from intake.review.listing import list_names
from intake.review.remembering import Remembered
from intake.review.treating import DEFAULT_PROFILE, Treatment, treatments
from intake.text import Kind
from intake.transcript.names import load_register
from tests.support.matter import make_matter, new_interview, store_segments
from ui.models.reviewing import Aim, Candidate, Round

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from intake.opening import Vault

TEXTS = (
    "They took Okro away, said Marek Lindqvist. May was there.",
    "Then Ingrid Novak came with Okro.",
    "Okro told me that a man called Teztova was there, in May.",
)


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    """Open a vault in which two people are known."""
    with make_matter(tmp_path).unlock() as opened:
        declare(opened, [Declaration(Kind.PERSON, (name,)) for name in ("Amina Testova", "May")])
        yield opened


@pytest.fixture
def begun(vault: Vault) -> Round:
    """Read an interview of drafts."""
    interview = new_interview(vault).id
    store_segments(vault, interview, TEXTS)
    round_ = Round(interview)
    read(vault, round_)
    return round_


def read(vault: Vault, round_: Round) -> None:
    """Read the vault anew."""
    register = load_register(vault)
    asked = questions(vault, round_.interview, register)
    round_.read(asked, register, list_names(vault, register))


def save(vault: Vault, round_: Round) -> None:
    """Hand everything over."""
    sending = round_.send(everything=True)
    if sending is not None:
        sending.run(vault, round_.interview, Remembered())
        assert round_.settle(sending) == []


def one(round_: Round, form: str) -> Candidate:
    """Return a candidate by its form."""
    (found,) = [candidate for candidate in round_.left if candidate.form == form]
    return found


def aim(round_: Round, form: str, *numbers: int, kind: Kind = Kind.PERSON) -> Aim:
    """Aim at a form, in some segments or in all."""
    candidate = one(round_, form)
    return Aim(candidate, numbers or candidate.numbers, kind)


def forms(round_: Round) -> list[str]:
    """Return what is left."""
    return [candidate.form for candidate in round_.left]


def test_the_newest_answer_is_kept_back(begun: Round) -> None:
    """It can be undone; those before it are on their way."""
    begun.hide(aim(begun, "Okro"))
    assert begun.send(everything=False) is None
    begun.hide(aim(begun, "Ingrid Novak"))
    sending = begun.send(everything=False)

    assert sending is not None
    assert [made.form for made in sending.made] == ["Okro"]
    assert begun.last is not None
    assert begun.last.form == "Ingrid Novak"
    assert begun.undo() is not None
    assert begun.undo() is None
    assert "Ingrid Novak" in forms(begun)
    assert "Okro" not in forms(begun)


def test_answers_for_some_places_leave_the_others(vault: Vault, begun: Round) -> None:
    """Each names its segments; the last one too, since the first is not saved yet."""
    begun.hide(aim(begun, "Okro", 2))
    assert one(begun, "Okro").numbers == [1, 3]
    rest = begun.keep(aim(begun, "Okro"), "accused")
    assert "Okro" not in forms(begun)
    assert rest.numbers == (1, 3)
    begun.undo()
    assert one(begun, "Okro").numbers == [1, 3]
    begun.keep(aim(begun, "Okro"), "accused")
    save(vault, begun)
    read(vault, begun)

    register = load_register(vault)
    assert [entity for entity, _ in register.owners("Okro")] == [3, 4]
    assert treatments(vault, DEFAULT_PROFILE)[4].choice == "keep"
    assert "Okro" not in forms(begun)


def test_a_reading_amid_answers_brings_none_back(vault: Vault, begun: Round) -> None:
    """What is not saved stays answered; what is asked newly appears."""
    begun.hide(aim(begun, "Okro", 2))
    declare(vault, [Declaration(Kind.PERSON, ("cam",))])
    read(vault, begun)

    assert one(begun, "Okro").numbers == [1, 3]


def test_hiding_a_kept_one_says_so(vault: Vault, begun: Round) -> None:
    """And not where it is hidden already: that would be one more change to sign."""
    assert begun.hide(aim(begun, "Teztova")).answer.treatment is None  # type: ignore[union-attr]
    begun.undo()
    treat(vault, 1, Treatment("keep", reason="accused"))
    read(vault, begun)

    assert begun.hide(aim(begun, "Teztova")).answer.treatment == "hide"  # type: ignore[union-attr]
    assert begun.treatment(1).choice == "hide"


def test_an_answer_counts_for_the_checks_after_it(begun: Round) -> None:
    """A new name is no part of a wording, and its letters are not nobody's any more."""
    begun.hide(aim(begun, "Ingrid Novak"))

    with pytest.raises(WordingNamesSomebodyError):
        begun.generalise(aim(begun, "Okro"), {"en": "a friend of Novak"})
    begun.undo()
    begun.generalise(aim(begun, "Okro"), {"en": "a friend of Novak"})
    begun.missed("a man", Kind.ROLE, None)
    with pytest.raises(WordingNamesSomebodyError):
        begun.generalise(aim(begun, "Marek Lindqvist"), {"en": "a man"})
    with pytest.raises(NameOfSomebodyError):
        begun.nobody(aim(begun, "May"))


def test_its_own_letters_are_no_wording(begun: Round) -> None:
    """Nor without any wording."""
    with pytest.raises(WordingNamesSomebodyError):
        begun.generalise(aim(begun, "Okro"), {"en": "Okro and his family"})
    with pytest.raises(WordingNamesSomebodyError, match="Give one"):
        begun.generalise(aim(begun, "Okro"), {"en": ""})
    assert begun.waiting == 0


def test_wordings_in_other_languages_stay(vault: Vault, begun: Round) -> None:
    """A second language adds to the first, also where the first is not saved yet."""
    wordings = {"fr": "une femme", "ug": "Ingrid"}
    treat(vault, 1, Treatment("generalise", wordings, reason="wider_wording"))
    read(vault, begun)
    begun.hide(aim(begun, "Ingrid Novak"))

    begun.generalise(aim(begun, "Teztova"), {"en": "a woman"})
    save(vault, begun)

    stored = treatments(vault, DEFAULT_PROFILE)[1].wordings
    assert {lang: text.value for lang, text in stored.items()} == {
        "en": "a woman",
        "fr": "une femme",
    }


def test_what_is_missed_is_checked_at_once(begun: Round) -> None:
    """Blanks are nobody's, and numbers must be in the register."""
    with pytest.raises(FormRefusedError):
        begun.missed(" - ", Kind.PERSON, None)
    with pytest.raises(UnknownEntityError):
        begun.missed("a man", Kind.PERSON, 99)
    with pytest.raises(UnknownEntityError):
        begun.other(aim(begun, "Okro"), 99)
    assert begun.waiting == 0
    begun.missed("a man", Kind.PERSON, 1)
    assert begun.waiting == 1


def test_what_could_not_be_saved_waits_again(begun: Round) -> None:
    """In order, before what was answered since; what was refused is asked again."""
    for form in ("Okro", "Ingrid Novak", "Marek Lindqvist"):
        begun.hide(aim(begun, form))
    sending = begun.send(everything=True)
    assert sending is not None
    begun.hide(aim(begun, "Teztova"))
    sending.taken = Taken(2, (Refused(1, NameOfSomebodyError()),), DiskRefusedError())

    ((made, error),) = begun.settle(sending)

    assert (made.form, type(error)) == ("Ingrid Novak", NameOfSomebodyError)
    assert "Ingrid Novak" in forms(begun)
    assert not {"Okro", "Marek Lindqvist"} & set(forms(begun))
    again = begun.send(everything=True)
    assert again is not None
    assert [one.form for one in again.made] == ["Marek Lindqvist", "Teztova"]
    assert begun.settle(sending) == []


def test_a_sending_that_broke_is_given_again_whole(begun: Round) -> None:
    """Nobody knows what was saved: what was is not asked any more, and is left out then."""
    begun.hide(aim(begun, "Okro"))
    sending = begun.send(everything=True)
    assert sending is not None

    assert begun.settle(sending) == []

    assert begun.waiting == 1
    assert "Okro" not in forms(begun)


def test_the_everyday_word_and_the_name_are_two_candidates(begun: Round) -> None:
    """By their letters; and what is found by several finders gives the reason of its kind."""
    keys = [candidate.key for candidate in begun.left]

    assert len(set(keys)) == len(keys)
    assert "May" in keys
    assert one(begun, "Okro").key == "okro"
    assert one(begun, "Okro").reason.startswith("looks like")
    assert repr(one(begun, "Okro")).count("Okro") == 0
