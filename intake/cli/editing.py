"""Commands that shape a transcript: inserting, times, speakers, replacing, style, certificate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from intake.cli.common import (
    InterviewArgument,
    JsonOption,
    interview_of,
    show,
    show_rows,
    unlocked,
)
from intake.errors import InputFileError, NothingFoundError

if TYPE_CHECKING:
    from intake.transcript.certifying import Certificate, CertificateFacts
    from intake.transcript.finding import Wanted

_LARGEST_TEXT = 4 << 20
_AGAIN = "Names are to be separated again:"
_AROUND = 30

NumberArgument = Annotated[int, typer.Argument(help="The segment's number.")]
StartOption = Annotated[str, typer.Option("--start", help="When it begins, such as 00:12:05.250.")]
EndOption = Annotated[str, typer.Option("--end", help="When it ends.")]
WordsFileOption = Annotated[
    Path,
    typer.Option("--words-file", help="UTF-8: a line with what is looked for; a second: the new."),
]
WholeOption = Annotated[bool, typer.Option("--whole", help="Whole words only.")]
ExactOption = Annotated[bool, typer.Option("--exact", help="Capitals count.")]


def attach_to(app: typer.Typer) -> None:
    """Add these commands to those of a transcript."""
    for name, command in (
        ("insert", insert),
        ("remove", remove),
        ("retime", retime),
        ("speaker", speaker),
        ("find", find),
        ("replace", replace),
        ("machine", machine),
        ("style", style),
        ("certify", certify),
    ):
        app.command(name)(command)


def insert(
    context: typer.Context,
    code: InterviewArgument,
    start: StartOption,
    end: EndOption,
    part: Annotated[int, typer.Option(help="Which recording of the interview, from 1.")] = 1,
    language: Annotated[
        str, typer.Option(help="What is spoken there; as in the segment before if left out.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Put an empty segment into a recording, to be written by hand. Those behind move."""
    from intake.errors import UnknownCodeError  # noqa: PLC0415
    from intake.transcript.adding import insert_segment  # noqa: PLC0415
    from intake.transcript.parts import list_parts  # noqa: PLC0415
    from intake.transcript.reading import read_line  # noqa: PLC0415
    from intake.transcript.times import parse_time  # noqa: PLC0415

    start_ms, end_ms = parse_time(start), parse_time(end)
    with unlocked(context) as vault:
        interview = interview_of(vault, code).id
        parts = list_parts(vault, interview)
        if not 1 <= part <= len(parts):
            raise UnknownCodeError
        media = parts[part - 1].media
        new = insert_segment(vault, interview, media, start_ms, end_ms, lang=language)
        number = read_line(vault, interview, new).number
    show(as_json, {"segment": number}, f"Segment {number} is empty now, to be written.")


def remove(
    context: typer.Context,
    code: InterviewArgument,
    number: NumberArgument,
    as_json: JsonOption = False,
) -> None:
    """Take away a segment that was inserted and has no words. Those behind move."""
    from intake.transcript.adding import remove_empty  # noqa: PLC0415
    from intake.transcript.segments import find_segment  # noqa: PLC0415

    with unlocked(context) as vault:
        remove_empty(vault, find_segment(vault, interview_of(vault, code).id, number))
    show(as_json, {"removed": number}, "Taken away.")


def retime(
    context: typer.Context,
    code: InterviewArgument,
    number: NumberArgument,
    start: StartOption,
    end: EndOption,
    as_json: JsonOption = False,
) -> None:
    """Say when a segment begins and ends. It is to be heard again."""
    from intake.transcript.adding import retime_segment  # noqa: PLC0415
    from intake.transcript.segments import find_segment  # noqa: PLC0415
    from intake.transcript.times import parse_time  # noqa: PLC0415

    start_ms, end_ms = parse_time(start), parse_time(end)
    with unlocked(context) as vault:
        segment = find_segment(vault, interview_of(vault, code).id, number)
        is_news = retime_segment(vault, segment, start_ms, end_ms)
    words = "Its times are changed; it is to be heard again." if is_news else "Nothing changed."
    show(as_json, {"segment": number, "changed": is_news}, words)


def speaker(
    context: typer.Context,
    code: InterviewArgument,
    who: Annotated[str, typer.Argument(help="A code of somebody present, such as W-1; - nobody.")],
    numbers: Annotated[list[int], typer.Argument(help="The segments' numbers.")],
    as_json: JsonOption = False,
) -> None:
    """Say who speaks in segments."""
    from intake.transcript.editing import set_speaker  # noqa: PLC0415
    from intake.transcript.segments import find_segment  # noqa: PLC0415

    with unlocked(context) as vault:
        interview = interview_of(vault, code).id
        segments = [find_segment(vault, interview, number) for number in dict.fromkeys(numbers)]
        for segment in segments:
            set_speaker(vault, segment, None if who == "-" else who)
    show(as_json, {"segments": len(segments)}, f"{len(segments)} segment(s) named.")


def find(
    context: typer.Context,
    code: InterviewArgument,
    words_file: WordsFileOption,
    whole: WholeOption = False,
    exact: ExactOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show every place where words stand. They come from a file: a call stays in histories."""
    from intake.transcript.finding import find_places  # noqa: PLC0415
    from intake.transcript.reading import read_lines  # noqa: PLC0415

    wanted, _ = _wanted(words_file, whole=whole, exact=exact)
    with unlocked(context) as vault:
        lines = read_lines(vault, interview_of(vault, code).id)
    texts: dict[str, str] = {line.id: line.text for line in lines}
    rows = []
    for place in find_places([(line.number, line.id, line.text) for line in lines], wanted):
        text = texts[place.id]
        around = text[max(0, place.start - _AROUND) : place.end + _AROUND]
        facts = {"number": place.number, "start": place.start, "end": place.end, "around": around}
        rows.append((facts, f"{place.number:4}  {around}"))
    show_rows(as_json, rows, empty="These words stand in no segment.")


def replace(
    context: typer.Context,
    code: InterviewArgument,
    words_file: WordsFileOption,
    only: Annotated[
        list[int] | None, typer.Option("--segment", help="Only in this segment; may be repeated.")
    ] = None,
    whole: WholeOption = False,
    exact: ExactOption = False,
    as_json: JsonOption = False,
) -> None:
    """Replace words everywhere, or in the named segments; `find` shows the places before."""
    from intake.text import DraftText  # noqa: PLC0415
    from intake.transcript.editing import save_texts  # noqa: PLC0415
    from intake.transcript.finding import places_in, replaced  # noqa: PLC0415
    from intake.transcript.reading import read_lines  # noqa: PLC0415

    wanted, new = _wanted(words_file, whole=whole, exact=exact)
    with unlocked(context) as vault:
        vault.require_cleared()
        interview, places, texts = interview_of(vault, code).id, 0, []
        for line in read_lines(vault, interview):
            found = places_in(line.text, wanted)
            if found and (not only or line.number in only):
                places += len(found)
                texts.append((line.row, DraftText(replaced(line.text, found, new))))
        if not texts:
            raise NothingFoundError
        save_texts(vault, interview, texts)
    words = (
        f"{places} place(s) in {len(texts)} segment(s) replaced. {_AGAIN} intake separate {code}"
    )
    show(as_json, {"places": places, "segments": len(texts)}, words)


def machine(
    context: typer.Context,
    code: InterviewArgument,
    number: NumberArgument,
    as_json: JsonOption = False,
) -> None:
    """Show what the machine wrote where a segment is, and what is not to be trusted in it."""
    from intake.transcript.machine_words import FLAG_WORDS, machine_words  # noqa: PLC0415
    from intake.transcript.segments import find_segment  # noqa: PLC0415

    with unlocked(context) as vault:
        segment = find_segment(vault, interview_of(vault, code).id, number)
        rows: list[tuple[dict[str, Any], str]] = []
        for one in machine_words(vault, segment):
            facts = {
                "start_ms": one.start_ms,
                "end_ms": one.end_ms,
                "engine": one.engine,
                "model_sha256": one.model_sha,
                "flags": list(one.flags),
                "text": one.text,
            }
            marks = ", ".join(FLAG_WORDS[flag] for flag in one.flags)
            rows.append(
                (facts, f"{one.start_ms / 1000:8.1f} s  {one.engine}  {marks}\n      {one.text}")
            )
    show_rows(as_json, rows, empty="The machine wrote nothing here.")


def style(
    context: typer.Context,
    code: InterviewArgument,
    name: Annotated[
        str, typer.Argument(help="verbatim, or intelligent_verbatim; left out: say which it is.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Say, or choose, in which style a transcript is written."""
    from intake.transcript.certificate import STYLE_WORDS  # noqa: PLC0415
    from intake.transcript.certifying import choose_style, style_of  # noqa: PLC0415

    if name and name not in STYLE_WORDS:
        raise typer.BadParameter(f"a style is one of {', '.join(STYLE_WORDS)}")
    with unlocked(context) as vault:
        interview = interview_of(vault, code).id
        if name:
            choose_style(vault, interview, name)
        now = style_of(vault, interview)
    words = STYLE_WORDS[now.name] + ("" if now.is_chosen else " (nobody chose yet)")
    show(as_json, {"style": now.name, "chosen": now.is_chosen}, words.capitalize() + ".")


def certify(
    context: typer.Context,
    code: InterviewArgument,
    only_show: Annotated[
        bool, typer.Option("--show", help="Show the last certificate; make none.")
    ] = False,
    to: Annotated[
        Path | None, typer.Option("--to", help="Write it into this file too, to be printed.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Answer for a transcript: you heard it, it is true and complete. Prints the certificate."""
    from intake.errors import UnknownCodeError  # noqa: PLC0415
    from intake.statement.handing import export_certificate  # noqa: PLC0415
    from intake.transcript.certificate import certificate_text  # noqa: PLC0415
    from intake.transcript.certifying import certificates, facts_of  # noqa: PLC0415
    from intake.transcript.certifying import certify as make  # noqa: PLC0415

    with unlocked(context) as vault:
        interview = interview_of(vault, code).id
        if not only_show:
            make(vault, interview)
        made = certificates(vault, interview)
        if not made:
            raise UnknownCodeError
        facts = facts_of(vault, interview)
        if to is not None:
            export_certificate(vault, made[0], to)
    show(as_json, _certificate_facts(made[0], facts), certificate_text(made[0], facts))


def _certificate_facts(made: Certificate, facts: CertificateFacts) -> dict[str, Any]:
    return {
        "interview": facts.code,
        "style": made.style,
        "member": made.member,
        "day": made.day,
        "current": made.is_current,
        "segments": facts.segments,
        "languages": list(facts.languages),
        "recordings": [
            {"ms": one.duration_ms, "sealed": one.sha_sealed, "original": one.sha_original}
            for one in facts.items
        ],
        "machine": [{"engine": engine, "model_sha256": sha} for engine, sha in facts.models],
        "inaudible": facts.limits.inaudible,
        "unclear": facts.limits.unclear,
        "days": list(facts.days),
        "worked": list(facts.members),
    }


def _wanted(file: Path, *, whole: bool, exact: bool) -> tuple[Wanted, str]:
    from intake.transcript.finding import Wanted  # noqa: PLC0415

    first, _, second = read_text(file).partition("\n")
    return Wanted(first, is_whole=whole, is_exact=exact), second


def read_text(file: Path) -> str:
    """Return the text of a file without its last line feed (`InputFileError`)."""
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
