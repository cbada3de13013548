"""Verifying a whole vault: chain, rows, sealed files, and names in any column of testimony.db."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from intake.custody.files import verify_folder
from intake.custody.verifying import Finding, verify_chain, verify_rows
from intake.identity.everyday import is_everyday
from intake.identity.folding import fold_key
from intake.identity.nearness import exact_matches
from intake.jobs import Progress, Report, silent
from intake.transcript.names import load_register
from intake.vault.columns import separated_columns
from intake.vault.reading import separated
from intake.vault.store import select_sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from intake.identity.register import FormRegister
    from intake.vault.vault import Vault

_STEPS: Final = 4


def verify_vault(vault: Vault, report: Report = silent) -> list[Finding]:
    """Check everything that this member can check; an entry in custody says that it was done.

    A cleared member also checks identities.db and that no column of testimony.db holds a form of
    the names register. Reads every byte of the vault.
    """
    findings: list[Finding] = []
    for step, part in enumerate((verify_chain, verify_rows, verify_folder, verify_no_names), 1):
        findings += part(vault)
        report(Progress(step, _STEPS, "checks"))
    with vault.change("vault.verified", outcome="findings" if findings else "clean"):
        pass
    return findings


def verify_no_names(vault: Vault) -> list[Finding]:
    """Search every column of testimony.db for every form of the register.

    Everyday words ("May") that are somebody's name are left out: they stand elsewhere as words.
    An uncleared member has no names to search for.
    """
    if not vault.is_cleared:
        return []
    register = load_register(vault)
    return [
        Finding("testimony.db", f"a name of the register stands in {place}")
        for place in _places_with_names(vault, register)
    ]


def _places_with_names(vault: Vault, register: FormRegister) -> Iterator[str]:
    forms = [form for form in register.all_forms() if not is_everyday(fold_key(form.verbatim))]
    for table in vault.testimony.tables():
        if table.startswith("sqlite_") or table in ("row_seal", "op_done"):
            continue
        words = separated_columns(table)
        for row in vault.testimony.rows(select_sql(table)):
            for column, value in row.items():
                if column in words:
                    pieces = separated(value).pieces()
                    text = "\n".join(piece for piece in pieces if isinstance(piece, str))
                elif isinstance(value, bytes):
                    # Other bytes are numbers, ids or ciphertext: verify_rows holds them to that.
                    is_entry = (table, column) == ("custody", "bytes")
                    text = value.decode("ascii", "replace") if is_entry else ""
                else:
                    text = value if isinstance(value, str) else ""
                if text and any(found.is_exact for found in exact_matches(text, forms)):
                    yield f"{table}.{column}"
                    break
