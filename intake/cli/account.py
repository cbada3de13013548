"""Commands on the account: translate, held."""

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
    say,
    show,
    show_rows,
    unlocked,
)

translate_app = typer.Typer(help="XLIFF out to a translator and back.", no_args_is_help=True)
held_app = typer.Typer(help="Text of uncleared members, held.", no_args_is_help=True)


def attach(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(translate_app, name="translate")
    app.add_typer(held_app, name="held")


@translate_app.command("export")
def translate_export(
    context: typer.Context,
    code: InterviewArgument,
    language: Annotated[str, typer.Option(help="Into which language, such as fr.")],
    translator: Annotated[str, typer.Option("--for", help="The member who translates.")],
    target: Annotated[Path, typer.Option("--out", help="A file that does not exist yet.")],
    not_this_person: NotThisPersonOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the interview as XLIFF 2.1 for a translator: tokens in the place of every name."""
    from intake import opening  # noqa: PLC0415
    from intake.cli.common import vault_path  # noqa: PLC0415
    from intake.statement.handing import export_xliff  # noqa: PLC0415

    member = opening.find_member(vault_path(context), translator)
    with unlocked(context) as vault, doubtful_words_shown():
        rows = export_xliff(
            vault,
            interview_of(vault, code).id,
            language,
            member,
            target,
            not_this_person=tuple(not_this_person or ()),
        )
    show(as_json, {"rows": rows}, f"{rows} row(s) written.")


@translate_app.command("import")
def translate_import(
    context: typer.Context,
    code: InterviewArgument,
    file: Annotated[Path, typer.Argument(help="The translated XLIFF.")],
    as_json: JsonOption = False,
) -> None:
    """Take a translated XLIFF: its text is held until a cleared member confirms it."""
    from intake.translation import xliff  # noqa: PLC0415
    from intake.translation.holding import hold_translation  # noqa: PLC0415

    document = xliff.read_file(file)
    with unlocked(context) as vault:
        taken = hold_translation(vault, interview_of(vault, code).id, document)
    for odd in taken.warnings:
        say(f"Row {odd.unit}: {odd.kind.value}{odd.entity} is {odd.flaw.value} in the translation.")
    show(
        as_json,
        {"held": taken.held, "empty": taken.empty, "warnings": len(taken.warnings)},
        f"{taken.held} row(s) held until a cleared member confirms them, {taken.empty} empty.",
    )


@held_app.command("list")
def held_list(context: typer.Context, code: InterviewArgument, as_json: JsonOption = False) -> None:
    """List what waits for confirmation; a cleared member also sees the words."""
    from intake.translation.holding import list_held, read_held  # noqa: PLC0415

    with unlocked(context) as vault:
        rows = []
        for held in list_held(vault, interview_of(vault, code).id):
            text = ""
            if vault.is_cleared:
                pieces = read_held(vault, held, vault.review_identity())
                text = "".join(str(piece) for piece in pieces)
            facts = {"row": held.row, "segment": held.number, "author": held.author, "text": text}
            rows.append((facts, f"{held.number:4}  by {held.author[:8]}  {text}"))
    show_rows(as_json, rows, empty="Nothing waits.")


@held_app.command("confirm")
def held_confirm(
    context: typer.Context, code: InterviewArgument, as_json: JsonOption = False
) -> None:
    """Take what waits into review, and separate what has nothing left to decide."""
    from intake.review.asking import questions  # noqa: PLC0415
    from intake.review.separating import separate_ready  # noqa: PLC0415
    from intake.transcript.names import load_register  # noqa: PLC0415
    from intake.translation.holding import confirm_held  # noqa: PLC0415

    with unlocked(context) as vault:
        interview = interview_of(vault, code)
        count = confirm_held(vault, interview.id)
        done = separate_ready(vault, interview.id)
        left = len(questions(vault, interview.id, load_register(vault)))
    show(
        as_json,
        {"confirmed": count, "separated": done, "to_decide": left},
        f"{count} row(s) confirmed, {done} separated, {left} form(s) to decide.",
    )
