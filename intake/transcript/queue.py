"""The queue of recordings to be transcribed: one for a vault, in an order that a person chooses.

It lies in testimony.db (ids, numbers, codes of languages), so it is there after a restart; what a
job had stored when it was broken off is where the next run goes on. One run at a time for each
person on a computer, and a recording that goes on before it (`turns`). What fails is said and left;
the rest goes on.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from intake.capture.spoken import checked_languages
from intake.errors import (
    CancelledError,
    IntakeError,
    NothingQueuedError,
    NothingToTranscribeError,
    NotInQueueError,
    OnBatteryError,
    VaultClosedError,
)
from intake.jobs import CancelToken, Progress, Report, silent
from intake.transcript.machine import is_on_battery
from intake.transcript.transcribing import (
    UNDECLARED,
    USUAL_PROFILE,
    Wanted,
    parts_to_transcribe,
    settle_languages,
    transcribe_part,
)
from intake.transcript.turns import one_at_a_time
from intake.vault.ids import InterviewId, MediaId, new_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from intake.transcript.turns import Turn
    from intake.vault.domains import Value
    from intake.vault.vault import Vault
    from transcription.models import Model

_BATTERY_LOOK_S: Final = 10.0
_STOPPING: Final = (CancelledError, OnBatteryError, VaultClosedError)


class _TakenOutError(IntakeError):
    """A person took the job that is under way out of the queue."""


@dataclass(frozen=True, slots=True)
class Job:
    """One recording in the queue. `place` counts from 1 among those that wait, 0 = not waiting."""

    id: str
    interview: InterviewId
    media: MediaId
    code: str
    """The interview's code, such as W-7QK4/1."""
    number: int
    """Which recording of the interview it is, from 1."""
    duration_ms: int
    profile: str
    languages: tuple[str, ...]
    """As declared, the main one first; empty where the engine is to say."""
    model: str | None
    """SHA-256 of the weights of a model that was brought, None for the embedded one."""
    names: bool
    state: str
    place: int


@dataclass(frozen=True, slots=True)
class Failure:
    """A job that could not be done, and why."""

    job: Job
    error: IntakeError


@dataclass(slots=True)
class Ran:
    """What a run of the queue did."""

    done: int = 0
    segments: int = 0
    failed: list[Failure] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """What a run needs of the computer; tests give others.

    `find_model` returns the checked model of a job (`ModelNotHereError`). `on_job` is told each job
    before it begins. `on_battery` is asked now and then, unless `even_on_battery`.
    """

    find_model: Callable[[str | None], Model]
    on_job: Callable[[Job], object] = lambda job: None  # noqa: ARG005  # nobody wants to know
    on_battery: Callable[[], bool] = is_on_battery
    even_on_battery: bool = False
    cpu_threads: int = 0
    clock: Callable[[], float] = time.monotonic
    between_s: float = 0.0
    """How long to leave the turn to others between two jobs."""


def list_jobs(vault: Vault, *, everything: bool = False) -> list[Job]:
    """Return what waits, in order; with `everything` also what was done, failed or cancelled.

    Any member, any thread; two queries.
    """
    with vault.alone():
        rows = vault.testimony.rows(
            "SELECT job.*, interview.code AS code, media.duration_ms AS duration_ms FROM job"
            " JOIN interview ON interview.id = job.interview JOIN media ON media.id = job.media"
            " WHERE job.kind='transcribe' AND (?=1 OR job.state='waiting')"
            " ORDER BY job.state<>'waiting', job.rank",
            int(everything),
        )
        numbers = _numbers(vault)
    places = iter(range(1, len(rows) + 1))
    return [_job(row, numbers, next(places) if row["state"] == "waiting" else 0) for row in rows]


def add_to_queue(
    vault: Vault,
    interview: InterviewId,
    *,
    languages: Sequence[str] = (),
    profile: str = USUAL_PROFILE,
    names: bool = True,
    model: str | None = None,
) -> list[Job]:
    """Put every recording of an interview that is not transcribed at the end of the queue.

    Languages that are given are declared for the interview if none was yet; without any those that
    were declared count. Needs a cleared interviewer. Raises `NothingToTranscribeError`,
    `NothingQueuedError` where all is done or waits, and what `parts_to_transcribe` raises.
    """
    given = checked_languages(languages)
    parts = parts_to_transcribe(vault, interview)
    if not parts:
        raise NothingToTranscribeError
    given = settle_languages(vault, interview, given)
    with vault.alone():
        waiting = {job.media for job in list_jobs(vault)}
        new = [p for p in parts if p["state"] == "sealed" and p["id"] not in waiting]
        if not new:
            raise NothingQueuedError
        rank = int(vault.testimony.value("SELECT max(rank) FROM job") or 0)
        with vault.change("queue.added", interview=interview, count=len(new)) as change:
            for further, part in enumerate(new, 1):
                change.testimony.insert(
                    "job",
                    id=new_id(),
                    interview=interview,
                    media=part["id"],
                    kind="transcribe",
                    profile=profile,
                    langs=",".join(given) or UNDECLARED,
                    model=model,
                    names=int(names),
                    rank=rank + further,
                    state="waiting",
                )
    added = {str(part["id"]) for part in new}
    return [job for job in list_jobs(vault) if job.media in added]


def move(vault: Vault, job: str, place: int) -> list[Job]:
    """Put a waiting job at a place, counted from 1; return the queue as it is then.

    A place beyond the end is the end. Needs a cleared interviewer. Raises `NotInQueueError`.
    """
    _require(vault)
    with vault.alone():
        jobs = list_jobs(vault)
        moved = [one for one in jobs if one.id == job]
        if not moved or place < 1:
            raise NotInQueueError
        order = [one for one in jobs if one.id != job]
        order[place - 1 : place - 1] = moved
        ranks = _ranks(vault, jobs)
        changed = [
            (one.id, ranks[was.id], ranks[one.id])
            for one, was in zip(order, jobs, strict=True)
            if ranks[was.id] != ranks[one.id]
        ]
        if changed:
            with vault.change("queue.moved", count=len(changed)) as change:
                for moving, to, at in changed:
                    change.testimony.update("job", {"id": moving}, {"rank": at}, rank=to)
    return list_jobs(vault)


def cancel(vault: Vault, job: str) -> None:
    """Take a waiting job out of the queue; what it stored stays (`NotInQueueError`)."""
    _require(vault)
    with vault.alone():
        _end(vault, find_job(vault, job), "queue.cancelled", "cancelled")


def find_job(vault: Vault, job: str) -> Job:
    """Return a job that waits, by its id (`NotInQueueError`)."""
    for one in list_jobs(vault):
        if one.id == job:
            return one
    raise NotInQueueError


def job_at(vault: Vault, place: int) -> Job:
    """Return the job that waits at a place, counted from 1 (`NotInQueueError`)."""
    jobs = list_jobs(vault)
    if not 1 <= place <= len(jobs):
        raise NotInQueueError
    return jobs[place - 1]


def run_queue(
    vault: Vault,
    runner: Runner,
    *,
    only: InterviewId | None = None,
    token: CancelToken | None = None,
    report: Report = silent,
) -> Ran:
    """Transcribe what waits, one recording after the other, until nothing does.

    The order is asked anew before each one, so that a person can change it meanwhile; with `only`
    the jobs of one interview alone. A job that fails is marked and the next one begins. Raises
    `CancelledError` and `OnBatteryError`; what was stored until then stays, and the job waits.
    """
    _require(vault)
    token = token or CancelToken()
    ran, models = Ran(), dict[str | None, "Model"]()
    minding = _minding_power(runner, report)
    while (job := _next(vault, only)) is not None:
        token.raise_if_cancelled()
        runner.on_job(job)
        minding(Progress(0, job.duration_ms, "ms of sound"))
        reporting = _minding_queue(vault, job, minding)
        try:
            if job.model not in models:
                models[job.model] = runner.find_model(job.model)
            wanted = _wanted(job, models[job.model], runner.cpu_threads)
            with one_at_a_time(token, vault.folder.path) as turn:
                ran.segments += _run(vault, job, wanted, turn, token, reporting)
            ran.done += 1
        except _STOPPING:
            raise
        except _TakenOutError:
            continue
        except IntakeError as error:
            ran.failed.append(Failure(job, error))
            _end(vault, job, "queue.failed", "failed")
        if runner.between_s:
            token.wait(runner.between_s)
    return ran


def _run(  # noqa: PLR0917  # one job, and what it needs
    vault: Vault, job: Job, wanted: Wanted, turn: Turn, token: CancelToken, report: Report
) -> int:
    part = next((p for p in parts_to_transcribe(vault, job.interview) if p["id"] == job.media), {})
    if part.get("state") != "sealed":
        _end(vault, job, "queue.done", "done")
        return 0
    return transcribe_part(
        vault, part, wanted, turn=turn, token=token, report=report, also=[(job.id, "done")]
    )


def _next(vault: Vault, only: InterviewId | None) -> Job | None:
    return next((job for job in list_jobs(vault) if only in {None, job.interview}), None)


def _wanted(job: Job, model: Model, cpu_threads: int) -> Wanted:
    return Wanted(
        model=model,
        languages=job.languages,
        profile=job.profile,
        names=job.names,
        cpu_threads=cpu_threads,
    )


def _minding_power(runner: Runner, report: Report) -> Report:
    """Return a report that looks at the power now and then, and stops the run by it."""
    looked = -_BATTERY_LOOK_S

    def reporting(at: Progress) -> None:
        nonlocal looked
        now = runner.clock()
        if not runner.even_on_battery and now - looked >= _BATTERY_LOOK_S:
            looked = now
            if runner.on_battery():
                raise OnBatteryError
        report(at)

    return reporting


def _minding_queue(vault: Vault, job: Job, report: Report) -> Report:
    """Return a report that ends the job once a person took it out; what it stored stays."""

    def reporting(at: Progress) -> None:
        if vault.testimony.value("SELECT state FROM job WHERE id=?", job.id) != "waiting":
            raise _TakenOutError
        report(at)

    return reporting


def _end(vault: Vault, job: Job, kind: str, state: str) -> None:
    with vault.change(kind, interview=job.interview, media=job.media) as change:
        change.testimony.update("job", {"id": job.id}, {"state": "waiting"}, state=state)


def _require(vault: Vault) -> None:
    vault.require_role("interviewer")
    vault.require_cleared()


def _ranks(vault: Vault, jobs: Sequence[Job]) -> dict[str, int]:
    rows = vault.testimony.rows("SELECT id, rank FROM job WHERE state='waiting'")
    ranks = {str(row["id"]): int(row["rank"] or 0) for row in rows}
    return {job.id: ranks[job.id] for job in jobs}


def _numbers(vault: Vault) -> dict[str, int]:
    """Return which recording of its interview each one is."""
    rows = vault.testimony.rows(
        "SELECT id, row_number() OVER (PARTITION BY interview ORDER BY rowid) AS n FROM media"
        " WHERE role IN ('working', 'recorded') AND state<>'destroyed'"
    )
    return {str(row["id"]): int(row["n"] or 0) for row in rows}


def _job(row: dict[str, Value], numbers: dict[str, int], place: int) -> Job:
    langs = str(row["langs"])
    return Job(
        id=str(row["id"]),
        interview=InterviewId(str(row["interview"])),
        media=MediaId(str(row["media"])),
        code=str(row["code"]),
        number=numbers.get(str(row["media"]), 0),
        duration_ms=int(row["duration_ms"] or 0),
        profile=str(row["profile"]),
        languages=() if langs == UNDECLARED else tuple(langs.split(",")),
        model=str(row["model"]) if row["model"] else None,
        names=bool(row["names"]),
        state=str(row["state"]),
        place=place,
    )
