"""Which of the declared languages is spoken where, and what never reaches the decoder.

With one declared language there is nothing to find out. With several, each turn of speech (what
lies between two pauses) gets the likeliest of the declared ones. Where one of them is a language
that the model lacks, a turn is decoded only if another is all but certain: a lacking language
sounds like a known one to the model, at chances up to 0.7 (measured on Uyghur), and would come out
as fluent nonsense.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

from transcription.pieces import PAD, STEP, Stretch, in_pieces
from transcription.resampling import MODEL_RATE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from transcription.pieces import Piece

SURE: Final = 0.80
"""Below this the language is asked about."""

_CERTAIN: Final = 0.90
"""What a known language must reach where a lacking one may be spoken instead."""

_TURN_PAUSE: Final = 400 * MODEL_RATE // 1000
_LONGEST_TURN: Final = 20 * MODEL_RATE
_LEAST_CERTAIN_S: Final = 1.5
_CHANGE: Final = 2.0
"""What a change of language costs, in nats: a short doubtful turn goes with its neighbours."""

_LEAST_CHANCE: Final = 1e-6
_WINDOWS: Final = 5
_CANDIDATES: Final = 3

Chances = dict[str, float]


class Span(NamedTuple):
    """A part of the sound in one declared language; `own` is the engine's code, "" = lacking."""

    start: int
    end: int
    speech: tuple[Stretch, ...]
    language: str
    own: str


class Languages:
    """The declared languages, each with the engine's own code, or "" where the model lacks it."""

    def __init__(self, declared: Mapping[str, str]) -> None:
        self._own = {code: own for code, own in declared.items() if own}
        self._lacking = [code for code, own in declared.items() if not own]

    @property
    def needs_model(self) -> bool:
        """Whether anything may reach the decoder at all."""
        return bool(self._own)

    @property
    def is_one(self) -> bool:
        """Whether there is nothing to choose."""
        return len(self._own) + len(self._lacking) == 1

    def declared_code(self, own: str) -> str:
        """Return the code that was declared for one of the engine's, or the engine's."""
        return next((code for code, theirs in self._own.items() if theirs == own), own)

    def spans(
        self,
        speech: Sequence[Stretch],
        start: int,
        end: int,
        chances_of: Callable[[Sequence[Piece]], Sequence[Chances]],
    ) -> list[Span]:
        """Part sound from `start` to `end` by language; `chances_of` asks the engine."""
        if self.is_one or not self._own:
            code = next(iter(self._own), "") or self._lacking[0]
            return [Span(start, end, tuple(speech), code, self._own.get(code, ""))]
        turns = in_turns(speech, start, end)
        chances = chances_of(turns)
        if self._lacking:
            codes = [self._certain(*one) for one in zip(turns, chances, strict=True)]
        else:
            codes = likeliest_course(list(self._own), [self._of_known(one) for one in chances])
        return self._joined(turns, codes, start, end)

    def _of_known(self, chances: Chances) -> Chances:
        """Share out the chances among the declared languages alone."""
        mine = {code: chances.get(own, 0.0) for code, own in self._own.items()}
        total = sum(mine.values()) or 1.0
        return {code: max(_LEAST_CHANCE, one / total) for code, one in mine.items()}

    def _certain(self, turn: Piece, chances: Chances) -> str:
        """Return a known language that is all but certain, the lacking one otherwise."""
        if turn.speech_s >= _LEAST_CERTAIN_S:
            for code, own in self._own.items():
                if chances.get(own, 0.0) >= _CERTAIN:
                    return code
        return self._lacking[0]

    def _joined(
        self, turns: Sequence[Piece], codes: Sequence[str], start: int, end: int
    ) -> list[Span]:
        """Make one span of neighbours in one language; spans meet in the middle of the pause."""
        spans: list[Span] = []
        for number, (turn, code) in enumerate(zip(turns, codes, strict=True)):
            until = end
            if number + 1 < len(turns):
                until = (turn.speech[-1].end + turns[number + 1].speech[0].start) // 2
            if spans and spans[-1].language == code:
                last = spans[-1]
                spans[-1] = last._replace(end=until, speech=last.speech + turn.speech)
            else:
                begun = spans[-1].end if spans else start
                spans.append(Span(begun, until, turn.speech, code, self._own.get(code, "")))
        return spans


def in_turns(speech: Sequence[Stretch], start: int, end: int) -> list[Piece]:
    """Part speech at every pause that may be a change of speakers."""
    turns: list[Piece] = []
    first = 0
    for place, stretch in enumerate(speech):
        is_last = place + 1 == len(speech)
        if is_last or speech[place + 1].start - stretch.end >= _TURN_PAUSE:
            part = speech[first : place + 1]
            turns.extend(
                in_pieces(part, max(start, part[0].start - PAD // 2 - STEP), end, _LONGEST_TURN)
            )
            first = place + 1
    return turns


def likeliest_course(codes: Sequence[str], chances: Sequence[Chances]) -> list[str]:
    """Choose a language for each turn so that the whole is likeliest, changes being rare."""
    scores = dict.fromkeys(codes, 0.0)
    came_from: list[dict[str, str]] = []
    for one in chances:
        origin, fresh = {}, {}
        for code in codes:
            reached = {c: scores[c] - _CHANGE * (c != code) for c in codes}
            origin[code] = max(codes, key=reached.__getitem__)
            before = reached[origin[code]]
            fresh[code] = before + math.log(one[code])
        scores = fresh
        came_from.append(origin)
    if not came_from:
        return []
    course = [max(codes, key=scores.__getitem__)]
    for origin in reversed(came_from[1:]):
        course.append(origin[course[-1]])
    return course[::-1]


def windows(pieces: Sequence[Piece]) -> list[Piece]:
    """Choose up to five pieces, spread evenly, to tell an undeclared language by."""
    if len(pieces) <= _WINDOWS:
        return list(pieces)
    return [pieces[place * (len(pieces) - 1) // (_WINDOWS - 1)] for place in range(_WINDOWS)]


def told_language(chances: Sequence[Chances]) -> tuple[str, tuple[tuple[str, float], ...]]:
    """Return the language (the engine's code) and the candidates; "" = a person must be asked.

    Every window must say the same, and their mean be `SURE`.
    """
    codes = {code for one in chances for code in one}
    mean = {code: sum(one.get(code, 0.0) for one in chances) / len(chances) for code in codes}
    order = sorted(mean, key=lambda code: -mean[code])
    first = {max(one, key=one.__getitem__, default="") for one in chances}
    candidates = tuple((code, mean[code]) for code in order[:_CANDIDATES])
    is_sure = len(first) == 1 and bool(order) and mean[order[0]] >= SURE
    return (order[0] if is_sure else ""), candidates
