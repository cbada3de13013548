"""A recorder is a process of its own: started, found again, steered, stopped. Real processes."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from intake.capture.recording import frames, steering
from intake.capture.recording.frames import Fake, Side
from intake.errors import (
    AlreadyRecordingError,
    RecorderGoneError,
    RecorderNotStartedError,
    RecorderRefusedError,
    UnknownPartError,
)
from intake.vault.domains import MOMENTS
from intake.vault.ids import InterviewId
from intake.vault.inbox import inbox_of

if TYPE_CHECKING:
    from intake.vault.vault import Vault
    from tests.support.matter import Matter

PATIENCE_S = 10.0
SIDES = (Side(what="microphone"), Side(what="computer", people=2))


def the_interview(vault: Vault) -> InterviewId:
    """Return the only interview."""
    return InterviewId(str(vault.testimony.value("SELECT id FROM interview")))


def begun(matter: Matter, sound: str = "tone:440", **how: object) -> steering.Running:
    """Start a recorder with a device that is not there, and lock the vault again."""
    with matter.unlock() as vault:
        running = steering.start(
            vault, the_interview(vault), agrees="yes", fake=Fake(sound), sides=SIDES
        )
    assert running.wait_for("recording", PATIENCE_S).state == "recording", how
    return running


def test_the_vault_is_locked_and_the_recording_goes_on(matter: Matter) -> None:
    """Whoever looks for it finds it, without a key; Stop ends it with everything on the disk."""
    with begun(matter) as running:
        (found,) = steering.find_running(matter.path)

        status = found.status()
        ended = found.stop()
        found.close()

        assert (status.session, status.state) == (running.session, "recording")
        assert (ended.state, ended.ending) == ("ended", "stopped")
        assert ended.sealed_ms == ended.recorded_ms
        assert steering.find_running(matter.path) == []
        with pytest.raises(RecorderGoneError):
            running.status()


def test_a_pause_ends_the_part_and_going_on_begins_another(matter: Matter) -> None:
    """What is noted meanwhile belongs to no part."""
    with begun(matter) as running:
        first = running.mark()
        running.pause()
        between = running.mark("distress")
        with pytest.raises(RecorderRefusedError):
            running.pause()
        running.go_on()
        running.wait_for("recording", PATIENCE_S)
        second = running.note("A word for myself. " * 400)
        ended = running.stop()

    assert (first.part, between.part, second.part) == (1, 0, 2)
    assert first.media
    assert second.media not in ("", first.media)
    assert (ended.part, ended.moments) == (2, 2 + 3)


def test_a_part_that_is_taken_back_is_destroyed_at_once_and_nothing_goes_on_unasked(
    matter: Matter,
) -> None:
    """Its slot and its sound are gone from the disk; the recorder waits to be told."""
    with begun(matter) as running:
        noted = running.mark("spoken_no")
        status = running.destroy_part(noted.part)

        assert (status.state, status.parts) == ("paused", [])
        inbox = inbox_of(matter.path)
        assert not inbox.slot(noted.media).exists()
        assert not inbox.media(noted.media).exists()
        with pytest.raises(UnknownPartError):
            running.destroy_part(noted.part)
        running.stop()


def test_one_interview_is_recorded_once_at_a_time(matter: Matter) -> None:
    """Two recorders would share the microphone, and nobody would know which one counts."""
    with begun(matter) as running, matter.unlock() as vault:
        with pytest.raises(AlreadyRecordingError):
            steering.start(vault, the_interview(vault), agrees="yes", fake=Fake("silence"))
        running.stop()


def test_a_recorder_that_cannot_begin_says_so(matter: Matter) -> None:
    """And leaves nothing that looks alive."""
    with matter.unlock() as vault, pytest.raises(RecorderNotStartedError, match="nothing is being"):
        steering.start(vault, the_interview(vault), agrees="yes", fake=Fake("no such sound"))

    assert steering.find_running(matter.path) == []


def test_what_lies_in_the_inbox_is_for_this_user_alone(matter: Matter) -> None:
    """And no word of a note, nor the interview, stands in any of it."""
    with begun(matter) as running:
        running.note("Planted-word-for-the-search")
        for path in inbox_of(matter.path).path.iterdir():
            assert path.stat().st_mode & 0o077 == 0
            if stat.S_ISREG(path.stat().st_mode):
                content = path.read_bytes()
                assert b"Planted-word" not in content
                assert running.interview.encode() not in content
        assert stat.S_IMODE(inbox_of(matter.path).path.stat().st_mode) == 0o700
        running.stop()


def test_rubbish_in_the_control_pipe_ends_nothing(matter: Matter) -> None:
    """It is thrown away, and the next command is heard."""
    with begun(matter) as running:
        (pipe,) = inbox_of(matter.path).path.glob("*.ctl")
        with pipe.open("wb", buffering=0) as file:
            file.write(os.urandom(3000))
            file.write((50).to_bytes(4, "big") + b"\x81" * 50)

        assert running.status().state == "recording"
        running.stop()


def test_marks_are_the_words_that_testimony_db_takes() -> None:
    """The vocabulary stands in two places: msgspec needs it written out."""
    assert frames.KINDS == MOMENTS
    assert set(frames.MomentKind.__args__) == set(MOMENTS)
