"""The script of the sample interview: who speaks when, who is declared, and the translation.

The demo's decisions hang on the declared people and the times of the script, never on the words
that the speech model hears: those differ between machines.
"""

from __future__ import annotations

import importlib.resources
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from intake.text import Kind, Token

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SLOT: Final = re.compile(r"\{([a-z]+)\}")


class Speaker(msgspec.Struct, frozen=True):
    """A voice of the sample: its role is that of a person present."""

    id: str
    role: str


class Line(msgspec.Struct, frozen=True):
    """One turn, with its times and its translation; {slots} stand for declared names."""

    id: int
    speaker: str
    start_ms: int
    end_ms: int
    text: str
    translation: str


class Declared(msgspec.Struct, frozen=True):
    """Somebody or something declared before the review, with every spelling by language."""

    slot: str
    kind: str
    treatment: str
    forms: dict[str, list[str]]
    reason: str = ""
    generalised: dict[str, str] = {}


class Script(msgspec.Struct, frozen=True):
    """The sample interview."""

    language: str
    translation_language: str
    sound: str
    duration_ms: int
    speakers: list[Speaker]
    lines: list[Line]
    declared: list[Declared]

    def line_at(self, start_ms: int, end_ms: int) -> Line:
        """Return the line that overlaps a stretch most; the nearest where none does."""
        return max(
            self.lines,
            key=lambda line: min(end_ms, line.end_ms) - max(start_ms, line.start_ms),
        )

    def role_of(self, line: Line) -> str:
        """Return the role of who speaks a line."""
        return next(speaker.role for speaker in self.speakers if speaker.id == line.speaker)


def load_script() -> Script:
    """Read the bundled script."""
    return msgspec.json.decode(_sample("script.json").read_bytes(), type=Script)


def sound_path(script: Script) -> Path:
    """Return the bundled recording."""
    return _sample(script.sound)


def with_tokens(text: str, entities: Mapping[str, tuple[Kind, int]]) -> Sequence[str | Token]:
    """Put the preferred-form token of a declared entity in the place of each {slot}."""
    pieces: list[str | Token] = []
    position = 0
    for slot in _SLOT.finditer(text):
        pieces.append(text[position : slot.start()])
        kind, number = entities[slot[1]]
        pieces.append(Token(kind, number, 0))
        position = slot.end()
    pieces.append(text[position:])
    return [piece for piece in pieces if piece]


def share_of(text: str, index: int, count: int) -> str:
    """Return one of `count` shares of a text, cut between words; together they are all of it."""
    words = text.split(" ")
    cuts = [len(words) * n // count for n in range(count + 1)]
    return " ".join(words[cuts[index] : cuts[index + 1]]) or "-"


def _sample(name: str) -> Path:
    return Path(str(importlib.resources.files("intake.demo") / "sample" / name))
