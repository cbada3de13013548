"""Speaks the sample interview: script.json to interview.opus, and its times back into the script.

    .venv/bin/python tools/make_sample.py [FOLDER]

Needs Debian's `flite` (voices slt, awb, rms) and PyAV. The same script gives the same bytes with
the same flite and PyAV: no clock and no random number goes in. All lines are spoken by machines.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
import wave
from pathlib import Path
from typing import Any, Final

import av
import numpy as np

RATE: Final = 16_000
BITS_PER_SECOND: Final = 24_000
QUIET: Final = 300
EDGE_MS: Final = 500
FOLDER: Final = Path(__file__).resolve().parent.parent / "intake" / "demo" / "sample"

Samples = np.ndarray[tuple[int], np.dtype[np.int16]]


def speak(text: str, voice: str) -> Samples:
    """Let flite say `text`: mono int16 at `RATE`, silence at both ends cut off.

    Raises `SystemExit` with a sentence where flite is missing or its voice has another rate.
    """
    with tempfile.TemporaryDirectory() as folder:
        spoken = Path(folder) / "line.wav"
        try:
            subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(spoken)], check=True)  # noqa: S607  # wherever Debian put it
        except FileNotFoundError:
            raise SystemExit("flite is missing. Type: apt-get install flite") from None
        with wave.open(str(spoken), "rb") as sound:
            if (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) != (RATE, 1, 2):
                raise SystemExit(
                    f"The flite voice {voice} does not speak at {RATE} Hz, mono, 16 bit."
                )
            samples = np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2")
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > QUIET)
    return samples[loud[0] : loud[-1] + 1].astype(np.int16)


def silence(length_ms: int) -> Samples:
    """Return `length_ms` milliseconds of nothing."""
    return np.zeros(length_ms * RATE // 1000, dtype=np.int16)


def spoken_interview(script: dict[str, Any]) -> Samples:
    """Speak all lines with the pause of the script between them; fills start_ms and end_ms."""
    voices = {speaker["id"]: speaker["voice"] for speaker in script["speakers"]}
    parts = [silence(EDGE_MS)]
    length = len(parts[0])
    for line in script["lines"]:
        said = speak(line["text"], voices[line["speaker"]])
        line["start_ms"] = length * 1000 // RATE
        line["end_ms"] = (length + len(said)) * 1000 // RATE
        parts += [said, silence(script["pause_ms"])]
        length += len(said) + len(parts[-1])
    script["duration_ms"] = length * 1000 // RATE
    return np.concatenate(parts)


def as_opus(samples: Samples) -> bytes:
    """Pack mono samples as Ogg Opus, without a random stream number or an encoder's name."""
    packed = io.BytesIO()
    with av.open(packed, "w", format="ogg", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("libopus", rate=RATE, layout="mono")
        stream.bit_rate = BITS_PER_SECOND
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        step = RATE // 50
        for start in range(0, len(samples), step):
            frame = av.AudioFrame.from_ndarray(
                samples[start : start + step].reshape(1, -1), format="s16", layout="mono"
            )
            frame.sample_rate, frame.pts = RATE, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return packed.getvalue()


def main(arguments: list[str]) -> int:
    """Make the sound of the script in the folder named (default: the shipped sample)."""
    folder = Path(arguments[0]) if arguments else FOLDER
    script = json.loads((folder / "script.json").read_text("utf-8"))
    sound = as_opus(spoken_interview(script))
    (folder / script["sound"]).write_bytes(sound)
    text = json.dumps(script, ensure_ascii=False, indent=2) + "\n"
    (folder / "script.json").write_text(text, "utf-8")
    print(f"{script['sound']}: {script['duration_ms'] / 1000:.1f} s, {len(sound)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
