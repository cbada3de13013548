"""The queue: many recordings in an order that a person chooses; what fails stops nothing else."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from intake.custody.showing import show
from intake.egress.inspecting import verify_vault
from intake.errors import (
    CancelledError,
    ConsentMissingError,
    IntakeError,
    LanguageToBeSaidError,
    ModelNotHereError,
    NotClearedError,
    NothingQueuedError,
    NothingToTranscribeError,
    NotInQueueError,
    NotYourRoleError,
    OnBatteryError,
)
from intake.jobs import CancelToken
from intake.transcript import transcribing
from intake.transcript.queue import (
    Runner,
    add_to_queue,
    cancel,
    job_at,
    list_jobs,
    move,
    run_queue,
)
from intake.transcript.turns import Turn
from tests.support.matter import Matter, add_translator, new_interview, segment_of, working_copy
from transcription.engine import Position
from transcription.errors import LanguageUnsureError, WorkerDiedError
from transcription.models import Model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from intake.capture.interviews import InterviewId
    from intake.vault.vault import Vault
    from transcription.engine import Settings


class Engine:
    """Yields a segment a second for three seconds; `before` may interfere, by number of call."""

    def __init__(self) -> None:
        self.starts: list[int] = []
        self.settings: list[Settings] = []
        self.before: dict[int, Callable[[], object]] = {}
        self.after = 1

    def __call__(self, *_: object, settings: Settings, **__: object) -> Iterator[Any]:
        """Stand in for `transcribe`."""
        number = len(self.starts)
        self.starts.append(settings.start_ms)
        self.settings.append(settings)
        return self._events(number, settings.start_ms)

    def _events(self, number: int, start_ms: int) -> Iterator[Any]:
        for second in range(3):
            if second * 1000 >= start_ms:
                yield segment_of(f"said {number} {second}", second * 1000)
                yield Position(second * 1000, 3000)
            if second == self.after and number in self.before:
                self.before[number]()


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Put it in the place of the real one."""
    made = Engine()
    monkeypatch.setattr(transcribing, "transcribe", made)
    return made


def runner(vault: Vault, **changes: Any) -> Runner:  # noqa: ANN401  # as they are called
    """Return a computer on mains with a model that exists on paper."""
    model = Model(name="none", path=vault.folder.path, digest="0" * 64, files={})
    facts: dict[str, Any] = {"find_model": lambda _: model, "on_battery": lambda: False}
    return Runner(**(facts | changes))


def with_recordings(vault: Vault, count: int) -> InterviewId:
    """Return an interview with so many recordings of three seconds."""
    interview = new_interview(vault).id
    for _ in range(count):
        working_copy(vault, interview, duration_ms=3000)
    return interview


def waiting(vault: Vault) -> list[tuple[str, int]]:
    """Return which recordings wait, in order."""
    return [(job.code, job.number) for job in list_jobs(vault)]


def stored(vault: Vault) -> int:
    """Return how many segments there are."""
    return int(vault.testimony.value("SELECT count(*) FROM segment") or 0)


def kinds(vault: Vault) -> list[str]:
    """Return the kinds of all entries about the queue."""
    return [line.kind for line in show(vault) if line.kind.startswith("queue.")]


# --- the order ----------------------------------------------------------------------------------


def test_recordings_wait_in_the_order_in_which_they_were_added(matter: Matter) -> None:
    """Two interviews; the queue is there after a restart, with what was asked for."""
    with matter.unlock() as vault:
        one, two = with_recordings(vault, 2), with_recordings(vault, 1)
        add_to_queue(vault, one, languages=["en", "ug"], profile="thorough", names=False)
        add_to_queue(vault, two, model="a" * 64)
        expected = waiting(vault)
    with matter.unlock() as vault:
        assert waiting(vault) == expected
        first, second, third = list_jobs(vault)
        assert [job.place for job in (first, second, third)] == [1, 2, 3]
        assert (first.languages, first.profile, first.names) == (("en", "ug"), "thorough", False)
        assert (third.languages, third.model, third.names) == ((), "a" * 64, True)
        assert (first.number, second.number, first.duration_ms) == (1, 2, 3000)
        assert verify_vault(vault) == []


@pytest.mark.parametrize(
    ("which", "to", "order"),
    [(3, 1, [3, 1, 2, 4]), (1, 4, [2, 3, 4, 1]), (2, 3, [1, 3, 2, 4]), (1, 99, [2, 3, 4, 1])],
)
def test_a_person_changes_the_order(vault: Vault, which: int, to: int, order: list[int]) -> None:
    """Any job to any place; one entry in the record."""
    interview = with_recordings(vault, 4)
    add_to_queue(vault, interview)
    moved = move(vault, job_at(vault, which).id, to)

    assert [job.number for job in moved] == order
    assert [job.number for job in list_jobs(vault)] == order
    assert kinds(vault) == ["queue.added", "queue.moved"]
    assert verify_vault(vault) == []


def test_a_move_to_where_it_is_changes_nothing(vault: Vault) -> None:
    """No entry for nothing."""
    add_to_queue(vault, with_recordings(vault, 2))
    move(vault, job_at(vault, 2).id, 2)
    assert kinds(vault) == ["queue.added"]


def test_what_is_done_or_waits_is_not_added_again(vault: Vault, engine: Engine) -> None:
    """A recording that came meanwhile is."""
    interview = with_recordings(vault, 1)
    add_to_queue(vault, interview)
    with pytest.raises(NothingQueuedError, match="waits in the queue already"):
        add_to_queue(vault, interview)
    run_queue(vault, runner(vault))
    with pytest.raises(NothingQueuedError):
        add_to_queue(vault, interview)
    working_copy(vault, interview, duration_ms=3000)

    assert [job.number for job in add_to_queue(vault, interview)] == [2]
    assert engine.starts == [0]


def test_an_interview_without_recordings_has_nothing_to_add(vault: Vault) -> None:
    """And one that must not be kept is not transcribed."""
    with pytest.raises(NothingToTranscribeError):
        add_to_queue(vault, new_interview(vault).id)
    interview = new_interview(vault, consent=False).id
    working_copy(vault, interview)
    with pytest.raises(ConsentMissingError):
        add_to_queue(vault, interview)


def test_what_is_cancelled_waits_no_more(vault: Vault) -> None:
    """It can be added again; a number that is not there is refused with a sentence."""
    interview = with_recordings(vault, 2)
    add_to_queue(vault, interview)
    cancel(vault, job_at(vault, 1).id)
    assert [job.number for job in list_jobs(vault)] == [2]
    assert [job.state for job in list_jobs(vault, everything=True)] == ["waiting", "cancelled"]
    for act in (
        lambda: cancel(vault, "no such job"),
        lambda: move(vault, "no such job", 1),
        lambda: move(vault, job_at(vault, 1).id, 0),
        lambda: job_at(vault, 2),
        lambda: job_at(vault, 0),
    ):
        with pytest.raises(NotInQueueError, match="queue list"):
            act()
    assert [job.number for job in add_to_queue(vault, interview)] == [1]


def test_who_may_look_and_who_may_change(matter: Matter) -> None:
    """Codes and numbers are for all members; changing it is for cleared interviewers."""
    with matter.unlock() as vault:
        interview = with_recordings(vault, 1)
        job = add_to_queue(vault, interview)[0].id
        translator = add_translator(vault, cleared=True)
        uncleared = add_translator(vault, roles="interviewer")
    for member, error in ((translator, NotYourRoleError), (uncleared, NotClearedError)):
        with matter.unlock_as(member) as vault:
            assert len(list_jobs(vault)) == 1
            for act in (
                lambda vault=vault: add_to_queue(vault, interview),
                lambda vault=vault: move(vault, job, 1),
                lambda vault=vault: cancel(vault, job),
                lambda vault=vault: run_queue(vault, runner(vault)),
            ):
                with pytest.raises(error):
                    act()


# --- running ------------------------------------------------------------------------------------


def test_many_files_in_a_row(vault: Vault, engine: Engine) -> None:
    """All that waits, in order; each is told before it begins; then nothing waits."""
    one, two = with_recordings(vault, 2), with_recordings(vault, 1)
    add_to_queue(vault, one, languages=["en"])
    add_to_queue(vault, two, languages=["fr"])
    told: list[tuple[str, int]] = []
    expected = waiting(vault)

    ran = run_queue(vault, runner(vault, on_job=lambda job: told.append((job.code, job.number))))

    assert told == expected
    assert (ran.done, ran.segments, ran.failed) == (3, 9, [])
    assert [settings.language for settings in engine.settings] == ["en", "en", "fr"]
    assert list_jobs(vault) == []
    assert verify_vault(vault) == []


def test_the_order_may_change_while_it_runs(vault: Vault, engine: Engine) -> None:
    """The last of three is put before the second while the first runs."""
    add_to_queue(vault, with_recordings(vault, 3))
    engine.before[0] = lambda: move(vault, job_at(vault, 3).id, 2)
    told: list[int] = []
    run_queue(vault, runner(vault, on_job=lambda job: told.append(job.number)))

    assert told == [1, 3, 2]


def test_one_interview_alone(vault: Vault, engine: Engine) -> None:
    """The others keep waiting."""
    one, two = with_recordings(vault, 1), with_recordings(vault, 1)
    add_to_queue(vault, one)
    add_to_queue(vault, two)

    assert run_queue(vault, runner(vault), only=two).done == 1
    assert [job.interview for job in list_jobs(vault)] == [one]
    assert engine.starts == [0]


def test_a_file_that_fails_stops_nothing_else(vault: Vault, engine: Engine) -> None:
    """The first is said and marked, what it stored stays; the second is done."""

    def die() -> None:
        raise WorkerDiedError

    interview = with_recordings(vault, 2)
    add_to_queue(vault, interview)
    engine.before[0] = die
    ran = run_queue(vault, runner(vault))

    assert (ran.done, ran.segments) == (1, 3)
    assert [(failed.job.number, type(failed.error)) for failed in ran.failed] == [(1, IntakeError)]
    assert "go on from there" in str(ran.failed[0].error)
    states = {job.number: job.state for job in list_jobs(vault, everything=True)}
    assert states == {1: "failed", 2: "done"}
    add_to_queue(vault, interview)
    run_queue(vault, runner(vault))
    assert engine.starts == [0, 0, 1900]
    assert verify_vault(vault) == []


def test_a_language_to_be_said_is_a_failure_with_its_candidates(
    vault: Vault, engine: Engine
) -> None:
    """The window asks by it."""

    def ask() -> None:
        raise LanguageUnsureError((("cy", 0.4),))

    add_to_queue(vault, with_recordings(vault, 1))
    engine.before[0] = ask
    failed = run_queue(vault, runner(vault)).failed[0].error

    assert isinstance(failed, LanguageToBeSaidError)
    assert failed.candidates == (("cy", "Welsh", 40),)


def test_a_model_that_is_not_here_fails_its_own_job_alone(vault: Vault, engine: Engine) -> None:
    """Another recording needs it not."""

    def find(digest: str | None) -> Model:
        if digest is not None:
            raise ModelNotHereError
        return Model(name="none", path=vault.folder.path, digest="0" * 64, files={})

    add_to_queue(vault, with_recordings(vault, 1), model="b" * 64)
    add_to_queue(vault, with_recordings(vault, 1))
    ran = run_queue(vault, runner(vault, find_model=find))

    assert ran.done == 1
    assert [type(failed.error) for failed in ran.failed] == [ModelNotHereError]
    assert len(engine.starts) == 1


def test_cancelling_keeps_the_job_and_what_it_stored(vault: Vault, engine: Engine) -> None:
    """The next run goes on after it."""
    token = CancelToken()
    add_to_queue(vault, with_recordings(vault, 1))
    engine.before[0] = token.cancel
    with pytest.raises(CancelledError):
        run_queue(vault, runner(vault), token=token)
    assert len(list_jobs(vault)) == 1

    assert run_queue(vault, runner(vault)).done == 1
    assert engine.starts == [0, 1900]


def test_what_was_transcribed_meanwhile_is_done(vault: Vault, engine: Engine) -> None:
    """By another way than the queue: nothing is decoded twice."""
    interview = with_recordings(vault, 1)
    job = add_to_queue(vault, interview)[0]
    with vault.change("transcript.finished", media=job.media, count=0) as change:
        change.testimony.update("media", {"id": job.media}, state="transcribed")

    assert run_queue(vault, runner(vault)).segments == 0
    assert (engine.starts, list_jobs(vault)) == ([], [])


def test_the_job_under_way_can_be_taken_out(vault: Vault, engine: Engine) -> None:
    """It ends at its next report; what it stored stays; the next one begins."""
    interview = with_recordings(vault, 2)
    add_to_queue(vault, interview)
    engine.before[0] = lambda: cancel(vault, job_at(vault, 1).id)
    ran = run_queue(vault, runner(vault))

    assert (ran.done, ran.segments, ran.failed) == (1, 3, [])
    states = {job.number: job.state for job in list_jobs(vault, everything=True)}
    assert states == {1: "cancelled", 2: "done"}
    add_to_queue(vault, interview)
    run_queue(vault, runner(vault))
    assert engine.starts[2] > 0
    assert verify_vault(vault) == []


# --- power --------------------------------------------------------------------------------------


def test_nothing_begins_on_battery(vault: Vault, engine: Engine) -> None:
    """The sentence says why, and what to do; a person may go on all the same."""
    add_to_queue(vault, with_recordings(vault, 1))
    with pytest.raises(OnBatteryError, match=r"recording comes first.*Plug it in"):
        run_queue(vault, runner(vault, on_battery=lambda: True))
    assert (engine.starts, len(list_jobs(vault))) == ([], 1)

    ran = run_queue(vault, runner(vault, on_battery=lambda: True, even_on_battery=True))
    assert ran.done == 1


def test_pulling_the_plug_stops_it_and_nothing_is_lost(vault: Vault, engine: Engine) -> None:
    """The look comes every ten seconds; what was stored stays, and the job waits."""
    now = [0.0]
    power = [False]

    def unplug() -> None:
        power[0], now[0] = True, now[0] + 11

    add_to_queue(vault, with_recordings(vault, 1))
    engine.before[0] = unplug
    with pytest.raises(OnBatteryError):
        run_queue(vault, runner(vault, on_battery=lambda: power[0], clock=lambda: now[0]))
    assert len(list_jobs(vault)) == 1

    assert run_queue(vault, runner(vault)).done == 1
    assert engine.starts == [0, 2900]


def test_a_job_gives_way_to_a_recording_and_goes_on_after_it(vault: Vault, engine: Engine) -> None:
    """In the middle of its first recording; what was stored is not made again."""
    add_to_queue(vault, with_recordings(vault, 1), languages=["en"])
    first = Turn(CancelToken(), vault.folder.path)
    asked = threading.Event()
    order: list[int] = []

    def follow() -> None:
        asked.set()
        first.take(first=True)
        order.append(stored(vault))
        first.close()

    thread = threading.Thread(target=follow)

    def interfere() -> None:
        thread.start()
        asked.wait(10)
        with closing(Turn(CancelToken(), vault.folder.path)) as looking:
            while not looking.is_awaited:
                pass

    engine.before[0], engine.after = interfere, 0
    ran = run_queue(vault, runner(vault))
    thread.join(10)

    assert order == [2]
    assert engine.starts == [0, 1900]
    assert (ran.done, ran.segments, ran.failed) == (1, 3, [])
    assert stored(vault) == 3


def test_twin_without_anybody_who_goes_first_the_engine_runs_once(
    vault: Vault, engine: Engine
) -> None:
    """Nothing is broken off."""
    add_to_queue(vault, with_recordings(vault, 1), languages=["en"])

    run_queue(vault, runner(vault))

    assert engine.starts == [0]
