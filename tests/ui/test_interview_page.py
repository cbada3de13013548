"""One scale for work that has several: what the status bar counts for imports and long runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.jobs import Progress
from intake.transcript.queue import add_to_queue, list_jobs
from tests.support.matter import new_interview, working_copy
from ui.models.interview_page import as_one_import
from ui.queueing import QueueScale

if TYPE_CHECKING:
    from tests.support.matter import Matter


def test_an_import_has_one_scale_for_sealing_and_decoding() -> None:
    """Bytes first, then time; it never runs backwards."""
    seen: list[tuple[int, int]] = []
    report = as_one_import(lambda at: seen.append((at.done, at.total)))

    for done, total, unit in (
        (50, 200, "bytes sealed"),
        (200, 200, "bytes sealed"),
        (0, 1000, "ms of sound"),
        (500, 1000, "ms of sound"),
    ):
        report(Progress(done, total, unit))

    assert seen == [(5, 100), (20, 100), (20, 100), (60, 100)]


def test_an_import_without_a_declared_length_says_that_nobody_knows() -> None:
    """A file that names no length always says it is at its end: that is no share of anything."""
    seen: list[int] = []

    as_one_import(lambda at: seen.append(at.total))(Progress(300, 300, "ms of sound"))

    assert seen == [0]


def test_a_run_counts_one_recording_after_another(matter: Matter) -> None:
    """All that waits is one whole; what was done of one before this run does not count."""
    seen: list[tuple[int, int]] = []
    with matter.unlock() as vault:
        interview = new_interview(vault).id
        for length in (5000, 5000, 9000):
            working_copy(vault, interview, duration_ms=length)
        add_to_queue(vault, interview)
        scale = QueueScale(vault, lambda at: seen.append((at.done, at.total)))
        first, second, _ = list_jobs(vault)
        scale.begin(first)
        for done in (0, 1000, 4000):
            scale.told(Progress(done, 5000, "ms of sound"))
        with vault.change("queue.done", interview=interview, media=first.media) as change:
            change.testimony.update("job", {"id": first.id}, state="done")
        scale.begin(second)
        for done in (4000, 4500, 3900):
            scale.told(Progress(done, 5000, "ms of sound"))

    assert seen == [(0, 18000), (3000, 18000), (3000, 13000), (3500, 13000), (3000, 13100)]
