"""What every command shares: the global options, the passphrase, output, progress."""

from __future__ import annotations

import getpass
import json
import os
import re
import sys
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from intake.errors import EgressStoppedError, PassphraseFileError, WhichVaultError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crypto.secrets import Passphrase
    from intake.capture.interviews import Interview
    from intake.jobs import Report
    from intake.vault.vault import Vault

_LONGEST_PASSPHRASE_FILE: Final = 8192
# Controls but tab and line feed, line and paragraph separators, embeddings, overrides, isolates,
# half letters.
_STEERING: Final = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]"
)

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of words.")]
NotThisPersonOption = Annotated[
    list[int] | None,
    typer.Option(
        "--not-this-person", help="Judge this near spelling, by its number, to be somebody else."
    ),
]
InterviewArgument = Annotated[str, typer.Argument(help="An interview's code, such as W-7QK4/1.")]


@dataclass(frozen=True, slots=True)
class Globals:
    """The options that stand before the command."""

    vault: Path | None
    member: str
    passphrase_file: Path | None
    passphrase_fd: int | None

    VaultOption = Annotated[
        Path | None, typer.Option("--vault", help="The vault's folder.", show_default=False)
    ]
    MemberOption = Annotated[
        str, typer.Option("--member", help="Who you are: a member's id, or how it begins.")
    ]
    FileOption = Annotated[
        Path | None,
        typer.Option("--passphrase-file", help="Read the passphrase from the first line."),
    ]
    DescriptorOption = Annotated[
        int | None,
        typer.Option("--passphrase-fd", help="Read it from an open descriptor."),
    ]


def globals_of(context: typer.Context) -> Globals:
    """Return the global options of a running command."""
    found = context.find_root().obj
    if not isinstance(found, Globals):
        raise WhichVaultError
    return found


def vault_path(context: typer.Context) -> Path:
    """Return the vault's folder (`WhichVaultError` where none was named)."""
    path = globals_of(context).vault
    if path is None:
        raise WhichVaultError
    return path


def is_text(words: str) -> bool:
    """Tell whether words are text: bytes that are no UTF-8 come in as lone surrogates."""
    return words.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in words)


def require_text(context: typer.Context) -> None:
    """Refuse arguments that are no text, before a vault is opened (status 2).

    Paths are not meant: a file's name may hold any bytes.
    """
    given = [context.params.values(), [globals_of(context).member]]
    for value in (each for values in given for each in values):
        for words in value if isinstance(value, list | tuple) else [value]:
            if isinstance(words, str) and not is_text(words):
                raise typer.BadParameter("an argument is no UTF-8 text; type it again in UTF-8")


def read_passphrase(
    file: Path | None, descriptor: int | None, prompt: str, *, twice: bool = False
) -> Passphrase:
    """Take a passphrase from a file, a descriptor, or the terminal; never from an argument."""
    from intake import opening  # noqa: PLC0415  # the ciphers, which `--help` need not load

    try:
        if file is not None:
            with file.open("rb") as opened:
                content = opened.read(_LONGEST_PASSPHRASE_FILE)
        elif descriptor is not None:
            with os.fdopen(descriptor, "rb") as opened:
                content = opened.read(_LONGEST_PASSPHRASE_FILE)
        else:
            return opening.passphrase_from(_ask(prompt, twice=twice))
        return opening.passphrase_from(content.decode("utf-8").split("\n")[0].removesuffix("\r"))
    except (OSError, OverflowError, TypeError, ValueError):  # `open` minds odd numbers in all ways
        raise PassphraseFileError from None


def _ask(prompt: str, *, twice: bool) -> str:
    """Ask at the terminal; nothing is asked before the terminal has stopped showing what is typed.

    A terminal that cannot hide it is refused (`PassphraseFileError`).
    """
    if not sys.stdin.isatty():
        raise PassphraseFileError
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            while True:
                words = getpass.getpass(f"{prompt}: ")
                if not twice or getpass.getpass("The same again: ") == words:
                    return words
                say("These two differ. Type both again.")
        except getpass.GetPassWarning:
            raise PassphraseFileError from None


@contextmanager
def unlocked(context: typer.Context) -> Iterator[Vault]:
    """Unlock the vault named by the global options, for one command."""
    with unlocked_with(context) as (vault, _):
        yield vault


@contextmanager
def unlocked_with(context: typer.Context) -> Iterator[tuple[Vault, Passphrase]]:
    """Unlock as `unlocked` does, and keep the passphrase: for what asks for it again."""
    from intake import opening  # noqa: PLC0415  # the ciphers, which `--help` need not load

    options = globals_of(context)
    path = vault_path(context)
    require_text(context)
    member = opening.find_member(path, options.member)
    passphrase = read_passphrase(options.passphrase_file, options.passphrase_fd, "Passphrase")
    with opening.unlock(path, member, passphrase) as vault:
        if vault.recovered:
            say(f"{vault.recovered} interrupted change(s) were completed.")
        if vault.was_strengthened:
            say(
                "Warning: your key file was easier to guess than it should be. It was wrapped "
                "again at full strength, with the same passphrase; older copies of it stay weak."
            )
        if vault.filed_cases:
            from intake.capture.filing_cases import sentences_of  # noqa: PLC0415  # as above

            for case in vault.filed_cases:
                for words in sentences_of(case):
                    say(words)
        if vault.filed:
            from intake.capture.recording.filing import sentence_of  # noqa: PLC0415  # as above

            for filed in vault.filed:
                say(sentence_of(filed))
        for part in vault.stale_parts():
            say(f"Warning: {part} is older than another part of this vault. Run vault verify.")
        yield vault, passphrase


def interview_of(vault: Vault, code: str) -> Interview:
    """Return the interview of a code."""
    from intake.capture.interviews import find_interview  # noqa: PLC0415  # as above

    return find_interview(vault, code)


def for_terminal(words: str) -> str:
    r"""Return words that cannot steer a terminal: what would is written out as \u001b.

    A name or a translated line may come from somebody hostile: control characters move the cursor
    and hide lines, directional overrides turn text around. Marks that scripts need stay. In JSON
    the same spelling means the same letters.
    """
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", words)


def say(words: str) -> None:
    """Tell a person something, on standard error."""
    typer.echo(for_terminal(words), err=True)


def show(as_json: bool, facts: dict[str, Any], words: str) -> None:
    """Print the result of a command: one JSON object, or words."""
    typer.echo(for_terminal(json.dumps(facts, ensure_ascii=False) if as_json else words))


def show_rows(as_json: bool, rows: Iterable[tuple[dict[str, Any], str]], *, empty: str) -> None:
    """Print a list: one JSON object a line, or a line of words each."""
    printed = False
    for facts, words in rows:
        show(as_json, facts, words)
        printed = True
    if not printed and not as_json:
        typer.echo(empty)


@contextmanager
def progress(words: str) -> Iterator[Report]:
    """Show a progress bar on standard error while the block runs, if that is a terminal."""
    from rich.console import Console  # noqa: PLC0415  # 60 ms that `--help` need not pay
    from rich.progress import Progress as Bar  # noqa: PLC0415
    from rich.progress import TimeElapsedColumn  # noqa: PLC0415

    from intake.jobs import Progress, silent  # noqa: PLC0415

    console = Console(stderr=True)
    if not console.is_terminal:
        yield silent
        return
    with Bar(*Bar.get_default_columns(), TimeElapsedColumn(), console=console) as bar:
        task = bar.add_task(words, total=None)

        def report(at: Progress) -> None:
            bar.update(task, completed=at.done, total=at.total or None)

        yield report


@contextmanager
def doubtful_words_shown() -> Iterator[None]:
    """Show a cleared member the near spellings that stop a release or an export, to judge them."""
    try:
        yield
    except EgressStoppedError as stopped:
        for stop in stopped.stops:
            if stop.word:
                say(f"{stop.place}: “{stop.word}”")
        raise
