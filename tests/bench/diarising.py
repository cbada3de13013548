"""How wrong a diarisation is: the share of the spoken time that went to nobody or to another.

Time is cut at every border of either side. A reference voice is matched to a found one so that the
most time agrees; with `collar_s` on each side of a reference border nothing is counted. Written for
a handful of voices: every matching is tried.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, permutations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Spoken:
    """Somebody speaks, in seconds."""

    start_s: float
    end_s: float
    who: str


@dataclass(frozen=True, slots=True)
class Errors:
    """Seconds of reference speech, and of it or beside it: missed, invented, of another voice."""

    total_s: float
    missed_s: float
    false_s: float
    wrong_s: float

    @property
    def rate(self) -> float:
        """Return the diarisation error rate, 0 and up."""
        return (self.missed_s + self.false_s + self.wrong_s) / self.total_s

    @property
    def wrong_rate(self) -> float:
        """Return the share of the spoken time that another voice got."""
        return self.wrong_s / self.total_s


def read_rttm(path: Path) -> list[Spoken]:
    """Read the SPEAKER lines of an RTTM file."""
    found = []
    for line in path.read_text("utf-8").splitlines():
        fields = line.split()
        if fields[:1] == ["SPEAKER"]:
            start, length = float(fields[3]), float(fields[4])
            found.append(Spoken(start, start + length, fields[7]))
    return found


def compare(
    reference: Sequence[Spoken], found: Sequence[Spoken], *, collar_s: float = 0.25
) -> Errors:
    """Count the seconds of each kind of error."""
    pieces = _pieces(reference, found, collar_s)
    agreed: dict[tuple[str, str], float] = {}
    for length, said, heard in pieces:
        for one in said:
            for other in heard:
                agreed[one, other] = agreed.get((one, other), 0.0) + length
    match = _matching(
        sorted({turn.who for turn in reference}), sorted({turn.who for turn in found}), agreed
    )
    total = missed = false = wrong = 0.0
    for length, said, heard in pieces:
        right = sum(1 for one in said if match.get(one) in heard)
        total += length * len(said)
        missed += length * max(0, len(said) - len(heard))
        false += length * max(0, len(heard) - len(said))
        wrong += length * (min(len(said), len(heard)) - right)
    return Errors(total, missed, false, wrong)


def _pieces(
    reference: Sequence[Spoken], found: Sequence[Spoken], collar_s: float
) -> list[tuple[float, frozenset[str], frozenset[str]]]:
    """Return (seconds, who speaks, who was found) between all borders, without the collars."""
    edges = {edge for turn in reference for edge in (turn.start_s, turn.end_s)}
    borders = {edge for turn in found for edge in (turn.start_s, turn.end_s)} | edges
    borders |= {edge + side for edge in edges for side in (-collar_s, collar_s)}
    ordered = sorted(borders)
    pieces = []
    for start, end in pairwise(ordered):
        middle = (start + end) / 2
        if any(abs(middle - edge) < collar_s for edge in edges):
            continue
        said = frozenset(t.who for t in reference if t.start_s <= middle < t.end_s)
        heard = frozenset(t.who for t in found if t.start_s <= middle < t.end_s)
        if said or heard:
            pieces.append((end - start, said, heard))
    return pieces


def _matching(
    ours: list[str], theirs: list[str], agreed: dict[tuple[str, str], float]
) -> dict[str, str]:
    """Match each reference voice to at most one found voice, so that the most time agrees."""
    filled = theirs + [""] * max(0, len(ours) - len(theirs))
    best = max(
        permutations(filled, len(ours)),
        key=lambda chosen: sum(agreed.get(pair, 0.0) for pair in zip(ours, chosen, strict=True)),
    )
    return {one: other for one, other in zip(ours, best, strict=True) if other}
