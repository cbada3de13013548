"""Which forms must not be in what leaves: every form of every entity that is not kept by name."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from intake.egress.leakcheck import HiddenForm, LeakHit, LeakReport, check
from intake.errors import Stop
from intake.identity.name_parts import with_name_parts
from intake.identity.nearness import exact_matches
from intake.identity.register import Form
from intake.review.treating import treatments
from intake.text import Kind
from intake.transcript.names import load_register

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def hidden_forms(vault: Vault, profile: str) -> list[HiddenForm]:
    """Return the forms that a file of this profile may not hold (`NotClearedError`).

    Parts of the names of persons are among them, unless a person who is kept by name shares the
    part: the accused may bear the witness's family name. Where a kept name equals or contains a
    hidden one, hidden wins: the hidden form is searched in every place, the kept one's too. Labels
    carry the numbers of the names register, for the cleared member who mends what is found.
    """
    register = load_register(vault)
    kept = _kept(vault, profile, register)
    own = [form for form in register.all_forms() if register.root(form.entity) not in kept]
    persons = [form for form in own if register.kind(form.entity) is Kind.PERSON]
    kept_persons = [
        form
        for form in register.all_forms()
        if register.root(form.entity) in kept and register.kind(form.entity) is Kind.PERSON
    ]
    kept_words = {form.verbatim for form in with_name_parts(kept_persons)}
    parts = [form for form in with_name_parts(persons) if form.verbatim not in kept_words]
    found: dict[tuple[str, str], HiddenForm] = {}
    for form in [*own, *parts]:
        label = _label(register, form.entity)
        found.setdefault((label, form.verbatim), HiddenForm(label, form.verbatim))
    return list(found.values())


def kept_over_hidden(vault: Vault, profile: str, entities: Sequence[str]) -> list[Stop]:
    """Return the kept names that hold a hidden form of one of these entities (by their labels)."""
    register = load_register(vault)
    hidden = [form for form in hidden_forms(vault, profile) if form.entity in entities]
    wanted = [Form(number, 1, form.verbatim) for number, form in enumerate(hidden, 1)]
    kept = _kept(vault, profile, register)
    stops: dict[Stop, None] = {}
    for form in register.all_forms():
        if register.root(form.entity) in kept:
            for found in exact_matches(form.verbatim, wanted):
                stops[
                    Stop(
                        f"names register, {_label(register, form.entity)}",
                        f"this kept name holds a form of {hidden[found.form.entity - 1].entity}, "
                        "and hidden wins",
                        "a cleared member hides the kept one as well, or gives it a wider wording",
                    )
                ] = None
    return list(stops)


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
    judgements = dict.fromkeys(hit.judgement for hit in hits)
    with vault.change("statement.near_judged", count=len(judgements), decided=decided) as change:
        for form, place in judgements:
            change.identities.insert(
                "near_judged", form=form, place=place, member=vault.member, decided=decided
            )


def digest(content: bytes) -> str:
    """Return the hex SHA-256."""
    return hashlib.sha256(content).hexdigest()


def _label(register: FormRegister, entity: int) -> str:
    return f"{KIND_WORDS[register.kind(entity)]} {register.root(entity)}"


def _kept(vault: Vault, profile: str, register: FormRegister) -> set[int]:
    return {
        register.root(entity)
        for entity, treatment in treatments(vault, profile).items()
        if treatment.choice == "keep"
    }
