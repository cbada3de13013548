"""Proposals sorted by form, because a person decides each form once and not each mention."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.identity.folding import fold_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from intake.identity.finders.base import Proposal
    from intake.text import DraftText, Kind


@dataclass(frozen=True, slots=True)
class Place:
    """One proposal and the text it is in: `text` counts the texts given to `group`, from 0."""

    text: int
    proposal: Proposal


@dataclass(frozen=True, slots=True)
class FormGroup:
    """All places whose letters are the same after folding, of one kind and entity."""

    folded: str
    verbatims: tuple[str, ...]
    kind: Kind
    entity: int | None
    places: tuple[Place, ...]

    def __repr__(self) -> str:
        return f"<FormGroup {self.kind.value} of {len(self.places)} places>"


def group(texts: Iterable[tuple[DraftText, Iterable[Proposal]]]) -> list[FormGroup]:
    """Sort the proposals of several texts by form; most places first, then as they appear.

    `verbatims` are in the order in which they appear, each once.
    """
    found: dict[tuple[str, Kind, int | None], list[tuple[Place, str]]] = {}
    for number, (text, proposals) in enumerate(texts):
        for proposal in proposals:
            words = text.value[proposal.start : proposal.end]
            key = (fold_key(words), proposal.kind, proposal.entity)
            found.setdefault(key, []).append((Place(number, proposal), words))
    groups = [
        FormGroup(
            folded,
            tuple(dict.fromkeys(words for _, words in places)),
            kind,
            entity,
            tuple(place for place, _ in places),
        )
        for (folded, kind, entity), places in found.items()
    ]
    return sorted(groups, key=lambda one: -len(one.places))
