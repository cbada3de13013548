"""Declaring who and what is known beforehand: people, places, dates, with every spelling."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from intake.errors import (
    FormRefusedError,
    MergeRefusedError,
    NotForTestimonyError,
    TreatmentDetailError,
    UnknownEntityError,
)
from intake.identity.finders.base import DECLARED
from intake.review.treating import DEFAULT_PROFILE, Treatment, treatments, write_treatment
from intake.transcript.names import load_register, save_new_names
from intake.vault.domains import LANG, PROFILES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from intake.identity.register import FormRegister
    from intake.text import Kind
    from intake.vault.change import Change
    from intake.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Declaration:
    """One entity with its spellings; the first is its preferred form.

    `preferred` names another of them for a language, such as {"fr": "capitaine Harding"}.
    """

    kind: Kind
    forms: tuple[str, ...]
    treatment: Treatment | None = None
    preferred: Mapping[str, str] = field(default_factory=dict)


def declare(
    vault: Vault, declarations: Sequence[Declaration], *, decided: str = "person"
) -> list[int]:
    """Enter entities into the names register; returns their numbers, in order.

    Needs a cleared member. One operation for all of them: none is entered if one is refused
    (`FormRefusedError` for a form without a letter or digit, or none at all;
    `TreatmentDetailError` for a language that there is not).
    """
    vault.require_cleared()
    before = load_register(vault)
    after: FormRegister = before
    numbers: list[int] = []
    for declaration in declarations:
        if not declaration.forms:
            raise FormRefusedError
        after, number = after.with_entity(declaration.kind)
        for form in declaration.forms:
            after, _ = after.with_form(number, form, source=DECLARED)
        for lang, form in declaration.preferred.items():
            _check_language(lang)
            after, num = after.with_form(number, form, lang=lang, source=DECLARED)
            after = after.with_preferred(number, lang, num)
        numbers.append(number)
    with vault.change("names.declared", count=len(numbers), decided=decided) as change:
        save_new_names(vault, change, before, after, decided)
        for number, declaration in zip(numbers, declarations, strict=True):
            if declaration.treatment is not None:
                write_treatment(
                    vault, change, number, declaration.treatment, register=after, decided=decided
                )
    return numbers


def add_forms(
    vault: Vault,
    entity: int,
    forms: Sequence[str],
    *,
    lang: str = "",
    is_preferred: bool = False,
    decided: str = "person",
) -> int:
    """Add spellings to an entity, or to the one that it became; returns that one's number.

    `lang` is the language of the forms, "" where it does not matter; `is_preferred` shows the first
    of them in that language from now on. Texts that were separated without a new form are opened
    again by the next `separate_ready`. Needs a cleared member. Raises, with nothing changed,
    `UnknownEntityError`, `FormRefusedError` and `TreatmentDetailError` (no such language).
    """
    vault.require_cleared()
    before = load_register(vault)
    number = _remaining(before, entity)
    if lang:
        _check_language(lang)
    if not forms:
        raise FormRefusedError
    after: FormRegister = before
    nums: list[int] = []
    for form in forms:
        after, num = after.with_form(number, form, lang=lang, source=DECLARED)
        nums.append(num)
    if is_preferred:
        after = after.with_preferred(number, lang, nums[0])
    with vault.change("names.declared", entity=number, count=len(forms), decided=decided) as change:
        save_new_names(vault, change, before, after, decided)
    return number


def treat(vault: Vault, entity: int, treatment: Treatment, *, decided: str = "person") -> int:
    """Change how an entity appears, or the one that it became; returns that one's number.

    One operation. Needs a cleared member. Raises, with nothing changed, `UnknownEntityError` and
    what `checked_wordings` refuses.
    """
    vault.require_cleared()
    register = load_register(vault)
    number = _remaining(register, entity)
    with vault.change(
        "names.treated",
        entity=number,
        profile=DEFAULT_PROFILE,
        treatment=treatment.choice,
        decided=decided,
    ) as change:
        write_treatment(vault, change, number, treatment, register=register, decided=decided)
        for other in register.entities:
            if other != number and register.root(other) == number:
                _forget_treatments(vault, change, other)
    return number


def merge(vault: Vault, entity: int, into: int, *, decided: str = "person") -> int:
    """Say that an entity is another one, and what that one became; returns the one that remains.

    No text and no form changes; all forms are the remaining one's, and so is the treatment. Both
    must be of one kind and treated alike, or a merge would show or hide somebody unasked. One
    operation. Needs a cleared member. Raises, with nothing changed, `UnknownEntityError` and
    `MergeRefusedError` (also for what was merged before, and for a circle).
    """
    vault.require_cleared()
    before = load_register(vault)
    remaining = _remaining(before, into)
    if _remaining(before, entity) != entity or entity == remaining:
        raise MergeRefusedError
    if before.kind(entity) is not before.kind(remaining):
        raise MergeRefusedError
    for profile in PROFILES:
        decisions = treatments(vault, profile)
        choices = {
            decisions[number].choice if number in decisions else "hide"
            for number in (entity, remaining)
        }
        if len(choices) > 1:
            raise MergeRefusedError
    after = before.with_merge(entity, remaining)
    with vault.change("names.merged", entity=remaining, decided=decided) as change:
        save_new_names(vault, change, before, after, decided)
        _forget_treatments(vault, change, entity)
    return remaining


def _remaining(register: FormRegister, entity: int) -> int:
    if entity not in register.entities:
        raise UnknownEntityError
    return register.root(entity)


def _forget_treatments(vault: Vault, change: Change, entity: int) -> None:
    """Take away what was decided for an entity that became another: only that one's word counts.

    A row left behind would go on keeping a name after the remaining entity was hidden.
    """
    for row in vault.testimony.rows("SELECT profile, lang FROM wording WHERE entity=?", entity):
        key = {"entity": entity, "profile": row["profile"], "lang": row["lang"]}
        change.testimony.delete("wording", key)
    for row in vault.testimony.rows("SELECT profile FROM treatment WHERE entity=?", entity):
        change.testimony.delete("treatment", {"entity": entity, "profile": row["profile"]})


def _check_language(lang: str) -> None:
    try:
        LANG(lang)
    except NotForTestimonyError:
        raise TreatmentDetailError from None
