"""The sample's script: what the demo's decisions hang on."""

from __future__ import annotations

import itertools
import re

import pytest

from intake.demo.script import Line, Script, load_script, sound_path, with_tokens
from intake.text import Kind, Token


@pytest.fixture
def script() -> Script:
    """Read the bundled script."""
    return load_script()


def test_lines_follow_one_another_within_the_sound(script: Script) -> None:
    """Each turn ends before the next begins, and the last before the sound does."""
    assert sound_path(script).is_file()
    assert all(line.start_ms < line.end_ms for line in script.lines)
    assert all(a.end_ms < b.start_ms for a, b in itertools.pairwise(script.lines))
    assert script.lines[-1].end_ms <= script.duration_ms
    assert 60_000 <= script.duration_ms <= 90_000


def test_every_slot_is_declared_and_no_hidden_name_stands_in_a_translation(script: Script) -> None:
    """A name typed into a translation would have to be caught; the demo writes tokens."""
    slots = {entry.slot for entry in script.declared}
    for line in script.lines:
        assert set(re.findall(r"\{([a-z]+)\}", line.translation)) <= slots
        for entry in script.declared:
            for form in entry.forms.get("en", []):
                assert entry.treatment == "keep" or form not in line.translation


def test_exactly_one_accused_is_kept_by_name(script: Script) -> None:
    """The statement names the accused, and no other person."""
    kept = [e.slot for e in script.declared if e.kind == "P" and e.treatment == "keep"]

    assert kept == ["harding"]


def test_a_stretch_belongs_to_the_line_that_it_overlaps_most(script: Script) -> None:
    """Also where a segment reaches over two turns, or into a pause."""
    first, second = script.lines[:2]

    assert script.line_at(first.start_ms, second.start_ms + 10) == first
    assert script.line_at(first.end_ms - 10, second.end_ms) == second
    assert script.line_at(second.end_ms + 1, second.end_ms + 2) == second


def test_every_speaker_has_a_role(script: Script) -> None:
    """Interviewer, witness and interpreter speak."""
    assert {script.role_of(line) for line in script.lines} == {
        *("interviewer", "witness", "interpreter"),
    }


def test_slots_become_tokens_of_the_preferred_form() -> None:
    """Words stay words; a slot that nobody declared is an error, not a gap."""
    known = {"grace": (Kind.PERSON, 4)}

    assert with_tokens("Je suis {grace}.", known) == [
        *("Je suis ", Token(Kind.PERSON, 4, 0), "."),
    ]
    with pytest.raises(KeyError):
        with_tokens("{nobody}", known)


def test_a_line_that_breaks_the_order_would_be_seen(script: Script) -> None:
    """Twin: two turns at once fail the first test's comparison."""
    one = script.lines[0]
    both = [one, Line(99, one.speaker, one.start_ms, one.end_ms, "x", "x")]

    assert not all(a.end_ms < b.start_ms for a, b in itertools.pairwise(both))
