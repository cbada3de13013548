"""Commands for what stands beside an account: notes, and stretches that were taken back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from intake.cli import away
from intake.cli.beginning import AtOption, PartOption, ms_of, part_of
from intake.cli.common import InterviewArgument, JsonOption, interview_of, show, show_rows, unlocked
from intake.errors import InputFileError

note_app = typer.Typer(help="Notes beside an interview.", no_args_is_help=True)
_LARGEST: Final = 256 << 10
_Text = Annotated[
    Path | None,
    typer.Option("--text-file", help="A UTF-8 text; standard input if left out."),
]
_Number = Annotated[int, typer.Argument(help="Its number, as the list shows it.")]


def attach(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(note_app, name="note")
    app.command("take-back")(take_back)


@note_app.command("add")
def note_add(
    context: typer.Context,
    code: InterviewArgument,
    file: _Text = None,
    part: PartOption = "",
    at: AtOption = "",
    as_json: JsonOption = False,
) -> None:
    """Keep a note, with its time. It never becomes a part of what was said."""
    from intake.capture import notes  # noqa: PLC0415  # as in `unlocked`

    at_ms, media, text = ms_of(at), part_of(part), _text_of(file)
    if (traveller := away.traveller_of(context)) is not None:
        traveller.note(code, text)
        away.show_sealed(as_json, code)
        return
    with unlocked(context) as vault:
        found = interview_of(vault, code)
        of = None if media is None else notes.MediaId(media)
        notes.add_note(vault, found.id, text, media=of, at_ms=at_ms or 0)
    show(as_json, {"interview": found.code}, "Kept.")


@note_app.command("list")
def note_list(context: typer.Context, code: InterviewArgument, as_json: JsonOption = False) -> None:
    """List the notes of an interview. For cleared members."""
    from intake.capture import notes  # noqa: PLC0415  # as in `unlocked`

    with unlocked(context) as vault:
        found = notes.list_notes(vault, interview_of(vault, code).id)
    show_rows(
        as_json,
        (
            (
                {"number": n, "part": note.media, "at_ms": note.at_ms, "text": note.text},
                f"{n:4}  {note.at_ms / 1000:8.1f} s  {note.text}",
            )
            for n, note in enumerate(found, 1)
        ),
        empty="No note yet.",
    )


@note_app.command("edit")
def note_edit(
    context: typer.Context,
    code: InterviewArgument,
    number: _Number,
    file: _Text = None,
    as_json: JsonOption = False,
) -> None:
    """Write a note again; its time stays."""
    from intake.capture import notes  # noqa: PLC0415  # as in `unlocked`

    text = _text_of(file)
    with unlocked(context) as vault:
        found = interview_of(vault, code)
        note = notes.note_numbered(vault, found.id, number)
        notes.edit_note(vault, found.id, note.id, text)
    show(as_json, {"interview": found.code, "number": number}, "Kept.")


def take_back(
    context: typer.Context,
    code: InterviewArgument,
    segments: Annotated[
        list[int] | None, typer.Argument(help="Segments, by the transcript's numbers.")
    ] = None,
    part: PartOption = "",
    begin: Annotated[str, typer.Option("--from", help="Or from here, such as 00:40:50,")] = "",
    end: Annotated[str, typer.Option("--to", help="up to here, in that part.")] = "",
    lift: Annotated[
        int, typer.Option(help="Let this one count again, until the interview is closed.")
    ] = 0,
    as_json: JsonOption = False,
) -> None:
    """Strike out a stretch at the witness's wish.

    A numbered gap remains. Without a stretch: list what was taken back. Its sound stays sealed in
    its part; `intake vault erase` destroys a whole part.
    """
    from intake.capture import taking_back  # noqa: PLC0415  # as in `unlocked`
    from intake.transcript.segments import find_segment  # noqa: PLC0415

    media, start_ms, end_ms = part_of(part), ms_of(begin), ms_of(end)
    by_times = media is not None and start_ms is not None and end_ms is not None
    if bool(media or begin or end) != by_times or by_times + bool(segments) + bool(lift) > 1:
        raise typer.BadParameter("name segments, or --part with --from and --to, or --lift alone")
    with unlocked(context) as vault:
        found = interview_of(vault, code)
        if lift:
            again = taking_back.lift(vault, found.id, lift)
            facts = {"interview": found.code, "lifted": lift, "segments": again}
            show(as_json, facts, f"{again} segment(s) count again.")
            return
        if media is not None and start_ms is not None and end_ms is not None:
            stretch = taking_back.MediaId(media), start_ms, end_ms
        elif segments:
            ids = [find_segment(vault, found.id, number).id for number in segments]
            stretch = taking_back.stretch_of(vault, found.id, ids)
        else:
            stretches = taking_back.list_taken_back(vault, found.id)
            rows = [
                (
                    {
                        "number": each.number,
                        "part": each.media,
                        "start_ms": each.start_ms,
                        "end_ms": each.end_ms,
                        "day": each.day,
                    },
                    f"{each.number:4}  {each.start_ms / 1000:.1f} to {each.end_ms / 1000:.1f} s",
                )
                for each in stretches
            ]
            show_rows(as_json, rows, empty="Nothing was taken back.")
            return
        made = taking_back.take_back(vault, found.id, *stretch)
    facts = {"interview": found.code, "number": made.number}
    show(as_json, facts, f"Taken back, as [taken back {made.number}].")


def _text_of(file: Path | None) -> str:
    try:
        if file is None:
            content = sys.stdin.buffer.read(_LARGEST + 1)
        else:
            with file.open("rb") as opened:
                content = opened.read(_LARGEST + 1)
        if len(content) <= _LARGEST:
            return content.decode("utf-8").removesuffix("\n")
    except (OSError, UnicodeDecodeError):
        pass
    raise InputFileError
