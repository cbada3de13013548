"""How far each recording of an interview is transcribed: asked while a run goes on, too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.vault.ids import InterviewId, MediaId

if TYPE_CHECKING:
    from intake.vault.domains import Value
    from intake.vault.vault import Vault

__all__ = ["InterviewId", "MediaId", "PartState", "list_parts"]


@dataclass(frozen=True, slots=True)
class PartState:
    """How far one working copy is transcribed. Times in ms from its own start."""

    media: MediaId
    duration_ms: int
    done_ms: int
    """Where the next run goes on: the end of the last segment that was stored."""
    segments: int
    """Those that count: one that was split counts as its pieces."""
    languages: tuple[str, ...]
    is_finished: bool


def list_parts(vault: Vault, interview: InterviewId) -> list[PartState]:
    """Return how far each working copy is transcribed, in the order in which they came.

    Any member, any thread; two short queries.
    """
    with vault.alone():
        parts = vault.testimony.rows(
            "SELECT * FROM media WHERE interview=? AND role IN ('working', 'recorded')"
            " AND state<>'destroyed' ORDER BY rowid",
            interview,
        )
        rows = vault.testimony.rows(
            "SELECT media, lang, max(end_ms) AS until, sum(retired=0) AS n FROM segment"
            " WHERE interview=? GROUP BY media, lang ORDER BY lang",
            interview,
        )
    return [_state(part, [row for row in rows if row["media"] == part["id"]]) for part in parts]


def _state(part: dict[str, Value], by_language: list[dict[str, Value]]) -> PartState:
    return PartState(
        media=MediaId(str(part["id"])),
        duration_ms=int(part["duration_ms"] or 0),
        done_ms=max((int(row["until"] or 0) for row in by_language), default=0),
        segments=sum(int(row["n"] or 0) for row in by_language),
        languages=tuple(str(row["lang"]) for row in by_language if row["n"]),
        is_finished=part["state"] == "transcribed",
    )
