"""Row: from Stop to the finished transcript of an hour that was transcribed while it was recorded.

An hour is not waited for. The recorder runs in this process on a sound file and is given the next
half minute as soon as the live transcript has nothing due: so the sound comes as fast as the engine
keeps up, which is several times faster than in an interview, and everything else is as there: the
sealed file with its acknowledged chunks, the stretches, identities.db. The stop comes at the worst
moment, when a whole stretch but for some seconds is not decoded yet. The clock runs from there over
the end of the recorder, filing, and the queue, until the recording is marked transcribed.
"""

from __future__ import annotations

import os
import sys
import time
import wave
from pathlib import Path
from typing import TYPE_CHECKING, Final

from intake.capture.recording.filing import file_inbox
from intake.capture.recording.frames import Fake
from intake.demo.trying import sample_sound
from intake.jobs import CancelToken
from intake.transcript.live import STRETCH_MS, Listening, LiveTranscript
from intake.transcript.live_rows import settle_live
from intake.transcript.models import find_model
from intake.transcript.queue import Runner, add_to_queue, run_queue
from intake.transcript.transcribing import Wanted
from tests.bench.frame import BenchError
from tests.bench.limits import Figure
from tests.support.matter import make_matter, new_interview
from tests.support.recordings import Here, setup_in, the_interview
from transcription.__main__ import PlainFile
from transcription.decoding import DecodedAudio

if TYPE_CHECKING:
    from intake.vault.vault import Vault

ROOT: Final = Path(__file__).resolve().parents[2]
SPEECH: Final = ROOT.parent / "shared" / "audio" / "bench_en_10min.flac"
MINUTES: Final = 60
TITLES: Final = {"live_stop": "from Stop to the finished transcript, one hour transcribed live"}
_FED_MS: Final = 30_000
_LEFT_MS: Final = 5_000
_SETTLED_S: Final = 0.01


def figures(work: Path, wanted: list[str], minutes: int = MINUTES) -> list[Figure]:
    """Measure the row, unless others are wanted."""
    if wanted and "live_stop" not in wanted:
        return []
    title = TITLES["live_stop"]
    sys.stderr.write(f"measuring: {title}\n")
    folder = work / "live"
    folder.mkdir()
    sound, rate = _sound(folder, minutes + STRETCH_MS // 60_000 + 1)
    matter = make_matter(folder)
    with matter.unlock() as vault:
        new_interview(vault)
        took = _stop_to_end(vault, sound, rate, minutes)
    sound.unlink()
    return [Figure("live_stop", title, (took,))]


def _sound(folder: Path, minutes: int) -> tuple[Path, int]:
    """Write so many minutes of speech as one sound file: the reference, or the sample, repeated."""
    if SPEECH.exists():
        with PlainFile(SPEECH) as source, DecodedAudio(source, without_walls=True) as audio:
            rate, channels = audio.rate, audio.channels
            pcm = b"".join(audio)
    else:
        pcm, rate, channels = sample_sound()
    path = folder / "hour.wav"
    wanted = minutes * 60 * rate * channels * 2
    with wave.open(str(path), "wb") as written:
        written.setnchannels(channels)
        written.setsampwidth(2)
        written.setframerate(rate)
        for _ in range(-(-wanted // len(pcm))):
            written.writeframes(pcm)
    if channels != 1:
        raise BenchError("the speech is not mono")
    return path, rate


def _stop_to_end(vault: Vault, sound: Path, rate: int, minutes: int) -> float:
    here = Here(setup_in(vault, fake=Fake(f"wav:{sound}", is_paced=False), rate=rate))
    here.recorder.begin()
    wanted = Wanted(model=find_model(None), languages=("en",))
    live = LiveTranscript(vault, here.recorder.setup.session, Listening(wanted=wanted))
    at_ms, token = 0, CancelToken()
    while at_ms < minutes * 60_000 or at_ms - live.heard_ms < STRETCH_MS - _LEFT_MS:
        is_last = at_ms >= minutes * 60_000
        at_ms += min(_FED_MS, STRETCH_MS - _LEFT_MS - at_ms + live.heard_ms) if is_last else _FED_MS
        here.run(at_ms)
        _sealed(here, at_ms)
        while live.step(token):
            sys.stderr.write(f"  {live.heard_ms // 60_000} min heard\r")
    begun = time.perf_counter()
    here.stop()
    live.close()
    file_inbox(vault)
    settle_live(vault)
    add_to_queue(vault, the_interview(vault), languages=["en"])
    ran = run_queue(vault, Runner(find_model=find_model, even_on_battery=True))
    took = time.perf_counter() - begun
    state = vault.testimony.value("SELECT state FROM media WHERE role='recorded'")
    if ran.failed or ran.done != 1 or state != "transcribed":
        raise BenchError("the recording was not transcribed to its end")
    sys.stderr.write(
        f"  {at_ms / 60_000:.1f} min recorded, {live.heard_ms / 60_000:.1f} min live\n"
    )
    return took


def _sealed(here: Here, ms: int) -> None:
    """Wait until the sound is on the disk, but for what a chunk may hold."""
    until = ms - 3 * 64 * 1024 * 1000 // (2 * here.recorder.setup.rate)
    while here.recorder.status().sealed_ms < until and here.recorder.tick():
        time.sleep(_SETTLED_S)


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        (found,) = figures(Path(place), [], int(os.environ.get("MINUTES", MINUTES)))
    sys.stdout.write(f"{found.title}: {found.samples[0]:.1f} s\n")
