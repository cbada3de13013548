"""The wait after wrong passphrases: it grows, survives a restart, and locks nobody out."""

from __future__ import annotations

import math
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from intake import opening
from intake.custody.files import verify_folder
from intake.errors import TooManyTriesError, UnlockError
from intake.vault import unlocking_delay
from intake.vault.unlocking_delay import DELAYS_S, FILE, LONGEST_S
from tests.support.matter import CHEAP_LOG_N, OTHER_PASSPHRASE, PASSPHRASE

if TYPE_CHECKING:
    from tests.opening.conftest import Staff

YEAR_S = 365 * 86400.0
START = 1_800_000_000.0


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        """Return what it shows."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Return the clock that the waits go by."""
    clock = Clock()
    monkeypatch.setattr(unlocking_delay, "_now", clock)
    return clock


def _try(staff: Staff, text: str = "not the invented passphrase") -> int:
    """Try a passphrase: 0 where it opens, -1 where it does not, else the seconds to wait."""
    try:
        opening.unlock(
            staff.matter.path, staff.matter.member, opening.passphrase_from(text)
        ).close()
    except UnlockError:
        return -1
    except TooManyTriesError as refused:
        return refused.wait_s
    return 0


def _fail(staff: Staff, clock: Clock, times: int) -> None:
    for _ in range(times):
        while (wait := _try(staff)) != -1:
            clock.now += wait


def test_the_wait_grows_to_half_a_minute(staff: Staff, clock: Clock) -> None:
    """A02: three mistakes cost nothing; then 2, 4, 8, 16, 30 seconds, and never more."""
    waits = []
    for _ in range(12):
        assert _try(staff) == -1
        wait = max(_try(staff, PASSPHRASE) if len(waits) >= 3 else 0, 0)
        waits.append(wait)
        clock.now += wait

    assert tuple(waits) == DELAYS_S + 4 * (LONGEST_S,)
    assert LONGEST_S == 30


def test_the_sentence_says_how_long(staff: Staff, clock: Clock) -> None:
    """Whole seconds, rounded up; nothing is lost."""
    _fail(staff, clock, 5)

    for passed, words in ((0.0, "4 seconds"), (2.5, "2 seconds"), (0.9, "1 second,")):
        clock.now += passed
        with pytest.raises(TooManyTriesError, match=f"Nothing is lost; wait {words}"):
            staff.matter.unlock()
    clock.now += 0.7
    staff.matter.unlock().close()


def test_a_refused_try_costs_no_work_and_is_not_counted(
    staff: Staff, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key file is not even read; trying on and on makes the wait no longer."""
    _fail(staff, clock, 4)
    before = (staff.matter.path / FILE).read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(opening.members, "open_member_file", lambda *_: pytest.fail("opened"))
        assert [_try(staff), _try(staff), _try(staff, PASSPHRASE)] == [2, 2, 2]

    assert (staff.matter.path / FILE).read_bytes() == before


def test_success_forgets(staff: Staff, clock: Clock) -> None:
    """The next mistake is the first one again, and no file is left."""
    _fail(staff, clock, 6)
    clock.now += LONGEST_S
    assert _try(staff, PASSPHRASE) == 0
    assert not (staff.matter.path / FILE).exists()

    assert [_try(staff) for _ in range(3)] == [-1, -1, -1]


def test_a_restart_and_a_copy_keep_the_count(staff: Staff, clock: Clock, tmp_path: Path) -> None:
    """It is a file of the vault, so it is there after the program ended, and in a copy."""
    _fail(staff, clock, 8)
    copied = tmp_path / "copied.vault"
    shutil.copytree(staff.matter.path, copied)

    with pytest.raises(TooManyTriesError):
        opening.unlock(copied, staff.matter.member, opening.passphrase_from(PASSPHRASE))


def test_without_the_file_nobody_waits(staff: Staff, clock: Clock) -> None:
    """Twin: the file is what holds the count; so it cannot slow whoever has a copy."""
    _fail(staff, clock, 8)
    assert _try(staff, PASSPHRASE) == LONGEST_S
    (staff.matter.path / FILE).unlink()

    assert _try(staff, PASSPHRASE) == 0


def test_each_member_has_a_count(staff: Staff, clock: Clock) -> None:
    """Somebody's guesses at one member keep no other member out, and are not forgotten for them."""
    _fail(staff, clock, 8)

    opening.unlock(
        staff.matter.path, staff.cleared, opening.passphrase_from(OTHER_PASSPHRASE)
    ).close()
    assert _try(staff, PASSPHRASE) == LONGEST_S


@pytest.mark.parametrize("set_to", [-YEAR_S, -1.0, -3600.0, YEAR_S, 10 * YEAR_S])
def test_a_clock_that_was_set_locks_nobody_out(staff: Staff, clock: Clock, set_to: float) -> None:
    """F07: back or forward, at most half a minute more."""
    _fail(staff, clock, 9)
    clock.now += set_to
    first = _try(staff, PASSPHRASE)
    assert 0 <= first <= LONGEST_S

    clock.now += first
    assert _try(staff, PASSPHRASE) == 0


def test_a_clock_set_back_twice(staff: Staff, clock: Clock) -> None:
    """The wait begins anew at each setting back; standing still at the end, it ends."""
    _fail(staff, clock, 9)
    for _ in range(3):
        clock.now -= YEAR_S
        assert _try(staff, PASSPHRASE) == LONGEST_S
    clock.now += LONGEST_S

    assert _try(staff, PASSPHRASE) == 0


def test_a_wait_until_the_old_hour_would_be_seen(
    staff: Staff, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: without the new beginning the member would wait for a year."""
    _fail(staff, clock, 9)
    clock.now -= YEAR_S
    monkeypatch.setattr(unlocking_delay, "_write", lambda *_: True)
    first = _try(staff, PASSPHRASE)
    clock.now += first

    assert _try(staff, PASSPHRASE) == LONGEST_S


DAMAGED: dict[str, bytes] = {
    "empty": b"",
    "noise": b"\x00\xff\xfe",
    "nested": b"[" * 60_000,
    "long": b" " * 100_000,
    "list": b"[1]",
    "not a number": b'{"MEMBER":{"wrong":9,"last":NaN}}',
    "too large a number": b'{"MEMBER":{"wrong":9,"last":1e400}}',
    "huge count": b'{"MEMBER":{"wrong":99999999999999999999999999,"last":0}}',
    "below nothing": b'{"MEMBER":{"wrong":-9,"last":1800000000}}',
    "nothing": b'{"MEMBER":{"wrong":0,"last":1800000000}}',
    "another field": b'{"MEMBER":{"wrong":9,"last":1800000000,"until":99999999999}}',
    "twice": b'{"MEMBER":{"wrong":9,"last":0},"MEMBER":{"wrong":1,"last":0}}',
    "words": b'{"MEMBER":"9"}',
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_no_wait(staff: Staff, clock: Clock, content: bytes) -> None:
    """B10, D12: whoever can write it could delete it, so it fails open and raises nothing."""
    member = staff.matter.member.encode()
    (staff.matter.path / FILE).write_bytes(content.replace(b"MEMBER", member))

    assert _try(staff) == -1
    assert clock.now == START
    assert _try(staff, PASSPHRASE) == 0


def test_a_far_time_in_the_file_is_at_most_half_a_minute(staff: Staff, clock: Clock) -> None:
    """A time to come is taken for now."""
    row = f'{{"{staff.matter.member}":{{"wrong":9,"last":{START + 9 * YEAR_S}}}}}'
    (staff.matter.path / FILE).write_text(row)

    assert _try(staff, PASSPHRASE) == LONGEST_S
    clock.now += LONGEST_S
    assert _try(staff, PASSPHRASE) == 0


@pytest.mark.parametrize("what", ["folder", "link"])
def test_something_else_under_its_name_is_no_wait(staff: Staff, clock: Clock, what: str) -> None:
    """Nothing is followed or emptied; the vault opens."""
    place = staff.matter.path / FILE
    other = staff.matter.path / "head"
    before = other.read_bytes()
    if what == "folder":
        place.mkdir()
    else:
        place.symlink_to(other)

    assert _try(staff) == -1
    assert _try(staff, PASSPHRASE) == 0
    assert clock.now == START
    assert other.read_bytes() == before or what == "link"


def test_a_disk_that_refuses_is_no_wait(
    staff: Staff, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """K08: a read-only stick opens; what cannot be counted is not waited for."""

    def refuse(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(unlocking_delay, "write_whole", refuse)
    assert [_try(staff) for _ in range(9)] == [-1] * 9
    assert _try(staff, PASSPHRASE) == 0
    assert clock.now == START


def test_on_a_disk_that_refuses_a_clock_set_back_is_no_wait(
    staff: Staff, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new beginning could not be kept, so the wait would never end."""

    def refuse(*_: object) -> None:
        raise OSError

    _fail(staff, clock, 9)
    clock.now -= YEAR_S
    monkeypatch.setattr(unlocking_delay, "write_whole", refuse)

    assert _try(staff, PASSPHRASE) == 0


def test_the_file_tells_no_more_than_ids_counts_and_times(staff: Staff, clock: Clock) -> None:
    """And verify accounts for it."""
    _fail(staff, clock, 2)
    written = (staff.matter.path / FILE).read_text()
    with opening.unlock(
        staff.matter.path, staff.cleared, opening.passphrase_from(OTHER_PASSPHRASE)
    ) as vault:
        assert verify_folder(vault) == []
        (staff.matter.path / "attempts.txt").write_text(written)
        assert len(verify_folder(vault)) == 1  # twin

    assert written == f'{{"{staff.matter.member}":{{"wrong":2,"last":{START}}}}}'


def test_a_covered_window_and_a_change_of_passphrase_wait_as_well(
    staff: Staff, clock: Clock
) -> None:
    """Whoever sits at a covered window guesses no faster."""
    wrong = opening.passphrase_from("not the invented passphrase")
    new = opening.passphrase_from("seven other invented words")

    def confirm(vault: Any) -> None:  # noqa: ANN401
        opening.confirm_passphrase(vault, wrong)

    def change(vault: Any) -> None:  # noqa: ANN401
        opening.change_passphrase(vault, wrong, new, log_n=CHEAP_LOG_N)

    with staff.matter.unlock() as vault:
        for call in (confirm, change, confirm, change):
            with pytest.raises(UnlockError):
                call(vault)
        for call in (confirm, change):
            with pytest.raises(TooManyTriesError):
                call(vault)
        clock.now += 2
        opening.confirm_passphrase(vault, opening.passphrase_from(PASSPHRASE))
        with pytest.raises(UnlockError):
            confirm(vault)


def test_what_is_said_of_it() -> None:
    """It is never promised that this protects a copy."""
    said = " ".join((unlocking_delay.__doc__ or "").split())
    security = " ".join((Path(__file__).parents[2] / "SECURITY.md").read_text("utf-8").split())

    assert "slows a person at the keyboard, and nobody else" in said
    assert "slows only a person at the keyboard" in security
    assert math.isclose(unlocking_delay._now(), __import__("time").time(), abs_tol=5)
