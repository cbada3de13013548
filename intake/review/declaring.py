"""Declaring who and what is known beforehand: people, places, dates, with every spelling."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from intake.errors import FormRefusedError
from intake.identity.finders.base import DECLARED
from intake.review.treating import Treatment, write_treatment
from intake.transcript.names import load_register, save_new_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from intake.identity.register import FormRegister
    from intake.text import Kind
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
    (`FormRefusedError` for a form without a letter or digit, or none at all).
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
