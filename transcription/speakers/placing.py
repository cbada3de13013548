"""Whose voice a piece of transcript is: the one that fills most of it, and what speaks against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from transcription.speakers.diarising import Speakers, Turn

TWO_VOICES: Final = "two_voices"
AT_ONCE: Final = "at_once"
UNSURE: Final = "unsure"

_LEAST_MS: Final = 500
"""Shorter than this, another voice is a border that lies a little off."""

_SHARE: Final = 0.2
_AT_ONCE_SHARE: Final = 0.5
_UNSURE_SHARE: Final = 0.25


@dataclass(frozen=True, slots=True)
class Place:
    """Whose a piece is: channel and voice, None where nobody was heard; `doubt` "" = none."""

    channel: int
    voice: int | None
    doubt: str


def place_piece(
    speakers: Speakers, start_ms: int, end_ms: int, channel: int | None = None
) -> Place:
    """Give the voice that fills most of a piece, of one channel where that is known.

    Times in ms from the start of the recording. In a recording whose channels were mixed there is
    channel 0 alone.
    """
    known = None if speakers.is_mixed else channel
    shares = {
        (side.channel, voice): ms
        for side in speakers.sides
        if known is None or side.channel == known
        for voice, ms in _shares(side.turns, start_ms, end_ms).items()
    }
    if not shares:
        return Place(channel or 0, None, "")
    most = max(shares, key=lambda key: shares[key])
    return Place(most[0], most[1], _doubt(speakers, shares, most, start_ms, end_ms))


def _doubt(
    speakers: Speakers,
    shares: Mapping[tuple[int, int], int],
    most: tuple[int, int],
    start_ms: int,
    end_ms: int,
) -> str:
    spoken = sum(ms for (channel, _), ms in shares.items() if channel == most[0])
    second = max((ms for key, ms in shares.items() if key != most and key[0] == most[0]), default=0)
    if second >= max(_LEAST_MS, spoken * _SHARE):
        return TWO_VOICES
    own = [t for side in speakers.sides if side.channel == most[0] for t in side.turns]
    others = [t for side in speakers.sides if side.channel != most[0] for t in side.turns]
    both = _both_ms(
        (t for t in own if t.voice == most[1]), [(t.start_ms, t.end_ms) for t in others],
        start_ms, end_ms,
    )  # fmt: skip
    if both >= max(_LEAST_MS, shares[most] * _AT_ONCE_SHARE):
        return AT_ONCE
    doubtful = sum(_shares((t for t in own if not t.is_sure), start_ms, end_ms).values())
    return UNSURE if doubtful >= max(_LEAST_MS, spoken * _UNSURE_SHARE) else ""


def _shares(turns: Iterable[Turn], start_ms: int, end_ms: int) -> dict[int, int]:
    """Return how many ms of a stretch each voice has."""
    made: dict[int, int] = {}
    for turn in turns:
        both = min(end_ms, turn.end_ms) - max(start_ms, turn.start_ms)
        if both > 0:
            made[turn.voice] = made.get(turn.voice, 0) + both
    return made


def _both_ms(
    turns: Iterable[Turn], others: Sequence[tuple[int, int]], start_ms: int, end_ms: int
) -> int:
    return sum(
        max(0, min(end_ms, turn.end_ms, end) - max(start_ms, turn.start_ms, start))
        for turn in turns
        for start, end in others
        if start < end_ms and end > start_ms
    )
