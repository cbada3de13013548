"""One scale for work that has several: what the status bar counts for imports and long runs."""

from __future__ import annotations

from intake.capture.playing import MediaId
from intake.jobs import Progress
from intake.transcript.parts import PartState
from ui.models.interview_page import as_one_import, as_one_run

MEDIA = MediaId("0" * 32)


def part(duration_ms: int, done_ms: int = 0, *, is_finished: bool = False) -> PartState:
    """Return a recording that is transcribed until `done_ms`."""
    return PartState(MEDIA, duration_ms, done_ms, 0, (), is_finished)


def told(parts: list[PartState], *reports: tuple[int, int]) -> list[tuple[int, int]]:
    """Return what is told for positions as the engine gives them: (done, total of its part)."""
    seen: list[tuple[int, int]] = []
    report = as_one_run(parts, lambda at: seen.append((at.done, at.total)))
    for done, total in reports:
        report(Progress(done, total, "ms of sound"))
    return seen


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


def test_a_run_counts_one_recording_after_another() -> None:
    """Also when the next one is as long, or its first piece ends later than the last one did."""
    parts = [part(5000), part(5000), part(9000)]

    seen = told(parts, (4000, 5000), (5000, 5000), (2000, 5000), (5000, 5000), (6000, 9000))

    assert seen == [(4000, 19000), (5000, 19000), (7000, 19000), (10000, 19000), (16000, 19000)]


def test_what_was_done_before_does_not_count() -> None:
    """A finished recording is left out; one that was begun counts from where it goes on."""
    parts = [part(5000, 5000, is_finished=True), part(10000, 6000)]

    assert told(parts, (6000, 10000), (8000, 10000)) == [(0, 4000), (2000, 4000)]


def test_a_small_step_back_is_no_new_recording() -> None:
    """The engine rounds the ends of blocks and of segments differently."""
    assert told([part(9000), part(9000)], (3000, 9000), (2900, 9000)) == [
        (3000, 18000),
        (2900, 18000),
    ]


def test_more_positions_than_recordings_stay_at_the_end() -> None:
    """What cannot be is not counted beyond the whole, and no recording at all says nothing."""
    assert told([part(1000)], (1000, 1000), (500, 800), (9000, 9000))[-1] == (1000, 1000)
    assert told([], (5, 10)) == []
