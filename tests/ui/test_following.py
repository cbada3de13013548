"""The window transcribes what is recorded while its vault is open, and lets go when it locks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QObject, Signal

from intake.transcript.live import Listening
from intake.transcript.live_rows import kept_stretches
from tests.support.matter import Matter, new_interview
from tests.support.recordings import the_interview
from tests.support.window import wait_for
from tests.transcript.test_live import Session, _closed, engine, paper
from ui.context import Who
from ui.desk import Desk
from ui.following import Following

if TYPE_CHECKING:
    from collections.abc import Iterator

    from intake.vault.vault import Vault
    from tests.transcript.test_live import Engine

__all__ = ["_closed", "engine"]


@dataclass
class Seen:
    """What the recorder answered last, as far as it matters here."""

    session: str
    interview: str


class Capture(QObject):
    """Tells of one recording, as the window's own does."""

    seen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.status: Seen | None = None

    def look(self, session: str, interview: str) -> None:
        """See that recording."""
        self.status = Seen(session, interview)
        self.seen.emit(self.status)


@pytest.fixture
def vault(matter: Matter) -> Iterator[Vault]:
    """Open a vault with one interview."""
    with matter.unlock() as opened:
        new_interview(opened)
        yield opened


class Here:
    """A desk with the vault, a capture, and what follows it."""

    def __init__(self, vault: Vault, *, is_cleared: bool = True) -> None:
        self.vault = vault
        self.desk = Desk()
        self.desk.take(vault)
        self.capture = Capture()
        who = Who(id=vault.member, roles=vault.roles, is_cleared=is_cleared)
        found: Any = self.capture
        self.following = Following(found, self.desk, who, find=lambda _: paper(vault))
        self.heard: list[object] = []
        self.following.heard.connect(self.heard.append)


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch, qapp: object) -> None:
    """Follow in stretches of four seconds, on mains."""
    assert qapp
    short = partial(Listening, stretch_ms=4000, poll_s=0.01, on_battery=lambda: False)
    monkeypatch.setattr("ui.following.Listening", short)


def test_a_recording_is_followed_and_its_end_is_told(vault: Vault, engine: Engine) -> None:
    """Seen many times, followed once; the interview is told when the recorder ends."""
    here, session = Here(vault), Session(vault)
    interview = the_interview(vault)
    session.record(9)
    for _ in range(3):
        here.capture.look(session.session, interview)
    wait_for(lambda: len(engine.sound) == 2, "two stretches")
    assert here.heard == []

    session.here.stop()
    wait_for(lambda: here.heard == [interview], "the end")
    here.following.drain()
    starts = [start for start, _ in engine.sound]
    assert starts == sorted(set(starts)), "nothing is decoded twice"
    assert len(starts) <= 3, "the two, and what was left at the stop"


def test_locking_lets_go_at_a_safe_point(vault: Vault, engine: Engine) -> None:
    """What was kept stays; nobody is told to go on; after unlocking it would go on from there."""
    here, session = Here(vault), Session(vault)
    session.record(5)
    here.capture.look(session.session, the_interview(vault))
    wait_for(lambda: len(engine.sound) == 1, "a stretch")
    wait_for(lambda: len(kept_stretches(vault, session.media)) == 1, "it being kept")

    here.following.begin_closing()
    here.following.drain()
    session.record(5)
    here.capture.look("another", the_interview(vault))
    here.following.drain()
    assert len(engine.sound) == 1
    assert here.heard == []

    here.following.go_on()
    here.capture.look(session.session, the_interview(vault))
    wait_for(lambda: len(engine.sound) == 2, "the next stretch")
    here.following.begin_closing()
    here.following.drain()


@pytest.mark.parametrize("is_cleared", [True, False])
def test_only_a_cleared_interviewers_window_follows(
    vault: Vault, engine: Engine, *, is_cleared: bool
) -> None:
    """The twin: the same recording, followed by who may."""
    here, session = Here(vault, is_cleared=is_cleared), Session(vault)
    session.record(5)
    here.capture.look(session.session, the_interview(vault))
    if is_cleared:
        wait_for(lambda: bool(engine.sound), "a stretch")
    session.here.stop()
    here.following.drain()

    assert bool(engine.sound) is is_cleared


def test_a_session_that_no_recorder_makes_is_left_alone(vault: Vault, engine: Engine) -> None:
    """Nothing is loaded, nothing told."""
    here = Here(vault)
    here.capture.look("nothing", the_interview(vault))
    here.following.drain()
    assert (engine.sound, here.heard) == ([], [])
