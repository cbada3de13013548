"""Recorders that break a rule on purpose, and are caught by what watches over the real one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crypto.chunks import CHUNK_BYTES
from intake.capture.recording.faking import counted
from intake.capture.recording.frames import Fake
from intake.capture.recording.parts import PartWriter
from tests.support.nonce_trace import Trace, install, records_in, reused
from tests.support.recordings import Here, setup_in

if TYPE_CHECKING:
    from pathlib import Path

    from crypto.writing import SealingWriter
    from tests.support.matter import Matter

PAUSES = 3


@pytest.fixture
def trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, untraced: None) -> Trace:
    """Trace this test alone: the trace of all tests does not see it."""
    del untraced
    (tmp_path / "nonces").mkdir()
    made = Trace(tmp_path / "nonces" / "here", at_once=True)
    install(made, monkeypatch.setattr)
    return made


def record_with_pauses(matter: Matter) -> None:
    """Record, pause and go on, some times over."""
    with matter.unlock() as vault:
        here = Here(setup_in(vault, fake=Fake("count", is_paced=False)))
    here.recorder.begin()
    for turn in range(1, PAUSES + 1):
        here.run(turn * 1_000)
        here.told(lambda running: running.pause())
        here.told(lambda running: running.go_on())
    here.stop()


@pytest.mark.usefixtures("trace")
def test_each_part_is_sealed_under_a_key_of_its_own(matter: Matter, tmp_path: Path) -> None:
    """No (key, nonce) pair twice over all parts and events, whatever was paused."""
    record_with_pauses(matter)

    records = records_in(tmp_path / "nonces")
    assert len(records) > PAUSES * 4
    assert reused(records) == []


@pytest.mark.usefixtures("trace")
def test_a_recorder_that_goes_on_in_an_old_file_is_caught(
    matter: Matter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: after a pause it takes the cipher of the part before, as an append would."""
    ciphers: list[object] = []
    begin = PartWriter.__init__

    def begin_again(part: PartWriter, *how: object) -> None:
        begin(part, *how)  # type: ignore[arg-type]  # handed on as they come
        sealing: SealingWriter = part._writer._writer
        ciphers.append(sealing._cipher)
        sealing._cipher = ciphers[0]  # type: ignore[assignment]  # the first part's

    monkeypatch.setattr(PartWriter, "__init__", begin_again)
    record_with_pauses(matter)

    assert len(ciphers) > 1
    assert reused(records_in(tmp_path / "nonces")) != []


def test_sound_that_tells_its_place_tells_when_it_is_wrong() -> None:
    """Twin of every comparison here: a sample left out, doubled or moved is seen."""
    sound = counted(0, CHUNK_BYTES, 1)

    assert counted(0, 10, 1) + counted(11, CHUNK_BYTES - 11, 1) != sound[:-2]
    assert sound[2:] + sound[:2] != sound
    assert counted(48_000, 100, 1) != counted(0, 100, 1)
