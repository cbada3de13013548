"""Commands that keep a vault and show how new it is: check words, receipts, backups."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from intake.cli.common import JsonOption, say, show, unlocked

if TYPE_CHECKING:
    from intake.vault.vault import Vault

WordsOption = Annotated[
    str, typer.Option("--words", help="Compare with the six words that you noted.")
]
EntryOption = Annotated[
    int | None, typer.Option("--entry", min=1, help="The number that stands beside the words.")
]
ReceiptOption = Annotated[
    Path | None, typer.Option("--receipt", help="Compare with a receipt that somebody keeps.")
]


def attach(custody_app: typer.Typer) -> None:
    """Add these commands to the group custody."""
    custody_app.command("words")(custody_words)
    custody_app.command("receipt")(custody_receipt)


def custody_words(
    context: typer.Context,
    entry: Annotated[
        int | None, typer.Option("--entry", min=1, help="Another entry than the last one.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show where the chain ends as a number and six words, to note on paper or read aloud."""
    from intake.opening import freshness  # noqa: PLC0415  # the ciphers

    with unlocked(context) as vault:
        n, words = freshness.words_of_entry(vault, entry)
    show(as_json, {"n": n, "words": list(words)}, f"Entry {n}: {' '.join(words)}")


def custody_receipt(
    context: typer.Context,
    target: Annotated[Path, typer.Argument(help="A file that does not exist yet.")],
    as_json: JsonOption = False,
) -> None:
    """Write a signed receipt of where the chain ends, for somebody else to keep."""
    from intake.opening import freshness  # noqa: PLC0415  # the ciphers

    with unlocked(context) as vault:
        freshness.write_receipt(vault, target)
    words = "Receipt written. Give it to somebody who keeps it elsewhere."
    show(as_json, {"written": True}, words)


def noted(words: str, entry: int | None) -> tuple[tuple[str, ...], int] | None:
    """Read what a person noted, before a vault is opened; None where nothing was given.

    Words without their number, or a number without words, are a wrong call (status 2). Raises
    `CheckWordsError`.
    """
    if bool(words) != (entry is not None):
        raise typer.BadParameter("--words and --entry belong together")
    if entry is None:
        return None
    from intake.opening import freshness  # noqa: PLC0415  # the ciphers

    return freshness.parse_words(words), entry


def compare(
    vault: Vault, paper: tuple[tuple[str, ...], int] | None, receipt: Path | None
) -> tuple[list[dict[str, Any]], bool]:
    """Compare an open vault with paper and receipt; say what was found.

    Returns the facts for --json, and whether all was as new as noted.
    """
    from intake.opening import freshness  # noqa: PLC0415  # the ciphers

    facts: list[dict[str, Any]] = []
    is_good = True
    if paper is not None:
        found = freshness.compare_words(vault, *paper)
        say(freshness.said(found))
        facts.append({"with": "words", "found": found.freshness.value, "entry": paper[1]})
        is_good &= found.freshness.is_good
    if receipt is not None:
        held = freshness.compare_receipt_file(vault, receipt)
        say(freshness.said_of_receipt(held))
        known = held.compared.freshness.value if held.is_signer_known else "unknown signer"
        facts.append({"with": "receipt", "found": known, "entry": held.receipt.n})
        is_good &= held.is_signer_known and held.compared.freshness.is_good
    return facts, is_good
