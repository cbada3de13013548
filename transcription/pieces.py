"""Stretches of speech joined to pieces that the engine decodes at once.

A piece is at most twenty seconds long and ends in a pause, the longest that can be had: where
voices change inside a piece, the engine leaves sentences out. All places are samples at 16 kHz.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from transcription.resampling import MODEL_RATE

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST: Final = 20 * MODEL_RATE
"""What a piece holds at most."""

_FULL_ENOUGH: Final = 0.4
"""A piece may end in a pause once it is this share of the longest."""

PAD: Final = 400 * MODEL_RATE // 1000
"""So much of a pause belongs to the speech before and after it, where the pause is long enough."""

STEP: Final = MODEL_RATE // 100
"""Pieces begin on these, the frames of the engine."""


class Stretch(NamedTuple):
    """Somebody speaks from `start` up to `end`."""

    start: int
    end: int


class Piece(NamedTuple):
    """What is decoded at once: its place, and the speech in it."""

    start: int
    end: int
    speech: tuple[Stretch, ...]

    @property
    def speech_s(self) -> float:
        """Seconds in which somebody speaks."""
        return sum(end - start for start, end in self.speech) / MODEL_RATE


def in_pieces(
    speech: Sequence[Stretch], start: int, end: int, longest: int = LONGEST
) -> list[Piece]:
    """Join stretches, in order, to pieces between `start` and `end`; none is left out or twice.

    No stretch may be longer than `longest`.
    """
    pieces = []
    first = 0
    while first < len(speech):
        last = _last_of_piece(speech, first, longest)
        before = speech[first - 1].end if first else start
        after = speech[last + 1].start if last + 1 < len(speech) else end
        pieces.append(_padded(speech[first : last + 1], before, after))
        first = last + 1
    return pieces


def _last_of_piece(speech: Sequence[Stretch], first: int, longest: int) -> int:
    """Find the stretch after which the longest pause comes, of those that still fit."""
    begun, fits = speech[first].start, first
    while fits + 1 < len(speech) and speech[fits + 1].end - begun <= longest - 2 * PAD:
        fits += 1
    if fits + 1 == len(speech):
        return fits
    enough = [
        place
        for place in range(first, fits + 1)
        if speech[place].end - begun >= _FULL_ENOUGH * longest
    ]
    # Of pauses of one length the last: fewer pieces.
    return max(enough or [fits], key=lambda at: (speech[at + 1].start - speech[at].end, at))


def _padded(speech: Sequence[Stretch], before: int, after: int) -> Piece:
    """Give a piece its share of the pauses around it: up to `PAD`, never more than half."""
    start = max(speech[0].start - PAD, (before + speech[0].start) // 2, 0)
    end = min(speech[-1].end + PAD, (speech[-1].end + after + 1) // 2)
    return Piece(start - start % STEP, end, tuple(speech))
