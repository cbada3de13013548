"""Commands on a transcript: reading, correcting, confirming, splitting, merging."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from intake.cli import editing, speaking
from intake.cli.common import (
    InterviewArgument,
    JsonOption,
    interview_of,
    show,
    show_rows,
    unlocked,
)
from intake.cli.gaps import gaps_shown

if TYPE_CHECKING:
    from intake.transcript.reading import SegmentLine

transcript_app = typer.Typer(help="Read, correct and confirm segments.", no_args_is_help=True)
_AGAIN = "Names are to be separated again:"


def attach(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(transcript_app, name="transcript")


@transcript_app.command("show")
def transcript_show(
    context: typer.Context,
    code: InterviewArgument,
    only_open: Annotated[
        bool, typer.Option("--open", help="Only segments that nobody heard yet.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show the transcript: with names for cleared members, with tokens for the others."""
    from intake.transcript.reading import read_lines  # noqa: PLC0415

    with unlocked(context) as vault:
        rows: list[tuple[dict[str, Any], str]] = []
        interview = interview_of(vault, code).id
        gaps = gaps_shown(vault, interview)
        for line in read_lines(vault, interview):
            rows += gaps.pop(line.id, [])
            if line.is_open or not only_open:
                rows.append(_shown(line))
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
    text = editing.read_text(file) if file is not None else None
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
    """Say that you heard these segments and that the text says what was said.

    A draft counts as soon as its names are separated, if nothing in it is changed until then.
    """
    from intake.transcript.editing import hear  # noqa: PLC0415
    from intake.transcript.segments import find_segment  # noqa: PLC0415

    with unlocked(context) as vault:
        interview = interview_of(vault, code)
        segments = [find_segment(vault, interview.id, number) for number in dict.fromkeys(numbers)]
        done = hear(vault, interview.id, segments)
    words = f"{done.verified} segment(s) confirmed as heard."
    if done.noted:
        words += (
            f" {done.noted} draft(s) heard; they count once their names are separated: "
            f"intake separate {code}"
        )
    show(as_json, {"confirmed": done.verified, "drafts": done.noted}, words)


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


def _shown(line: SegmentLine) -> tuple[dict[str, Any], str]:
    """Return a segment as an object and as two lines of words."""
    from intake.transcript.machine_words import FLAG_WORDS  # noqa: PLC0415

    facts = {
        "number": line.number,
        "start_ms": line.start_ms,
        "end_ms": line.end_ms,
        "speaker": line.speaker,
        "language": line.lang,
        "status": line.status,
        "heard": line.is_heard or line.is_heard_draft,
        "verified": line.is_verified,
        "flags": list(line.flags),
        "text": line.text,
    }
    states = [line.status, "heard" if facts["heard"] else "not heard"]
    states += [FLAG_WORDS[flag] for flag in line.flags]
    words = f"{line.number:4}  {line.start_ms / 1000:8.1f} s  {line.speaker or '-':5}"
    return facts, f"{words}  {', '.join(states)}\n      {line.text}"


editing.attach_to(transcript_app)
speaking.attach_to(transcript_app)
