"""Recipients: a code and a class of the consent grid here, the name in identities.db."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from intake.errors import UnknownCodeError
from intake.vault.domains import CLASSES
from intake.vault.ids import new_id

if TYPE_CHECKING:
    from intake.vault.vault import Vault

RECIPIENT_CLASSES: Final = tuple(name for name in CLASSES if name not in {"none", "translator"})
"""The classes of the consent grid to which a statement can go."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who may get something: a code, a class of the consent grid. The name lies in I."""

    id: str
    code: str
    recipient_class: str


@dataclass(frozen=True, slots=True)
class ListedRecipient:
    """A recipient for a list. `name` is empty for a member who is not cleared."""

    recipient: Recipient
    name: str = field(repr=False)


def add_recipient(vault: Vault, *, recipient_class: str, name: str) -> Recipient:
    """Enter a recipient; the name goes to identities.db alone. Needs a cleared member."""
    count = int(vault.testimony.value("SELECT count(*) FROM recipient") or 0)
    recipient = Recipient(new_id(), f"RC-{count + 1}", recipient_class)
    with vault.change("recipient.added", recipient=recipient.id) as change:
        change.testimony.insert(
            "recipient", id=recipient.id, code=recipient.code, **{"class": recipient_class}
        )
        change.identities.insert("recipient_fact", recipient=recipient.id, name=name)
    return recipient


def find_recipient(vault: Vault, code: str) -> Recipient:
    """Return the recipient of a code such as RC-1 (`UnknownCodeError`)."""
    row = vault.testimony.row("SELECT * FROM recipient WHERE code=?", code.upper())
    if row is None:
        raise UnknownCodeError
    return Recipient(str(row["id"]), str(row["code"]), str(row["class"]))


def list_recipients(vault: Vault) -> list[ListedRecipient]:
    """Return every recipient in the order of entering; names for cleared members alone."""
    names: dict[object, str] = {}
    if vault.is_cleared:
        for row in vault.identities.rows("SELECT recipient, name FROM recipient_fact"):
            names[row["recipient"]] = str(row["name"])
    return [
        ListedRecipient(
            Recipient(str(row["id"]), str(row["code"]), str(row["class"])),
            names.get(row["id"], ""),
        )
        for row in vault.testimony.rows("SELECT * FROM recipient ORDER BY rowid")
    ]
