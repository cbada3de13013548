"""A speech model tried on thirty seconds of the sample interview: how fast it will be here."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from intake.demo.script import load_script, sound_path
from intake.errors import IntakeError
from transcription.decoding import DecodedAudio
from transcription.engine import PROFILES, Settings
from transcription.errors import TranscriptionError
from transcription.trying import SECONDS, Tried, try_model

if TYPE_CHECKING:
    from pathlib import Path

    from intake.jobs import CancelToken
    from transcription.models import Model

_SAMPLE: Final = 2


class _Sample:
    """The sample's file, for the decoder."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self.size = os.fstat(self._file.fileno()).st_size

    def read_at(self, offset: int, size: int) -> bytes:
        return os.pread(self._file.fileno(), size, offset)

    def close(self) -> None:
        self._file.close()


def sample_sound(seconds: int = SECONDS) -> tuple[bytes, int, int]:
    """Return the beginning of the sample interview as s16le sound, its rate and channels."""
    sample, sound = _Sample(sound_path(load_script())), bytearray()
    try:
        # Our own file, not a foreign one: no person has to allow it where there are no walls.
        with DecodedAudio(sample, without_walls=True) as audio:
            wanted = seconds * audio.rate * audio.channels * _SAMPLE
            for piece in audio:
                sound += piece
                if len(sound) >= wanted:
                    break
            return bytes(sound[:wanted]), audio.rate, audio.channels
    finally:
        sample.close()


def try_profiles(
    model: Model,
    token: CancelToken,
    *,
    profiles: tuple[str, ...] = PROFILES,
    cpu_threads: int = 0,
) -> list[Tried]:
    """Try a model on the sample, by each way of decoding; about half a minute in all for `base`.

    The sample is English. A model that was not taught English is tried as what it was taught, and
    then the speed alone means something. Raises `IntakeError` with the engine's sentence, and
    `CancelledError` between two tries.
    """
    language = "en" if model.knows("en") else next(iter(model.languages))
    tried = []
    try:
        sound, rate, channels = sample_sound()
        for profile in profiles:
            token.raise_if_cancelled()
            settings = Settings(
                model=model, language=language, profile=profile, cpu_threads=cpu_threads
            )
            tried.append(try_model(sound, settings, rate=rate, channels=channels))
    except TranscriptionError as error:
        raise IntakeError(error.sentence) from None
    return tried
