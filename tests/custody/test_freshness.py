"""Old copies put back: which part is older than the others, and what cannot be seen (E02)."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from intake.custody.verifying import verify_chain, verify_rows
from intake.errors import KeyRecordError, StaleStoreError
from intake.vault.folder import read_folder
from tests.support.matter import Matter, add_translator, new_interview
from tests.vault.tools import copy_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def aged(matter: Matter, tmp_path: Path) -> tuple[Matter, Matter]:
    """Return a vault, and an older copy of it from before a member and an interview came."""
    old = copy_of(matter, tmp_path)
    with matter.unlock() as vault:
        add_translator(vault)
        new_interview(vault)
    return matter, old


def _put_back(matter: Matter, old: Matter, part: str) -> None:
    target = matter.path / part
    if part == "keyrecord":
        shutil.rmtree(target)
        shutil.copytree(old.path / part, target)
    else:
        shutil.copy(old.path / part, target)


def test_equally_new_parts_are_fresh(aged: tuple[Matter, Matter]) -> None:
    """Twin: nothing put back, nothing found."""
    matter, _ = aged
    with matter.unlock() as vault:
        assert vault.stale_parts() == []
        vault.check_fresh()


@pytest.mark.parametrize(
    ("part", "named"),
    [
        ("testimony.db", "testimony.db"),
        ("identities.db", "identities.db"),
        ("keyrecord", "key record"),
    ],
)
def test_an_older_part_is_named(aged: tuple[Matter, Matter], part: str, named: str) -> None:
    """One part older than the rest is named, at every unlock, and closing does not hide it."""
    matter, old = aged
    _put_back(matter, old, part)

    for _ in range(3):
        with matter.unlock() as vault:
            assert named in vault.stale_parts()
            with pytest.raises(StaleStoreError):
                vault.check_fresh()
            found = [str(f) for f in [*verify_chain(vault), *verify_rows(vault)]]
            assert f"{named}: older than another part knows" in found


def test_an_older_head_names_the_head_only_when_it_is_of_another_chain(
    aged: tuple[Matter, Matter],
) -> None:
    """A head that merely lags is caught up at the next lock; one of a fork is named."""
    matter, old = aged
    _put_back(matter, old, "head")
    with matter.unlock() as vault:
        assert vault.stale_parts() == []

    with old.unlock() as fork:
        new_interview(fork)
    _put_back(matter, old, "head")

    with matter.unlock() as vault:
        assert vault.stale_parts() == ["head"]


@pytest.mark.parametrize("content", [b"", b"{}", b"[" * 100_000, b"\xff", None])
def test_a_damaged_or_missing_head_is_named(matter: Matter, content: bytes | None) -> None:
    """D12: no head, noise, deep nesting."""
    path = matter.path / "head"
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)

    with matter.unlock() as vault:
        assert vault.stale_parts() == ["head"]
    with matter.unlock() as vault:
        assert vault.stale_parts() == []


def test_an_older_testimony_is_seen_by_an_uncleared_member_too(
    aged: tuple[Matter, Matter], tmp_path: Path
) -> None:
    """Without identities.db the head file and the key record still tell."""
    matter, _ = aged
    (tmp_path / "again").mkdir()
    old = copy_of(matter, tmp_path / "again")
    with matter.unlock() as vault:
        new_interview(vault)
    _put_back(matter, old, "testimony.db")
    folder, _vault = read_folder(matter.path)
    other = next(member for member in folder.member_ids() if member != matter.member)

    for _ in range(2):
        with matter.unlock_as(other) as vault:
            assert vault.stale_parts() == ["testimony.db"]


def test_work_on_an_old_testimony_is_still_seen(aged: tuple[Matter, Matter]) -> None:
    """A fork: entries written on the old store do not make it look whole."""
    matter, old = aged
    _put_back(matter, old, "testimony.db")
    with matter.unlock() as vault:
        for _ in range(3):
            new_interview(vault)

    with matter.unlock() as vault:
        found = [str(f) for f in [*verify_chain(vault), *verify_rows(vault)]]
    assert any("no custody entry vouches for" in line for line in found)


def test_work_on_an_old_register_is_still_seen(aged: tuple[Matter, Matter]) -> None:
    """The rows that the old identities.db lacks stay missing after later work."""
    matter, old = aged
    _put_back(matter, old, "identities.db")
    with matter.unlock() as vault:
        new_interview(vault)

    with matter.unlock() as vault:
        found = [str(f) for f in verify_rows(vault)]
    assert any("identities.db: the rows of custody entry" in line for line in found)


def test_everything_old_together_cannot_be_seen_from_inside(
    aged: tuple[Matter, Matter],
) -> None:
    """Documented: compare the counter with the one on paper; here it is lower."""
    matter, old = aged
    with matter.unlock() as vault:
        on_paper = int(vault.testimony.fact("head_n"))

    with old.unlock() as vault:
        assert [*verify_chain(vault), *verify_rows(vault)] == []
        assert int(vault.testimony.fact("head_n")) < on_paper


def test_a_gap_in_the_key_records_is_refused(aged: tuple[Matter, Matter]) -> None:
    """A record in the middle is part of the line of custodians."""
    matter, _ = aged
    with matter.unlock() as vault:
        add_translator(vault)
    (matter.path / "keyrecord" / "2.age").unlink()

    with pytest.raises(KeyRecordError):
        matter.unlock()
