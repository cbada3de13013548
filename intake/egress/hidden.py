"""Which forms must not be in what leaves: every form of every entity that is not kept by name."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from intake.egress.leakcheck import HiddenForm, LeakHit, LeakReport, check
from intake.identity.nearness import with_name_parts
from intake.review.treating import treatments
from intake.text import Kind
from intake.transcript.names import load_register

if TYPE_CHECKING:
    from collections.abc import Callable

    from intake.identity.register import FormRegister
    from intake.vault.vault import Vault

KIND_WORDS: Final = {
    Kind.PERSON: "Person",
    Kind.LOCATION: "Place",
    Kind.ORGANISATION: "Organisation",
    Kind.DATE: "Date",
    Kind.CONTACT: "Contact",
    Kind.NUMBER: "Number",
    Kind.ROLE: "Role",
    Kind.OTHER: "Detail",
}


def hidden_forms(
    vault: Vault, profile: str, number_of: Callable[[Kind, int], int] | None = None
) -> list[HiddenForm]:
    """Return the forms that a file of this profile may not hold (`NotClearedError`).

    Parts of the names of persons are among them. Where a kept name equals or contains a hidden
    one, hidden wins: the hidden form is searched in every place, the kept one's too. `number_of`
    gives the numbers under which a recipient knows the entities.
    """
    register = load_register(vault)
    kept = _kept(vault, profile, register)
    own = [form for form in register.all_forms() if register.root(form.entity) not in kept]
    persons = [form for form in own if register.kind(form.entity) is Kind.PERSON]
    kept_words = {
        form.verbatim
        for form in with_name_parts(
            [form for form in register.all_forms() if register.root(form.entity) in kept]
        )
    }
    parts = [form for form in with_name_parts(persons) if form.verbatim not in kept_words]
    found: dict[tuple[str, str], HiddenForm] = {}
    for form in [*own, *parts]:
        kind, root = register.kind(form.entity), register.root(form.entity)
        number = number_of(kind, root) if number_of else root
        label = f"{KIND_WORDS[kind]} {number}"
        found.setdefault((label, form.verbatim), HiddenForm(label, form.verbatim))
    return list(found.values())


def checked(
    vault: Vault, name: str, media_type: str, content: bytes, hidden: list[HiddenForm]
) -> LeakReport:
    """Run the leak check on finished bytes and their name, with what persons judged before.

    A near spelling whose letters a person judged "not identifying" in review counts as judged.
    """
    judged = {
        (str(row["form"]), str(row["place"]))
        for row in vault.identities.rows("SELECT form, place FROM near_judged")
    }
    report = check(name, media_type, content, hidden, judged)
    register = load_register(vault)
    near = tuple(hit for hit in report.near if not register.is_rejected(hit.word))
    return LeakReport(report.exact, near, report.judged + len(report.near) - len(near))


def judge_near(vault: Vault, hits: list[LeakHit], *, decided: str) -> None:
    """Remember "not this person" for near spellings, each at its own place."""
    vault.require_cleared()
    with vault.change("statement.near_judged", count=len(hits), decided=decided) as change:
        for hit in hits:
            form, place = hit.judgement
            change.identities.insert(
                "near_judged", form=form, place=place, member=vault.member, decided=decided
            )


def digest(content: bytes) -> str:
    """Return the hex SHA-256."""
    return hashlib.sha256(content).hexdigest()


def _kept(vault: Vault, profile: str, register: FormRegister) -> set[int]:
    return {
        register.root(entity)
        for entity, treatment in treatments(vault, profile).items()
        if treatment.choice == "keep"
    }
