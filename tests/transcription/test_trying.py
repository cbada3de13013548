"""A model tried on thirty seconds: what it says about an hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intake.demo.trying import sample_sound, try_profiles
from intake.errors import CancelledError, IntakeError
from intake.jobs import CancelToken
from tests.support.matter import segment_of
from transcription import trying
from transcription.engine import PROFILES, Position, Settings
from transcription.errors import TranscriptionError
from transcription.models import Model
from transcription.trying import NOTHING_HEARD, try_model

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def paper(path: Path) -> Model:
    """Return a model that exists on paper."""
    return Model(name="none", path=path, digest="0" * 64, files={})


def fake(monkeypatch: pytest.MonkeyPatch, texts: list[str], now: list[float]) -> None:
    """Put an engine in place that takes three seconds for each text."""

    def transcribe(*_: object, **__: object) -> Iterator[object]:
        for number, text in enumerate(texts):
            now[0] += 3
            yield Position(number * 1000, 30_000)
            yield segment_of(text, number * 1000)

    monkeypatch.setattr(trying, "transcribe", transcribe)


def test_an_hour_follows_from_thirty_seconds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Six seconds for thirty: twelve minutes for an hour. The first text came after six."""
    now = [100.0]
    fake(monkeypatch, ["", "It was cold."], now)
    found = try_model(
        bytes(30 * 32_000),
        Settings(model=paper(tmp_path), language="en"),
        rate=16_000,
        channels=1,
        clock=lambda: now[0],
    )

    assert (found.sound_s, found.whole_s, found.first_s, found.words) == (30, 6, 6, 3)
    assert found.hour_s == 720


def test_a_model_that_writes_nothing_down_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Speed alone would recommend it."""
    fake(monkeypatch, ["", " "], [0.0])
    with pytest.raises(TranscriptionError, match="wrote nothing down") as caught:
        try_model(bytes(32_000), Settings(model=paper(tmp_path)), rate=16_000, channels=1)
    assert str(caught.value) == NOTHING_HEARD
    with pytest.raises(IntakeError, match="wrote nothing down"):
        try_profiles(paper(tmp_path), CancelToken())


def test_the_sample_is_thirty_seconds_of_speech() -> None:
    """The beginning of the sample interview, as it is decoded for everything else."""
    sound, rate, channels = sample_sound()
    assert len(sound) == 30 * rate * channels * 2
    assert max(sound) > 0


def test_a_test_can_be_stopped_between_two_ways(tmp_path: Path) -> None:
    """Before the first, too."""
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        try_profiles(paper(tmp_path), token)


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.xdist_group("engine")
def test_the_embedded_model_is_tried_in_every_way(model: Model) -> None:
    """The words of the sample come, and the speed is that of this computer."""
    tried = try_profiles(model, CancelToken())

    assert [one.profile for one in tried] == list(PROFILES)
    for one in tried:
        assert one.words > 30
        assert 0 < one.first_s <= one.whole_s
        assert one.sound_s == 30
