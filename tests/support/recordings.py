"""Recordings for tests: recorders as real processes or in this one, and what was heard of them."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from crypto.signing import SigningKey
from intake.capture.recording import frames, steering
from intake.capture.recording.engine import Recorder, World
from intake.capture.recording.faking import FakeAudioInput
from intake.capture.recording.steering import KEY_OF
from intake.vault.ids import InterviewId, MediaId, new_id
from intake.vault.inbox import inbox_of, is_held

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from intake.vault.vault import Vault
    from tests.support.matter import Matter

_Told = TypeVar("_Told")
PATIENCE_S = 10.0
MICROPHONE = frames.Side(what="microphone")
CALL = (MICROPHONE, frames.Side(what="computer", people=2))
ONE_CHUNK_MS = 64 * 1024 // 2 * 1000 // 48_000


def the_interview(vault: Vault) -> InterviewId:
    """Return the only interview."""
    return InterviewId(str(vault.testimony.value("SELECT id FROM interview")))


def begin(
    matter: Matter, fake: frames.Fake, sides: Sequence[frames.Side] = (MICROPHONE,)
) -> steering.Running:
    """Start a recorder's process with sound that is not there, and lock the vault again."""
    with matter.unlock() as vault:
        running = steering.start(vault, the_interview(vault), agrees="yes", fake=fake, sides=sides)
    running.wait_for("recording", PATIENCE_S)
    return running


def pid_of(running: steering.Running) -> int:
    """Find the process that holds a session's lock, by the files that it has open."""
    lock = os.fspath(inbox_of(running.path).lock(running.session))
    for process in Path("/proc").iterdir():
        if (
            process.name.isdecimal()
            and int(process.name) != os.getpid()
            and lock in open_files(process)
        ):
            return int(process.name)
    raise AssertionError("no process holds the session")


def open_files(process: Path) -> set[str]:
    """Return what a process of /proc has open; what it closes during the look is left out."""
    found = set()
    with suppress(OSError):
        for each in (process / "fd").iterdir():
            with suppress(OSError):
                found.add(os.fspath(each.readlink()))
    return found


def kill(running: steering.Running) -> None:
    """Kill the recorder's process, and return when the system has let go of its lock."""
    os.kill(pid_of(running), signal.SIGKILL)
    until = time.monotonic() + PATIENCE_S
    while is_held(inbox_of(running.path).lock(running.session)):
        assert time.monotonic() < until
        os.sched_yield()
    running.close()


def setup_in(vault: Vault, *, fake: frames.Fake, **how: object) -> frames.Setup:
    """Return what a recorder of this vault is told, its key entered as `start` does."""
    key, session, interview = SigningKey.generate(), new_id(), the_interview(vault)
    with vault.change("recording.started", interview=interview) as change:
        change.identities.insert(
            "interview_fact",
            interview=interview,
            kind=f"{KEY_OF}:{session}",
            value=key.verify_key().to_hex(),
        )
    facts: dict[str, object] = {
        "vault": os.fspath(vault.folder.path),
        "vault_id": vault.id,
        "session": session,
        "interview": interview,
        "author": vault.member,
        "recipient": vault.record.recipients["slot"],
        "sign_key": key.to_secret().reveal(),
        "agrees": "yes",
        "sides": [MICROPHONE],
        "fake": fake,
    }
    return frames.Setup(**(facts | how))  # type: ignore[arg-type]  # checked where it is decoded


class Here:
    """A recorder in this process, driven step by step."""

    def __init__(self, setup: frames.Setup, world: World | None = None) -> None:
        assert setup.fake is not None
        self.audio = FakeAudioInput(
            setup.fake, rate=setup.rate, channels=len(setup.sides), wait=lambda _: None
        )
        self.recorder = Recorder(setup, self.audio, world)

    def run(self, ms: int) -> None:
        """Let so much sound come, as fast as it is taken."""
        while self.audio.given < ms * self.recorder.setup.rate // 1000:
            self.audio.pump(0)
            assert self.recorder.tick()

    def told(self, act: Callable[[steering.Running], _Told]) -> _Told:
        """Steer it through its pipes, from another thread, while this one ticks."""
        setup = self.recorder.setup
        with (
            ThreadPoolExecutor(1) as pool,
            steering.Running(Path(setup.vault), setup.session) as running,
        ):
            future = pool.submit(act, running)
            while not future.done() and self.recorder.tick():
                os.sched_yield()
            return future.result(PATIENCE_S)

    def stop(self) -> frames.Status:
        """End it, and return how it was then."""
        self.recorder.end("stopped")
        while self.recorder.tick():
            os.sched_yield()
        return self.recorder.status()


def sound_of(vault: Vault, media: str) -> bytes:
    """Return all that is in a recorded part."""
    with vault.open_media(MediaId(media)) as opened:
        return b"".join(opened.pieces())


def recorded(vault: Vault) -> list[str]:
    """Return the recorded parts in their order."""
    rows = vault.testimony.rows(
        "SELECT media.id AS id FROM media JOIN recorded_part ON media = media.id ORDER BY part"
    )
    return [str(row["id"]) for row in rows]


def files_of(path: Path) -> dict[str, bytes]:
    """Return every plain file of an inbox by its name."""
    return {each.name: each.read_bytes() for each in path.iterdir() if each.is_file()}
