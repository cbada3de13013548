"""The marks of a verbatim transcript: one set for everybody, described and never interpreted.

Every mark stands in square brackets and says what was to be heard or seen, in the words of the set.
What a person types between other square brackets is no mark, and is pointed out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

TIME: Final = r"\d{1,3}:[0-5]\d:[0-5]\d"


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark: its name, and what it looks like.

    `{words}` is where the chosen words go, or where one types; `{time}` the time in the recording.
    """

    name: str
    form: str
    pattern: str


MARKS: Final = (
    Mark("Unclear", "[unclear: {words}]", r"unclear(: [^][]+| " + TIME + ")?"),
    Mark("Inaudible", "[inaudible {time}]", r"inaudible( " + TIME + ")?"),
    Mark("Pause", "[pause]", r"pause( \d+ s)?"),
    Mark("Silence", "[silence]", "silence"),
    Mark("Laughs", "[laughs]", "laughs"),
    Mark("Weeps", "[weeps]", "weeps|cries"),
    Mark("Nods", "[nods]", "nods|shakes head"),
    Mark("Gesture", "[gesture: {words}]", r"gesture: [^][]+"),
    Mark("Noise", "[noise: {words}]", r"noise: [^][]+|phone rings"),
    Mark("At the same time", "[overlap]{words}[/overlap]", "/?overlap"),
    Mark("Other language", "[foreign: {words}]", r"foreign: [^][]+|/foreign"),
    Mark("Spells", "[spells: {words}]", r"spells: [^][]+"),
    Mark("As it sounds", "[phonetic: {words}]", r"phonetic: [^][]+"),
    Mark("Said so", "[sic]", "sic"),
    Mark("Interrupted", "[interrupted]", "interrupted"),
    Mark("Break", "[break {time}]", r"break( " + TIME + "| [-0-9:]+)?"),
)
_BRACKETS: Final = re.compile(r"\[([^\][]*)\]")
_KNOWN: Final = re.compile(
    "|".join(f"(?:{mark.pattern})" for mark in MARKS)
    + rf"|{TIME}|recording (?:stops|starts)|TN: [^][]+|redacted [AB]\.\d"
)
_LIMITS: Final = re.compile(r"(inaudible|unclear)\b")


@dataclass(frozen=True, slots=True)
class Limits:
    """How often a transcript says that something could not be understood."""

    inaudible: int
    unclear: int


def limits_in(texts: list[str]) -> Limits:
    """Count what could not be understood, by its marks. Tokens are no hindrance."""
    found = [
        limit[1]
        for text in texts
        for bracket in _BRACKETS.finditer(text)
        if (limit := _LIMITS.match(bracket[1]))
    ]
    return Limits(found.count("inaudible"), found.count("unclear"))


def odd_marks(text: str) -> list[str]:
    """Return what stands in square brackets and is no mark of the set, each once, in order."""
    return list(
        dict.fromkeys(
            found[0] for found in _BRACKETS.finditer(text) if not _KNOWN.fullmatch(found[1])
        )
    )
