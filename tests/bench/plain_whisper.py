"""The other side of the row `transcribe`: faster-whisper as its own page shows it, nothing around.

    python tests/bench/plain_whisper.py MODEL_FOLDER SOUND CPU_THREADS

The settings are those of the profile *thorough*; segments go to standard output.
"""

from __future__ import annotations

import sys

from faster_whisper import WhisperModel


def main(model_folder: str, sound: str, cpu_threads: str) -> None:
    """Load the model from its folder and print what it hears."""
    model = WhisperModel(
        model_folder,
        device="cpu",
        compute_type="int8",
        cpu_threads=int(cpu_threads),
        local_files_only=True,
    )
    segments, _ = model.transcribe(
        sound,
        language="en",
        beam_size=5,
        condition_on_previous_text=True,
        word_timestamps=True,
        vad_filter=False,
    )
    for segment in segments:
        sys.stdout.write(f"{segment.start:.2f} {segment.end:.2f} {segment.text}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
