"""Word times and chips as whole numbers, the form in which both stores keep them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from intake.errors import StoreDamagedError
from intake.identity.separation import Chip, WordTime
from intake.text import Kind, Token

if TYPE_CHECKING:
    from collections.abc import Iterable

    from intake.vault.domains import Value

_Row = TypeVar("_Row")
_KINDS: Final = list(Kind)
# Made once, and of the exact width: a transcript has as many of these to read as it has segments.
_WORDS: Final = msgspec.msgpack.Decoder(list[tuple[int, int, int, int, int, int]])
_CHIPS: Final = msgspec.msgpack.Decoder(list[tuple[int, int, int, int, int]])


def pack_words(words: Iterable[WordTime]) -> bytes:
    """Write word times: start, end, start_ms, end_ms, confidence, interpolated."""
    return msgspec.msgpack.encode(
        [[w.start, w.end, w.start_ms, w.end_ms, w.confidence, int(w.interpolated)] for w in words]
    )


def unpack_words(packed: Value) -> tuple[WordTime, ...]:
    """Read word times (`StoreDamagedError` where they are none)."""
    return tuple(
        WordTime(start, end, start_ms, end_ms, confidence, bool(interpolated))
        for start, end, start_ms, end_ms, confidence, interpolated in _rows(packed, _WORDS)
    )


def mean_confidence(packed: Value) -> int | None:
    """Return the mean confidence of the words that were heard, none that was interpolated.

    None where there is none. Makes no `WordTime`: it is asked for every segment of a transcript.
    """
    heard = [row[4] for row in _rows(packed, _WORDS) if not row[5]]
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
        for start, end, kind, entity, form in _rows(packed, _CHIPS)
    )


def _rows(packed: Value, decoder: msgspec.msgpack.Decoder[list[_Row]]) -> list[_Row]:
    if not isinstance(packed, bytes):
        raise StoreDamagedError
    try:
        return decoder.decode(packed)
    except msgspec.MsgspecError:
        raise StoreDamagedError from None
