"""The names register between the vault and the pure core: forms in I, entities and numbers in T."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.identity.register import Entity, Form, FormRegister
from intake.text import Kind
from intake.vault.ids import new_id

if TYPE_CHECKING:
    from intake.vault.change import Change
    from intake.vault.vault import Vault

_UNDETERMINED = "und"


def load_register(vault: Vault) -> FormRegister:
    """Read the whole names register (`NotClearedError` where identities.db is not held).

    Made from one state of the vault, whatever other threads write meanwhile.
    """
    identities = vault.identities
    with vault.alone():
        numbers = vault.testimony.rows("SELECT * FROM entity")
        written = identities.rows("SELECT * FROM form")
        chosen = identities.rows("SELECT * FROM preferred")
        nobodys = identities.rows("SELECT folded FROM rejected")
    entities = {
        int(row["num"] or 0): Entity(
            Kind(str(row["kind"])), int(row["merged_into"]) if row["merged_into"] else None
        )
        for row in numbers
    }
    forms = [
        Form(
            entity=int(row["entity"] or 0),
            num=int(row["num"] or 0),
            verbatim=str(row["verbatim"]),
            lang=str(row["lang"]),
            source=str(row["source"]),
        )
        for row in written
    ]
    preferred = {
        (int(row["entity"] or 0), str(row["lang"])): int(row["num"] or 0) for row in chosen
    }
    rejected = [str(row["folded"]) for row in nobodys]
    return FormRegister.of(entities, forms, preferred, rejected)


def save_new_names(
    vault: Vault, change: Change, before: FormRegister, after: FormRegister, decided: str = "person"
) -> None:
    """Add to a change what `after` has more than `before`: entities, forms, choices, rejections.

    Forms are only ever added, never changed: the laws of `FormRegister`.
    """
    ids = {row["num"]: row["id"] for row in vault.testimony.rows("SELECT id, num FROM entity")}
    for num, entity in after.entities.items():
        if num not in before.entities:
            change.testimony.insert(
                "entity", id=new_id(), kind=entity.kind.value, num=num, merged_into=None
            )
        elif entity.merged_into != before.entities[num].merged_into:
            change.testimony.update("entity", {"id": ids[num]}, merged_into=entity.merged_into)
    for key, form in after.forms.items():
        if key not in before.forms:
            change.testimony.insert(
                "form_ref", entity=form.entity, num=form.num, lang=form.lang or _UNDETERMINED
            )
            change.identities.insert(
                "form",
                entity=form.entity,
                num=form.num,
                verbatim=form.verbatim,
                lang=form.lang,
                source=form.source,
            )
    for (entity_num, lang), num in after.preferred_numbers.items():
        if (entity_num, lang) not in before.preferred_numbers:
            change.identities.insert("preferred", entity=entity_num, lang=lang, num=num)
        elif before.preferred_numbers[entity_num, lang] != num:
            change.identities.update("preferred", {"entity": entity_num, "lang": lang}, num=num)
    for folded in after.rejected - before.rejected:
        change.identities.insert("rejected", folded=folded, member=change.actor, decided=decided)


def register_version(vault: Vault) -> int:
    """Return a number that grows with every entity, form and treatment; readable by all members.

    It is the last row seal of those tables: an output made at another version was checked against
    another register.
    """
    found = vault.testimony.value(
        "SELECT max(seq) FROM row_seal WHERE tbl IN ('entity', 'form_ref', 'treatment')"
    )
    return int(found or 0)
