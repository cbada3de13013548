"""The parent's side of the worker, against workers that break the protocol; no model needed."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from transcription import engine
from transcription.engine import Position, Segment, Settings, byte_position, transcribe
from transcription.errors import (
    LanguageNotKnownError,
    ProtocolError,
    TranscriptionError,
    WorkerDiedError,
)
from transcription.models import Model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_NO_MODEL = Model(name="base", path=Path("/nowhere"), digest="", files={})
_SECOND = bytes(32000)


@pytest.fixture(autouse=True)
def _lying_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_WORKER", "tests.transcription.lying_worker")


def _settings(prompt: str, language: str = "en", profile: str = "thorough") -> Settings:
    return Settings(
        model=_NO_MODEL, language=language, profile=profile, cpu_threads=1, prompt=prompt
    )


def _run(prompt: str, pcm: list[bytes] | Iterator[bytes]) -> Iterator[Segment | Position]:
    return transcribe(pcm, rate=16000, channels=1, total_ms=1000, settings=_settings(prompt))


def test_events_come_as_typed_values() -> None:
    """The twin of every refusal below."""
    segment, position = _run("is well", [_SECOND])

    assert isinstance(segment, Segment)
    assert segment.text == "One."
    assert position == Position(done_ms=900, total_ms=1000)


@pytest.mark.parametrize(
    "order", ["segment before ready", "done before ready", "ready twice", "garbage", "huge"]
)
def test_frames_out_of_order_or_malformed_end_the_work(order: str) -> None:
    """Nothing of a worker that breaks the rules is yielded as if it were good."""
    with pytest.raises(ProtocolError):
        list(_run(order, [_SECOND] * 3))


def test_worker_that_ends_too_early_keeps_what_it_said() -> None:
    """The segment came; then the error, with the way to go on."""
    events = _run("ends in silence", [_SECOND])

    assert isinstance(next(events), Segment)
    with pytest.raises(WorkerDiedError, match="kept"):
        next(events)


def test_lack_of_memory_is_told_as_such() -> None:
    """Standard error is never shown, only this much is read from it."""
    with pytest.raises(WorkerDiedError, match="memory"):
        list(_run("out of memory", [_SECOND]))


def test_failure_without_a_known_reason_is_a_dead_worker() -> None:
    """What the worker cannot name is not guessed at."""
    with pytest.raises(WorkerDiedError):
        list(_run("fails", [_SECOND]))


def test_error_of_the_sound_comes_through() -> None:
    """A damaged sealed file is its own error, not a dead worker."""

    def broken() -> Iterator[bytes]:
        yield _SECOND
        raise LookupError

    with pytest.raises(LookupError):
        list(_run("huge", broken()))


@pytest.mark.parametrize("language", ["", "English", "xx"])
def test_language_that_nobody_can_declare_never_reaches_a_worker(language: str) -> None:
    """Refused at the call, before anything is read or started."""
    with pytest.raises(LanguageNotKnownError, match="does not know this language"):
        transcribe([], rate=16000, channels=1, total_ms=0, settings=_settings("", language))


def test_unknown_profile_is_refused() -> None:
    """No silent falling back to another way of decoding."""
    settings = _settings("", profile="fast")

    with pytest.raises(TranscriptionError, match="thorough"):
        transcribe([], rate=16000, channels=1, total_ms=0, settings=settings)


def test_closing_ends_worker_and_feeder() -> None:
    """No thread and no process is left behind, though the sound never ends."""

    def endless() -> Iterator[bytes]:
        while True:
            yield _SECOND

    before = threading.active_count()
    events = transcribe(
        endless(), rate=16000, channels=1, total_ms=0, settings=_settings("ends in silence")
    )

    next(events)
    events.close()

    assert threading.active_count() == before


@pytest.mark.parametrize(
    ("ms", "rate", "channels", "expected"),
    [(0, 16000, 1, 0), (1000, 16000, 1, 32000), (1001, 44100, 2, 176576), (7, 48000, 2, 1344)],
)
def test_place_to_go_on_is_a_whole_frame(ms: int, rate: int, channels: int, expected: int) -> None:
    """Never in the middle of a sample."""
    assert byte_position(ms, rate=rate, channels=channels) == expected
    assert expected % (2 * channels) == 0


def test_who_may_not_wait_ends_a_worker_that_says_no_more() -> None:
    """It decodes for seconds without a word; that it died is theirs to tell."""
    stops: list[Callable[[], object]] = []

    @contextmanager
    def calling(stop: Callable[[], object]) -> Iterator[None]:
        stops.append(stop)
        yield
        stops.remove(stop)

    events = transcribe(
        [_SECOND],
        rate=16000,
        channels=1,
        total_ms=1000,
        settings=_settings("says no more"),
        calling=calling,
    )
    assert not stops  # nothing is started before the first is asked for
    assert isinstance(next(events), Segment)
    (stop,) = stops

    stop()

    with pytest.raises(WorkerDiedError):
        next(events)
    events.close()
