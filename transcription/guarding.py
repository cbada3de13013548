"""What tells that the engine left something out, or wrote what nobody said.

In batches, and now and then without, the engine leaves whole sentences out at ordinary scores. Two
things show it: speech over which no word lies, and too few letters for that much speech, by the
measure of the recording's own pace. Pure arithmetic; nothing here decodes.
"""

from __future__ import annotations

import re
from bisect import insort
from typing import TYPE_CHECKING, Final, NamedTuple

from transcription.readings import letters
from transcription.resampling import MODEL_RATE
from transcription.segments import (
    COMPRESSION_LIMIT,
    NO_SPEECH_HERE,
    TEXT_MISSING,
    TOO_MUCH_TEXT,
    is_repeating,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from transcription.pieces import Piece, Stretch
    from transcription.readings import Draft, HeardWord, Line, Reading

LEAST_UNHEARD_S: Final = 1.0
"""So much speech without a word is decoded again, and marked where it stays without."""

LEAST_SPEECH_S: Final = 0.3
"""A piece without any text is marked from here on: a "yes" is as short."""

_SLOW: Final = 0.8
_TOO_SLOW: Final = 0.6
_TOO_FAST: Final = 25.0
_POOR_LOGPROB: Final = -0.7
_DOUBTFUL: Final = -0.5
"""Mean logarithm of the tokens' probabilities. A quarter of the pieces of hard speech are below."""

_HARDLY: Final = 0.05
_WORD: Final = re.compile(r"\w{2,}")
_SAME: Final = 5
_AS_MUCH: Final = 0.85
_EARLY_S: Final = 0.2
"""By so much the time of a word may be wrong."""

_JOINED_S: Final = 0.4
_MOSTLY: Final = 0.8
_CLEARLY_S: Final = 0.3
_ENOUGH_SPEECH_S: Final = 1.0


class Gap(NamedTuple):
    """Speech over which no word lies, in seconds from the start of the sound."""

    start: float
    end: float
    spoken_s: float


class Pace:
    """Letters per second of speech of all pieces so far; its median is what is usual here."""

    def __init__(self) -> None:
        self._known: list[float] = []

    def add(self, piece: Piece, reading: Reading) -> None:
        """Take a piece into account, unless it is too short to tell."""
        if piece.speech_s >= _ENOUGH_SPEECH_S:
            insort(self._known, pace_of(piece, reading))

    @property
    def median(self) -> float:
        """Return the median, 0 before the first piece."""
        return self._known[len(self._known) // 2] if self._known else 0.0


def pace_of(piece: Piece, reading: Reading) -> float:
    """Return the letters per second of speech."""
    return letters(reading.text) / max(piece.speech_s, 1 / MODEL_RATE)


def unheard(speech: Iterable[Stretch], words: Sequence[HeardWord]) -> list[Gap]:
    """Find speech of a second or more over which no word lies, however far a word was drawn out."""
    covered = sorted(
        (word.start - _EARLY_S, min(word.end, word.start + word.most_s) + _EARLY_S)
        for word in words
    )
    bare: list[Gap] = []
    for stretch in speech:
        for start, end in _bare(stretch.start / MODEL_RATE, stretch.end / MODEL_RATE, covered):
            if bare and start - bare[-1].end < _JOINED_S:
                spoken = bare[-1].spoken_s + end - start
                bare[-1] = Gap(bare[-1].start, end, spoken)
            else:
                bare.append(Gap(start, end, end - start))
    return [gap for gap in bare if gap.spoken_s >= LEAST_UNHEARD_S]


def _bare(
    start: float, end: float, covered: Sequence[tuple[float, float]]
) -> Iterable[tuple[float, float]]:
    """Give the parts of one stretch that nothing covers."""
    for begun, ended in covered:
        if ended <= start:
            continue
        if begun >= end:
            break
        if begun > start:
            yield start, begun
        start = max(start, ended)
    if start < end:
        yield start, end


def is_suspect(piece: Piece, reading: Reading, median: float) -> bool:
    """Whether a piece must be decoded again."""
    return (
        not reading.text.strip()
        or pace_of(piece, reading) < _SLOW * median
        or goes_in_circles(reading)
        or reading.avg_logprob < _POOR_LOGPROB
        or bool(unheard(piece.speech, reading.words))
    )


def better(piece: Piece, first: Reading, second: Reading) -> Reading:
    """Choose between two readings of one piece: no loop, less speech unheard, more text."""
    if not second.text.strip() or not first.text.strip():
        return second if second.text.strip() else first
    loops = [goes_in_circles(one) for one in (first, second)]
    if loops[0] != loops[1]:
        return second if loops[0] else first
    less = _unheard_s(piece, first) - _unheard_s(piece, second)
    if abs(less) > _CLEARLY_S:
        return second if less > 0 else first
    return second if letters(second.text) > letters(first.text) else first


def goes_in_circles(reading: Reading) -> bool:
    """Whether the engine wrote the same again and again: long phrases, or one word."""
    if reading.compression_ratio > COMPRESSION_LIMIT:
        return True
    words = [word.text.strip().casefold() for word in reading.words]
    same = [all(one == words[at] for one in words[at : at + _SAME]) for at in range(len(words))]
    return any(same[: 1 - _SAME]) or is_repeating(reading.text)


def is_doubtful(draft: Draft) -> bool:
    """Whether the engine should search wider for the words of a piece."""
    return draft.avg_logprob < _DOUBTFUL


def surer(first: Draft, second: Draft) -> Draft:
    """Choose between two drafts of one piece by the engine's own score, if both hold as much.

    No loop wins, and none that leaves text out. What both left out, `is_suspect` finds.
    """
    fuller, other = first, second
    if (_draft_loops(first), -letters(first.text)) > (_draft_loops(second), -letters(second.text)):
        fuller, other = second, first
    holds_as_much = letters(other.text) >= _AS_MUCH * letters(fuller.text) > 0
    is_surer = other.avg_logprob > fuller.avg_logprob and not _draft_loops(other)
    return other if holds_as_much and is_surer else fuller


def _draft_loops(draft: Draft) -> bool:
    return draft.compression_ratio > COMPRESSION_LIMIT or is_repeating(draft.text)


def with_names(piece: Piece, first: Reading, second: Reading, names: Sequence[str]) -> Reading:
    """Take the second reading, made with names to expect, where it gains one and loses nothing.

    Everywhere else the names do harm: given to the engine, they change what it writes where nobody
    said them (docs/decisions/0016).
    """
    gained = _named(second.text, names) - _named(first.text, names)
    is_as_sure = second.sureness >= first.sureness - _HARDLY
    is_whole = _holds_as_much(piece, first, second) and pace_of(piece, second) <= _TOO_FAST
    return second if gained and is_as_sure and is_whole else first


def _named(text: str, names: Sequence[str]) -> set[str]:
    """Return the words of names that stand in a text."""
    words = {word.casefold() for name in names for word in _WORD.findall(name)}
    return words & {word.casefold() for word in _WORD.findall(text)}


def _holds_as_much(piece: Piece, one: Reading, other: Reading) -> bool:
    return (
        bool(other.text.strip())
        and not goes_in_circles(other)
        and _unheard_s(piece, other) <= _unheard_s(piece, one) + _CLEARLY_S
        and letters(other.text) >= _AS_MUCH * letters(one.text)
    )


def _unheard_s(piece: Piece, reading: Reading) -> float:
    return sum(gap.spoken_s for gap in unheard(piece.speech, reading.words))


def pace_flags(piece: Piece, reading: Reading, median: float) -> tuple[str, ...]:
    """Give the marks of a whole piece: too few letters, or too many."""
    if piece.speech_s < _ENOUGH_SPEECH_S or not reading.text.strip():
        return ()
    pace = pace_of(piece, reading)
    if pace < _TOO_SLOW * median:
        return (TEXT_MISSING,)
    return (TOO_MUCH_TEXT,) if pace > _TOO_FAST else ()


def place_flags(line: Line, speech: Iterable[Stretch]) -> tuple[str, ...]:
    """Mark a line that lies almost wholly where nobody was heard to speak."""
    length = line.end - line.start
    inside = sum(
        max(0.0, min(line.end, one.end / MODEL_RATE) - max(line.start, one.start / MODEL_RATE))
        for one in speech
    )
    return (NO_SPEECH_HERE,) if inside <= (1 - _MOSTLY) * length else ()
