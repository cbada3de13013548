"""Small parts: languages, marks, blocks, resampling, the command's refusals, launching."""

from __future__ import annotations

import ast
import os
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transcription.sounds import ROOT, tone, wav
from transcription import errors
from transcription.__main__ import main
from transcription.blocks import in_blocks, quiet_cut
from transcription.errors import LanguageNotKnownError, TranscriptionError
from transcription.languages import (
    MODEL_LANGUAGES,
    OFFERED_LANGUAGES,
    is_known_to_model,
    is_offered,
    require_known,
)
from transcription.launching import clean_environment, launch
from transcription.resampling import ToModelRate
from transcription.segments import flags_for, is_repeating

if TYPE_CHECKING:
    from pathlib import Path

    from transcription.models import Model

_GOOD = {
    "text": "We went home.",
    "avg_logprob": -0.3,
    "no_speech_prob": 0.1,
    "compression_ratio": 1.2,
    "temperature": 0.0,
}


def test_languages_are_those_of_the_model_and_more(model: Model) -> None:
    """The list is what model and engine both know; Uyghur can be declared and is not in it."""
    from faster_whisper.tokenizer import _LANGUAGE_CODES  # noqa: PLC0415  # only to compare

    vocabulary = (model.path / "vocabulary.txt").read_text()
    assert set(MODEL_LANGUAGES) == {
        code for code in _LANGUAGE_CODES if f"<|{code}|>\n" in vocabulary
    }
    assert is_offered("ug")
    assert not is_known_to_model("ug")
    assert set(MODEL_LANGUAGES) < set(OFFERED_LANGUAGES)
    assert all(name.strip() for name in OFFERED_LANGUAGES.values())


@pytest.mark.parametrize("code", ["ug", "EN", "", "en-GB"])
def test_language_outside_the_model_is_refused(code: str) -> None:
    """Exact codes only; nothing is folded or guessed."""
    require_known("en")

    with pytest.raises(LanguageNotKnownError):
        require_known(code)


@pytest.mark.parametrize(
    ("change", "mark"),
    [
        ({"no_speech_prob": 0.6}, "perhaps_no_speech"),
        ({"avg_logprob": -0.7}, "unsure"),
        ({"compression_ratio": 2.5}, "repeats"),
        ({"text": "to the bridge, to the bridge. To the bridge"}, "repeats"),
        ({"temperature": 0.2}, "second_try"),
    ],
)
def test_each_limit_sets_its_mark(change: dict[str, object], mark: str) -> None:
    """And good text has none (the twin)."""
    assert flags_for(**_GOOD) == ()  # type: ignore[arg-type]  # a table of arguments
    assert flags_for(**(_GOOD | change)) == (mark,)  # type: ignore[arg-type]  # the same


def test_two_repetitions_or_short_phrases_are_no_repeat() -> None:
    """People do say "no, no, no"."""
    assert not is_repeating("no no no no")
    assert not is_repeating("to the bridge to the bridge and home")
    assert is_repeating("a b c d a b c d a b c d")


def test_cut_falls_into_the_pause() -> None:
    """Not into a word, when there is a pause in the stretch that is searched."""
    noise = np.random.default_rng(1).normal(0, 0.2, 16000 * 20).astype(np.float32)
    noise[16000 * 12 : 16000 * 13] *= 0.01

    cut = quiet_cut(noise, 16000 * 15)

    assert 16000 * 12 < cut < 16000 * 13


@given(st.lists(st.integers(1, 30_000), max_size=8), st.integers(16_000, 60_000), st.integers(0, 9))
def test_blocks_lose_nothing_and_stay_small(sizes: list[int], bound: int, seed: int) -> None:
    """Joined again they are the sound, and none is over the bound."""
    rng = np.random.default_rng(seed)
    pieces = [rng.normal(0, 0.1, size).astype(np.float32) for size in sizes]

    blocks = list(in_blocks(pieces, bound))

    assert all(0 < len(block) <= bound for block in blocks)
    whole = np.concatenate([np.zeros(0, np.float32), *pieces])
    assert np.array_equal(np.concatenate([np.zeros(0, np.float32), *blocks]), whole)


@pytest.mark.parametrize(("rate", "channels"), [(16000, 1), (16000, 2), (44100, 1), (48000, 2)])
def test_resampling_keeps_length_and_does_not_care_for_chunks(rate: int, channels: int) -> None:
    """One chunk or odd-sized ones: the same samples, at 16 kHz."""
    sound = tone(1000, rate=rate, channels=channels)
    whole, pieces = ToModelRate(rate, channels), ToModelRate(rate, channels)

    at_once = np.concatenate([whole.hear(sound), whole.finish()])
    chunks = [pieces.hear(sound[place : place + 997]) for place in range(0, len(sound), 997)]
    in_chunks = np.concatenate([*chunks, pieces.finish()])

    assert abs(len(at_once) - 16000) <= 2
    assert np.array_equal(at_once, in_chunks)
    assert 0.1 < float(np.abs(at_once).max()) < 0.5


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["{text}"], 1),
        (["{empty}"], 1),
        (["{absent}"], 1),
        (["{folder}"], 1),
        (["{sound}", "--model", "{folder}"], 1),
    ],
)
def test_command_refuses_with_one_sentence(
    words: list[str], status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback, no path, nothing on standard output."""
    places = {name: str(tmp_path / name) for name in ("text", "empty", "absent", "sound")}
    places["folder"] = str(tmp_path)
    (tmp_path / "text").write_text("A letter.\n" * 100)
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "sound").write_bytes(wav(tone(200)))
    given_words = [word.format(**places) for word in words]
    if "--language" not in given_words:
        given_words += ["--language", "en"]

    assert main(given_words) == status

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert str(tmp_path) not in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize("words", [[], ["a", "b"], ["a", "--language", "xx"], ["a", "--profile=x"]])
def test_wrong_call_is_status_two(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """As argparse does it."""
    with pytest.raises(SystemExit) as caught:
        main(words)

    assert caught.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_every_error_says_what_happened_and_what_to_do() -> None:
    """At least two clauses, a full stop, no exclamation mark."""
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    assert len(kinds) >= 8
    for kind in kinds:
        sentence = kind().sentence
        assert issubclass(kind, TranscriptionError)
        assert sentence.endswith(".")
        assert "!" not in sentence
        assert len(sentence.split()) > 8


def test_children_inherit_nothing_but_what_they_need() -> None:
    """Offline switches are set; a person's variables are not there."""
    environment = clean_environment(cpu_threads=3)

    assert environment["HF_HUB_OFFLINE"] == environment["TRANSFORMERS_OFFLINE"] == "1"
    assert environment["OMP_NUM_THREADS"] == "3"
    assert not {"HOME", "PYTHONPATH", "PYTHONSTARTUP", "LD_PRELOAD"} & set(environment)


def test_child_that_does_not_exist_ends_quietly() -> None:
    """Its traceback stays in the buffer that nobody shows."""
    child = launch("transcription.no_such_module")

    assert child.has_ended(20)
    assert not child.ran_out_of_memory()
    child.stop()
    child.stop()


@pytest.mark.parametrize("niceness", [0, 10])
def test_a_child_lets_others_go_first_where_asked(niceness: int) -> None:
    """Its niceness is that of this process, or what was asked for."""
    mine = os.getpriority(os.PRIO_PROCESS, 0)
    child = launch("transcription.worker", niceness=niceness)
    try:
        found = os.getpriority(os.PRIO_PROCESS, child.pid)
    finally:
        child.stop()

    assert found == (niceness or mine)


def test_only_the_child_modules_import_the_heavy_parts() -> None:
    """PyAV, the engine and numpy stay out of the process that holds keys."""
    allowed = {"decoder.py", "worker.py", "resampling.py", "blocks.py"}
    allowed |= {"batching.py", "detecting.py", "guarded.py", "held.py", "plain.py", "thorough.py"}
    allowed |= {"voices.py"}
    heavy = {"av", "faster_whisper", "ctranslate2", "numpy"}
    found = set()
    for path in (ROOT / "transcription").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names = {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names = {(node.module or "").split(".")[0]}
            else:
                continue
            if names & heavy:
                found.add(path.name)

    assert found == allowed
