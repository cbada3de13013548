"""A found name that is near to one known name is asked as that one, as the leak check sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.identity.nearness import near_matches
from intake.identity.register import Form
from intake.review import asking
from intake.review.asking import questions
from intake.review.declaring import Declaration, declare
from intake.text import Kind
from intake.transcript.names import load_register
from tests.support.matter import new_interview, store_segments

if TYPE_CHECKING:
    import pytest

    from intake.review.asking import Question
    from intake.vault.vault import Vault

HARD = "Captain Harding"
# What a model wrote for "Captain Harding": the name finder holds it to be a person.
MISHEARD = "cat and heartings sent me away with nothing."


def _asked(vault: Vault, said: str, *known: str) -> list[Question]:
    interview = new_interview(vault).id
    store_segments(vault, interview, [said], lang="en")
    declare(vault, [Declaration(Kind.PERSON, (name,)) for name in known])
    return questions(vault, interview, load_register(vault))


def _about(found: list[Question], form: str) -> Question:
    return next(one for one in found if form in one.group.verbatims)


def test_the_likeness_has_a_direction() -> None:
    """The long misheard word is not near to the short name, and the short one is to it."""
    assert not near_matches("heartings", [Form(1, 1, "Harding")])
    assert near_matches("Harding", [Form(1, 1, "heartings")])


def test_a_misheard_name_is_asked_as_the_known_one(vault: Vault) -> None:
    """With a reason in words, and the kind of the one it may be."""
    (entity,) = declare(vault, [Declaration(Kind.PERSON, (HARD, "Harding"))])

    found = _about(_asked(vault, MISHEARD), "heartings")

    assert found.group.entity == entity
    assert found.group.kind is Kind.PERSON
    assert found.reason == "may be this name, heard or written otherwise"


def test_without_looking_from_the_name_nobody_is_proposed(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: the look from the other side is what finds it."""
    monkeypatch.setattr(asking, "_likened", lambda groups, _: groups)
    declare(vault, [Declaration(Kind.PERSON, (HARD, "Harding"))])

    assert _about(_asked(vault, MISHEARD), "heartings").group.entity is None


def test_a_name_like_nobody_is_nobodys(vault: Vault) -> None:
    """No entity is put under a form that is like none of them."""
    assert _about(_asked(vault, "Oluwaseun spoke first.", HARD), "Oluwaseun").group.entity is None


def test_a_name_like_two_people_is_left_to_the_person_who_decides(vault: Vault) -> None:
    """Two known people share it: neither is proposed."""
    found = _asked(vault, MISHEARD, "Victor Harding", "Amina Harding")

    assert _about(found, "heartings").group.entity is None
