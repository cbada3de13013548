"""The clock between the player's reports."""

from __future__ import annotations

import itertools

import pytest

from ui.media.pacing import Pace


def test_it_moves_evenly_between_reports() -> None:
    """At any speed."""
    pace = Pace()
    pace.start(1000, 50.0)
    assert pace.at(50.1) == pytest.approx(1100)

    pace.set_rate(0.5, 50.1)
    assert pace.at(50.2) == pytest.approx(1150)

    pace.set_rate(2.0, 50.2)
    assert pace.at(50.3) == pytest.approx(1350)


def test_small_differences_are_mended_without_a_step_back() -> None:
    """Reports that lag by 80 ms slow it down, and never turn it round."""
    pace = Pace()
    pace.start(0, 0.0)
    given = []
    for tick in range(1, 101):
        now = tick * 0.02
        if tick % 5 == 0:
            pace.report(now * 1000 - 80, now)
        given.append(pace.at(now))

    assert given == sorted(given)
    assert max(b - a for a, b in itertools.pairwise(given)) < 25
    assert given[-1] == pytest.approx(2000 - 80, abs=30)


def test_a_jump_is_believed_at_once() -> None:
    """Also backwards: the sound is where the player says."""
    pace = Pace()
    pace.start(10_000, 0.0)
    pace.report(4_000, 0.1)
    assert pace.at(0.1) == 4_000


def test_it_does_not_run_away_from_a_player_that_is_stuck() -> None:
    """A third of a second, no more; and it tells for how long it heard nothing."""
    pace = Pace()
    pace.start(0, 0.0)
    assert pace.at(5.0) == pytest.approx(350)
    assert pace.silent_s(5.0) == pytest.approx(5.0)


def test_it_waits_where_the_sound_begins_late() -> None:
    """A loudspeaker that needs 0.3 s to wake up does not cost the words after it."""
    pace = Pace()
    pace.start(0, 0.0)
    pace.at(0.3)
    pace.report(10, 0.3)
    assert pace.at(0.3) <= 300
    for tenth in range(4, 11):
        pace.report(tenth * 100 - 290, tenth / 10)
    assert pace.at(1.0) == pytest.approx(710, abs=50)
