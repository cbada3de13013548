"""The guarded way of decoding: a batch that leaves a sentence out is caught, and twins are not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.transcription.workers import read_here
from transcription import guarded
from transcription.engine import Position, Segment, Settings, transcribe
from transcription.segments import NOT_TRANSCRIBED, TO_BE_WRITTEN

if TYPE_CHECKING:
    from pathlib import Path

    from tests.transcription.conftest import Speak
    from transcription.models import Model
    from transcription.readings import Reading

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("engine")]

_RATE = 16_000
_FIRST = "The lorry stopped at the old bridge in the morning."
_SECOND = "Nobody in the village has seen the driver since that day."


def _pcm(speak: Speak) -> bytes:
    """Return two sentences with a pause, 16 kHz, without a header."""
    pause = bytes(2 * _RATE)
    return b"".join([_plain(speak(_FIRST)), pause, _plain(speak(_SECOND)), pause])


def _plain(wav: bytes) -> bytes:
    import io  # noqa: PLC0415  # here alone
    import wave  # noqa: PLC0415  # the same

    with wave.open(io.BytesIO(wav)) as sound:
        assert (sound.getframerate(), sound.getnchannels()) == (_RATE, 1)
        return sound.readframes(sound.getnframes())


def _lossy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the batch leave out the last half of its words, at ordinary scores, as it does."""
    true_read = guarded.Batch.read

    def read(self: guarded.Batch, *places: object, **how: object) -> list[Reading]:
        return [_halved(one) for one in true_read(self, *places, **how)]  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(guarded.Batch, "read", read)


def _halved(reading: Reading) -> Reading:
    lines = []
    for line in reading.lines:
        words = line.words[: len(line.words) // 2]
        lines.append(replace(line, words=words, text=" ".join(word.text for word in words)))
    return replace(reading, lines=tuple(lines))


def _said(found: list[Segment]) -> str:
    return " ".join(segment.text for segment in found).casefold()


def test_what_a_batch_left_out_comes_back(
    model: Model, speak: Speak, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plain decoder reads the piece again, and nothing is left without text or mark."""
    _lossy(monkeypatch)

    found = read_here(model, _pcm(speak))

    said = _said(found)
    assert "driver" in said or any(NOT_TRANSCRIBED in segment.flags for segment in found)
    assert "bridge" in said


def test_without_the_guard_it_is_lost_without_a_sign(
    model: Model, speak: Speak, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: the same batch with no piece ever suspect, and no speech ever unheard."""
    _lossy(monkeypatch)
    monkeypatch.setattr(guarded, "is_suspect", lambda *_: False)
    monkeypatch.setattr(guarded, "unheard", lambda *_: [])

    found = read_here(model, _pcm(speak))

    assert "driver" not in _said(found)
    assert not any(NOT_TRANSCRIBED in segment.flags for segment in found)


@pytest.mark.parametrize("profile", ["guarded", "thorough"])
def test_a_language_that_the_model_lacks_never_reaches_it(
    speak: Speak, tmp_path: Path, model: Model, profile: str
) -> None:
    """Timed empty segments to be written by a person; the model's files are not even there."""
    nowhere = replace(model, path=tmp_path / "no model here")
    settings = Settings(model=nowhere, languages=("ug",), profile=profile)

    events = list(
        transcribe([_pcm(speak)], rate=_RATE, channels=1, total_ms=8_000, settings=settings)
    )

    found = [one for one in events if not isinstance(one, Position)]
    assert found
    assert {segment.text for segment in found} == {""}
    assert all(TO_BE_WRITTEN in segment.flags for segment in found)
    assert all(segment.end_ms > segment.start_ms for segment in found)
