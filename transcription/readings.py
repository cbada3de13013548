"""What the engine made of one piece of sound, before it becomes segments. Times in seconds."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from transcription.segments import Segment, Word, flags_for

if TYPE_CHECKING:
    from collections.abc import Sequence

_LEAST_PROBABILITY: Final = 0.001
_DIGIT_LETTERS: Final = 4
"""A digit is said as a word."""


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word with its time from the start of the sound, as the engine aligned it."""

    start: float
    end: float
    text: str
    probability: float

    @property
    def most_s(self) -> float:
        """How long this word can be spoken at most: what is longer covers something else."""
        return 0.5 + 0.1 * letters(self.text)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text: what becomes one segment."""

    start: float
    end: float
    text: str
    words: tuple[HeardWord, ...]
    avg_logprob: float
    no_speech_prob: float
    compression_ratio: float
    temperature: float


@dataclass(frozen=True, slots=True)
class Draft:
    """What the engine wrote for one piece, before the times of its words are known.

    `lines` are in the engine's own form; the measures are of the whole piece.
    """

    lines: list[dict[str, Any]]
    text: str
    avg_logprob: float
    no_speech_prob: float
    compression_ratio: float


@dataclass(frozen=True, slots=True)
class Reading:
    """The lines of one piece. `heard_language` is "" or what it sounds like instead."""

    lines: tuple[Line, ...] = ()
    heard_language: str = ""

    @property
    def text(self) -> str:
        """All of the text."""
        return " ".join(line.text.strip() for line in self.lines)

    @property
    def words(self) -> list[HeardWord]:
        """All words, in order."""
        return [word for line in self.lines for word in line.words]

    @property
    def sureness(self) -> float:
        """Return the mean logarithm of the words' probabilities; far below 0 without any."""
        words = self.words
        if not words:
            return math.log(_LEAST_PROBABILITY)
        chances = (max(_LEAST_PROBABILITY, word.probability) for word in words)
        return sum(math.log(one) for one in chances) / len(words)

    @property
    def avg_logprob(self) -> float:
        """Return the worst of its lines, 0 without any."""
        return min((line.avg_logprob for line in self.lines), default=0.0)

    @property
    def compression_ratio(self) -> float:
        """Return the worst of its lines, 0 without any."""
        return max((line.compression_ratio for line in self.lines), default=0.0)


def letters(text: str) -> int:
    """Count what is spoken: letters and their marks in any script, a digit as four."""
    return sum(
        _DIGIT_LETTERS if one.isdigit() else one.isalpha() or unicodedata.category(one)[0] == "M"
        for one in text
    )


def to_segment(
    line: Line,
    *,
    offset_ms: int,
    end_ms: int,
    language: str,
    heard_language: str = "",
    more_flags: Sequence[str] = (),
) -> Segment:
    """Turn a line into a segment: ms from the start of the recording, none after `end_ms`."""

    def at(seconds: float) -> int:
        return min(end_ms, offset_ms + max(0, round(seconds * 1000)))

    text = line.text.strip()
    flags = flags_for(
        text=text,
        avg_logprob=line.avg_logprob,
        no_speech_prob=line.no_speech_prob,
        compression_ratio=line.compression_ratio,
        temperature=line.temperature,
    )
    return Segment(
        start_ms=at(line.start),
        end_ms=max(at(line.start), at(line.end)),
        text=text,
        words=tuple(
            Word(
                start_ms=at(word.start),
                end_ms=max(at(word.start), at(word.end)),
                text=word.text.strip(),
                probability=float(word.probability),
            )
            for word in line.words
            if word.text.strip()
        ),
        avg_logprob=float(line.avg_logprob),
        no_speech_prob=float(line.no_speech_prob),
        compression_ratio=float(line.compression_ratio),
        temperature=float(line.temperature),
        flags=(*more_flags, *flags),
        language=language,
        heard_language=heard_language,
    )


def empty_segment(start_ms: int, end_ms: int, language: str, flag: str) -> Segment:
    """Make a segment without text: somebody speaks there, and the mark says why it is empty."""
    return Segment(
        start_ms=start_ms,
        end_ms=end_ms,
        text="",
        words=(),
        avg_logprob=0.0,
        no_speech_prob=0.0,
        compression_ratio=0.0,
        temperature=0.0,
        flags=(flag,),
        language=language,
    )
