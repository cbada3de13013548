"""How an entity appears in what leaves: hidden (the default), generalised, or kept by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from intake.errors import KeepNeedsReasonError, WordingNamesSomebodyError
from intake.identity.nearness import exact_matches, near_matches, with_name_parts
from intake.identity.separation import Marked, separate
from intake.text import DraftText, SeparatedText
from intake.vault.reading import separated

if TYPE_CHECKING:
    from intake.identity.register import FormRegister
    from intake.vault.change import Change
    from intake.vault.columns import Value
    from intake.vault.vault import Vault

Choice = Literal["hide", "generalise", "keep"]
DEFAULT_PROFILE: Final = "without_names"


@dataclass(frozen=True, slots=True)
class Treatment:
    """What a profile does with an entity. `wording` is for *generalise*: "spring 2018"."""

    choice: Choice = "hide"
    wording: str = ""
    code: str = "none"
    reason: str = "not_set"


@dataclass(frozen=True, slots=True)
class StoredTreatment:
    """A treatment as testimony.db has it, with who decided."""

    choice: Choice
    wording: SeparatedText
    code: str
    reason: str
    member: str


def checked_wording(treatment: Treatment, register: FormRegister) -> SeparatedText:
    """Return the wording as separated text.

    Raises `WordingNamesSomebodyError` where it holds a known form, or something near to one, and
    `KeepNeedsReasonError` where a name is kept without a reason.
    """
    if treatment.choice == "keep" and treatment.reason == "not_set":
        raise KeepNeedsReasonError
    if (treatment.choice == "generalise") != bool(treatment.wording.strip()):
        raise WordingNamesSomebodyError(
            "Generalising needs a wider wording, such as a season or a region. Give one."
        )
    forms = with_name_parts(register.all_forms())
    exact = exact_matches(treatment.wording, forms)
    if exact or near_matches(treatment.wording, forms, exact=exact):
        raise WordingNamesSomebodyError
    return separate(Marked(DraftText(treatment.wording)), register)


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
    values: dict[str, object] = {
        "treatment": treatment.choice,
        "wording": checked_wording(treatment, register),
        "code": treatment.code,
        "reason": treatment.reason,
        "member": vault.member,
        "decided": decided,
    }
    key: dict[str, Value] = {"entity": entity, "profile": profile}
    if vault.testimony.row(
        "SELECT entity FROM treatment WHERE entity=? AND profile=?", *key.values()
    ):
        change.testimony.update("treatment", key, None, **values)
    else:
        change.testimony.insert("treatment", **key, **values)


def set_treatment(
    vault: Vault,
    entity: int,
    treatment: Treatment,
    *,
    register: FormRegister,
    profile: str = DEFAULT_PROFILE,
    decided: str = "person",
) -> None:
    """Decide how an entity appears. Needs a cleared member."""
    vault.require_cleared()
    with vault.change(
        "names.treated", entity=entity, profile=profile, treatment=treatment.choice, decided=decided
    ) as change:
        write_treatment(
            vault, change, entity, treatment, register=register, profile=profile, decided=decided
        )


def treatments(vault: Vault, profile: str) -> dict[int, StoredTreatment]:
    """Return the treatments decided for a profile, by entity; whoever is not in it is hidden."""
    rows = vault.testimony.rows("SELECT * FROM treatment WHERE profile=?", profile)
    found: dict[int, StoredTreatment] = {}
    for row in rows:
        choice: Choice = "hide"
        if row["treatment"] == "keep":
            choice = "keep"
        elif row["treatment"] == "generalise":
            choice = "generalise"
        found[int(row["entity"] or 0)] = StoredTreatment(
            choice,
            separated(row["wording"]),
            str(row["code"]),
            str(row["reason"]),
            str(row["member"]),
        )
    return found
