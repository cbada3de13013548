"""Commands on turning speech into text: transcribe, the queue, and the models of this computer."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

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
from intake.errors import ModelRefusedError, NothingQueuedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from intake.capture.interviews import InterviewId
    from intake.jobs import Report
    from intake.transcript.models import SpeechModel
    from intake.transcript.queue import Job, Ran, Runner
    from intake.vault.vault import Vault
    from transcription.models import Model

queue_app = typer.Typer(
    help="Recordings that wait to be transcribed, in your order.", no_args_is_help=True
)
models_app = typer.Typer(help="Speech models on this computer.", no_args_is_help=True)
_EMBEDDED: Final = "embedded"
_MINUTE_S: Final = 60
_MS: Final = 1000
_WARNING: Final = (
    "Warning: only its bringer vouches for this model. Nothing in it is run but numbers; what it "
    "writes down may still be wrong in ways that the embedded model's is not. Hear every line."
)

LanguageOption = Annotated[
    list[str] | None,
    typer.Option(
        "--language",
        help="What is spoken, such as en; once for each language. Without it: as it was declared, "
        "or asked about where the sound does not tell.",
    ),
]
ProfileOption = Annotated[
    str,
    typer.Option(help="guarded: fast, what looks wrong is decoded again. thorough: slower, plain."),
]
NamesOption = Annotated[
    bool,
    typer.Option("--no-names", help="Do not listen for the names that were declared."),
]
ModelOption = Annotated[
    str,
    typer.Option("--model", help="A model's name from `intake models list`, or its folder."),
]
BatteryOption = Annotated[
    bool, typer.Option("--on-battery", help="Go on although the computer runs on its battery.")
]
PlaceArgument = Annotated[int, typer.Argument(min=1, help="The number in `intake queue list`.")]


def attach(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("transcribe")(transcribe)
    app.add_typer(queue_app, name="queue")
    app.add_typer(models_app, name="models")


def transcribe(
    context: typer.Context,
    code: InterviewArgument,
    language: LanguageOption = None,
    model: ModelOption = _EMBEDDED,
    profile: ProfileOption = "guarded",
    no_names: NamesOption = False,
    on_battery: BatteryOption = False,
    as_json: JsonOption = False,
) -> None:
    """Turn recordings into a draft; goes on where it stopped."""
    from intake.transcript.queue import add_to_queue  # noqa: PLC0415
    from intake.transcript.segments import list_segments  # noqa: PLC0415

    _require_profile(profile)
    brought = _Models(model)
    with unlocked(context) as vault, progress("Transcribing") as report:
        interview = interview_of(vault, code)
        with suppress(NothingQueuedError):
            add_to_queue(
                vault,
                interview.id,
                languages=language or [],
                profile=profile,
                names=not no_names,
                model=brought.digest,
            )
        runner = _runner(brought, on_battery=on_battery, tell=_nothing)
        ran = _run(vault, runner, only=interview.id, report=report)
        total = len(list_segments(vault, interview.id))
    if ran.failed:
        raise ran.failed[0].error
    show(
        as_json,
        {"new": ran.segments, "segments": total},
        f"{ran.segments} new segment(s), {total} in all. Next: intake separate {code}",
    )


# --- the queue ----------------------------------------------------------------------------------


@queue_app.command("list")
def queue_list(
    context: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what was done, failed or cancelled.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List what waits to be transcribed, in the order in which it will be done."""
    from intake.transcript.queue import list_jobs  # noqa: PLC0415

    with unlocked(context) as vault:
        rows = [(_facts(job), _words(job)) for job in list_jobs(vault, everything=everything)]
    show_rows(as_json, rows, empty="Nothing waits.")


@queue_app.command("add")
def queue_add(
    context: typer.Context,
    code: InterviewArgument,
    language: LanguageOption = None,
    model: ModelOption = _EMBEDDED,
    profile: ProfileOption = "guarded",
    no_names: NamesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Put the recordings of an interview that are not transcribed at the end of the queue."""
    from intake.transcript.queue import add_to_queue  # noqa: PLC0415

    _require_profile(profile)
    brought = _Models(model)
    with unlocked(context) as vault:
        added = add_to_queue(
            vault,
            interview_of(vault, code).id,
            languages=language or [],
            profile=profile,
            names=not no_names,
            model=brought.digest,
        )
    show(
        as_json,
        {"added": len(added)},
        f"{len(added)} recording(s) wait now. Next: intake queue run",
    )


@queue_app.command("move")
def queue_move(
    context: typer.Context,
    place: PlaceArgument,
    to: Annotated[int, typer.Argument(min=1, help="The place that it gets.")],
    as_json: JsonOption = False,
) -> None:
    """Put a recording at another place in the queue; the others make room."""
    from intake.transcript.queue import job_at, move  # noqa: PLC0415

    with unlocked(context) as vault:
        rows = [(_facts(job), _words(job)) for job in move(vault, job_at(vault, place).id, to)]
    show_rows(as_json, rows, empty="Nothing waits.")


@queue_app.command("cancel")
def queue_cancel(context: typer.Context, place: PlaceArgument, as_json: JsonOption = False) -> None:
    """Take a recording out of the queue. What is transcribed of it already stays."""
    from intake.transcript.queue import cancel, job_at, list_jobs  # noqa: PLC0415

    with unlocked(context) as vault:
        cancel(vault, job_at(vault, place).id)
        left = len(list_jobs(vault))
    show(as_json, {"waiting": left}, f"Taken out. {left} recording(s) wait.")


@queue_app.command("run")
def queue_run(
    context: typer.Context, on_battery: BatteryOption = False, as_json: JsonOption = False
) -> None:
    """Transcribe what waits, one recording after the other; one that fails stops no other."""
    with unlocked(context) as vault, progress("Transcribing") as report:
        ran = _run(
            vault, _runner(_Models(_EMBEDDED), on_battery=on_battery, tell=_tell), report=report
        )
    for failure in ran.failed:
        say(f"{failure.job.code}, recording {failure.job.number}: {failure.error}")
    facts = {"done": ran.done, "segments": ran.segments, "failed": len(ran.failed)}
    words = f"{ran.done} recording(s) done, {ran.segments} new segment(s)."
    show(as_json, facts, words + (f" {len(ran.failed)} failed." if ran.failed else ""))
    if ran.failed:
        raise typer.Exit(1)


@queue_app.command("languages")
def queue_languages(as_json: JsonOption = False) -> None:
    """List the languages that can be declared, and whether the embedded model knows them."""
    from transcription.languages import OFFERED_LANGUAGES, is_known_to_model  # noqa: PLC0415

    rows = [
        (
            {"code": code, "name": name, "known": is_known_to_model(code)},
            f"{code:4} {name}" + ("" if is_known_to_model(code) else "  (written down by hand)"),
        )
        for code, name in OFFERED_LANGUAGES.items()
    ]
    show_rows(as_json, rows, empty="")


def _run(vault: Vault, runner: Runner, *, report: Report, only: InterviewId | None = None) -> Ran:
    from intake.transcript.queue import run_queue  # noqa: PLC0415

    return run_queue(vault, runner, only=only, report=report)


def _runner(brought: _Models, *, on_battery: bool, tell: Callable[[Job], None]) -> Runner:
    from intake.transcript import queue  # noqa: PLC0415

    return queue.Runner(find_model=brought.find, on_job=tell, even_on_battery=on_battery)


def _tell(job: Job) -> None:
    say(_words(job))


def _nothing(job: Job) -> None:
    """Tell nobody: the one interview was named by who called."""


def _require_profile(profile: str) -> None:
    if profile not in {"guarded", "thorough"}:
        raise typer.BadParameter("the profile is guarded or thorough")


def _facts(job: Job) -> dict[str, Any]:
    return {
        "place": job.place,
        "interview": job.code,
        "recording": job.number,
        "duration_ms": job.duration_ms,
        "languages": list(job.languages),
        "profile": job.profile,
        "model": job.model,
        "names": job.names,
        "state": job.state,
    }


def _words(job: Job) -> str:
    spoken = ", ".join(job.languages) or "language to be told"
    place = f"{job.place:3}" if job.place else "   "
    length = f"{job.duration_ms / _MS:9.1f} s"
    return f"{place}  {job.code}, recording {job.number}  {length}  {spoken}  {job.state}"


# --- models -------------------------------------------------------------------------------------


class _Models:
    """The model that a command names, checked before a vault is opened; and those of the queue."""

    def __init__(self, named: str) -> None:
        from intake.transcript import models  # noqa: PLC0415

        self._models = models
        self._chosen: Model | None = None
        if Path(named).is_dir():
            from intake.transcript.transcribing import checked_model  # noqa: PLC0415

            self._chosen = checked_model(Path(named))
        else:
            model = models.model_named(named)
            self._chosen = models.checked(model) if model.is_brought else None
        self.digest = self._chosen.digest if self._chosen is not None else None

    def find(self, digest: str | None) -> Model:
        """Return the model of a job (`ModelNotHereError`, `ModelRefusedError`)."""
        if self._chosen is not None and digest == self._chosen.digest:
            return self._chosen
        return self._models.find_model(digest)


@models_app.command("list")
def models_list(as_json: JsonOption = False) -> None:
    """List the speech models of this computer: name, folder, digest, and whether each is whole."""
    from intake.transcript.models import checked, list_models  # noqa: PLC0415

    rows, is_whole = [], True
    for model in list_models():
        facts = _model_facts(model)
        try:
            facts["sha256"] = checked(model).digest
        except ModelRefusedError as error:
            say(str(error))
            is_whole, facts["state"] = False, "not whole"
        stated = f"  for {', '.join(model.languages)}" if model.languages else ""
        words = f"{model.name}  {model.path}  {facts['sha256']}  {facts['origin']}{stated}"
        rows.append((facts, words))
    show_rows(as_json, rows, empty="")
    if not is_whole:
        raise typer.Exit(1)


@models_app.command("import")
def models_import(
    folder: Annotated[Path, typer.Argument(help="The folder that holds the model, on a stick.")],
    name: Annotated[str, typer.Option(help="What to call it here.")] = "",
    language: Annotated[
        list[str] | None,
        typer.Option(
            "--language",
            help="A language that it was taught, such as fr; or ug=uz, where the model has another "
            "code for it. Once for each.",
        ),
    ] = None,
    custom: Annotated[
        bool,
        typer.Option("--custom", help="It is a model of our own, which no list of digests names."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Copy a speech model from a folder, checked file by file against known digests."""
    from intake.transcript.models import import_model  # noqa: PLC0415

    with progress("Copying") as report:
        made = import_model(
            folder, name=name, languages=language or [], is_custom=custom, report=report
        )
    if made.origin == "custom":
        say(_WARNING)
    facts = _model_facts(made)
    show(as_json, facts, f"{made.name} is here now ({facts['origin']}). SHA-256 {made.digest}")


@models_app.command("test")
def models_test(
    name: Annotated[str, typer.Argument(help="A name from `intake models list`.")] = _EMBEDDED,
    profile: Annotated[str, typer.Option(help="guarded or thorough; both if left out.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Try a model on thirty seconds of speech, and say how long an hour will take here."""
    from intake.demo.trying import try_profiles  # noqa: PLC0415
    from intake.jobs import CancelToken  # noqa: PLC0415
    from intake.transcript.models import checked, model_named  # noqa: PLC0415

    if profile:
        _require_profile(profile)
    model = checked(model_named(name))
    profiles = (profile,) if profile else ("guarded", "thorough")
    rows = []
    for tried in try_profiles(model, CancelToken(), profiles=profiles):
        facts = {
            "model": model.name,
            "profile": tried.profile,
            "sound_s": round(tried.sound_s, 1),
            "took_s": round(tried.whole_s, 1),
            "first_text_s": round(tried.first_s, 1),
            "hour_takes_s": round(tried.hour_s),
        }
        minutes = max(1, round(tried.hour_s / _MINUTE_S))
        rows.append((facts, f"{tried.profile:9} One hour takes about {minutes} minutes."))
    show_rows(as_json, rows, empty="")


def _model_facts(model: SpeechModel) -> dict[str, Any]:
    return {
        "name": model.name,
        "path": str(model.path),
        "sha256": model.digest,
        "origin": model.origin,
        "languages": dict(model.languages),
        "state": "whole",
    }
