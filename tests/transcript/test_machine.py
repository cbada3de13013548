"""One transcription at a time for each person, and none on battery."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from intake.errors import CancelledError
from intake.jobs import CancelToken
from intake.transcript.machine import is_on_battery, one_at_a_time

if TYPE_CHECKING:
    from pathlib import Path


def supply(power: Path, name: str, **facts: str) -> None:
    """Write what the kernel says of one supply."""
    folder = power / name
    folder.mkdir(parents=True)
    for fact, value in facts.items():
        (folder / fact).write_text(value + "\n")


def test_a_battery_that_runs_down_counts(tmp_path: Path) -> None:
    """Until the mains are at hand again."""
    supply(tmp_path, "BAT0", type="Battery", status="Discharging")
    supply(tmp_path, "AC", type="Mains", online="0")
    assert is_on_battery(tmp_path)

    (tmp_path / "AC" / "online").write_text("1\n")
    assert not is_on_battery(tmp_path)


@pytest.mark.parametrize("status", ["Charging", "Full", "Not charging", "Unknown"])
def test_a_battery_that_does_not_run_down_does_not_count(tmp_path: Path, status: str) -> None:
    """Nor does one of which nothing is known."""
    supply(tmp_path, "BAT0", type="Battery", status=status)
    assert not is_on_battery(tmp_path)


def test_the_battery_of_a_mouse_does_not_count(tmp_path: Path) -> None:
    """Neither does a computer without any, nor a system that tells nothing."""
    supply(tmp_path, "mouse", type="Battery", status="Discharging", scope="Device")
    assert not is_on_battery(tmp_path)
    assert not is_on_battery(tmp_path / "nowhere")


def a_vault(folder: Path) -> Path:
    """Return a folder with the one file that the lock is held on."""
    folder.mkdir()
    (folder / "vault.toml").write_text("format = 1\n")
    return folder


@pytest.mark.parametrize("is_same", [True, False])
def test_a_second_one_waits_for_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_same: bool
) -> None:
    """In the same vault or in another one of this person; it goes on when the first ends."""
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    one, other = a_vault(tmp_path / "one"), a_vault(tmp_path / "other")
    order: list[str] = []
    begun = threading.Event()

    def second() -> None:
        begun.set()
        with one_at_a_time(CancelToken(), one if is_same else other):
            order.append("second")

    with one_at_a_time(CancelToken(), one):
        thread = threading.Thread(target=second)
        thread.start()
        assert begun.wait(10)
        order.append("first")
    thread.join(10)

    assert order == ["first", "second"]
    assert [path.read_bytes() for path in runtime.iterdir()] == [b""]
    assert [path.name for path in one.iterdir()] == ["vault.toml"]


def test_twin_without_a_lock_nobody_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No folder of a session, two vaults: the inner one runs while the outer one does."""
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    one, other = a_vault(tmp_path / "one"), a_vault(tmp_path / "other")
    with one_at_a_time(CancelToken(), one), one_at_a_time(CancelToken(), other):
        pass


def test_waiting_can_be_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the button that stops everything else."""
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    one, token = a_vault(tmp_path / "one"), CancelToken()
    token.cancel()
    with (
        one_at_a_time(CancelToken(), one),
        pytest.raises(CancelledError),
        one_at_a_time(token, one),
    ):
        pass


def test_a_link_in_the_place_of_the_lock_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is made where it points to, and transcription goes on."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    (tmp_path / "intake-transcription.lock").symlink_to(tmp_path / "elsewhere")
    with one_at_a_time(CancelToken(), tmp_path):
        assert not (tmp_path / "elsewhere").exists()
