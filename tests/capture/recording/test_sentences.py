"""What a person reads when recording is refused, and what became of a part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intake import errors
from intake.capture.recording.filing import sentence_of
from intake.vault.inbox import Filed

if TYPE_CHECKING:
    from intake.errors import IntakeError

REFUSALS = {
    errors.RecorderNotStartedError: ("nothing is being recorded", "use Write"),
    errors.RecorderNoRoomError: ("nothing is being recorded", "Make room"),
    errors.RecorderGoneError: ("has ended", "the next unlock"),
    errors.NothingRecordingError: ("Nothing is being recorded", "Begin with"),
    errors.SeveralRecordingsError: ("More than one", "Say which"),
    errors.AlreadyRecordingError: ("being recorded already", "stop that recording"),
    errors.BeingRecordedError: ("nothing was erased", "Stop the recording first"),
    errors.RecorderRefusedError: ("did not take this", "choose again"),
    errors.UnknownPartError: ("no such part", "Look at its parts"),
}


@pytest.mark.parametrize(("error", "words"), REFUSALS.items(), ids=lambda each: str(each)[:40])
def test_a_refusal_says_what_happened_then_what_to_do(
    error: type[IntakeError], words: tuple[str, str]
) -> None:
    """In this order, without blame."""
    sentence = str(error())

    assert 0 <= sentence.find(words[0]) < sentence.find(words[1])
    assert "!" not in sentence


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("whole", "Part 2 was brought in, 00:41:07 long."),
        ("recovered", "Recovered to 00:41:07. 1.2 s may be missing."),
        ("destroyed", "Part 2 was destroyed at the witness's wish; a stub remains."),
        ("nothing", "Part 2 broke off before anything of it was on the disk. At most 1.2 s"),
        ("apart", "A file in the inbox was altered, or was made by nobody whom this vault knows."),
    ],
)
def test_what_became_of_a_part_is_said(state: str, sentence: str) -> None:
    """The first words after a crash are how far it was recovered."""
    length_ms = (41 * 60 + 7) * 1_000 + 9

    said = sentence_of(
        Filed("", state, "a" * 26, 2, end_ms=length_ms, length_ms=length_ms, missing_ms=1_182)
    )

    assert said.startswith(sentence)
