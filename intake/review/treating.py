"""How an entity appears in what leaves: hidden (the default), generalised, or kept by name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from intake.errors import (
    KeepNeedsReasonError,
    NotForTestimonyError,
    TreatmentDetailError,
    WordingNamesSomebodyError,
)
from intake.identity.name_parts import with_name_parts
from intake.identity.nearness import exact_matches, near_matches
from intake.identity.separation import Marked, separate
from intake.text import DraftText, Kind, SeparatedText
from intake.vault.domains import LANG, REASONS, REDACTION_CODES
from intake.vault.reading import separated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intake.identity.register import FormRegister
    from intake.vault.change import Change
    from intake.vault.domains import Value
    from intake.vault.vault import Vault

Choice = Literal["hide", "generalise", "keep"]
_CHOICES: Final[Mapping[str, Choice]] = {"generalise": "generalise", "keep": "keep"}
DEFAULT_PROFILE: Final = "without_names"


@dataclass(frozen=True, slots=True)
class Treatment:
    """What a profile does with an entity.

    `wordings` is for *generalise*: by language, such as {"en": "spring 2018"}.
    """

    choice: Choice = "hide"
    wordings: Mapping[str, str] = field(default_factory=dict)
    code: str = "none"
    reason: str = "not_set"


@dataclass(frozen=True, slots=True)
class StoredTreatment:
    """A treatment as testimony.db has it, with who decided."""

    choice: Choice
    wordings: Mapping[str, SeparatedText]
    code: str
    reason: str
    member: str


def checked_wordings(treatment: Treatment, register: FormRegister) -> dict[str, SeparatedText]:
    """Return the wordings as separated text, by language.

    Raises `WordingNamesSomebodyError` where one holds a known form, or something near to one, or
    where a treatment has none but needs one; `KeepNeedsReasonError` where a name is kept without
    a reason; `TreatmentDetailError` for a code, reason or language that there is not.
    """
    _check_details(treatment)
    if treatment.choice == "keep" and treatment.reason == "not_set":
        raise KeepNeedsReasonError
    wordings = {lang: text.strip() for lang, text in treatment.wordings.items()}
    if (treatment.choice == "generalise") != bool(wordings) or not all(wordings.values()):
        raise WordingNamesSomebodyError(
            "Generalising needs a wider wording, such as a season or a region. Give one."
        )
    every = register.all_forms()
    # Parts of persons' names count; the year of a hidden day is what a wider wording may keep.
    persons = [form for form in every if register.kind(form.entity) is Kind.PERSON]
    forms = list(dict.fromkeys([*every, *with_name_parts(persons)]))
    for text in wordings.values():
        exact = exact_matches(text, forms)
        if exact or near_matches(text, forms, exact=exact):
            raise WordingNamesSomebodyError
    return {lang: separate(Marked(DraftText(text)), register) for lang, text in wordings.items()}


def _check_details(treatment: Treatment) -> None:
    if treatment.code not in REDACTION_CODES or treatment.reason not in REASONS:
        raise TreatmentDetailError
    try:
        for lang in treatment.wordings:
            LANG(lang)
    except NotForTestimonyError:
        raise TreatmentDetailError from None


def write_treatment(
    vault: Vault,
    change: Change,
    entity: int,
    treatment: Treatment,
    *,
    register: FormRegister,
    profile: str = DEFAULT_PROFILE,
    decided: str,
) -> None:
    """Add an entity's treatment to a change, in the place of the one it had."""
    wordings = checked_wordings(treatment, register)
    values: dict[str, object] = {
        "treatment": treatment.choice,
        "code": treatment.code,
        "reason": treatment.reason,
        "member": vault.member,
        "decided": decided,
    }
    key: dict[str, Value] = {"entity": entity, "profile": profile}
    known = "SELECT entity FROM treatment WHERE entity=? AND profile=?"
    if vault.testimony.row(known, entity, profile):
        change.testimony.update("treatment", key, None, **values)
    else:
        change.testimony.insert("treatment", **key, **values)
    older = "SELECT lang FROM wording WHERE entity=? AND profile=?"
    for row in vault.testimony.rows(older, entity, profile):
        change.testimony.delete("wording", {**key, "lang": row["lang"]})
    for lang, text in wordings.items():
        change.testimony.insert("wording", **key, lang=lang, sep=text)


def treatments(vault: Vault, profile: str) -> dict[int, StoredTreatment]:
    """Return the treatments decided for a profile, by entity; whoever is not in it is hidden."""
    wordings: dict[int, dict[str, SeparatedText]] = {}
    for row in vault.testimony.rows("SELECT * FROM wording WHERE profile=?", profile):
        wordings.setdefault(int(row["entity"] or 0), {})[str(row["lang"])] = separated(row["sep"])
    found: dict[int, StoredTreatment] = {}
    for row in vault.testimony.rows("SELECT * FROM treatment WHERE profile=?", profile):
        entity = int(row["entity"] or 0)
        found[entity] = StoredTreatment(
            _CHOICES.get(str(row["treatment"]), "hide"),
            wordings.get(entity, {}),
            str(row["code"]),
            str(row["reason"]),
            str(row["member"]),
        )
    return found
