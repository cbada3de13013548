"""Commands on who speaks: voices told apart, confirmed, linked; a sample of one's own voice."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

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

if TYPE_CHECKING:
    from intake.transcript.linking import Link
    from intake.transcript.speaking import Proposed
    from intake.transcript.voices import VoiceLine
    from intake.vault.ids import InterviewId
    from intake.vault.vault import Vault

_MOST_SIDES = 2
_SIDES = "AB"
_MIXED = "Both channels of recording {} hear the same people, so they were mixed."
_NEAR = "Two voices of recording {} are much alike: perhaps they are one person."
_DOUBTFUL = "{} segment(s) hold two voices or fit two people; say by hand who speaks in them."


def attach_to(transcript: typer.Typer) -> None:
    """Add these commands to those on a transcript."""
    transcript.command("speakers")(speakers)
    transcript.command("assign")(assign)
    transcript.command("link")(link)
    transcript.command("sample")(sample)


def speakers(
    context: typer.Context,
    code: InterviewArgument,
    people: Annotated[
        str,
        typer.Option(help="How many speak, 1 to 3; or on each of two sides, such as 1,2."),
    ] = "",
    anew: Annotated[
        bool, typer.Option("--anew", help="Tell them apart again, confirmed voices as well.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Tell voices apart and list them; nothing counts before somebody confirms it."""
    from intake.capture.playing import list_sounds  # noqa: PLC0415
    from intake.transcript.speaking import propose_speakers  # noqa: PLC0415
    from intake.transcript.voices import list_voices  # noqa: PLC0415

    counted = _counted(people)
    with unlocked(context) as vault:
        interview = interview_of(vault, code).id
        known = {line.media for line in list_voices(vault, interview)}
        parts = [sound.media for sound in list_sounds(vault, interview)]
        with progress("Listening") as report:
            for number, media in enumerate(parts, 1):
                if media not in known or counted or anew:
                    done = propose_speakers(
                        vault, interview, media, counted or None, anew=anew, report=report
                    )
                    _warn(number, done)
        lines = list_voices(vault, interview)
        rows = [_voice(line, parts.index(line.media) + 1) for line in lines]
    if doubtful := sum(line.doubtful for line in lines):
        say(_DOUBTFUL.format(doubtful))
    show_rows(as_json, rows, empty="No voice was heard.")


def assign(
    context: typer.Context,
    code: InterviewArgument,
    voice: Annotated[int, typer.Argument(help="A voice's number, as `speakers` lists it.")],
    person: Annotated[str, typer.Argument(help="Who it is: a code such as W-1.")] = "",
    same_as: Annotated[
        int | None, typer.Option("--same-as", help="It is the same person as this voice.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Confirm whose a voice is, or that two voices are one person."""
    from intake.transcript import voices  # noqa: PLC0415

    if bool(person) == (same_as is not None):
        raise typer.BadParameter("give a person's code, or --same-as with a voice's number")
    with unlocked(context) as vault:
        interview = interview_of(vault, code).id
        found = voices.find_voice(vault, interview, voice)
        if same_as is not None:
            kept = voices.find_voice(vault, interview, same_as)
            voices.merge_voices(vault, kept.id, found.id)
            words = f"Voices {same_as} and {voice} are one now; the others may have new numbers."
            show(as_json, {"merged": [same_as, voice]}, words)
            return
        count = voices.assign(vault, found.id, person.upper())
    words = f"Voice {voice} is {person.upper()}: {count} segment(s)."
    show(as_json, {"voice": voice, "person": person.upper(), "segments": count}, words)


def link(
    context: typer.Context,
    code: InterviewArgument,
    propose: Annotated[
        bool, typer.Option("--propose", help="Propose links for renditions nobody confirmed.")
    ] = False,
    confirm: Annotated[
        list[int] | None,
        typer.Option("--confirm", help="A rendition's number: its proposed links are right."),
    ] = None,
    pair: Annotated[
        list[str] | None,
        typer.Option("--pair", help="Segment 4 renders segment 3: 4:3."),
    ] = None,
    drop: Annotated[
        list[str] | None, typer.Option("--drop", help="Segment 4 does not render 3: 4:3.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Link what was said and the interpreter's rendition, and list the links."""
    from intake.transcript import linking  # noqa: PLC0415

    pairs, drops = _pairs(pair or []), _pairs(drop or [])
    with unlocked(context) as vault:
        interview = interview_of(vault, code).id
        if propose:
            linking.propose_links(vault, interview)
        _settle(vault, interview, confirm or [], pairs, drops)
        rows = [_link(each) for each in linking.list_links(vault, interview)]
    show_rows(as_json, rows, empty="Nothing is linked yet. Next: intake transcript link --propose")


def sample(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="A recording of your own voice alone, 20 to 30 s.")
    ] = None,
    remove: Annotated[
        bool, typer.Option("--remove", help="Forget what your voice is like.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Keep what your own voice is like, to propose which voice is yours. The sound is not kept."""
    from intake.transcript import sampling  # noqa: PLC0415

    if (file is None) != remove:
        raise typer.BadParameter("give a recording of your own voice, or --remove")
    with unlocked(context) as vault:
        if file is None:
            sampling.remove_own_sample(vault)
            words = "Your voice's sample is removed from this vault."
        else:
            with progress("Listening"):
                sampling.take_own_sample_from(vault, file)
            words = "What your voice is like is kept in this vault; the recording is not."
    show(as_json, {"kept": file is not None}, words)


def _counted(people: str) -> tuple[int, ...]:
    if not people:
        return ()
    counts = people.split(",")
    if len(counts) > _MOST_SIDES or not all(count in {"1", "2", "3"} for count in counts):
        raise typer.BadParameter("one to three people: --people 2, or on two sides --people 1,2")
    return tuple(map(int, counts))


def _pairs(words: list[str]) -> list[tuple[int, int]]:
    made = []
    for each in words:
        rendition, colon, source = each.partition(":")
        if not (colon and rendition.isdecimal() and source.isdecimal()):
            raise typer.BadParameter("two segments' numbers with a colon, such as 4:3")
        made.append((int(rendition), int(source)))
    return made


def _settle(
    vault: Vault,
    interview: InterviewId,
    confirm: list[int],
    pairs: list[tuple[int, int]],
    drops: list[tuple[int, int]],
) -> None:
    from intake.errors import NoSuchLinkError  # noqa: PLC0415
    from intake.transcript import linking  # noqa: PLC0415
    from intake.transcript.segments import find_segment  # noqa: PLC0415

    links = linking.list_links(vault, interview)
    chosen = [each for each in links if each.rendition_number in confirm]
    if set(confirm) - {each.rendition_number for each in chosen}:
        raise NoSuchLinkError
    linking.confirm_links(vault, interview, chosen)
    for rendition, source in pairs:
        one, two = (find_segment(vault, interview, number) for number in (rendition, source))
        linking.link(vault, interview, one, two)
    for rendition, source in drops:
        one, two = (find_segment(vault, interview, number) for number in (rendition, source))
        linking.unlink(vault, interview, one.id, two.id)


def _warn(number: int, done: Proposed) -> None:
    if done.is_mixed:
        say(_MIXED.format(number))
    if done.is_perhaps_one:
        say(_NEAR.format(number))


def _voice(line: VoiceLine, recording: int) -> tuple[dict[str, Any], str]:
    facts = {
        "voice": line.number,
        "recording": recording,
        "channel": line.channel,
        "person": line.person,
        "confirmed": line.is_confirmed,
        "perhaps_one": line.is_perhaps_one,
        "languages": list(line.languages),
        "segments": line.segments,
        "speech_ms": line.speech_ms,
        "doubtful": line.doubtful,
    }
    who = line.person or "nobody said who"
    if line.person and not line.is_confirmed:
        who = f"perhaps {line.person}"
    words = (
        f"{line.number:3}  recording {recording}, side {_SIDES[line.channel]}  {who:16}"
        f"  {', '.join(line.languages) or '-':8}  {line.segments} segment(s),"
        f" {line.speech_ms / 1000:.0f} s"
    )
    return facts, words + (f", {line.doubtful} to be heard" if line.doubtful else "")


def _link(each: Link) -> tuple[dict[str, Any], str]:
    facts = {
        "rendition": each.rendition_number,
        "source": each.source_number,
        "confirmed": each.is_confirmed,
    }
    state = "confirmed" if each.is_confirmed else "proposed"
    return facts, f"{each.rendition_number:4} renders {each.source_number:4}  {state}"
