"""Transcribing goes on where it stopped: the worker killed, the same command again."""

from __future__ import annotations

import os
import signal
import threading
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from intake.capture.importing import import_recording
from intake.demo.script import load_script, sound_path
from intake.egress.inspecting import verify_vault
from intake.errors import CancelledError, IntakeError, NothingToTranscribeError
from intake.jobs import CancelToken
from intake.transcript import transcribing
from intake.transcript.transcribing import checked_model, transcribe_interview
from tests.support.matter import new_interview, segment_of, store_segments
from transcription import engine
from transcription.engine import Position
from transcription.models import Model, default_model_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from intake.vault.vault import Vault
KILLED_AFTER = 3


def workers() -> list[int]:
    """Return the ids of this process's transcription workers."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
                is_worker = b"transcription.worker" in (folder / "cmdline").read_bytes()
            except (OSError, IndexError):  # it ended while we looked
                continue
            if is_worker and parent == os.getpid():
                found.append(int(folder.name))
    return found


def raw_rows(vault: Vault) -> list[tuple[int, str, str, bytes]]:
    """Return place, segment, text and words of every raw row."""
    rows = vault.identities.rows("SELECT rowid AS place, * FROM raw ORDER BY rowid")
    return [(row["place"], row["segment"], row["text"], row["words"]) for row in rows]  # type: ignore[misc]  # as stored


@pytest.fixture
def model() -> Model:
    """Take the model that set-up put in place."""
    if not default_model_dir().is_dir():
        pytest.skip("the speech model is not installed: make setup")
    return checked_model(default_model_dir())


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.xdist_group("engine")
def test_a_killed_worker_costs_nothing_that_was_stored(
    vault: Vault, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first segments keep row, text and words; the second run begins after them."""
    interview = new_interview(vault).id
    made = import_recording(vault, interview, sound_path(load_script()))
    stored: list[Any] = []
    real = transcribing.store_segment

    def store(*given: Any, **named: Any) -> None:  # noqa: ANN401  # handed on as they come
        real(*given, **named)
        stored.append(given[3])
        if len(stored) == KILLED_AFTER:
            for worker in workers():
                os.kill(worker, signal.SIGKILL)

    monkeypatch.setattr(transcribing, "store_segment", store)
    with pytest.raises(IntakeError):
        transcribe_interview(
            vault, interview, model, language="en", profile="thorough", cpu_threads=1
        )
    first = raw_rows(vault)
    assert len(first) >= KILLED_AFTER, "the worker was not killed in the middle"
    assert workers() == []
    stored.clear()

    done = transcribe_interview(
        vault, interview, model, language="en", profile="thorough", cpu_threads=1
    )

    assert raw_rows(vault)[: len(first)] == first
    assert len(first) < done.total == len(first) + done.new
    end = vault.testimony.value("SELECT end_ms FROM segment WHERE id=?", first[-1][1])
    assert all(segment.start_ms >= int(end or 0) for segment in stored)
    times = vault.testimony.rows("SELECT start_ms, end_ms FROM segment ORDER BY ord")
    spans = [(int(row["start_ms"] or 0), int(row["end_ms"] or 0)) for row in times]
    assert all(one[1] <= after[0] for one, after in pairwise(spans))
    assert spans[-1][1] <= made.duration_ms + 500
    assert transcribe_interview(vault, interview, model, language="en").new == 0
    assert verify_vault(vault) == []


def fake_engine(texts: list[str], asked: list[int]) -> Any:  # noqa: ANN401  # an engine's events
    """Return an engine that yields a segment a second from where it is told to start."""

    def transcribe(*_: object, settings: Any, **__: object) -> Iterator[Any]:  # noqa: ANN401
        asked.append(settings.start_ms)
        for number, text in enumerate(texts):
            if number * 1000 >= settings.start_ms:
                yield Position(done_ms=number * 1000, total_ms=len(texts) * 1000)
                yield segment_of(text, number * 1000)

    return transcribe


def test_cancelling_keeps_what_was_stored_and_goes_on_after_it(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cancelled after two of five: two stay; the next run asks for what comes after them."""
    interview = new_interview(vault).id
    store_segments(vault, interview, [])
    asked: list[int] = []
    texts = ["one", "two", "three", "four", "five"]
    monkeypatch.setattr(transcribing, "transcribe", fake_engine(texts, asked))
    model = _no_model(vault)
    token = CancelToken()

    def report(progress: Any) -> None:  # noqa: ANN401  # a Progress
        if progress.done == 1000:
            token.cancel()

    with pytest.raises(CancelledError, match="What was done until now is kept"):
        transcribe_interview(vault, interview, model, language="en", token=token, report=report)
    first = raw_rows(vault)
    assert [row[2] for row in first] == ["one"]

    done = transcribe_interview(vault, interview, model, language="en")

    assert asked == [0, 300]
    assert (done.new, done.total) == (4, 5)
    assert [row[2] for row in raw_rows(vault)] == texts
    assert raw_rows(vault)[:1] == first


def test_cancelling_does_not_wait_for_the_engine(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that says no more is ended; that it died is not what a person is told."""
    interview = new_interview(vault).id
    store_segments(vault, interview, [])
    monkeypatch.setattr(engine, "_WORKER", "tests.transcription.lying_worker")
    token = CancelToken()

    with pytest.raises(CancelledError, match="What was done until now is kept"):
        transcribe_interview(
            vault,
            interview,
            _no_model(vault),
            language="en",
            token=token,
            report=lambda _: threading.Timer(0, token.cancel).start(),
        )


def test_an_interview_without_a_recording_has_nothing_to_transcribe(vault: Vault) -> None:
    """The sentence says which command brings one."""
    interview = new_interview(vault).id

    with pytest.raises(NothingToTranscribeError, match="intake import"):
        transcribe_interview(vault, interview, _no_model(vault), language="en")


def _no_model(vault: Vault) -> Model:
    return Model(name="none", path=vault.folder.path, digest="0" * 64, files={})
