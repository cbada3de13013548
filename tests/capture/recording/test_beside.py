"""What else happens to a vault while a recording is made or waits: locks, keys, erasure, loss."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crypto.hybrid import HybridIdentity
from intake import opening
from intake.capture.recording import steering
from intake.capture.recording.faking import counted
from intake.capture.recording.filing import file_inbox
from intake.capture.recording.frames import Fake
from intake.egress.inspecting import verify_vault
from intake.errors import BeingRecordedError
from intake.opening import backing_up, erasing
from intake.vault.inbox import inbox_of
from intake.vault.media import identity_in
from intake.vault.rotating import rotate
from tests.support.matter import OTHER_PASSPHRASE, add_translator
from tests.support.recordings import (
    Here,
    begin,
    open_files,
    pid_of,
    recorded,
    setup_in,
    sound_of,
    the_interview,
)

if TYPE_CHECKING:
    from tests.support.matter import Matter

ROOT = Path(__file__).parents[3]
COUNTED = Fake("count", is_paced=False)
PATIENCE_S = 10.0
_STARTER = """
import sys
sys.path.insert(0, {root!r})
from pathlib import Path
from intake.capture.recording import steering
from intake.capture.recording.frames import Fake
from intake.vault.ids import MemberId
from tests.support.matter import Matter
from tests.support.recordings import the_interview
vault = Matter(Path({path!r}), MemberId({member!r})).unlock()
steering.start(vault, the_interview(vault), agrees="yes", fake=Fake("count"))
print("begun", flush=True)
sys.stdin.read()
"""


def test_whoever_began_it_is_killed_and_it_goes_on(matter: Matter) -> None:
    """The window with its keys is gone at once; the next start finds the recorder and stops it."""
    code = _STARTER.format(root=os.fspath(ROOT), path=os.fspath(matter.path), member=matter.member)
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as window:
        assert window.stdout is not None
        assert window.stdout.readline() == b"begun\n"
        os.killpg(os.getpgid(window.pid), 0)  # it is there
        window.kill()
        window.wait()
    (running,) = steering.find_running(matter.path)
    with running:
        before = running.status().elapsed_ms
        until = time.monotonic() + PATIENCE_S
        while running.status().elapsed_ms < before + 300:
            assert time.monotonic() < until
        assert running.status().state == "recording"
        assert running.stop().ending == "stopped"

    with matter.unlock() as vault:
        (media,) = recorded(vault)
        sound = sound_of(vault, media)
        assert sound == counted(0, len(sound) // 2, 1)


def test_the_recorder_has_nothing_of_the_window(matter: Matter) -> None:
    """No descriptor of the vault's stores or lock, no terminal, another session, few variables."""
    with begin(matter, Fake("silence")) as running:
        process = Path("/proc") / str(pid_of(running))
        links = open_files(process)
        names = {
            word.split(b"=")[0].decode() for word in (process / "environ").read_bytes().split(b"\0")
        }
        own = os.fspath(inbox_of(matter.path).path)
        inside = {each for each in links if each.startswith(os.fspath(matter.path))}
        running.stop()

    assert inside
    assert all(each.startswith(own) for each in inside)
    assert "/dev/null" in links
    assert {"INTAKE_TESTS_NONCES", "PATH", "PYTHONPATH", "USER"} & names == set()


def test_a_hangup_and_an_interrupt_end_nothing_and_a_shutdown_ends_it_well(matter: Matter) -> None:
    """The system asks to end before it takes the power: the last chunk is written."""
    with begin(matter, Fake("count")) as running:
        pid = pid_of(running)
        for number in (signal.SIGHUP, signal.SIGINT):
            os.kill(pid, number)
        assert running.status().state == "recording"
        os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + PATIENCE_S
        while steering.find_running(matter.path):
            assert time.monotonic() < until

    with matter.unlock() as vault:
        assert [filed.state for filed in vault.filed] == ["whole"]


def test_new_keys_meanwhile_and_the_recording_opens_by_them(matter: Matter) -> None:
    """It was sealed to the old slot recipient; filing seals its slot to the new one."""
    with matter.unlock() as vault:
        here = Here(setup_in(vault, fake=COUNTED))
    here.recorder.begin()
    here.run(1_000)
    with matter.unlock() as vault:
        rotate(vault, members=vault.record.members)
        newest = vault.record.recipients["slot"]
    here.stop()

    with matter.unlock() as vault:
        (media,) = recorded(vault)
        sound = sound_of(vault, media)
        assert sound == counted(0, len(sound) // 2, 1)
        slot = str(vault.testimony.value("SELECT slot FROM media WHERE id=?", media))
        half = vault.identities.row("SELECT * FROM secret WHERE kind='slot' ORDER BY rowid DESC")
        assert half is not None
        only_newest = HybridIdentity.parse(str(half["age_identity"]))
        assert str(only_newest.recipient()) == newest
        sealed = vault.folder.slot(slot).read_bytes()
        assert identity_in(sealed, vault.id, slot, media, only_newest)  # type: ignore[arg-type]
        assert verify_vault(vault) == []


def test_what_is_recorded_now_is_not_erased_and_what_waits_goes_with_it(matter: Matter) -> None:
    """Nothing may come into the vault from the inbox after the interview was destroyed."""
    with matter.unlock() as vault:
        second = add_translator(vault, cleared=True, roles="interviewer")
        running = steering.start(vault, the_interview(vault), agrees="yes", fake=Fake("count"))
        interview = the_interview(vault)
        plan = erasing.plan_interview(vault, interview)
        by = (second, opening.passphrase_from(OTHER_PASSPHRASE))
        with running:
            with pytest.raises(BeingRecordedError, match="Stop the recording first"):
                erasing.erase(vault, plan, second=by)
            running.wait_for("recording", PATIENCE_S)
            running.stop()
        erasing.erase(vault, plan, second=by)

        assert recorded(vault) == []
        assert file_inbox(vault) == []
        assert list(inbox_of(matter.path).path.iterdir()) == []
        assert verify_vault(vault) == []


def test_a_backup_takes_along_what_waits(matter: Matter, tmp_path: Path) -> None:
    """What was recorded while the vault was open is brought in before the backup is made."""
    with matter.unlock() as vault:
        here = Here(setup_in(vault, fake=COUNTED))
        here.recorder.begin()
        here.run(1_000)
        here.stop()
        before = backing_up.back_up(vault, tmp_path / "one.backup")

        assert len(recorded(vault)) == 1
        assert before.damaged == 0
        assert verify_vault(vault) == []
