"""One transcription at a time for each person, and a recording that goes on before all others."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from intake.errors import CancelledError
from intake.jobs import CancelToken
from intake.transcript.turns import Turn, one_at_a_time

if TYPE_CHECKING:
    from pathlib import Path


def a_vault(folder: Path) -> Path:
    """Return a folder with the two files that locks are held on."""
    folder.mkdir()
    for name in ("vault.toml", "public.toml"):
        (folder / name).write_text("format = 1\n")
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
    assert [path.read_bytes() for path in runtime.iterdir()] == [b"", b""]
    assert sorted(path.name for path in one.iterdir()) == ["public.toml", "vault.toml"]


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


@pytest.mark.parametrize("is_same", [True, False])
def test_who_goes_first_is_seen_and_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_same: bool
) -> None:
    """Between the two halves of another's turn, in the same vault or another of this person."""
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    one, other = a_vault(tmp_path / "one"), a_vault(tmp_path / "other")
    order: list[str] = []

    def recording() -> None:
        with one_at_a_time(CancelToken(), one if is_same else other, first=True):
            order.append("first")

    with one_at_a_time(CancelToken(), one) as turn:
        assert not turn.is_awaited
        thread = threading.Thread(target=recording)
        thread.start()
        while not turn.is_awaited:  # ends as soon as the other thread asks
            pass
        order.append("half")
        turn.give_way()
        order.append("other half")
        assert not turn.is_awaited
    thread.join(10)

    assert order == ["half", "first", "other half"]


def test_twin_nobody_gives_way_to_one_who_does_not_go_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They wait for the end of the turn, and nobody sees them wait."""
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    one, token = a_vault(tmp_path / "one"), CancelToken()
    waiting = Turn(token, one)

    with one_at_a_time(CancelToken(), one) as turn:
        token.cancel()
        with pytest.raises(CancelledError):
            waiting.take()
        assert not turn.is_awaited
    waiting.close()


def test_who_goes_first_is_not_awaited_once_they_gave_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recording that was stopped while it waited holds nobody off."""
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    one, token = a_vault(tmp_path / "one"), CancelToken()
    token.cancel()

    with one_at_a_time(CancelToken(), one) as turn:
        with pytest.raises(CancelledError), one_at_a_time(token, one, first=True):
            pass
        assert not turn.is_awaited
