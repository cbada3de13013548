"""Voices by command: told apart, listed, confirmed, made one; links; an own sample."""

from __future__ import annotations

import wave
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from intake import errors
from intake.transcript.editing import set_speaker
from intake.transcript.sampling import has_sample
from tests.transcript.spoken import Spoken, hears, side, spoken, turn
from tests.transcription.speakers.voices import QUESTIONS, RATE, WOMAN, interview, say

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.matter import Matter

    Ran = Callable[..., Any]

TALK = [(0, 3000, "en"), (3500, 4200, "ug"), (5000, 9000, "ug"), (9500, 9900, "en")]
TWO = (turn(0, 3100, 1), turn(3400, 4300, 2), turn(4900, 8000, 1), turn(9500, 9900, 2))


@pytest.fixture
def of(matter: Matter) -> Spoken:
    """Store an interview with four segments of two people in two languages."""
    with matter.unlock() as vault:
        return spoken(vault, TALK)


def wav(path: Path, sound: np.ndarray) -> Path:
    with wave.open(str(path), "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(RATE)
        written.writeframes(sound.astype("<i2").tobytes())
    return path


def test_voices_are_told_apart_listed_and_confirmed(
    at: Ran, of: Spoken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first call listens; the next one lists what is there; each person is one call."""
    asked = hears(monkeypatch, side(*TWO, nearness=0.9))
    code = of.interview.code

    ended = at("transcript", "speakers", code)

    assert (ended.status, len(asked)) == (0, 1)
    assert ended.out.splitlines()[0] == (
        "  1  recording 1, side A  nobody said who   en        1 segment(s), 3 s"
    )
    assert "perhaps they are one person" in ended.err
    ended = at("transcript", "assign", code, 1, "iv-1")
    assert (ended.status, ended.out) == (0, "Voice 1 is IV-1: 1 segment(s).\n")
    listed = at("transcript", "speakers", code, "--json").objects()
    assert len(asked) == 1
    assert [
        (row["voice"], row["person"], row["confirmed"], row["languages"]) for row in listed
    ] == [
        (1, "IV-1", True, ["en"]),
        (2, None, False, ["ug"]),
        (3, None, False, ["ug"]),
        (4, None, False, ["en"]),
    ]
    ended = at("transcript", "speakers", code, "--people", "2")
    assert (ended.status, ended.out) == (1, "")
    assert errors.VoicesConfirmedError.sentence in ended.err
    assert at("transcript", "speakers", code, "--people", "3", "--anew").status == 0
    assert asked[-1]["people"] == (3,)


def test_two_voices_are_one_by_a_persons_word(
    at: Ran, of: Spoken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interpreter speaks two languages: the proposal keeps them apart, a person joins them."""
    hears(monkeypatch, side(*TWO))
    at("transcript", "speakers", of.interview.code)

    ended = at("transcript", "assign", of.interview.code, 4, "--same-as", 2, "--json")

    assert ended.objects() == [{"merged": [2, 4]}]
    assert len(at("transcript", "speakers", of.interview.code, "--json").objects()) == 3


def test_what_was_said_and_its_rendition_are_linked(at: Ran, matter: Matter, of: Spoken) -> None:
    code = of.interview.code
    ended = at("transcript", "link", code, "--propose")
    assert (ended.status, errors.NoRenditionError.sentence in ended.err) == (1, True)
    with matter.unlock() as vault:
        for row, who in zip(of.rows(vault), ("IV-1", "IN-1", "W-1", "IN-1"), strict=True):
            set_speaker(vault, row, who)

    assert at("transcript", "link", code).out.startswith("Nothing is linked yet")
    proposed = at("transcript", "link", code, "--propose").out
    assert proposed == "   2 renders    1  proposed\n   4 renders    3  proposed\n"
    at("transcript", "link", code, "--confirm", 2, "--pair", "4:1", "--drop", "4:3")
    links = at("transcript", "link", code, "--json").objects()
    assert links == [
        {"rendition": 2, "source": 1, "confirmed": True},
        {"rendition": 4, "source": 1, "confirmed": True},
    ]
    ended = at("transcript", "link", code, "--confirm", 3)
    assert (ended.status, errors.NoSuchLinkError.sentence in ended.err) == (1, True)


def test_a_sample_comes_from_a_file_and_goes_again(at: Ran, matter: Matter, tmp_path: Path) -> None:
    """Read by the decoder child; two people in it are refused with what to do."""
    own = wav(tmp_path / "own.wav", np.concatenate([say(WOMAN, text) for text in QUESTIONS * 2]))
    many = wav(tmp_path / "many.wav", interview()[0])

    assert "one voice" in at("transcript", "sample", many).err
    assert at("transcript", "sample", own, "--json").objects() == [{"kept": True}]
    with matter.unlock() as vault:
        assert has_sample(vault)
    assert at("transcript", "sample", "--remove").status == 0
    assert errors.NoSampleError.sentence in at("transcript", "sample", "--remove").err


def test_what_is_no_file_of_sound_is_refused(at: Ran, tmp_path: Path) -> None:
    """Nothing there, a link, a text."""
    text = tmp_path / "words.wav"
    text.write_text("no sound", "utf-8")
    (tmp_path / "link.wav").symlink_to(text)

    for name in ("none.wav", "link.wav"):
        ended = at("transcript", "sample", tmp_path / name)
        assert (ended.status, errors.FileUnreadableError.sentence in ended.err) == (1, True)
    assert at("transcript", "sample", text).status == 1


@pytest.mark.parametrize(
    "words",
    [
        ("speakers", "W-7QK4/1", "--people", "4"),
        ("speakers", "W-7QK4/1", "--people", "1,2,3"),
        ("assign", "W-7QK4/1", "1"),
        ("assign", "W-7QK4/1", "1", "W-1", "--same-as", "2"),
        ("link", "W-7QK4/1", "--pair", "4"),
        ("link", "W-7QK4/1", "--drop", "4:x"),
        ("sample",),
        ("sample", "x.wav", "--remove"),
    ],
)
def test_wrong_calls_end_in_2(run: Ran, words: tuple[str, ...]) -> None:
    """Said before any vault is opened."""
    ended = run("--vault", "x", "transcript", *words)

    assert (ended.status, ended.out) == (2, "")
    assert "Error: " in ended.err
