"""Commands on the account: import, transcribe, transcript, translate, held, models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from intake.cli.common import (
    InterviewArgument,
    JsonOption,
    NotThisPersonOption,
    doubtful_words_shown,
    interview_of,
    progress,
    say,
    show,
    show_rows,
    unlocked,
)
from intake.cli.gaps import gaps_shown
from intake.errors import InputFileError, IntakeError

transcript_app = typer.Typer(help="Read, correct and confirm segments.", no_args_is_help=True)
translate_app = typer.Typer(help="XLIFF out to a translator and back.", no_args_is_help=True)
held_app = typer.Typer(help="Text of uncleared members, held.", no_args_is_help=True)
models_app = typer.Typer(help="Speech models on this computer.", no_args_is_help=True)
_LARGEST_TEXT = 4 << 20
_AGAIN = "Names are to be separated again:"


def attach(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("import")(import_file)
    app.command("transcribe")(transcribe)
    app.add_typer(transcript_app, name="transcript")
    app.add_typer(translate_app, name="translate")
    app.add_typer(held_app, name="held")
    app.add_typer(models_app, name="models")


def import_file(
    context: typer.Context,
    code: InterviewArgument,
    file: Annotated[Path, typer.Argument(help="A recording.")],
    as_json: JsonOption = False,
) -> None:
    """Seal a recording unchanged and make its working copy."""
    from intake.capture.importing import import_recording  # noqa: PLC0415

    with unlocked(context) as vault, progress("Sealing") as report:
        made = import_recording(vault, interview_of(vault, code).id, file, report=report)
    if made.damaged_from_ms is not None:
        say(f"The recording is damaged from {made.damaged_from_ms / 1000:.1f} s on.")
    facts = {
        "media": made.original,
        "sha256": made.sha256,
        "bytes": made.size_bytes,
        "duration_ms": made.duration_ms,
        "damaged_from_ms": made.damaged_from_ms,
    }
    words = (
        f"{made.size_bytes} bytes sealed unchanged, {made.duration_ms / 1000:.1f} s of sound.\n"
        f"SHA-256 {made.sha256}"
    )
    show(as_json, facts, words)


def transcribe(
    context: typer.Context,
    code: InterviewArgument,
    language: Annotated[str, typer.Option(help="What is spoken, such as en.")],
    model: Annotated[
        Path | None, typer.Option(help="A model's folder; the embedded one if left out.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Turn recordings into a draft; goes on where it stopped."""
    from intake.transcript.transcribing import checked_model, transcribe_interview  # noqa: PLC0415
    from transcription.models import default_model_dir  # noqa: PLC0415

    checked = checked_model(model or default_model_dir())
    with unlocked(context) as vault, progress("Transcribing") as report:
        interview = interview_of(vault, code)
        done = transcribe_interview(vault, interview.id, checked, language=language, report=report)
    show(
        as_json,
        {"new": done.new, "segments": done.total},
        f"{done.new} new segment(s), {done.total} in all. Next: intake separate {code}",
    )


@transcript_app.command("show")
def transcript_show(
    context: typer.Context, code: InterviewArgument, as_json: JsonOption = False
) -> None:
    """Show the transcript: with names for cleared members, with tokens for the others."""
    from intake.transcript.names import load_register  # noqa: PLC0415
    from intake.transcript.segments import list_segments, readable_text  # noqa: PLC0415

    with unlocked(context) as vault:
        register = load_register(vault) if vault.is_cleared else None
        rows: list[tuple[dict[str, Any], str]] = []
        interview = interview_of(vault, code).id
        gaps = gaps_shown(vault, interview)
        for number, segment in enumerate(list_segments(vault, interview), 1):
            rows += gaps.pop(segment.id, [])
            text = readable_text(vault, segment, register)
            facts = {
                "number": number,
                "start_ms": segment.start_ms,
                "end_ms": segment.end_ms,
                "speaker": segment.speaker,
                "language": segment.lang,
                "status": segment.status,
                "heard": segment.is_heard,
                "text": text,
            }
            heard = "heard" if segment.is_heard else "not heard"
            words = f"{number:4}  {segment.start_ms / 1000:8.1f} s  {segment.speaker or '-':5}"
            rows.append((facts, f"{words}  {segment.status}, {heard}\n      {text}"))
        rows += gaps.pop(None, [])
    show_rows(as_json, rows, empty="Nothing is transcribed yet.")


@transcript_app.command("edit")
def transcript_edit(
    context: typer.Context,
    code: InterviewArgument,
    number: Annotated[int, typer.Argument(help="The segment's number.")],
    file: Annotated[
        Path | None, typer.Option("--text-file", help="The corrected text, UTF-8.")
    ] = None,
    speaker: Annotated[str, typer.Option(help="A code of somebody present, such as W-1.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Correct a segment's words or its speaker. Needs a cleared member for words."""
    from intake.text import DraftText  # noqa: PLC0415
    from intake.transcript.editing import save_text, set_speaker  # noqa: PLC0415
    from intake.transcript.segments import find_segment  # noqa: PLC0415

    if file is None and not speaker:
        raise typer.BadParameter("give --text-file, --speaker, or both")
    text = _read_text(file) if file is not None else None
    with unlocked(context) as vault:
        interview = interview_of(vault, code)
        if speaker:
            set_speaker(vault, find_segment(vault, interview.id, number), speaker)
        if text is not None:
            save_text(vault, find_segment(vault, interview.id, number), DraftText(text))
    again = "" if text is None else f" {_AGAIN} intake separate {code}"
    show(as_json, {"segment": number}, "Saved." + again)


@transcript_app.command("confirm")
def transcript_confirm(
    context: typer.Context,
    code: InterviewArgument,
    numbers: Annotated[list[int], typer.Argument(help="The segments that you heard.")],
    as_json: JsonOption = False,
) -> None:
    """Say that you heard these segments and that the text says what was said."""
    from intake.transcript.editing import confirm_heard  # noqa: PLC0415
    from intake.transcript.segments import find_segment  # noqa: PLC0415

    with unlocked(context) as vault:
        interview = interview_of(vault, code)
        segments = [find_segment(vault, interview.id, number) for number in numbers]
        done = confirm_heard(vault, interview.id, segments)
    show(as_json, {"confirmed": done}, f"{done} segment(s) confirmed as heard.")


@transcript_app.command("unconfirm")
def transcript_unconfirm(
    context: typer.Context,
    code: InterviewArgument,
    numbers: Annotated[list[int], typer.Argument(help="The segments to be heard again.")],
    as_json: JsonOption = False,
) -> None:
    """Take back that somebody heard these segments: they stop a release until heard again."""
    from intake.transcript.editing import take_back_heard  # noqa: PLC0415
    from intake.transcript.segments import find_segment  # noqa: PLC0415

    with unlocked(context) as vault:
        interview = interview_of(vault, code)
        segments = [find_segment(vault, interview.id, number) for number in dict.fromkeys(numbers)]
        done = take_back_heard(vault, interview.id, segments)
    show(as_json, {"unconfirmed": done}, f"{done} segment(s) to be heard again.")


@transcript_app.command("split")
def transcript_split(
    context: typer.Context,
    code: InterviewArgument,
    number: Annotated[int, typer.Argument(help="The segment's number.")],
    at: Annotated[int, typer.Option("--at", help="How many characters the first part gets.")],
    as_json: JsonOption = False,
) -> None:
    """Make two segments of one. Those behind it get other numbers."""
    from intake.transcript.reshaping import split_segment  # noqa: PLC0415
    from intake.transcript.segments import find_segment  # noqa: PLC0415

    with unlocked(context) as vault:
        interview = interview_of(vault, code)
        split_segment(vault, find_segment(vault, interview.id, number), at)
    words = f"Segment {number} is now segments {number} and {number + 1}."
    show(as_json, {"segments": [number, number + 1]}, f"{words} {_AGAIN} intake separate {code}")


@transcript_app.command("merge")
def transcript_merge(
    context: typer.Context,
    code: InterviewArgument,
    number: Annotated[int, typer.Argument(min=2, help="The second segment's number.")],
    as_json: JsonOption = False,
) -> None:
    """Make one segment of this one and the one before it. Those behind get other numbers."""
    from intake.transcript.reshaping import merge_segments  # noqa: PLC0415
    from intake.transcript.segments import find_segment  # noqa: PLC0415

    with unlocked(context) as vault:
        interview = interview_of(vault, code)
        pair = [find_segment(vault, interview.id, place) for place in (number - 1, number)]
        merge_segments(vault, *pair)
    words = f"Segments {number - 1} and {number} are now segment {number - 1}."
    show(as_json, {"segment": number - 1}, f"{words} {_AGAIN} intake separate {code}")


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


@models_app.command("list")
def models_list(as_json: JsonOption = False) -> None:
    """List the speech models that are here and checked: name, folder, digest."""
    from intake.transcript.transcribing import checked_model  # noqa: PLC0415
    from transcription.models import default_model_dir  # noqa: PLC0415

    try:
        model = checked_model(default_model_dir())
    except IntakeError as error:
        say(str(error))
        raise typer.Exit(1) from None
    facts = {"name": model.name, "path": str(model.path), "sha256": model.digest}
    show(as_json, facts, f"{model.name}  {model.path}  {model.digest}")


def _read_text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(_LARGEST_TEXT + 1)
    except OSError:
        raise InputFileError from None
    if len(content) > _LARGEST_TEXT:
        raise InputFileError
    try:
        return content.decode("utf-8").removesuffix("\n")
    except UnicodeDecodeError:
        raise InputFileError from None
