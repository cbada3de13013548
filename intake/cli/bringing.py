"""Commands that bring in what is there already: sound, folders, chats, statements, exhibits."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from intake.cli.beginning import AtOption, PartOption, ms_of, part_of
from intake.cli.common import (
    InterviewArgument,
    JsonOption,
    interview_of,
    progress,
    say,
    show,
    show_rows,
    unlocked,
)
from intake.errors import InputFileError, IntakeError, NoSuchSenderError

if TYPE_CHECKING:
    from intake.capture.arrival import Arrival, Story
    from intake.capture.exhibits import Exhibit
    from intake.capture.folders import Brought
    from intake.capture.outcomes import Outcome
    from intake.vault.vault import Vault

exhibit_app = typer.Typer(help="Things that a witness shows or gives.", no_args_is_help=True)
brought_app = typer.Typer(help="How what was brought in came.", no_args_is_help=True)
_LARGEST: Final = 256 << 10
_KINDS: Final = ("auto", "recording", "statement", "exhibit", "chat")
_KEPT: Final = {
    "recording": "recording",
    "exhibit": "exhibit",
    "statement": "statement, {lines} paragraph(s)",
    "account": "words of the chat, {lines} line(s)",
    "here": "here already",
    "failed": "not brought in",
    "passed_over": "passed over",
}
_MARKS: Final = {
    "guessed_letters": "The letters were guessed. If they look wrong, bring it in again elsewhere "
    "with --letters.",
    "changes": "It holds tracked changes: what was struck out is left out.",
    "comments": "Comments in it are left out.",
    "notes": "Notes at the foot stand as paragraphs of their own.",
    "hidden": "It holds hidden text, which stands among the rest.",
    "pictures": "It holds pictures; they are in the sealed original alone.",
    "headers": "Headers and footers are left out.",
    "right_to_left": "It runs from right to left; a PDF can hold such text in another order.",
}

HowOption = Annotated[
    str,
    typer.Option(
        "--how",
        help="How it came: cable, card, messenger, email, recorder, stick; unknown if left out.",
    ),
]
GenerationOption = Annotated[
    str, typer.Option("--generation", help="Whether it is the original or a copy.")
]
WordsOption = Annotated[
    Path | None,
    typer.Option("--words-file", help="A UTF-8 text: who gave it, where the original is."),
]
ClockOption = Annotated[
    int | None,
    typer.Option("--clock-ahead", help="By how many seconds the device's clock was ahead."),
]
DescriptionOption = Annotated[
    Path | None, typer.Option("--text-file", help="A UTF-8 text that describes it.")
]
_Number = Annotated[int, typer.Argument(help="Its number: 2 for E-2.")]


def attach(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("import")(import_files)
    app.add_typer(exhibit_app, name="exhibit")
    app.add_typer(brought_app, name="brought")


def import_files(
    context: typer.Context,
    code: InterviewArgument,
    paths: Annotated[
        list[Path], typer.Argument(help="A recording, a statement, a chat's zip, or folders.")
    ],
    as_what: Annotated[
        str,
        typer.Option("--as", help="auto, recording, statement, exhibit or chat."),
    ] = "auto",
    language: Annotated[
        str, typer.Option(help="What a statement or a chat is written in, such as en.")
    ] = "",
    speaker: Annotated[str, typer.Option(help="Who says a statement, such as W-1.")] = "",
    letters: Annotated[str, typer.Option(help="The letters of a plain text, such as cp1251.")] = "",
    senders: Annotated[
        bool, typer.Option("--senders", help="Only list who sent something in a chat.")
    ] = False,
    witness: Annotated[
        int, typer.Option(help="Which of the senders the witness is, by the list's number.")
    ] = 0,
    dates: Annotated[str, typer.Option(help="How a chat writes its dates: dmy, mdy or ymd.")] = "",
    how: HowOption = "unknown",
    generation: GenerationOption = "unknown",
    words: WordsOption = None,
    clock: ClockOption = None,
    open_walls: Annotated[
        bool,
        typer.Option(
            "--without-walls",
            help="Read these files although this computer cannot shut their reader off.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Bring in recordings, statements, chats or folders, unchanged."""
    from intake.capture.folders import Plan, bring_all  # noqa: PLC0415  # as in `unlocked`

    if as_what not in _KINDS:
        raise typer.BadParameter("--as takes auto, recording, statement, exhibit or chat")
    if senders:
        _show_senders(context, paths, dates, as_json=as_json)
        return
    arrival = _arrival(how, generation, words, clock)
    with unlocked(context) as vault:
        interview = interview_of(vault, code)
        plan = Plan(
            as_what=as_what,  # type: ignore[arg-type]  # one of the five, as checked
            language=language,
            speaker=speaker or None,
            encoding=letters,
            witness=_witness(vault, paths, witness, dates),
            order=dates,
            arrival=arrival,
            without_walls=open_walls,
        )
        with progress("Bringing in") as report:
            made = bring_all(vault, interview.id, paths, plan, report=report)
        if len(made.outcomes) == 1 and made.outcomes[0].is_kept:
            _show_one(vault, made.outcomes[0], as_json=as_json)
            return
    _show_all(made, as_json=as_json)


def _arrival(how: str, generation: str, words: Path | None, clock: int | None) -> Arrival:
    from intake.capture.arrival import Arrival  # noqa: PLC0415  # as in `unlocked`

    text = "" if words is None else _text_of(words)
    return Arrival(how=how, generation=generation, words=text, clock_ahead_s=clock)


def _text_of(file: Path | None) -> str:
    try:
        if file is None:
            content = sys.stdin.buffer.read(_LARGEST + 1)
        else:
            with file.open("rb") as opened:
                content = opened.read(_LARGEST + 1)
        if len(content) <= _LARGEST:
            return content.decode("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        pass
    raise InputFileError


def _witness(vault: Vault, paths: list[Path], number: int, dates: str) -> str:
    """Return the sender of a number in the list of a chat's senders (`NoSuchSenderError`)."""
    from intake.capture.chats import look_at_chat  # noqa: PLC0415  # as in `unlocked`

    if not number:
        return ""
    if len(paths) != 1:
        raise typer.BadParameter("--witness takes the zip of one chat")
    senders = list(look_at_chat(vault, paths[0], order=dates).senders)
    if not 1 <= number <= len(senders):
        raise NoSuchSenderError
    return senders[number - 1]


def _show_senders(context: typer.Context, paths: list[Path], dates: str, *, as_json: bool) -> None:
    from intake.capture.chats import look_at_chat  # noqa: PLC0415  # as in `unlocked`

    if len(paths) != 1:
        raise typer.BadParameter("--senders takes the zip of one chat")
    with unlocked(context) as vault:
        chat = look_at_chat(vault, paths[0], order=dates)
    rows = (
        (
            {"number": number, "sender": sender, "messages": count},
            f"{number:4}  {count:6} message(s)  {sender}",
        )
        for number, (sender, count) in enumerate(chat.senders.items(), 1)
    )
    show_rows(as_json, rows, empty="Nobody sent anything.")


def _show_one(vault: Vault, outcome: Outcome, *, as_json: bool) -> None:
    """Print what came of a single file: with its digest, to be compared."""
    from intake.capture.arrival import story_of  # noqa: PLC0415  # as in `unlocked`

    if outcome.media is None:
        return
    story = story_of(vault, outcome.media)
    facts: dict[str, Any] = {
        "media": outcome.media,
        "sha256": story.facts["sha256"],
        "bytes": story.size_bytes,
    }
    kept = f"{story.size_bytes} bytes sealed unchanged"
    if outcome.what == "recording":
        if outcome.damaged_from_ms is not None:
            say(f"The recording is damaged from {outcome.damaged_from_ms / 1000:.1f} s on.")
        facts |= {"duration_ms": outcome.duration_ms, "damaged_from_ms": outcome.damaged_from_ms}
        kept += f", {outcome.duration_ms / 1000:.1f} s of sound."
    elif outcome.what == "exhibit":
        facts |= {"exhibit": outcome.exhibit}
        kept += f": exhibit E-{outcome.exhibit}."
    else:
        _say_marks(outcome)
        facts |= {"paragraphs": outcome.lines, "marks": list(outcome.marks)}
        kept += f", {outcome.lines} paragraph(s) as drafts. Compare each with the original."
    show(as_json, facts, f"{kept}\nSHA-256 {story.facts['sha256']}")


def _say_marks(outcome: Outcome) -> None:
    for mark in outcome.marks:
        if mark in _MARKS:
            say(_MARKS[mark])


def _show_all(made: Brought, *, as_json: bool) -> None:
    """Print what came of each file; the bad ones once more at the end (status 1)."""
    facts = {
        "brought": len(made.kept),
        "files": [_facts(outcome) for outcome in made.outcomes],
        "stopped": made.stopped,
        "dates": made.order,
        "senders": made.senders,
    }
    lines = [f"{_words(outcome)}  {outcome.name}" for outcome in made.outcomes if not outcome.why]
    lines += [f"{_words(outcome)}  {outcome.name}: {outcome.why}"
              for outcome in made.outcomes if outcome.why]  # fmt: skip
    show(as_json, facts, "\n".join([*lines, f"{len(made.kept)} brought in."]))
    for outcome in made.outcomes:
        _say_marks(outcome)
    if made.stopped:
        raise IntakeError(made.stopped)
    if made.bad:
        raise IntakeError(
            f"{len(made.bad)} file(s) could not be brought in, each with its reason above. "
            "The others are kept; mend what can be mended, and do the same again."
        )


def _facts(outcome: Outcome) -> dict[str, Any]:
    return {
        "name": outcome.name,
        "what": outcome.what,
        "why": outcome.why,
        "media": outcome.media,
        "exhibit": outcome.exhibit,
        "lines": outcome.lines,
        "duration_ms": outcome.duration_ms,
        "damaged_from_ms": outcome.damaged_from_ms,
    }


def _words(outcome: Outcome) -> str:
    words = _KEPT[outcome.what].format(lines=outcome.lines)
    return f"{words} E-{outcome.exhibit}" if outcome.exhibit is not None else words


@brought_app.command("list")
def brought_list(
    context: typer.Context, code: InterviewArgument, as_json: JsonOption = False
) -> None:
    """List all that was brought into an interview. For cleared members."""
    from intake.capture.arrival import list_brought  # noqa: PLC0415  # as in `unlocked`

    with unlocked(context) as vault:
        found = list_brought(vault, interview_of(vault, code).id)
    rows = (
        (
            _story(story),
            f"{story.media}  {story.role:8}  {story.size_bytes:12}  {story.facts.get('name', '')}",
        )
        for story in found
    )
    show_rows(as_json, rows, empty="Nothing was brought in yet.")


@brought_app.command("show")
def brought_show(
    context: typer.Context,
    media: Annotated[str, typer.Argument(help="What was brought in, by its number in the list.")],
    text: Annotated[
        bool, typer.Option("--text", help="Show the text of a statement as its original has it.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show how something came, by whom, what its file says, and what was made of it."""
    from intake.capture.arrival import MediaId, story_of  # noqa: PLC0415  # as in `unlocked`
    from intake.capture.written_statements import original_paragraphs  # noqa: PLC0415

    with unlocked(context) as vault:
        if text:
            paragraphs = original_paragraphs(vault, MediaId(media))
            show(as_json, {"paragraphs": list(paragraphs)}, "\n\n".join(paragraphs))
            return
        story = story_of(vault, MediaId(media))
    lines = [f"{kind}: {value}" for kind, value in _story(story).items() if kind != "facts"]
    lines += [f"{kind}: {value}" for kind, value in story.facts.items()]
    show(as_json, _story(story), "\n".join(lines))


def _story(story: Story) -> dict[str, Any]:
    return {
        "media": story.media,
        "role": story.role,
        "parent": story.parent,
        "bytes": story.size_bytes,
        "facts": story.facts,
    }


@exhibit_app.command("add")
def exhibit_add(
    context: typer.Context,
    code: InterviewArgument,
    file: Annotated[Path | None, typer.Argument(help="Its file; none for a thing.")] = None,
    text: DescriptionOption = None,
    how: HowOption = "unknown",
    generation: GenerationOption = "unknown",
    words: WordsOption = None,
    clock: ClockOption = None,
    as_json: JsonOption = False,
) -> None:
    """Seal a file unchanged as an exhibit, or enter a thing that is only described."""
    from intake.capture import exhibits  # noqa: PLC0415  # as in `unlocked`

    arrival = _arrival(how, generation, words, clock)
    description = "" if text is None and file is not None else _text_of(text)
    with unlocked(context) as vault:
        interview = interview_of(vault, code).id
        if file is None:
            made = exhibits.add_described(vault, interview, description, arrival=arrival)
        else:
            with progress("Sealing") as report:
                made = exhibits.add_exhibit(
                    vault, interview, file, arrival=arrival, description=description, report=report
                )
    show(as_json, _exhibit(made), f"{made.code}: {made.kind}, {made.size_bytes} bytes sealed.")


@exhibit_app.command("list")
def exhibit_list(
    context: typer.Context, code: InterviewArgument, as_json: JsonOption = False
) -> None:
    """List the exhibits of an interview."""
    from intake.capture import exhibits  # noqa: PLC0415  # as in `unlocked`

    with unlocked(context) as vault:
        found = exhibits.list_exhibits(vault, interview_of(vault, code).id)
    rows = ((_exhibit(one), _line(one)) for one in found)
    show_rows(as_json, rows, empty="No exhibit yet.")


@exhibit_app.command("show")
def exhibit_show(
    context: typer.Context,
    code: InterviewArgument,
    number: _Number,
    as_json: JsonOption = False,
) -> None:
    """Show what is known of an exhibit. Its picture is shown in the window."""
    from intake.capture import arrival, exhibits  # noqa: PLC0415  # as in `unlocked`

    with unlocked(context) as vault:
        found = exhibits.find_exhibit(vault, interview_of(vault, code).id, number)
        told = exhibits.exhibit_facts(vault, found)
        if found.media is not None and not found.is_destroyed:
            told |= arrival.story_of(vault, found.media).facts
    facts = {**_exhibit(found), "facts": told}
    lines = [f"{found.code}: {found.kind}, {found.size_bytes} bytes"]
    lines += [f"shown at {at_ms / 1000:.1f} s" for _, at_ms in found.shown]
    lines += [f"{kind}: {value}" for kind, value in told.items()]
    show(as_json, facts, "\n".join(lines))


@exhibit_app.command("describe")
def exhibit_describe(
    context: typer.Context,
    code: InterviewArgument,
    number: _Number,
    text: DescriptionOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the description of an exhibit; from standard input if no file is named."""
    from intake.capture import exhibits  # noqa: PLC0415  # as in `unlocked`

    description = _text_of(text)
    with unlocked(context) as vault:
        found = exhibits.find_exhibit(vault, interview_of(vault, code).id, number)
        exhibits.set_description(vault, found, description)
    show(as_json, _exhibit(found), f"{found.code}: described.")


@exhibit_app.command("shown")
def exhibit_shown(
    context: typer.Context,
    code: InterviewArgument,
    number: _Number,
    at: AtOption = "",
    part: PartOption = "",
    as_json: JsonOption = False,
) -> None:
    """Mark when an exhibit was shown, such as --at 00:40:50 of a part."""
    from intake.capture import exhibits  # noqa: PLC0415  # as in `unlocked`

    at_ms, media = ms_of(at), part_of(part)
    with unlocked(context) as vault:
        interview = interview_of(vault, code).id
        found = exhibits.find_exhibit(vault, interview, number)
        of = None if media is None else exhibits.MediaId(media)
        exhibits.mark_shown(vault, found, at_ms or 0, media=of)
        found = exhibits.find_exhibit(vault, interview, number)
    show(as_json, _exhibit(found), f"{found.code}: shown {len(found.shown)} time(s).")


def _line(exhibit: Exhibit) -> str:
    sized = f"{exhibit.code:6} {exhibit.kind:10} {exhibit.size_bytes:12} bytes"
    return f"{sized}  shown {len(exhibit.shown)} time(s)"


def _exhibit(exhibit: Exhibit) -> dict[str, Any]:
    return {
        "exhibit": exhibit.code,
        "number": exhibit.number,
        "kind": exhibit.kind,
        "media": exhibit.media,
        "bytes": exhibit.size_bytes,
        "shown_ms": [at_ms for _, at_ms in exhibit.shown],
    }
