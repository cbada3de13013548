"""Which windows are of one voice: Ward's grouping, refined, then smoothed along time.

How many voices there are is said by a person: every way of counting them from the sound alone was
wrong where it was tried. Average linkage was tried as well: it makes chains of everybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from transcription.speakers.embedding import unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from transcription.speakers.weights import Numbers

_MOST_GROUPED: Final = 1500
"""Ward looks at every pair, so of a long recording it gets windows at even distances."""

_ROUNDS: Final = 2


def voices_in(windows: Numbers, count: int) -> Numbers:
    """Return the centre of each of `count` voices, fewer where there are fewer windows.

    Rows of length 1 in, rows of length 1 out, the most often heard first.
    """
    count = min(count, len(windows))
    if count == 0:
        return windows
    step = -(-len(windows) // _MOST_GROUPED)
    some = windows[::step] if len(windows) // step >= count else windows
    groups = ward(some, count)
    centres = unit(np.stack([some[groups == n].mean(axis=0) for n in range(count)]))
    nearest = groups
    for _ in range(_ROUNDS):
        nearest = np.argmax(windows @ centres.T, axis=1)
        centres = unit(
            np.stack(
                [
                    windows[nearest == n].mean(axis=0) if np.any(nearest == n) else centres[n]
                    for n in range(count)
                ]
            )
        )
    nearest = np.argmax(windows @ centres.T, axis=1)
    return centres[np.argsort(-np.bincount(nearest, minlength=count), kind="stable")]


def ward(points: Numbers, count: int) -> NDArray[np.intp]:
    """Join the two groups whose union grows the squared distances least, until `count` are left.

    Returns the group of each point, from 0. By chains of nearest neighbours: time and memory grow
    with the square of the points.
    """
    total = len(points)
    square = np.einsum("nd,nd->n", points, points, dtype=np.float64)
    apart = square[:, None] + square[None, :] - 2.0 * (points @ points.T)
    np.fill_diagonal(apart, np.inf)
    sizes = np.ones(total)
    merges: list[tuple[float, int, int]] = []
    chain: list[int] = []
    alive = np.ones(total, bool)
    while len(merges) < total - 1:
        if not chain:
            chain.append(int(np.flatnonzero(alive)[0]))
        here = chain[-1]
        near = int(np.argmin(apart[here]))
        if len(chain) > 1 and apart[here, near] >= apart[here, chain[-2]]:
            near = chain[-2]
            del chain[-2:]
            merges.append((float(apart[here, near]), here, near))
            _join(apart, sizes, alive, here, near)
        else:
            chain.append(near)
    return _cut(merges, total, count)


def _join(
    apart: NDArray[np.float64], sizes: NDArray[np.float64], alive: NDArray[np.bool_], a: int, b: int
) -> None:
    """Put group `b` into `a`, with the distances of the union (Lance and Williams)."""
    between = apart[a, b]
    alive[b] = False
    others = alive.copy()
    others[a] = False
    one, two, rest = sizes[a], sizes[b], sizes[others]
    united = (one + rest) * apart[a, others] + (two + rest) * apart[b, others] - rest * between
    apart[a, others] = apart[others, a] = united / (one + two + rest)
    apart[b, :] = apart[:, b] = np.inf
    sizes[a] = one + two


def _cut(merges: list[tuple[float, int, int]], total: int, count: int) -> NDArray[np.intp]:
    """Make the smallest unions first, until `count` groups are left."""
    parent = list(range(total))

    def top(point: int) -> int:
        while parent[point] != point:
            parent[point] = parent[parent[point]]
            point = parent[point]
        return point

    for _, a, b in sorted(merges)[: total - count]:
        parent[top(b)] = top(a)
    _, groups = np.unique([top(point) for point in range(total)], return_inverse=True)
    return groups


def smoothed(scores: NDArray[np.floating], costs: NDArray[np.floating]) -> NDArray[np.intp]:
    """Return the most likely voice of each window in order (Viterbi).

    `scores` is (windows, voices), larger is likelier; `costs[n]` is what it costs to change the
    voice from window n-1 to window n.
    """
    count, voices = scores.shape
    best = scores[0].astype(np.float64)
    came = np.empty((count, voices), np.intp)
    for n in range(1, count):
        change = int(np.argmax(best))
        stays = best >= best[change] - costs[n]
        came[n] = np.where(stays, np.arange(voices), change)
        best = np.where(stays, best, best[change] - costs[n]) + scores[n]
    path = np.empty(count, np.intp)
    path[-1] = int(np.argmax(best))
    for n in range(count - 1, 0, -1):
        path[n - 1] = came[n, path[n]]
    return path
