"""Real SIGKILLs over the whole run of each operation: a sample here, all of them in `make kills`.

Beside each promise stands a bug that is put in on purpose, and found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.vault.kill_operations import REFUSED, WHERE, index_of
from tests.vault.killing import Children, Harness, sample, why_not

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EACH = 2
"""Kills of each operation; together more than 24."""
_REASON = why_not()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(_REASON), reason=_REASON or "strace works"),
]


@pytest.fixture(scope="module")
def children() -> Iterator[Children]:
    """Return the process of whose children all are killed."""
    with Children() as made:
        yield made


@pytest.mark.parametrize("name", WHERE)
def test_no_kill_loses_halves_or_promises_too_early(
    name: str, tmp_path: Path, children: Children
) -> None:
    """F11, K03: opens, is clean, has all that was said; and what was said lay on the disk."""
    harness = Harness(name, tmp_path, children)
    whole = harness.whole()
    assert whole.unsynced == []
    phase = 5 + 7 * index_of(name)
    kills = [harness.kill(point) for point in sample(whole.points, EACH, phase=phase)]

    assert [faults for _, faults in kills] == [[]] * EACH
    assert all(run.was_killed for run, _ in kills)


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory, children: Children) -> Harness:
    """Return the harness of five changes of both stores."""
    return Harness("change", tmp_path_factory.mktemp("kills"), children)


def _first_fault(harness: Harness, planted: str) -> str:
    for point in sample(harness.whole(planted).points, 24):
        _, faults = harness.kill(point, planted)
        if faults:
            return str(faults)
    return ""


@pytest.mark.parametrize("planted", ["no-outbox", "no-entry"])
def test_kills_find_what_was_left_out(harness: Harness, planted: str) -> None:
    """Twins: without the outbox row, or without the custody entry, the same check fails."""
    assert "rows that no custody entry vouches for" in _first_fault(harness, planted)


@pytest.mark.parametrize(
    ("name", "planted", "left"),
    [
        ("admit", "no-fsync", "/members/"),
        ("admit", "no-folder-sync", "north.vault/keyrecord"),
        ("change", "no-waiting", "testimony.db-wal"),
        ("record", "count-first", "north.vault/inbox/"),
    ],
)
def test_the_trace_finds_a_sync_that_was_left_out(
    name: str, planted: str, left: str, tmp_path: Path, children: Children
) -> None:
    """Twins: a kill cannot show it, since the system keeps what it was given."""
    whole = Harness(name, tmp_path, children).whole(planted)

    assert any(left in path for path in whole.unsynced)


def test_a_sync_that_fails_is_a_step_that_fails(harness: Harness) -> None:
    """K07: an error of fsync is never an acknowledgement; what was said before stays true."""
    binding = harness.whole().binding
    assert len(binding) >= 2 * 5
    for point in sample(binding, 4, phase=3):
        run, faults = harness.fail(point, "EIO")

        assert run.said[-1].startswith(REFUSED), point
        assert faults == [], point


def test_a_sync_of_a_sealed_file_that_fails_is_a_step_that_fails(
    tmp_path: Path, children: Children
) -> None:
    """K07: neither file nor folder of a recording may be unsafe on the disk and in a row."""
    one = Harness("import", tmp_path, children)
    for point in sample(one.whole().binding, 4, phase=4):
        run, faults = one.fail(point, "EIO")

        assert run.said[-1].startswith(REFUSED), point
        assert faults == [], point


@pytest.mark.parametrize("call", ["pwrite64", "fsync", "rename"])
def test_a_disk_that_is_full_or_failing_leaves_the_older_vault(
    tmp_path: Path, children: Children, call: str
) -> None:
    """K07: a migration that is refused at any place is refused kindly, and later it works."""
    one = Harness("migrate", tmp_path, children)
    points = [point for point in one.whole().points if point.call == call]
    for point in sample(points, 3, phase=1):
        error = "ENOSPC" if call == "pwrite64" else "EIO"
        _, faults = one.fail(point, error, until_the_end=True)

        assert faults == [], point
