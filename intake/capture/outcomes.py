"""What came of each file that was to be brought in: named at the end, whatever happened to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from intake.vault.ids import MediaId

__all__ = ["Outcome", "What"]

What = Literal["recording", "exhibit", "statement", "account", "here", "failed", "passed_over"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one file.

    `name` is for the person at the keyboard alone: it may name somebody. `what`: a recording, an
    exhibit, a statement, the account of a chat; `here` = the interview had it already; `failed`
    and `passed_over` with `why`, a sentence.
    """

    name: str = field(repr=False)
    what: What
    why: str = ""
    media: MediaId | None = None
    exhibit: int | None = None
    lines: int = 0
    duration_ms: int = 0
    damaged_from_ms: int | None = None
    marks: tuple[str, ...] = ()

    @property
    def is_kept(self) -> bool:
        """Whether something was brought in now."""
        return self.what in {"recording", "exhibit", "statement", "account"}
