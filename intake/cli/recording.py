"""Commands that record: begin and watch, list, steer from another terminal, try the microphone."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from typer.core import TyperGroup

from intake.cli.away import traveller_of
from intake.cli.common import JsonOption, interview_of, say, show, show_rows, unlocked, vault_path
from intake.errors import (
    IntakeError,
    NothingRecordingError,
    RecorderGoneError,
    SeveralRecordingsError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.capture.recording.frames import Fake, Side, Status
    from intake.capture.recording.steering import Running

_START: Final = "start"
_LOOK_S: Final = 0.2
_MS: Final = 1000
_MARKS: Final = ("mark", "distress", "line_lost", "line_back", "spoken_no")
_WARNINGS: Final = {
    "silence": "one side has been silent for 20 seconds",
    "clipping": "too loud",
    "far_side_in_microphone": "the far side is heard in the microphone: use headphones",
    "no_device": "no microphone gives sound; it goes on when one does",
    "dropped": "some sound was lost; its place is marked",
    "space": "the disk is nearly full",
    "battery": "the battery is nearly empty",
    "suspend_not_held": "the computer may suspend itself: keep it awake",
    "disk_refused": "the disk refused a step; it went on in a new part",
}


class _StartIsMeant(TyperGroup):
    """Take `record CODE` for `record start CODE`: what begins a recording is one word shorter."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401  # as the library has it
        if args and args[0] not in self.commands and args[0] != "--help":
            args = [_START, *args]
        return list(super().parse_args(ctx, args))


record_app = typer.Typer(
    cls=_StartIsMeant,
    help="Record an interview; steer a recording that goes on.",
    no_args_is_help=True,
)

SessionOption = Annotated[
    str,
    typer.Option("--session", help="Which recording, by how its id begins.", show_default=False),
]


def attach(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(record_app, name="record")


@record_app.command(_START)
def start(  # one for each thing that can be said before it begins
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="An interview's code; none with --test.")] = "",
    agrees: Annotated[
        str,
        typer.Option(
            "--agrees",
            help="What the witness says to being recorded: yes or on_the_recording.",
            show_default=False,
        ),
    ] = "",
    people: Annotated[
        int, typer.Option("--people", min=1, max=9, help="How many people sit at the microphone.")
    ] = 1,
    far: Annotated[
        int,
        typer.Option(
            "--far", min=0, max=9, help="How many sit at the far side of a call; 0: no call."
        ),
    ] = 0,
    device: Annotated[
        str, typer.Option("--device", help="A microphone, as `record devices` names it.")
    ] = "",
    seconds: Annotated[
        float | None, typer.Option("--seconds", min=0.1, help="Stop by itself after so long.")
    ] = None,
    detach: Annotated[
        bool, typer.Option("--detach", help="Leave it running and give the terminal back.")
    ] = False,
    test: Annotated[
        bool, typer.Option("--test", help="Try the microphone; nothing is kept.")
    ] = False,
    fake: Annotated[str, typer.Option("--fake", hidden=True)] = "",
    as_json: JsonOption = False,
) -> None:
    """Record an interview until Ctrl-C; it goes on when this window closes.

    The vault is locked again as soon as the recorder runs. What it records comes into the vault
    when the vault is next unlocked.
    """
    from intake.capture.recording import steering  # noqa: PLC0415  # the ciphers, as in `unlocked`

    sides, sound = _sides(people, far, device), _fake(fake)
    if test:
        _test(sides, seconds or 5.0, sound, as_json=as_json)
        return
    if not code:
        raise typer.BadParameter("say which interview: intake record CODE")
    if agrees not in ("", "yes", "on_the_recording"):
        raise typer.BadParameter("what the witness says is yes or on_the_recording")
    if (traveller := traveller_of(context)) is not None:
        if not agrees:
            raise typer.BadParameter("this vault travels: say what the witness says with --agrees")
        running = steering.start_locked(
            traveller.public(code),
            agrees=agrees,  # type: ignore[arg-type]  # one of two, as was just seen
            sides=sides,
            fake=sound,
        )
    else:
        with unlocked(context) as vault:
            interview = interview_of(vault, code)
            running = steering.start(
                vault,
                interview.id,
                agrees=agrees or None,  # type: ignore[arg-type]  # one of two, as was just seen
                sides=sides,
                fake=sound,
            )
    with running:
        status = running.status() if detach else _watch(running, seconds)
    _show_status(status, as_json=as_json)


def _sides(people: int, far: int, device: str) -> list[Side]:
    from intake.capture.recording.frames import Side  # noqa: PLC0415

    sides = [Side(what="microphone", people=people, device=device)]
    return [*sides, Side(what="computer", people=far)] if far else sides


def _fake(words: str) -> Fake | None:
    from intake.capture.recording.frames import Fake  # noqa: PLC0415

    if not words:
        return None
    return Fake(f"wav:{Path(words).resolve()}" if words.endswith(".wav") else words)


def _test(sides: Sequence[Side], seconds: float, fake: Fake | None, *, as_json: bool) -> None:
    from intake.capture.recording.devices import try_microphone  # noqa: PLC0415
    from intake.capture.recording.listening import verdict_of  # noqa: PLC0415

    say(f"Speak now, as you will tomorrow: {seconds:.0f} seconds. Nothing is kept.")
    heard = try_microphone(sides, seconds=seconds, fake=fake)
    facts = {
        "device": heard.device,
        "got_ms": heard.got_ms,
        "channels": [
            {
                "what": c.what,
                "level_db": c.level_db,
                "peak_db": c.peak_db,
                "clipped": c.was_clipping,
            }
            for c in heard.channels
        ],
        "verdict": verdict_of(heard),
    }
    show(as_json, facts, f"{heard.device or 'no device'}: {facts['verdict']}")


def _watch(running: Running, seconds: float | None) -> Status:
    """Show how it goes until Ctrl-C or the end of the time, then stop it."""
    say("Ctrl-C stops the recording.")
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)  # a terminal that closes ends no recording
    is_terminal = sys.stderr.isatty()
    told: set[str] = set()
    try:
        while True:
            status = running.status()
            for warning in status.warnings:
                if warning not in told:
                    say(_WARNINGS[warning])
                    told.add(warning)
            if status.state == "ended":
                return status
            if is_terminal:
                typer.echo(f"\r{_line(status)}", err=True, nl=False)
            if seconds is not None and status.recorded_ms >= seconds * _MS:
                break
            time.sleep(_LOOK_S)
    except KeyboardInterrupt:
        say("")
    except RecorderGoneError:
        say("The recorder ended by itself.")
        raise
    return running.stop()


def _line(status: Status) -> str:
    levels = " ".join(f"{channel.peak_db:6.1f} dB" for channel in status.channels)
    return (
        f"{status.state:9} part {status.part}  {_clock(status.recorded_ms)}  "
        f"sealed to {_clock(status.sealed_ms)}  {levels} "
    )


@record_app.command("list")
def list_running(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the recordings that go on in this vault. Needs no passphrase."""
    from intake.capture.recording.steering import find_running  # noqa: PLC0415

    found = []
    for running in find_running(vault_path(context)):
        with running:
            found.append(running.status())
    rows = [(_facts(each), f"{each.session[:8]}  {_line(each)}") for each in found]
    show_rows(as_json, rows, empty="Nothing is being recorded.")


@record_app.command("devices")
def devices(as_json: JsonOption = False) -> None:
    """List what gives sound on this computer."""
    from intake.capture.recording.devices import list_devices  # noqa: PLC0415

    rows = [
        (
            {
                "id": each.id,
                "label": each.label,
                "default": each.is_default,
                "computer": each.is_computer,
            },
            f"{'*' if each.is_default else ' '} {each.id}  {each.label}"
            + ("  (what this computer plays)" if each.is_computer else ""),
        )
        for each in list_devices()
    ]
    show_rows(as_json, rows, empty="No microphone was found.")


@record_app.command("stop")
def stop(context: typer.Context, session: SessionOption = "", as_json: JsonOption = False) -> None:
    """Stop a recording; all of it is on the disk when this returns. Needs no passphrase."""
    with _the_running(context, session) as running:
        _show_status(running.stop(), as_json=as_json)


@record_app.command("pause")
def pause(context: typer.Context, session: SessionOption = "", as_json: JsonOption = False) -> None:
    """Pause a recording: the part ends."""
    with _the_running(context, session) as running:
        _show_status(running.pause(), as_json=as_json)


@record_app.command("go-on")
def go_on(context: typer.Context, session: SessionOption = "", as_json: JsonOption = False) -> None:
    """Go on after a pause, with a new part."""
    with _the_running(context, session) as running:
        _show_status(running.go_on(), as_json=as_json)


@record_app.command("mark")
def mark(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(help=", ".join(_MARKS) + ".")] = "mark",
    session: SessionOption = "",
    as_json: JsonOption = False,
) -> None:
    """Mark this moment of a recording."""
    if kind not in _MARKS:
        raise typer.BadParameter(f"a mark is one of {', '.join(_MARKS)}")
    with _the_running(context, session) as running:
        noted = running.mark(kind)  # type: ignore[arg-type]  # one of `_MARKS`
    facts = {"media": noted.media, "at_ms": noted.at_ms, "part": noted.part}
    show(as_json, facts, f"Marked at {_clock(noted.at_ms)} of part {noted.part}.")


@record_app.command("destroy-part")
def destroy_part(
    context: typer.Context,
    part: Annotated[int, typer.Argument(min=1, help="The part's number.")],
    session: SessionOption = "",
    as_json: JsonOption = False,
) -> None:
    """Destroy a part for good, at the witness's wish; the one that runs ends by it."""
    with _the_running(context, session) as running:
        _show_status(running.destroy_part(part), as_json=as_json)


def _the_running(context: typer.Context, session: str) -> Running:
    from intake.capture.recording.steering import find_running  # noqa: PLC0415

    living = find_running(vault_path(context))
    found = [each for each in living if each.session.startswith(session)]
    for each in living:
        if each not in found or len(found) != 1:
            each.close()
    if not found:
        raise NothingRecordingError
    if len(found) > 1:
        raise SeveralRecordingsError
    return found[0]


def _facts(status: Status) -> dict[str, Any]:
    return {
        "session": status.session,
        "state": status.state,
        "ending": status.ending,
        "part": status.part,
        "recorded_ms": status.recorded_ms,
        "sealed_ms": status.sealed_ms,
        "elapsed_ms": status.elapsed_ms,
        "gaps": status.gaps,
        "warnings": list(status.warnings),
    }


def _show_status(status: Status, *, as_json: bool) -> None:
    words = {
        "ended": f"Ended: {_clock(status.sealed_ms)} sealed, in {len(status.parts)} part(s). "
        "It comes into the vault when the vault is next unlocked.",
        "paused": f"Paused: {_clock(status.sealed_ms)} sealed.",
    }.get(status.state, f"Recording {status.session[:8]}: {_clock(status.sealed_ms)} sealed.")
    show(as_json, _facts(status), words)
    if status.ending == "failed":
        raise IntakeError(
            "The recorder broke off. What it had sealed is kept; begin another recording."
        )


def _clock(ms: int) -> str:
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // _MS % 60:02}"
