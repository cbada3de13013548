"""Freshness receipts: a signed head, kept by somebody else.

Inside a vault nothing can tell that all of it together is an old copy. Who holds a receipt can: the
vault must hold the entry that it names. It says how far the chain had come, on which day, and which
member says so; it names nobody and opens nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from crypto.errors import CryptoError
from crypto.signing import VerifyKey
from intake.errors import (
    NotForTestimonyError,
    ReceiptDamagedError,
    ReceiptOfAnotherVaultError,
)
from intake.vault.domains import COUNT, DAY, DIGEST, ID
from intake.vault.head_words import (
    Compared,
    Freshness,
    entry_hash,
    head_number,
    head_words,
)

if TYPE_CHECKING:
    from intake.vault.vault import Vault

CONTEXT: Final = "intake/receipt/v1"
LARGEST: Final = 4096
"""A receipt has about 500 bytes; more is read of none."""


class Receipt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far the chain of a vault had come, when, and who says so."""

    type: str
    vault: str
    n: int
    head: str
    member: str
    day: str


class _SignedReceipt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    content: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class ComparedReceipt:
    """What comparing with a receipt gave."""

    compared: Compared
    receipt: Receipt
    here: str
    """The hash of this vault's own entry of that number, empty where it has none."""
    is_signer_known: bool
    """False: the vault does not know who signed; nothing but the numbers was compared."""


def make_receipt(vault: Vault) -> bytes:
    """Return a receipt of the chain as it stands, signed by the member at the keyboard."""
    with vault.alone():
        n, head = head_number(vault), vault.testimony.fact("head")
    day = dt.datetime.now(dt.UTC).date().isoformat()
    member, key = vault.signer
    receipt = Receipt(CONTEXT, vault.id, n, head, member, day)
    content = msgspec.json.encode(receipt, order="deterministic")
    return msgspec.json.encode(_SignedReceipt(content, key.sign(CONTEXT, content)))


def compare_receipt(vault: Vault, content: bytes) -> ComparedReceipt:
    """Compare an open vault with a receipt, after checking who signed it.

    Raises `ReceiptDamagedError` and `ReceiptOfAnotherVaultError`. A signer whom the key record does
    not name is no error: a vault put back to before that member came does not know them.
    """
    receipt, signed = _parsed(content)
    if receipt.vault != vault.id:
        raise ReceiptOfAnotherVaultError
    is_known = _is_signer_known(vault, receipt, signed)
    with vault.alone():
        head_n = head_number(vault)
        here = entry_hash(vault, receipt.n) if receipt.n <= head_n else ""
    standing = head_words(vault.id, receipt.n, here) if here else ()
    if not here:
        freshness = Freshness.OLDER
    elif here != receipt.head:
        freshness = Freshness.FORKED
    else:
        freshness = Freshness.SAME if receipt.n == head_n else Freshness.FURTHER
    compared = Compared(freshness, receipt.n, head_n, standing)
    return ComparedReceipt(compared, receipt, here, is_known)


def _parsed(content: bytes) -> tuple[Receipt, _SignedReceipt]:
    try:
        signed = msgspec.json.decode(content[: LARGEST + 1], type=_SignedReceipt)
        receipt = msgspec.json.decode(signed.content, type=Receipt)
        for check, value in (
            (ID, receipt.vault),
            (COUNT, receipt.n),
            (DIGEST, receipt.head),
            (ID, receipt.member),
            (DAY, receipt.day),
        ):
            check(value)
    except (msgspec.MsgspecError, NotForTestimonyError, ValueError, RecursionError):
        raise ReceiptDamagedError from None
    if receipt.type != CONTEXT or receipt.n < 1 or len(content) > LARGEST:
        raise ReceiptDamagedError
    return receipt, signed


def _is_signer_known(vault: Vault, receipt: Receipt, signed: _SignedReceipt) -> bool:
    """Check the signature (`ReceiptDamagedError`); tell whether the key record names the signer."""
    signer = vault.record.ever().get(receipt.member)
    if signer is None or receipt.n > vault.record.until().get(receipt.member, receipt.n):
        return False
    try:
        VerifyKey.from_hex(signer.sign_key).verify(CONTEXT, signed.content, signed.signature)
    except CryptoError:
        raise ReceiptDamagedError from None
    return True
