"""Grouping, smoothing and turns, each against the slow way of doing the same."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcription.speakers import clustering
from transcription.speakers.clustering import smoothed, voices_in, ward
from transcription.speakers.embedding import unit
from transcription.speakers.hearing import Heard
from transcription.speakers.turns import PERHAPS_ONE, tell_apart


def slow_ward(points: np.ndarray, count: int) -> list[list[int]]:
    """Join, each time, the two groups whose union grows the squared distances least."""
    groups = [[n] for n in range(len(points))]

    def cost(a: list[int], b: list[int]) -> float:
        apart = points[a].mean(axis=0) - points[b].mean(axis=0)
        return float(len(a) * len(b) / (len(a) + len(b)) * (apart @ apart))

    while len(groups) > count:
        _, a, b = min(
            (cost(groups[a], groups[b]), a, b)
            for a in range(len(groups))
            for b in range(a + 1, len(groups))
        )
        groups[a] += groups.pop(b)
    return sorted(sorted(group) for group in groups)


def as_groups(labels: np.ndarray) -> list[list[int]]:
    return sorted(sorted(np.flatnonzero(labels == n).tolist()) for n in set(labels.tolist()))


@given(st.integers(0, 10_000), st.integers(2, 14), st.integers(1, 3))
def test_ward_joins_as_its_definition_says(seed: int, total: int, count: int) -> None:
    """Chains of nearest neighbours come to the same groups."""
    points = np.random.default_rng(seed).normal(size=(total, 3))

    found = as_groups(ward(points.astype(np.float32), count))

    assert found == slow_ward(points.astype(np.float32).astype(float), min(count, total))


def test_average_linkage_would_be_seen() -> None:
    """Twin: joining the nearest means, sizes aside, makes other groups somewhere."""

    def linked(points: np.ndarray) -> list[list[int]]:
        groups = [[n] for n in range(len(points))]
        while len(groups) > 2:
            _, a, b = min(
                (float(np.linalg.norm(points[x].mean(axis=0) - points[y].mean(axis=0))), i, j)
                for i, x in enumerate(groups)
                for j, y in enumerate(groups)
                if i < j
            )
            groups[a] += groups.pop(b)
        return sorted(sorted(group) for group in groups)

    clouds = [np.random.default_rng(seed).normal(size=(12, 3)) for seed in range(20)]

    assert any(linked(points) != slow_ward(points, 2) for points in clouds)


def around(centre: int, count: int, spread: float = 0.05, seed: int = 0) -> np.ndarray:
    """Make windows of one voice."""
    base = np.zeros(256)
    base[centre * 8 : centre * 8 + 8] = 1
    noise = np.random.default_rng(seed + centre).normal(0, spread, (count, 256))
    return unit((base + noise).astype(np.float32))


def test_centres_come_the_most_heard_first() -> None:
    windows = np.concatenate([around(1, 20), around(2, 60), around(3, 40)])

    centres = voices_in(windows, 3)

    nearest = [int(np.argmax(around(c, 1) @ centres.T)) for c in (2, 3, 1)]
    assert nearest == [0, 1, 2]
    assert np.allclose(np.linalg.norm(centres, axis=1), 1, atol=1e-5)


def test_a_long_recording_is_grouped_from_a_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ward never sees more than its share; the centres come out the same voices."""
    seen = []
    real = ward
    monkeypatch.setattr(clustering, "_MOST_GROUPED", 50)
    monkeypatch.setattr(clustering, "ward", lambda p, n: seen.append(len(p)) or real(p, n))
    windows = np.concatenate([around(1, 400), around(2, 300)])

    centres = voices_in(windows, 2)

    assert seen[0] <= 50
    assert float((centres @ around(2, 1, 0).T).max()) > 0.95


@pytest.mark.parametrize("count", [0, 1, 2])
def test_fewer_windows_than_people(count: int) -> None:
    """Nothing is invented where there is next to no speech."""
    assert len(voices_in(around(1, count), 3)) == count


@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(1, 3))
def test_the_smoothed_path_is_the_best_of_all(seed: int, count: int, voices: int) -> None:
    """Every path is tried."""
    generator = np.random.default_rng(seed)
    scores, costs = generator.normal(size=(count, voices)), generator.random(count)

    def worth(path: tuple[int, ...]) -> float:
        changes = sum(costs[n] for n in range(1, count) if path[n] != path[n - 1])
        return float(sum(scores[n, voice] for n, voice in enumerate(path)) - changes)

    best = max(worth(path) for path in product(range(voices), repeat=count))

    assert worth(tuple(int(v) for v in smoothed(scores, costs))) == pytest.approx(best)


def heard(*stretches: tuple[int, int, list[int]]) -> Heard:
    """Make a channel: (start_ms, end_ms, the voice of each window)."""
    made = Heard()
    for number, (start, end, voices) in enumerate(stretches):
        made.stretches.append((start, end))
        step = (end - start) // len(voices)
        for n, voice in enumerate(voices):
            made.centres.append(start + step * n + step // 2)
            made.stretch_of.append(number)
            made.voices.append(around(voice, 1, seed=number * 100 + n))
    return made


def test_turns_fill_the_speech_and_nothing_else() -> None:
    """Cut half-way between two windows of different voices; voices numbered as they come."""
    told = tell_apart(heard((0, 2000, [5, 5]), (3000, 7000, [5, 5, 3, 3]), (8000, 9000, [3])), 2)

    assert [(t.start_ms, t.end_ms, t.voice) for t in told.turns] == [
        (0, 2000, 1),
        (3000, 5000, 1),
        (5000, 7000, 2),
        (8000, 9000, 2),
    ]
    assert all(turn.is_sure for turn in told.turns)
    assert told.nearness < PERHAPS_ONE


def test_a_single_odd_window_does_not_make_a_turn() -> None:
    """Inside a sentence a change costs more than one doubtful window is worth."""
    made = heard((0, 7000, [1, 1, 1, 1, 1, 1, 1]), (8000, 12000, [2, 2, 2, 2]))
    made.voices[3] = unit(0.48 * around(1, 1, 0) + 0.52 * around(2, 1, 0))

    told = tell_apart(made, 2)

    assert [turn.voice for turn in told.turns if turn.is_sure] == [1, 1, 2]
    assert [turn.voice for turn in told.turns if not turn.is_sure] == [1]


def test_one_voice_told_as_two_is_perhaps_one() -> None:
    """The warning; two voices are its twin."""
    one = tell_apart(heard((0, 9000, [1] * 9), (9500, 12000, [1] * 3)), 2)
    two = tell_apart(heard((0, 9000, [1] * 9), (9500, 12000, [2] * 3)), 2)

    assert one.nearness > PERHAPS_ONE > two.nearness


def test_a_window_between_two_voices_is_unsure() -> None:
    """An answer that fits both is said to be one for a person to hear."""
    made = heard((0, 9000, [1] * 9), (10_000, 19_000, [2] * 9), (20_000, 20_900, [1]))
    made.voices[-1] = unit(around(1, 1, 0) + around(2, 1, 0))

    told = tell_apart(made, 2)

    assert [turn.is_sure for turn in told.turns] == [True, True, False]


def test_silence_has_no_voices() -> None:
    assert tell_apart(Heard(), 2).turns == []


def test_one_person_is_one_voice_throughout() -> None:
    told = tell_apart(heard((0, 3000, [1, 2, 3])), 1)

    assert [(t.voice, t.is_sure) for t in told.turns] == [(1, True)]
    assert told.nearness == -1
