"""Commands that keep a vault and show how new it is: check words, receipts, backups."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from intake.cli.common import (
    JsonOption,
    globals_of,
    progress,
    read_passphrase,
    require_text,
    say,
    show,
    unlocked,
)

if TYPE_CHECKING:
    from intake.opening.restoring import ByPassphrase, ByShares, Restored
    from intake.vault.vault import Vault

_BACKUP_AND_VAULT: Final = 2

WordsOption = Annotated[
    str, typer.Option("--words", help="Compare with the six words that you noted.")
]
EntryOption = Annotated[
    int | None, typer.Option("--entry", min=1, help="The number that stands beside the words.")
]
ReceiptOption = Annotated[
    Path | None, typer.Option("--receipt", help="Compare with a receipt that somebody keeps.")
]


def attach(vault_app: typer.Typer, custody_app: typer.Typer) -> None:
    """Add these commands to the groups vault and custody."""
    vault_app.command("backup")(vault_backup)
    vault_app.command("restore")(vault_restore)
    vault_app.command("prune")(vault_prune)
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


def vault_backup(
    context: typer.Context,
    target: Annotated[Path, typer.Argument(help="A file that does not exist yet.")],
    since: Annotated[
        Path | None,
        typer.Option("--since", help="An older backup: leave out the recordings that it holds."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write the whole vault into one sealed file, on another disk.

    You, every cleared custodian and the recovery key can open it.
    """
    from intake.opening.backing_up import back_up  # noqa: PLC0415  # the ciphers

    with unlocked(context) as vault, progress("Backing up") as report:
        made = back_up(vault, target, since=since, report=report)
    facts = {
        "bytes": made.size_bytes,
        "files": made.files,
        "left_out": made.left_out,
        "damaged": made.damaged,
        "n": made.n,
    }
    words = f"Backup written: {made.files} files, up to entry {made.n}."
    if made.left_out:
        words += f" Left out: {made.left_out} that the older backup holds; keep both."
    show(as_json, facts, words)
    if made.damaged:
        say(
            f"{made.damaged} sealed file(s) of this vault are missing or damaged, and so they are "
            "in the backup. Run `intake vault verify`."
        )
        raise typer.Exit(1)


def vault_restore(
    context: typer.Context,
    places: Annotated[
        list[Path],
        typer.Argument(help="The backup, older ones if it needs them; last, the vault to make."),
    ],
    replace: Annotated[
        bool, typer.Option("--replace", help="Take the place of the vault that stands there.")
    ] = False,
    older: Annotated[
        bool, typer.Option("--older", help="Even if that one holds later work; it is kept beside.")
    ] = False,
    unsound: Annotated[
        bool,
        typer.Option("--unsound", help="Even if rows are not as signed; never over a vault."),
    ] = False,
    second: Annotated[
        str, typer.Option("--with", help="A second person, to erase again what was erased since.")
    ] = "",
    second_file: Annotated[
        Path | None,
        typer.Option("--second-passphrase-file", help="The second person's passphrase."),
    ] = None,
    shares: Annotated[
        bool, typer.Option("--shares", help="Open it by recovery shares; asks for each.")
    ] = False,
    share_file: Annotated[
        list[Path] | None,
        typer.Option("--share-file", help="A file with the words of one share; once for each."),
    ] = None,
    new_passphrase_file: Annotated[
        Path | None, typer.Option(help="With shares: read the new passphrase from a file.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Put a vault back from its backup, verified before anything is replaced."""
    from intake.opening import restoring  # noqa: PLC0415  # the ciphers

    if len(places) < _BACKUP_AND_VAULT:
        raise typer.BadParameter("name the backup, then the vault to make")
    require_text(context)
    *files, target = places
    way: ByPassphrase | ByShares
    if shares or share_file:
        way = _by_shares(context, share_file, new_passphrase_file)
    else:
        way = _by_passphrase(context, files[0])
    other = None
    if second:
        who = restoring.find_member(files[0], second)
        other = who, read_passphrase(second_file, None, "The second person's passphrase")
    with progress("Putting back") as report:
        done = restoring.restore(
            files,
            target,
            way,
            replace=replace,
            older=older,
            unsound=unsound,
            second=other,
            report=report,
        )
    facts = {
        "n": done.n,
        "day": done.day,
        "damaged": done.damaged,
        "erased": done.erased,
        "findings": done.findings,
        "kept_as": done.kept_as,
        "member": done.member,
    }
    words = _said(done)
    if isinstance(way, restoring.ByShares):
        words += f" The member has new keys and is now member {done.member[:8]}."
    show(as_json, facts, words)
    if done.findings:
        say(
            f"{done.findings} thing(s) in it are not as they were signed. "
            "Run `intake vault verify`."
        )
        raise typer.Exit(1)


def _by_passphrase(context: typer.Context, file: Path) -> ByPassphrase:
    from intake.opening import restoring  # noqa: PLC0415  # the ciphers

    options = globals_of(context)
    member = restoring.find_member(file, options.member)
    passphrase = read_passphrase(options.passphrase_file, options.passphrase_fd, "Passphrase")
    return restoring.ByPassphrase(member, passphrase)


def _by_shares(
    context: typer.Context, share_file: list[Path] | None, new_passphrase_file: Path | None
) -> ByShares:
    from intake.cli.recovering import read_shares  # noqa: PLC0415  # the ciphers
    from intake.opening import restoring  # noqa: PLC0415  # the same

    texts = read_shares(share_file)
    new = read_passphrase(new_passphrase_file, None, "New passphrase of that member", twice=True)
    return restoring.ByShares(texts, globals_of(context).member, new)


def _said(done: Restored) -> str:
    words = f"The vault was put back and verified: up to entry {done.n}, of {done.day}."
    if done.damaged:
        words += f" {done.damaged} recording(s) were damaged already when it was made."
    if done.erased:
        words += f" {done.erased} file(s) were erased since and did not come back."
    if done.kept_as:
        words += f" The vault that stood there is kept beside it, as {done.kept_as}."
    return words


def vault_prune(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A backup of this vault.")],
    as_json: JsonOption = False,
) -> None:
    """Write a backup again without the recordings that were erased since it was made."""
    from intake.opening.backing_up import prune  # noqa: PLC0415  # the ciphers

    with unlocked(context) as vault, progress("Writing again") as report:
        gone = prune(vault, file, report=report)
    words = f"{gone} file(s) are gone from this backup." if gone else "Nothing had to go."
    show(as_json, {"gone": gone}, f"{words} Words that stood in its stores are still in it.")
