"""The command by which an account is written down, line by line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from intake.cli import away
from intake.cli.common import InterviewArgument, JsonOption, interview_of, say, show, unlocked
from intake.errors import InputFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from intake.capture.scripts import ScriptLine
    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault

_LARGEST: Final = 4 << 20
_LONGEST_LINE: Final = 64 << 10
_HOW: Final = "Type Q: and a question, A: and its answer; Ctrl-D ends. Every line is kept at once."


def attach(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.callback()(_group)  # else the library takes one command for the whole program
    app.command("write")(write)


def _group() -> None:
    """Make a group of the one command."""


def write(
    context: typer.Context,
    code: InterviewArgument,
    language: Annotated[
        str, typer.Option(help="What the answers are written in, such as en.")
    ] = "",
    question_language: Annotated[
        str, typer.Option(help="What the questions are written in, if it is another one.")
    ] = "",
    file: Annotated[
        Path | None, typer.Option("--from", help="A UTF-8 text with such lines.")
    ] = None,
    read_back: Annotated[
        bool,
        typer.Option("--read-back", help="Say that what is written was read back and agreed to."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write an account down: Q: and A: lines, each with its time.

    A line may begin with its time, [00:12:30]; another speaker's with their code, IN-1:. A line
    without a beginning goes on with the one before it.
    """
    from intake.capture.scripts import read_script  # noqa: PLC0415  # as in `unlocked`
    from intake.capture.writing import is_offered  # noqa: PLC0415

    if read_back:
        _read_back(context, code, as_json=as_json)
        return
    if not is_offered(language) or not is_offered(question_language or language):
        raise typer.BadParameter("say the language with --language, by its code, such as en")
    script = None if file is None else read_script(_text_of(file))
    if (traveller := away.traveller_of(context)) is not None:
        given = script if script is not None else _typed()
        count = away.write_lines(traveller, code, given, (question_language or language, language))
        away.show_sealed(as_json, code, lines=count)
        return
    with unlocked(context) as vault:
        interview = interview_of(vault, code).id
        languages = (question_language or language, language)
        lines = _take(vault, interview, script, languages)
    words = f"{lines} line(s) written down. Next: intake separate {code}"
    show(as_json, {"interview": code.upper(), "lines": lines}, words)


def _take(
    vault: Vault,
    interview: InterviewId,
    script: list[ScriptLine] | None,
    languages: tuple[str, str],
) -> int:
    from intake.capture.scripts import Scribe  # noqa: PLC0415  # as in `unlocked`

    scribe = Scribe(vault, interview, *languages)
    if script is not None:
        return scribe.write_all(script)
    if sys.stdin.isatty():
        say(_HOW)
    for line in _typed():
        if not scribe.take(line):
            say(away.UNREAD)
    return scribe.count


def _typed() -> Iterator[str]:
    """Yield what comes in on standard input, a line at a time, as soon as it is there."""
    source = getattr(sys.stdin, "buffer", None)
    while source is not None and (raw := source.readline(_LONGEST_LINE)):
        try:
            yield raw.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            say("This line is no UTF-8 text. It was not kept; type it again.")


def _text_of(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(_LARGEST + 1)
        if len(content) <= _LARGEST:
            return content.decode("utf-8")
    except (OSError, UnicodeDecodeError):
        pass
    raise InputFileError


def _read_back(context: typer.Context, code: str, *, as_json: bool) -> None:
    from intake.transcript.reading_back import confirm_read_back  # noqa: PLC0415
    from intake.transcript.segments import list_segments  # noqa: PLC0415

    with unlocked(context) as vault:
        interview = interview_of(vault, code)
        done = confirm_read_back(vault, interview.id, list_segments(vault, interview.id))
    facts = {"interview": interview.code, "read_back": done}
    show(as_json, facts, f"{done} line(s) confirmed as read back to the witness.")
