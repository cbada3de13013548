"""The organisation's card inside a vault: sealed to its members, its digest in custody.

`card.age` is sealed to the output recipient, whose private half every member finds in testimony.db:
it names the organisation, so it does not lie there in clear. Custody holds a digest that is mixed
with the vault's id, so that two extracts do not show that they are of one organisation.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final

from crypto.errors import CryptoError
from crypto.recipients import parse_recipient
from crypto.sealing import open_bytes, seal_bytes
from intake.errors import CardDamagedError
from intake.vault.folder import write_whole
from intake.vault.private_halves import opener
from intake.vault.store import bytes_of

if TYPE_CHECKING:
    from pathlib import Path

    from intake.vault.folder import Folder
    from intake.vault.ids import VaultId
    from intake.vault.vault import Vault

FILE: Final = "card.age"
KIND: Final = "card.taken"
_DOMAIN: Final = b"intake/card-digest/v1"
_LARGEST: Final = 4 << 20
_LAST_OF_MAKING: Final = 8
"""A card is taken when the vault is made, so its entry is one of the first few."""
_UNREADABLE: Final = "unreadable"
"""In the place of a digest: no card fits to it."""


def card_digest(vault: VaultId, content: bytes) -> str:
    """Return the hex digest by which custody knows a card in this vault."""
    head = _DOMAIN + b"\0" + vault.encode("ascii") + b"\0"
    return hashlib.sha256(head + content).hexdigest()


def write_card(folder: Folder, output_recipient: str, content: bytes) -> None:
    """Seal a card's file to every member."""
    sealed = seal_bytes(content, [parse_recipient(output_recipient)])
    write_whole(_path(folder), sealed)


def enter_card(vault: Vault, content: bytes, version: int) -> None:
    """Enter in custody which card the vault took."""
    with vault.change(KIND, card=card_digest(vault.id, content), version=version):
        pass


def read_card(vault: Vault) -> bytes | None:
    """Return the card's file, or None where the vault took none; every member can.

    Raises `CardDamagedError` where it is missing, altered, or not the one that custody names.
    """
    wanted = _entered(vault)
    if not wanted:
        return None
    try:
        half = opener(vault.testimony, "output", vault.record.recipients["output"])
        with _path(vault.folder).open("rb") as file:
            content = open_bytes(file.read(_LARGEST), [half])
    except (CryptoError, OSError):
        raise CardDamagedError from None
    if card_digest(vault.id, content) != wanted:
        raise CardDamagedError
    return content


def has_card(vault: Vault) -> bool:
    """Tell whether custody says that the vault took a card."""
    return bool(_entered(vault))


def _entered(vault: Vault) -> str:
    """Return the digest in the entry about the card, or nothing where there is none."""
    needle = f'"type":"{KIND}"'.encode("ascii")
    sql = "SELECT bytes FROM custody WHERE n<=? AND instr(bytes, ?)>0 ORDER BY n DESC LIMIT 1"
    row = vault.testimony.row(sql, _LAST_OF_MAKING, needle)
    if row is None:
        return ""
    try:
        return str(json.loads(bytes_of(row["bytes"]))["fields"]["card"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return _UNREADABLE


def _path(folder: Folder) -> Path:
    return folder.path / FILE
