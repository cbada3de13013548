"""What an XLIFF file says about one interview, and what may change while it is away.

Text is a list of pieces, literal stretches (`str`) and tokens, so that a bracket that somebody
typed is never taken for a token. What comes back may hold names: its literals are
`DraftText` to be.
"""

from __future__ import annotations

import enum
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from intake.errors import (
    SourceChangedError,
    UnknownUnitError,
    XliffDamagedError,
    XliffOfAnotherInterviewError,
)
from intake.text import Kind, Token

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Pieces = tuple[str | Token, ...]


class State(enum.StrEnum):
    """How far a unit is, in the words of the standard, least first."""

    INITIAL = "initial"
    TRANSLATED = "translated"
    REVIEWED = "reviewed"
    FINAL = "final"


@dataclass(frozen=True, slots=True, kw_only=True)
class XliffUnit:
    """One segment: its id, place in time, speaker's role, source, target and notes.

    Neighbouring literals are joined and empty ones dropped. A target of None was not begun; an
    empty one is empty on purpose. Times are milliseconds from the start of the recording.
    """

    id: str
    source: Pieces = field(repr=False)
    target: Pieces | None = field(default=None, repr=False)
    state: State = State.INITIAL
    start_ms: int | None = None
    end_ms: int | None = None
    role: str = ""
    notes: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        """Bring the pieces to their one form."""
        object.__setattr__(self, "source", _joined(self.source))
        if self.target is not None:
            object.__setattr__(self, "target", _joined(self.target))


@dataclass(frozen=True, slots=True, kw_only=True)
class XliffDocument:
    """One interview under its code ("W-7QK4/1"), from one language (BCP 47) into another."""

    interview: str
    source_language: str
    target_language: str
    units: tuple[XliffUnit, ...]


class TokenFlaw(enum.StrEnum):
    """What is odd about an entity's tokens in a target."""

    MISSING = "missing"
    DOUBLED = "doubled"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class TokenWarning:
    """An entity that a target leaves out, repeats, or brings in from elsewhere."""

    unit: str
    flaw: TokenFlaw
    kind: Kind
    entity: int


def compare(exported: XliffDocument, returned: XliffDocument) -> tuple[TokenWarning, ...]:
    """Hold what came back against what went out; warn of tokens that a person should look at.

    Raises `XliffOfAnotherInterviewError`, `UnknownUnitError` (a unit more or less than went out),
    `XliffDamagedError` (other languages) and `SourceChangedError`. Entities are compared, not their
    forms: a language has its own form.
    """
    if returned.interview != exported.interview:
        raise XliffOfAnotherInterviewError
    languages = (returned.source_language.lower(), returned.target_language.lower())
    if languages != (exported.source_language.lower(), exported.target_language.lower()):
        raise XliffDamagedError("its languages")
    expected = {unit.id: unit for unit in exported.units}
    came = {unit.id: unit for unit in returned.units}
    for unit_id in (*came, *expected):
        if unit_id not in came or unit_id not in expected:
            raise UnknownUnitError(unit_id)
    for unit_id, unit in came.items():
        if unit.source != expected[unit_id].source:
            raise SourceChangedError(unit_id)
    return tuple(warning for unit in returned.units for warning in token_warnings(unit))


def token_warnings(unit: XliffUnit) -> Iterator[TokenWarning]:
    """Give what is odd about the tokens of one target, entity by entity; nothing without one."""
    if unit.target is None:
        return
    said, written = _entities(unit.source), _entities(unit.target)
    for entity in sorted(said | written):
        if said[entity] > written[entity]:
            yield TokenWarning(unit.id, TokenFlaw.MISSING, *entity)
        elif not said[entity]:
            yield TokenWarning(unit.id, TokenFlaw.FOREIGN, *entity)
        elif written[entity] > said[entity]:
            yield TokenWarning(unit.id, TokenFlaw.DOUBLED, *entity)


def _entities(pieces: Pieces) -> Counter[tuple[Kind, int]]:
    return Counter((piece.kind, piece.entity) for piece in pieces if isinstance(piece, Token))


def _joined(pieces: Sequence[str | Token]) -> Pieces:
    joined: list[str | Token] = []
    for piece in pieces:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        elif piece != "":
            joined.append(piece)
    return tuple(joined)
