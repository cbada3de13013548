"""What every finder takes and gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from intake.identity.register import FormRegister
    from intake.text import DraftText, Kind

DECLARED: Final = "declared"
"""The `Form.source` of a form that somebody declared, rather than one found in a text."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A stretch [start, end), in code points, that may be a form.

    `entity` is None where it is nobody's yet, or where two entities have this form. `score` is
    from 0 to 1 and orders review only; nothing is decided by it.
    """

    start: int
    end: int
    kind: Kind
    entity: int | None
    finder: str
    reason: str
    score: float


@dataclass(frozen=True, slots=True)
class Context:
    """What a finder may know: the language of the text (BCP 47, "" unknown) and the register."""

    lang: str
    register: FormRegister


class Finder(Protocol):
    """One way to find what may identify."""

    name: str

    def find(self, text: DraftText, context: Context) -> Iterable[Proposal]:
        """Propose places in any order; they may overlap."""
        ...
