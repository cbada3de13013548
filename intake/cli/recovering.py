"""Commands on recovery: shares on paper, rehearsing with them, and new keys for a member."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from intake.cli.common import (
    JsonOption,
    globals_of,
    read_passphrase,
    require_text,
    say,
    show,
    unlocked,
    vault_path,
)
from intake.errors import CancelledError, ShareFileError, SharesError, SharesNeedTerminalError

if TYPE_CHECKING:
    from intake.opening.recovering import NewShares

DEFAULT: Final = "2of3"
SharesOption = Annotated[
    str, typer.Option("--shares", help="How many shares, and how many are needed: 2of3.")
]
_LONGEST_FILE: Final = 4096
_WORDS_A_LINE: Final = 11
_WORDS_OF_A_SHARE: Final = 33
_AFTER: Final = (
    "Next: 1. Unlock with the new passphrase. 2. Run `intake vault verify`. 3. Compare "
    "`intake member list` with who should be there. 4. Make new shares with `intake vault shares`: "
    "these were typed on this computer. 5. Close this terminal, which still shows them."
)


def attach(vault_app: typer.Typer) -> None:
    """Add these commands to the group vault."""
    vault_app.command("shares")(vault_shares)
    vault_app.command("recover")(vault_recover)


def new_shares(numbers: str, *, as_json: bool) -> NewShares:
    """Make shares; refuse before anything is made where nobody would see them on a terminal."""
    from intake.opening import recovering  # noqa: PLC0415  # the ciphers

    if not as_json and not sys.stdout.isatty():
        raise SharesNeedTerminalError
    return recovering.new_shares(numbers)


def facts_of(made: NewShares) -> dict[str, Any]:
    """Return what JSON holds of new shares: the words too, since the caller asked for them."""
    return {"needed": made.source.needed, "shares": list(made.words)}


def sheets(made: NewShares, *, of_card: bool = False) -> str:
    """Return the shares as a person copies them: numbered, eleven words a line."""
    opens = "open every vault made with this card" if of_card else "open this vault"
    count = len(made.words)
    lines = [
        (
            f"Recovery: {count} shares. Any {made.source.needed} of them {opens} without a "
            "passphrase. They are shown once. Write each on its own sheet of paper, with today's "
            "date and its number; give the sheets to different people; photograph none."
        ),
        "",
    ]
    for number, words in enumerate(made.words, 1):
        single = words.split()
        lines.append(f"Share {number} of {count}")
        lines += [
            "    " + " ".join(single[start : start + _WORDS_A_LINE])
            for start in range(0, len(single), _WORDS_A_LINE)
        ]
        lines.append("")
    when = "on the first of these vaults" if of_card else "now"
    lines.append(f"Try them {when}, from the paper: intake --vault ... vault recover --rehearse")
    return "\n".join(lines)


def vault_shares(
    context: typer.Context, shares: SharesOption = DEFAULT, as_json: JsonOption = False
) -> None:
    """Make new recovery shares; the old ones open this vault no more. A cleared custodian.

    They are shown once, to be written on paper. With --json they stand in the output.
    """
    from intake.opening import recovering  # noqa: PLC0415  # the ciphers

    made = new_shares(shares, as_json=as_json)
    with unlocked(context) as vault:
        recovering.renew_shares(vault, made)
    words = f"{sheets(made)}\nOlder shares open this vault no more: destroy those sheets."
    show(as_json, facts_of(made), words)


def vault_recover(
    context: typer.Context,
    share_file: Annotated[
        list[Path] | None,
        typer.Option("--share-file", help="A file with the words of one share; once for each."),
    ] = None,
    rehearse: Annotated[
        bool, typer.Option("--rehearse", help="Only try the shares; change nothing.")
    ] = False,
    new_passphrase_file: Annotated[
        Path | None, typer.Option(help="Read the new passphrase from a file.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Give a member new keys by recovery shares. Without files it leads you through, step by step.

    The member is named by --member, before the command.
    """
    from intake.opening import recovering  # noqa: PLC0415  # the ciphers

    path = vault_path(context)
    require_text(context)
    texts = read_shares(share_file)
    tried = recovering.rehearse(path, texts)
    for sentence in tried.bad:
        say(sentence)
    if rehearse:
        facts = {"opens": True, "needed": tried.needed, "bad": list(tried.bad)}
        show(as_json, facts, "These shares open this vault. Nothing was changed.")
        return
    say("These shares open this vault. Nothing was changed yet.")
    wanted = globals_of(context).member or _whom(tried.members)
    new = read_passphrase(new_passphrase_file, None, "New passphrase of that member", twice=True)
    found = recovering.recover(path, texts, wanted, new)
    facts = {
        "member": found.member,
        "was": found.was,
        "roles": list(found.roles),
        "cleared": found.is_cleared,
    }
    words = f"Member {found.was[:8]} has new keys and is now member {found.member[:8]}.\n{_AFTER}"
    show(as_json, facts, words)


def read_shares(files: list[Path] | None) -> list[str]:
    """Take shares from files, or from the terminal, one after the other."""
    return _from_files(files) if files else _from_terminal()


def _from_files(paths: list[Path]) -> list[str]:
    texts = []
    for path in paths:
        try:
            with path.open("rb") as file:
                texts.append(file.read(_LONGEST_FILE).decode("utf-8"))
        except (OSError, ValueError):
            raise ShareFileError from None
    return texts


def _from_terminal() -> list[str]:
    """Ask for one share after the other, again where one is bad, until there are enough."""
    from intake.opening import recovering  # noqa: PLC0415  # the ciphers

    if not sys.stdin.isatty():
        raise ShareFileError
    say(
        "Type the 33 words of one sheet, in one line or in several as they stand on the paper. "
        "Four letters of a word are enough; capitals do not matter."
    )
    gathered = recovering.Gathering()
    while not gathered.is_enough:
        number = len(gathered.texts) + 1
        of = f" of {gathered.needed}" if number <= gathered.needed else ""
        try:
            gathered.add(_ask_share(f"Share {number}{of}"))
        except SharesError as refused:
            say(str(refused))
    return gathered.texts


def _ask_share(prompt: str) -> str:
    """Ask for one share: a line that is too short is gone on with; Enter alone ends it."""
    text = _ask(prompt)
    while 0 < (count := len(text.split())) < _WORDS_OF_A_SHARE:
        more = _ask(f"    {count} words so far. The next ones, or Enter to begin this sheet again")
        if not more:
            break
        text = f"{text} {more}"
    return text


def _whom(members: tuple[str, ...]) -> str:
    """Ask whom to give new keys, where several members could be meant."""
    if len(members) == 1:
        return members[0]
    if not sys.stdin.isatty():
        return ""
    say("The members of this vault, by how their ids begin:")
    for member in members:
        say(f"    {member}")
    while (answer := _ask("Who gets new keys")) not in members:
        say("Type one of these, all eight letters.")
    return answer


def _ask(prompt: str) -> str:
    typer.echo(f"{prompt}: ", err=True, nl=False)
    line = sys.stdin.readline()
    if not line:
        raise CancelledError
    return line.strip()
