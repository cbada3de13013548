"""Word times and chips as whole numbers, the form in which both stores keep them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from intake.errors import StoreDamagedError
from intake.identity.separation import Chip, WordTime
from intake.text import Kind, Token

if TYPE_CHECKING:
    from collections.abc import Iterable

    from intake.vault.columns import Value

_KINDS = list(Kind)


def pack_words(words: Iterable[WordTime]) -> bytes:
    """Write word times: start, end, start_ms, end_ms, confidence, interpolated."""
    return msgspec.msgpack.encode(
        [[w.start, w.end, w.start_ms, w.end_ms, w.confidence, int(w.interpolated)] for w in words]
    )


def unpack_words(packed: Value) -> tuple[WordTime, ...]:
    """Read word times (`StoreDamagedError` where they are none)."""
    return tuple(
        WordTime(start, end, start_ms, end_ms, confidence, bool(interpolated))
        for start, end, start_ms, end_ms, confidence, interpolated in _rows(packed, 6)
    )


def mean_confidence(packed: Value) -> int | None:
    """Return the mean confidence of the words that were heard, none that was interpolated.

    None where there is none. Makes no `WordTime`: it is asked for every segment of a transcript.
    """
    heard = [row[4] for row in _rows(packed, 6) if not row[5]]
    return round(sum(heard) / len(heard)) if heard else None


def pack_chips(chips: Iterable[Chip]) -> bytes:
    """Write chips: start, end, kind by its place in `Kind`, entity, form."""
    return msgspec.msgpack.encode(
        [[c.start, c.end, _KINDS.index(c.token.kind), c.token.entity, c.token.form] for c in chips]
    )


def unpack_chips(packed: Value) -> tuple[Chip, ...]:
    """Read chips (`StoreDamagedError` where they are none)."""
    return tuple(
        Chip(start, end, Token(_KINDS[kind], entity, form))
        for start, end, kind, entity, form in _rows(packed, 5)
    )


def _rows(packed: Value, width: int) -> list[list[int]]:
    if not isinstance(packed, bytes):
        raise StoreDamagedError
    try:
        rows = msgspec.msgpack.decode(packed, type=list[list[int]], strict=True)
    except msgspec.MsgspecError:
        raise StoreDamagedError from None
    if any(len(row) != width for row in rows):
        raise StoreDamagedError
    return rows
