"""`python -m transcription --speakers`: each segment with the voice that speaks it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.transcription.sounds import wav
from tests.transcription.speakers.voices import WOMAN, interview, stereo
from transcription import __main__ as command
from transcription.segments import Segment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.transcription.speakers.voices import Span


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> list[Span]:
    """Let the engine find a segment where each line is spoken."""
    _, found = interview()

    def transcribe(sound: object, **_: object) -> Iterator[Segment]:
        del sound
        for start, end, _who in found:
            yield Segment(
                start_ms=int(start * 1000), end_ms=int(end * 1000), text="Words.", words=(),
                avg_logprob=-0.1, no_speech_prob=0.0, compression_ratio=1.0, temperature=0.0,
                flags=(),
            )  # fmt: skip

    monkeypatch.setattr(command, "transcribe", transcribe)
    return found


@pytest.mark.usefixtures("spans")
def test_segments_carry_the_number_of_their_voice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In words and as JSON."""
    file = tmp_path / "talk.wav"
    file.write_bytes(wav(interview()[0].tobytes()))

    assert command.main(["--language", "en", "--speakers", "2", str(file)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert command.main(["--language", "en", "--speakers", "2", "--json", str(file)]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert [line.split()[1] for line in lines] == ["1", "2"] * 3
    assert [row["speaker"] for row in rows] == [
        {"channel": 0, "voice": voice, "doubt": ""} for voice in (1, 2, 1, 2, 1, 2)
    ]
    assert rows[0]["text"] == "Words."


@pytest.mark.usefixtures("spans")
def test_what_is_doubtful_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One voice told as two; two channels that hear the same people."""
    sound = interview(WOMAN, WOMAN)[0]
    file = tmp_path / "talk.wav"
    file.write_bytes(wav(stereo(sound, sound), channels=2))

    assert command.main(["--language", "en", "--speakers", "1,1", str(file)]) == 0

    said = capsys.readouterr().err
    assert "Both channels hear the same people" in said
    assert "perhaps they are one person" in said


@pytest.mark.parametrize("people", ["0", "4", "1,2,3", "two", ""])
def test_numbers_that_make_no_sense_are_a_wrong_call(people: str) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(["--speakers", people, "talk.wav"])

    assert ended.value.code == 2


def test_two_sides_of_one_channel_are_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "talk.wav"
    file.write_bytes(wav(bytes(32000)))

    assert command.main(["--language", "en", "--speakers", "1,1", str(file)]) == 1
    assert "one, two or three people" in capsys.readouterr().err
