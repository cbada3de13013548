"""What was erased: tombstones in testimony.db, which win over whatever is put back.

A tombstone is a row of `erasure`: an id and what it was the id of. It is sealed and signed like any
row, cannot be deleted, and holds no word. The row of the scope (an interview, or one recorded part)
has the state `begun` until the last step of the erasure is on the disk.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from intake.errors import ErasedError
from intake.vault.ids import ID_PATTERN
from intake.vault.vouching import vouched

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from intake.vault.ids import InterviewId, MediaId
    from intake.vault.members import KeyRecord
    from intake.vault.store import Row, Store

SCOPES: Final = ("interview", "part")
_STAYS_POSSIBLE: Final = ("consent.", "erasure.", "export.failed")
"""Kinds of entry that may still name what was erased: what the witness says, and the end of it."""
_NAMED_BY: Final = {
    "interview": ("interview",),
    "media": ("media",),
    "segment": ("segment",),
}


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An erasure whose last step is not on the disk yet."""

    erasure: str
    kind: str
    object: str


@dataclass(frozen=True, slots=True)
class Tombstones:
    """Ids of everything that was erased, by what it was: for verify, and for restoring a backup."""

    interviews: frozenset[str]
    parts: frozenset[str]
    media: frozenset[str]
    slots: frozenset[str]
    segments: frozenset[str]
    rows: frozenset[str]
    outputs: frozenset[str]
    entities: frozenset[str]
    operations: frozenset[str]


def tombstones(store: Store) -> Tombstones:
    """Read every tombstone of a testimony.db as it stands there: for verify. Any member can."""
    return _of_rows(store.rows("SELECT kind, object FROM erasure"))


def signed_tombstones(store: Store, record: KeyRecord, vault: str) -> Tombstones:
    """Read the tombstones that a cleared member signed: for backups and whatever removes."""
    return _of_rows(vouched_stones(store, record, vault))


def _of_rows(rows: Sequence[Row]) -> Tombstones:
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(str(row["kind"]), set()).add(str(row["object"]))

    def of(kind: str) -> frozenset[str]:
        return frozenset(found.get(kind, ()))

    return Tombstones(
        interviews=of("interview"),
        parts=of("part"),
        media=of("media"),
        slots=of("slot"),
        segments=of("segment"),
        rows=of("row"),
        outputs=of("output"),
        entities=of("entity"),
        operations=of("operation"),
    )


def vouched_stones(store: Store, record: KeyRecord, vault: str) -> list[Row]:
    """Return the tombstones that a cleared member signed in an erasure: what destroying goes by."""
    return [
        each.row
        for each in vouched(store, record, vault, "erasure")
        if each.kind.startswith("erasure.") and ID_PATTERN.fullmatch(str(each.row["object"]))
    ]


def unfinished(store: Store) -> list[Unfinished]:
    """Return the erasures that were begun and not finished, in order."""
    rows = store.rows("SELECT * FROM erasure WHERE state='begun' ORDER BY rowid")
    return [Unfinished(str(r["erasure"]), str(r["kind"]), str(r["object"])) for r in rows]


def is_erased(store: Store, kind: str, of: str) -> bool:
    """Tell whether there is a tombstone of that kind for this id."""
    return store.row("SELECT 1 FROM erasure WHERE kind=? AND object=?", kind, of) is not None


def require_not_erased(store: Store, media: MediaId) -> None:
    """Raise `ErasedError` for a sealed file that was erased, whatever lies in its place."""
    if is_erased(store, "media", media):
        raise ErasedError


def require_interview_not_erased(store: Store, interview: InterviewId) -> None:
    """Raise `ErasedError` for an interview that was erased, whatever rows stand in its place."""
    if is_erased(store, "interview", interview):
        raise ErasedError


def refuse_erased(store: Store, kind: str, fields: Mapping[str, str | int]) -> None:
    """Raise `ErasedError` for a change of what was erased meanwhile: a job that was still running.

    Asked in the turn of the commit, so nothing can come between. What the witness answers is still
    recorded, and an export that is not finished ends as failed.
    """
    if kind.startswith(_STAYS_POSSIBLE):
        return
    for field, kinds in _NAMED_BY.items():
        named = fields.get(field)
        if named is not None and any(is_erased(store, each, str(named)) for each in kinds):
            raise ErasedError
