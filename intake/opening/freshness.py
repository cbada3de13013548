"""Is this vault as new as the paper, or as the receipt, says? For commands and the window.

Inside a vault nothing can tell that the whole of it is an old copy; a person with six words on
paper, or with a receipt that another member keeps, can.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.egress.writing import write_file
from intake.errors import InputFileError, TargetInVaultError
from intake.vault.head_words import (
    Compared,
    Freshness,
    check_words,
    compare_words,
    parse_words,
    words_of_entry,
)
from intake.vault.receipts import LARGEST, ComparedReceipt, compare_receipt, make_receipt

if TYPE_CHECKING:
    from pathlib import Path

    from intake.vault.vault import Vault

__all__ = [
    "Compared",
    "ComparedReceipt",
    "Freshness",
    "check_words",
    "compare_receipt_file",
    "compare_words",
    "parse_words",
    "require_outside",
    "said",
    "said_of_receipt",
    "words_of_entry",
    "write_receipt",
]


def require_outside(vault: Vault, target: Path) -> None:
    """Raise `TargetInVaultError` for a place inside the vault's own folder, links followed."""
    if target.resolve().is_relative_to(vault.folder.path.resolve()):
        raise TargetInVaultError


def write_receipt(vault: Vault, target: Path) -> None:
    """Write a signed receipt of the chain as it stands into a new file, for somebody else to keep.

    Raises `TargetInVaultError`, `TargetExistsError` and `TargetRefusedError`.
    """
    require_outside(vault, target)
    write_file(target, make_receipt(vault))


def compare_receipt_file(vault: Vault, file: Path) -> ComparedReceipt:
    """Compare an open vault with a receipt file.

    Raises `InputFileError`, `ReceiptDamagedError`, `ReceiptOfAnotherVaultError`.
    """
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except OSError:
        raise InputFileError from None
    return compare_receipt(vault, content)


def said(compared: Compared, source: str = "paper") -> str:
    """Return one sentence for a person: what was found, then what to do."""
    n, end = compared.noted_n, compared.head_n
    if compared.freshness is Freshness.SAME:
        return f"As new as the {source}: entry {n} is the last one."
    if compared.freshness is Freshness.FURTHER:
        return f"As new as the {source}, and newer: entry {n} is the same; the last is {end}."
    if compared.freshness is Freshness.OLDER:
        return (
            f"Older than the {source}, which knows entry {n}: this vault ends at {end}. The "
            "whole vault was put back to an old copy. Do not work in it; ask your custodian."
        )
    words = " ".join(compared.standing)
    if compared.differing:
        return (
            f"One word differs, word {compared.differing}: for entry {n} this vault says: {words}. "
            "If the paper says otherwise when you read it again, do not work here; "
            "ask your custodian."
        )
    return (
        f"The chain went another way: for entry {n} this vault says: {words}. If number and words "
        "were noted well, the vault was put back and then worked in. Keep both copies; "
        "ask your custodian."
    )


def said_of_receipt(found: ComparedReceipt) -> str:
    """Return the sentence for a receipt; both branches are named where the chain went two ways."""
    receipt = found.receipt
    by = f"signed by {receipt.member[:8]} on {receipt.day}"
    if not found.is_signer_known:
        return (
            f"The receipt for entry {receipt.n} is signed by somebody whom this vault does not "
            "know. Either it is not genuine, or this vault is from before that member came: "
            "ask your custodian."
        )
    if found.compared.freshness is Freshness.FORKED:
        return (
            f"The chain went another way. Entry {receipt.n} of the receipt, {by}: "
            f"{receipt.head}. Entry {receipt.n} of this vault: {found.here}. Both are branches of "
            "one vault. Keep both copies; ask your custodian."
        )
    return f"{said(found.compared, 'receipt')} The receipt is {by}."
