"""Real sound through the real Qt path: a sound server of our own, with outputs that go nowhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pytest

from intake.capture.recording import devices, steering
from intake.capture.recording.listening import verdict_of
from tests.support.recordings import CALL, recorded, sound_of, the_interview

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.matter import Matter

_PROGRAMS = ("pulseaudio", "pacat", "pactl")
_LACKING = [name for name in _PROGRAMS if shutil.which(name) is None]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        bool(_LACKING), reason=f"not installed (Debian: pulseaudio): {', '.join(_LACKING)}"
    ),
]
RATE = 48_000
NEAR_HZ, FAR_HZ = 440, 1_000
PATIENCE_S = 15.0
_PACTL = shutil.which("pactl") or "pactl"
_MODULES = (
    "module-null-sink sink_name=room rate=48000",
    "module-null-sink sink_name=call rate=48000",
    "module-remap-source source_name=microphone master=room.monitor",
)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run a sound server that only this test can reach: a microphone that hears the sink `room`."""
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    socket = runtime / "native"
    monkeypatch.setenv("HOME", os.fspath(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", os.fspath(runtime))
    monkeypatch.setenv("PULSE_SERVER", f"unix:{socket}")
    loads = [f"module-native-protocol-unix auth-anonymous=1 socket={socket}", *_MODULES]
    command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"]
    command += ["--realtime=no", "--high-priority=no", "--disable-shm=yes"]
    with subprocess.Popen(
        [*command, *(word for load in loads for word in ("-L", load))], stderr=subprocess.DEVNULL
    ) as process:
        try:
            _wait_until_it_answers()
            pactl("set-default-sink", "call")
            pactl("set-default-source", "microphone")
            yield
        finally:
            process.terminate()


def _wait_until_it_answers() -> None:
    until = time.monotonic() + PATIENCE_S
    while subprocess.run([_PACTL, "info"], check=False, capture_output=True).returncode:
        assert time.monotonic() < until, "the sound server does not answer"


def pactl(*words: str) -> str:
    """Tell the sound server something."""
    done = subprocess.run([_PACTL, *words], check=True, capture_output=True, text=True)
    return done.stdout


@contextmanager
def playing(sink: str, hz: int, tmp_path: Path) -> Iterator[None]:
    """Play a tone into a sink, for a minute at most."""
    path = tmp_path / f"{hz}.raw"
    places = np.arange(RATE * 60)
    path.write_bytes((8_000 * np.sin(2 * np.pi * hz * places / RATE)).astype("<i2").tobytes())
    command = ["pacat", "--playback", f"--device={sink}", "--raw", "--format=s16le"]
    command += ["--rate=48000", "--channels=1", os.fspath(path)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.kill()


def loudest_hz(samples: np.ndarray) -> int:
    """Return the frequency that most of the last second is made of."""
    last = samples[-RATE:].astype(float)
    return int(np.argmax(np.abs(np.fft.rfft(last * np.hanning(len(last))))) * RATE / len(last))


@pytest.mark.usefixtures("server")
def test_both_sides_of_a_call_are_recorded_each_on_its_channel(
    matter: Matter, tmp_path: Path
) -> None:
    """What is said in the room, and what the computer plays, at the speed it was played at."""
    with playing("room", NEAR_HZ, tmp_path), playing("call", FAR_HZ, tmp_path):
        with matter.unlock() as vault:
            running = steering.start(vault, the_interview(vault), agrees="yes", sides=CALL)
        with running:
            running.wait_for("recording", PATIENCE_S)
            until = time.monotonic() + PATIENCE_S
            while (status := running.status()).recorded_ms < 2_500:
                assert time.monotonic() < until
            ended = running.stop()

    assert {"silence", "clipping", "no_device"} & set(status.warnings) == set()
    assert all(channel.level_db > -20 for channel in status.channels)
    assert (ended.ending, ended.gaps) == ("stopped", 0)
    with matter.unlock() as vault:
        (media,) = recorded(vault)
        sides = np.frombuffer(sound_of(vault, media), "<i2").reshape(-1, 2)
        assert abs(loudest_hz(sides[:, 0]) - NEAR_HZ) <= 2
        assert abs(loudest_hz(sides[:, 1]) - FAR_HZ) <= 2


@pytest.mark.usefixtures("server")
def test_a_microphone_that_is_pulled_out_is_followed_by_another(
    matter: Matter, tmp_path: Path
) -> None:
    """Another part begins by itself, and the sound of the other device is in it."""
    pactl("load-module", "module-remap-source", "source_name=spare", "master=call.monitor")
    found = devices.list_devices()
    assert [each.id for each in found if each.is_default and not each.is_computer] == ["microphone"]
    with playing("room", NEAR_HZ, tmp_path), playing("call", FAR_HZ, tmp_path):
        with matter.unlock() as vault:
            running = steering.start(vault, the_interview(vault), agrees="yes")
        with running:
            running.wait_for("recording", PATIENCE_S)
            loaded = pactl("list", "short", "modules").splitlines()
            (number,) = [each.split()[0] for each in loaded if "source_name=microphone" in each]
            pactl("unload-module", number)
            until = time.monotonic() + PATIENCE_S
            while (status := running.status()).part < 2 or status.recorded_ms < 2_500:
                assert time.monotonic() < until, status
            running.stop()

    with matter.unlock() as vault:
        *_, last = recorded(vault)
        assert abs(loudest_hz(np.frombuffer(sound_of(vault, last), "<i2")) - FAR_HZ) <= 2
        reasons = {str(row["reason"]) for row in vault.testimony.rows("SELECT reason FROM gap")}
        assert reasons == {"device"}


@pytest.mark.usefixtures("server")
def test_the_evening_before(tmp_path: Path) -> None:
    """A tone is heard well, silence is told, and no file is made of either."""
    assert "is silent" in verdict_of(devices.try_microphone(seconds=3))
    with playing("room", NEAR_HZ, tmp_path):
        heard = devices.try_microphone(seconds=4)

    assert verdict_of(heard) == "The microphone is heard well."
