"""Witnesses: a random code, and nothing else that testimony.db knows of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.errors import UnknownCodeError
from intake.vault.ids import WitnessId, new_id, new_witness_code

if TYPE_CHECKING:
    from intake.vault.vault import Vault

__all__ = ["WitnessId", "find_witness", "list_witnesses", "new_witness"]


def new_witness(vault: Vault) -> tuple[WitnessId, str]:
    """Enter a witness under a new random code; returns id and code. Needs an interviewer."""
    vault.require_role("interviewer")
    with vault.alone():
        taken = {row["code"] for row in vault.testimony.rows("SELECT code FROM witness")}
        code = new_witness_code()
        while code in taken:
            code = new_witness_code()
        witness = WitnessId(new_id())
        with vault.change("witness.created", witness=witness) as change:
            change.testimony.insert("witness", id=witness, code=code)
    return witness, code


def find_witness(vault: Vault, code: str) -> WitnessId:
    """Return the witness of a code such as W-7QK4 (`UnknownCodeError`)."""
    found = vault.testimony.value("SELECT id FROM witness WHERE code=?", code.upper())
    if found is None:
        raise UnknownCodeError
    return WitnessId(str(found))


def list_witnesses(vault: Vault) -> list[tuple[str, int]]:
    """Return each code with its number of interviews, by code."""
    rows = vault.testimony.rows(
        "SELECT witness.code AS code, count(interview.id) AS interviews FROM witness"
        " LEFT JOIN interview ON interview.witness = witness.id GROUP BY witness.id ORDER BY code"
    )
    return [(str(row["code"]), int(row["interviews"] or 0)) for row in rows]
