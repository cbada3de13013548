"""Commands by which something leaves the vault: release, export; the demo; and the window."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from intake.cli.common import (
    InterviewArgument,
    JsonOption,
    NotThisPersonOption,
    doubtful_words_shown,
    interview_of,
    show,
    unlocked,
)
from intake.cli.window import open_window


def attach(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("release")(release)
    app.command("export")(export)
    app.command("demo")(demo)
    app.command("app")(open_window)


def release(
    context: typer.Context,
    code: InterviewArgument,
    recipient: Annotated[str, typer.Option("--for", help="A recipient's code, such as RC-1.")],
    translation: Annotated[
        str, typer.Option(help="The language of the second column; none if left out.")
    ] = "",
    not_this_person: NotThisPersonOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the statement without names and keep it sealed.

    For one recipient, ready for `intake export`. Lists everything that stops it.
    """
    from intake.statement import recipients, releasing  # noqa: PLC0415  # typst, the finders

    with unlocked(context) as vault:
        interview = interview_of(vault, code)
        who = recipients.find_recipient(vault, recipient)
        with doubtful_words_shown():
            made = releasing.release(
                vault,
                interview.id,
                who,
                profile="without_names",
                translation=translation,
                not_this_person=tuple(not_this_person or ()),
            )
    facts = {
        "statement": made.statement,
        "version": made.version,
        "paragraphs": made.paragraphs,
        "bytes": made.size_bytes,
        "near_judged": made.report.judged,
    }
    words = f"Statement {made.statement}, version {made.version}: {made.paragraphs} paragraphs."
    show(as_json, facts, f"{words} Next: intake export {code} --for {recipient} --out FILE.pdf")


def export(
    context: typer.Context,
    code: InterviewArgument,
    recipient: Annotated[str, typer.Option("--for", help="A recipient's code, such as RC-1.")],
    target: Annotated[Path, typer.Option("--out", help="A file that does not exist yet.")],
    as_json: JsonOption = False,
) -> None:
    """Write a released statement outside the vault.

    The newest one for that recipient.
    """
    from intake.statement import recipients, releasing  # noqa: PLC0415  # typst, the finders

    with unlocked(context) as vault:
        interview = interview_of(vault, code)
        who = recipients.find_recipient(vault, recipient)
        made = releasing.export_statement(
            vault, interview.id, who, profile="without_names", target=target
        )
    show(as_json, {"export": made}, "Written.")


def demo(
    target: Annotated[
        Path, typer.Option("--out", help="Where to write; an earlier demo there is replaced.")
    ] = Path("build/demo"),
    as_json: JsonOption = False,
) -> None:
    """Do the whole work on a sample interview.

    Start to end, with invented people; then says where everything is.
    """
    from intake.demo.running import run_demo  # noqa: PLC0415  # loads everything

    facts = run_demo(target, say=lambda words: typer.echo(words, err=as_json))
    if as_json:
        show(as_json, facts, "")
